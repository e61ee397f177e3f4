#!/usr/bin/env python3
"""Dims that are chosen at run time: one compiled program, run with several sizes, against ONNX Runtime.

Each model is compiled once for the largest sizes; every choice of sizes then runs in the executor and, for one model in three (all with --full), in the same
emitted program.
"""
import argparse
import os
import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper, numpy_helper

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from cases.trees import complete, tree_attributes, vine
from support import (Failure, Tally, build_program, check_output, execute, find_dnnc, parallel, reference, run_executor, run_program, workspace)

HERE = pathlib.Path(__file__).resolve().parent
f32, i64 = np.float32, np.int64
TYPES = {np.dtype(f32): T.FLOAT, np.dtype(i64): T.INT64, np.dtype(bool): T.BOOL, np.dtype(np.int32): T.INT32}
# Sums of at most 600 products of numbers below 4, in another order: 600 * 4 * 2^-24 is 1.4e-4.
BOUND = 2e-4


class Model:
    """name, graph inputs {name: (type, dims)}, nodes, constants, outputs, and the sizes to run: dicts of symbols."""

    def __init__(self, name, inputs, nodes, outputs, runs, constants=None, ranges=None, data=None, opset=17, exact=False, options=(), domains=()):
        self.name, self.inputs, self.runs, self.exact = name, inputs, runs, exact
        self.data = data or {}
        self.options = [f"--set-dim={k}={low}..{high}" for k, (low, high) in (ranges or {}).items()] + list(options)
        graph = helper.make_graph(
            nodes, "g", [helper.make_tensor_value_info(k, t, dims) for k, (t, dims) in inputs.items()],
            [helper.make_empty_tensor_value_info(o) for o in outputs],
            [numpy_helper.from_array(np.asarray(v), k) for k, v in (constants or {}).items()])
        self.proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset), *(helper.make_opsetid(*d) for d in domains)], ir_version=8)
        self.outputs = outputs

    def values(self, run, seed):
        random = np.random.default_rng(seed)
        made = {}
        for name, (kind, dims) in self.inputs.items():
            shape = [run.get(d, d) for d in dims]
            if name in self.data:
                made[name] = self.data[name](random, shape)
            elif kind == T.FLOAT:
                made[name] = random.uniform(-1, 1, shape).astype(f32)
            else:
                made[name] = random.integers(0, 2, shape).astype(helper.tensor_dtype_to_np_dtype(kind))
        return made


def node(kind, inputs, outputs, **attributes):
    return helper.make_node(kind, inputs.split(","), outputs.split(","), **attributes)


def weights(name, *shape):
    return (np.random.default_rng(sum(map(ord, name))).uniform(-1, 1, shape) / np.sqrt(shape[1] if len(shape) > 1 else 1)).astype(f32)


# Models -----------------------------------------------------------------------------------------------------------------


def found():
    """Results whose size depends on data."""
    mask = {"x": lambda random, shape: random.integers(0, 2, shape).astype(f32)}
    nothing = {"x": lambda random, shape: np.zeros(shape, f32)}
    all_of = {"x": lambda random, shape: np.ones(shape, f32)}
    for text, data in (("some", mask), ("none", nothing), ("all", all_of)):
        yield Model(f"NonZero {text}", {"x": (T.FLOAT, (3, 4, 5))}, [node("NonZero", "x", "y")], ["y"], [{}, {}], data=data, exact=True)
    yield Model("NonZero then GatherND", {"x": (T.FLOAT, (4, 6))},
                [node("NonZero", "x", "i"), node("Transpose", "i", "t", perm=[1, 0]), node("GatherND", "x,t", "v"), node("ReduceSum", "v", "s", keepdims=0),
                 node("ReduceMean", "v", "m", keepdims=0), node("Shape", "v", "n"), node("Mul", "v,two", "w"), node("Concat", "w,v", "c", axis=0)],
                ["v", "s", "m", "n", "w", "c"], [{}] * 3, {"two": np.array([2], f32)}, data={"x": lambda random, shape: random.integers(-1, 2, shape).astype(f32)})
    yield Model("Compress", {"x": (T.FLOAT, (5, 6)), "c": (T.BOOL, (4,))}, [node("Compress", "x,c", "y", axis=1), node("Compress", "x,c", "z")],
                ["y", "z"], [{}] * 3, exact=True)
    yield Model("Compress of one", {"x": (T.FLOAT, (1,)), "c": (T.BOOL, (1,))}, [node("Compress", "x,c", "y")], ["y"], [{}] * 4, exact=True)
    digits = {"x": lambda random, shape: random.integers(0, 4, shape).astype(f32)}
    for is_sorted in (0, 1):
        yield Model(f"Unique sorted={is_sorted}", {"x": (T.FLOAT, (4, 5))}, [node("Unique", "x", "y,f,i,c", sorted=is_sorted)], ["y", "f", "i", "c"], [{}] * 2, data=digits, exact=True)
        bits = {"x": lambda random, shape: random.integers(0, 2, shape).astype(f32)}
        yield Model(f"Unique rows sorted={is_sorted}", {"x": (T.FLOAT, (7, 2))}, [node("Unique", "x", "y,f,i,c", sorted=is_sorted, axis=0)],
                    ["y", "f", "i", "c"], [{}] * 2, data=bits, exact=True)
    # The padding of a chosen size must not be found.
    yield Model("NonZero of N", {"x": (T.FLOAT, ("N", 3))}, [node("Add", "x,one", "a"), node("NonZero", "a", "y")], ["y"], [{"N": n} for n in (0, 1, 4, 6)],
                {"one": np.array([1], f32)}, {"N": (0, 6)}, exact=True)
    yield Model("Unique of N", {"x": (T.FLOAT, ("N",))}, [node("Unique", "x", "y,f,i,c")], ["y", "f", "i", "c"], [{"N": n} for n in (1, 3, 9)], ranges={"N": (1, 9)},
                data={"x": lambda random, shape: random.integers(0, 3, shape).astype(f32)}, exact=True)


def boxes(random, shape):
    corner = random.uniform(0, 1, [*shape[:-1], 2])
    return np.concatenate([corner, corner + random.uniform(0.1, 0.6, corner.shape)], -1).astype(f32)


def detection():
    """An SSD head: scores by softmax, boxes decoded, suppressed, and the rest gathered."""
    nodes = [
        node("Conv", "x,wl", "l0", pads=[1, 1, 1, 1]), node("Conv", "x,wc", "c0", pads=[1, 1, 1, 1]),
        node("Transpose", "l0", "l1", perm=[0, 2, 3, 1]), node("Reshape", "l1,flat4", "l2"),
        node("Transpose", "c0", "c1", perm=[0, 2, 3, 1]), node("Reshape", "c1,flat3", "c2"), node("Softmax", "c2", "c3", axis=2),
        node("Transpose", "c3", "scores", perm=[0, 2, 1]), node("Mul", "l2,tenth", "l3"), node("Add", "l3,priors", "boxes"),
        node("NonMaxSuppression", "boxes,scores,most,iou,threshold", "selected"),
        node("Gather", "selected,two", "which", axis=1), node("Gather", "boxes,zero", "first", axis=0), node("Gather", "first,which", "kept", axis=0),
        node("Shape", "selected", "s"), node("Gather", "s,zero", "count", axis=0),
    ]
    priors = boxes(np.random.default_rng(5), (1, 32, 4))
    constants = {"wl": weights("wl", 8, 6, 3, 3), "wc": weights("wc", 6, 6, 3, 3), "flat4": np.array([0, -1, 4], i64), "flat3": np.array([0, -1, 3], i64),
                 "tenth": np.array(0.02, f32), "priors": priors, "most": np.array([5], i64), "iou": np.array([0.4], f32), "threshold": np.array([0.2], f32),
                 "two": np.array(2, i64), "zero": np.array(0, i64)}
    yield Model("SSD head", {"x": (T.FLOAT, (1, 6, 4, 4))}, nodes, ["selected", "kept", "count"], [{}] * 3, constants)
    for center in (0, 1):
        yield Model(f"NonMaxSuppression of N boxes, center={center}", {"b": (T.FLOAT, (2, "N", 4)), "s": (T.FLOAT, (2, 3, "N")), "k": (T.INT64, (1,))},
                    [node("NonMaxSuppression", "b,s,k,iou,low", "y", center_point_box=center)], ["y"], [{"N": n} for n in (1, 7, 20)],
                    {"iou": np.array([0.3], f32), "low": np.array([-0.5], f32)}, {"N": (1, 20)}, exact=True,
                    data={"b": boxes, "k": lambda random, shape: random.integers(0, 6, shape).astype(i64)})


def batch():
    """A CNN in the manner of MobileNet: N is the batch."""
    def bn(name, c):
        return {f"{name}{s}": np.abs(weights(name + s, c)) + f32(0.5) if s in "sv" else weights(name + s, c) for s in "sbmv"}
    constants = {"w0": weights("w0", 8, 3, 3, 3), "w1": weights("w1", 8, 1, 3, 3), "w2": weights("w2", 16, 8, 1, 1), "w3": weights("w3", 16, 10), "b3": weights("b3", 10),
                 "low": np.array(0, f32), "high": np.array(6, f32), **bn("p", 8), **bn("q", 16), "flat": np.array([0, -1], i64)}
    nodes = [node("Conv", "x,w0", "c0", strides=[2, 2], pads=[1, 1, 1, 1]), node("BatchNormalization", "c0,ps,pb,pm,pv", "c1"), node("Clip", "c1,low,high", "c2"),
             node("Conv", "c2,w1", "d0", group=8, pads=[1, 1, 1, 1]), node("Relu", "d0", "d1"), node("Conv", "d1,w2", "e0"),
             node("BatchNormalization", "e0,qs,qb,qm,qv", "e1"), node("MaxPool", "e1", "e2", kernel_shape=[2, 2], strides=[2, 2]), node("GlobalAveragePool", "e2", "g0"),
             node("Shape", "g0", "s"), node("Gather", "s,zero", "n", axis=0), node("Unsqueeze", "n,zeros", "n1"), node("Concat", "n1,minus", "target", axis=0),
             node("Reshape", "g0,target", "g1"), node("Gemm", "g1,w3,b3", "y"), node("Softmax", "y", "z", axis=-1)]
    constants |= {"zero": np.array(0, i64), "zeros": np.array([0], i64), "minus": np.array([-1], i64)}
    yield Model("CNN", {"x": (T.FLOAT, ("N", 3, 16, 16))}, nodes, ["y", "z"], [{"N": n} for n in (1, 2, 5, 8)], constants, {"N": (1, 8)})
    # [0, -1] is no shape: the channels are named.
    yield Model("CNN from 0", {"x": (T.FLOAT, ("N", 3, 16, 16))}, nodes, ["y"], [{"N": 3}, {"N": 0}], constants | {"minus": np.array([16], i64)}, {"N": (0, 4)})
    # The picture's size.
    spatial = nodes[:5] + [node("MaxPool", "d1", "e2", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]), node("ReduceMean", "e2", "m", axes=[2, 3], keepdims=0)]
    for reach in ("e2", "m"):
        yield Model(f"CNN of any size, {reach}", {"x": (T.FLOAT, (2, 3, "H", "W"))}, spatial, [reach], [{"H": h, "W": w} for h, w in ((4, 4), (7, 12), (12, 9))], constants,
                    {"H": (4, 12), "W": (4, 12)})


def transformer():
    """A block with S tokens in B sentences, as PyTorch exports one."""
    H, heads, d = 16, 4, 4
    constants = {"wq": weights("wq", H, H), "wk": weights("wk", H, H), "wv": weights("wv", H, H), "wo": weights("wo", H, H), "w1": weights("w1", H, 32), "w2": weights("w2", 32, H),
                 "g": weights("g", H), "b": weights("b", H), "zero": np.array(0, i64), "one": np.array(1, i64), "zeros": np.array([0], i64), "heads": np.array([heads], i64),
                 "d": np.array([d], i64), "H": np.array([H], i64), "half": np.array(0.5, f32), "positions": weights("positions", 1, 32, H),
                 "ones": np.array([1], i64), "big": np.array(-1e9, f32), "first": np.array(0, i64), "all": np.array([2**31], i64)}
    nodes = [node("Shape", "x", "shape"), node("Gather", "shape,zero", "B", axis=0), node("Gather", "shape,one", "S", axis=0),
             node("Unsqueeze", "B,zeros", "B1"), node("Unsqueeze", "S,zeros", "S1"), node("Slice", "positions,zeros,S1,ones", "p"), node("Add", "x,p", "xp"),
             node("LayerNormalization", "xp,g,b", "ln", axis=-1), node("Concat", "B1,S1,heads,d", "split", axis=0), node("Concat", "B1,S1,H", "join", axis=0)]
    for one in "qkv":
        nodes += [node("MatMul", f"ln,w{one}", f"{one}0"), node("Reshape", f"{one}0,split", f"{one}1"),
                  node("Transpose", f"{one}1", one, perm=[0, 2, 3, 1] if one == "k" else [0, 2, 1, 3])]
    nodes += [node("MatMul", "q,k", "a0"), node("Mul", "a0,half", "a1"),
              node("Range", "first,S,one", "r"), node("Unsqueeze", "r,ones", "r1"), node("Less", "r1,r", "later"), node("Where", "later,big,a1", "a2"),
              node("Softmax", "a2", "a3", axis=-1), node("MatMul", "a3,v", "o0"), node("Transpose", "o0", "o1", perm=[0, 2, 1, 3]), node("Reshape", "o1,join", "o2"),
              node("MatMul", "o2,wo", "o3"), node("Add", "o3,x", "h0"), node("MatMul", "h0,w1", "h1"), node("Relu", "h1", "h2"), node("MatMul", "h2,w2", "h3"),
              node("Add", "h3,h0", "y"), node("ReduceMean", "y", "mean", axes=[1], keepdims=0), node("ReduceMax", "y", "top", axes=[1], keepdims=0)]
    last = [node("Slice", "y,minus,all,ones", "last"), node("ArgMax", "y", "arg", axis=1, keepdims=0), node("Concat", "B1,minus", "rows", axis=0),
            node("Reshape", "y,rows", "flat"), node("Concat", "minus,H", "tokens", axis=0), node("Reshape", "y,tokens", "list"), node("MatMul", "list,w1", "listed")]
    constants["minus"] = np.array([-1], i64)
    inputs = {"x": (T.FLOAT, ("B", "S", H))}
    yield Model("transformer block", inputs, nodes + last, ["y", "mean", "top", "last", "arg"], [{"B": b, "S": s} for b, s in ((1, 1), (2, 7), (3, 32), (2, 31))], constants,
                {"B": (1, 3), "S": (1, 32)})
    yield Model("transformer block, S alone", inputs, nodes + last, ["y", "flat", "list"], [{"B": 2, "S": s} for s in (1, 5, 32)], constants, {"S": (1, 32)}, options=["--set-dim=B=2"])
    yield Model("tokens in one list", inputs, nodes + last, ["list", "listed", "y"], [{"B": b, "S": s} for b, s in ((1, 3), (3, 5), (2, 8))], constants,
                {"B": (1, 3), "S": (1, 8)})


def single():
    """One operator each, over a dim that is chosen at run time."""
    N = {"N": (0, 7)}
    runs = [{"N": n} for n in (1, 4, 7)]
    x = {"x": (T.FLOAT, (3, "N", 2))}

    def one(name, nodes, outputs=("y",), constants=None, inputs=x, ranges=N, runs=runs, **rest):
        return Model(name, inputs, nodes, list(outputs), runs, constants, ranges, **rest)

    for kind in ("Sum", "Mean", "Max", "Min", "Prod", "L1", "L2", "LogSum", "LogSumExp", "SumSquare"):
        before = [node("Abs", "x", "a")]
        yield one(f"Reduce{kind}", [*before, node("ReduceSum", "a,axes", "y")] if kind == "Sum" else [*before, node(f"Reduce{kind}", "a", "y", axes=[1])], constants={"axes": np.array([1], i64)})
    for axis in (0, 1, 2):
        yield one(f"Softmax axis={axis}", [node("Softmax", "x", "y", axis=axis)])
        yield one(f"LogSoftmax axis={axis}", [node("LogSoftmax", "x", "y", axis=axis)])
        yield one(f"Concat axis={axis}", [node("Exp", "x", "e"), node("Concat", "x,e,x", "y", axis=axis)])
    for kind in ("ArgMax", "ArgMin"):
        yield one(kind, [node(kind, "x", "y", axis=1, keepdims=0), node(kind, "x", "z", axis=1, select_last_index=1)], ("y", "z"), exact=True)
    yield one("TopK", [node("TopK", "x,k", "v,i", axis=1, largest=0)], ("v", "i"), {"k": np.array([1], i64)})
    yield one("CumSum", [node("CumSum", "x,axis", "y"), node("CumSum", "x,axis", "z", reverse=1, exclusive=1)], ("y", "z"), {"axis": np.array(1, i64)})
    starts = {"from1": [1], "from-2": [-2], "from-1": [-1]}
    for name, start in starts.items():
        yield one(f"Slice {name}", [node("Slice", "x,s,e,a", "y")], constants={"s": np.array(start, i64), "e": np.array([2**31], i64), "a": np.array([1], i64)}, exact=True)
    yield one("Slice to -1", [node("Slice", "x,s,e,a", "y")], constants={"s": np.array([0], i64), "e": np.array([-1], i64), "a": np.array([1], i64)}, exact=True)
    yield one("Slice to 3", [node("Slice", "x,s,e,a", "y")], constants={"s": np.array([0], i64), "e": np.array([3], i64), "a": np.array([1], i64)}, exact=True)
    yield one("Slice by 2", [node("Slice", "x,s,e,a,t", "y")], constants={"s": np.array([0], i64), "e": np.array([2**31], i64), "a": np.array([1], i64), "t": np.array([2], i64)}, exact=True)
    yield one("reversed", [node("Slice", "x,s,e,a,t", "y")], constants={"s": np.array([-1], i64), "e": np.array([-(2**31)], i64), "a": np.array([1], i64), "t": np.array([-1], i64)}, exact=True)
    yield one("Gather -1", [node("Gather", "x,i", "y", axis=1)], constants={"i": np.array([-1, 0], i64)}, exact=True)
    yield one("Pad", [node("Pad", "x,p,v", "y")], constants={"p": np.array([0, 1, 0, 0, 2, 1], i64), "v": np.array(3, f32)}, exact=True)
    yield one("Transpose and Flatten", [node("Transpose", "x", "t", perm=[1, 0, 2]), node("Flatten", "t", "y"), node("Flatten", "x", "z")], ("y", "z"), exact=True)
    yield one("Expand and ConstantOfShape", [node("Shape", "x", "s"), node("Expand", "c,s", "y"), node("ConstantOfShape", "s", "z", value=helper.make_tensor("v", T.FLOAT, [1], [2.5]))], ("y", "z"),
              {"c": weights("c", 1, 1, 2)}, exact=True)
    yield one("matrix product over N", [node("Transpose", "x", "t", perm=[0, 2, 1]), node("MatMul", "t,x", "y"), node("MatMul", "x,t", "z")], ("y", "z"))
    yield one("outer N", [node("Exp", "x", "y"), node("Size", "x", "z")], ("y", "z"), inputs={"x": (T.FLOAT, ("N", 3))})
    yield one("two inputs of N", [node("Add", "x,z", "y")], inputs={"x": (T.FLOAT, (2, "N")), "z": (T.FLOAT, ("N",))})
    yield one("two names", [node("Add", "x,z", "y")], inputs={"x": (T.FLOAT, (2, "N")), "z": (T.FLOAT, ("M",))}, ranges={"N": (0, 7), "M": (1, 7)},
              runs=[{"N": n, "M": n} for n in (1, 4, 7)])
    branches = [helper.make_graph([node(kind, "a", "b")], kind, [], [helper.make_tensor_value_info("b", T.FLOAT, None)]) for kind in ("Softmax", "Exp")]
    yield one("If", [node("Exp", "x", "a"), node("If", "c", "y", then_branch=branches[0], else_branch=branches[1])], inputs=x | {"c": (T.BOOL, ())})
    yield one("Conv1D", [node("Conv", "x,w", "y", pads=[1, 1]), node("Conv", "x,w", "z", strides=[2], pads=[1, 1])], ("y", "z"), {"w": weights("w", 4, 2, 3)},
              inputs={"x": (T.FLOAT, (1, 2, "N"))})
    yield Model("input shape", {"x": (T.FLOAT, ("a", "b"))}, [node("Relu", "x", "y")], ["y"], [{"a": 1, "b": 3}, {"a": 4, "b": 2}], exact=True, options=["--input-shape=x=1..4x2..3"])


def layers():
    """Recurrent layers over N sequences of T steps; attention of N batches with M queries and K keys."""
    ranges, runs = {"N": (1, 3), "T": (1, 7)}, [{"N": n, "T": t} for n, t in ((3, 7), (1, 1), (2, 4), (3, 5))]
    for kind, gates in (("RNN", 1), ("GRU", 3), ("LSTM", 4)):
        for direction, count in (("forward", 1), ("reverse", 1), ("bidirectional", 2)):
            constants = {"w": weights(kind + "w", count, gates * 6, 5), "r": weights(kind + "r", count, gates * 6, 6), "b": weights(kind + "b", count, gates * 12)}
            results = ["y", "h", "c"] if kind == "LSTM" else ["y", "h"]
            yield Model(f"{kind} {direction}", {"x": (T.FLOAT, ("T", "N", 5))}, [node(kind, "x,w,r,b", ",".join(results), hidden_size=6, direction=direction)],
                        results, runs, constants, ranges)
        states = {"h0": (T.FLOAT, (2, "N", 6))} | ({"c0": (T.FLOAT, (2, "N", 6))} if kind == "LSTM" else {})
        yield Model(f"{kind} with lengths", {"x": (T.FLOAT, ("T", "N", 5)), "n": (T.INT32, ("N",)), **states},
                    [node(kind, ",".join(["x,w,r,b,n", *states]), "y,h", hidden_size=6, direction=direction)], ["y", "h"], [{"N": n, "T": t} for n, t in ((1, 7), (2, 3), (3, 4))],
                    constants, ranges, data={"n": lambda random, shape: random.integers(1, 4, shape).astype(np.int32)})

    trees = tree_attributes([complete(3), vine(4)], 5, targets=2)
    yield Model("TreeEnsemble of N rows", {"x": (T.FLOAT, ("N", 5))}, [node("TreeEnsemble", "x", "y", domain="ai.onnx.ml", **trees)], ["y"],
                [{"N": n} for n in (1, 4, 6)], ranges={"N": (1, 6)}, domains=[("ai.onnx.ml", 5)])

    ranges, runs = {"N": (1, 2), "M": (1, 6), "K": (1, 9)}, [{"N": n, "M": m, "K": k} for n, m, k in ((2, 6, 9), (1, 1, 1), (2, 3, 8), (1, 6, 4))]
    inputs = {"q": (T.FLOAT, ("N", 4, "M", 8)), "k": (T.FLOAT, ("N", 2, "K", 8)), "v": (T.FLOAT, ("N", 2, "K", 5))}
    yield Model("Attention", inputs, [node("Attention", "q,k,v", "y")], ["y"], runs, ranges=ranges, opset=23)
    yield Model("Attention causal", inputs, [node("Attention", "q,k,v", "y", is_causal=1)], ["y"], runs, ranges=ranges, opset=23)
    yield Model("Attention with a float mask", inputs | {"m": (T.FLOAT, ("M", "K"))}, [node("Attention", "q,k,v,m", "y")], ["y"], runs, ranges=ranges, opset=23)
    some = {"m": lambda random, shape: random.integers(0, 3, shape) > 0}
    yield Model("Attention with a bool mask", inputs | {"m": (T.BOOL, ("N", 1, "M", "K"))}, [node("Attention", "q,k,v,m", "y")], ["y"], runs, ranges=ranges,
                opset=23, data=some)


MODELS = {"found": found, "detection": detection, "batch": batch, "transformer": transformer, "single": single, "layers": layers}

# Running ----------------------------------------------------------------------------------------------------------------


def check(model, outputs, expected):
    for i, (got, want) in enumerate(zip(outputs, expected)):
        want = np.asarray(want)
        bound = np.zeros(want.shape) if model.exact else BOUND * np.maximum(np.abs(want.astype(np.float64)), 1)
        check_output(i, got, want, bound)


def run_model(dnnc, model, folder, tally, emit):
    folder.mkdir()
    file = folder / "model.onnx"
    onnx.save(model.proto, file)
    chosen = [(run, model.values(run, seed)) for seed, run in enumerate(model.runs)]
    try:
        expected = [reference(model.proto, values) for _, values in chosen]
    except Exception as error:
        return tally.fail(model.name, f"the reference: {error}")
    for (run, values), want in zip(chosen, expected):
        tally.run(f"{model.name} {run} [executor]", lambda: check(model, run_executor(dnnc, file, values, len(want), folder, model.options), want))
    if not emit:
        return
    try:
        program = build_program(dnnc, file, folder, model.options, ["-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"])
    except Failure as error:
        return tally.fail(f"{model.name} [C++]", error)
    for (run, values), want in zip(chosen, expected):
        tally.run(f"{model.name} {run} [C++]", lambda: check(model, run_program(program, values, len(want), folder)[0], want))


def contract(dnnc, folder):
    """The interface: status codes, C and C++ entry points, and that nothing behind the true size is read or written."""
    folder.mkdir()
    model = Model("contract", {"x": (T.FLOAT, ("N", 2, "M")), "z": (T.FLOAT, ("N",))}, [node("Relu", "x", "y"), node("Exp", "z", "w"), node("NonZero", "x", "i")], ["y", "w", "i"], [{}],
                  ranges={"N": (1, 4), "M": (0, 3)})
    onnx.save(model.proto, folder / "model.onnx")
    execute([dnnc, folder / "model.onnx", "-o", folder / "model.cpp", "--self-test", *model.options])
    flags = ["-std=c++17", "-Wall", "-Wextra", "-Werror", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", f"-I{folder}", folder / "model.cpp"]
    for source in (HERE / "contract_bounds.cpp", folder / "model_test.cpp"):
        execute(["g++", *flags, source, "-o", folder / "contract"])
        execute([folder / "contract"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pattern", nargs="?", default="")
    parser.add_argument("--family", choices=MODELS)
    parser.add_argument("--way", choices=["executor", "all"], default="all")
    parser.add_argument("--full", action="store_true", help="every model as C++ under sanitizers, not one in three")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("-v", action="store_true")
    args = parser.parse_args()
    tally, dnnc = Tally(args.v), find_dnnc()
    models = [m for family in ([args.family] if args.family else MODELS) for m in MODELS[family]() if args.pattern in m.name]
    with workspace() as temporary:
        root = pathlib.Path(temporary)
        emit = lambda i: args.way == "all" and (args.full or args.pattern != "" or i % 3 == 0)  # noqa: E731
        parallel(lambda item: run_model(dnnc, item[1], root / str(item[0]), tally, emit(item[0])), list(enumerate(models)), args.jobs)
        if args.way == "all" and not args.family and args.pattern in "contract":
            tally.run("contract", contract, dnnc, root / "contract")
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
