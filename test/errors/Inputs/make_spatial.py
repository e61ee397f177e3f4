"""Writes a bad model of sampling, regions, folding or sequences: make_spatial.py CASE FILE."""
import pathlib
import sys

import numpy as np
from make_bad import T, integers, model, node, one

CASES = {
    "theta": lambda: one("AffineGrid", [[2, 3, 3]], None, [integers(2, 3, 5, 6)], 20),
    "crop": lambda: one("CenterCropPad", [[4, 5]], None, [integers(4)], 18),
    "deform-group": lambda: one("DeformConv", [[1, 4, 6, 6], [3, 2, 3, 3], [1, 18, 4, 4]], None, None, 19, group=2),
    "unpool-shape": lambda: model([node("MaxUnpool", "a i s", "y", kernel_shape=[2, 2], strides=[2, 2])], {"a": [1, 1, 2, 2], "i": ([1, 1, 2, 2], T.INT64)}, {"y": None}, {"s": integers(1, 1, 3, 3)}),
    "reverse-axes": lambda: model([node("ReverseSequence", "a n", "y", batch_axis=1, time_axis=1)], {"a": [3, 2], "n": ([2], T.INT64)}, {"y": None}),
    "scatter-axis": lambda: one("TensorScatter", [[1, 2, 4, 3], [1, 2, 2, 3]], None, None, 24, axis=0),
    "scatter-update": lambda: one("TensorScatter", [[1, 2, 4, 3], [1, 2, 5, 3]], None, None, 24),
    "causal-state": lambda: one("CausalConvWithState", [[1, 4, 8], [4, 1, 3], [4], [1, 4, 3]], None, None, 27),
    "einsum-diagonal": lambda: one("Einsum", [[3, 4]], None, equation="ii->i"),
    "einsum-ellipsis": lambda: one("Einsum", [[3, 4]], None, equation="...ijk->..."),
    "lp-exponent": lambda: one("LpPool", [[1, 1, 4, 4]], None, None, 1, kernel_shape=[2, 2], p=1.5),
}

if __name__ == "__main__":
    pathlib.Path(sys.argv[2]).write_bytes(CASES[sys.argv[1]]().SerializeToString())
