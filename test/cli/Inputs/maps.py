"""Writes maps.onnx: a 3x3 convolution on a large map with a residual sum and ReLU, then one on a small map."""
import pathlib
import sys

import numpy as np
import onnx
from onnx import helper, numpy_helper

random = np.random.default_rng(0)
weights = {"w1": random.standard_normal((16, 16, 3, 3)), "b1": random.standard_normal(16), "w2": random.standard_normal((32, 16, 3, 3))}
nodes = [helper.make_node("Conv", ["x", "w1", "b1"], ["c"], "large", pads=[1] * 4), helper.make_node("Add", ["c", "x"], ["s"], "add"),
         helper.make_node("Relu", ["s"], ["r"], "relu"), helper.make_node("MaxPool", ["r"], ["p"], "pool", kernel_shape=[8, 8], strides=[8, 8]),
         helper.make_node("Conv", ["p", "w2"], ["y"], "small", pads=[1] * 4)]
ends = [[helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)] for name, shape in (("x", [1, 16, 64, 64]), ("y", [1, 32, 8, 8]))]
graph = helper.make_graph(nodes, "maps", *ends, initializer=[numpy_helper.from_array(v.astype(np.float32), k) for k, v in weights.items()])
onnx.save(helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17)]), pathlib.Path(sys.argv[1]) / "maps.onnx")
