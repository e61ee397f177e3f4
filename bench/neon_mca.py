#!/usr/bin/env python3
"""The inner loops of the NEON kernels under llvm-mca, a model of the processor: cycles, and the share of the peak.

Compiles bench/kernels/neon_loops.cpp for aarch64 with each compiler that is there and takes the innermost loop with the most
multiplications from each kernel's assembly. Peak: two vector FMAs or two sdots each cycle, as Neoverse N1 has.
Pipes busy: the share of the cycles in which the two vector pipes work at all. It is the bound of int8, where u8 is made s8 (int8_10x1: ten
of fifty vector instructions) and depthwise puts bytes side by side.
What llvm-mca does not know: caches (all loads hit the first level) and branch prediction.
"""
import argparse
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
SOURCE = ROOT / "bench/kernels/neon_loops.cpp"
PER_CYCLE = 2
ITERATIONS = 100
COMPILERS = (("g++", ["aarch64-linux-gnu-g++"]), ("clang-14", ["clang++-14", "--target=aarch64-linux-gnu"]), ("clang-19", ["clang++-19", "--target=aarch64-linux-gnu"]))
LABEL = re.compile(r"^(\.?[\w$.]+):")
BRANCH = re.compile(r"^\s+(?:b|b\.\w+|b[a-z]{2}|cbnz|cbz|tbnz|tbz)\s+(?:\w+, )?(?:#?\d+, )?(\.L\w+)")
KERNEL = re.compile(r"^((?:f32|int8)_\d+x\d+|(?:int8_)?depthwise_\w+)$")
# Kernels that are not inlined into their function stand under a mangled name.
MANGLED = re.compile(r"(matmul|conv_int8|conv)\d+(accumulate|DepthwiseWork)ILi(\d+)ELi(\d+)")


def kernel_name(symbol):
    plain, mangled = KERNEL.search(symbol), MANGLED.search(symbol)
    if plain:
        return plain.group(1)
    if not mangled:
        return None
    family, function, a, b = mangled.groups()
    if function == "accumulate":
        return f"{'f32' if family == 'matmul' else 'int8'}_{a}x{b}"
    return f"{'int8_' if family == 'conv_int8' else ''}depthwise_{a}x{a}_s{b}"


def loops(lines):
    """(kernel, instructions) of each loop that branches nowhere inside itself; a label inside is where the loop is entered."""
    function, at = None, {}
    for i, line in enumerate(lines):
        label, branch = LABEL.match(line), BRANCH.match(line)
        if label:
            function = function if label.group(1).startswith(".") else kernel_name(label.group(1))
            at[label.group(1)] = (i, function)
        elif branch and branch.group(1) in at and function:
            start, of = at[branch.group(1)]
            body = lines[start + 1 : i + 1]
            inside = {found.group(1) for found in map(LABEL.match, body) if found}
            targets = {found.group(1) for found in map(BRANCH.match, body[:-1]) if found}
            if of == function and not targets & {*inside, branch.group(1)}:
                yield function, [x for x in body if x.strip() and not LABEL.match(x) and not x.strip().startswith((".", "//"))]


def assembly(command, isa):
    done = subprocess.run(
        [*command, "-std=c++17", "-O2", "-S", "-o", "-", f"-I{ROOT / 'runtime'}", f"-DDNNC_BENCH_ISA={isa}", str(SOURCE)], capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout.split("\n")


def simulate(mca, cpu, body):
    """Cycles of one iteration, and how many vector pipes work in each on average."""
    text = "\n".join(body).replace("0xffffffffffffff80", "128")  # g++'s spelling of a byte
    done = subprocess.run([mca, "-mtriple=aarch64", f"-mcpu={cpu}", f"-iterations={ITERATIONS}"], input=text, capture_output=True, text=True)
    found = re.search(r"Total Cycles:\s+(\d+)", done.stdout)
    if not found:
        sys.exit(done.stderr)
    time = int(found.group(1)) / ITERATIONS
    units, pressure = re.search(r"Resource pressure per iteration:\n(.+)\n(.+)\n", done.stdout).groups()
    vector = re.findall(r"^(\[[\d.]+\])\s+- \w+UnitV\d", done.stdout, re.M)
    return time, sum(float(p) for u, p in zip(units.split(), pressure.split()) if u in vector and p != "-") / time


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cpu", default="neoverse-n1", help="llvm-mca's -mcpu (default %(default)s)")
    parser.add_argument("--require", type=float, metavar="SHARE", help="fail unless the best compiler reaches this share for each kernel")
    args = parser.parse_args()
    mca = shutil.which("llvm-mca-19") or shutil.which("llvm-mca") or sys.exit("llvm-mca is not installed")
    best = {}
    print(f"{'compiler':10}{'kernel':18}{'multiplies':>11}{'instructions':>13}{'cycles':>8}{'per cycle':>10}{'share of peak':>14}{'pipes busy':>11}   ({args.cpu})")
    for label, command in COMPILERS:
        if not shutil.which(command[0]):
            print(f"{label:10}is not installed")
            continue
        rows = {}
        for isa, word in (("DNNC_ISA_NEON", "fmla"), ("DNNC_ISA_NEON_DOTPROD", "sdot")):
            for kernel, body in loops(assembly(command, isa)):
                count = sum(x.split()[0] == word for x in body)
                if kernel.startswith("int8") == (word == "sdot") and count > rows.get(kernel, (0,))[0]:
                    rows[kernel] = count, body
        for kernel, (count, body) in sorted(rows.items()):
            time, pipes = simulate(mca, args.cpu, body)
            share = count / time / PER_CYCLE
            best[kernel] = max(best.get(kernel, 0), share)
            print(f"{label:10}{kernel:18}{count:11}{len(body):13}{time:8.1f}{count / time:10.2f}{share:14.0%}{pipes / PER_CYCLE:11.0%}")
    if args.require and (not best or min(best.values()) < args.require):
        sys.exit(f"below {args.require:.0%}: {', '.join(k for k, v in best.items() if v < args.require) or 'nothing measured'}")


if __name__ == "__main__":
    main()
