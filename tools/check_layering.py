#!/usr/bin/env python3
"""Fails on an #include against the arrows of docs/architecture.md.

    tools/check_layering.py [ROOT]

Each folder may include what MAY grants it and nothing else of this repository. Tests beside their code may include anything.
"""
import pathlib
import re
import sys

# The lists and headers that describe kernels and targets, which selection, lowering and printing read as data.
DATA = r"runtime/api\.h|runtime/prelude\.h|runtime/types\.h|runtime/kernels/.*/(kernels\.inc|functions\.inc|params\.h|pack\.h)|codegen/Targets\.(def|h)"

MAY = {  # folder: pattern of the paths it may include
    "runtime": r"runtime/",
    "dialects/pw": rf"dialects/pw/|{DATA}",
    "dialects/dnn": rf"dialects/(pw|dnn)/|{DATA}",
    "dialects/exec": rf"dialects/(pw|exec)/|{DATA}",
    "passes": rf"passes/|dialects/|{DATA}",
    "codegen": rf"codegen/|dialects/(pw|exec)/|{DATA}",
    "executor": rf"executor/|dialects/(pw|exec)/|runtime/|passes/Evaluator\.h|{DATA}",
    "compiler": r"(compiler|executor|codegen|passes|dialects|runtime)/",
    "tools": r"(tools|compiler|executor|codegen|passes|dialects|runtime)/",
}
# Libraries some folders must not know at all.
NEVER = {
    "runtime": (r"(mlir|llvm)/|onnx-ml\.pb\.h", "the runtime is pasted into emitted programs and knows no compiler"),
    "dialects": (r"onnx-ml\.pb\.h", "only compiler/ reads ONNX"),
    "passes": (r"onnx-ml\.pb\.h", "only compiler/ reads ONNX"),
    "codegen": (r"onnx-ml\.pb\.h", "only compiler/ reads ONNX"),
    "executor": (r"onnx-ml\.pb\.h", "only compiler/ reads ONNX"),
}
KERNEL_SYSTEM_HEADER = "a kernel header includes no system header: runtime/prelude.h does, at global scope"

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')
SUFFIXES = {".h", ".cpp", ".inc", ".def", ".td", ".cuh", ".cu"}
TESTS = re.compile(r"(^|/)(test|tests|bench|unittest)s?/|(_test|Test|_bench)\.cpp$")


def resolve(root, file, name):
    """The included file's path from the root, or None if it is not one of the repository's."""
    for base in (file.parent, root, *(p for p in root.glob("dialects/*") if p.is_dir())):
        path = (base / name).resolve()
        if path.is_file() and root in path.parents:
            return path.relative_to(root).as_posix()
    return name if any(name.startswith(folder.split("/")[0] + "/") for folder in MAY) else None  # generated


def check(root, file):
    here = file.relative_to(root).as_posix()
    folder = next((f for f in MAY if here.startswith(f + "/")), None)
    if folder is None or TESTS.search(here):
        return
    for number, line in enumerate(file.read_text(errors="replace").splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        quote, name = match.groups()
        where = f"{here}:{number}: "
        for top, (pattern, reason) in NEVER.items():
            if here.startswith(top + "/") and re.match(pattern, name):
                yield f"{where}{name}: {reason}"
        if quote == "<":
            if here.startswith("runtime/kernels/") and here.endswith(".h") and not here.endswith("/pack.h"):  # pack.h: host code
                yield f"{where}<{name}>: {KERNEL_SYSTEM_HEADER}"
            continue
        target = resolve(root, file, name)
        if target and not re.match(MAY[folder], target):
            yield f"{where}{folder}/ may not include {target}"


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[1]).resolve()
    files = [f for top in dict.fromkeys(folder.split("/")[0] for folder in MAY) for f in sorted((root / top).rglob("*")) if f.suffix in SUFFIXES]
    problems = [problem for file in files for problem in check(root, file)]
    print("\n".join(problems) if problems else f"layering: {len(files)} files hold")
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
