"""Writes dense.onnx, two dense layers, and large.onnx, the same with a weight beyond the range of f16."""
import pathlib
import sys

import numpy as np
import onnx
from onnx import helper, numpy_helper

folder = pathlib.Path(sys.argv[1])
random = np.random.default_rng(0)
weights = {"w1": random.standard_normal((80, 80)), "w2": random.standard_normal((80, 10)), "b": random.standard_normal(10)}
weights = {name: value.astype(np.float32) for name, value in weights.items()}
nodes = [helper.make_node("MatMul", ["x", "w1"], ["h"], "first"), helper.make_node("Relu", ["h"], ["r"], "relu"),
         helper.make_node("Gemm", ["r", "w2", "b"], ["y"], "second")]
ends = [[helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1, size])] for name, size in (("x", 80), ("y", 10))]
for name in ("dense", "large"):
    constants = [numpy_helper.from_array(value, key) for key, value in weights.items()]
    graph = helper.make_graph(nodes, name, *ends, initializer=constants)
    onnx.save(helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17)]), folder / f"{name}.onnx")
    weights["w1"][2, 1] = 7e4
