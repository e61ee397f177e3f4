#!/usr/bin/env python3
"""Instructions of one run of emitted C++ (--target=avx2, g++ 12 -O2), counted by callgrind, against baseline.json.

A count says what a clock on a shared machine cannot: it is the same on every machine. More than 3 % above the baseline fails; below it
the baseline should follow. `--update REASON` writes the counts of this tree, with the reason beside each that has changed.
The networks are built by test/e2e/networks.py. A run's count is the difference of programs that run the model 3 times and once, so that
loading and the program around it drop out.
"""
import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys

import onnx

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "e2e")]
from networks import NETWORKS, build
from support import Failure, Tally, build_program, execute, find_dnnc, targets, workspace

BASELINE = HERE / "baseline.json"
MARGIN = 0.03
NAMES = ("residual", "inverted_residual_se", "attention")  # 3x3 and 1x1 convolutions; depthwise and gates; a transformer's block
COMPILER = "12"


def missing():
    """Why the counts cannot be taken here, or None."""
    if not shutil.which("valgrind"):
        return "valgrind is not installed (tools/setup.sh check)"
    version = subprocess.run(["g++", "-dumpversion"], capture_output=True, text=True).stdout.strip() if shutil.which("g++") else "missing"
    if version.split(".")[0] != COMPILER:
        return f"g++ is {version}; the baseline is of g++ {COMPILER}"
    return next((reason for target, reason in targets() if target == "avx2"), None)


def collected(program, repeat, folder):
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder / 'callgrind.out'}", *program, "--repeat", repeat]
    return int(re.search(r"Collected : (\d+)", execute(command).stderr).group(1))


def count(dnnc, name, folder):
    folder.mkdir()
    _, builder, options = next(n for n in NETWORKS if n[0] == name)
    onnx.save(build(name, builder, options)[0], folder / "model.onnx")
    program = build_program(dnnc, folder / "model.onnx", folder, ["--target=avx2", "--name=model"], ("-O2",), "g++")
    return (collected(program, 3, folder) - collected(program, 1, folder)) // 2


def check(dnnc, name, folder, baseline, found):
    found[name] = instructions = count(dnnc, name, folder)
    if name not in baseline:
        raise Failure(f"{instructions} instructions; there is no baseline (--update REASON)")
    ratio = instructions / baseline[name]["instructions"]
    print(f"{name}: {instructions} instructions, {ratio:.4f} of the baseline{' (which should follow: --update REASON)' if ratio < 1 - MARGIN else ''}", flush=True)
    if ratio > 1 + MARGIN:
        raise Failure(f"{instructions} instructions, {ratio:.3f} times the baseline's {baseline[name]['instructions']}; at most {1 + MARGIN}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="the same")
    parser.add_argument("--update", metavar="REASON", help="write baseline.json")
    args = parser.parse_args()
    tally, reason = Tally(False), missing()
    if reason:
        for name in NAMES:
            tally.skip(name, reason)
        return tally.finish()
    baseline, found = json.loads(BASELINE.read_text()) if BASELINE.exists() else {}, {}
    dnnc = find_dnnc()
    with workspace() as folder:
        for name in NAMES:
            if args.update:
                found[name] = count(dnnc, name, pathlib.Path(folder) / name)
            else:
                tally.run(name, check, dnnc, name, pathlib.Path(folder) / name, baseline, found)
    if not args.update:
        return tally.finish()
    for name, instructions in found.items():
        if baseline.get(name, {}).get("instructions") != instructions:
            baseline[name] = {"instructions": instructions, "comment": args.update}
            print(f"{name}: {instructions}")
    BASELINE.write_text(json.dumps(baseline, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
