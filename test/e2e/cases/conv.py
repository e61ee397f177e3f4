"""Convolutions: plain, grouped, depthwise, dilated, 1-D and 3-D where supported, transposed; on constant weights."""
import numpy as np

from case import Const, convolution, op, sum_of, uniform

# name, input, weight, attributes. Channel counts straddle the register tiles (6x16, 6x64) and leave tails.
PLAIN = [
    ("1x1", (1, 8, 5, 7), (16, 8, 1, 1), {}),
    ("1x1 tails", (1, 13, 9, 11), (67, 13, 1, 1), {}),
    ("1x1 strided", (1, 16, 9, 10), (24, 16, 1, 1), {"strides": [2, 2]}),
    ("1x1 padded", (1, 4, 5, 5), (8, 4, 1, 1), {"pads": [1, 1, 1, 1]}),
    ("1x1 one pixel", (1, 70, 1, 1), (130, 70, 1, 1), {}),
    ("one channel", (1, 1, 28, 28), (8, 1, 5, 5), {"pads": [2, 2, 2, 2]}),
    ("one output", (1, 17, 6, 6), (1, 17, 3, 3), {"pads": [1, 1, 1, 1]}),
    ("stem", (1, 3, 33, 35), (32, 3, 7, 7), {"strides": [2, 2], "pads": [3, 3, 3, 3]}),
    ("planes", (1, 3, 20, 70), (8, 3, 3, 3), {"strides": [2, 2], "pads": [1, 1, 1, 1]}),
    ("planes, batch", (2, 2, 19, 33), (24, 2, 3, 3), {"pads": [1, 1, 1, 1]}),
    ("planes, tails", (1, 1, 9, 150), (17, 1, 3, 9), {"strides": [2, 4], "pads": [2, 1, 0, 3]}),
    ("planes, wide pads", (1, 4, 5, 18), (12, 4, 2, 4), {"dilations": [1, 2], "pads": [1, 20, 0, 9]}),
    ("planes, 1-D", (1, 1, 100), (16, 1, 11), {"strides": [3], "pads": [5, 5]}),
    ("3x3", (1, 16, 14, 14), (32, 16, 3, 3), {"pads": [1, 1, 1, 1]}),
    ("3x3 valid", (1, 16, 13, 15), (33, 16, 3, 3), {}),
    ("3x3 wide", (1, 64, 7, 7), (128, 64, 3, 3), {"pads": [1, 1, 1, 1]}),
    ("3x3 tiles of 4", (1, 33, 8, 7), (67, 33, 3, 3), {"pads": [1, 1, 1, 1]}),
    ("3x3 tiles of 6", (1, 33, 38, 43), (70, 33, 3, 3), {"pads": [1, 1, 1, 1]}),
    ("3x3 tiles, few channels", (1, 12, 31, 50), (5, 12, 3, 3), {"pads": [1, 1, 1, 1]}),
    ("3x3 tiles, batch", (2, 40, 13, 11), (48, 40, 3, 3), {"pads": [1, 1, 1, 1]}),
    ("3x3 tiles, wide pads", (1, 32, 9, 10), (32, 32, 3, 3), {"pads": [4, 0, 3, 5]}),
    ("3x3 strided", (1, 10, 15, 16), (20, 10, 3, 3), {"strides": [2, 2], "pads": [1, 1, 1, 1]}),
    ("3x3 asymmetric stride", (1, 5, 12, 13), (6, 5, 3, 3), {"strides": [2, 1], "pads": [1, 0, 1, 0]}),
    ("3x3 asymmetric pads", (1, 5, 12, 13), (6, 5, 3, 3), {"pads": [0, 1, 2, 3]}),
    ("batch", (3, 6, 8, 8), (10, 6, 3, 3), {"pads": [1, 1, 1, 1]}),
    ("kernel covers all", (1, 12, 5, 6), (9, 12, 5, 6), {}),
    ("pads beyond the input", (1, 3, 2, 2), (4, 3, 5, 5), {"pads": [3, 3, 3, 3]}),
    ("dilated", (1, 8, 17, 17), (8, 8, 3, 3), {"dilations": [2, 2], "pads": [2, 2, 2, 2]}),
    ("dilated far", (1, 4, 9, 9), (16, 4, 3, 3), {"dilations": [4, 3], "pads": [4, 3, 4, 3]}),
    ("dilated strided", (1, 4, 20, 21), (5, 4, 3, 2), {"dilations": [2, 3], "strides": [3, 2], "pads": [1, 2, 2, 1]}),
    ("1x7", (1, 6, 9, 12), (7, 6, 1, 7), {"pads": [0, 3, 0, 3]}),
    ("7x1", (1, 6, 9, 12), (7, 6, 7, 1), {"pads": [3, 0, 3, 0]}),
    ("2x2 even", (1, 6, 8, 9), (8, 6, 2, 2), {"strides": [2, 2]}),
    ("stride beyond kernel", (1, 6, 11, 11), (8, 6, 2, 2), {"strides": [3, 3]}),
    ("same upper", (1, 5, 10, 11), (6, 5, 3, 3), {"auto_pad": "SAME_UPPER", "strides": [2, 2]}),
    ("same lower", (1, 5, 10, 11), (6, 5, 4, 4), {"auto_pad": "SAME_LOWER", "strides": [2, 3]}),
    ("auto valid", (1, 5, 10, 11), (6, 5, 3, 3), {"auto_pad": "VALID"}),
    ("grouped", (1, 12, 9, 9), (18, 4, 3, 3), {"group": 3, "pads": [1, 1, 1, 1]}),
    ("grouped 1x1", (1, 64, 6, 6), (64, 16, 1, 1), {"group": 4}),
    ("grouped uneven tails", (1, 15, 5, 5), (35, 3, 3, 3), {"group": 5}),
    ("depthwise", (1, 32, 14, 14), (32, 1, 3, 3), {"group": 32, "pads": [1, 1, 1, 1]}),
    ("depthwise tails", (1, 19, 13, 15), (19, 1, 3, 3), {"group": 19, "pads": [1, 1, 1, 1]}),
    ("depthwise strided", (1, 24, 15, 16), (24, 1, 3, 3), {"group": 24, "strides": [2, 2], "pads": [1, 1, 1, 1]}),
    ("depthwise 5x5", (1, 17, 12, 12), (17, 1, 5, 5), {"group": 17, "strides": [2, 2], "pads": [2, 2, 2, 2]}),
    ("depthwise dilated", (1, 16, 17, 17), (16, 1, 3, 3), {"group": 16, "dilations": [4, 4], "pads": [4, 4, 4, 4]}),
    ("depthwise multiplier", (1, 8, 10, 10), (24, 1, 3, 3), {"group": 8, "pads": [1, 1, 1, 1]}),
    ("depthwise valid narrow", (1, 5, 4, 3), (5, 1, 3, 3), {"group": 5}),
    ("conv1d", (2, 6, 20), (8, 6, 5), {"strides": [2], "pads": [1, 2]}),
    ("conv1d depthwise", (1, 9, 30), (9, 1, 3), {"group": 9, "dilations": [2], "pads": [2, 2]}),
]

TRANSPOSED = [
    ("2x2 stride 2", (1, 8, 5, 6), (8, 12, 2, 2), {"strides": [2, 2]}),
    ("3x3 stride 2", (1, 6, 5, 7), (6, 10, 3, 3), {"strides": [2, 2], "pads": [1, 1, 1, 1], "output_padding": [1, 1]}),
    ("4x4 stride 2", (1, 7, 6, 6), (7, 9, 4, 4), {"strides": [2, 2], "pads": [1, 1, 1, 1]}),
    ("stride 1", (1, 5, 6, 6), (5, 4, 3, 3), {"pads": [0, 1, 1, 0]}),
    ("stride beyond kernel", (1, 5, 4, 4), (5, 4, 2, 2), {"strides": [3, 3]}),
    ("grouped", (1, 8, 5, 5), (8, 3, 3, 3), {"group": 2, "strides": [2, 2]}),
    ("depthwise", (1, 6, 5, 5), (6, 1, 4, 4), {"group": 6, "strides": [2, 2], "pads": [1, 1, 1, 1]}),
    ("dilated", (1, 4, 5, 5), (4, 4, 3, 3), {"dilations": [2, 2]}),
    ("output shape", (1, 4, 5, 5), (4, 6, 3, 3), {"strides": [2, 2], "output_shape": [10, 10]}),
    ("same upper", (1, 4, 5, 6), (4, 6, 3, 3), {"strides": [2, 2], "auto_pad": "SAME_UPPER"}),
    ("batch", (2, 3, 4, 4), (3, 17, 2, 2), {"strides": [2, 2]}),
]


def conv(name, xs, ws, attrs, opset=17, bias=True, dtype=np.float32):
    tolerance = convolution(ws, attrs)
    operands = [uniform(name, xs, dtype), Const(uniform(name + "w", ws, dtype))]
    operands += [Const(uniform(name + "b", ws[:1], dtype))] if bias else []
    return op("conv", "Conv", operands, tolerance, opset, **attrs)


def transposed(name, xs, ws, attrs, opset=17, bias=True):
    k = int(ws[0] // attrs.get("group", 1) * np.prod(ws[2:]))
    operands = [uniform(name, xs), Const(uniform(name + "w", ws))]
    operands += [Const(uniform(name + "b", (ws[1] * attrs.get("group", 1),)))] if bias else []
    return op("conv", "ConvTranspose", operands, sum_of(k), opset, **attrs)


def cases():
    for name, xs, ws, attrs in PLAIN:
        yield conv(name, xs, ws, attrs)
    for index in (0, 8, 10, 29, 31):  # without bias, older opset
        name, xs, ws, attrs = PLAIN[index]
        yield conv(name + " nobias", xs, ws, attrs, opset=11 if index % 2 else 9, bias=False)
    for index in (0, 8, 27, 31):
        name, xs, ws, attrs = PLAIN[index]
        yield conv(name + " f16", xs, ws, attrs, dtype=np.float16)
    for name, xs, ws, attrs in TRANSPOSED:
        yield transposed(name, xs, ws, attrs)
    name, xs, ws, attrs = TRANSPOSED[0]
    yield transposed(name + " nobias", xs, ws, attrs, opset=9, bias=False)
