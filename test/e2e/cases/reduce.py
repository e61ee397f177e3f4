"""Reductions over any axes, before and after axes became an input (ReduceSum at 13, the others at 18), and ArgMax."""
import numpy as np

from case import EXACT, Const, op, scale, sum_of, uniform

AXES = [
    ((2, 3, 4, 5), None), ((2, 3, 4, 5), [3]), ((2, 3, 4, 5), [-1]), ((1, 16, 7, 9), [2, 3]), ((2, 3, 4, 5), [1]), ((2, 3, 4, 5), [0, 2]),
    ((2, 3, 4, 5), [0, 1, 2, 3]), ((4, 65), [1]), ((65, 4), [0]), ((9,), [0]), ((1, 5, 1), [0, 2]), ((3, 130, 2), [1]),
]
TOLERANCE = {"ReduceSum": sum_of, "ReduceMean": sum_of, "ReduceL1": sum_of, "ReduceSumSquare": sum_of}


def reduce_op(kind, shape, axes, keep, opset, dtype=np.float32):
    name = f"{kind}{shape}{axes}{keep}"
    low, high = (0.5, 1.5) if kind == "ReduceProd" else (-1, 1)
    x = uniform(name, shape, dtype, low, high) if np.dtype(dtype).kind == "f" else uniform(name, shape, dtype)
    count = int(np.prod([shape[a] for a in (axes if axes is not None else range(len(shape)))]))
    if kind in ("ReduceMax", "ReduceMin") or np.dtype(dtype).kind != "f":
        tolerance = EXACT
    elif kind in TOLERANCE:
        tolerance = TOLERANCE[kind](count)
    else:  # products, roots and logarithms of sums: the rounding of count terms, and the function's own
        tolerance = scale(2 * (count if kind == "ReduceProd" else 2 * np.sqrt(count)) + 16)
    since = 13 if kind == "ReduceSum" else 18
    attrs = {} if keep is None else {"keepdims": keep}
    if axes is None or opset < since:
        return op("reduce", kind, [x], tolerance, opset, **attrs, **({} if axes is None else {"axes": axes}))
    return op("reduce", kind, [x, Const(np.array(axes, np.int64))], tolerance, opset, **attrs)


def cases():
    for kind in ("ReduceSum", "ReduceMean", "ReduceMax"):
        for i, (shape, axes) in enumerate(AXES):
            yield reduce_op(kind, shape, axes, (None, 0, 1)[i % 3], (11, 13, 18)[i % 3])
            yield reduce_op(kind, shape, axes, (1, 0)[i % 2], (18, 7)[i % 2])
    for kind in ("ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSum", "ReduceLogSumExp"):
        for i, (shape, axes) in enumerate(AXES[:8]):
            if kind == "ReduceLogSum":
                continue
            yield reduce_op(kind, shape, axes, (None, 0, 1)[i % 3], (13, 18)[i % 2])
    x = uniform("logsum", (3, 4, 5), low=0.5, high=2)
    yield op("reduce", "ReduceLogSum", [x], scale(40), 13, axes=[1], keepdims=0)
    for kind in ("ReduceSum", "ReduceProd", "ReduceMax", "ReduceMin", "ReduceMean"):
        for dtype in (np.int32, np.int64):
            if kind == "ReduceProd":
                yield op("reduce", kind, [uniform("ints", (3, 4), dtype, 1, 4)], EXACT, 13, axes=[1])
            elif not (kind == "ReduceMean" and dtype == np.int64):
                yield reduce_op(kind, (3, 4, 5), [1], 1, 13, dtype)
    yield reduce_op("ReduceMean", (1, 20, 7, 7), [2, 3], 1, 13, np.float16)
    yield reduce_op("ReduceMax", (4, 33), [1], 0, 13, np.float16)
    x = uniform("noop", (3, 4))
    yield op("reduce", "ReduceSum", [x, Const(np.array([], np.int64))], sum_of(12), 13, noop_with_empty_axes=0)
    yield op("reduce", "ReduceSum", [x, Const(np.array([], np.int64))], EXACT, 13, noop_with_empty_axes=1)
    yield op("reduce", "ReduceMean", [x], EXACT, 18, noop_with_empty_axes=1)
    for kind in ("ArgMax", "ArgMin"):
        ties = np.round(uniform("ties", (3, 7, 5), low=0, high=4))
        for axis, keep in [(1, 1), (-1, 0), (0, 1)]:
            yield op("reduce", kind, [ties], EXACT, 13, axis=axis, keepdims=keep)
        yield op("reduce", kind, [ties], EXACT, 12, axis=1, select_last_index=1)
