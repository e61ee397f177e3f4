"""bad_value.py DIR: a Reshape, a Slice and a ReduceSum with parameters of the run, and inputs that fit and that do not."""
import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper

folder = pathlib.Path(sys.argv[1])
value = helper.make_tensor_value_info
nodes = [
    helper.make_node("Reshape", ["x", "shape"], ["a"], name="reshape"),
    helper.make_node("Slice", ["x", "starts", "ends"], ["b"], name="slice"),
    helper.make_node("ReduceSum", ["x", "axes"], ["c"], name="sum", keepdims=0),
]
graph = helper.make_graph(
    nodes, "g", [value("x", T.FLOAT, [2, 3, 3]), value("shape", T.INT64, [2]), value("starts", T.INT64, [2]), value("ends", T.INT64, [2]),
                 value("axes", T.INT64, [1])],
    [value("a", T.FLOAT, [3, 6]), value("b", T.FLOAT, [1, 2, 3]), value("c", T.FLOAT, [2, 3])])
onnx.save(helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 13)]), folder / "model.onnx")
x = np.arange(18, dtype=np.float32).reshape(2, 3, 3)
np.save(folder / "x.npy", x)
for name, values in {"shape": [3, -1], "starts": [-1, 0], "ends": [9, 2], "axes": [-1], "shape_bad": [2, 9], "ends_bad": [9, 3], "axes_bad": [0],
                     "axes_out": [3]}.items():
    np.save(folder / f"{name}.npy", np.array(values, np.int64))
for i, expected in enumerate([x.reshape(3, 6), x[-1:9, 0:2], x.sum(-1)]):
    np.save(folder / f"expected{i}.npy", expected)
