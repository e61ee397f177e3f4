"""Runs every example of the dialects' reference through dnnc-opt: what a reader copies must parse and verify, and print to the same again.
Blocks marked `text` are left out: parts of another op's example.

    run_examples.py REFERENCE_DIR        (dnnc-opt in the PATH)
"""
import pathlib
import re
import subprocess
import sys

NAMES = re.compile(r"%[\w$]+")


def split_types(text):
    """Splits at commas outside of <…> and (…)."""
    parts, depth = [""], 0
    for c in text:
        depth += (c in "<([") - (c in ">)]")
        if c == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += c
    return [p.strip() for p in parts if p.strip()]


def operand_types(statement):
    """The names a statement reads, with their types. A region of its own comes last."""
    head = re.split(r"(?:chain )?\{\s*\n?\s*\^bb0", statement)[0]
    if groups := re.findall(r"\((%[^:()]*) : ([^()]*)\)", head):  # exec.call: inputs(%x : type) …
        return [pair for names, types in groups for pair in zip(NAMES.findall(names), split_types(types))]
    operation = head.split("=", 1)[-1] if re.match(r"\s*%[\w$, %]+=", head) else head
    names = NAMES.findall(operation)
    if call := re.search(r": \((.*?)\) ->", operation, re.S):
        types = call.group(1)
    elif single := re.search(r" : (\S+) ->", operation):
        types = single.group(1)
    elif single := re.search(r": (\S+)\s*$", operation):
        types = single.group(1)
    else:
        return []
    return list(zip(names, split_types(types)))


def module(dialect, code):
    statements = re.split(r"\n(?=\S)", code)
    defined, arguments = set(), {}
    for statement in statements:
        for name, type_ in operand_types(statement):
            if name not in defined:
                arguments.setdefault(name, type_)
        if result := re.match(r"(%[\w$, %]+?)\s*=", statement):
            defined.update(NAMES.findall(result.group(1)))
    listed = ", ".join(f"{name}: {type_}" for name, type_ in arguments.items())
    if code.lstrip().startswith(("exec.schedule", "func.func")):  # it is whole
        return code
    if dialect == "exec":
        buffers = "".join(f"{name} = exec.alloc {{bytes = 4 : i64}} : {type_}\n" for name, type_ in arguments.items())
        tensor = "[tensor<4xf32>]"
        return (f'exec.schedule @example attributes {{target = "generic", inputs = {tensor}, input_names = ["x"], '
                f'outputs = {tensor}, output_names = ["y"]}} {{\n{buffers}{code}}}')
    if "pw.yield" in code and dialect == "pw":
        element = next(iter(arguments.values()))
        return (f"func.func @example(%x: tensor<4x{element}>) {{\n%y = dnn.pointwise %x : (tensor<4x{element}>) -> tensor<4x{element}> {{\n"
                f"^bb0({listed}):\n{code}}}\nreturn\n}}")
    return f"func.func @example({listed}) {{\n{code}return\n}}"


def run(source):
    return subprocess.run(["dnnc-opt", "--split-input-file"], input=source, capture_output=True, text=True)


def main():
    modules, missing = [], []
    for dialect in ("pw", "dnn", "exec"):
        text = (pathlib.Path(sys.argv[1]) / f"{dialect}.md").read_text()
        ops = set(re.findall(rf"^### `({dialect}\.\w+)`", text, re.M))
        for code in re.findall(r"```mlir\n(.*?)```", text, re.S):
            if re.fullmatch(r"tensor<.*>\s*", code):  # a type, in the description of an attribute
                code = f"%x = dnn.constant dense<0.0> : {code}"
            modules.append(module(dialect, code))
            ops -= set(re.findall(rf"{dialect}\.\w+", code))
        missing += sorted(ops)
    source = "\n// -----\n".join(modules)
    once = run(source)
    twice = run(once.stdout)
    if once.returncode or once.stdout != twice.stdout:
        print(source, once.stderr, twice.stderr, sep="\n")
        return 1
    for op in missing:
        print(f"{op} has no example")
    print(f"{len(modules)} examples")
    return len(missing) > 0


sys.exit(main())
