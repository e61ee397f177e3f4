"""The operators that bench/ops.py times, on sizes at which the work outweighs the call: maps of 64x56x56, matrices of 256x1024 or 512x512,
vectors of a million elements. f32 where the operator takes it. A row is a case of test/e2e/case.py: arrays are inputs, Const known when compiling."""
import numpy as np
from onnx import TensorProto as T
from onnx import helper

from case import EXACT, Const, op, uniform
from cases.trees import complete, tree_attributes

f32, i32, i64, u8, i8 = np.float32, np.int32, np.int64, np.uint8, np.int8
MAP, MATRIX, VECTOR = (1, 64, 56, 56), (256, 1024), (1 << 20,)

# Their result is known when compiling, or their time is that of the graphs they hold: there is nothing to time.
COMPILE_TIME = {"BlackmanWindow", "Constant", "ConstantOfShape", "EyeLike", "HammingWindow", "HannWindow", "If", "Loop", "MelWeightMatrix", "Range",
                "Scan", "Shape", "Size"}
# Retired names of operators that are timed under their new one.
RETIRED = {"Scatter": "ScatterElements", "Upsample": "Resize"}


def ints(*values):
    return Const(np.array(values, i64))


def data(name, shape, dtype=f32, low=-1.0, high=1.0):
    return uniform(f"bench {name}", shape, dtype, low, high)


def case(kind, *operands, opset=17, outputs=1, domain="", version=1, attributes=None, **attrs):
    """`attributes`: those whose name is one of these parameters; `version`: of the domain, if it is not ONNX's."""
    made = op("bench", kind, list(operands), EXACT, opset, outputs, domain, **attrs)
    made.kind = f"{domain}.{kind}" if domain else kind
    made.name = f"{domain}.{made.name}" if domain else made.name
    made.model.graph.node[0].attribute.extend(helper.make_attribute(k, v) for k, v in (attributes or {}).items())
    if domain:
        made.model.opset_import.append(helper.make_opsetid(domain, version))
    return made


UNARY = {  # name: opset, lowest and highest input
    "Abs": (13, -1, 1), "Acos": (7, -1, 1), "Acosh": (9, 1, 9), "Asin": (7, -1, 1), "Asinh": (9, -9, 9), "Atan": (7, -9, 9), "Atanh": (9, -0.9, 0.9),
    "Ceil": (13, -9, 9), "Celu": (12, -3, 3), "Cos": (7, -9, 9), "Cosh": (9, -5, 5), "Elu": (6, -3, 3), "Erf": (13, -3, 3), "Exp": (13, -5, 5),
    "Floor": (13, -9, 9), "Gelu": (20, -3, 3), "HardSigmoid": (6, -4, 4), "HardSwish": (14, -4, 4), "Identity": (16, -1, 1), "IsInf": (10, -1, 1),
    "IsNaN": (13, -1, 1), "LeakyRelu": (16, -1, 1), "Log": (13, 0.1, 9), "Mish": (18, -4, 4), "Neg": (13, -1, 1), "Reciprocal": (13, 0.1, 9),
    "Relu": (14, -1, 1), "Round": (11, -9, 9), "Selu": (6, -3, 3), "Shrink": (9, -2, 2), "Sigmoid": (13, -6, 6), "Sign": (13, -1, 1),
    "Sin": (7, -9, 9), "Sinh": (9, -5, 5), "Softplus": (1, -6, 6), "Softsign": (1, -4, 4), "Sqrt": (13, 0, 9), "Swish": (24, -6, 6),
    "Tan": (7, -1.5, 1.5), "Tanh": (13, -4, 4), "ThresholdedRelu": (10, -2, 2),
}


def pointwise():
    for kind, (opset, low, high) in UNARY.items():
        yield case(kind, data(kind, VECTOR, low=low, high=high), opset=opset)
    for kind in ("Add", "Sub", "Mul", "Div", "Max", "Min", "Sum", "Mean"):
        yield case(kind, data("a", VECTOR, low=0.1), data("b", VECTOR, low=0.1))
    yield case("Add", data("a", MAP), data("c", (64, 1, 1)))
    yield case("Mul", data("a", MATRIX), data("row", MATRIX[1:]))
    for kind in ("Less", "LessOrEqual", "Greater", "GreaterOrEqual", "Equal"):
        yield case(kind, data("a", VECTOR), data("b", VECTOR))
    for kind in ("And", "Or", "Xor"):
        yield case(kind, data("a", VECTOR, bool), data("b", VECTOR, bool))
    yield case("Not", data("a", VECTOR, bool))
    for kind in ("BitwiseAnd", "BitwiseOr", "BitwiseXor"):
        yield case(kind, data("a", VECTOR, i32, 0, 1000), data("b", VECTOR, i32, 0, 1000), opset=18)
    yield case("BitwiseNot", data("a", VECTOR, i32, 0, 1000), opset=18)
    yield case("BitShift", data("a", VECTOR, np.uint32, 0, 1000), data("b", VECTOR, np.uint32, 0, 7), direction="LEFT")
    yield case("Mod", data("a", VECTOR, i32, 0, 1000), data("b", VECTOR, i32, 1, 100))
    yield case("Mod", data("a", VECTOR, low=0, high=100), data("b", VECTOR, low=1, high=10), fmod=1)
    yield case("Pow", data("a", VECTOR, low=0.1, high=3), data("b", VECTOR, low=-2, high=2))
    yield case("Pow", data("a", VECTOR), Const(np.array(2, f32)))
    yield case("PRelu", data("a", MAP), Const(data("slope", (64, 1, 1))))
    yield case("Clip", data("a", VECTOR), Const(np.array(-0.5, f32)), Const(np.array(0.5, f32)))
    yield case("Where", data("c", VECTOR, bool), data("a", VECTOR), data("b", VECTOR))
    yield case("Cast", data("a", VECTOR, low=-9, high=9), to=T.INT32)
    yield case("Cast", data("a", VECTOR, i64), to=T.FLOAT)
    yield case("CastLike", data("a", VECTOR, low=-9, high=9), Const(np.array([0], i64)), opset=19)
    yield case("BitCast", data("a", VECTOR), opset=26, to=T.INT32)
    yield case("Dropout", data("a", VECTOR))
    yield case("Add", data("a", VECTOR, i64), data("b", VECTOR, i64))


def movement():
    x = data("a", MAP)
    yield case("Transpose", x, perm=[0, 2, 3, 1])
    yield case("Transpose", data("a", MATRIX), perm=[1, 0])
    yield case("Transpose", data("heads", (1, 196, 12, 64)), perm=[0, 2, 1, 3])
    yield case("Concat", x, x, axis=1)
    yield case("Concat", data("a", MATRIX), data("b", MATRIX), axis=1)
    yield case("Split", x, ints(32, 32), outputs=2, axis=1)
    yield case("Split", data("a", MATRIX), ints(512, 512), outputs=2, axis=1)
    yield case("Slice", x, ints(8, 8), ints(48, 48), ints(2, 3))
    yield case("Slice", data("a", VECTOR), ints(0), ints(1 << 20), ints(0), ints(2))
    yield case("Pad", x, ints(0, 0, 1, 1, 0, 0, 1, 1))
    yield case("Pad", x, ints(0, 0, 3, 3, 0, 0, 3, 3), mode="reflect")
    yield case("Expand", data("row", (1, 1024)), ints(256, 1024))
    yield case("Expand", data("column", (256, 1)), ints(256, 1024))
    yield case("Tile", data("a", (64, 1024)), ints(4, 1))
    yield case("Tile", data("tile", (256, 256)), ints(1, 4))
    yield case("DepthToSpace", x, blocksize=2)
    yield case("SpaceToDepth", x, blocksize=2)
    yield case("Reshape", x, ints(64, -1))
    yield case("Flatten", x)
    yield case("Squeeze", x, ints(0))
    yield case("Unsqueeze", x, ints(0))
    yield case("Trilu", data("a", (1024, 1024)))
    yield case("CenterCropPad", data("a", MATRIX), ints(200, 800), opset=18)
    yield case("ReverseSequence", data("a", MATRIX), Const(np.full(1024, 200, i64)), time_axis=0, batch_axis=1)
    for mode, size in (("nearest", 2), ("linear", 2), ("cubic", 2)):
        yield case("Resize", x, None, Const(np.array([1, 1, size, size], f32)), opset=19, mode=mode)
    yield case("Col2Im", data("blocks", (1, 64 * 9, 56 * 56)), ints(56, 56), ints(3, 3), opset=18, pads=[1, 1, 1, 1])


def indexing():
    table, matrix = data("table", (8192, 256)), data("a", MATRIX)
    yield case("Gather", table, data("rows", (512,), i64, 0, 8192))
    yield case("Gather", matrix, data("columns", (512,), i64, 0, 1024), axis=1)
    yield case("GatherElements", matrix, data("places", (256, 512), i64, 0, 1024), axis=1)
    yield case("GatherND", table, data("rows", (512, 1), i64, 0, 8192))
    yield case("GatherND", matrix, data("pairs", (65536, 2), i64, 0, 256))
    yield case("ScatterElements", matrix, data("places", (256, 512), i64, 0, 1024), data("updates", (256, 512)), opset=18, axis=1, reduction="add")
    yield case("ScatterND", table, Const(np.random.default_rng(1).permutation(8192)[:512, None]), data("rows", (512, 256)))
    yield case("OneHot", data("classes", (4096,), i64, 0, 256), Const(np.array(256, i64)), Const(np.array([0, 1], f32)))
    yield case("ArgMax", matrix, axis=1)
    yield case("ArgMax", data("a", MAP), axis=1)
    yield case("ArgMin", matrix, axis=0)
    yield case("TopK", matrix, ints(5), outputs=2)
    yield case("TopK", matrix, ints(100), outputs=2)
    yield case("CumSum", matrix, Const(np.array(1, i64)))
    yield case("CumSum", matrix, Const(np.array(0, i64)))
    yield case("CumProd", matrix, Const(np.array(1, i64)), opset=26)
    yield case("Compress", matrix, Const(np.arange(256) % 2 == 0), axis=0)
    yield case("NonZero", data("sparse", MATRIX, i32, 0, 3))
    yield case("Unique", data("classes", (4096,), i64, 0, 256), opset=11)
    yield case("TensorScatter", data("cache", (1, 8, 512, 64)), data("new", (1, 8, 16, 64)), data("start", (1,), i64, 0, 16), opset=24)


def reductions():
    positive, matrix = data("positive", MAP, low=0.1), data("a", MATRIX)
    kinds = ("Sum", "Mean", "Max", "Min", "Prod", "L1", "L2", "LogSum", "LogSumExp", "SumSquare")
    for kind in kinds:
        yield case(f"Reduce{kind}", positive, ints(2, 3), opset=18)
    for axis in (0, 1):
        yield case("ReduceSum", matrix, ints(axis), opset=18)
    yield case("ReduceMax", positive, ints(1), opset=18)
    yield case("ReduceSum", data("a", VECTOR, i64), ints(0), opset=18)


def normalizations():
    x, matrix = data("a", MAP), data("a", MATRIX)
    channels = [Const(data(f"channels{i}", (64,), low=0.5, high=2)) for i in range(4)]
    columns = [Const(data(f"columns{i}", (1024,))) for i in range(2)]
    yield case("BatchNormalization", x, *channels, opset=15)
    yield case("InstanceNormalization", x, *channels[:2])
    yield case("GroupNormalization", x, *channels[:2], opset=21, num_groups=8)
    yield case("LayerNormalization", matrix, *columns)
    yield case("RMSNormalization", matrix, columns[0], opset=23)
    yield case("LRN", x, size=5)
    yield case("LpNormalization", matrix)
    yield case("MeanVarianceNormalization", x)
    for kind in ("Softmax", "LogSoftmax", "Hardmax"):
        yield case(kind, matrix, axis=1)
    yield case("Softmax", x, axis=1)
    yield case("NegativeLogLikelihoodLoss", data("a", MATRIX), data("classes", (256,), i64, 0, 1024))
    yield case("SoftmaxCrossEntropyLoss", data("a", MATRIX), data("classes", (256,), i64, 0, 1024))


def dense():
    x = data("a", MAP)
    yield case("Conv", x, Const(data("w3", (64, 64, 3, 3))), pads=[1, 1, 1, 1])
    yield case("Conv", x, Const(data("w1", (128, 64, 1, 1))))
    yield case("Conv", x, Const(data("depthwise", (64, 1, 3, 3))), pads=[1, 1, 1, 1], group=64)
    yield case("Conv", data("row", (1, 64, 1024)), Const(data("w1d", (64, 64, 5))), pads=[2, 2])
    yield case("ConvTranspose", data("small", (1, 64, 28, 28)), Const(data("wt", (64, 32, 2, 2))), strides=[2, 2])
    yield case("MatMul", data("a", (256, 512)), Const(data("b", (512, 512))))
    yield case("MatMul", data("heads", (12, 196, 64)), data("keys", (12, 64, 196)))
    yield case("Gemm", data("a", (256, 512)), Const(data("b", (512, 512))), Const(data("bias", (512,))), transB=1)
    yield case("Gemm", data("a", (256, 512)), data("b", (512, 512)))
    yield case("Einsum", data("q", (1, 196, 12, 64)), data("k", (1, 196, 12, 64)), equation="bqhd,bkhd->bhqk")
    yield case("DeformConv", data("small", (1, 32, 28, 28)), Const(data("wd", (32, 32, 3, 3))), data("offsets", (1, 18, 26, 26)), opset=19)
    for kind in ("MaxPool", "AveragePool", "LpPool"):
        yield case(kind, x, opset=18, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    for kind in ("GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"):
        yield case(kind, x)


def quantized():
    scale, zero = Const(np.array(0.05, f32)), Const(np.array(128, u8))
    x, matrix = data("bytes", MAP, u8, 0, 255), data("bytes", (256, 512), u8, 0, 255)
    w3, w = Const(data("bytes3", (64, 64, 3, 3), i8, -60, 60)), Const(data("bytes2", (512, 512), i8, -60, 60))
    weight_scale, weight_zero = Const(np.array(0.01, f32)), Const(np.array(0, i8))
    for domain in ("", "com.microsoft"):
        yield case("QuantizeLinear", data("a", VECTOR, low=-5, high=5), scale, zero, domain=domain)
        yield case("DequantizeLinear", data("bytes", VECTOR, u8, 0, 255), scale, zero, domain=domain)
    yield case("DynamicQuantizeLinear", data("a", VECTOR), outputs=3)
    yield case("MatMulInteger", matrix, w, zero, weight_zero)
    yield case("ConvInteger", x, Const(data("bytes3", (64, 64, 3, 3), u8, 0, 255)), zero, pads=[1, 1, 1, 1])
    yield case("QLinearConv", x, scale, zero, w3, weight_scale, weight_zero, scale, zero, pads=[1, 1, 1, 1])
    yield case("QLinearMatMul", matrix, scale, zero, w, weight_scale, weight_zero, scale, zero)
    yield case("QGemm", matrix, scale, zero, w, weight_scale, weight_zero, None, scale, zero, domain="com.microsoft")
    binary = [x, scale, zero, data("others", MAP, u8, 0, 255), scale, zero, scale, zero]
    yield case("QLinearAdd", *binary, domain="com.microsoft")
    yield case("QLinearMul", *binary, domain="com.microsoft")
    yield case("QLinearConcat", scale, zero, *binary[:6], domain="com.microsoft", axis=1)
    for kind in ("QLinearSigmoid", "QLinearLeakyRelu"):
        yield case(kind, x, scale, zero, scale, zero, domain="com.microsoft")
    yield case("QLinearSoftmax", matrix, scale, zero, Const(np.array(1 / 256, f32)), Const(np.array(0, u8)), domain="com.microsoft",
               attributes={"opset": 13}, axis=1)
    pool = dict(kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    yield case("QLinearAveragePool", x, scale, zero, scale, zero, domain="com.microsoft", **pool)
    yield case("QLinearGlobalAveragePool", x, scale, zero, scale, zero, domain="com.microsoft", channels_last=0)


def attention():
    q, k, v = (data(n, (1, 128, 512)) for n in "qkv")
    yield case("LinearAttention", q, k, v, None, data("decay", (1, 128, 8), low=-1, high=0), data("beta", (1, 128, 8), low=0), opset=27,
               outputs=2, q_num_heads=8, kv_num_heads=8)
    heads = [data(n, (1, 8, 256, 64)) for n in "qkv"]
    yield case("Attention", *heads, opset=23)
    yield case("Attention", *heads, opset=23, is_causal=1)
    yield case("MultiHeadAttention", q, k, v, domain="com.microsoft", num_heads=8)
    yield case("Attention", q, Const(data("qkv", (512, 1536), low=-0.1, high=0.1)), Const(data("bias", (1536,))), domain="com.microsoft", num_heads=8)
    angles = [Const(data("cos", (1, 256, 32))), Const(data("sin", (1, 256, 32)))]
    yield case("RotaryEmbedding", heads[0], *angles, opset=23)
    positions = Const(np.arange(256, dtype=i64)[None])
    yield case("RotaryEmbedding", heads[0], positions, *(Const(a.value[0]) for a in angles), domain="com.microsoft")
    yield case("FlexAttention", *heads, opset=26, domain="ai.onnx.preview")
    lengths = [Const(np.array(n, i32)) for n in ([127], 128)]
    yield case("GroupQueryAttention", q, *(data(n, (1, 128, 128)) for n in "kv"), None, None, *lengths, domain="com.microsoft", num_heads=8, kv_num_heads=2,
               outputs=3)
    yield case("CausalConvWithState", data("sequence", (1, 512, 128)), Const(data("causal", (512, 1, 4))), opset=27, outputs=2, activation="silu")


def contributed():
    """ONNX Runtime's own operators, as its optimizer leaves them in models."""
    ours = dict(domain="com.microsoft")
    matrix, bias, gain = data("a", MATRIX), Const(data("bias", (1024,))), Const(data("gain", (1024,), low=0.5))
    rows = data("a", (1, *MATRIX))
    for kind in ("Gelu", "FastGelu", "QuickGelu"):
        yield case(kind, matrix, **ours)
    yield case("BiasGelu", matrix, bias, **ours)
    yield case("SkipLayerNormalization", rows, data("b", (1, *MATRIX)), gain, bias, **ours)
    yield case("SkipSimplifiedLayerNormalization", rows, data("b", (1, *MATRIX)), gain, **ours)
    yield case("SimplifiedLayerNormalization", matrix, gain, axis=-1)
    yield case("FusedMatMul", data("a", (256, 512)), Const(data("b", (512, 512))), transB=1, alpha=0.5, **ours)
    yield case("FusedConv", data("a", MAP), Const(data("w3", (64, 64, 3, 3))), activation="Relu", pads=[1, 1, 1, 1], **ours)
    packed = Const(np.random.default_rng(1).integers(0, 256, (512, 16, 16), u8))
    yield case("MatMulNBits", data("a", (256, 512)), packed, Const(data("scales", (512 * 16,), low=0.01)), K=512, N=512, bits=4, block_size=32, **ours)
    words = Const(data("words", (4096, 256)))
    yield case("EmbedLayerNormalization", data("tokens", (1, 256), np.int32, 0, 4096), None, words, Const(data("places", (512, 256))), None,
               Const(data("gain256", (256,))), Const(data("bias256", (256,))), outputs=2, **ours)


def signals():
    wave = data("wave", (1, 16384, 1))
    yield case("DFT", data("frames", (64, 512, 1)), None, Const(np.array(1, i64)), opset=20)
    yield case("STFT", wave, Const(np.array(128, i64)), Const(np.hanning(512).astype(f32)), opset=17)
    yield case("Det", data("small", (256, 16, 16)), opset=22)


def recurrent():
    x = data("sequence", (32, 4, 128))
    for kind, gates in (("RNN", 1), ("GRU", 3), ("LSTM", 4)):
        weights = [Const(data(f"{kind}{i}", (1, gates * 128, 128), low=-0.1, high=0.1)) for i in range(2)]
        yield case(kind, x, *weights, outputs=2, hidden_size=128)


def vision():
    x = data("a", MAP)
    yield case("GridSample", x, data("grid", (1, 56, 56, 2)), opset=20, mode="linear")
    boxes = np.sort(data("boxes", (16, 2, 2), low=0, high=55), axis=1).reshape(16, 4)
    yield case("RoiAlign", x, boxes, Const(np.zeros(16, i64)), opset=16, output_height=7, output_width=7, sampling_ratio=2)
    yield case("MaxRoiPool", x, np.concatenate([np.zeros((16, 1), f32), boxes], 1), pooled_shape=[7, 7])
    pooled = np.arange(0, 64 * 56 * 56).reshape(1, 64, 28, 2, 28, 2)[:, :, :, 0, :, 0]
    yield case("MaxUnpool", data("pooled", (1, 64, 28, 28)), Const(np.ascontiguousarray(pooled)), opset=11, kernel_shape=[2, 2], strides=[2, 2])
    yield case("AffineGrid", data("theta", (1, 2, 3)), ints(1, 1, 224, 224), opset=20)
    corners = np.sort(data("corners", (1, 256, 2, 2), low=0), axis=2).reshape(1, 256, 4)
    thresholds = [Const(np.array([x], f32)) for x in (0.5, 0.3)]
    yield case("NonMaxSuppression", corners, data("scores", (1, 4, 256), low=0), ints(50), *thresholds)


def traditional():
    """Of ai.onnx.ml, and text."""
    ml = dict(domain="ai.onnx.ml", opset=26)
    matrix = data("a", MATRIX)
    yield case("ArrayFeatureExtractor", matrix, data("columns", (512,), i64, 0, 1024), **ml)
    yield case("Binarizer", matrix, threshold=0.5, **ml)
    ensemble = case("TreeEnsemble", data("a", (256, 16), low=-3, high=3), aggregate_function=1, version=5, **ml, **tree_attributes([complete(6)] * 100, 16))
    ensemble.name = "ai.onnx.ml.TreeEnsemble@5 (float32[256x16]) 100 trees of depth 6"
    yield ensemble
    grams = np.stack(np.divmod(np.random.default_rng(1).permutation(32 * 32)[:200], 32), 1).reshape(-1)
    counts = case("TfIdfVectorizer", data("words", (64, 256), i64, 0, 32), opset=9, mode="TF", min_gram_length=2, max_gram_length=2, max_skip_count=0,
                  ngram_counts=[0, 0], ngram_indexes=list(range(200)), pool_int64s=list(grams))
    counts.name = "TfIdfVectorizer@9 (int64[64x256]) 200 pairs"
    yield counts


TABLES = (pointwise, movement, indexing, reductions, normalizations, dense, quantized, attention, contributed, signals, recurrent, vision, traditional)


def cases():
    for table in TABLES:
        yield from table()
