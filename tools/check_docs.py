#!/usr/bin/env python3
"""Fails on a program in README.md that is not the example's file, or a link to a file that is not there."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]


def readme():
    text = (ROOT / "README.md").read_text()
    for language, file in {"cpp": "examples/cmake-consumer/main.cpp"}.items():
        block = re.search(rf"^```{language}\n(.*?)^```", text, re.M | re.S)
        if not block or block.group(1) != (ROOT / file).read_text():
            yield f"README.md: the {language} program is not {file}"


def links():
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "test").glob("*.md"))]:
        for link in re.findall(r"\]\((?!\w+:|#)([^)#]+)", re.sub(r"^```.*?^```", "", path.read_text(), flags=re.M | re.S)):
            if not (path.parent / link).exists():
                yield f"{path.relative_to(ROOT)}: there is no {link}"


def main():
    problems = [*readme(), *links()]
    print("\n".join(problems) if problems else "docs: programs and links hold")
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
