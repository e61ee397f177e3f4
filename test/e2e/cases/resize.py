"""Resize in its modes and coordinate transformations (10, 11, 13, 18, 19), and Upsample 7 and 9."""
import numpy as np

from case import EXACT, Const, op, scale, uniform

# Coordinates are computed in f32 on both sides: u times the largest index moves a sample by index * u of its neighbours' difference.
LINEAR, CUBIC = scale(64), scale(256)


def f32(*values):
    return Const(np.array(values, np.float32))


def i64(*values):
    return Const(np.array(values, np.int64))


def resize(x, scales=None, sizes=None, opset=13, tolerance=EXACT, **attrs):
    roi = Const(np.array([], np.float32)) if opset < 13 else None
    operands = [x, roi, f32(*scales) if scales else (Const(np.array([], np.float32)) if opset < 13 else None)]
    return op("resize", "Resize", operands + ([i64(*sizes)] if sizes else []), tolerance, opset, **attrs)


def cases():
    x = uniform("resize", (1, 5, 6, 7))
    for opset, kind in [(7, "attribute"), (9, "input")]:
        for mode in ("nearest", "linear"):
            tolerance = EXACT if mode == "nearest" else LINEAR
            for scales in ([1, 1, 2, 2], [1, 1, 3, 1.5]):
                if kind == "attribute":
                    yield op("resize", "Upsample", [x], tolerance, opset, mode=mode, scales=[float(s) for s in scales])
                else:
                    yield op("resize", "Upsample", [x, f32(*scales)], tolerance, opset, mode=mode)
    for mode in ("nearest", "linear"):
        for scales in ([1, 1, 2, 2.5], [1, 1, 0.5, 0.7]):
            yield op("resize", "Resize", [x, f32(*scales)], EXACT if mode == "nearest" else LINEAR, 10, mode=mode)
    for transformation in ("half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel"):
        for rounding in ("round_prefer_floor", "floor", "ceil", "round_prefer_ceil"):
            for sizes in ([1, 5, 12, 14], [1, 5, 9, 5]):
                attrs = {"coordinate_transformation_mode": transformation, "nearest_mode": rounding}
                yield resize(x, sizes=sizes, opset=13 if sizes[3] == 14 else 11, mode="nearest", **attrs)
        # align_corners: scales that make whole sizes. The operator divides by the size before it is rounded, ONNX Runtime by the one after; the
        # official suite has cases of the first kind.
        aligned = transformation == "align_corners"
        for scales, sizes in [([1, 1, 2, 2], None), ([1, 1, 0.5, 3] if aligned else [1, 1, 0.6, 1.7], None), (None, [1, 5, 13, 4]), (None, [1, 5, 1, 1]), (None, [1, 5, 6, 7])]:
            for opset in (11, 18):
                yield resize(x, scales, sizes, opset, LINEAR, mode="linear", coordinate_transformation_mode=transformation)
        yield resize(x, [1, 1, 2, 3 if aligned else 1.5], None, 13, CUBIC, mode="cubic", coordinate_transformation_mode=transformation)
    yield resize(x, None, [1, 5, 4, 9], 13, CUBIC, mode="cubic", cubic_coeff_a=-0.5, exclude_outside=1)
    yield resize(x, None, [1, 5, 12, 14], 19, LINEAR, mode="linear", coordinate_transformation_mode="half_pixel_symmetric")
    yield resize(uniform("big", (1, 3, 65, 65)), None, [1, 3, 257, 257], 11, LINEAR, mode="linear", coordinate_transformation_mode="align_corners")
    yield resize(uniform("batch", (2, 16, 4, 4)), [1, 1, 2, 2], None, 11, EXACT, mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor")
    yield resize(uniform("half", (1, 8, 5, 5), np.float16), [1, 1, 2, 2], None, 13, LINEAR, mode="linear")
    yield op("resize", "Resize", [x, None, f32(2, 2.5)], EXACT, 18, mode="nearest", axes=[2, 3])
    yield op("resize", "Resize", [x, None, None, i64(10, 10)], LINEAR, 18, mode="linear", axes=[2, 3], keep_aspect_ratio_policy="not_larger")
    yield op("resize", "Resize", [uniform("hwc", (1, 6, 7, 5)), None, f32(1, 2, 2, 1)], LINEAR, 13, mode="linear")
