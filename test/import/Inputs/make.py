"""Writes a small model: make.py CASE FILE. Each case is one operator family; every node's result is an output of the model."""
import sys

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper, numpy_helper

f32, i64 = np.float32, np.int64
CASES = {}


def case(**inputs):
    """A case whose function adds nodes to a Builder; `inputs` are the model's inputs by name: shape, or (shape, type)."""

    def register(function):
        def make():
            builder = Builder(inputs)
            function(builder)
            return builder.model()

        CASES[function.__name__.replace("_", "-")] = make
        return function

    return register


class Builder:
    def __init__(self, inputs):
        self.opset, self.ir, self.domains = 17, 8, {}
        self.inputs = {name: spec if isinstance(spec, tuple) else (spec, T.FLOAT) for name, spec in inputs.items()}
        self.nodes, self.constants, self.outputs, self.declared = [], {}, [], []

    def __call__(self, op, inputs, outputs=1, name=None, hidden=0, **attributes):
        """A node; inputs are names and arrays. Returns the names of its results, the last `hidden` of which are no outputs."""
        name = name or f"{op.lower()}_{len(self.nodes)}"
        names = []
        for value in inputs:
            if not isinstance(value, str):
                self.constants[f"c{len(self.constants)}"] = np.asarray(value)
                value = f"c{len(self.constants) - 1}"
            names.append(value)
        results = [f"{name}.{i}" for i in range(outputs)] if outputs > 1 else [f"{name}.y"]
        self.nodes.append(helper.make_node(op, names, results, name=name, **attributes))
        self.outputs += results[: outputs - hidden]
        return results if outputs > 1 else results[0]

    def model(self):
        inputs = [helper.make_tensor_value_info(name, kind, shape) for name, (shape, kind) in self.inputs.items()]
        outputs = [onnx.ValueInfoProto(name=name) for name in self.outputs]
        graph = helper.make_graph(self.nodes, "g", inputs, outputs, value_info=self.declared)
        graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in self.constants.items())
        opsets = [helper.make_opsetid("", self.opset), *[helper.make_opsetid(*d) for d in self.domains.items()]]
        return helper.make_model(graph, ir_version=self.ir, opset_imports=opsets)


def ones(*shape):
    return np.ones(shape, f32)


def ints(*values):
    return np.array(values, i64)


@case(x=[1, 4, 7, 9])
def conv(b):
    w = ones(6, 4, 3, 3)
    b("Conv", ["x", w], name="plain")
    b("Conv", ["x", w, ones(6)], name="padded", strides=[2, 1], pads=[1, 2, 3, 4], dilations=[1, 2])
    b("Conv", ["x", ones(8, 1, 3, 3)], name="depthwise", group=4, kernel_shape=[3, 3])
    b("Conv", ["x", w], name="upper", auto_pad="SAME_UPPER", strides=[2, 2])
    b("Conv", ["x", ones(6, 4, 2, 2)], name="lower", auto_pad="SAME_LOWER")
    b("Conv", ["x", w], name="valid", auto_pad="VALID", strides=[2, 2])


@case(x=[1, 4, 5, 5])
def conv_transpose(b):
    w = ones(4, 3, 3, 3)
    b("ConvTranspose", ["x", w], name="plain", strides=[2, 2])
    b("ConvTranspose", ["x", w], name="padded", strides=[2, 2], pads=[1, 1, 1, 1], output_padding=[1, 1])
    b("ConvTranspose", ["x", w], name="shaped", strides=[2, 2], output_shape=[10, 10])
    b("ConvTranspose", ["x", w], name="larger", strides=[3, 3], output_shape=[17, 17])
    b("ConvTranspose", ["x", w], name="upper", strides=[2, 2], auto_pad="SAME_UPPER")


@case(x=[1, 3, 7, 7])
def pool(b):
    b("MaxPool", ["x"], name="max", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    b("MaxPool", ["x"], name="ceil", kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1)
    b("MaxPool", ["x"], name="left-out", kernel_shape=[1, 1], strides=[4, 4], ceil_mode=1)
    b("AveragePool", ["x"], name="average", kernel_shape=[3, 3], pads=[1, 1, 1, 1], count_include_pad=1)
    b("LpPool", ["x"], name="lp", kernel_shape=[2, 2], p=3)
    b("MaxPool", ["x"], name="same", kernel_shape=[3, 3], strides=[2, 2], auto_pad="SAME_UPPER")
    b("MaxPool", ["x"], outputs=2, hidden=1, name="indices", kernel_shape=[2, 2])
    b("GlobalAveragePool", ["x"], name="global-average")
    b("GlobalMaxPool", ["x"], name="global-max")
    b("GlobalLpPool", ["x"], name="global-lp", p=3)


@case(a=[2, 5, 8], m=[3, 8], v=[8])
def matmul(b):
    w = ones(8, 4)
    b("MatMul", ["a", w], name="batched")
    b("MatMul", ["v", w], name="row")
    b("MatMul", ["a", ones(8)], name="column")
    b("MatMul", ["v", ones(8)], name="dot")
    b("Gemm", ["m", w, ones(4)], name="bias")
    b("Gemm", ["m", ones(4, 8), ones(1, 4)], name="transposed", transB=1)
    b("Gemm", ["m", w, ones(4)], name="scaled", alpha=0.5, beta=2.0)
    b("Gemm", ["m", w, ones(3, 1)], name="column-bias")
    b("Gemm", ["m", w, ones(4)], name="no-beta", beta=0.0)
    b("Gemm", ["m", "m"], name="no-constant", transB=1, alpha=0.5)


@case(x=[2, 3], y=[3], i=([2, 3], T.INT64), c=([2, 3], T.BOOL), j=([2, 3], T.UINT8))
def pointwise(b):
    b.opset = 20
    b("Add", ["x", "y"], name="tensors")
    b("Mul", ["x", f32(3)], name="scalar")
    b("Add", ["y", ones(1, 1, 1)], name="rank")
    b("Add", ["x", "x"], name="twice")
    b("Max", ["x", "y", "x"], name="three")
    b("Mean", ["x", "y"], name="mean")
    b("Pow", ["x", f32(2)], name="square")
    b("Pow", ["x", i64(5)], name="power")
    b("Mod", ["x", "y"], name="fmod", fmod=1)
    b("Mod", ["i", "i"], name="mod")
    b("Where", ["c", "x", "y"], name="choose")
    b("Greater", ["x", "y"], name="compare")
    b("And", ["c", "c"], name="logic")
    b("BitShift", ["j", "j"], name="shift", direction="LEFT")
    b("IsInf", ["x"], name="isinf", detect_negative=0)
    b("Cast", ["x"], name="cast", to=T.INT64)
    b("CastLike", ["i", "x"], name="castlike")
    b("Identity", ["x"], name="identity")
    b("Dropout", ["x", f32(0.5)], outputs=2, hidden=1, name="dropout")
    b("Dropout", ["x", f32(0), np.array(True)], name="idle")


@case(x=[2, 3])
def activations(b):
    b.opset = 20
    b("Relu", ["x"], name="relu")
    b("LeakyRelu", ["x"], name="leaky", alpha=0.25)
    b("Selu", ["x"], name="selu")
    b("HardSigmoid", ["x"], name="hard", alpha=0.25)
    b("Gelu", ["x"], name="gelu")
    b("Gelu", ["x"], name="gelu-tanh", approximate="tanh")
    b("PRelu", ["x", np.array([1, 2, 3], f32)], name="prelu")
    b("Clip", ["x", f32(0), f32(6)], name="clip")
    b("Clip", ["x", ones(1)], name="low")
    b("Clip", ["x"], name="free")


@case(x=([2, 3], T.FLOAT16))
def half(b):
    b("HardSigmoid", ["x"], name="hard", alpha=0.2, beta=0.5)
    b("Mul", ["x", np.float16(0.2)], name="mul")


@case(x=[2, 3])
def clip_attributes(b):
    b.opset = 6 + 4
    b("Clip", ["x"], name="both", min=0.0, max=6.0)
    b("Clip", ["x"], name="relu", min=0.0)
    b("Clip", ["x"], name="high", max=1.0)
    b("Clip", ["x"], name="free")


@case(x=[2, 6, 4, 4], h=([2, 6, 4, 4], T.FLOAT16))
def normalize(b):
    b("BatchNormalization", ["x", ones(6), ones(6), ones(6), ones(6)], name="batch", epsilon=0.5)
    b("BatchNormalization", ["h", ones(6), ones(6), ones(6), ones(6)], name="wide")
    b("InstanceNormalization", ["x", ones(6), ones(6)], name="instance")
    b("LayerNormalization", ["x", ones(4), ones(4)], name="layer")
    b("LayerNormalization", ["x", ones(1)], name="spread", axis=2)
    b("LRN", ["x"], name="lrn", size=5)
    b("LpNormalization", ["x"], name="lp", p=1)
    b("MeanVarianceNormalization", ["x"], name="mvn")
    b("Softmax", ["x"], name="softmax", axis=1)
    b("LogSoftmax", ["x"], name="log")
    b("Hardmax", ["x"], name="hardmax", axis=1)


@case(x=[2, 6, 4, 4])
def group_norm_18(b):
    b.opset = 18
    b("GroupNormalization", ["x", ones(3), ones(3)], name="group", num_groups=3)


@case(x=[2, 6, 4, 4])
def group_norm_21(b):
    b.opset = 21
    b("GroupNormalization", ["x", ones(6), ones(6)], name="group", num_groups=3)


@case(x=[2, 3, 4], y=[2, 3, 1, 1])
def softmax_11(b):
    b.opset = 11
    b("Softmax", ["x"], name="flat")
    b("Softmax", ["y"], name="same", axis=1)
    b("LogSoftmax", ["x"], name="last", axis=-1)


@case(x=[2, 3, 4])
def reduce(b):
    b("ReduceMean", ["x"], name="mean", axes=[1, -1])
    b("ReduceMax", ["x"], name="dropped", axes=[1], keepdims=0)
    b("ReduceSum", ["x", ints(2)], name="operand")
    b("ReduceSum", ["x"], name="all", keepdims=0)
    b("ReduceSum", ["x"], name="nothing", noop_with_empty_axes=1)
    b("ReduceL2", ["x"], name="l2", axes=[0])
    b("ReduceLogSumExp", ["x"], name="lse", axes=[2])
    b("ArgMax", ["x"], name="argmax", axis=1, keepdims=0)
    b("TopK", ["x", ints(2)], outputs=2, name="topk", axis=1, largest=0)
    b("CumSum", ["x", ints(1)], name="cumsum", reverse=1)


@case(x=[2, 3, 4])
def reduce_18(b):
    b.opset = 18
    b("ReduceMean", ["x", ints(-1)], name="mean")
    b("ReduceProd", ["x"], name="all")


@case(x=[2, 6, 4])
def movement(b):
    b("Transpose", ["x"], name="reversed")
    b("Transpose", ["x"], name="perm", perm=[0, 2, 1])
    b("Concat", ["x", "x"], name="concat", axis=-2)
    b("Split", ["x"], outputs=3, name="split", axis=1)
    b("Split", ["x", ints(1, 5)], outputs=2, name="sized", axis=1)
    b("Slice", ["x", ints(1, -3), ints(100, -1), ints(1, 2)], name="slice")
    b("Slice", ["x", ints(-1), ints(-(2**63)), ints(1), ints(-2)], name="backwards")
    b("Slice", ["x", ints(0), ints(2**63 - 1), ints(1)], name="whole")
    b("Pad", ["x", ints(0, 1, 0, 0, 2, -1), f32(9)], name="pad")
    b("Pad", ["x", ints(0, 1, 0, 0, 2, 0)], name="reflect", mode="reflect")
    b("Expand", ["x", ints(5, 1, 1, 1)], name="expand")
    b("Tile", ["x", ints(1, 2, 3)], name="tile")


@case(x=[2, 7, 4])
def movement_18(b):
    b.opset = 19
    b("Split", ["x"], outputs=4, name="uneven", axis=1, num_outputs=4)
    b("Pad", ["x", ints(1, 2), "", ints(-1)], name="axes", mode="wrap")


@case(x=[2, 6, 4])
def movement_9(b):
    b.opset = 9
    b("Slice", ["x"], name="slice", starts=[1], ends=[5], axes=[1])
    b("Pad", ["x"], name="pad", pads=[0, 0, 1, 0, 0, 1], value=2.0)
    b("Split", ["x"], outputs=2, name="split", axis=1, split=[2, 4])


@case(x=[1, 8, 2, 3])
def blocks(b):
    b("DepthToSpace", ["x"], name="dcr", blocksize=2)
    b("DepthToSpace", ["x"], name="crd", blocksize=2, mode="CRD")
    b("SpaceToDepth", ["x"], name="space", blocksize=1)


@case(x=[2, 3, 4])
def shape(b):
    b("Reshape", ["x", ints(0, -1)], name="reshape")
    b("Flatten", ["x"], name="flatten", axis=-1)
    b("Unsqueeze", ["x", ints(0, -1)], name="unsqueeze")
    b("Squeeze", [ones(1, 3, 1)], name="squeeze")
    b("Shape", ["x"], name="shape", start=1)
    b("Size", ["x"], name="size")


@case(x=[2, 3, 4])
def constants(b):
    b("Constant", [], name="tensor", value=numpy_helper.from_array(np.arange(3, dtype=f32)))
    b("Constant", [], name="float", value_float=0.5)
    b("Constant", [], name="ints", value_ints=[1, 2])
    b("ConstantOfShape", [ints(2, 2)], name="filled", value=numpy_helper.from_array(np.array([7], i64)))
    b("Range", [i64(3), i64(-4), i64(-2)], name="range")
    b("Range", [f32(0), f32(1), f32(0.25)], name="fractions")
    b("EyeLike", [ones(2, 3)], name="eye", k=1)
    b("Trilu", ["x", i64(1)], name="upper")


@case(x=[5, 4, 3], i=([2, 2], T.INT64))
def indexing(b):
    b.opset = 18
    b("Gather", ["x", "i"], name="gather", axis=1)
    b("GatherElements", ["x", np.zeros((2, 4, 3), i64)], name="elements", axis=0)
    b("GatherND", ["x", "i"], name="nd")
    b("ScatterElements", ["x", np.zeros((1, 4, 3), i64), ones(1, 4, 3)], name="scatter", axis=-3, reduction="max")
    b("ScatterND", ["x", "i", ones(2, 3)], name="scatter-nd")
    b("OneHot", ["i", i64(10), np.array([0, 1], f32)], name="one-hot", axis=1)
    b("OneHot", [ones(2), f32(3), np.array([0, 1], f32)], name="float-index")


@case(x=[1, 2, 4, 4])
def resize(b):
    b.opset = 19
    scales = np.array([1, 1, 2, 2], f32)
    b("Resize", ["x", "", scales], name="scales")
    b("Resize", ["x", "", "", ints(1, 2, 6, 7)], name="sizes", mode="linear", coordinate_transformation_mode="align_corners")
    b("Resize", ["x", "", "", ints(8, 12)], name="ratio", axes=[2, 3], keep_aspect_ratio_policy="not_larger", mode="cubic")
    b("Resize", ["x", np.array([0, 0, 0.25, 0.5, 1, 1, 0.75, 1], f32), "", ints(1, 2, 3, 3)], name="crop", mode="linear",
      coordinate_transformation_mode="tf_crop_and_resize", extrapolation_value=9.0)
    b("Resize", ["x", "", ones(4)], name="same")


@case(x=[1, 2, 10, 4])
def resize_10(b):
    b.opset = 10
    b("Resize", ["x", np.array([1, 1, 0.7, 1], f32)], name="shrink")
    b("Resize", ["x", np.array([1, 1, 2, 3], f32)], name="enlarge", mode="linear")


@case(x=[1, 2, 4, 4])
def upsample_7(b):
    b.opset = 7
    b("Upsample", ["x"], name="attribute", mode="nearest", scales=[1.0, 1.0, 2.0, 2.0])


@case(a=[2, 3, 4], m=[2, 4, 5])
def einsum(b):
    b("Einsum", ["a", "m"], name="batched", equation="bij,bjk->bik")
    b("Einsum", ["a", ones(4, 6)], name="weights", equation="bij, jk -> kbi")
    b("Einsum", ["a"], name="transpose", equation="bij->jib")
    b("Einsum", ["a"], name="sum", equation="bij->i")
    b("Einsum", ["a", ones(2, 3, 4)], name="multiply", equation="bij,bij->bij")
    b("Einsum", [ones(3), ones(4)], name="implicit", equation="i,j")


@case(x=["N", 3, 8, 8], ids=(["N", "T"], T.INT64))
def arithmetic(b):
    """What exporters leave of x.view(x.size(0), -1) and its like."""
    shape = b("Shape", ["x"], name="shape")
    n = b("Gather", [shape, i64(0)], name="n")
    b("Unsqueeze", [n, ints(0)], name="list")
    target = b("Concat", ["list.y", ints(-1)], name="target", axis=0)
    b("Reshape", ["x", target], name="view")
    b("Slice", [shape, ints(2), ints(2)], name="none")
    b("ReduceProd", ["none.y"], name="product", keepdims=0)
    b("Reshape", ["product.y", ints(1)], name="one")
    b("Concat", ["one.y", "none.y", ints(-1)], name="again", axis=0)
    b("Reshape", ["x", "again.y"], name="used")
    b.outputs = ["view.y", "used.y"]


@case(x=[2, 3])
def order(b):
    b("Relu", ["first.y"], name="second")
    b("Neg", ["x"], name="first")


@case(x=[2, 3])
def keep(b):
    b("Exp", [b("Relu", ["x"], name="inner")], name="outer")
    b.outputs = ["outer.y"]


@case(x=[2, 3])
def stale(b):
    """An inner value with a shape that some other tool got wrong."""
    b("Exp", [b("Relu", ["x"], name="inner")], name="outer")
    b.outputs = ["outer.y"]
    b.declared = [helper.make_tensor_value_info("inner.y", T.FLOAT, [2, 4])]


@case(x=[2, 3])
def branch(b):
    def side(op):
        node = helper.make_node(op, ["x"], ["inside"], name=op.lower())
        return helper.make_graph([node], op, [], [onnx.ValueInfoProto(name="inside")])

    b("Add", [b("If", [np.array(True)], name="if", then_branch=side("Exp"), else_branch=side("Neg")), "x"], name="after")
    b("If", [np.array([False])], name="other", then_branch=side("Exp"), else_branch=side("Neg"))


@case(x=[2, 3])
def output_twice(b):
    b("Neg", ["x"], name="neg")
    b.outputs *= 2


@case(x=[2, 3])
def branch_shadows(b):
    """The branch defines 'taken.y', which the graph has too, and 'last.y', which is the graph's output."""
    nodes = [helper.make_node("Exp", ["x"], ["taken.y"], name="exp"), helper.make_node("Identity", ["taken.y"], ["last.y"], name="same")]
    graph = helper.make_graph(nodes, "g", [], [onnx.ValueInfoProto(name="last.y")])
    b("Neg", ["x"], name="taken")
    b("If", [np.array(True)], name="if", then_branch=graph, else_branch=graph)
    b("Add", ["taken.y", "if.y"], name="last")


@case(x=[1, 3, 8, 8], c=([], T.BOOL))
def unsupported(b):
    """Forms dnnc does not import: every one is reported at once."""
    b.domains = {"com.example": 2}
    b.opset = 13
    b("Bernoulli", ["x"], name="bernoulli")
    b("BatchNormalization", ["x", ones(3), ones(3), ones(3), ones(3)], name="training", training_mode=0)
    b("Resize", ["x", "", np.array([1, 1, 2, 2], f32)], name="tf", coordinate_transformation_mode="tf_half_pixel_for_nn")
    b("Gelu", ["x"], name="newer")
    b("Upsample", ["x", np.array([1, 1, 2, 2], f32)], name="removed")
    b("Pad", ["x", ints(0, 0, 1, 1, 0, 0, 1, 1)], name="wrap", mode="wrap")
    b("QuantizeLinear", ["x", f32(1), np.uint8(0)], name="quantize")
    b("LpNormalization", ["x"], name="p", p=3)
    b("Fused", ["x"], name="custom", domain="com.example")


@case(x=[1, 3, 8, 8], c=([], T.BOOL))
def unsupported_values(b):
    """Forms that depend on types: reported after the first check, still all at once."""
    b.opset = 18
    graph = helper.make_graph([helper.make_node("Exp", ["x"], ["e"])], "g", [], [onnx.ValueInfoProto(name="e")])
    flat = helper.make_graph([helper.make_node("Flatten", ["x"], ["f"])], "h", [], [onnx.ValueInfoProto(name="f")])
    b("If", ["c"], name="if", then_branch=graph, else_branch=flat)
    b("Cast", ["x"], name="complex", to=T.COMPLEX64)
    b("Reshape", ["x", b("Cast", ["x"], name="data", to=T.INT64)], name="dynamic")
    b("Dropout", ["x", f32(0.5), np.array(True)], name="dropout")
    b("Mod", ["x", "x"], name="mod")
    b("Softmax", ["x"], name="attribute", axis=1, temperature=2.0)


if __name__ == "__main__":
    onnx.save(CASES[sys.argv[1]](), sys.argv[2])
