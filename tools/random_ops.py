"""Operators for random graphs: each takes values of the graph and adds one node with legal random shapes and attributes.

A maker gets the Builder and a value and returns whether it could add a node to it. Values carry their shape and type, and whether
they are exact: not rounded by arithmetic, so that both sides have the same bits. What jumps (comparisons, rounding, indices of
maxima) takes exact values only: a last bit could decide there.
"""
from dataclasses import dataclass

import numpy as np
from onnx import helper, numpy_helper

F32, I64 = np.dtype(np.float32), np.dtype(np.int64)


@dataclass
class Value:
    name: str
    shape: tuple
    dtype: np.dtype = F32
    exact: bool = True

    @property
    def rank(self):
        return len(self.shape)

    @property
    def size(self):
        return int(np.prod(self.shape, dtype=np.int64))


class Builder:
    """A graph that grows node by node."""

    def __init__(self, seed, opset=21):
        self.rng, self.opset = np.random.default_rng(seed), opset
        self.nodes, self.constants, self.inputs, self.values = [], {}, {}, []

    # Choices
    def int(self, low, high):
        return int(self.rng.integers(low, high + 1))

    def pick(self, items):
        return items[self.int(0, len(items) - 1)]

    def chance(self, p=0.5):
        return bool(self.rng.random() < p)

    def array(self, shape, low=-1.0, high=1.0):
        return self.rng.uniform(low, high, shape).astype(np.float32)

    # Parts of the graph
    def input(self, shape, array=None):
        value = Value(f"x{len(self.inputs)}", tuple(shape))
        self.inputs[value.name] = self.array(shape) if array is None else array
        self.values.append(value)
        return value

    def constant(self, array):
        name = f"w{len(self.constants)}"
        self.constants[name] = np.asarray(array)
        return name

    def ints(self, *values):
        return self.constant(np.array(values, np.int64))

    def other(self, value, like=None):
        """A value of the same type that fits `like` (a predicate), or a constant of a shape that broadcasts to it."""
        fitting = [v for v in self.values if v.dtype == value.dtype and v.name != value.name and (like is None or like(v))]
        return self.pick(fitting) if fitting else None

    def add(self, kind, operands, shape, value, exact=None, dtype=None, **attributes):
        """One node with one result; its exactness is that of `value` unless given."""
        result = Value(f"v{len(self.nodes)}", tuple(int(d) for d in shape), np.dtype(dtype) if dtype else value.dtype, value.exact if exact is None else exact)
        names = [o.name if isinstance(o, Value) else o for o in operands]
        self.nodes.append(helper.make_node(kind, names, [result.name], name=f"{kind.lower()}{len(self.nodes)}", **attributes))
        self.values.append(result)
        return True


def broadcast(*shapes):
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        return None


# Elementwise ------------------------------------------------------------------------------------------------------------

SMOOTH = ["Tanh", "Sigmoid", "Sin", "Cos", "Atan", "Erf", "Softplus", "Softsign", "HardSwish", "Mish", "Elu", "Selu", "Celu", "Gelu", "HardSigmoid", "Relu", "LeakyRelu", "Abs", "Neg", "Identity"]
JUMPS = ["Floor", "Ceil", "Round", "Sign"]


def unary(b, x):
    if x.dtype != F32:
        return False
    kind = b.pick(SMOOTH + (JUMPS if x.exact else []))
    return b.add(kind, [x], x.shape, x, exact=x.exact and kind in ("Relu", "Abs", "Neg", "Identity", *JUMPS))


def binary(b, x):
    kind = b.pick(["Add", "Sub", "Mul", "Max", "Min", "PRelu"])
    y = b.other(x, lambda v: broadcast(v.shape, x.shape) is not None and np.prod(broadcast(v.shape, x.shape)) < 1 << 16)
    shape = tuple(d if b.chance(0.7) else 1 for d in x.shape[b.int(0, x.rank) :])
    if x.dtype != F32:
        return False
    if kind == "PRelu" or y is None or b.chance(0.4):
        return b.add(kind, [x, b.constant(b.array(shape))], x.shape, x, exact=False)
    return b.add(kind, [x, y], broadcast(x.shape, y.shape), x, exact=False)


def clip(b, x):
    return x.dtype == F32 and b.add("Clip", [x, b.constant(np.float32(-0.6)), b.constant(np.float32(0.7))], x.shape, x)


def where(b, x):
    y = b.other(x, lambda v: v.shape == x.shape)
    mask = b.constant(b.rng.random(x.shape[-1:]) < 0.5)
    return y is not None and x.rank > 0 and b.add("Where", [mask, x, y], x.shape, x, exact=x.exact and y.exact)


def cast(b, x):
    if not x.exact or x.dtype != F32:
        return False
    to = b.pick([np.int32, np.float16, np.float64, np.int8])
    b.add("Cast", [x], x.shape, x, dtype=to, to=helper.np_dtype_to_tensor_dtype(np.dtype(to)))
    return b.add("Cast", [b.values[-1]], x.shape, x, to=1)


# Windows ----------------------------------------------------------------------------------------------------------------


def window(b, x, kernel_limit=4):
    """kernel, strides, pads, dilations and the sizes they make; None where no window fits."""
    dims = x.shape[2:]
    kernel = [b.int(1, min(kernel_limit, d)) for d in dims]
    strides, dilations = [b.int(1, 3) for _ in dims], [b.int(1, 2) for _ in dims]
    begin, end = [b.int(0, k - 1) for k in kernel], [b.int(0, k - 1) for k in kernel]
    out = [(d + p + q - (k - 1) * g - 1) // s + 1 for d, p, q, k, g, s in zip(dims, begin, end, kernel, dilations, strides)]
    reach = [d + p + q >= (k - 1) * g + 1 for d, p, q, k, g in zip(dims, begin, end, kernel, dilations)]
    return (kernel, strides, begin + end, dilations, out) if dims and all(reach) else None


def conv(b, x):
    found = 3 <= x.rank <= 5 and x.dtype == F32 and window(b, x)
    if not found:
        return False
    kernel, strides, pads, dilations, out = found
    channels = x.shape[1]
    groups = b.pick([g for g in range(1, channels + 1) if channels % g == 0])
    features = groups * b.int(1, 4)
    scale = 1 / np.sqrt(channels // groups * np.prod(kernel))
    operands = [x, b.constant(b.array((features, channels // groups, *kernel)) * np.float32(scale))]
    if b.chance():
        operands.append(b.constant(b.array((features,))))
    return b.add("Conv", operands, (x.shape[0], features, *out), x, exact=False, group=groups, kernel_shape=kernel, strides=strides, pads=pads, dilations=dilations)


def conv_transpose(b, x):
    if not (3 <= x.rank <= 4 and x.dtype == F32 and x.size < 4000):
        return False
    kernel, strides = [b.int(1, 4) for _ in x.shape[2:]], [b.int(1, 3) for _ in x.shape[2:]]
    pads = [b.int(0, (k - 1) // 2) for k in kernel] * 2
    extra = [b.int(0, s - 1) for s in strides]
    out = [s * (d - 1) + e + k - 2 * p for s, d, e, k, p in zip(strides, x.shape[2:], extra, kernel, pads)]
    if min(out) < 1:
        return False
    groups, features = (1, b.int(1, 5)) if b.chance(0.7) else (x.shape[1], x.shape[1])
    weight = b.array((x.shape[1], features // groups, *kernel)) / np.float32(np.sqrt(x.shape[1] * np.prod(kernel)))
    return b.add("ConvTranspose", [x, b.constant(weight)], (x.shape[0], features, *out), x, exact=False, group=groups, kernel_shape=kernel, strides=strides, pads=pads, output_padding=extra)


def pool(b, x):
    found = 3 <= x.rank <= 5 and x.dtype == F32 and window(b, x)
    if not found:
        return False
    kernel, strides, pads, dilations, out = found
    if b.chance():
        return b.add("MaxPool", [x], (*x.shape[:2], *out), x, kernel_shape=kernel, strides=strides, pads=pads, dilations=dilations)
    return b.add("AveragePool", [x], (*x.shape[:2], *out), x, exact=False, kernel_shape=kernel, strides=strides, pads=pads, dilations=dilations, count_include_pad=b.int(0, 1))


def global_pool(b, x):
    kind = b.pick(["GlobalAveragePool", "GlobalMaxPool"])
    return x.rank >= 3 and x.dtype == F32 and b.add(kind, [x], (*x.shape[:2], *[1] * (x.rank - 2)), x, exact=kind == "GlobalMaxPool" and x.exact)


def resize(b, x):
    if x.rank != 4 or x.dtype != F32 or x.size > 8000:
        return False
    sizes = [*x.shape[:2], b.int(1, 2 * x.shape[2]), b.int(1, 2 * x.shape[3])]
    # Nearest would jump between neighbours where a coordinate is a tie in one rounding of the scale and none in another.
    mode, coordinates = b.pick(["linear", "cubic"]), b.pick(["half_pixel", "align_corners", "asymmetric"])
    return b.add("Resize", [x, "", "", b.ints(*sizes)], sizes, x, exact=False, mode=mode, coordinate_transformation_mode=coordinates)


# Products, reductions, norms ----------------------------------------------------------------------------------------------


def matmul(b, x):
    if x.rank < 2 or x.dtype != F32:
        return False
    y = b.other(x, lambda v: v.rank >= 2 and v.shape[-2] == x.shape[-1] and broadcast(v.shape[:-2], x.shape[:-2]) is not None)
    if y is not None and b.chance(0.6):
        return b.add("MatMul", [x, y], (*broadcast(x.shape[:-2], y.shape[:-2]), x.shape[-2], y.shape[-1]), x, exact=False)
    n = b.int(1, 20)
    return b.add("MatMul", [x, b.constant(b.array((x.shape[-1], n)) / np.float32(np.sqrt(x.shape[-1])))], (*x.shape[:-1], n), x, exact=False)


def gemm(b, x):
    if x.rank != 2 or x.dtype != F32:
        return False
    trans_a, trans_b, n = b.int(0, 1), b.int(0, 1), b.int(1, 12)
    m, k = x.shape[::-1] if trans_a else x.shape
    weight = b.array((n, k) if trans_b else (k, n)) / np.float32(np.sqrt(k))
    bias = b.pick([(n,), (1, n), (m, 1), (m, n), ()])
    return b.add("Gemm", [x, b.constant(weight), b.constant(b.array(bias))], (m, n), x, exact=False, alpha=0.5, beta=1.5, transA=trans_a, transB=trans_b)


def reduce(b, x):
    if x.rank == 0 or x.dtype != F32:
        return False
    axes = sorted({b.int(0, x.rank - 1) for _ in range(b.int(1, x.rank))})
    keep, kind = b.int(0, 1), b.pick(["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceL1", "ReduceSumSquare", "ReduceLogSumExp"])
    shape = [1 if i in axes else d for i, d in enumerate(x.shape) if keep or i not in axes]
    listed = b.ints(*[a - x.rank if b.chance(0.3) else a for a in axes])
    return b.add(kind, [x, listed], shape, x, exact=x.exact and kind in ("ReduceMax", "ReduceMin"), keepdims=keep)


def arg_max(b, x):
    if x.rank == 0 or not x.exact or x.dtype != F32:
        return False
    axis = b.int(-x.rank, x.rank - 1)
    shape = [1 if i == axis % x.rank else d for i, d in enumerate(x.shape)]
    b.add(b.pick(["ArgMax", "ArgMin"]), [x], shape, x, dtype=np.int64, axis=axis, keepdims=1)
    return b.add("Cast", [b.values[-1]], shape, x, dtype=F32, to=1)


def softmax(b, x):
    return x.rank > 0 and x.dtype == F32 and b.add(b.pick(["Softmax", "LogSoftmax"]), [x], x.shape, x, exact=False, axis=b.int(-x.rank, x.rank - 1))


def norm(b, x):
    if x.rank < 3 or x.dtype != F32 or np.prod(x.shape[2:]) < 4:
        return False
    c = x.shape[1]
    parameters = [b.constant(b.array((c,), 0.5, 1.5)), b.constant(b.array((c,)))]
    if b.chance():
        statistics = [b.constant(b.array((c,))), b.constant(b.array((c,), 0.5, 1.5))]
        return b.add("BatchNormalization", [x, *parameters, *statistics], x.shape, x, exact=False)
    # A large epsilon: a constant input has no deviation to divide by.
    return b.add("InstanceNormalization", [x, *parameters], x.shape, x, exact=False, epsilon=0.1)


def layer_norm(b, x):
    if x.rank < 2 or x.dtype != F32:
        return False
    axis = b.int(1, x.rank - 1)
    return b.add("LayerNormalization", [x, b.constant(b.array(x.shape[axis:])), b.constant(b.array(x.shape[axis:]))], x.shape, x, exact=False, axis=axis, epsilon=0.1)


# Movement -----------------------------------------------------------------------------------------------------------------


def transpose(b, x):
    perm = [int(p) for p in b.rng.permutation(x.rank)]
    return x.rank > 1 and b.add("Transpose", [x], [x.shape[p] for p in perm], x, perm=perm)


def reshape(b, x):
    rest, shape = x.size, []
    while rest > 1 and len(shape) < 4:
        divisor = b.pick([d for d in range(1, rest + 1) if rest % d == 0])
        shape.append(divisor)
        rest //= divisor
    shape.append(rest)
    given = list(shape)
    if b.chance(0.3):
        given[b.int(0, len(given) - 1)] = -1
    return b.add("Reshape", [x, b.ints(*given)], shape, x)


def flatten(b, x):
    axis = b.int(0, x.rank)
    return b.add("Flatten", [x], (np.prod(x.shape[:axis], dtype=int), np.prod(x.shape[axis:], dtype=int)), x, axis=axis)


def unsqueeze(b, x):
    axis = b.int(0, x.rank)
    return x.rank < 5 and b.add("Unsqueeze", [x, b.ints(axis)], (*x.shape[:axis], 1, *x.shape[axis:]), x)


def squeeze(b, x):
    ones = [i for i, d in enumerate(x.shape) if d == 1]
    return bool(ones) and b.add("Squeeze", [x, b.ints(ones[0])], [d for i, d in enumerate(x.shape) if i != ones[0]], x)


def concat(b, x):
    if x.rank == 0:
        return False
    axis = b.int(0, x.rank - 1)
    y = b.other(x, lambda v: v.rank == x.rank and all(i == axis or d == e for i, (d, e) in enumerate(zip(x.shape, v.shape)))) or x
    shape = [d + (y.shape[i] if i == axis else 0) for i, d in enumerate(x.shape)]
    return np.prod(shape) < 1 << 16 and b.add("Concat", [x, y], shape, x, exact=x.exact and y.exact, axis=axis)


def slices(b, x):
    if x.rank == 0:
        return False
    axis = b.int(0, x.rank - 1)
    start, step = b.int(0, x.shape[axis] - 1), b.pick([1, 1, 2, -1, -2])
    end = b.int(start + 1, x.shape[axis] + 2) if step > 0 else -x.shape[axis] - 1
    count = len(range(*slice(start, end if step > 0 else None, step).indices(x.shape[axis])))
    return b.add("Slice", [x, b.ints(start), b.ints(end), b.ints(axis), b.ints(step)], [count if i == axis else d for i, d in enumerate(x.shape)], x)


def pad(b, x):
    mode = b.pick(["constant", "edge", "reflect"])
    begin, end = ([b.int(0, min(2, d - 1)) for d in x.shape] for _ in range(2))
    shape = [p + d + q for p, d, q in zip(begin, x.shape, end)]
    return x.rank > 0 and x.dtype == F32 and np.prod(shape) < 1 << 16 and b.add("Pad", [x, b.ints(*begin, *end), b.constant(np.float32(0.25))], shape, x, mode=mode)


def tile(b, x):
    repeats = [b.int(1, 2) for _ in x.shape]
    return 0 < x.rank and x.size * np.prod(repeats) < 1 << 16 and b.add("Tile", [x, b.ints(*repeats)], [d * r for d, r in zip(x.shape, repeats)], x)


def expand(b, x):
    shape = [b.int(2, 3) if d == 1 else d for d in x.shape]
    return np.prod(shape) < 1 << 16 and b.add("Expand", [x, b.ints(*shape)], shape, x)


def gather(b, x):
    if x.rank == 0:
        return False
    axis, count = b.int(0, x.rank - 1), b.int(1, 4)
    indices = b.constant(b.rng.integers(-x.shape[axis], x.shape[axis], count))
    return b.add("Gather", [x, indices], (*x.shape[:axis], count, *x.shape[axis + 1 :]), x, axis=axis)


def depth_to_space(b, x):
    if x.rank != 4 or x.shape[1] % 4:
        return False
    return b.add("DepthToSpace", [x], (x.shape[0], x.shape[1] // 4, 2 * x.shape[2], 2 * x.shape[3]), x, blocksize=2, mode=b.pick(["DCR", "CRD"]))


def cumsum(b, x):
    return 0 < x.rank and x.dtype == F32 and b.add("CumSum", [x, b.constant(np.int64(b.int(0, x.rank - 1)))], x.shape, x, exact=False, exclusive=b.int(0, 1), reverse=b.int(0, 1))


MAKERS = [
    unary, unary, unary, binary, binary, binary, clip, where, cast, conv, conv, conv, conv_transpose, pool, global_pool, resize, matmul, gemm, reduce,
    arg_max, softmax, norm, layer_norm, transpose, reshape, flatten, unsqueeze, squeeze, concat, concat, slices, pad, tile, expand, gather, depth_to_space, cumsum,
]  # fmt: skip


def build(seed):
    """A random graph of 3 to 12 nodes; its outputs are all values that no node reads."""
    b = Builder(seed)
    for _ in range(b.int(1, 3)):
        rank = b.pick([4, 4, 4, 3, 2, 5])
        b.input([b.int(1, 2)] + [b.pick([1, 2, 3, 4, 5, 7, 8, 12]) for _ in range(rank - 1)])
    wanted = b.int(3, 12)
    for _ in range(20 * wanted):
        if len(b.nodes) >= wanted:
            break
        recent = b.values[-4:] if b.chance(0.7) else b.values
        x = b.pick(recent)
        if x.rank <= 5 and x.size:
            b.pick(MAKERS)(b, x)
    return b


def model_of(nodes, inputs, outputs, constants, opset=21):
    """inputs {name: array}, outputs [Value]"""
    used = {i for n in nodes for i in n.input}
    graph = helper.make_graph(
        nodes,
        "random",
        [helper.make_tensor_value_info(k, helper.np_dtype_to_tensor_dtype(v.dtype), v.shape) for k, v in inputs.items()],
        [helper.make_tensor_value_info(v.name, helper.np_dtype_to_tensor_dtype(v.dtype), v.shape) for v in outputs],
        [numpy_helper.from_array(v, k) for k, v in constants.items() if k in used],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)
