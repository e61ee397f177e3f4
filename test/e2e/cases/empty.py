"""Tensors without elements: as inputs, as outputs, and what is computed from them."""
import numpy as np

from case import Const, EXACT, model_of, Case, op
from cases.trees import complete, ensemble
from onnx import helper

f32, i64 = np.float32, np.int64
nothing = np.zeros((2, 0, 3), f32)


def cases():
    some = np.arange(12, dtype=f32).reshape(2, 2, 3)
    yield op("empty", "Relu", [nothing], EXACT, 17)
    yield op("empty", "Add", [nothing, np.ones((2, 1, 3), f32)], EXACT, 17)
    yield op("empty", "Transpose", [nothing], EXACT, 17, perm=[1, 2, 0])
    yield op("empty", "Concat", [nothing, some], EXACT, 17, axis=1)
    yield op("empty", "Concat", [some, nothing, some], EXACT, 17, axis=1)
    yield op("empty", "Concat", [nothing, nothing], EXACT, 17, axis=0)
    yield op("empty", "MatMul", [np.zeros((2, 0), f32), np.zeros((0, 3), f32)], EXACT, 17)
    yield op("empty", "Pad", [nothing, Const(np.array([0, 1, 0, 0, 1, 0], i64)), Const(np.array(2.5, f32))], EXACT, 17)
    yield op("empty", "Slice", [some, Const(np.array([1], i64)), Const(np.array([1], i64)), Const(np.array([2], i64))], EXACT, 17)
    yield op("empty", "Gather", [some, Const(np.zeros((0,), i64))], EXACT, 17, axis=1)
    yield op("empty", "Gather", [some, np.zeros((3, 0), i64)], EXACT, 17, axis=1)
    yield op("empty", "Split", [nothing], EXACT, 13, outputs=2, axis=0)
    yield op("empty", "ScatterND", [some, Const(np.zeros((0, 1), i64)), np.zeros((0, 2, 3), f32)], EXACT, 16)
    yield op("empty", "Expand", [np.zeros((1, 0), f32), Const(np.array([3, 0], i64))], EXACT, 13)
    yield op("empty", "CastLike", [some, np.zeros((0,), np.int32)], EXACT, 19)
    # The neutral element; onnx.reference is the reference, where ONNX Runtime refuses to reduce nothing.
    for kind, neutral in (("ReduceSum", 0), ("ReduceProd", 1)):
        yield op("empty", kind, [nothing, Const(np.array([1], i64))], EXACT, 18, truth=[np.full((2, 1, 3), neutral, f32)])
    for dtype in (i64, np.int32, np.uint64, f32):
        limits = np.finfo(dtype) if dtype == f32 else np.iinfo(dtype)
        most, least = (np.inf, -np.inf) if dtype == f32 else (limits.max, limits.min)
        for kind, value in (("ReduceMin", most), ("ReduceMax", least)):
            case = op("empty", kind, [np.zeros((2, 0, 3), dtype), Const(np.array([1], i64))], EXACT, 20, truth=[np.full((2, 1, 3), value, dtype)])
            case.given = True
            yield case
    yield ensemble(np.zeros((0, 3), f32), [complete(2)], "of no rows", EXACT, truth=[np.zeros((0, 1), f32)], given=True)
    # Empty in the middle of a graph only.
    x = np.arange(4, dtype=f32).reshape(1, 4)
    nodes = [
        helper.make_node("Slice", ["x", "from", "from", "one"], ["none"]),
        helper.make_node("Concat", ["none", "x"], ["both"], axis=1),
        helper.make_node("Neg", ["both"], ["y"]),
    ]
    constants = {"from": np.array([2], i64), "one": np.array([1], i64)}
    yield Case("empty", "in the middle", model_of(nodes, {"x": x}, ["y"], constants, 13), {"x": x}, EXACT)
