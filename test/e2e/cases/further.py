"""Operators and forms that the other tables leave out: trigonometry, bits, old opsets, Einsum, norms of pools, resizing policies."""
import numpy as np
from onnx import TensorProto as T
from onnx import helper

from case import EXACT, Case, Const, model_of, op, rng, scale, sum_of, ulp, uniform

f32, i64 = np.float32, np.int64
wide = np.float64

# The vector functions state at most 4 ULP; the truth is computed in f64.
TRIGONOMETRY = {
    "Sin": (np.sin, -9, 9), "Cos": (np.cos, -9, 9), "Tan": (np.tan, -1.5, 1.5), "Asin": (np.arcsin, -1, 1), "Acos": (np.arccos, -1, 1),
    "Atan": (np.arctan, -9, 9), "Sinh": (np.sinh, -5, 5), "Cosh": (np.cosh, -5, 5), "Asinh": (np.arcsinh, -9, 9),
    "Acosh": (np.arccosh, 1, 9), "Atanh": (np.arctanh, -0.95, 0.95),
}
EINSUMS = [
    ("ij,jk", 4), ("bij,bjk->bki", 4), ("bhqd,bhkd->bhqk", 5), ("bi,bj->bij", 1), ("i,i->", 3), ("bij->bj", 3), ("ij,ij->i", 4),
    ("bij,kj->bik", 4), ("ab,cb->ca", 2), ("bij->jib", 1), ("ij, jk, kl -> il", 24),
]
SIZES = dict(zip("abcdhijklq", (2, 2, 5, 5, 3, 3, 4, 6, 2, 4)))


def einsum(equation, count):
    terms = equation.replace(" ", "").split("->")[0].split(",")
    tensors = [uniform(f"{equation}{i}", [SIZES[c] for c in term]) for i, term in enumerate(terms)]
    return op("further", "Einsum", tensors, sum_of(count) if count > 1 else EXACT if len(tensors) == 1 else ulp(1), 13, equation=equation)


def branch(taken):
    """If whose condition follows from a shape, as exporters leave it around a squeeze."""
    x = uniform("branch", (1, 3, 4))

    def side(kind, *nodes):
        return helper.make_graph(list(nodes), kind, [], [helper.make_tensor_value_info("inside", T.FLOAT, None)])

    axes = helper.make_node("Constant", [], ["axes"], value_ints=[0])
    squeeze = side("squeeze", axes, helper.make_node("Squeeze", ["x", "axes"], ["inside"]))
    identity = side("identity", helper.make_node("Identity", ["x"], ["inside"]))
    nodes = [
        helper.make_node("Shape", ["x"], ["shape"]),
        helper.make_node("Gather", ["shape", "index"], ["dim"]),
        helper.make_node("Equal", ["dim", "one"], ["is_one"]),
        helper.make_node("If", ["is_one"], ["y"], then_branch=squeeze, else_branch=identity),
    ]
    constants = {"index": np.array(0 if taken else 1, i64), "one": np.array(1, i64)}
    return Case("further", f"If taken={taken}", model_of(nodes, {"x": x}, ["y"], constants, 13), {"x": x}, EXACT)


def bits():
    bytes_ = uniform("bytes", (3, 7), np.uint8)
    for direction in ("LEFT", "RIGHT"):
        yield op("further", "BitShift", [bytes_, uniform("shifts", (7,), np.uint8, 0, 7)], EXACT, 13, direction=direction)
    for kind in ("BitwiseAnd", "BitwiseOr", "BitwiseXor"):
        yield op("further", kind, [uniform("bits", (3, 7), np.int32), uniform("mask", (7,), np.int32)], EXACT, 18)
    yield op("further", "BitwiseNot", [uniform("bits", (3, 7), np.int32)], EXACT, 18)
    special = np.array([np.inf, -np.inf, np.nan, 0, 1], f32)
    for negative, positive in ((1, 1), (1, 0), (0, 1)):
        yield op("further", "IsInf", [special], EXACT, 13, detect_negative=negative, detect_positive=positive)
    yield op("further", "CastLike", [uniform("like", (3, 4), low=-3, high=3), Const(np.array([0], i64))], EXACT, 19)
    yield op("further", "Shrink", [uniform("shrink", (3, 7))], ulp(1), 9, lambd=0.3, bias=0.2)
    yield from n_grams()
    yield op("further", "EyeLike", [uniform("eye", (3, 4))], EXACT, 9, k=-1, dtype=T.INT32)
    # e^-1.5x multiplies the rounding of its argument, at most 6, by as much; sigmoid states 3 ULP.
    x = uniform("swish", (3, 7), low=-4, high=4)
    yield op("further", "Swish", [x], ulp(8), 24, truth=[x / (1 + np.exp(-1.5 * x.astype(wide)))], alpha=1.5)


def pools_and_resizes():
    x = uniform("pool", (1, 2, 7, 7))
    yield op("further", "LpPool", [x], scale(16), 13, kernel_shape=[3, 3], pads=[1, 1, 1, 1], p=3)
    for p in (1, 2, 3):
        yield op("further", "GlobalLpPool", [x], scale(4 * 7), 13, p=p)
    for pad in ("SAME_UPPER", "SAME_LOWER", "VALID"):
        even = uniform("even", (1, 2, 8, 9))
        yield op("further", "MaxPool", [even], EXACT, 11, kernel_shape=[3, 2], strides=[2, 2], auto_pad=pad, ceil_mode=1)
        weight = Const(uniform("deconv", (2, 3, 3, 3)))
        yield op("further", "ConvTranspose", [uniform("small", (1, 2, 4, 5)), weight], sum_of(18), 11, strides=[2, 3], auto_pad=pad)
    yield op("further", "ConvTranspose", [uniform("small", (1, 2, 4, 5)), weight], sum_of(18), 11, strides=[2, 3], output_shape=[8, 14])
    image = uniform("image", (1, 2, 5, 8))
    for policy in ("not_larger", "not_smaller"):
        operands = [image, None, None, Const(np.array([11, 9], i64))]
        yield op("further", "Resize", operands, scale(16), 19, axes=[2, 3], mode="linear", keep_aspect_ratio_policy=policy)
    for mode in ("nearest", "linear"):
        tolerance = EXACT if mode == "nearest" else scale(16)
        yield op("further", "Upsample", [image], tolerance, 7, scales=[1.0, 1.0, 2.0, 3.0], mode=mode)
        yield op("further", "Upsample", [image, Const(np.array([1, 1, 2, 2], f32))], tolerance, 9, mode=mode)
        yield op("further", "Resize", [image, Const(np.array([1, 1, 0.6, 0.5], f32))], tolerance, 10, mode=mode)


def old_and_new():
    x = uniform("scatter", (3, 4))
    yield op("further", "Scatter", [x, Const(np.array([[1, 2]], i64)), Const(np.array([[5, 6]], f32))], EXACT, 10, axis=1)
    rows = uniform("rows", (2, 3, 4))
    yield op("further", "Hardmax", [rows], EXACT, 11)
    yield op("further", "LogSoftmax", [rows], scale(16), 12, axis=0)
    yield op("further", "Split", [uniform("split", (2, 7, 4))], EXACT, 18, outputs=4, axis=1, num_outputs=4)
    yield op("further", "LpNormalization", [uniform("lp", (3, 7))], scale(24), 13, p=1, axis=0)
    yield op("further", "RMSNormalization", [x, Const(uniform("rms", (4,)))], scale(16), 23)
    for k in (-1, 0, 2):
        for upper in (0, 1):
            yield op("further", "Trilu", [uniform("trilu", (2, 5, 6)), Const(np.array(k, i64))], EXACT, 14, upper=upper)


def n_grams():
    """Words from few and far between, n-grams of one to three of them, in TfIdfVectorizer's three modes."""
    words = np.array([-(2**63), -7, 0, 3, 4, 2**40, 2**63 - 1], i64)
    random = rng("n-grams")
    pools = [sorted({tuple(map(int, random.choice(words, length))) for _ in range(9)}) for length in (1, 2, 3)]
    starts = np.cumsum([0, *(len(pool) * (i + 1) for i, pool in enumerate(pools[:-1]))]).tolist()
    count = sum(map(len, pools))
    for mode, skip in (("TF", 0), ("IDF", 2), ("TFIDF", 1)):
        yield op("further", "TfIdfVectorizer", [random.choice(words, (3, 40))], ulp(1), 9, mode=mode, min_gram_length=1, max_gram_length=3, max_skip_count=skip,
                 ngram_counts=starts, ngram_indexes=random.permutation(count).tolist(), pool_int64s=[word for pool in pools for gram in pool for word in gram],
                 weights=random.uniform(0.5, 2, count).astype(f32).tolist())


def cases():
    for kind, (function, low, high) in TRIGONOMETRY.items():
        x = uniform(kind, (5, 33), low=low, high=high)
        yield op("further", kind, [x], ulp(4), 13, truth=[function(x.astype(wide))])
    yield from bits()
    yield from pools_and_resizes()
    yield from old_and_new()
    for equation, count in EINSUMS:
        yield einsum(equation, count)
    for taken in (True, False):
        yield branch(taken)
