"""A graph written node by node, and its twin in f32."""
import numpy as np
import onnx
from onnx import helper, numpy_helper

from case import model_of, rng


class Net:
    """Writes a graph node by node; weights are drawn from the network's name."""

    def __init__(self, name, opset=17, dtype=np.float32):
        self.name, self.opset, self.dtype = name, opset, dtype
        self.nodes, self.constants, self.inputs = [], {}, {}
        self.random, self.count, self.shape = rng(name), 0, {}

    def input(self, shape, name=None, dtype=None):
        name = name or f"in{len(self.inputs)}"
        self.inputs[name] = np.asarray(self.random.random(shape) * 2 - 1).astype(dtype or self.dtype)
        self.shape[name] = shape
        return name

    def const(self, value, name=None):
        self.count += 1
        name = name or f"w{self.count}"
        self.constants[name] = np.asarray(value)
        return name

    def weight(self, *shape, gain=1.0, low=None):
        fan = np.prod(shape[1:]) if len(shape) > 1 else 4
        values = self.random.random(shape) * 2 - 1 if low is None else self.random.random(shape) + low
        return self.const((values * (1 if low is not None else gain * np.sqrt(3 / fan))).astype(self.dtype))

    def ints(self, *values):
        return self.const(np.array(values, np.int64))

    def scalar(self, value):
        return self.const(np.array(value, self.dtype))

    def node(self, kind, *operands, outputs=1, name=None, **attrs):
        self.count += 1
        outs = [name] if name else [f"{kind.lower()}{self.count}" + (f"_{i}" if outputs > 1 else "") for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(operands), outs, name=f"{kind}_{self.count}", **attrs))
        return outs[0] if outputs == 1 else outs

    def conv(self, x, inputs, outputs, kernel=3, stride=1, group=1, bias=True, name=None, **attrs):
        operands = [x, self.weight(outputs, inputs // group, kernel, kernel)] + ([self.weight(outputs)] if bias else [])
        pad = kernel // 2
        return self.node("Conv", *operands, name=name, strides=[stride] * 2, pads=[pad] * 4, group=group, **attrs)

    def bn(self, x, c):
        return self.node("BatchNormalization", x, self.weight(c, low=0.5), self.weight(c), self.weight(c), self.weight(c, low=0.5))

    def relu(self, x, name=None):
        return self.node("Relu", x, name=name)

    def dense(self, x, inputs, outputs, name=None):
        return self.node("Gemm", x, self.weight(outputs, inputs), self.weight(outputs), transB=1, name=name)

    def model(self, *outputs, ir=None):
        return model_of(self.nodes, self.inputs, list(outputs), self.constants, self.opset, self.name, ir)


def as_f32(model, inputs):
    """The same f16 network with the same weights in f32: the true value both sides approximate."""
    wide = onnx.ModelProto()
    wide.CopyFrom(model)
    for tensor in wide.graph.initializer:
        if tensor.data_type == onnx.TensorProto.FLOAT16:
            tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float32), tensor.name))
    for info in wide.graph.input:
        if info.type.tensor_type.elem_type == onnx.TensorProto.FLOAT16:
            info.type.tensor_type.elem_type = onnx.TensorProto.FLOAT
    for node in wide.graph.node:
        for attribute in node.attribute:
            if node.op_type == "Cast" and attribute.name == "to" and attribute.i == onnx.TensorProto.FLOAT16:
                attribute.i = onnx.TensorProto.FLOAT
    wide.graph.ClearField("value_info")
    for info in wide.graph.output:
        info.ClearField("type")
    return wide, {k: v.astype(np.float32) if v.dtype == np.float16 else v for k, v in inputs.items()}
