"""Softmax and its kin (flattened to 2-D before opset 13), and the normalizations."""
import numpy as np

from case import Const, near, op, scale, uniform

SOFTMAX = [((1, 10), 1), ((4, 65), -1), ((2, 3, 4), 0), ((2, 3, 4), 1), ((2, 3, 4), 2), ((1, 12, 5, 7), 1), ((1, 4, 50, 50), -1), ((7,), 0), ((3, 1), 1)]


def softmax():
    for kind in ("Softmax", "LogSoftmax", "Hardmax"):
        for shape, axis in SOFTMAX:
            x = uniform(f"{kind}{shape}{axis}", shape, low=-6, high=6)
            row = shape[axis] if axis < 0 else int(np.prod(shape[axis:]))
            # exp sees x - max, rounded at up to 12: 12 u relative, the sum adds 2 sqrt(row) u, and each side counts
            tolerance = scale(2 * (12 + 2 * np.sqrt(row) + 8)) if kind == "Softmax" else near(2 * (12 + 2 * np.sqrt(row) + 8))
            if kind == "Hardmax":
                tolerance = scale(0)
            yield op("softmax", kind, [x], tolerance, 13, axis=axis)
            if axis >= 0:
                yield op("softmax", kind, [x], tolerance, 11 if axis else 7, axis=axis)
    x = uniform("default axis", (3, 4, 5), low=-3, high=3)
    for opset in (7, 12, 13):
        yield op("softmax", "Softmax", [x], scale(48), opset)
    huge = np.array([[1000, 999, -1000], [-1e30, -1e30, -2e30], [3e38, -3e38, 0]], np.float32)
    yield op("softmax", "Softmax", [huge], scale(48), 13, axis=1)
    yield op("softmax", "Softmax", [x.astype(np.float16)], scale(48), 13, axis=-1)


def norm():
    for opset in (7, 9, 14, 15):
        for shape in [(1, 16, 5, 6), (2, 7, 4, 4), (3, 9), (2, 5, 8)]:
            name = f"bn{opset}{shape}"
            c = (shape[1],)
            operands = [uniform(name + "s", c), uniform(name + "b", c), uniform(name + "m", c), uniform(name + "v", c, low=0.2, high=2)]
            # folded to a scale and a shift: three roundings of terms up to scale * (|x| + |mean|) / sqrt(0.2)
            attrs = {"epsilon": 1e-3} if shape[0] == 2 else {}
            yield op("normalize", "BatchNormalization", [uniform(name, shape)] + [Const(o) for o in operands], near(32), opset, **attrs)
    for shape in [(2, 3, 4, 5), (6, 7)]:
        parameters = [uniform(f"train{shape}{i}", (shape[1],), low=0.2, high=2) for i in range(4)]
        yield op("normalize", "BatchNormalization", [uniform(f"train{shape}", shape, low=-3, high=3), *parameters], scale(64), 15, outputs=3, training_mode=1, momentum=0.8)
    half = [uniform("bnh", (1, 8, 5, 5), np.float16)] + [Const(uniform(f"bnh{i}", (8,), np.float16, 0.5, 2)) for i in range(4)]
    yield op("normalize", "BatchNormalization", half, near(32), 14)
    for shape in [(1, 6, 9, 9), (2, 19, 7, 5), (1, 4, 30)]:
        name, c = f"in{shape}", (shape[1],)
        operands = [uniform(name, shape), Const(uniform(name + "s", c)), Const(uniform(name + "b", c))]
        yield op("normalize", "InstanceNormalization", operands, scale(64), 6 + 1)
    for shape, axis in [((2, 5, 64), -1), ((1, 197, 96), 2), ((3, 4, 5), 1), ((9, 33), 1), ((2, 3, 4, 6), -2)]:
        name, rest = f"ln{shape}{axis}", shape[axis:]
        x, s, b = uniform(name, shape), uniform(name + "s", rest), uniform(name + "b", rest)
        yield op("normalize", "LayerNormalization", [x, Const(s), Const(b)], scale(64), 17, axis=axis)
        yield op("normalize", "LayerNormalization", [x, Const(s)], scale(64), 17, axis=axis, epsilon=1e-2)
        yield op("normalize", "LayerNormalization", [x, Const(s), Const(b)], scale(64), 17, outputs=3, axis=axis)
    for groups, c in [(2, 8), (3, 9), (1, 5)]:
        operands = [uniform(f"gn{groups}", (2, c, 5, 4)), Const(uniform("gs", (c,))), Const(uniform("gb", (c,)))]
        yield op("normalize", "GroupNormalization", operands, scale(64), 21, num_groups=groups)
    for p, axis in [(2, 1), (1, -1), (2, -1)]:
        yield op("normalize", "LpNormalization", [uniform(f"lp{p}{axis}", (3, 5, 7))], scale(32), 7, p=p, axis=axis)
    yield op("normalize", "MeanVarianceNormalization", [uniform("mvn", (2, 3, 6, 7))], scale(64), 13)
    for size in (3, 5):
        x = uniform(f"lrn{size}", (1, 8, 5, 5), low=-3, high=3)
        yield op("normalize", "LRN", [x], scale(32), 13, size=size, alpha=0.01, beta=0.75, bias=1.5)


def cases():
    yield from softmax()
    yield from norm()
