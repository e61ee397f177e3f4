"""Every operator on f16 and bf16: the cases of the other tables, their numbers rounded to the type and stored in it.

The truth is the reference's result in f32 on the same rounded numbers; dnnc computes in f32 and rounds once, so half a unit of the type is
added to the f32 case's bound.
"""
import importlib

import ml_dtypes
import numpy as np
import onnx
from onnx import helper, numpy_helper

from case import EXACT, Case, model_of, op, tensor_type, uniform

FAMILIES = ("conv", "pool", "matmul", "pointwise", "reduce", "normalize", "movement", "types", "further", "linear_attention")
PER_OPERATOR = 2
BF16 = ml_dtypes.bfloat16
WIDE_OPERANDS = {"Resize": (1, 2)}  # roi and scales are f32 whatever the data is
# Nothing to store in 16 bits, or types of their own in attributes and subgraphs.
LEFT_OUT = {"Cast", "CastLike", "Constant", "ConstantOfShape", "EyeLike", "If", "Shape", "Size", "Range"}


def is_f32(case):
    return all(v.dtype != np.float16 and v.dtype != np.float64 for v in case.inputs.values()) and any(v.dtype == np.float32 for v in case.inputs.values())


def in_16_bits(case, dtype):
    """The case with its f32 tensors in dtype, and beside it the same numbers in f32."""
    wide = Case(case.family, case.name, onnx.ModelProto(), dict(case.inputs), case.tolerance)
    narrow = Case("half", f"{np.dtype(dtype).name} {case.name}", onnx.ModelProto(), dict(case.inputs), case.tolerance, wide=wide, dtype=np.dtype(dtype))
    for each in (wide, narrow):
        each.model.CopyFrom(case.model)
    kept = {name for node in case.model.graph.node for i, name in enumerate(node.input) if i in WIDE_OPERANDS.get(node.op_type, ())}
    for name, value in case.inputs.items():
        if value.dtype == np.float32 and name not in kept:
            narrow.inputs[name] = value.astype(dtype)
            wide.inputs[name] = narrow.inputs[name].astype(np.float32)
    for i, tensor in enumerate(case.model.graph.initializer):
        if tensor.data_type == onnx.TensorProto.FLOAT and tensor.name not in kept:
            value = numpy_helper.to_array(tensor).astype(dtype)
            narrow.model.graph.initializer[i].CopyFrom(numpy_helper.from_array(value, tensor.name))
            wide.model.graph.initializer[i].CopyFrom(numpy_helper.from_array(value.astype(np.float32), tensor.name))
    narrow_names = {t.name for t in narrow.model.graph.initializer if t.data_type == tensor_type(dtype)} | {n for n, v in narrow.inputs.items() if v.dtype == dtype}
    for info in narrow.model.graph.input:
        if info.name in narrow_names:
            info.type.tensor_type.elem_type = tensor_type(dtype)
    return narrow


def casts():
    sixteen = (np.dtype(np.float16), np.dtype(BF16))
    for source, target in [(np.float32, BF16), (BF16, np.float32), (np.float16, BF16), (BF16, np.float16), (BF16, np.int32), (np.int64, BF16), (BF16, np.bool_),
                           (np.bool_, BF16), (BF16, np.uint8)]:
        x = uniform(f"{source}{target}", (3, 7), source, 0, 100)
        as_wide = lambda dtype: np.float32 if np.dtype(dtype) in sixteen else dtype  # noqa: E731
        wide = op("half", "Cast", [x.astype(as_wide(source))], EXACT, 13, to=tensor_type(as_wide(target)))
        narrow = op("half", "Cast", [x], EXACT, 13, to=tensor_type(target))
        narrow.wide, narrow.dtype = wide, np.dtype(target) if np.dtype(target) in sixteen else None
        yield narrow


def roundings():
    """A Cast to 16 bits rounds amid f32 arithmetic too; every step here is rounded once, so the bits are known."""
    x, y = (uniform(f"rounded {name}", (5, 37), np.float32, -1000, 1000) for name in "xy")
    x[0, :9] = [np.nan, np.inf, -np.inf, 65519, 65520, 1e30, 3e-8, 1e-41, -0.0]
    y[0, :9] = [1, 1, 1, 0.5, 0.5, 1, 0, 0, 0]
    for dtype in (np.float16, BF16):
        with np.errstate(over="ignore", invalid="ignore"):
            truth = (x + y).astype(dtype).astype(np.float32) * y
        nodes = [helper.make_node("Add", ["x", "y"], ["sum"]), helper.make_node("Cast", ["sum"], ["narrow"], to=tensor_type(dtype)),
                 helper.make_node("Cast", ["narrow"], ["rounded"], to=onnx.TensorProto.FLOAT), helper.make_node("Mul", ["rounded", "y"], ["z"])]
        yield Case("half", f"(x + y) rounded to {np.dtype(dtype)}, times y", model_of(nodes, {"x": x, "y": y}, ["z"]), {"x": x, "y": y}, EXACT, [truth])
        nodes = [helper.make_node("Cast", ["c"], ["narrow"], to=tensor_type(dtype)), helper.make_node("Cast", ["narrow"], ["rounded"], to=onnx.TensorProto.FLOAT),
                 helper.make_node("Mul", ["x", "rounded"], ["z"])]
        c = np.full(37, 0.1, np.float32)
        yield Case("half", f"a constant rounded to {np.dtype(dtype)}, times x", model_of(nodes, {"x": x}, ["z"], {"c": c}), {"x": x}, EXACT,
                   [x * c.astype(dtype).astype(np.float32)])


def cases():
    yield from casts()
    yield from roundings()
    for dtype in (np.float16, BF16):
        taken = {}
        for family in FAMILIES:
            for case in importlib.import_module(f"cases.{family}").cases():
                kind = case.model.graph.node[-1].op_type
                if not is_f32(case) or kind in LEFT_OUT or taken.get(kind, 0) >= PER_OPERATOR or case.truth is not None:
                    continue
                taken[kind] = taken.get(kind, 0) + 1
                yield in_16_bits(case, dtype)
