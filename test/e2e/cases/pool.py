"""Pooling: windows, strides, pads, ceil mode, dilation, padding counted or not, global."""
import numpy as np

from case import EXACT, op, sum_of, uniform

WINDOWS = [
    ((1, 8, 10, 12), {"kernel_shape": [2, 2], "strides": [2, 2]}),
    ((1, 19, 9, 9), {"kernel_shape": [3, 3], "strides": [2, 2]}),
    ((1, 16, 13, 15), {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1]}),
    ((1, 5, 8, 8), {"kernel_shape": [3, 3], "strides": [1, 1], "pads": [1, 1, 1, 1]}),
    ((1, 5, 8, 8), {"kernel_shape": [5, 5], "pads": [2, 2, 2, 2]}),
    ((1, 5, 7, 9), {"kernel_shape": [2, 3], "strides": [3, 2], "pads": [0, 1, 1, 2]}),
    ((2, 3, 8, 8), {"kernel_shape": [8, 8]}),
    ((1, 3, 7, 7), {"kernel_shape": [1, 1], "strides": [2, 2]}),
    ((1, 5, 10, 11), {"kernel_shape": [3, 3], "strides": [2, 2], "auto_pad": "SAME_UPPER"}),
    ((1, 5, 10, 11), {"kernel_shape": [2, 4], "strides": [3, 3], "auto_pad": "SAME_LOWER"}),
    ((1, 5, 10, 11), {"kernel_shape": [3, 3], "auto_pad": "VALID"}),
    ((1, 6, 20), {"kernel_shape": [4], "strides": [3], "pads": [1, 1]}),
]
CEIL = [
    ((1, 6, 10, 10), {"kernel_shape": [3, 3], "strides": [2, 2], "ceil_mode": 1}),
    ((1, 6, 7, 8), {"kernel_shape": [2, 2], "strides": [2, 2], "ceil_mode": 1}),
    ((1, 6, 7, 7), {"kernel_shape": [3, 3], "strides": [3, 3], "pads": [1, 1, 1, 1], "ceil_mode": 1}),
]
DILATED = [((1, 4, 12, 12), {"kernel_shape": [3, 3], "dilations": [2, 2], "strides": [2, 1]})]


def cases():
    for shape, attrs in WINDOWS + CEIL + DILATED:
        name = f"{shape}{attrs}"
        area = int(np.prod(attrs["kernel_shape"]))
        old = "ceil_mode" not in attrs and "dilations" not in attrs
        x = uniform(name, shape)
        yield op("pool", "MaxPool", [x], EXACT, 17 if attrs["kernel_shape"][0] % 2 else 12, **attrs)
        if "dilations" not in attrs:
            yield op("pool", "AveragePool", [x], sum_of(area), 11, **attrs)
            if "pads" in attrs:
                yield op("pool", "AveragePool", [x], sum_of(area), 19, count_include_pad=1, **attrs)
        if old and "pads" in attrs:
            yield op("pool", "MaxPool", [x], EXACT, 8, **attrs)
            yield op("pool", "AveragePool", [x], sum_of(area), 7, **attrs)
    yield op("pool", "MaxPool", [-1 - uniform("neg", (1, 4, 6, 6))], EXACT, 17, kernel_shape=[3, 3], pads=[1, 1, 1, 1])
    yield op("pool", "MaxPool", [uniform("h", (1, 9, 8, 8), np.float16)], EXACT, 17, kernel_shape=[3, 3], strides=[2, 2])
    yield op("pool", "MaxPool", [uniform("u", (1, 9, 8, 8), np.uint8)], EXACT, 17, kernel_shape=[2, 2], strides=[2, 2])
    for shape in [(1, 19, 7, 7), (2, 64, 5, 3), (1, 3, 1, 1), (1, 4, 9)]:
        for dtype in (np.float32,) if len(shape) == 3 else (np.float32, np.float16):
            x = uniform(f"global{shape}", shape, dtype)
            yield op("pool", "GlobalAveragePool", [x], sum_of(int(np.prod(shape[2:]))))
            yield op("pool", "GlobalMaxPool", [x])
