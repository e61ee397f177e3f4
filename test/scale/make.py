"""Writes a large model: make.py KIND NODES FILE. What is slow or deep in a compiler shows in size, not in any one operator."""
import sys

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper, numpy_helper

node = helper.make_node
SHAPE = [1, 4, 4, 4]


def save(nodes, constants, output, file):
    infos = [helper.make_tensor_value_info("x", T.FLOAT, SHAPE)], [helper.make_tensor_value_info(output, T.FLOAT, SHAPE)]
    graph = helper.make_graph(nodes, "g", *infos, initializer=[numpy_helper.from_array(v, k) for k, v in constants.items()])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), file)


def weights(count):
    """Small enough that a long chain does not overflow."""
    return np.random.default_rng(0).uniform(-0.3, 0.3, (count, 4, 4, 1, 1)).astype(np.float32)


def chain(count):
    """conv 1x1, relu, add of what came before the conv; each conv with weights of its own."""
    nodes, constants, last = [], {}, "x"
    for i, w in enumerate(weights(count // 3)):
        constants[f"w{i}"] = w
        nodes += [node("Conv", [last, f"w{i}"], [f"c{i}"]), node("Relu", [f"c{i}"], [f"r{i}"]), node("Add", [f"r{i}", last], [f"a{i}"])]
        last = f"a{i}"
    return nodes, constants, last


def deep(count):
    """Nothing but functions of single elements and movement, one behind the other."""
    nodes, last = [], "x"
    kinds = [("Relu", {}), ("Neg", {}), ("Transpose", {"perm": [0, 1, 3, 2]}), ("Tanh", {}), ("Sigmoid", {})]
    for i in range(count):
        kind, attributes = kinds[i % len(kinds)]
        nodes.append(node(kind, [last], [f"v{i}"], **attributes))
        last = f"v{i}"
    return nodes, {}, last


def wide(count):
    """Branches of conv, relu from one tensor, that live side by side and meet in a tree of sums."""
    nodes, constants, level = [], {}, []
    for i, w in enumerate(weights(count // 3)):
        constants[f"w{i}"] = w
        nodes += [node("Conv", ["x", f"w{i}"], [f"c{i}"]), node("Relu", [f"c{i}"], [f"r{i}"])]
        level.append(f"r{i}")
    while len(level) > 1:
        nodes += [node("Add", [a, b], [f"{a}_{b[-6:]}_s{len(level)}"]) for a, b in zip(level[::2], level[1::2])]
        level = [n.output[0] for n in nodes[-(len(level) // 2) :]] + (level[-1:] if len(level) % 2 else [])
    return nodes, constants, level[0]


if __name__ == "__main__":
    save(*globals()[sys.argv[1]](int(sys.argv[2])), sys.argv[3])
