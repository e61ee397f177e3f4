"""ints.py FOLDER: a product rounded to integers of both signs (cast.onnx), a sum of integers (add.onnx), a model without weights (relu.onnx)."""
import sys

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper, numpy_helper


def save(name, nodes, shape, result, kind, constants, given=T.FLOAT):
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", given, shape)], [helper.make_tensor_value_info("y", kind, result)],
                              [numpy_helper.from_array(value, key) for key, value in constants.items()])
    onnx.save(helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17)]), f"{sys.argv[1]}/{name}.onnx")


w = np.random.default_rng(1).uniform(-1, 1, (300, 32)).astype(np.float32)
save("cast", [helper.make_node("MatMul", ["x", "w"], ["p"]), helper.make_node("Mul", ["p", "s"], ["q"]), helper.make_node("Cast", ["q"], ["y"], to=T.INT32)],
     [1, 300], [1, 32], T.INT32, {"w": w, "s": np.float32(1e6)})
save("add", [helper.make_node("Add", ["x", "c"], ["y"])], [7], [7], T.INT32, {"c": np.arange(7, dtype=np.int32) * 100000}, T.INT32)
save("relu", [helper.make_node("Relu", ["x"], ["y"])], [7], [7], T.FLOAT, {})
