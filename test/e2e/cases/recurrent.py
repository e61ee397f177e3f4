"""RNN, GRU and LSTM: directions, functions, layouts, lengths, states, and weights that are constants or inputs.

Tolerance: a step's sum of k products is off by at most 2 (2 sqrt(k) + 4) u times the sum of magnitudes, here below sqrt(k), so 64 units of the
largest value cover one step for k <= 40. Sigmoid and tanh do not magnify, and the state feeds the error back with weights whose
rows sum up to less than 1 (they are drawn so), so it grows to at most what one step makes divided by 1 minus that sum, here 4. ReLU-like
functions behave the same; where the truth is taken from ONNX Runtime its fast tanh and sigmoid are off by 1e-7 more, a few u.
"""
import numpy as np
import onnx
from onnx import helper

from case import Case, Const, op, scale, uniform

GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}
TOLERANCE = scale(256)
FUNCTIONS = {
    "Relu": ([], []), "Affine": ([0.5], [0.1]), "LeakyRelu": ([0.2], []), "ThresholdedRelu": ([0.05], []), "ScaledTanh": ([0.8], [0.6]),
    "HardSigmoid": ([0.3], [0.4]), "Elu": ([0.7], []), "Softsign": ([], []), "Softplus": ([], []), "Sigmoid": ([], []), "Tanh": ([], []),
}


def layer(kind, steps=5, batch=1, width=7, hidden=9, opset=14, bias=True, lens=None, h0=False, c0=False, peepholes=False, constant=True, absent=(), **attrs):
    """A node of this kind; empty lists are no attributes; `absent` outputs are left out, weights are inputs unless `constant`."""
    directions = 2 if attrs.get("direction") == "bidirectional" else 1
    transposed = attrs.get("layout", 0)
    attrs = {key: value for key, value in attrs.items() if value != []}
    name = f"{kind}{steps}{batch}{width}{hidden}{attrs}"
    wrap = Const if constant else np.asarray
    rows = GATES[kind] * hidden
    state = (batch, directions, hidden) if transposed else (directions, batch, hidden)
    bound = min(1.0, 1.5 / hidden)

    def weight(label, shape, size):
        return wrap(uniform(name + label, shape, low=-size, high=size))

    operands = [uniform(name + "x", (batch, steps, width) if transposed else (steps, batch, width)),
                weight("w", (directions, rows, width), 0.6), weight("r", (directions, rows, hidden), bound),
                weight("b", (directions, 2 * rows), 0.5) if bias else None,
                None if lens is None else np.array(lens, np.int32),
                uniform(name + "h", state) if h0 else None]
    if kind == "LSTM":
        operands += [uniform(name + "c", state) if c0 else None, weight("p", (directions, 3 * hidden), 0.5) if peepholes else None]
    while operands[-1] is None:
        operands.pop()
    outputs = [f"y{i}" if i not in absent else "" for i in range(3 if kind == "LSTM" else 2)]
    while not outputs[-1]:
        outputs.pop()
    return op("recurrent", kind, operands, TOLERANCE, opset, outputs, hidden_size=hidden, **attrs)


def twin_of(case, attribute):
    """Its model without the attribute: what ONNX Runtime runs in its place."""
    twin = onnx.ModelProto()
    twin.CopyFrom(case.model)
    node = twin.graph.node[0]
    node.attribute.remove(next(a for a in node.attribute if a.name == attribute))
    case.wide = Case("recurrent", "", twin, case.inputs, case.tolerance)
    return twin, node


def old(kind, opset, **options):
    """As before opset 7, which ONNX Runtime does not have."""
    case = layer(kind, opset=opset, output_sequence=1, **options)
    twin, _ = twin_of(case, "output_sequence")
    twin.opset_import[0].version = 7
    return case


def batch_first(kind, **options):
    """layout=1, which ONNX Runtime does not have: it runs the same between transposes."""
    case = layer(kind, layout=1, **options)
    twin, node = twin_of(case, "layout")
    transpose = lambda a, b, perm: helper.make_node("Transpose", [a], [b], perm=perm)
    before, after = [], []
    for i in (0, 5, 6):
        if i < len(node.input) and node.input[i]:
            before.append(transpose(node.input[i], f"t{i}", [1, 0, 2]))
            node.input[i] = f"t{i}"
    for i, name in enumerate(node.output):
        after.append(transpose(f"r{i}", name, [1, 0, 2] if i else [2, 0, 1, 3]))
        node.output[i] = f"r{i}"
    nodes = before + [node] + after
    del twin.graph.node[:]
    twin.graph.node.extend(nodes)
    return case


def cases():
    for kind in GATES:
        linear = [{}, {"linear_before_reset": 1}] if kind == "GRU" else [{}]
        for extra in linear:
            for direction in ("forward", "reverse", "bidirectional"):
                yield layer(kind, direction=direction, **extra)
                yield layer(kind, batch=4, direction=direction, h0=True, c0=True, **extra)
                yield layer(kind, batch=3, direction=direction, lens=[2, 5, 1], h0=True, **extra)
                yield layer(kind, batch=7, hidden=20, direction=direction, constant=False, h0=True, c0=True, **extra)
                yield layer(kind, constant=False, direction=direction, bias=False, **extra)
            for hidden in (1, 4, 8, 16, 17, 33, 40, 72, 136):
                yield layer(kind, steps=3, hidden=hidden, **extra)
                yield layer(kind, steps=3, batch=2, hidden=hidden, **extra)
            for direction in ("forward", "reverse", "bidirectional"):
                yield batch_first(kind, batch=3, direction=direction, lens=[4, 5, 2], h0=True, c0=True, **extra)
            yield batch_first(kind, constant=False, **extra)
            yield batch_first(kind, steps=1, batch=2, h0=True, opset=22, **extra)
            yield layer(kind, steps=1, batch=1, width=1, hidden=1, **extra)
            yield layer(kind, steps=1, h0=True, c0=True, **extra)
            yield layer(kind, steps=4, batch=13, hidden=24, **extra)
            yield layer(kind, bias=False, **extra)
            yield layer(kind, clip=0.25, **extra)
            yield layer(kind, batch=3, clip=0.25, h0=True, c0=True, direction="bidirectional", **extra)
            yield layer(kind, batch=3, lens=[5, 5, 5], **extra)
            for opset in (7, 22):
                yield layer(kind, opset=opset, **extra)
            yield old(kind, 3, batch=2, h0=True, **extra)
            for absent in [(0,), (1, 2), (0, 2)]:
                if set(range(3 if kind == "LSTM" else 2)) - set(absent):
                    yield layer(kind, batch=2, absent=absent, lens=[3, 5], **extra)
        yield old(kind, 1)
        count = {"RNN": 1, "GRU": 2, "LSTM": 3}[kind]
        for function, (alpha, beta) in FUNCTIONS.items():
            names = [function] * count
            yield layer(kind, batch=2, activations=names, activation_alpha=alpha * count, activation_beta=beta * count)
        first = ["HardSigmoid", "ScaledTanh", "LeakyRelu"][:count]
        yield layer(kind, batch=2, direction="bidirectional", activations=first + ["Affine", "Elu", "Softsign"][:count],
                    activation_alpha=[0.3, 0.7, 0.1, 0.4, 0.5][:count + min(count, 2)], activation_beta=[0.6, 0.9, 0.05][: min(count, 2) + 1])
        for function in ("LeakyRelu", "HardSigmoid", "Elu"):
            yield layer(kind, activations=[function] * count)
    for extra in ({"peepholes": True}, {"input_forget": 1}, {"peepholes": True, "input_forget": 1}):
        for direction in ("forward", "bidirectional"):
            yield layer("LSTM", batch=2, direction=direction, h0=True, c0=True, **extra)
            yield layer("LSTM", direction=direction, constant=False, **extra)
            yield layer("LSTM", batch=3, lens=[5, 2, 3], direction=direction, clip=0.4, **extra)
