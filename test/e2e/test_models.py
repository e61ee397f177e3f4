#!/usr/bin/env python3
"""Whole models on real data against ONNX Runtime (optimizations off): the trained ones, and the architectures of arch/.

The folder is $DNNC_MODELS, or ../shared/models beside the repository; without it everything here is skipped.
Bounds, relative L2 per output: f32 1e-5 (CONDITIONED names the exception), WINOGRAD_BOUND where a convolution may take Winograd's algorithm. An f16 model is held against the same model in f32: at most twice the distance ONNX
Runtime's own f16 run keeps from it, plus one f16 rounding (2^-11). Answers (classes, boxes found, accuracy) must be equal.
The arena is at most 1.15 times its lower bound.
By default each model runs as emitted C++, but the HEAVY ones in the executor; --full runs all both ways and on all targets.
"""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import threading
import time

import numpy as np
import onnx

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import models
from net import as_f32
from support import ROOT, WINOGRAD_BOUND, Failure, Tally, build_program, execute, find_dnnc, parallel, relative_l2, run_executor, run_program, session, takes_winograd, targets, workspace

BOUND = 1e-5
ARENA = 1.15
# On its worst file ONNX Runtime is 1.4e-5 from this model computed in float64 (dnnc 4.4e-6), so the two may be the sum apart.
CONDITIONED = {"magika_v2_1": 3e-5}
HEAVY = {"vgg16", "vit_b_16"}  # 0.3 to 0.5 GB of weights: as C++ only with --full
BOTH = {"mnist_8", "squeezenet1.1_fp16", "yolox_nano", "magika_v2_1", "tiny_resnet8", "shufflenet_v2_x1_0"}
INNER = ["tiny_resnet8", "tiny_vww", "ultraface_rfb_320", "vit_cifar10_ibp", "squeezenet1_1", "mobilenet_v2"]  # every inner tensor is checked


class Model:
    """A model, its input sets (the first `sets` of them), and the reference's outputs, computed once."""

    def __init__(self, name, path, data, sets=None):
        self.name, self.path = name, path
        proto = onnx.load(path)
        self.count = len(proto.graph.output)
        if name in models.REAL:
            self.inputs, self.given = (values[:sets] for values in models.inputs_of(name, data))
        else:
            self.inputs = [models.random_inputs(proto)]
            self.given = [None]
        runner = session(str(path), 2)
        self.expected = [runner.run(None, i) for i in self.inputs]
        self.bound = CONDITIONED.get(name, WINOGRAD_BOUND if takes_winograd(proto) else BOUND)
        self.half = any(o.dtype == np.float16 for o in self.expected[0])
        if self.half:
            own, wide = self.expected, as_f32(proto, self.inputs[0])[0]
            runner = session(wide)
            self.expected = [runner.run(None, {k: v.astype(np.float32) for k, v in i.items()}) for i in self.inputs]
            self.bound = max(2 * relative_l2(a, b) + 2.0**-11 for x, y in zip(own, self.expected) for a, b in zip(x, y))
        self.meaning = models.meaning(name, data, self.expected)

    def judge(self, outputs, which, expected=None):
        worst = 0
        for i, (got, want) in enumerate(zip(outputs, expected or self.expected[which])):
            if got.shape != want.shape:
                raise Failure(f"input set {which}, output {i}: expected shape {list(want.shape)}, got {list(got.shape)}")
            error = relative_l2(got, want)
            worst = max(worst, error)
            if not error <= self.bound:
                wide = np.abs(got.astype(np.float64) - want).ravel()
                at = int(np.argmax(np.where(np.isnan(wide), np.inf, wide)))
                raise Failure(f"input set {which}, output {i}: relative L2 error {error:.3g} > {self.bound:.3g}; worst at flat {at}: expected {want.ravel()[at]!r}, got {got.ravel()[at]!r}")
        return worst


def in_executor(dnnc, model, folder, options=()):
    folder.mkdir(parents=True, exist_ok=True)
    worst = model.judge(run_executor(dnnc, model.path, model.inputs[0], model.count, folder, options), 0)
    if model.given[0]:
        model.judge(run_executor(dnnc, model.path, model.inputs[0], model.count, folder, options), 0, [g.reshape(e.shape) for g, e in zip(model.given[0], model.expected[0])])
    return f"error {worst:.2g}"


def as_program(dnnc, model, folder, data, target):
    folder.mkdir(parents=True, exist_ok=True)
    start = time.time()
    program = build_program(dnnc, model.path, folder, [f"--target={target}", "--name=model"], ("-O2",))
    built = time.time() - start
    if model.half:
        blob, file = (folder / "model.cpp.weights.bin").stat().st_size, model.path.stat().st_size
        if blob > 1.02 * file:
            raise Failure(f"the weights of a model of {file} bytes in f16 take {blob}")
    outputs = []

    def one(which):
        here = folder / f"set{threading.get_ident()}"
        here.mkdir(exist_ok=True)
        return run_program(program, model.inputs[which], model.count, here)[0]

    outputs = parallel(one, range(len(model.inputs)), 2)
    worst = 0
    for which, got in enumerate(outputs):
        worst = max(worst, model.judge(got, which))
        if model.given[which]:
            model.judge(got, which, [g.reshape(e.shape) for g, e in zip(model.given[which], model.expected[which])])
    answer = models.meaning(model.name, data, outputs)
    if answer != model.meaning:
        raise Failure(f"the answer is {answer}, the reference's {model.meaning}")
    return f"error {worst:.2g}, built in {built:.0f} s; {str(answer)[:60] if answer is not None else ''}"


def inner_tensors(dnnc, model, folder):
    """Every inner f32 tensor as an extra output."""
    folder.mkdir(parents=True, exist_ok=True)
    proto = onnx.load(model.path)
    outputs, constants = {o.name for o in proto.graph.output}, {n.output[0] for n in proto.graph.node if n.op_type == "Constant"}
    names = [o for n in proto.graph.node for o in n.output if o and o not in outputs | constants]
    proto.graph.output.extend(onnx.ValueInfoProto(name=n) for n in names)
    expected = session(proto, 2).run(None, model.inputs[0])
    keep = [i for i, e in enumerate(expected) if e.dtype == np.float32 or i < model.count]
    names = [names[i - model.count] for i in keep if i >= model.count]
    got = run_executor(dnnc, model.path, model.inputs[0], len(keep), folder, [f"--keep-tensor={n}" for n in names])
    for which, (value, index) in enumerate(zip(got, keep)):
        error = relative_l2(value, expected[index])
        if value.shape != expected[index].shape or not error <= model.bound:
            label = names[which - model.count] if which >= model.count else f"output {which}"
            raise Failure(f"tensor '{label}': relative L2 error {error:.3g} > {model.bound:.3g}, shapes {value.shape} and {expected[index].shape}")
    return f"{len(names)} tensors"


def arena(dnnc, model, folder):
    """The arena and one thread's scratch against the largest sum of live buffers plus scratch over all steps."""
    folder.mkdir(parents=True, exist_ok=True)
    done = execute([dnnc, model.path, "--stop-after=lower", "-o", folder / "lower.mlir", "--remarks=json"])
    plan = next(r["text"] for r in map(json.loads, done.stdout.splitlines()) if r["category"] == "plan")
    size, bound, scratch = map(int, re.search(r"arena (\d+) bytes.* lower bound (\d+); scratch (\d+)", plan).groups())
    if size > ARENA * bound:
        raise Failure(f"arena {size} bytes > {ARENA} x the lower bound {bound}")
    return f"{size} bytes, {size / max(bound, 1):.3f} x the lower bound, scratch {scratch}"


def materialize(shared, name, folder):
    subprocess.run([sys.executable, shared / "materialize.py", folder, name], check=True, capture_output=True)
    return folder / f"{name}.onnx"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="all models both ways, on every target")
    parser.add_argument("-k", default="", metavar="TEXT", help="only models whose name holds TEXT")
    parser.add_argument("--way", choices=["executor", "C++"], help="only this way, all models")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count()))
    parser.add_argument("-v", action="store_true", default=True)
    args = parser.parse_args()
    tally, shared, start = Tally(args.v), models.shared_folder(ROOT), time.time()
    wanted = [n for n in sorted(HEAVY) + [n for n in models.REAL + models.ARCH if n not in HEAVY] if args.k in n]
    if not shared.is_dir():
        for name in wanted:
            tally.skip(name, f"no model folder at {shared} (set DNNC_MODELS)")
        return tally.finish()
    dnnc, available = find_dnnc(), [t for t, reason in targets() if not reason]
    for target, reason in targets():
        if reason:
            tally.skip(f"target {target}", reason)

    with workspace() as temporary:
        root = pathlib.Path(temporary)

        def all_of(name):
            path = shared / f"{name}.onnx"
            if not path.exists() and not (shared / "arch" / f"{name}.onnx").exists():
                tally.skip(name, f"{name}.onnx is not in {shared}")
                return
            try:
                model = Model(name, path if path.exists() else materialize(shared, name, root), shared / "data")
            except Exception as error:
                tally.fail(f"{name} [reference]", f"{type(error).__name__}: {error}")
                return
            if args.way != "C++" and (args.full or args.way or name in HEAVY or name in BOTH):
                for target in available if args.full else ["avx2"] if "avx2" in available else available:
                    tally.run(f"{name} [executor {target}]", in_executor, dnnc, model, root / f"{name}-run-{target}", [f"--target={target}"])
            if args.way != "executor" and (args.full or args.way or name not in HEAVY):
                for target in available if args.full else available[-1:] if name in BOTH else ["avx2"] if "avx2" in available else available:
                    tally.run(f"{name} [C++ {target}]", as_program, dnnc, model, root / f"{name}-{target}", shared / "data", target)
            if not args.way:
                tally.run(f"{name} [arena]", arena, dnnc, model, root / f"{name}-arena")
            if name in INNER and args.way != "C++":
                tally.run(f"{name} [inner tensors]", inner_tensors, dnnc, model, root / f"{name}-inner")
            for file in root.glob(f"{name}*/**/*"):
                if file.is_file():
                    file.unlink()
            (root / f"{name}.onnx").unlink(missing_ok=True)

        parallel(all_of, wanted, args.jobs)
    print(f"{time.time() - start:.0f} s")
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
