#!/usr/bin/env python3
"""Chains of convolutions and poolings that run band by band (--bands=KIB): for any height of the bands the result has the same bits as without, on every
target in the executor, and on the best one as C++ under sanitizers with one and two threads; and it agrees with ONNX Runtime. The remarks must say that there are bands.
"""
import argparse
import os
import pathlib
import re
import sys

import numpy as np
import onnx

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from net import Net
from support import WINOGRAD_BOUND, Failure, Tally, build_program, execute, find_dnnc, parallel, reference, relative_l2, run_executor, run_program, targets, workspace

KIB = [1, 2, 5, 8, 12, 20, 40]


def inverted_residual(n, stride=1, kernel=3, rows=37, batch=1):
    x = n.input((batch, 6, rows, 9))
    y = n.node("Clip", n.conv(x, 6, 21, 1), n.scalar(0), n.scalar(6))
    y = n.relu(n.conv(y, 21, 21, kernel, stride, group=21))
    y = n.conv(y, 21, 6, 1)
    return [n.node("Add", y, x) if stride == 1 else y]


def dilated(n):
    x = n.relu(n.conv(n.input((1, 3, 40, 7)), 3, 12, 5))
    weights = n.weight(12, 1, 3, 3)
    return [n.node("Conv", x, weights, dilations=[3, 2], pads=[3, 2, 3, 2], group=12)]


def uneven_pads(n):
    """More at the bottom than at the top, as TensorFlow's SAME gives, and none."""
    x = n.node("Conv", n.input((1, 4, 33, 8)), n.weight(16, 4, 3, 3), n.weight(16), strides=[2, 2], pads=[0, 0, 1, 1])
    x = n.node("Conv", n.relu(x), n.weight(16, 1, 5, 5), group=16, pads=[1, 2, 3, 2])
    return [n.node("Conv", x, n.weight(9, 16, 1, 1), n.weight(9))]


def pooled(n, kind="MaxPool", stride=2, kernel=3, channels=3, **attrs):
    x = n.relu(n.conv(n.input((1, channels, 32, 12)), channels, 16, 5))
    return [n.node(kind, x, kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=[kernel // 2] * 4, **attrs)]


def ceiled(n):
    x = n.relu(n.conv(n.input((1, 8, 21, 20)), 8, 16, 5))
    return [n.node("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1)]


def winograd_pooled(n):
    x = n.relu(n.conv(n.input((1, 32, 48, 48)), 32, 32, 3))
    return [n.node("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])]


def long_chain(n):
    x = n.input((1, 4, 40, 10))
    for i, (c, k) in enumerate([(4, 8), (8, 8), (8, 12), (12, 12), (12, 12), (12, 6), (6, 6)]):
        x = n.relu(n.conv(x, c, k, [1, 5, 3, 1, 7, 3, 3][i], group=c if c == k and i % 2 else 1))
    return [x]


def branches(n):
    """The image between two layers is read twice, and the second chain writes into a concatenation."""
    x = n.relu(n.conv(n.input((2, 4, 26, 10)), 4, 8, 1))
    y = n.conv(n.relu(n.conv(x, 8, 24, 1)), 24, 24, 3, group=24)
    return [n.node("Concat", x, n.conv(y, 24, 8, 1), axis=1)]


def residual_of_another_size(n):
    """An operand of the epilogue that has rows but no columns, and one for each image."""
    x = n.relu(n.conv(n.input((2, 4, 18, 9)), 4, 16, 1))
    y = n.conv(x, 16, 16, 3, group=16)
    return [n.node("Mul", n.node("Add", y, n.input((1, 1, 18, 1))), n.input((2, 16, 1, 1)))]


NETWORKS = [
    ("inverted residual", inverted_residual, {}),
    ("inverted residual, stride 2", inverted_residual, dict(stride=2)),
    ("inverted residual, 5x5", inverted_residual, dict(kernel=5, rows=43)),
    ("inverted residual, 5x5, stride 2, batch", inverted_residual, dict(kernel=5, stride=2, rows=40, batch=3)),
    ("inverted residual, batch", inverted_residual, dict(batch=3)),
    ("dilated", dilated, {}),
    ("uneven pads", uneven_pads, {}),
    ("max pool", pooled, {}),
    ("max pool, stride 1", pooled, dict(stride=1, kernel=5)),
    ("average pool", pooled, dict(kind="AveragePool")),
    ("average pool with its padding", pooled, dict(kind="AveragePool", count_include_pad=1)),
    ("pool, ceil_mode", ceiled, {}),
    ("winograd and pool", winograd_pooled, {}),
    ("seven layers", long_chain, {}),
    ("branches", branches, {}),
    ("residual of another size", residual_of_another_size, {}),
]


def chains(remarks):
    return re.findall(r"\[bands\] \d+ layers (?:in \d+ bands of \d+|image by image)", remarks)


def same_bits(outputs, expected, what):
    for got, want in zip(outputs, expected):
        if got.tobytes() != want.tobytes():
            raise Failure(f"{what} changes the result by up to {np.abs(got - want).max()}")


def check(dnnc, case, target, best, folder):
    name, builder, options = case
    folder.mkdir(parents=True)
    net = Net("bands " + name)
    model = net.model(*builder(net, **options))
    path, count = folder / "model.onnx", len(model.graph.output)
    onnx.save(model, path)
    plain = run_executor(dnnc, path, net.inputs, count, folder, [f"--target={target}", "--bands=off"])
    for got, true in zip(plain, reference(model, net.inputs)):
        if not relative_l2(got, true) <= WINOGRAD_BOUND:
            raise Failure(f"relative error {relative_l2(got, true):.2g} > {WINOGRAD_BOUND}")
    found = {}
    for kib in KIB:
        flags = [f"--target={target}", f"--bands={kib}"]
        done = chains(execute([dnnc, path, "-o", folder / "model.cpp", "--remarks", *flags]).stderr)
        if done and str(done) not in found:
            found[str(done)] = flags
            same_bits(run_executor(dnnc, path, net.inputs, count, folder, flags), plain, flags[1])
    if not found:
        raise Failure(f"no bands of {KIB} KiB")
    if target != best:
        return f"{len(found)} ways"
    program = build_program(dnnc, path, folder, list(found.values())[0], ["-g", "-O0", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-pthread"])
    for threads in 1, 2:
        same_bits(run_program(program, net.inputs, count, folder, ["--threads", threads])[0], plain, f"{list(found.values())[0][1]} as C++ with {threads} threads")
    return f"{len(found)} ways, C++"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="nothing more")
    parser.add_argument("-k", default="", metavar="TEXT", help="only networks whose name holds TEXT")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--verbose", action="store_true")
    args = parser.parse_args()
    dnnc, tally = find_dnnc(), Tally(args.verbose)
    best = [target for target, reason in targets() if not reason][-1]
    with workspace() as folder:

        def run(job):
            case, (target, reason) = job
            label = f"{case[0]} [{target}]"
            if reason:
                tally.skip(label, reason)
            else:
                tally.run(label, check, dnnc, case, target, best, pathlib.Path(folder) / re.sub(r"\W+", "_", label))

        parallel(run, [(case, target) for case in NETWORKS if args.k in case[0] for target in targets()], args.jobs)
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
