#!/usr/bin/env python3
"""Time of recurrent layers in emitted C++ beside ONNX Runtime's, as bench/compare.py measures models.

    bench/recurrent.py [-k TEXT] [--target=native] [--rounds 5] [--seconds 0.5]

One line for each cell, hidden size (the input is as wide), number of steps, batch and number of directions. The last column is what ONNX Runtime takes for a
model that does nothing: a call's own cost, which counts for a single step.
"""
import argparse
import os
import pathlib
import sys
import tempfile

import numpy as np
import onnx
from onnx import helper, numpy_helper

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from compare import compare, machine, reference_session, time_reference

GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}
SHAPES = [(hidden, steps, 1, 1) for hidden in (64, 256) for steps in (1, 100)] + [(256, 100, 1, 2), (256, 100, 8, 1)]


def model(kind, hidden, steps, batch, directions, **attrs):
    random, rows = np.random.default_rng(hidden), GATES[kind] * hidden
    weights = {"W": (directions, rows, hidden), "R": (directions, rows, hidden), "B": (directions, 2 * rows)}
    tensors = [numpy_helper.from_array((random.uniform(-1, 1, s) / np.sqrt(hidden)).astype(np.float32), k) for k, s in weights.items()]
    info = lambda name, shape: helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)
    state = [directions, batch, hidden]
    names = ["h", "c"] if kind == "LSTM" else ["h"]
    node = helper.make_node(kind, ["X", "W", "R", "B", "", *names], ["Y", *[n + "_out" for n in names]], hidden_size=hidden,
                            direction="bidirectional" if directions == 2 else "forward", **attrs)
    graph = helper.make_graph([node], "g", [info("X", [steps, batch, hidden]), *[info(n, state) for n in names]],
                              [info("Y", [steps, directions, batch, hidden]), *[info(n + "_out", state) for n in names]], tensors)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-k", default="", metavar="TEXT", help="only lines whose name holds TEXT")
    parser.add_argument("--target", default="native")
    parser.add_argument("--compiler", default="g++")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.5, help="for each side of a round")
    parser.add_argument("--option", action="append", default=[], help="of dnnc")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        for key, fact in machine(folder).items():
            print(f"{key}: {fact}")
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
        x = helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1])
        y = helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [1])
        onnx.save(helper.make_model(helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "g", [x], [y]), ir_version=8,
                                    opset_imports=[helper.make_opsetid("", 14)]), folder / "empty.onnx")
        empty = min(time_reference(reference_session(folder / "empty.onnx"), {"x": np.zeros(1, np.float32)}, args.seconds)) * 1e3
        print(f"target {args.target}; microseconds, one thread, minimum and median of all rounds\n")
        print(f"{'layer':34} {'dnnc min':>9} {'median':>9} {'ORT min':>9} {'median':>9} {'ratio min':>9} {'median':>7} {'error':>8}  call")
        for kind, attrs in [("LSTM", {}), ("GRU", {"linear_before_reset": 1}), ("GRU", {}), ("RNN", {})]:
            for hidden, steps, batch, directions in SHAPES:
                name = f"{kind}{'-linear' if attrs else ''} {hidden} x{steps} batch {batch} dir {directions}"
                if args.k not in name:
                    continue
                path = folder / "layer.onnx"
                onnx.save(model(kind, hidden, steps, batch, directions, **attrs), path)
                r = compare(str(path), args, folder)
                m, t, q = r["dnnc_ms"], r["onnxruntime_ms"], r["ratio"]
                print(f"{name:34} {m['min'] * 1e3:9.2f} {m['median'] * 1e3:9.2f} {t['min'] * 1e3:9.2f} {t['median'] * 1e3:9.2f} {q['min']:9.2f} "
                      f"{q['median']:7.2f} {r['error']:8.1e}  {empty:.1f}", flush=True)


if __name__ == "__main__":
    main()
