#!/usr/bin/env python3
"""Networks of torchvision, exported with seeded random weights, against ONNX Runtime (optimizations off). With --full only.

The exporter is tools/export_torchvision.py, run by $DNNC_TORCH_PYTHON (default /usr/bin/python3); without torch there all is skipped. Exports
are kept in $DNNC_CACHE (default ~/.cache/dnnc), under the exporter's checksum.
Bound: relative L2 error <= 1e-5 per output. A sum of k products in f32 is off by about sqrt(k) u, u = 2^-24, of its terms' size: 4e-6 for the
largest k here, 4608. Both sides round, and errors of layers add up like their squares while every normalization keeps the signal's size, so
that two runs of a network this deep are a few 1e-6 apart. WINOGRAD_BOUND where a convolution may take Winograd's algorithm.
By default networks run in the executor; SAMPLE also as C++.
"""
import argparse
import os
import pathlib
import subprocess
import sys
import time
import zlib

import numpy as np
import onnx

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import models
from support import ROOT, WINOGRAD_BOUND, Failure, Tally, build_program, find_dnnc, relative_l2, run_executor, run_program, session, takes_winograd, workspace

BOUND = 1e-5
SAMPLE = {"resnext50_32x4d", "mobilenet_v3_small", "swin_t"}
PYTHON = os.environ.get("DNNC_TORCH_PYTHON", "/usr/bin/python3")
EXPORTER = ROOT / "tools" / "export_torchvision.py"


def missing():
    """Why networks cannot be exported, or None."""
    try:
        done = subprocess.run([PYTHON, "-c", "import torch, torchvision"], capture_output=True, text=True)
    except OSError as error:
        return f"no {PYTHON}: {error.strerror}"
    return None if done.returncode == 0 else f"{PYTHON} has no torch and torchvision"


def exported(name, folder):
    done = subprocess.run([PYTHON, "-W", "ignore", EXPORTER, folder, name], capture_output=True, text=True)
    if done.returncode:
        raise Failure(f"the export failed:\n{done.stderr.strip()[-1500:]}")
    return folder / f"{name}.onnx"


def judge(got, expected, bound):
    worst = 0
    for i, (mine, want) in enumerate(zip(got, expected)):
        if mine.shape != want.shape:
            raise Failure(f"output {i}: expected shape {list(want.shape)}, got {list(mine.shape)}")
        worst = max(worst, relative_l2(mine, want))
        if not worst <= bound:
            raise Failure(f"output {i}: relative L2 error {worst:.3g} > {bound:.3g}")
    return f"error {worst:.2g}"


def check(dnnc, name, folder, here):
    here.mkdir()
    path = exported(name, folder)
    proto = onnx.load(path)
    inputs, bound = models.random_inputs(proto), WINOGRAD_BOUND if takes_winograd(proto) else BOUND
    expected = session(str(path), 2).run(None, inputs)
    if not all(np.isfinite(e).all() and np.abs(e).max() > 0 for e in expected):
        raise Failure("the reference's outputs are not finite, or 0: the network says nothing")
    text = judge(run_executor(dnnc, path, inputs, len(expected), here), expected, bound)
    if name in SAMPLE:
        program = build_program(dnnc, path, here, ["--name=model"], ("-O2",))
        text += ", C++ " + judge(run_program(program, inputs, len(expected), here)[0], expected, bound)
    for file in here.iterdir():
        if file.is_file():
            file.unlink()
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="run them")
    parser.add_argument("-k", default="", metavar="TEXT", help="only networks whose name holds TEXT")
    args, tally, start = parser.parse_args(), Tally(True), time.time()
    reason = "only with --full" if not args.full else missing()
    if reason:
        tally.skip("networks of torchvision", reason)
        return tally.finish()
    listed = subprocess.run([PYTHON, "-W", "ignore", "-c", "import sys; sys.path.insert(0, sys.argv[1]); import export_torchvision as e; print(*e.NETWORKS)", EXPORTER.parent], capture_output=True, text=True, check=True)
    folder = pathlib.Path(os.environ.get("DNNC_CACHE", pathlib.Path.home() / ".cache" / "dnnc")) / f"torchvision-{zlib.crc32(EXPORTER.read_bytes()):08x}"
    with workspace() as temporary:
        for name in listed.stdout.split():
            if args.k in name:
                tally.run(name, check, find_dnnc(), name, folder, pathlib.Path(temporary) / name)
    print(f"{time.time() - start:.0f} s")
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
