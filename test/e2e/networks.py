"""Small networks, each built around one structure that a pass must get right."""
import numpy as np

from net import Net


def residual(n):
    x = n.relu(n.conv(n.input((1, 3, 16, 16)), 3, 24))
    for stride in (1, 2):
        y = n.bn(n.conv(n.relu(n.bn(n.conv(x, 24, 24, stride=stride, bias=False), 24)), 24, 24, bias=False), 24)
        skip = x if stride == 1 else n.bn(n.conv(x, 24, 24, kernel=1, stride=2, bias=False), 24)
        x = n.relu(n.node("Add", y, skip))
    return [n.dense(n.node("Flatten", n.node("GlobalAveragePool", x)), 24, 10)]


def inverted_residual_se(n):
    x = n.conv(n.input((1, 16, 12, 12)), 16, 16, kernel=1)
    y = n.conv(x, 16, 64, kernel=1)
    y = n.node("Mul", y, n.node("Sigmoid", y))
    y = n.conv(y, 64, 64, group=64)
    y = n.node("Mul", y, n.node("Sigmoid", y))
    s = n.relu(n.conv(n.node("GlobalAveragePool", y), 64, 8, kernel=1))
    s = n.node("Sigmoid", n.conv(s, 8, 64, kernel=1))
    return [n.node("Add", n.conv(n.node("Mul", s, y), 64, 16, kernel=1), x)]


def inception(n):
    x = n.relu(n.conv(n.input((1, 8, 14, 14)), 8, 32))
    branches = [n.relu(n.conv(x, 32, 16, kernel=1)), n.relu(n.conv(n.relu(n.conv(x, 32, 12, kernel=1)), 12, 20))]
    branches += [n.relu(n.conv(n.relu(n.conv(x, 32, 5, kernel=1)), 5, 9, kernel=5))]
    pool = n.node("MaxPool", x, kernel_shape=[3, 3], strides=[1, 1], pads=[1] * 4)
    branches += [n.relu(n.conv(pool, 32, 7, kernel=1))]
    return [n.conv(n.node("Concat", *branches, axis=1), 52, 8)]


def nested_concat(n):
    x = n.input((1, 4, 10, 10))
    a, b, c = n.conv(x, 4, 8), n.conv(x, 4, 5, kernel=1), n.conv(x, 4, 16)
    inner = n.node("Concat", a, b, axis=1)
    outer = n.node("Concat", n.node("Concat", c, inner, axis=1), x, inner, axis=1)
    return [n.conv(outer, 46, 8), n.relu(inner)]


def dense_block(n):
    x = n.conv(n.input((1, 3, 9, 9)), 3, 12)
    for i in range(3):
        x = n.node("Concat", x, n.conv(n.relu(n.bn(x, 12 + 6 * i)), 12 + 6 * i, 6), axis=1)
    return [x]


def shuffle_unit(n):
    x = n.relu(n.conv(n.input((1, 4, 8, 8)), 4, 32))
    for _ in range(2):
        left, right = n.node("Split", x, n.ints(16, 16), outputs=2, axis=1)
        right = n.relu(n.conv(right, 16, 16, kernel=1))
        right = n.relu(n.conv(n.conv(right, 16, 16, group=16), 16, 16, kernel=1))
        x = n.node("Concat", left, right, axis=1)
        x = n.node("Reshape", x, n.ints(1, 2, 16, 8, 8))
        x = n.node("Reshape", n.node("Transpose", x, perm=[0, 2, 1, 3, 4]), n.ints(1, 32, 8, 8))
    return [x]


def unet(n):
    x = n.input((1, 3, 16, 16))
    down = n.relu(n.conv(x, 3, 16))
    deep = n.relu(n.conv(n.node("MaxPool", down, kernel_shape=[2, 2], strides=[2, 2]), 16, 32))
    up = n.node("ConvTranspose", deep, n.weight(32, 16, 2, 2), n.weight(16), strides=[2, 2])
    return [n.conv(n.relu(n.conv(n.node("Concat", up, down, axis=1), 32, 16)), 16, 5, kernel=1)]


def fpn(n):
    c1 = n.relu(n.conv(n.input((1, 3, 16, 16)), 3, 8))
    c2 = n.relu(n.conv(c1, 8, 16, stride=2))
    c3 = n.relu(n.conv(c2, 16, 32, stride=2))
    p3 = n.conv(c3, 32, 12, kernel=1)
    up = lambda x: n.node("Resize", x, "", n.const(np.array([1, 1, 2, 2], np.float32)), mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor")
    p2 = n.node("Add", n.conv(c2, 16, 12, kernel=1), up(p3))
    p1 = n.node("Add", n.conv(c1, 8, 12, kernel=1), up(p2))
    return [n.conv(p, 12, 12) for p in (p1, p2, p3)]


def layer_norm(n, x, c):
    """The composite older exports write, with Pow 2."""
    d = n.node("Sub", x, n.node("ReduceMean", x, axes=[-1]))
    v = n.node("ReduceMean", n.node("Pow", d, n.scalar(2)), axes=[-1])
    y = n.node("Div", d, n.node("Sqrt", n.node("Add", v, n.scalar(1e-5))))
    return n.node("Add", n.node("Mul", y, n.weight(c, low=0.5)), n.weight(c))


def gelu(n, x):
    e = n.node("Add", n.node("Erf", n.node("Div", x, n.scalar(np.sqrt(2)))), n.scalar(1))
    return n.node("Mul", n.node("Mul", x, e), n.scalar(0.5))


def attention(n, tokens=17, width=32, heads=4):
    x = n.input((1, tokens, width))
    y, parts = layer_norm(n, x, width), []
    for _ in range(3):
        z = n.node("Add", n.node("MatMul", y, n.weight(width, width)), n.weight(width))
        parts.append(n.node("Transpose", n.node("Reshape", z, n.ints(1, tokens, heads, width // heads)), perm=[0, 2, 1, 3]))
    q, k, v = parts
    scores = n.node("Div", n.node("MatMul", q, n.node("Transpose", k, perm=[0, 1, 3, 2])), n.scalar(np.sqrt(width // heads)))
    z = n.node("Transpose", n.node("MatMul", n.node("Softmax", scores, axis=-1), v), perm=[0, 2, 1, 3])
    x = n.node("Add", x, n.node("MatMul", n.node("Reshape", z, n.ints(1, tokens, width)), n.weight(width, width)))
    h = gelu(n, n.node("Add", n.node("MatMul", layer_norm(n, x, width), n.weight(width, 2 * width)), n.weight(2 * width)))
    return [n.node("Add", x, n.node("MatMul", h, n.weight(2 * width, width)))]


def preactivation(n):
    x = n.conv(n.input((1, 3, 10, 10)), 3, 16)
    y = n.conv(n.relu(n.bn(x, 16)), 16, 16)
    return [n.node("Add", x, n.conv(n.relu(n.bn(y, 16)), 16, 16))]


def bn_around(n):
    """BN before a padded conv (not foldable into it), after a transposed conv, after a dense layer, and alone."""
    x = n.input((1, 6, 8, 8))
    a = n.bn(n.conv(n.bn(x, 6), 6, 9), 9)
    b = n.bn(n.node("ConvTranspose", x, n.weight(6, 10, 2, 2), strides=[2, 2]), 10)
    c = n.bn(n.dense(n.node("Flatten", x), 384, 7), 7)
    return [a, b, c, n.bn(x, 6), n.conv(n.bn(x, 6), 6, 5, kernel=1)]


def pad_conv(n):
    x = n.input((1, 5, 9, 9))
    pad = lambda amount, value, **a: n.node("Pad", x, n.ints(0, 0, amount, amount, 0, 0, 1, amount), *([n.scalar(value)] if value is not None else []), **a)
    w = n.weight(8, 5, 3, 3)
    outs = [n.node("Conv", pad(1, 0), w), n.node("Conv", pad(1, 1.5), w), n.node("Conv", pad(2, None, mode="reflect"), w)]
    return outs + [n.node("AveragePool", pad(1, 0), kernel_shape=[3, 3]), n.node("MaxPool", pad(1, 0), kernel_shape=[3, 3])]


def shared_weights(n):
    x, w, b = n.input((1, 8, 7, 7)), n.weight(8, 8, 3, 3), n.weight(8)
    y = x
    for _ in range(3):
        y = n.relu(n.node("Conv", y, w, b, pads=[1] * 4))
    return [n.bn(n.node("Conv", y, w, pads=[1] * 4), 8), n.node("Add", y, n.node("ReduceMean", w))]


def inner_output(n):
    c = n.conv(n.input((1, 4, 8, 8)), 4, 16)
    r = n.relu(c)
    return [c, n.conv(r, 16, 4), r]


def passthrough(n):
    a, b = n.input((2, 5)), n.input((3,))
    return [a, n.node("Relu", b), n.node("Identity", b)]


def same_output_twice(n):
    r = n.relu(n.conv(n.input((1, 3, 6, 6)), 3, 8))
    return [n.node("Identity", r), n.node("Identity", r), n.node("Flatten", r)]


def used_twice(n):
    x = n.conv(n.input((1, 4, 8, 8)), 4, 12)
    return [n.node("Add", x, x), n.node("Mul", n.node("Sigmoid", x), x), n.node("Concat", x, x, axis=1)]


def views(n):
    """Slices, splits and concats of one another, some overlapping, so not all can be views."""
    x = n.relu(n.conv(n.input((1, 3, 8, 8)), 3, 24))
    part = lambda a, b: n.node("Slice", x, n.ints(a), n.ints(b), n.ints(1))
    a, b = part(0, 16), part(8, 24)
    c = n.node("Concat", n.relu(a), b, part(4, 8), axis=1)
    halves = n.node("Split", c, n.ints(18, 18), outputs=2, axis=1)
    rows = n.node("Slice", x, n.ints(1, 0), n.ints(8, 8), n.ints(2, 3), n.ints(2, 3))
    return [n.conv(halves[0], 18, 4), n.node("Add", halves[1], halves[0]), n.node("Concat", b, a, axis=1), n.conv(rows, 24, 4, kernel=1)]


def concat_of_outputs(n):
    """The parts of a concat are outputs too, as is the whole."""
    x = n.input((1, 3, 6, 6))
    a, b = n.conv(x, 3, 16), n.conv(x, 3, 8)
    return [n.node("Concat", a, b, axis=1), a, n.relu(b)]


def scalars(n):
    x = n.input(())
    y = n.node("Mul", x, n.scalar(3))
    return [y, n.node("Reshape", y, n.ints(1, 1)), n.node("ReduceSum", n.node("Add", y, n.input((4,))), keepdims=0)]


def constant_outputs(n):
    x = n.input((2, 2))
    w = n.const(np.arange(6, dtype=np.float32).reshape(2, 3))
    return [n.node("Add", w, n.scalar(1)), n.node("MatMul", x, w), n.node("Shape", x)]


def unused(n):
    n.input((3, 3), "spare")
    n.weight(4, 4)
    x = n.input((1, 5))
    n.node("Exp", n.node("Tanh", x))
    return [n.node("Dropout", n.relu(x))]


def shape_arithmetic(n):
    """The view(x.size(0), -1) of an export: Shape, Gather, Unsqueeze, Concat, Reshape; and a computed Expand and Slice."""
    x = n.input((2, 3, 4, 5))
    size = lambda i: n.node("Gather", n.node("Shape", x), n.const(np.int64(i)), axis=0)
    column = lambda v: n.node("Unsqueeze", v, n.ints(0))
    flat = n.node("Reshape", x, n.node("Concat", column(size(0)), n.ints(-1), axis=0))
    half = n.node("Div", size(3), n.const(np.int64(2)))
    cut = n.node("Slice", x, n.ints(0), column(half), n.ints(3))
    wide = n.node("Expand", n.const(np.float32(2)), n.node("Shape", flat))
    return [flat, cut, n.node("Add", wide, flat)]


def transposes(n):
    """An NHWC export: transposes at the boundary and around each op, all of which should cancel."""
    x = n.node("Transpose", n.input((1, 9, 9, 3)), perm=[0, 3, 1, 2])
    for c, k in ((3, 16), (16, 8)):
        x = n.node("Transpose", n.relu(n.conv(x, c, k)), perm=[0, 2, 3, 1])
        x = n.node("Transpose", n.node("Add", x, n.weight(k)), perm=[0, 3, 1, 2])
    x = n.node("Softmax", n.node("Transpose", x, perm=[0, 2, 3, 1]), axis=-1)
    return [n.node("Reshape", x, n.ints(1, 81, 8))]


def epilogues(n):
    """Long pointwise tails with broadcast operands of every shape, and a value needed again behind them."""
    x = n.input((1, 8, 7, 7))
    y = n.conv(x, 8, 20)
    z = n.node("Add", n.node("Mul", y, n.weight(20, 1, 1)), n.weight(1, 20, 1, 1))
    z = n.node("Clip", n.node("Sub", z, n.scalar(0.1)), n.scalar(-1), n.scalar(1))
    z = n.node("Max", n.node("Mul", z, n.weight(7, 7)), n.node("Tanh", y))
    z = n.node("Where", n.node("Greater", z, y), z, n.node("Neg", y))
    m = n.node("Add", n.node("MatMul", n.input((5, 12)), n.weight(12, 17)), n.weight(5, 1))
    return [z, n.node("Div", n.node("Exp", m), n.node("Add", n.node("Exp", m), n.scalar(1)))]


def detection_head(n):
    x = n.relu(n.conv(n.input((1, 3, 8, 8)), 3, 16))
    outs = []
    for k in (4, 1, 6):
        h = n.conv(x, 16, k, kernel=1)
        outs.append(n.node("Sigmoid", h) if k != 4 else h)
    y = n.node("Reshape", n.node("Concat", *outs, axis=1), n.ints(1, 11, 64))
    return [n.node("Transpose", y, perm=[0, 2, 1])]


def in_place(n):
    """Chains where the output may take the input's place, and one where it may not: the input is needed later."""
    x = n.relu(n.conv(n.input((1, 4, 9, 9)), 4, 16))
    y = n.node("Sqrt", n.node("Abs", n.node("Add", x, n.scalar(1))))
    z = n.node("Reshape", n.node("Sigmoid", y), n.ints(1, 16, 81))
    return [n.node("Add", n.node("Reshape", z, n.ints(1, 16, 9, 9)), x), n.node("Sub", y, x)]


def initializer_inputs(n):
    """IR 3: every initializer is listed among the graph's inputs."""
    return [n.relu(n.conv(n.input((1, 3, 6, 6)), 3, 8))]


def half(n):
    x = n.relu(n.conv(n.input((1, 3, 14, 14)), 3, 16))
    x = n.node("Concat", n.relu(n.conv(x, 16, 16, kernel=1)), n.conv(x, 16, 16), axis=1)
    x = n.node("GlobalAveragePool", n.node("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2]))
    return [n.node("Softmax", n.node("Flatten", n.conv(x, 32, 10, kernel=1)), axis=1)]


def half_mixed(n):
    """f16 with a stretch in f32, as mixed-precision exports have it."""
    x = n.conv(n.input((1, 3, 8, 8)), 3, 12)
    y = n.node("Cast", n.node("Exp", n.node("Cast", x, to=1)), to=10)
    return [n.node("Add", x, y), n.node("Cast", y, to=1)]


def integer_tail(n):
    x = n.dense(n.input((3, 20)), 20, 9)
    best = n.node("ArgMax", x, axis=1, keepdims=0)
    return [best, n.node("Cast", n.node("Greater", x, n.scalar(0)), to=6), n.node("Add", best, n.ints(1))]


def bidirectional_lstm(n):
    """Two layers, as exporters write them: the directions side by side for the next layer, a dense layer at each step."""
    x, width = n.input((9, 2, 12), "x"), 12
    for hidden in (16, 20):
        weights = [n.weight(2, 4 * hidden, width, gain=3), n.weight(2, 4 * hidden, hidden, gain=3), n.weight(2, 8 * hidden)]
        y, last, cell = n.node("LSTM", x, *weights, outputs=3, hidden_size=hidden, direction="bidirectional")
        x, width = n.node("Reshape", n.node("Transpose", y, perm=[0, 2, 1, 3]), n.ints(9, 2, 2 * hidden)), 2 * hidden
    return [n.node("MatMul", x, n.weight(40, 5)), last, cell]


# name, builder, opset, options of Net and Net.model
NETWORKS = [
    (f.__name__, f, {"opset": 13 if f in (attention, epilogues) else 17})
    for f in (
        residual, inverted_residual_se, inception, nested_concat, dense_block, shuffle_unit, unet, fpn, attention, preactivation, bn_around, pad_conv,
        shared_weights, inner_output, passthrough, same_output_twice, used_twice, views, concat_of_outputs, scalars, constant_outputs, unused,
        shape_arithmetic, transposes, epilogues, detection_head, in_place, integer_tail, bidirectional_lstm,
    )
] + [
    ("initializer_inputs", initializer_inputs, {"opset": 8}),
    ("half", half, {"opset": 13, "dtype": np.float16}),
    ("half_mixed", half_mixed, {"opset": 13, "dtype": np.float16}),
    ("residual_old", residual, {"opset": 8}),
]


def build(name, builder, options):
    net = Net(name, **options)
    outputs = builder(net)
    return net.model(*outputs), net.inputs
