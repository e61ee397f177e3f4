"""If, Loop and Scan with what is known at run time only: conditions, trip counts, carried values, scan inputs and outputs."""
import numpy as np
from onnx import TensorProto as T
from onnx import helper

from case import EXACT, Case, model_of, scale, uniform

f32, i64 = np.float32, np.int64
node = helper.make_node
OPSET = 16


def value(name, kind=T.FLOAT, shape=None):
    return helper.make_tensor_value_info(name, kind, shape)


def graph(name, nodes, inputs=(), outputs=(), constants=None):
    """A body; inputs and outputs are names, or (name, element type)."""
    def infos(list_):
        return [value(*v) if isinstance(v, tuple) else value(v) for v in list_]
    inits = [helper.make_tensor(k, helper.np_dtype_to_tensor_dtype(v.dtype), v.shape, v.flatten().tolist()) for k, v in (constants or {}).items()]
    return helper.make_graph(nodes, name, infos(inputs), infos(outputs), initializer=inits)


def case(name, nodes, inputs, outputs, constants=None, tolerance=EXACT, opset=OPSET):
    return Case("control", name, model_of(nodes, inputs, outputs, constants, opset), inputs, tolerance)


def flag(on):
    return np.array(on)


def number(n):
    return np.array(n, i64)


# If -------------------------------------------------------------------------------------------------------------------


def branches():
    x, w = uniform("if x", (3, 40)), uniform("if w", (40, 24))
    for taken in (True, False):
        then = graph("then", [node("MatMul", ["x", "w"], ["t"]), node("Relu", ["t"], ["a"])], outputs=["a"])
        other = graph("else", [node("Slice", ["x", "from", "to", "axis"], ["s"]), node("Neg", ["s"], ["b"])], outputs=["b"])
        constants = {"w": w, "from": np.array([16], i64), "to": np.array([40], i64), "axis": np.array([1], i64)}
        yield case(f"If matmul or slice taken={taken}", [node("If", ["c"], ["y"], then_branch=then, else_branch=other)],
                   {"c": flag(taken), "x": x}, ["y"], constants, scale(80))
        # Two results, a branch that yields values from outside as they are, and users behind the If.
        then = graph("then", [node("Add", ["x", "x"], ["a"]), node("Exp", ["x"], ["a2"])], outputs=["a", "a2"])
        other = graph("else", [node("Identity", ["x"], ["b"]), node("Mul", ["b", "x"], ["b2"])], outputs=["b", "b2"])
        yield case(f"If two results taken={taken}",
                   [node("If", ["c"], ["p", "q"], then_branch=then, else_branch=other), node("Sub", ["p", "q"], ["y"])],
                   {"c": flag(taken), "x": x}, ["y", "q"], tolerance=scale(24))
        # A condition that is computed; a conv inside, whose layout differs from that of the interface.
        image = uniform("if image", (1, 3, 9, 8), low=0.1 if taken else -1, high=1 if taken else -0.1)
        conv = graph("then", [node("Conv", ["im", "k"], ["cv"], pads=[1, 1, 1, 1]), node("Relu", ["cv"], ["a"])], outputs=["a"])
        pool = graph("else", [node("AveragePool", ["im"], ["pl"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]), node("Abs", ["pl"], ["b"])], outputs=["b"])
        nodes = [node("ReduceSum", ["im"], ["s"], keepdims=0), node("Greater", ["s", "zero"], ["c"]),
                 node("If", ["c"], ["p"], then_branch=conv, else_branch=pool), node("MaxPool", ["p"], ["y"], kernel_shape=[2, 2])]
        yield case(f"If conv or pool taken={taken}", nodes, {"im": image}, ["y"],
                   {"k": uniform("if kernel", (3, 3, 3, 3)), "zero": np.array(0, f32)}, scale(64))


def nested_branches():
    x = uniform("nested if", (4, 5))
    for a in (True, False):
        for b in (True, False):
            inner = node("If", ["b"], ["i"], then_branch=graph("ii", [node("Neg", ["x"], ["n1"])], outputs=["n1"]),
                         else_branch=graph("ie", [node("Abs", ["x"], ["n2"])], outputs=["n2"]))
            then = graph("then", [inner, node("Add", ["i", "x"], ["t"])], outputs=["t"])
            other = graph("else", [node("Relu", ["x"], ["e"])], outputs=["e"])
            yield case(f"If in If {a} {b}", [node("If", ["a"], ["y"], then_branch=then, else_branch=other)],
                       {"a": flag(a), "b": flag(b), "x": x}, ["y"])


# Loop -----------------------------------------------------------------------------------------------------------------


def loop(inputs, outputs, nodes, body_inputs, body_outputs, constants=None, **kwargs):
    body = graph("body", nodes, [("i", T.INT64, []), ("cin", T.BOOL, []), *body_inputs], [("cout", T.BOOL, []), *body_outputs], constants)
    return node("Loop", inputs, outputs, body=body, **kwargs)


KEEP = node("Identity", ["cin"], ["cout"])


def counted_loops():
    x = uniform("loop x", (2, 9))
    step = [KEEP, node("Mul", ["s", "half"], ["t"]), node("Add", ["t", "x"], ["n"])]
    half = {"half": np.array(0.5, f32)}
    for trips in (0, 1, 3, 200):
        yield case(f"Loop trips={trips} at run time", [loop(["m", "", "x"], ["y"], step, ["s"], ["n"])], {"m": number(trips), "x": x}, ["y"],
                   half, scale(16))
    for trips in (3, 200):
        nodes = step + [node("Neg", ["n"], ["row"])]
        yield case(f"Loop trips={trips} scan output", [loop(["m", "", "x"], ["y", "rows"], nodes, ["s"], ["n", "row"])], {"x": x}, ["y", "rows"],
                   {**half, "m": number(trips)}, scale(16))
    # Values that change places: what is carried must be read before it is written.
    swap = [KEEP, node("Identity", ["a"], ["b2"]), node("Add", ["b", "one"], ["a2"])]
    yield case("Loop swaps", [loop(["m", "", "x", "z"], ["p", "q"], swap, ["a", "b"], ["a2", "b2"])],
               {"m": number(101), "x": x, "z": uniform("loop z", (2, 9))}, ["p", "q"], {"one": np.array(1, f32)}, scale(8))
    rotate = [KEEP, node("Transpose", ["a"], ["a2"], perm=[1, 0])]
    yield case("Loop transposes what it carries", [loop(["m", "", "x"], ["y"], rotate, ["a"], ["a2"])],
               {"m": number(77), "x": uniform("square", (5, 5))}, ["y"])
    # The iteration's number, as a value and as an index.
    count = [KEEP, node("Gather", ["x", "i"], ["col"], axis=1), node("Cast", ["i"], ["fi"], to=T.FLOAT), node("Mul", ["col", "fi"], ["w"]),
             node("Add", ["s", "w"], ["n"])]
    yield case("Loop indexes by its number", [loop(["m", "", "z"], ["y"], count, ["s"], ["n"])],
               {"m": number(70), "x": uniform("loop wide", (3, 70)), "z": np.zeros(3, f32)}, ["y"], tolerance=scale(1024))
    ints = [KEEP, node("Add", ["s", "i"], ["n"])]
    yield case("Loop sums integers", [loop(["m", "", "z"], ["y"], ints, [("s", T.INT64)], [("n", T.INT64)])],
               {"m": number(1000), "z": number(5)}, ["y"])


def conditional_loops():
    x = uniform("while", (6,), low=0.5, high=1)
    double = [node("Add", ["s", "s"], ["n"]), node("ReduceMax", ["n"], ["top"], keepdims=0), node("Less", ["top", "limit"], ["cout"])]
    for limit in (0.1, 1.5, 1e6):
        yield case(f"Loop until {limit:g}", [loop(["", "c", "x"], ["y"], double, ["s"], ["n"])], {"x": x, "limit": np.array(limit, f32)}, ["y"],
                   {"c": flag(True)})
        yield case(f"Loop until {limit:g}, 5 times at most", [loop(["m", "", "x"], ["y"], double, ["s"], ["n"])],
                   {"x": x, "limit": np.array(limit, f32), "m": number(5)}, ["y"])
    for begin in (True, False):
        yield case(f"Loop begins={begin} at run time", [loop(["m", "c", "x"], ["y"], double, ["s"], ["n"])],
                   {"x": x, "limit": np.array(20, f32), "c": flag(begin)}, ["y"], {"m": number(100)})


def nested_loops():
    x, w = uniform("nested x", (4, 16)), uniform("nested w", (16, 16), low=-0.2, high=0.2)
    inner_body = graph("inner", [node("Identity", ["jc"], ["jo"]), node("MatMul", ["v", "w"], ["mm"]), node("Tanh", ["mm"], ["v2"])],
                       [("j", T.INT64, []), ("jc", T.BOOL, []), "v"], [("jo", T.BOOL, []), "v2"])
    nodes = [KEEP, node("Loop", ["k", "", "s"], ["u"], body=inner_body), node("Add", ["u", "x"], ["n"])]
    yield case("Loop in Loop", [loop(["m", "", "x"], ["y"], nodes, ["s"], ["n"])], {"m": number(4), "k": number(3), "x": x}, ["y"], {"w": w},
               scale(200))
    for taken in (True, False):
        then = graph("then", [loop(["m", "", "x"], ["t"], [KEEP, node("Mul", ["s", "x"], ["n"])], ["s"], ["n"])], outputs=["t"])
        other = graph("else", [node("Neg", ["x"], ["e"])], outputs=["e"])
        yield case(f"Loop in If taken={taken}", [node("If", ["c"], ["y"], then_branch=then, else_branch=other)],
                   {"c": flag(taken), "m": number(9), "x": x}, ["y"], tolerance=scale(32))
    # An If inside a loop: odd and even iterations.
    even = graph("even", [node("Add", ["s", "x"], ["ev"])], outputs=["ev"])
    odd = graph("odd", [node("Neg", ["s"], ["od"])], outputs=["od"])
    nodes = [KEEP, node("Mod", ["i", "two"], ["r"]), node("Cast", ["r"], ["isodd"], to=T.BOOL),
             node("If", ["isodd"], ["n"], then_branch=odd, else_branch=even)]
    yield case("If in Loop", [loop(["m", "", "x"], ["y"], nodes, ["s"], ["n"])], {"m": number(71), "x": x}, ["y"], {"two": number(2)}, scale(64))
    # The same value before, in and behind the loop: it must not be overwritten in between.
    nodes = [node("Relu", ["x"], ["r"]), loop(["m", "", "r"], ["u"], [KEEP, node("Add", ["s", "r"], ["n"])], ["s"], ["n"]),
             node("Exp", ["r"], ["e"]), node("Mul", ["e", "u"], ["y"])]
    yield case("Loop reads a value used later", nodes, {"m": number(64), "x": x}, ["y"], tolerance=scale(128))


def shared_names():
    """Names of a body are its own: they may be those of the graph around it, of results that come later and of the node's own."""
    x = uniform("names", (2, 3))
    for trips in (2, 77):  # unrolled, and as a loop
        body = [node("Identity", ["cin"], ["cout"]), node("Neg", ["s"], ["later"]), node("Mul", ["later", "x"], ["y"]), node("Sub", ["y", "x"], ["n"])]
        nodes = [loop(["m", "", "x"], ["y", "rows"], body, ["s"], ["n", "later"]), node("Exp", ["y"], ["later"])]
        yield case(f"Loop trips={trips}, a body with names of results", nodes, {"x": x}, ["y", "rows", "later"], {"m": number(trips)}, scale(512))
    # The body's s, w and t hide the graph's, which are used again behind it; the body reads x of the graph.
    hide = [KEEP, node("Mul", ["s", "w"], ["t"]), node("Add", ["t", "x"], ["n"])]
    nodes = [node("Abs", ["x"], ["t"]), node("Neg", ["x"], ["s"]), loop(["m", "", "s"], ["u"], hide, ["s"], ["n"], {"w": np.full((3,), 0.5, f32)}),
             node("Sum", ["u", "t", "s", "w"], ["y"])]
    y = -x.astype(np.float64)
    for _ in range(70):
        y = y * 0.5 + x
    truth = [(y + np.abs(x) - x + 0.25).astype(f32)]
    made = case("Loop hides names", nodes, {"x": x}, ["y"], {"m": number(70), "w": np.array(0.25, f32)}, scale(32))
    made.truth, made.given = truth, True  # ONNX Runtime takes no such names
    yield made


def moving_slices():
    """Slices whose ends are a fixed way from their starts, which vary."""
    x = uniform("moving", (6, 8))
    one = [KEEP, node("Add", ["i", "one"], ["j"]), node("Unsqueeze", ["i", "front"], ["from"]), node("Unsqueeze", ["j", "front"], ["to"]),
           node("Slice", ["x", "from", "to"], ["row"]), node("Add", ["s", "row"], ["n"])]
    constants = {"one": number(1), "front": np.array([0], i64)}
    yield case("Loop slices row i", [loop(["m", "", "z"], ["y", "rows"], one, ["s"], ["n", "row"], constants)],
               {"z": np.zeros((1, 8), f32), "x": x}, ["y", "rows"], {"m": number(6)}, scale(64))
    nodes = [node("Mul", ["k", "two"], ["a"]), node("Add", ["a", "three"], ["b"]), node("Concat", ["k", "a"], ["from"], axis=0),
             node("Sub", ["b", "k"], ["c"]), node("Concat", ["c", "b"], ["to"], axis=0), node("Slice", ["x", "from", "to", "axes"], ["y"])]
    yield case("Slice [k:k+3, 2k:2k+3]", nodes, {"x": x, "k": np.array([2], i64)}, ["y"],
               {"two": np.array([2], i64), "three": np.array([3], i64), "axes": np.array([0, 1], i64)})
    nodes = [node("Add", ["k", "five"], ["to"]), node("Slice", ["x", "k", "to", "axes", "steps"], ["y"])]
    yield case("Slice [:, k:k+5:2]", nodes, {"x": x, "k": np.array([1], np.int32)}, ["y"],
               {"five": np.array([5], np.int32), "axes": np.array([-1], np.int32), "steps": np.array([2], np.int32)})


# Scan -----------------------------------------------------------------------------------------------------------------


def scan(inputs, outputs, nodes, body_inputs, body_outputs, scanned, **attrs):
    return node("Scan", inputs, outputs, body=graph("body", nodes, body_inputs, body_outputs), num_scan_inputs=scanned, **attrs)


def scans():
    x, w = uniform("scan x", (1000, 8)), uniform("scan w", (8, 8), low=-0.3, high=0.3)
    recurrent = [node("MatMul", ["h", "w"], ["hw"]), node("Add", ["hw", "xt"], ["z"]), node("Tanh", ["z"], ["h2"]), node("Identity", ["h2"], ["yt"])]
    start = uniform("scan h", (1, 8))
    # The state decays: an error of one step is gone a few steps later.
    yield case("Scan 1000 steps", [scan(["h0", "x"], ["last", "y"], recurrent, ["h", "xt"], ["h2", "yt"], 1)], {"h0": start, "x": x}, ["last", "y"],
               {"w": w}, scale(256))
    running = [node("Add", ["s", "xt"], ["n"]), node("Mul", ["n", "zt"], ["yt"])]
    a, b = uniform("scan a", (90, 7)), uniform("scan b", (7, 90))
    for reverse in (0, 1):
        yield case(f"Scan two inputs, axes 0 and 1, directions {reverse}",
                   [scan(["s0", "a", "b"], ["last", "y"], running, ["s", "xt", "zt"], ["n", "yt"], 2, scan_input_axes=[0, 1],
                         scan_input_directions=[reverse, 1 - reverse], scan_output_axes=[1], scan_output_directions=[reverse])],
                   {"s0": np.zeros(7, f32), "a": a, "b": b}, ["last", "y"], tolerance=scale(512))
    few = uniform("scan few", (3, 3, 5))
    for axis in (0, 1, 2, -1):
        shape = tuple(np.delete(few.shape, axis))
        yield case(f"Scan few steps, axis {axis}",
                   [scan(["s0", "a"], ["last", "y"], [node("Add", ["s", "xt"], ["n"]), node("Neg", ["n"], ["yt"])], ["s", "xt"], ["n", "yt"], 1,
                         scan_input_axes=[axis], scan_output_axes=[axis])], {"s0": np.zeros(shape, f32), "a": few}, ["last", "y"], tolerance=scale(16))
    yield case("Scan without a state", [scan(["a"], ["y"], [node("Softmax", ["xt"], ["yt"], axis=0)], ["xt"], ["yt"], 1, scan_output_axes=[-1])],
               {"a": a}, ["y"], tolerance=scale(32))
    # Version 8 has a batch in front.
    yield case("Scan 8", [node("Scan", ["", "s0", "a"], ["s", "y"], num_scan_inputs=1, directions=[1],
                               body=graph("body", [node("Add", ["s_in", "xt"], ["n"]), node("Identity", ["n"], ["yt"])],
                                          [value_of("s_in", (5,)), value_of("xt", (5,))], [value_of("n", (5,)), value_of("yt", (5,))]))],
               {"s0": uniform("scan8 s", (3, 5)), "a": uniform("scan8 a", (3, 40, 5))}, ["s", "y"], tolerance=scale(128), opset=8)


def value_of(name, shape):
    return (name, T.FLOAT, list(shape))


def cases():
    yield from branches()
    yield from nested_branches()
    yield from counted_loops()
    yield from conditional_loops()
    yield from nested_loops()
    yield from shared_names()
    yield from moving_slices()
    yield from scans()
