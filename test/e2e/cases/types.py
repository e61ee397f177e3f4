"""Casts between every pair of types, and the ops of shape arithmetic that exports leave behind."""
import numpy as np

from case import EXACT, Case, Const, model_of, op, tensor_type, uniform
from onnx import helper, numpy_helper

TYPES = (np.float32, np.float16, np.int32, np.int64, np.uint8, np.int8, np.bool_)


def cases():
    for source in TYPES:
        for target in TYPES:
            if source == target:
                continue
            low, high = (0, 100) if np.dtype(target).kind == "u" else (-100, 100)
            x = uniform(f"{source}{target}", (3, 7), source, low, high) if source != np.bool_ else uniform("b", (3, 7), bool)
            yield op("types", "Cast", [x], EXACT, 13, to=tensor_type(target))
    edge = np.array([65504, 65519, 65520, 1e-7, 6e-8, 5.96e-8, 2.98e-8, 1 + 2.0**-11, 1 + 3 * 2.0**-11, -0.0, np.inf, -np.inf], np.float32)
    yield op("types", "Cast", [edge], EXACT, 13, to=tensor_type(np.float16))
    yield op("types", "Cast", [np.array([1.9, -1.9, 2.5, -0.5, 2**31 - 128], np.float32)], EXACT, 9, to=tensor_type(np.int32))
    x = uniform("shape", (2, 3, 4))
    yield op("types", "Shape", [x], EXACT, 13)
    yield op("types", "Shape", [x], EXACT, 15, start=1)
    yield op("types", "Shape", [x], EXACT, 15, start=-2, end=2)
    yield op("types", "Size", [x], EXACT, 13)
    fill = numpy_helper.from_array(np.array([7], np.int64))
    yield op("types", "ConstantOfShape", [Const(np.array([2, 3], np.int64))], EXACT, 9, value=fill)
    yield op("types", "ConstantOfShape", [Const(np.array([2, 3], np.int64))], EXACT, 9)
    yield op("types", "Range", [Const(np.int64(2)), Const(np.int64(11)), Const(np.int64(3))], EXACT, 11)
    yield op("types", "Range", [Const(np.float32(0)), Const(np.float32(2)), Const(np.float32(0.5))], EXACT, 11)
    for value in (np.float32(2.5), np.arange(6, dtype=np.int64).reshape(2, 3), np.array([True, False])):
        node = helper.make_node("Constant", [], ["y0"], name="constant", value=numpy_helper.from_array(np.asarray(value)))
        yield Case("types", f"Constant {np.asarray(value).dtype}", model_of([node], {}, ["y0"], opset=13), {})
    for key, value in {"value_int": 3, "value_float": 0.5, "value_ints": [1, 2], "value_floats": [0.5, 1.5]}.items():
        node = helper.make_node("Constant", [], ["y0"], name="constant", **{key: value})
        yield Case("types", f"Constant {key}", model_of([node], {}, ["y0"], opset=13), {})
    for attrs in ({}, {"exclusive": 1}, {"reverse": 1}, {"exclusive": 1, "reverse": 1}):
        yield op("types", "CumSum", [np.round(8 * uniform("cumsum", (3, 5, 4))), Const(np.int64(1))], EXACT, 14, **attrs)
    yield op("types", "Einsum", [np.round(4 * uniform("ei", (2, 3, 4))), np.round(4 * uniform("ej", (2, 4, 5)))], EXACT, 12, equation="bij,bjk->bik")
    yield op("types", "Trilu", [uniform("tril", (4, 5))], EXACT, 14, upper=0)
    yield op("types", "IsNaN", [np.array([1, np.nan, np.inf], np.float32)], EXACT, 13)
