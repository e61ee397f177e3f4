"""Writes a model with functions: functions.py CASE FILE."""
import sys

import onnx
from onnx import TensorProto as T
from onnx import helper

node = helper.make_node
OPSETS = [helper.make_opsetid("", 17), helper.make_opsetid("my.domain", 1)]


def ref(n, name, kind, attribute):
    """Gives a node an attribute that is one of the function's."""
    a = n.attribute.add()
    a.name, a.type, a.ref_attr_name = name, kind, attribute
    return n


def function(name, inputs, outputs, nodes, opsets=OPSETS, attributes=(), defaults=(), overload=""):
    f = helper.make_function("my.domain", name, inputs, outputs, nodes, opsets, list(attributes), list(defaults))
    f.overload = overload
    return f


def model(nodes, functions, outputs=("y",), shape=(2, 3)):
    value = lambda name: helper.make_tensor_value_info(name, T.FLOAT, list(shape))  # noqa: E731
    graph = helper.make_graph(nodes, "g", [value("x")], [value(o) for o in outputs])
    return helper.make_model(graph, functions=functions, opset_imports=OPSETS, ir_version=10)


def call(kind, inputs, outputs, name="", **attributes):
    return node(kind, inputs, outputs, name=name, domain="my.domain", **attributes)


def nested():
    """A function that calls another, attributes given, by default and left out, an older operator set, an overload, an output that is an input."""
    leaky = function("Leaky", ["a"], ["b"], [ref(node("LeakyRelu", ["a"], ["b"], name="relu"), "alpha", onnx.AttributeProto.FLOAT, "slope")],
                     attributes=["slope"])
    scaled = function("Scaled", ["a", "bias"], ["b", "same"],
                      [ref(call("Leaky", ["a"], ["h"], "leaky"), "slope", onnx.AttributeProto.FLOAT, "alpha"), node("Clip", ["h", "", "bias"], ["b"], name="clip")],
                      defaults=[helper.make_attribute("alpha", 0.25)])
    scaled.output[1] = "a"
    old = function("Old", ["a"], ["b"], [node("Softmax", ["a"], ["b"], name="flat", axis=1)], [helper.make_opsetid("", 11)])
    other = function("Old", ["a"], ["b"], [node("Neg", ["a"], ["b"])], overload="neg")
    negated = call("Old", ["s"], ["n"], "negated")
    negated.overload = "neg"
    nodes = [call("Scaled", ["x"], ["p", "q"], "first"), call("Scaled", ["p"], ["r"], "second", alpha=0.5), call("Leaky", ["r"], ["t"], "third"),
             call("Old", ["t"], ["s"], "soft"), negated, node("Add", ["n", "q"], ["y"], name="sum")]
    return model(nodes, [leaky, scaled, old, other])


def branches():
    """A function with branches inside, called twice: names must not meet."""
    side = lambda kind: helper.make_graph([node(kind, ["a"], ["v"], name=kind.lower())], kind, [],  # noqa: E731
                                          [helper.make_tensor_value_info("v", T.FLOAT, None)])
    f = function("Pick", ["a"], ["b"], [node("ReduceSum", ["a"], ["s"], keepdims=0), node("Cast", ["s"], ["c"], to=T.BOOL),
                                        node("If", ["c"], ["b"], name="pick", then_branch=side("Exp"), else_branch=side("Neg"))])
    return model([call("Pick", ["x"], ["p"], "one"), call("Pick", ["p"], ["y"], "two")], [f])


def recursive():
    f = function("F", ["a"], ["b"], [call("G", ["a"], ["b"], "g")])
    g = function("G", ["a"], ["b"], [call("F", ["a"], ["b"], "f")])
    return model([call("F", ["x"], ["y"], "top")], [f, g])


def unknown():
    f = function("F", ["a"], ["b"], [node("Frobnicate", ["a"], ["b"], name="inner")])
    return model([call("F", ["x"], ["y"], "top")], [f])


def inputs():
    return model([call("F", ["x", "x"], ["y"], "top")], [function("F", ["a"], ["b"], [node("Neg", ["a"], ["b"])])])


def attribute():
    return model([call("F", ["x"], ["y"], "top", gamma=1.0)], [function("F", ["a"], ["b"], [node("Neg", ["a"], ["b"])])])


def shapes():
    f = function("F", ["a"], ["b"], [node("Transpose", ["a"], ["t"], perm=[1, 0]), node("Add", ["a", "t"], ["b"], name="add")])
    return model([call("F", ["x"], ["y"], "top")], [f])


onnx.save(globals()[sys.argv[1]](), sys.argv[2])
