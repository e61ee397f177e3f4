"""Pointwise functions against libm in double, binary and variadic ops with broadcasting, comparisons, selection, opset changes."""
import math

import numpy as np

from case import EXACT, Const, near, op, ulp, uniform

erf = np.vectorize(math.erf, otypes=[np.float64])


def sigmoid(x):
    return np.where(x >= 0, 1 / (1 + np.exp(-np.abs(x))), np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x))))


def softplus(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


SPECIAL = np.array([0.0, -0.0, 1e-40, -1e-40, 1e-8, -1e-8, 0.5, -0.5, 1, -1, 20, -20, 60, -60, 88, -87, np.inf, -np.inf, np.nan], np.float32)

# op, attributes, the function in double, tolerance, first opset. Functions the emitted code promises within 4 ULP get exactly that.
UNARY = [
    ("Exp", {}, np.exp, ulp(4), 6), ("Tanh", {}, np.tanh, ulp(4), 6), ("Erf", {}, erf, ulp(4), 9), ("Sigmoid", {}, sigmoid, ulp(4), 6),
    ("Relu", {}, lambda x: np.maximum(x, 0), EXACT, 6),
    ("LeakyRelu", {}, lambda x: np.where(x < 0, np.float32(0.01) * x, x), ulp(1), 6),
    ("LeakyRelu", {"alpha": 0.2}, lambda x: np.where(x < 0, np.float64(np.float32(0.2)) * x, x), ulp(1), 16),
    ("Elu", {"alpha": 0.7}, lambda x: np.where(x < 0, 0.7 * np.expm1(x), x), near(8), 6),
    ("Selu", {}, lambda x: 1.0507009873554805 * np.where(x < 0, 1.6732632423543772 * np.expm1(x), x), near(16), 6),
    ("Celu", {"alpha": 2.0}, lambda x: np.maximum(x, 0) + np.minimum(0, 2 * np.expm1(x / 2)), near(12), 12),
    ("HardSigmoid", {}, lambda x: np.clip(0.2 * x + 0.5, 0, 1), near(4), 6),
    ("HardSigmoid", {"alpha": 1 / 6, "beta": 0.5}, lambda x: np.clip(x / 6 + 0.5, 0, 1), near(4), 6),
    ("HardSwish", {}, lambda x: x * np.clip(x / 6 + 0.5, 0, 1), near(8), 14),
    ("Softplus", {}, softplus, near(8), 1), ("Softsign", {}, lambda x: x / (1 + np.abs(x)), ulp(4), 1),
    ("Mish", {}, lambda x: x * np.tanh(softplus(x)), near(16), 18),
    ("Gelu", {}, lambda x: 0.5 * x * (1 + erf(x / np.sqrt(2))), near(8), 20),
    ("Gelu", {"approximate": "tanh"}, lambda x: 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))), near(16), 20),
    ("ThresholdedRelu", {"alpha": 0.5}, lambda x: np.where(x > 0.5, x, 0), EXACT, 10),
    ("Abs", {}, np.abs, EXACT, 6), ("Neg", {}, np.negative, EXACT, 6), ("Sign", {}, np.sign, EXACT, 9),
    ("Ceil", {}, np.ceil, EXACT, 6), ("Floor", {}, np.floor, EXACT, 6), ("Round", {}, np.round, EXACT, 11),
    ("Identity", {}, lambda x: x, EXACT, 13),
]
POSITIVE = [("Sqrt", np.sqrt, ulp(1)), ("Log", np.log, ulp(4)), ("Reciprocal", lambda x: 1 / x, ulp(1))]

SHAPES = [  # left, right
    ((2, 3, 4, 5), (2, 3, 4, 5)), ((2, 3, 4, 5), (5,)), ((2, 3, 4, 5), ()), ((1, 16, 6, 7), (1, 16, 1, 1)), ((1, 17, 6, 7), (17, 1, 1)),
    ((1, 16, 6, 7), (1, 1, 6, 7)), ((1, 16, 6, 7), (6, 1)), ((3, 1, 5), (4, 1)), ((1, 3, 1), (4, 1, 5)), ((), ()), ((7,), (1,)),
    ((1, 1, 1, 1), (2, 9, 3, 3)), ((2, 1, 4, 1, 3), (1, 5, 1, 6, 1)), ((33,), (33,)), ((4, 196, 64), (196, 64)),
]
EXACT_BINARY = ["Add", "Sub", "Mul", "Div"]
COMPARE = ["Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual"]


def unary():
    for kind, attrs, function, tolerance, since in UNARY:
        x = np.concatenate([uniform(kind, (700,), low=-12, high=12), uniform(kind + "s", (300,), low=-1, high=1), SPECIAL]).astype(np.float32)
        x = np.pad(x, (0, 7)).reshape(1, 2, 27, 19)
        opset = max(7, since) if since != 6 else 13
        with np.errstate(all="ignore"):
            truth = function(x.astype(np.float64))
        # At the infinities x * f(x) may be nan in either form, which ONNX leaves open; below the normal range ULP says nothing.
        ok = np.isfinite(x) & np.isfinite(truth) & ((np.abs(truth) >= 2.0**-126) | (truth == 0)) | (tolerance.kind in ("exact", "ulp")) & ~np.isfinite(truth)
        x = np.where(ok, x, np.float32(0.75))
        with np.errstate(all="ignore"):
            truth = function(x.astype(np.float64))
            yield op("pointwise", kind, [x], tolerance, opset, truth=[truth.astype(np.float64)], **attrs)
        half = uniform(kind + "h", (3, 35), np.float16, -6, 6)
        if kind not in ("Celu", "Gelu", "Mish", "HardSwish"):
            # ONNX Runtime takes some of these apart into f16 steps, each rounded: the truth is the better reference
            yield op("pointwise", kind, [half], tolerance, opset, truth=[function(half.astype(np.float64))], **attrs)
    for kind, function, tolerance in POSITIVE:
        x = np.concatenate([uniform(kind, (200,), low=1e-3, high=4), np.exp(uniform(kind + "e", (57,), low=-60, high=60))]).astype(np.float32)
        yield op("pointwise", kind, [x], tolerance, 13, truth=[function(x.astype(np.float64))])


def binary():
    for i, (a, b) in enumerate(SHAPES):
        for j, kind in enumerate(EXACT_BINARY):
            name = f"{kind}{a}{b}"
            x, y = uniform(name, a), uniform(name + "b", b, low=0.5, high=2)
            right = Const(y) if (i + j) % 2 else y
            yield op("pointwise", kind, [x, right], EXACT, (7, 13, 14)[j % 3])
            if i in (1, 3, 7):  # the other side is the constant or the smaller one
                yield op("pointwise", kind, [Const(y), x] if j % 2 else [y, x], EXACT, 13)
    for kind in EXACT_BINARY:
        yield op("pointwise", kind, [uniform(kind, (2, 5, 9), np.float16), uniform(kind + "b", (9,), np.float16, 0.5, 2)], EXACT, 13)
        for dtype in (np.int32, np.int64):
            yield op("pointwise", kind, [uniform(kind, (3, 9), dtype), uniform(kind + "b", (9,), dtype, 1, 9)], EXACT, 13)
    for shape in [(2, 3, 17), (17,), ()]:
        base = uniform(f"pow{shape}", (2, 3, 17), low=0.1, high=4)
        yield op("pointwise", "Pow", [base, uniform(f"powe{shape}", shape, low=-3, high=3)], ulp(24), 13)
    for exponent in (2.0, 3.0, 0.5, -1.0, 1.0, 0.0):
        yield op("pointwise", "Pow", [uniform(f"pow{exponent}", (5, 7), low=0.1 if exponent == 0.5 else 0.2, high=3), Const(np.float32(exponent))], ulp(8), 12)
    yield op("pointwise", "Pow", [uniform("squares", (5, 7), low=-3, high=3), Const(np.float32(2))], ulp(4), 7)
    for exponent in (2, 0.5, 2.5, 7.0, 1e30):  # of integers: in double precision, then cut
        yield op("pointwise", "Pow", [np.arange(0 if exponent < 9 else -1, 20 if exponent < 9 else 2, dtype=np.int64), Const(np.float32(exponent))], EXACT, 13)
    for slope in [(1,), (6, 1, 1), (1, 6, 5, 5)]:
        yield op("pointwise", "PRelu", [uniform(f"prelu{slope}", (1, 6, 5, 5)), Const(uniform(f"slope{slope}", slope))], EXACT, 9)
    for dtype in (np.float32, np.int32):
        for fmod in ([0, 1] if dtype != np.float32 else [1]):
            yield op("pointwise", "Mod", [uniform("mod", (4, 9), dtype, -20, 20), uniform("modb", (9,), dtype, 1, 7)], EXACT, 13, fmod=fmod)


def compare():
    for i, kind in enumerate(COMPARE):
        for dtype in (np.float32, np.int64, np.int32):
            x, y = uniform(kind, (4, 6, 7), dtype), uniform(kind + "b", (6, 1), dtype)
            if dtype == np.float32:
                x, y = np.round(x * 2) / 2, np.round(y * 2) / 2
            yield op("pointwise", kind, [x, Const(y) if i % 2 else y], EXACT, 19 if i % 2 else 16)
    for kind in ("And", "Or", "Xor"):
        yield op("pointwise", kind, [uniform(kind, (4, 7), bool), uniform(kind + "b", (7,), bool)], EXACT, 7)
    yield op("pointwise", "Not", [uniform("not", (4, 7), bool)], EXACT, 7)
    for a, b, c in [((4, 7), (4, 7), (4, 7)), ((7,), (4, 1), ()), ((2, 1, 1), (3, 1), (5,)), ((1, 9, 1, 1), (1, 9, 4, 4), (1,))]:
        for dtype in (np.float32, np.int64):
            yield op("pointwise", "Where", [uniform(f"where{a}{b}", a, bool), uniform("wx", b, dtype), uniform("wy", c, dtype)], EXACT, 16)
    for kind in ("Min", "Max", "Sum", "Mean"):
        for count in (1, 2, 3, 5):
            operands = [uniform(f"{kind}{i}", ((4, 6), (6,), (4, 1), (), (2, 1, 6))[i]) for i in range(count)]
            yield op("pointwise", kind, operands, EXACT if kind in ("Min", "Max") or count < 3 else near(8), 8 if count % 2 else 13)
    yield op("pointwise", "Max", [uniform("maxi", (9,), np.int64), uniform("maxj", (3, 1), np.int64)], EXACT, 13)


def clip():
    x = uniform("clip", (2, 3, 11), low=-9, high=9)
    yield op("pointwise", "Clip", [x], EXACT, 6 + 1, min=0.0, max=6.0)
    yield op("pointwise", "Clip", [x], EXACT, 10, min=-1.5)
    yield op("pointwise", "Clip", [x], EXACT, 10)
    for opset in (11, 12, 13):
        yield op("pointwise", "Clip", [x, Const(np.float32(-1)), Const(np.float32(4.5))], EXACT, opset)
    yield op("pointwise", "Clip", [x, None, Const(np.float32(2))], EXACT, 13)
    yield op("pointwise", "Clip", [x, Const(np.float32(2))], EXACT, 13)
    yield op("pointwise", "Clip", [x, np.float32(-2).reshape(()), np.float32(3).reshape(())], EXACT, 13)
    yield op("pointwise", "Clip", [x.astype(np.float16), Const(np.float16(-2)), Const(np.float16(3))], EXACT, 13)
    yield op("pointwise", "Clip", [uniform("clipi", (30,), np.int64), Const(np.int64(-3)), Const(np.int64(4))], EXACT, 13)
    for opset in (7, 10, 12, 13):
        yield op("pointwise", "Dropout", [x], EXACT, opset)


def cases():
    yield from unary()
    yield from binary()
    yield from compare()
    yield from clip()
