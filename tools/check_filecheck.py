#!/usr/bin/env python3
"""Fails on FileCheck directives that FileCheck does not see: CHECK without its colon, or a prefix no RUN line names.

    tools/check_filecheck.py [FOLDER ...]        (default: test/ and every test folder of the repository's own code)
"""
import pathlib
import re
import sys

KIND = r"(?:-(?:NEXT|SAME|NOT|DAG|LABEL|EMPTY|COUNT-\d+))?"
COMMENT = r"^\s*(?://|#|;|<!--)+\s*"
NO_COLON = re.compile(COMMENT + rf"([A-Z][A-Z0-9_]*[-_])?CHECK(?:[-_][A-Z0-9]+)*?{KIND}(?:\s+\S|\s*$)")
DIRECTIVE = re.compile(COMMENT + rf"([A-Z][A-Z0-9_-]*?){KIND}:")
PREFIXES = re.compile(r"--?check-prefix(?:es)?[= ]([\w,-]+)")
NOT_PREFIXES = {"RUN", "REQUIRES", "UNSUPPORTED", "XFAIL", "COM", "END", "DEFINE", "REDEFINE", "ALLOW_RETRIES", "NOTE"}


def check(path):
    text = path.read_text(errors="replace")
    runs = "\n".join(line for line in text.splitlines() if "RUN:" in line)
    if "FileCheck" not in runs:
        return
    named = {p for group in PREFIXES.findall(text) for p in group.split(",")}
    plain = [c for c in re.split(r"[|&;]|RUN:", runs.replace("\\\n", " ")) if "FileCheck" in c and "check-prefix" not in c]
    if plain or not named:
        named.add("CHECK")
    seen = set()
    for number, line in enumerate(text.splitlines(), 1):
        if NO_COLON.match(line):
            yield f"{path}:{number}: a directive without its colon checks nothing: {line.strip()}"
            continue
        match = DIRECTIVE.match(line)
        if not match:
            continue
        prefix = match.group(1)
        seen.add(prefix)
        if prefix not in named | NOT_PREFIXES and prefix.isupper() and "CHECK" in prefix:
            yield f"{path}:{number}: no RUN line names the prefix {prefix}"
    for prefix in sorted(named - seen):
        yield f"{path}: no directive with the prefix {prefix}, which a RUN line names"


def main():
    root = pathlib.Path(__file__).parents[1]
    folders = [pathlib.Path(a) for a in sys.argv[1:]] or [root / "test"]
    files = [f for folder in folders for f in sorted(folder.rglob("*")) if f.suffix in {".mlir", ".test"} and "Inputs" not in f.parts[len(folder.parts):]]
    problems = [problem for file in files for problem in check(file)]
    print("\n".join(problems) if problems else f"FileCheck directives: {len(files)} files hold")
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
