#!/usr/bin/env python3
"""--profile: the program computes the same, and counts the arithmetic that the model's operators are by their ONNX shapes."""
import argparse
import pathlib
import re
import sys

import numpy as np
import onnx

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from networks import NETWORKS, build
from support import Failure, Tally, build_program, find_dnnc, reference, relative_l2, run_program, targets, workspace

BOUND = 1e-5  # relative L2, as test_models.py has it
NAMES = ("residual", "inverted_residual_se", "unet", "attention", "bidirectional_lstm")


def flops(model):
    """2 for each product that a Conv, ConvTranspose, Gemm, MatMul or LSTM sums."""
    inferred = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True).graph
    shape = {t.name: list(t.dims) for t in inferred.initializer}
    for info in [*inferred.input, *inferred.value_info, *inferred.output]:
        shape[info.name] = [d.dim_value for d in info.type.tensor_type.shape.dim]
    size = lambda name: int(np.prod(shape[name]))  # noqa: E731
    total = 0
    for node in inferred.node:
        if node.op_type == "Conv":
            total += size(node.output[0]) * int(np.prod(shape[node.input[1]][1:]))
        elif node.op_type == "ConvTranspose":
            total += size(node.input[0]) * int(np.prod(shape[node.input[1]][1:]))
        elif node.op_type in ("Gemm", "MatMul"):
            total += size(node.output[0]) * shape[node.input[0]][-1]
        elif node.op_type == "LSTM":
            steps, batch, _ = shape[node.input[0]]
            total += steps * batch * (size(node.input[1]) + size(node.input[2]))
    return 2 * total


def profiled(dnnc, name, target, folder):
    folder.mkdir()
    _, builder, options = next(n for n in NETWORKS if n[0] == name)
    model, inputs = build(name, builder, options)
    onnx.save(model, folder / "model.onnx")
    program = build_program(dnnc, folder / "model.onnx", folder, [f"--target={target}", "--name=model", "--profile"])
    expected = reference(model, inputs)
    got, text = run_program(program, inputs, len(expected), folder, ["--repeat", "5", "--threads", "2"])
    worst = max(relative_l2(a, b) for a, b in zip(got, expected))
    if not worst <= BOUND:
        raise Failure(f"relative L2 error {worst:.3g} > {BOUND}")
    counted, want = int(re.search(r"steps, (\d+) FLOP", text).group(1)), flops(model)
    if counted != want:
        raise Failure(f"the table counts {counted} FLOP; the model has {want}")
    shares = [float(s) for s in re.findall(r"([0-9.]+) %", text.split("calls")[0])[::2]]
    if not shares or not abs(sum(shares) - 100) < 0.05 * len(shares) + 0.1:
        raise Failure(f"the steps' shares add up to {sum(shares):.2f} %")
    return f"{want} FLOP"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="on every target")
    args = parser.parse_args()
    tally, dnnc = Tally(True), find_dnnc()
    available = [target for target, reason in targets() if not reason]
    with workspace() as folder:
        for target in available if args.full else available[-1:]:
            for name in NAMES:
                tally.run(f"{name} [{target}]", profiled, dnnc, name, target, pathlib.Path(folder) / f"{name}-{target}")
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
