"""denormals.py FILE: y = x / 2, of enough elements to be shared among threads, and z = h, f16 as f32."""
import sys

import onnx
from onnx import TensorProto as T
from onnx import helper

value = helper.make_tensor_value_info
graph = helper.make_graph([helper.make_node("Mul", ["x", "half"], ["y"]), helper.make_node("Cast", ["h"], ["z"], to=T.FLOAT)], "g",
                          [value("x", T.FLOAT, [1 << 20]), value("h", T.FLOAT16, [7])], [value("y", T.FLOAT, [1 << 20]), value("z", T.FLOAT, [7])], [helper.make_tensor("half", T.FLOAT, [], [0.5])])
onnx.save(helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 13)]), sys.argv[1])
