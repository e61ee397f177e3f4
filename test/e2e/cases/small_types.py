"""Elements of 8 bits and less against ml_dtypes, bit for bit: casts of every code and of every f16, quantization per tensor, axis and block,
movement, bit casts. Exact arithmetic in float64 says what a number before the last rounding is. Where ONNX leaves a result open (an integer
out of range, a NaN in FLOAT4E2M1, a negative number in FLOAT8E8M0), it is not asked for."""
import ml_dtypes
import numpy as np
from onnx import TensorProto, helper

from case import EXACT, Case, Const, model_of, op, rng, tensor_type, uniform

E4M3, E4M3Z, E5M2, E5M2Z, E8M0, F4 = (np.dtype(getattr(ml_dtypes, n)) for n in ("float8_e4m3fn", "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz",
                                                                              "float8_e8m0fnu", "float4_e2m1fn"))
I4, U4, I2, U2, BF16 = (np.dtype(getattr(ml_dtypes, n)) for n in ("int4", "uint4", "int2", "uint2", "bfloat16"))
FLOATS8 = (E4M3, E4M3Z, E5M2, E5M2Z)
F32 = np.dtype(np.float32)


def codes(dtype):
    """Every value of a type, those without an infinity that casts to integers would not say anything of."""
    bits = ml_dtypes.finfo(dtype).bits if dtype in (*FLOATS8, E8M0, F4) else ml_dtypes.iinfo(dtype).bits
    low = -(2 ** (bits - 1)) if dtype in (I4, I2) else 0
    return np.arange(low, low + 2**bits).astype(dtype) if dtype in (I4, U4, I2, U2) else np.arange(2**bits, dtype=np.uint8).view(dtype)


def saturated(x, dtype):
    """What ONNX's saturate = 1 means for 8-bit floats."""
    if dtype not in FLOATS8:
        return x.astype(dtype)
    limit = float(ml_dtypes.finfo(dtype).max)
    return np.clip(x, -limit, limit).astype(dtype)


def small(kind, operands, truth, opset=25, note="", **attrs):
    case = op("small", kind, operands, EXACT, opset, **attrs)
    case.name += note
    case.truth, case.given = [np.asarray(truth)], True
    return case


def casts():
    halves = np.arange(65536, dtype=np.uint16).view(np.float16)
    numbers = uniform("numbers", (3, 1001), low=-600, high=600) * np.exp2(uniform("exponents", (3, 1001), low=-20, high=8)).astype(np.float32)
    for dtype in FLOATS8:
        yield small("Cast", [halves], saturated(halves.astype(np.float32), dtype), to=tensor_type(dtype), note=" every f16")
        yield small("Cast", [halves], halves.astype(dtype), to=tensor_type(dtype), saturate=0, note=" every f16")
        for source in (np.float32, np.float64, BF16):
            x = numbers.astype(source)
            yield small("Cast", [x], saturated(x, dtype), 19 if source is not np.float64 else 24, to=tensor_type(dtype))
        for to in (np.float32, np.float16, BF16, np.float64):
            yield small("Cast", [codes(dtype)], codes(dtype).astype(to), 19, to=tensor_type(to), note=" every code")
        integers = np.array([0, 1, -1, 17, 300, -100000, 2**31 - 1, -(2**31)], np.int32)
        yield small("Cast", [integers], saturated(integers.astype(np.float64), dtype), 23, to=tensor_type(dtype))
        yield small("Cast", [np.array([[True, False]])], np.array([[1, 0]], np.float32).astype(dtype), 23, to=tensor_type(dtype))
        finite = np.where(np.isfinite(codes(dtype).astype(np.float32)), codes(dtype), np.zeros((), dtype))
        yield small("Cast", [finite], finite.astype(np.float32).astype(np.int32), 23, to=TensorProto.INT32)
        yield small("Cast", [codes(dtype)], codes(dtype).astype(np.float32) != 0, 23, to=TensorProto.BOOL)
        for other in FLOATS8:
            if other != dtype:
                yield small("CastLike", [codes(dtype), Const(np.zeros(2, other))], saturated(codes(dtype).astype(np.float32), other), 24, note=f" {dtype} {other}")
        for predicate, truth in (("IsNaN", np.isnan), ("IsInf", np.isinf)):
            yield small(predicate, [codes(dtype)], truth(codes(dtype).astype(np.float32)), 20)

    plain = halves[np.isfinite(halves)]
    yield small("Cast", [plain], plain.astype(F4), to=tensor_type(F4), note=" every f16")
    infinite = np.array([np.inf, -np.inf, 5, -5, 0.25, 0.75, 2.5, 7, -0.0], np.float32)
    yield small("Cast", [infinite], infinite.astype(F4), 23, to=tensor_type(F4))
    for to in (np.float32, np.float16, np.float64, np.int8, E4M3):
        yield small("Cast", [codes(F4)], codes(F4).astype(np.float32).astype(to), 23, to=tensor_type(to), note=" every code")

    # By the table of Cast: f8E8M0 has powers of two.
    powers = np.exp2(np.arange(-127, 128, dtype=np.float64))
    x = (powers[:, None] * np.array([1, 1.25, 1.5, 1.75])).astype(np.float32)
    for mode, position in (("up", (0, 1, 1, 1)), ("down", (0, 0, 0, 0)), ("nearest", (0, 0, 1, 1))):
        exponents = np.arange(255)[:, None] + np.array(position)
        yield small("Cast", [x], np.minimum(exponents, 254).astype(np.uint8).view(E8M0), 24, to=tensor_type(E8M0), round_mode=mode)
        yield small("Cast", [x], np.where(exponents > 254, 255, exponents).astype(np.uint8).view(E8M0), 24, to=tensor_type(E8M0), round_mode=mode, saturate=0)
    special = np.array([0, np.inf, np.nan, 1e-45, 3e38], np.float32)
    yield small("Cast", [special], np.array([0, 254, 255, 0, 254], np.uint8).view(E8M0), 24, to=tensor_type(E8M0))
    yield small("Cast", [special], np.array([255, 255, 255, 255, 255], np.uint8).view(E8M0), 24, to=tensor_type(E8M0), saturate=0, round_mode="nearest")
    yield small("Cast", [np.array([2**25 + 1, 3, 4], np.int64)], np.array([127 + 26, 129, 129], np.uint8).view(E8M0), 24, to=tensor_type(E8M0))
    for to in (np.float32, np.float64, BF16):
        yield small("Cast", [codes(E8M0)], codes(E8M0).astype(to), 24, to=tensor_type(to), note=" every code")

    for dtype in (I4, U4, I2, U2):
        integers = np.arange(-40, 40, dtype=np.int32)
        bits = ml_dtypes.iinfo(dtype).bits
        wrapped = (integers & (2**bits - 1)).astype(np.uint8).view(dtype)
        for source in (np.int32, np.int8, np.int64, np.int16):
            yield small("Cast", [integers.astype(source)], wrapped, to=tensor_type(dtype))
        inside = codes(dtype).astype(np.float32)
        for source in (np.float32, np.float16, np.float64, BF16):
            yield small("Cast", [(inside * 0.875).astype(source)], np.trunc((inside * 0.875).astype(source).astype(np.float32)).astype(dtype), to=tensor_type(dtype))
        for to in (np.float32, np.float16, BF16, np.float64, np.int8, np.int32, np.int64, np.uint8, np.bool_, E4M3):
            if np.dtype(to) != np.uint8 or dtype in (U4, U2):
                wide = codes(dtype).astype(np.float32)
                yield small("Cast", [codes(dtype)], wide.astype(to) if to is not np.bool_ else wide != 0, to=tensor_type(to), note=" every code")
    yield small("Cast", [codes(U4)], codes(U4).astype(np.uint8).view(I4), to=tensor_type(I4), note=" wraps")
    yield small("Cast", [codes(I4)], (codes(I4).astype(np.int8).view(np.uint8) & 3).view(U2), to=tensor_type(U2), note=" wraps")


def movement():
    """Bytes that only move keep their bits; what is a constant is packed in the model."""
    for dtype in (E4M3, E5M2Z, E8M0, F4, I4, U4, I2, U2):
        every = codes(dtype)
        x = every[rng(str(dtype)).integers(0, every.size, (3, 5))]
        yield small("Identity", [x], x, note=f" {dtype}")
        yield small("Transpose", [x], x.T, note=f" {dtype}")
        yield small("Reshape", [x, Const(np.array([5, -1], np.int64))], x.reshape(5, 3), note=f" {dtype}")
        yield small("Unsqueeze", [x, Const(np.array([-1], np.int64))], x[..., None], note=f" {dtype}")
        yield small("Flatten", [Const(x), ], x, axis=-1, note=f" {dtype}")
        yield small("Transpose", [Const(x)], x.T, note=f" const {dtype}")
        yield small("ConstantOfShape", [Const(np.array([2, 3], np.int64))], np.full((2, 3), x[0, 0], dtype), note=f" {dtype}",
                    value=helper.make_tensor("v", tensor_type(dtype), [1], [x[0, 0]]))
        pad = np.asarray(x[1, 1])
        yield small("Pad", [x, Const(np.array([1, 0, 0, 2], np.int64)), Const(pad)], np.pad(x.view(np.uint8), ((1, 0), (0, 2)), constant_values=pad.view(np.uint8)).view(dtype),
                    note=f" {dtype}")
        yield small("Shape", [x], np.array([3, 5]), note=f" {dtype}")


def bit_casts():
    for dtype in FLOATS8 + (E8M0,):
        yield small("BitCast", [codes(dtype)], codes(dtype).view(np.uint8), 26, to=TensorProto.UINT8)
        yield small("BitCast", [codes(dtype)], codes(dtype).view(np.int8), 26, to=TensorProto.INT8)
        yield small("BitCast", [np.arange(256).astype(np.uint8)], codes(dtype), 26, to=tensor_type(dtype))
    yield small("BitCast", [codes(E4M3)], codes(E4M3).view(E5M2), 26, to=tensor_type(E5M2))
    nibbles = np.arange(16, dtype=np.uint8)
    for source in (I4, U4, F4):
        for to in (I4, U4, F4):
            if source != to:
                yield small("BitCast", [nibbles.view(source)], nibbles.view(to), 26, to=tensor_type(to), note=f" {source}")
    yield small("BitCast", [np.arange(4, dtype=np.uint8).view(I2)], np.arange(4, dtype=np.uint8).view(U2), 26, to=tensor_type(U2))
    x = uniform("bits", (2, 7))
    for source, to in ((np.float32, np.uint32), (np.float64, np.int64), (np.float16, np.int16), (BF16, np.uint16), (np.float16, BF16)):
        y = x.astype(source)
        yield small("BitCast", [y], y.view(to), 26, to=tensor_type(to))
    yield small("BitCast", [Const(x)], x.view(np.int32), 26, to=TensorProto.INT32)
    yield small("BitCast", [np.array([0, 1, 1], np.uint8)], np.array([False, True, True]), 26, to=TensorProto.BOOL)


def spread(parameter, shape, axis, block=0):
    """A parameter of a value of this shape at every place."""
    parameter = np.asarray(parameter)
    if parameter.size == 1:
        return parameter.reshape(())
    if block:
        return np.repeat(parameter, block, axis)[tuple(slice(0, n) for n in shape)]
    return parameter.reshape([-1 if i == axis % len(shape) else 1 for i in range(len(shape))])


def quantized(x, scale, zero, dtype, axis=1, block=0, saturate=1):
    """In f32, as ONNX says: the quotient is rounded."""
    real = (x.astype(np.float32) / spread(scale, x.shape, axis, block).astype(np.float32)).astype(np.float32)
    shift = 0 if zero is None else spread(zero, x.shape, axis, block).astype(np.float64)
    if dtype in FLOATS8:
        return saturated(real, dtype) if saturate else real.astype(dtype)
    if dtype == F4:
        return real.astype(F4)
    info = ml_dtypes.iinfo(dtype)
    return np.clip(np.rint(real.astype(np.float64)) + shift, int(info.min), int(info.max)).astype(dtype)


def dequantized(q, scale, zero, axis=1, block=0, to=np.float32):
    shift = 0 if zero is None else spread(zero, q.shape, axis, block).astype(np.float32)
    return ((q.astype(np.float32) - shift) * spread(scale, q.shape, axis, block).astype(np.float32)).astype(to)


def quantization():
    x = uniform("q", (3, 6, 5), low=-20, high=20)
    x[0, 0] = [0.5, 1.5, -0.5, 2.5, 1e9]
    for dtype in (*FLOATS8, F4, I4, U4, I2, U2, np.dtype(np.int16), np.dtype(np.uint16), np.dtype(np.int8)):
        integer = dtype not in (*FLOATS8, F4)
        zero = np.array(1, np.int8).astype(dtype) if integer else np.zeros((), dtype)
        opset = 25 if dtype in (I2, U2) else 23
        for scale in (np.float32(0.5), np.float32(3)):
            for wrap in (Const, np.asarray):  # known and unknown at compile time
                operands = [x, wrap(scale), wrap(zero)]
                yield small("QuantizeLinear", operands, quantized(x, scale, zero, dtype), opset, note=f" {dtype}")
        yield small("QuantizeLinear", [x, Const(np.float32(0.5))], quantized(x, np.float32(0.5), None, dtype), opset, output_dtype=tensor_type(dtype))
        scales = np.array([0.5, 1, 2, 0.25, 4, 3], np.float32)
        zeros = np.array([0, 1, 0, 1, 1, 0], np.int8).astype(dtype) if integer else np.zeros(6, dtype)
        yield small("QuantizeLinear", [x, Const(scales), Const(zeros)], quantized(x, scales, zeros, dtype, -2), opset, axis=-2, note=f" {dtype}")
        for block, axis, shape in ((2, 1, (3, 3, 5)), (4, 1, (3, 2, 5)), (3, 2, (3, 6, 2)), (1, 0, (3, 6, 5)), (7, -1, (3, 6, 1))):
            blocks = uniform(f"s{shape}", shape, low=0.25, high=4)
            shifts = (uniform(f"z{shape}", shape, low=0, high=1.99).astype(np.int8).astype(dtype)) if integer else np.zeros(shape, dtype)
            for wrap in (Const, np.asarray):
                yield small("QuantizeLinear", [x, wrap(blocks), wrap(shifts)], quantized(x, blocks, shifts, dtype, axis, block), opset, axis=axis, block_size=block, note=f" {dtype}")
            q = quantized(x, blocks, shifts, dtype, axis, block)
            for wrap in (Const, np.asarray):
                yield small("DequantizeLinear", [q, wrap(blocks), wrap(shifts)], dequantized(q, blocks, shifts, axis, block), opset, axis=axis, block_size=block, note=f" {dtype}")
        q = quantized(x, np.float32(1), None, dtype)
        for wrap in (Const, np.asarray):
            yield small("DequantizeLinear", [q, wrap(np.float32(0.75)), wrap(zero)], dequantized(q, np.float32(0.75), zero), opset, note=f" {dtype}")
        yield small("DequantizeLinear", [q, Const(scales), Const(zeros)], dequantized(q, scales, zeros), opset, note=f" {dtype}")
        yield small("DequantizeLinear", [Const(q), Const(scales)], dequantized(q, scales, None), opset, note=f" {dtype}")
        yield small("DequantizeLinear", [q, Const(np.float16(0.75))], dequantized(q, np.float16(0.75), None, to=np.float16), opset, note=f" {dtype}")
        yield small("DequantizeLinear", [q, Const(np.float32(0.75))], dequantized(q, np.float32(0.75), None, to=np.float16), opset, output_dtype=TensorProto.FLOAT16)
    e8m0 = np.array([[2, 0.5, 1], [4, 1, 0.25]]).astype(np.float32).astype(E8M0)
    q = codes(F4)[rng("mx").integers(0, 16, (2, 9))]
    yield small("DequantizeLinear", [q, Const(e8m0)], dequantized(q, e8m0, None, 1, 3), 25, block_size=3, axis=1, output_dtype=TensorProto.FLOAT)
    y = uniform("mx", (2, 9), low=-9, high=9)
    yield small("QuantizeLinear", [y, Const(e8m0)], quantized(y, e8m0, None, F4, 1, 3), 25, block_size=3, axis=1, output_dtype=tensor_type(F4))
    for dtype in FLOATS8:
        huge = np.array([1e6, -1e6, np.inf, np.nan, 1], np.float32)
        yield small("QuantizeLinear", [huge, Const(np.float32(1)), Const(np.zeros((), dtype))], quantized(huge, np.float32(1), None, dtype, saturate=0), 23, saturate=0)
    halves = uniform("h", (4, 33), np.float16, -9, 9)
    steps = halves.astype(np.float32) / np.float32(np.float16(0.3))  # f32 is at least as precise as is asked for
    yield small("QuantizeLinear", [halves, Const(np.float16(0.3)), Const(np.int8(2))], np.clip(np.rint(steps.astype(np.float64)) + 2, -128, 127).astype(np.int8), 23,
                precision=TensorProto.FLOAT16)
    ints = np.arange(-40, 40, dtype=np.int32)
    yield small("QuantizeLinear", [ints, Const(np.float32(3)), Const(np.array(1, np.int8).astype(I4))], quantized(ints, np.float32(3), np.array(1, np.int8), I4), 23)


def networks():
    """Weights in blocks of int4 before a product, and an 8-bit float between two."""
    x, w = uniform("x", (3, 64)), codes(I4)[rng("w4").integers(0, 16, (64, 24))]
    scales = np.exp2(np.floor(uniform("ws", (4, 24), low=-6, high=-2))).astype(np.float32)
    xs = np.round(x * 16) / 16  # exact products and sums
    nodes = [helper.make_node("DequantizeLinear", ["w", "s"], ["f"], axis=0, block_size=16), helper.make_node("MatMul", ["x", "f"], ["m"]),
             helper.make_node("Cast", ["m"], ["e"], to=tensor_type(E4M3)), helper.make_node("Cast", ["e"], ["y"], to=TensorProto.FLOAT)]
    product = xs.astype(np.float64) @ dequantized(w, scales, None, 0, 16).astype(np.float64)
    yield Case("small", "int4 weights in blocks", model_of(nodes, {"x": xs}, ["y"], {"w": w, "s": scales}, 24), {"x": xs}, EXACT,
               [saturated(product.astype(np.float32), E4M3).astype(np.float32)], given=True)


def cases():
    yield from casts()
    yield from movement()
    yield from bit_casts()
    yield from quantization()
    yield from networks()
