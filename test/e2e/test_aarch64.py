#!/usr/bin/env python3
"""Programs for 64-bit Arm, cross-compiled and run under qemu, against ONNX Runtime with the bounds of the other suites.

A sample of the operator table, some networks by each compiler, the models of this repository, and those of the shared folder
(one input set each). Skipped without aarch64-linux-gnu-g++ and qemu-aarch64; on an Arm machine it runs natively.
"""
import argparse
import os
import pathlib
import shutil
import sys
import time

import onnx

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from batch import batches, run_batch
import models
import test_models
from net import Net  # noqa: F401 (networks.py builds them)
from networks import NETWORKS
from support import ROOT, Failure, Tally, build_program, cross_tools, find_dnnc, is_cross, parallel, relative_l2, run_program, session, workspace
from test_models import Model, as_program, materialize
from test_networks import Network, emitted
from test_ops import FAMILIES, judge, load
from test_quantized import pictures

NETS = {"residual", "half", "inverted_residual_se"}
MODELS = ["squeezenet1.1_fp16", "ultraface_rfb_320", "squeezenet1_1", "mobilenet_v2", "tiny_kws", "tiny_resnet8", "tiny_vww", "tiny_ad"]


def digits(dnnc, folder, target):
    """The repository's own trained model, on its own pictures."""
    path = ROOT / "examples/digits/digits.onnx"
    inputs = models.random_inputs(onnx.load(path))
    folder.mkdir(parents=True)
    program = build_program(dnnc, path, folder, [f"--target={target}", "--set-dim=N=1", "--name=model"], ("-O2",))
    got, want = run_program(program, inputs, 1, folder)[0][0], session(str(path)).run(None, inputs)[0]
    if not relative_l2(got, want) <= test_models.BOUND:
        raise Failure(f"relative L2 error {relative_l2(got, want):.3g} > {test_models.BOUND:.3g}")
    return f"error {relative_l2(got, want):.2g}"


def shared_model(name, dnnc, shared, folder, target):
    folder.mkdir(parents=True)
    path = shared / f"{name}.onnx"
    model = Model(name, path if path.exists() else materialize(shared, name, folder), shared / "data", 1)
    return as_program(dnnc, model, folder, shared / "data", target)


def quantized_model(dnnc, shared, folder, target):
    folder.mkdir(parents=True)
    return pictures(dnnc, shared / "mobilenetv2_qdq_int8.onnx", shared / "data", folder, target, 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="each second operator case, all networks")
    parser.add_argument("-k", default="", metavar="TEXT", help="only tests whose name holds TEXT")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count()))
    parser.add_argument("-v", action="store_true")
    args = parser.parse_args()
    tally, target, start = Tally(args.v), "neon", time.time()
    if is_cross([f"--target={target}"]):
        for program, found in zip(("aarch64-linux-gnu-g++", "qemu-aarch64"), cross_tools()):
            if not found:
                tally.skip("programs for aarch64", f"{program} is not installed")
                return tally.finish()
    dnnc, shared, jobs = find_dnnc(), models.shared_folder(ROOT), []

    def job(name, function, *rest):
        if args.k in name:
            jobs.append((name, function, rest))

    with workspace() as temporary:
        root = pathlib.Path(temporary)
        for name in MODELS:
            if (shared / f"{name}.onnx").exists() or (shared / "arch" / f"{name}.onnx").exists():
                job(f"{name} [{target}]", shared_model, name, dnnc, shared, root / name, target)
            else:
                tally.skip(name, f"{name}.onnx is not in {shared}")
        if (shared / "mobilenetv2_qdq_int8.onnx").exists():
            for each in ("neon", "neon-dotprod"):
                job(f"mobilenetv2_qdq_int8 [{each}]", quantized_model, dnnc, shared, root / f"quantized-{each}", each)
        else:
            tally.skip("mobilenetv2_qdq_int8", f"mobilenetv2_qdq_int8.onnx is not in {shared}")
        job(f"digits [{target}]", digits, dnnc, root / "digits", target)
        for net in (Network(*n) for n in NETWORKS if args.full or n[0] in NETS):
            job(f"{net.name} [{target}]", emitted, dnnc, net, root / net.name, target, (), ("-O2",))
            if net.name == "half":
                job(f"{net.name} [neon-fp16]", emitted, dnnc, net, root / f"{net.name}-fp16", "neon-fp16", (), ("-O2",))
            for clang in ("clang++-14", "clang++-19") if net.name == "inverted_residual_se" else ():
                if shutil.which(clang):
                    job(f"{net.name} [{target}, {clang}]", emitted, dnnc, net, root / f"{net.name}-{clang}", target, (), ("-O2",), clang)
                else:
                    tally.skip(f"C++ by {clang}", f"{clang} is not installed")
        parallel(lambda j: tally.run(j[0], j[1], *j[2]), jobs, args.jobs)
        cases = load(FAMILIES, "", tally) if not args.k or args.k in "operators" else []
        groups = batches(cases[:: 2 if args.full else 12])
        parallel(lambda b: run_batch(dnnc, b[1], target, "C++", root / f"batch{b[0]}", tally, judge), list(enumerate(groups)), args.jobs)
    print(f"{time.time() - start:.0f} s")
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
