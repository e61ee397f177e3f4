"""Ops that only move data, on every element type: the bits must be the same. Axes and sizes as attributes and as inputs."""
import numpy as np

from case import Case, Const, model_of, op, ulp, uniform
from onnx import helper

TYPES = (np.float32, np.float16, np.int32, np.int64, np.uint8, np.int8, np.bool_)


def i64(*values):
    return Const(np.array(values, np.int64))


def transpose_and_reshape():
    for shape, perm in [
        ((2, 3), [1, 0]), ((1, 17, 5, 7), [0, 2, 3, 1]), ((1, 5, 7, 17), [0, 3, 1, 2]), ((2, 3, 4, 5), [3, 1, 0, 2]), ((2, 3, 4), [2, 0, 1]),
        ((1, 2, 8, 3, 5), [0, 2, 1, 3, 4]), ((2, 9, 4, 16), [0, 2, 1, 3]), ((3, 1, 4, 1), [2, 1, 0, 3]), ((2, 3, 4), [0, 1, 2]), ((33, 65), [1, 0]),
        ((2, 2, 3, 2, 3, 2), [0, 5, 3, 1, 4, 2]),
    ]:
        yield op("movement", "Transpose", [uniform(f"t{shape}", shape)], opset=13, perm=perm)
    yield op("movement", "Transpose", [uniform("t", (2, 3, 4))], opset=7)
    for dtype in TYPES:
        yield op("movement", "Transpose", [uniform("tt", (3, 5, 4), dtype)], opset=13, perm=[0, 2, 1])
    for shape, to in [((2, 3, 4), [6, 4]), ((2, 3, 4), [-1]), ((2, 3, 4), [0, -1]), ((2, 3, 4), [0, 0, 2, 2]), ((6,), [1, 2, 3, 1]), ((1,), []), ((), [1, 1])]:
        yield op("movement", "Reshape", [uniform(f"r{shape}", shape), i64(*to)], opset=13)
    for axis in (0, 1, 2, -1, 4):
        yield op("movement", "Flatten", [uniform(f"f{axis}", (2, 3, 4, 5))], opset=13 if axis else 9, axis=axis)
    for opset in (11, 13, 21):
        axes = (lambda *a: ([], {"axes": list(a)})) if opset < 13 else (lambda *a: ([i64(*a)], {}))
        for kind, shape, at in [("Squeeze", (1, 3, 1, 4), (0, 2)), ("Squeeze", (1, 3, 1), (-1,)), ("Unsqueeze", (3, 4), (0, 3)), ("Unsqueeze", (3, 4), (-1,)), ("Unsqueeze", (), (0,))]:
            extra, attrs = axes(*at)
            yield op("movement", kind, [uniform(f"{kind}{shape}", shape), *extra], opset=opset, **attrs)
    yield op("movement", "Squeeze", [uniform("sq", (1, 3, 1, 4))], opset=13)
    for mode, opset in [("DCR", 13), ("CRD", 11)]:
        yield op("movement", "DepthToSpace", [uniform("d2s" + mode, (1, 12, 3, 4))], opset=opset, blocksize=2, mode=mode)
    yield op("movement", "SpaceToDepth", [uniform("s2d", (1, 3, 6, 4))], opset=13, blocksize=2)


def slice_op(x, starts, ends, axes=None, steps=None, opset=13):
    if opset < 10:
        attrs = {"starts": starts, "ends": ends, **({"axes": axes} if axes else {})}
        return op("movement", "Slice", [x], opset=opset, **attrs)
    operands = [x, i64(*starts), i64(*ends)] + ([i64(*axes)] if axes else [None] if steps else []) + ([i64(*steps)] if steps else [])
    return op("movement", "Slice", operands, opset=opset)


def slices():
    x = uniform("slice", (3, 8, 9, 5))
    big = 2**63 - 1
    for opset in (9, 10, 13):
        yield slice_op(x, [1], [3], [1], opset=opset)
        yield slice_op(x, [0, -3], [2, big], [0, 2], opset=opset)
        yield slice_op(x, [0, 1, 2, 3], [1, 7, 100, -1], opset=opset)
    for starts, ends, axes, steps in [
        ([0], [9], [2], [2]), ([8], [-100], [2], [-1]), ([-1], [0], [1], [-2]), ([1, 0], [8, 5], [1, 3], [3, 2]), ([0], [-1], [-1], [1]),
        ([7, 4], [-big, -big], [1, 3], [-1, -1]),
    ]:
        yield slice_op(x, starts, ends, axes, steps)
    yield slice_op(x, [0, 1, 0, 4], [3, 8, 9, 0], None, [1, 2, 3, -1])
    yield slice_op(uniform("slicei", (6, 5), np.int64), [1], [5], [0], [2])
    yield op("movement", "Slice", [x, Const(np.array([1], np.int32)), Const(np.array([3], np.int32)), Const(np.array([1], np.int32))], opset=13)


def concat_and_split():
    for axis, shapes in [
        (1, [(1, 3, 4, 5), (1, 2, 4, 5)]), (0, [(1, 3), (2, 3), (1, 3)]), (-1, [(2, 3, 1), (2, 3, 4)]), (1, [(1, 17, 3, 3), (1, 16, 3, 3), (1, 1, 3, 3)]), (2, [(2, 2, 3), (2, 2, 1)]),
        (0, [(4,)]),
    ]:
        yield op("movement", "Concat", [uniform(f"cat{i}", s) for i, s in enumerate(shapes)], opset=13 if axis else 7, axis=axis)
    x = uniform("same twice", (2, 3))
    twice = helper.make_node("Concat", ["x0", "x0", "w"], ["y0"], name="concat", axis=0)
    yield Case("movement", "Concat of one value twice and a constant", model_of([twice], {"x0": x}, ["y0"], {"w": x + 1}), {"x0": x})
    for dtype in TYPES[1:]:
        yield op("movement", "Concat", [uniform("ca", (2, 3), dtype), uniform("cb", (2, 1), dtype)], opset=13, axis=1)
    x = uniform("split", (2, 7, 6))
    for opset in (7, 11, 13, 18):
        for sizes, axis in [([2, 5], 1), ([3, 1, 2], 2), ([1, 1], 0), ([3, 3], -1)]:
            if opset < 13:
                yield op("movement", "Split", [x], opset=opset, outputs=len(sizes), axis=axis, split=sizes)
            else:
                yield op("movement", "Split", [x, i64(*sizes)], opset=opset, outputs=len(sizes), axis=axis)
    for opset in (9, 13):
        yield op("movement", "Split", [x], opset=opset, outputs=3, axis=2)
    yield op("movement", "Split", [x], opset=18, outputs=3, axis=2, num_outputs=3)
    yield op("movement", "Split", [x], opset=18, outputs=4, axis=1, num_outputs=4)  # 2, 2, 2 and what is left: 1
    yield op("movement", "Split", [uniform("spu", (4, 6), np.uint8)], opset=13, outputs=2, axis=1)


def pads():
    x = uniform("pad", (2, 3, 5, 6))
    four = [0, 1, 2, 3, 1, 0, 1, 2]
    edges = [0, 0, 2, 3, 0, 0, 1, 2]
    for mode, amounts in [("constant", four), ("constant", [0, 0, -1, 1, 0, 0, 2, -2]), ("reflect", edges), ("edge", edges)]:
        yield op("movement", "Pad", [x], opset=7, mode=mode, pads=amounts, **({"value": 1.5} if mode == "constant" else {}))
        for opset in (11, 13, 18):
            value = [Const(np.float32(-0.5))] if mode == "constant" else []
            yield op("movement", "Pad", [x, i64(*amounts), *value], opset=opset, mode=mode)
    yield op("movement", "Pad", [x, i64(*four)], opset=13)
    yield op("movement", "Pad", [x, i64(1, 2, 0, 3), None, i64(1, -1)], opset=18)
    yield op("movement", "Pad", [x, i64(*edges)], opset=19, mode="wrap")
    for dtype in (np.float16, np.int32, np.int64, np.uint8, np.bool_):
        yield op("movement", "Pad", [uniform("padt", (3, 4), dtype), i64(1, 0, 0, 2), Const(np.array(1, dtype))], opset=13)


def gathers():
    x = uniform("gather", (4, 5, 6))
    for axis, index in [(0, [2]), (1, [0, -1, 3]), (2, [[0, 5], [2, -6]]), (-1, 3), (0, -1)]:
        yield op("movement", "Gather", [x, Const(np.array(index, np.int64))], opset=13, axis=axis)
        yield op("movement", "Gather", [x, np.array(index, np.int32)], opset=11, axis=axis)
    yield op("movement", "Gather", [Const(uniform("table", (100, 17))), uniform("ids", (3, 7), np.int64, 0, 100)], opset=13)
    for dtype in TYPES[1:]:
        yield op("movement", "Gather", [uniform("gt", (4, 5), dtype), i64(3, 1)], opset=13, axis=0)
    yield op("movement", "GatherElements", [x, uniform("ge", (4, 2, 6), np.int64, -5, 5)], opset=13, axis=1)
    yield op("movement", "GatherND", [x, Const(np.array([[0, 1], [3, -1]], np.int64))], opset=13)
    data, index = uniform("sn", (4, 5)), np.array([[0, 1], [3, 4], [2, 2]], np.int64)
    yield op("movement", "ScatterND", [data, Const(index), uniform("snu", (3,))], opset=13)
    for kind, update in [("none", (2, 6)), ("add", (2, 6)), ("mul", (2, 6)), ("max", (2, 6)), ("min", (2, 6))]:
        rows = Const(np.array([[3, 1, 0, 2, 2, -1], [0, 2, 4, 0, 1, 3]], np.int64))
        values = uniform(f"se{kind}", update)
        yield op("movement", "ScatterElements", [uniform("sed", (5, 6)), rows, values], ulp(2), 18 if kind != "none" else 13, axis=0, **({"reduction": kind} if kind != "none" else {}))
    yield op("movement", "ScatterND", [data, Const(index), uniform("sna", (3,))], ulp(2), 18, reduction="add")
    for shape, k, axis, largest in [((3, 9), 4, 1, 1), ((3, 9), 1, -1, 0), ((7, 4), 7, 0, 1)]:
        yield op("movement", "TopK", [uniform(f"topk{k}", shape), i64(k)], opset=11, outputs=2, axis=axis, largest=largest)
    ties = np.round(uniform("topties", (2, 12), low=0, high=3))
    yield op("movement", "TopK", [ties, i64(5)], opset=11, outputs=2, axis=1)
    yield op("movement", "TopK", [ties], opset=9, outputs=2, axis=1, k=5)
    for dtype in (np.float32, np.int64):
        values = Const(np.array([2, 5], dtype))
        yield op("movement", "OneHot", [uniform("oh", (3, 4), np.int64, 0, 6), Const(np.int64(6)), values], opset=11, axis=-1)
        yield op("movement", "OneHot", [uniform("oh", (3, 4), np.int32, -6, 6), Const(np.int64(6)), values], opset=11, axis=1)


def expands():
    for shape, to in [((3, 1), [2, 3, 4]), ((1,), [5]), ((), [2, 2]), ((2, 3), [2, 3]), ((2, 1, 3), [1, 4, 1]), ((1, 64, 1, 1), [1, 64, 7, 5])]:
        yield op("movement", "Expand", [uniform(f"e{shape}", shape), i64(*to)], opset=13 if len(to) % 2 else 8)
    yield op("movement", "Expand", [uniform("eb", (3, 1), np.bool_), i64(3, 4)], opset=13)
    for shape, times in [((2, 3), [2, 2]), ((4,), [3]), ((1, 2, 3), [2, 1, 3]), ((2, 3), [1, 1])]:
        yield op("movement", "Tile", [uniform(f"tile{shape}", shape), i64(*times)], opset=13 if times[0] > 1 else 7)
    yield op("movement", "Tile", [uniform("tilei", (2, 3), np.int64), i64(1, 4)], opset=13)


def cases():
    yield from transpose_and_reshape()
    yield from slices()
    yield from concat_and_split()
    yield from pads()
    yield from gathers()
    yield from expands()
