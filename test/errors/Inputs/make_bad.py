"""Writes a bad model: make_bad.py CASE DIR makes DIR/model.onnx and what it needs, and an empty folder DIR/out that must stay empty."""
import hashlib
import os
import pathlib
import shutil
import sys

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper, numpy_helper

CASES = {}


def case(function):
    CASES[function.__name__.replace("_", "-")] = function
    return function


def value(name, shape, kind=T.FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def model(nodes, inputs, outputs, constants=None, opset=17, ir=8, domains=()):
    graph = helper.make_graph(nodes, "g", [value(k, *v) if isinstance(v, tuple) else value(k, v) for k, v in inputs.items()],
                              [value(k, *v) if isinstance(v, tuple) else value(k, v) for k, v in outputs.items()])
    for name, array in (constants or {}).items():
        graph.initializer.append(numpy_helper.from_array(np.asarray(array), name))
    return helper.make_model(graph, ir_version=ir, opset_imports=[helper.make_opsetid("", opset), *[helper.make_opsetid(d, 1) for d in domains]])


def node(kind, inputs, outputs, name="bad", **attributes):
    return helper.make_node(kind, inputs.split(), outputs.split(), name=name, **attributes)


def one(kind, shapes, result, constants=None, opset=17, **attributes):
    """One node named 'bad' over inputs a, b, … of the shapes and constants p, q, … ."""
    inputs = dict(zip("abcdef", shapes))
    constants = dict(zip("pqrst", constants or []))
    return model([node(kind, " ".join([*inputs, *constants]), "y", **attributes)], inputs, {"y": result}, constants, opset)


def conv(x=(1, 3, 8, 8), w=(8, 3, 3, 3), b=None, **attributes):
    constants = [np.ones(w, np.float32)] + ([np.ones(b, np.float32)] if b else [])
    return one("Conv", [list(x)], None, constants, **attributes)


def quantize(scale, zero=np.uint8(3), **attributes):
    return one("QuantizeLinear", [[2, 3]], ([2, 3], T.UINT8), [np.asarray(scale, np.float32), np.asarray(zero)], **attributes)


def dequantize(kind, zero, scale=0.5):
    return model([node("DequantizeLinear", "a s z", "y")], {"a": ([2, 3], kind)}, {"y": [2, 3]}, {"s": np.float32(scale), "z": zero})


def small_packed():
    bad = model([node("Cast", "a p", "y", to=T.FLOAT)], {"a": [2, 3]}, {"y": [3, 3]}, {"p": np.zeros((3, 3), np.uint8)}, opset=23)
    bad.graph.node[0].input[:] = ["p"]
    bad.graph.initializer[0].data_type = T.UINT4  # nine elements would be five bytes
    return bad


def qlinear_conv(w=np.ones((8, 3, 3, 3), np.int8), ws=0.1, bias=None):
    constants = {"xs": np.float32(0.1), "xz": np.uint8(3), "ws": np.asarray(ws, np.float32), "wz": np.zeros(np.shape(ws), np.int8), "ys": np.float32(1), "yz": np.uint8(0)}
    inputs = {"a": ([1, 3, 8, 8], T.UINT8)}
    constants["w"] = w
    if bias is not None:
        constants["b"] = bias
    names = "a xs xz w ws wz ys yz" + (" b" if bias is not None else "")
    return model([node("QLinearConv", names, "y")], inputs, {"y": (None, T.UINT8)}, constants)


def fine():
    return model([node("Relu", "a", "y", "relu")], {"a": [2, 3]}, {"y": [2, 3]})


def integers(*values):
    return np.array(values, np.int64)


def with_external(folder, location, length=None, offset=0, checksum=None, write=True):
    """A model whose weight lies in a file beside it."""
    m = model([node("Add", "a w", "y", "add")], {"a": [2, 3]}, {"y": [2, 3]})
    tensor = m.graph.initializer.add(name="w", data_type=T.FLOAT, dims=[2, 3], data_location=T.EXTERNAL)
    keys = {"location": location, "offset": offset, "length": 24 if length is None else length, "checksum": checksum}
    for key, text in keys.items():
        if text is not None:
            tensor.external_data.add(key=key, value=str(text))
    if write:
        (folder / "weights.bin").write_bytes(np.ones(6, np.float32).tobytes())
    return m


def recurrent(w=(1, 12, 3), lens=None, kind=T.FLOAT, **attributes):
    """A GRU of 4 units over 5 steps of 2 sequences."""
    constants = {} if lens is None else {"lens": np.array(lens, np.int32)}
    inputs = {"x": ([5, 2, 3], kind), "w": (list(w), kind), "r": ([1, 12, 4], kind)}
    layer = helper.make_node("GRU", ["x", "w", "r", "", "lens" if constants else ""], ["y"], name="bad", **attributes)
    return model([layer], inputs, {"y": ([5, 1, 2, 4], kind)}, constants)


def two_states(size=3):
    nodes = [node("Add", "x s", "t"), node("Relu", "u", "v")]
    return model(nodes, {"x": [2, 3], "s": [2, 3], "u": [2, size]}, {"t": [2, 3], "v": [2, size]})


def cases_by_table():
    """The cases that are one node each."""
    f, ones = np.float32, lambda *s: np.ones(s, np.float32)
    return {
        # attributes
        "batch-norm-rank": lambda: one("BatchNormalization", [[3]], None, [ones(3)] * 4, training_mode=1),
        "stride-zero": lambda: conv(strides=[0, 1]),
        "dilation-negative": lambda: conv(dilations=[1, -2]),
        "pads-count": lambda: conv(pads=[1, 1, 1]),
        "pads-negative": lambda: conv(pads=[-5, 0, 0, 0]),
        "auto-pad": lambda: conv(auto_pad="SAMEISH"),
        "group-divides": lambda: conv(x=(1, 6, 8, 8), w=(8, 2, 3, 3), group=4),
        "group-zero": lambda: conv(group=0),
        "kernel-shape": lambda: conv(kernel_shape=[5, 5]),
        "attribute-type": lambda: conv(strides="two"),
        "attribute-unknown": lambda: conv(stride=[2, 2]),
        "softmax-axis": lambda: one("Softmax", [[2, 3, 4]], [2, 3, 4], axis=5),
        "perm-repeats": lambda: one("Transpose", [[2, 3, 4]], None, perm=[0, 0, 1]),
        "perm-count": lambda: one("Transpose", [[2, 3, 4]], None, perm=[1, 0]),
        "concat-no-axis": lambda: one("Concat", [[2, 3], [2, 3]], None),
        "gather-axis": lambda: one("Gather", [[2, 3]], None, [integers(0)], axis=-3),
        "flatten-axis": lambda: one("Flatten", [[2, 3]], None, axis=4),
        "resize-mode": lambda: one("Resize", [[1, 1, 4, 4]], None, [np.array([], f), np.array([1, 1, 2, 2], f)], mode="sinc"),
        "block-size": lambda: one("DepthToSpace", [[1, 6, 4, 4]], None, blocksize=4),
        "cast-target": lambda: one("Cast", [[2, 3]], None, to=999),
        "pool-too-large": lambda: one("MaxPool", [[1, 1, 4, 4]], None, kernel_shape=[7, 7]),
        "pool-no-kernel": lambda: one("AveragePool", [[1, 1, 4, 4]], None),
        "lrn-size": lambda: one("LRN", [[1, 4, 4, 4]], None, size=0),
        "linear-attention-gate": lambda: one(
            "LinearAttention", [[1, 3, 8]] * 3, None, opset=27, update_rule="delta", q_num_heads=2, kv_num_heads=2),
        "pad-mode": lambda: one("Pad", [[2, 3]], None, [integers(0, 1, 0, 1)], mode="mirrored"),
        "pad-count": lambda: one("Pad", [[2, 3]], None, [integers(0, 1, 1)]),
        "pad-reflect": lambda: one("Pad", [[2, 3]], None, [integers(0, 3, 0, 0)], mode="reflect"),
        # recurrent layers
        "recurrent-activation": lambda: recurrent(activations=["Sigmoid", "Sine"]),
        "recurrent-activations": lambda: recurrent(activations=["Sigmoid"]),
        "recurrent-direction": lambda: recurrent(direction="sideways"),
        "recurrent-hidden": lambda: recurrent(hidden_size=5),
        "recurrent-weights": lambda: recurrent(w=(1, 11, 3)),
        "recurrent-lengths": lambda: recurrent(lens=[9, 2]),
        "recurrent-double": lambda: recurrent(kind=T.DOUBLE),
        "state-name": two_states,
        "state-type": lambda: two_states(4),
        # quantization
        "quantize-no-scale": lambda: one("QuantizeLinear", [[2, 3]], ([2, 3], T.UINT8)),
        "quantize-negative": lambda: quantize(-0.5),
        "quantize-zero": lambda: quantize([0.5, 0, 1], np.zeros(3, np.uint8)),
        "quantize-nan": lambda: quantize(np.nan),
        "quantize-infinite": lambda: quantize(np.inf),
        "quantize-length": lambda: quantize([1, 1, 1, 1], np.zeros(4, np.uint8)),
        "quantize-axis": lambda: quantize([1, 1, 1], np.zeros(3, np.uint8), axis=7),
        "quantize-zeros": lambda: quantize([1, 1, 1], np.zeros(2, np.uint8)),
        "quantize-blocks": lambda: quantize([[1], [1]], np.zeros((2, 1), np.uint8), opset=21, block_size=2),
        "quantize-precision": lambda: quantize(0.5, opset=23, precision=T.INT32),
        "quantize-dtype": lambda: quantize(0.5, opset=23, output_dtype=T.INT8),
        "quantize-e8m0": lambda: one("QuantizeLinear", [[2, 3]], ([2, 3], T.FLOAT8E8M0), [np.float32(1)], opset=24, output_dtype=T.FLOAT8E8M0),
        # elements of 8 bits and less
        "small-add": lambda: model([node("Add", "a a", "y")], {"a": ([2, 3], T.INT4)}, {"y": ([2, 3], T.INT4)}, opset=23),
        "small-packed": lambda: small_packed(),
        "cast-round-mode": lambda: one("Cast", [[2, 3]], ([2, 3], T.FLOAT8E8M0), opset=24, to=T.FLOAT8E8M0, round_mode="even"),
        "bitcast-width": lambda: one("BitCast", [[2, 3]], ([2, 3], T.INT16), opset=26, to=T.INT16),
        "dequantize-type": lambda: dequantize(T.UINT8, np.int8(3)),
        "dequantize-range": lambda: dequantize(T.INT32, np.int32(3)),
        "qlinear-bias": lambda: qlinear_conv(bias=np.ones(8, np.float32)),
        "qlinear-scales": lambda: qlinear_conv(ws=[0.1] * 7),
        # values of constant operands
        "slice-step": lambda: one("Slice", [[4, 4]], None, [integers(0), integers(4), integers(1), integers(0)]),
        "slice-axes": lambda: one("Slice", [[4, 4]], None, [integers(0), integers(4), integers(7)]),
        "split-sum": lambda: model([node("Split", "a p", "y z", axis=1)], {"a": [2, 7]}, {"y": None, "z": None}, {"p": integers(3, 3)}),
        "squeeze-dim": lambda: one("Squeeze", [[2, 3]], None, [integers(1)]),
        "reshape-count": lambda: one("Reshape", [[2, 3]], None, [integers(4, 2)]),
        "reshape-two-free": lambda: one("Reshape", [[2, 3]], None, [integers(-1, -1)]),
        "reshape-runtime": lambda: model([node("Reshape", "a s", "y")], {"a": [2, 3], "s": ([2], T.INT64)}, {"y": None}),
        "gather-index": lambda: one("Gather", [[2, 3]], None, [integers(0, 9)], axis=0),
        "top-k": lambda: model([node("TopK", "a p", "y z")], {"a": [2, 3]}, {"y": None, "z": (None, T.INT64)}, {"p": integers(11)}),
        "expand-shape": lambda: one("Expand", [[2, 3]], None, [integers(2, 4)]),
        "expand-huge": lambda: one("Expand", [[1]], None, [integers(2**40, 2**40)]),
        "conv-integer-rank": lambda: model([node("ConvInteger", "a w", "y")], {"a": ([], T.UINT8)}, {"y": None}, {"w": np.ones((2, 1, 3), np.uint8)}),
        "hardmax-huge": lambda: one("Hardmax", [[8, 65536, 1048576]], None, opset=11, axis=1),
        "tile-negative": lambda: one("Tile", [[2, 3]], None, [integers(1, -2)]),
        "resize-scale": lambda: one("Resize", [[1, 1, 4, 4]], None, [np.array([], f), np.array([1, 1, -2, 2], f)]),
        # shapes and types
        "add-types": lambda: model([node("Add", "a b", "y")], {"a": [2], "b": ([2], T.INT64)}, {"y": None}),
        "add-shapes": lambda: one("Add", [[2, 3], [4]], None),
        "matmul-inner": lambda: one("MatMul", [[2, 3]], None, [ones(4, 5)]),
        "gemm-inner": lambda: one("Gemm", [[2, 3]], None, [ones(5, 7)], transB=1),
        "conv-channels": lambda: conv(w=(8, 4, 3, 3)),
        "conv-rank": lambda: conv(w=(8, 3, 3)),
        "conv-bias": lambda: conv(b=(7,)),
        "concat-dims": lambda: one("Concat", [[2, 3], [4, 3]], None, axis=1),
        "norm-length": lambda: one("BatchNormalization", [[1, 4, 5, 5]], None, [ones(4), ones(4), ones(3), ones(4)]),
        "where-condition": lambda: one("Where", [[2], [2], [2]], None),
        "too-few-inputs": lambda: one("Conv", [[1, 3, 8, 8]], None),
        "too-many-inputs": lambda: one("Relu", [[2], [2]], None),
        "declared-shape": lambda: model([node("Relu", "a", "y")], {"a": [2, 3]}, {"y": [3, 2]}),
        "declared-type": lambda: model([node("Relu", "a", "y")], {"a": [2, 3]}, {"y": ([2, 3], T.INT32)}),
        "string-input": lambda: model([node("Identity", "a", "y")], {"a": ([2], T.STRING)}, {"y": ([2], T.STRING)}),
        "dim-zero": lambda: conv(x=(1, 3, 0, 8)),
        "dim-negative": lambda: one("Relu", [[2, -3]], None),
        "dim-huge": lambda: one("Relu", [[2**62, 2**62]], None),
        "product-huge": lambda: one("Relu", [[65536, 65536, 65536, 65536]], None),
        # the graph
        "op-unknown": lambda: model(
            [node("Frobnicate", "a", "b", "first"), node("Relu", "b", "c", "good"), node("Defrobnicate", "c", "y", "second")], {"a": [2]}, {"y": [2]}),
        "op-too-new": lambda: one("Gelu", [[2, 3]], [2, 3], opset=13),
        "op-lacking": lambda: one("Bernoulli", [[2, 3]], None),
        "domain-unknown": lambda: model(
            [helper.make_node("Fused", ["a"], ["y"], name="bad", domain="com.example")], {"a": [2]}, {"y": [2]}, domains=["com.example"]),
        "domain-undeclared": lambda: model([helper.make_node("Fused", ["a"], ["y"], name="bad", domain="org.nowhere")], {"a": [2]}, {"y": [2]}),
        "opset-new": lambda: one("Relu", [[2]], [2], opset=99),
        "opset-old": lambda: one("Relu", [[2]], [2], opset=0),
        "graph-loop": lambda: model([node("Add", "a z", "b", "first"), node("Relu", "b", "z", "second")], {"a": [2]}, {"z": [2]}),
        "input-undefined": lambda: model([node("Add", "a nowhere", "y")], {"a": [2]}, {"y": [2]}),
        "output-undefined": lambda: model([node("Relu", "a", "y")], {"a": [2]}, {"nowhere": [2]}),
        "name-twice": lambda: model([node("Relu", "a", "y", "first"), node("Tanh", "a", "y", "second")], {"a": [2]}, {"y": [2]}),
        "no-outputs": lambda: model([node("Relu", "a", "y")], {"a": [2]}, {}),
        "bounded-norm": lambda: model([node("LayerNormalization", "a s", "y", "bad")], {"a": [2, "W"], "s": ["W"]}, {"y": None}),
        "bounded-meet": lambda: model([node("Add", "a b", "y", "bad")], {"a": ["N"], "b": ["M"]}, {"y": None}),
        "symbolic": lambda: model([node("Relu", "a", "y")], {"a": ["N", "channels", "height", 7]}, {"y": None}),
        "fixed": fine,
    }


@case
def missing(folder):
    return None


@case
def empty_file(folder):
    (folder / "model.onnx").write_bytes(b"")


@case
def truncated(folder):
    data = conv(w=(64, 3, 3, 3)).SerializeToString()
    (folder / "model.onnx").write_bytes(data[: len(data) // 2])


@case
def plain_text(folder):
    (folder / "model.onnx").write_text("this is no model\n" * 20)


@case
def random_bytes(folder):
    (folder / "model.onnx").write_bytes(np.random.default_rng(1).bytes(5000))


@case
def lfs_pointer(folder):
    (folder / "model.onnx").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 1234\n")


@case
def is_folder(folder):
    (folder / "model.onnx").mkdir()


@case
def no_graph(folder):
    return onnx.ModelProto(ir_version=8, opset_import=[helper.make_opsetid("", 17)])


@case
def no_opset(folder):
    m = fine()
    del m.opset_import[:]
    return m


@case
def ir_new(folder):
    m = fine()
    m.ir_version = 99
    return m


@case
def constant_twice(folder):
    m = model([node("Add", "a w", "y")], {"a": [2]}, {"y": [2]}, {"w": np.ones(2, np.float32)})
    m.graph.initializer.append(m.graph.initializer[0])
    return m


@case
def raw_size(folder):
    m = model([node("Add", "a w", "y")], {"a": [2]}, {"y": [2]}, {"w": np.ones(2, np.float32)})
    m.graph.initializer[0].raw_data = b"\0" * 7
    return m


@case
def tensor_dims(folder):
    m = model([node("Add", "a w", "y")], {"a": [2]}, {"y": [2]}, {"w": np.ones(2, np.float32)})
    m.graph.initializer[0].dims[0] = -2
    return m


@case
def tensor_huge(folder):
    m = model([node("Add", "a w", "y")], {"a": [2]}, {"y": [2]}, {"w": np.ones(2, np.float32)})
    m.graph.initializer[0].dims[:] = [2**33, 2**33]
    return m


@case
def sparse(folder):
    m = model([node("Add", "a w", "y")], {"a": [4]}, {"y": [4]})
    values = numpy_helper.from_array(np.ones(1, np.float32), "w")
    m.graph.sparse_initializer.append(helper.make_sparse_tensor(values, numpy_helper.from_array(integers(2)), [4]))
    return m


def body(nodes, inputs, outputs):
    kinds = {"i": T.INT64, "c": T.BOOL, "go": T.BOOL}
    info = lambda name: helper.make_tensor_value_info(name, kinds.get(name, T.FLOAT), None)  # noqa: E731
    return helper.make_graph(nodes, "body", [info(n) for n in inputs.split()], [info(n) for n in outputs.split()])


KEEP = node("Identity", "c", "go", name="keep")


@case
def loop_carried(folder):
    grow = body([KEEP, node("Concat", "s s", "n", name="grow", axis=0)], "i c s", "go n")
    return model([helper.make_node("Loop", ["m", "", "a"], ["y"], name="bad", body=grow)], {"a": [2], "m": ([], T.INT64)}, {"y": None})


@case
def bounded_loop(folder):
    same = body([KEEP, node("Neg", "s", "n", name="neg")], "i c s", "go n")
    return model([helper.make_node("Loop", ["m", "", "a"], ["y"], name="bad", body=same)], {"a": ["N"], "m": ([], T.INT64)}, {"y": None})


@case
def bounded_past(folder):
    """Which keys a query of a causal attention sees depends on how many came before."""
    names = "q k v pk pv".split()
    shapes = [[2, 2, 3, 4], [2, 2, 3, 4], [2, 2, 3, 4], [2, 2, "P", 4], [2, 2, "P", 4]]
    nodes = [helper.make_node("Attention", ["q", "k", "v", "", "pk", "pv"], ["y"], name="bad", is_causal=1)]
    return model(nodes, dict(zip(names, shapes)), {"y": None}, opset=23)


@case
def bounded_lengths(folder):
    nodes = [helper.make_node("Attention", ["q", "k", "v", "", "", "", "n"], ["y"], name="bad")]
    return model(nodes, {"q": [2, 2, 3, 4], "k": [2, 2, "K", 4], "v": [2, 2, "K", 4], "n": ([2], T.INT64)}, {"y": None}, opset=24)


@case
def bounded_words(folder):
    nodes = [helper.make_node("TfIdfVectorizer", ["x"], ["y"], name="bad", mode="TF", min_gram_length=1, max_gram_length=1, max_skip_count=0, ngram_counts=[0],
                              ngram_indexes=[0], pool_int64s=[3])]
    return model(nodes, {"x": (["N", 3], T.INT64)}, {"y": None})


@case
def loop_endless(folder):
    same = body([KEEP, node("Neg", "s", "n", name="neg")], "i c s", "go n")
    return model([helper.make_node("Loop", ["", "", "a"], ["y"], name="bad", body=same)], {"a": [2]}, {"y": [2]})


@case
def loop_while(folder):
    same = body([KEEP, node("Neg", "s", "n", name="neg")], "i c s", "go n")
    return model([helper.make_node("Loop", ["m", "", "a"], ["y"], name="bad", body=same)], {"a": [2], "m": ([], T.INT64)}, {"y": [2]})


@case
def loop_outputs(folder):
    same = body([KEEP, node("Neg", "s", "n", name="neg")], "i c s", "go n")
    return model([helper.make_node("Loop", ["m", "", "a"], ["y", "z"], name="bad", body=same)], {"a": [2], "m": ([], T.INT64)}, {"y": [2]})


@case
def window_huge(folder):
    return model([node("HannWindow", "s", "y")], {"a": [2]}, {"y": None}, {"s": np.int64(2**31 - 1)})


@case
def loop_scan_count(folder):
    rows = body([KEEP, node("Neg", "s", "n", name="neg"), node("Exp", "n", "r", name="exp")], "i c s", "go n r")
    return model([helper.make_node("Loop", ["m", "", "a"], ["y", "z"], name="bad", body=rows)], {"a": [2], "m": ([], T.INT64)}, {"y": [2], "z": None})


@case
def scan_lengths(folder):
    rows = body([node("Add", "p q", "r", name="add")], "p q", "r")
    return model([helper.make_node("Scan", ["a", "b"], ["y"], name="bad", body=rows, num_scan_inputs=2)], {"a": [5, 2], "b": [4, 2]}, {"y": None})


CASES["external-missing"] = lambda d: with_external(d, "nowhere.bin", write=False)
CASES["external-length"] = lambda d: with_external(d, "weights.bin", length=4000)
CASES["external-short"] = lambda d: with_external(d, "weights.bin", length=8)
CASES["external-offset"] = lambda d: with_external(d, "weights.bin", offset=-8)
CASES["external-checksum"] = lambda d: with_external(d, "weights.bin", checksum=hashlib.sha1(b"other").hexdigest())
CASES["external-parent"] = lambda d: with_external(d, "../weights.bin")
CASES["external-absolute"] = lambda d: with_external(d, str((d / "weights.bin").resolve()))


@case
def external_link(folder):
    m = with_external(folder, "link.bin")
    outside = folder.with_suffix(".outside")
    outside.write_bytes(np.ones(6, np.float32).tobytes())
    os.symlink(outside, folder / "link.bin")
    return m


@case
def arrays(folder):
    np.save(folder / "shape.npy", np.ones((3, 2), np.float32))
    np.save(folder / "type.npy", np.ones((2, 3), np.int32))
    (folder / "broken.npy").write_bytes(b"\x93NUMPY\x01\x00")
    return fine()


def main():
    name, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "out").mkdir(parents=True)
    table = cases_by_table()
    made = table[name]() if name in table else CASES[name](folder)
    if made is not None:
        (folder / "model.onnx").write_bytes(made.SerializeToString())


if __name__ == "__main__":
    main()
