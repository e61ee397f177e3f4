"""Operators of f64, u64 and of integers narrower than any kernel: softmax and its kin, orders and reductions."""
import numpy as np

from case import EXACT, Const, op, scale, uniform

U64 = 2.0**-29  # the unit roundoff of f64 in units of that of f32, of which tolerances count
INTS = (np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64)


def softmax(x, axis):
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def softmaxes():
    x = uniform("softmax f64", (3, 4, 50), np.float64, -8, 8)
    for axis in (-1, 1, 0):
        # numpy's own sums and ours, each a few units off; the logarithm in units of its largest value.
        yield op("wide_types", "Softmax", [x], scale(128 * U64), 13, truth=[softmax(x, axis)], axis=axis)
        yield op("wide_types", "LogSoftmax", [x], scale(128 * U64), 13, truth=[np.log(softmax(x, axis))], axis=axis)
        yield op("wide_types", "Hardmax", [x.astype(np.float32)], EXACT, 13, axis=axis)
    flat = softmax(x.reshape(3, -1), 1).reshape(x.shape)
    yield op("wide_types", "Softmax", [x], scale(256 * U64), 11, truth=[flat], axis=1)
    yield op("wide_types", "Softmax", [x + 1e300], EXACT, 13, truth=[np.full(x.shape, 1 / 50)])  # x + 1e300 is 1e300: all are the same
    scores, labels = uniform("loss f64", (6, 5), np.float64), np.array([0, 4, 2, 2, 1, 3])
    logs = np.log(softmax(scores, 1))
    loss = -logs[np.arange(6), labels].mean()
    yield op("wide_types", "SoftmaxCrossEntropyLoss", [scores, labels], scale(64 * U64), 13, outputs=2, truth=[np.float64(loss), logs])


def distinct(name, shape, dtype):
    """Few equal values, and all of the type's range, where the order of signed and unsigned differs."""
    info = np.iinfo(dtype)
    x = np.linspace(float(info.min), float(info.max) * 0.99, int(np.prod(shape))).astype(dtype)
    np.random.default_rng(len(name)).shuffle(x)
    x[1] = x[0]
    return x.reshape(shape)


def orders():
    for dtype in INTS:
        x = distinct(f"order {dtype.__name__}", (4, 9), dtype)
        for largest in (1, 0):
            order = np.argsort(x.astype(object) * (-1 if largest else 1), axis=1, kind="stable")[:, :3]  # Python's own integers
            best = np.take_along_axis(x, order, 1)
            case = op("wide_types", "TopK", [x, Const(np.array([3]))], EXACT, 11, outputs=2, truth=[best, order], axis=1, largest=largest)
            case.given = True  # ONNX Runtime has kernels for few of the types
            yield case
        for kind, find in (("ArgMax", np.argmax), ("ArgMin", np.argmin)):
            case = op("wide_types", kind, [x], EXACT, 13, truth=[find(x, axis=1)], axis=1, keepdims=0)
            case.given = True
            yield case
        for kind, reduce in (("ReduceMax", np.max), ("ReduceMin", np.min), ("ReduceSum", np.sum), ("ReduceProd", np.prod)):
            if dtype == np.uint64:
                continue  # no kernel
            with np.errstate(all="ignore"):
                truth = reduce(x, axis=0) if kind in ("ReduceMax", "ReduceMin") else reduce(x, axis=0, dtype=dtype)
            case = op("wide_types", kind, [x] if kind != "ReduceSum" else [x, Const(np.array([0]))], EXACT, 13, truth=[truth], keepdims=0,
                      **({"axes": [0]} if kind != "ReduceSum" else {}))
            case.given = True
            yield case
    x = np.round(4 * uniform("order f64", (5, 40), np.float64))
    order = np.argsort(-x, axis=1, kind="stable")[:, :7]
    yield op("wide_types", "TopK", [x, Const(np.array([7]))], EXACT, 11, outputs=2, truth=[np.take_along_axis(x, order, 1), order], axis=1)
    yield op("wide_types", "ArgMax", [x], EXACT, 13, truth=[np.argmax(x, axis=0)], axis=0, keepdims=0)


def cases():
    yield from softmaxes()
    yield from orders()
