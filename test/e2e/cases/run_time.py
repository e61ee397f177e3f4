"""Parameters that are inputs of the run: shapes, axes, bounds, scales and weights. The graph declares the shape of the result; values that
do not fit it are refused, see test/codegen/bad-value.test."""
import numpy as np

from case import EXACT, Const, op, scale, step, sum_of, uniform


def i64(*values):
    return np.array(values, np.int64)


def f32(*values):
    return np.array(values, np.float32)


def shapes():
    x = uniform("shapes", (2, 3, 4))
    for target in ([4, 6], [2, -1], [0, 12], [-1, 3, 4], [0, 0, 2, -1], [24], [1, 2, 3, 4, 1]):
        yield op("run_time", "Reshape", [x, i64(*target)])
    yield op("run_time", "Reshape", [x, i64(6, 4)], opset=14, allowzero=1)
    for target in ([2, 3, 4], [5, 1, 1, 1], [1], [4], [2, 2, 3, 4]):
        yield op("run_time", "Expand", [x, i64(*target)])
    yield op("run_time", "Expand", [uniform("ones", (3, 1)), i64(2, 1, 6)])
    yield op("run_time", "ConstantOfShape", [i64(3, 2)])
    yield op("run_time", "Tile", [x, i64(2, 1, 3)])
    for axes in ([0], [-1], [0, -1], [2, 0]):
        yield op("run_time", "Squeeze", [uniform("squeeze", (1, 3, 1)), i64(*axes)], opset=13)
        yield op("run_time", "Unsqueeze", [x, i64(*axes)], opset=13)
    yield op("run_time", "Split", [x, i64(1, 3)], opset=13, outputs=2, axis=2)
    yield op("run_time", "TopK", [x, i64(2)], opset=11, outputs=2, axis=1)
    yield op("run_time", "OneHot", [i64(1, 5, -1), i64(6), f32(2, 5)], opset=11, axis=0)
    yield op("run_time", "OneHot", [i64(1, 5, -1), f32(7), f32(2, 5)], opset=11)
    yield op("run_time", "Range", [i64(10).reshape(()), i64(3).reshape(()), i64(-2).reshape(())], opset=11)
    yield op("run_time", "Range", [f32(0.5).reshape(()), f32(3).reshape(()), f32(0.3).reshape(())], scale(8), opset=11)


def cuts():
    x = uniform("cuts", (4, 5, 6))
    large = 2**62
    slices = [
        ([1, 0], [3, 4], [0, 1], [1, 1]), ([0, 0, 3], [4, 5, 5], None, None), ([-1], [-large], [1], [-1]), ([4, -2], [0, large], [1, -1], [-2, 1]),
        ([1000], [-1000], [0], [-3]), ([1], [large], [-2], [3]), ([0], [5], [0], [1]), ([2, 1], [3, 2], [2, 0], None),
    ]
    for starts, ends, axes, steps in slices:
        operands = [x, i64(*starts), i64(*ends)] + ([i64(*axes)] if axes else [None] * bool(steps)) + ([i64(*steps)] if steps else [])
        yield op("run_time", "Slice", operands, opset=13)
    yield op("run_time", "Slice", [x, i64(1), Const(i64(4)), Const(i64(1))], opset=13)
    yield op("run_time", "Slice", [uniform("bytes", (7, 3), np.uint8), np.array([-1], np.int32), np.array([-9], np.int32),
                                   np.array([0], np.int32), np.array([-2], np.int32)], opset=13)
    for mode in ("constant", "edge", "reflect", "wrap"):
        opset = 19 if mode == "wrap" else 18
        yield op("run_time", "Pad", [x, i64(1, 0, 2, 0, 3, 1)], opset=opset, mode=mode)
        yield op("run_time", "Pad", [x, i64(2, 1), None, i64(-1)], opset=opset, mode=mode)
        yield op("run_time", "Pad", [x, Const(i64(1, 2)), None, i64(1)], opset=opset, mode=mode)
    yield op("run_time", "Pad", [x, i64(1, 0, 2, 0, 3, 1), f32(7).reshape(())], opset=13)
    yield op("run_time", "Pad", [x, Const(i64(0, 0, 2, 0, 3, 0)), f32(-2).reshape(())], opset=13)
    yield op("run_time", "Pad", [x, i64(-1, 0, 0, 2, -2, 0)], opset=13)
    ints = uniform("ints", (3, 4), np.int64)
    yield op("run_time", "Pad", [ints, i64(1, 1, 0, 0), i64(9).reshape(())], opset=13)
    for upper in (0, 1):
        for k in (-2, 0, 3, 100):
            yield op("run_time", "Trilu", [x, i64(k).reshape(())], opset=14, upper=upper)


def axes():
    x = uniform("axes", (3, 2, 2), low=0.5, high=1.5)
    for kind in ("ReduceSum", "ReduceMax", "ReduceL2", "ReduceLogSumExp"):
        for given in ([1], [-1], [0, 2], [2, -2], [0, 1, 2]):
            for keep in (0, 1):
                yield op("run_time", kind, [x, i64(*given)], scale(64) if kind != "ReduceMax" else EXACT, 18, keepdims=keep)
    yield op("run_time", "ReduceMax", [uniform("bools", (4, 3), np.bool_), i64(1)], opset=20, keepdims=0)
    for dtype in (np.float32, np.int32):
        for axis in (0, 1, -1):
            y = uniform("sums", (3, 4), dtype)
            yield op("run_time", "CumSum", [y, i64(axis).reshape(())], sum_of(4) if dtype == np.float32 else EXACT, 14, exclusive=axis & 1)


def resizes():
    x = uniform("resize", (1, 2, 6, 7))
    for mode, tolerance in (("nearest", EXACT), ("linear", scale(64)), ("cubic", scale(256))):
        for transformation in ("half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel"):
            attrs = {"mode": mode, "coordinate_transformation_mode": transformation}
            # With align_corners ONNX Runtime takes the rounded size, the operator and its suite the one before: whole ones here.
            whole = transformation == "align_corners"
            yield op("run_time", "Resize", [x, None, f32(1, 1, 2, 2 if whole else 1.5)], tolerance, 13, **attrs)
            yield op("run_time", "Resize", [x, None, f32(1, 1, 0.5 if whole else 0.6, 1 if whole else 0.45)], tolerance, 13, **attrs)
            yield op("run_time", "Resize", [x, None, None, i64(1, 2, 4, 11)], tolerance, 13, **attrs)
    for mode in ("linear", "cubic"):
        yield op("run_time", "Resize", [x, None, f32(1, 1, 0.6, 0.45)], scale(256), 18, mode=mode, antialias=1)
    yield op("run_time", "Resize", [x, None, f32(1, 1, 0.6, 2)], scale(256), 13, mode="cubic", exclude_outside=1)
    yield op("run_time", "Resize", [x, None, None, i64(9, 9)], EXACT, 18, axes=[2, 3], keep_aspect_ratio_policy="not_larger")
    roi = f32(0, 0, 0.2, 0.3, 1, 1, 0.7, 1.4)
    yield op("run_time", "Resize", [x, roi, None, i64(1, 2, 5, 4)], scale(64), 13, mode="linear",
             coordinate_transformation_mode="tf_crop_and_resize", extrapolation_value=3.0)
    yield op("run_time", "Upsample", [x, f32(1, 1, 2, 3)], EXACT, 9, mode="nearest")


def weights():
    x = uniform("conv", (2, 6, 9, 8))
    bias = uniform("bias", (10,))
    for attrs, shape in [({}, (10, 6, 3, 3)), ({"strides": [2, 1], "pads": [1, 2, 0, 1]}, (10, 6, 3, 2)), ({"group": 2}, (10, 3, 1, 1)),
                         ({"dilations": [2, 2]}, (10, 6, 2, 3))]:
        yield op("run_time", "Conv", [x, uniform("w", shape), bias], sum_of(int(np.prod(shape[1:])) + 1), **attrs)
    yield op("run_time", "Conv", [x, uniform("depth", (6, 1, 3, 3))], sum_of(9), group=6, pads=[1, 1, 1, 1])
    yield op("run_time", "Conv", [uniform("line", (1, 4, 12)), uniform("w1", (20, 4, 5))], sum_of(20))
    for attrs, shape in [({}, (6, 10, 3, 3)), ({"strides": [2, 2], "group": 2}, (6, 5, 2, 2)), ({"pads": [1, 0, 1, 0]}, (6, 10, 3, 2))]:
        yield op("run_time", "ConvTranspose", [x, uniform("wt", shape), bias], sum_of(int(np.prod(shape)) // 10 + 1), **attrs)
    bytes_x, bytes_w = uniform("u8", (1, 3, 6, 5), np.uint8, 0, 255), uniform("i8", (4, 3, 3, 2), np.int8, -128, 127)
    zero, signed = np.uint8(120), np.int8(3)
    yield op("run_time", "ConvInteger", [bytes_x, uniform("u8w", (4, 3, 3, 2), np.uint8, 0, 255), zero, np.uint8(7)], EXACT, 10,
             pads=[1, 1, 0, 0], strides=[1, 2])
    yield op("run_time", "QLinearConv", [bytes_x, np.float32(0.02), zero, bytes_w, f32(0.01, 0.02, 0.005, 0.03), np.array([0, 3, -2, 1], np.int8),
                                         np.float32(0.7), np.uint8(100), uniform("b32", (4,), np.int32, -90, 90)], step(1), 10, pads=[1, 0, 1, 0])
    a, b = uniform("qa", (2, 4, 5), np.uint8, 0, 255), uniform("qb", (2, 5, 3), np.int8, -128, 127)
    yield op("run_time", "QLinearMatMul", [a, np.float32(0.02), zero, b, np.float32(0.01), signed, np.float32(0.4), np.uint8(100)], step(1), 10)
    yield op("run_time", "MatMulInteger", [a, Const(b[0]), zero, np.array([3, 0, -5], np.int8)], EXACT, 10)
    # A scale that is constant with a zero point that is not, and the other way round.
    yield op("run_time", "QuantizeLinear", [x, Const(np.float32(0.01)), zero], EXACT, 13)
    yield op("run_time", "QuantizeLinear", [x, Const(uniform("scales", (6,), low=0.01, high=0.02)), np.array([3, 0, -5, 9, 1, 2], np.int8)], EXACT, 13)
    yield op("run_time", "QuantizeLinear", [x, np.float32(0.01), Const(zero)], EXACT, 13)
    yield op("run_time", "DequantizeLinear", [bytes_x, Const(np.float32(0.01)), zero], EXACT, 13)
    yield op("run_time", "DequantizeLinear", [bytes_x, Const(f32(0.1, 0.2, 0.3)), np.array([3, 0, 200], np.uint8)], EXACT, 13)
    yield op("run_time", "Dropout", [uniform("drop", (3, 4)), np.float32(0.3), np.array(False)], outputs=2, opset=13)


def cases():
    for family in (shapes, cuts, axes, resizes, weights):
        yield from family()
