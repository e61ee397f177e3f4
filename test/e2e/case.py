"""A test case: a tiny ONNX model, its inputs, and how far a right answer may be from the reference.

Tolerances. u = 2^-24 is the unit roundoff of f32. The reference (ONNX Runtime) is itself rounded, so every bound covers both
sides: each may be off by its own share.
  exact      no arithmetic, or exact arithmetic (movement, integers, max, relu): the same bits
  ulp(n)     a function accurate to n/2 units in the last place on either side: n units of the expected value
  sum(k)     a sum of k products: 2 (2 sqrt(k) + 4) u * S, where S is the same op over absolute values (run by the reference);
             the sqrt is the usual statistical growth of rounding errors, and 2 covers both sides
  near(n)    n u * (1 + |first input|): a composed function that cancels, such as x (1 + erf(x)) for a large negative x
  step(n)    n steps of a quantized result, and n units of a float one
  scale(n)   n u * (largest expected magnitude): an op that subtracts means or maxima, whose error follows the whole row
Winograd convolution (only without --exact) reads a whole tile for one output, so S becomes its maximum and grows by 8 for what the
transforms amplify: their root mean square is 11 for F(4,3) and 21 for F(6,3), the largest error of 10800 outputs of one channel was 1.8 and 4.9
of a sum's bound. An f16 result adds one f16 unit: each side rounds once; cases/half.py knows the result before
it is rounded and adds half a unit.
"""
import zlib
from dataclasses import dataclass, field

import numpy as np
import onnx
from onnx import helper, numpy_helper

U32 = 2.0**-24


@dataclass
class Const:
    """An operand known at compile time (an initializer)."""

    value: np.ndarray


@dataclass
class Tolerance:
    kind: str = "exact"
    n: float = 0

    def __str__(self):
        return self.kind if self.kind == "exact" else f"{self.kind}({self.n:g})"

    def bound(self, expected, magnitude=None):
        """The largest allowed |got - expected|, element by element, in float64."""
        wide = np.abs(expected.astype(np.float64))
        finite = np.where(np.isfinite(wide), wide, 0)
        if self.kind == "step":
            return np.full_like(wide, self.n) if expected.dtype.kind in "iu" else self.n * 2 * U32 * finite
        if self.kind == "exact" or not np.issubdtype(expected.dtype, np.floating):
            return np.zeros_like(wide)
        half = np.zeros_like(wide)
        if expected.dtype == np.float16:
            half = np.maximum(np.spacing(np.minimum(finite, 65504).astype(np.float16)).astype(np.float64), 2.0**-24)
        unit = 2 * U32
        if self.kind == "ulp":
            return self.n * unit * finite + half + 2.0**-149
        if self.kind == "scale":
            return self.n * U32 * (finite.max() if finite.size else 0) + half
        scale = np.abs(magnitude.astype(np.float64))
        if self.kind == "near":
            return self.n * U32 * (1 + np.where(np.isfinite(scale), scale, 0)) + half
        if self.kind == "winograd":
            scale = 8 * scale.max()
        return 2 * (2 * np.sqrt(self.n) + 4) * U32 * scale + half


EXACT = Tolerance()


def ulp(n):
    return Tolerance("ulp", n)


def sum_of(k):
    return Tolerance("sum", k)


def convolution(weights, attributes):
    """The tolerance of a convolution with such a shape of weights, which Winograd's algorithm may compute where it is 3x3 and dense."""
    k = int(np.prod(weights[1:]))
    winograd = tuple(weights[2:]) == (3, 3) and attributes.get("group", 1) == 1 and "strides" not in attributes and "dilations" not in attributes
    return Tolerance("winograd", k) if winograd else sum_of(k)


def near(n):
    return Tolerance("near", n)


def step(n):
    return Tolerance("step", n)


def scale(n):
    return Tolerance("scale", n)


@dataclass
class Case:
    family: str
    name: str
    model: onnx.ModelProto
    inputs: dict
    tolerance: Tolerance = field(default_factory=Tolerance)
    truth: list = None  # the true outputs, where they are known better than by a reference in f32
    options: tuple = ()
    given: bool = False  # the truth says it all: the reference does not know these types
    wide: "Case" = None  # of a case on 16-bit floats: the same numbers in f32, which say what it should give; or a model the reference can run in its place
    dtype: np.dtype = None  # then: the type of its results, where it has 16 bits

    @property
    def opset(self):
        return self.model.opset_import[0].version

    def __str__(self):
        return f"{self.family}: {self.name}"


def rng(name):
    return np.random.default_rng(zlib.crc32(name.encode()))


def uniform(name, shape, dtype=np.float32, low=-1.0, high=1.0):
    """Values seeded by the name, so that a case is the same alone and in the whole run."""
    dtype = np.dtype(dtype)
    if dtype == np.bool_:
        return rng(name).random(shape) < 0.5
    if np.issubdtype(dtype, np.integer):
        low, high = (0, 10) if dtype.kind == "u" and low < 0 else ((-10, 10) if low == -1.0 else (low, high))
        return np.asarray(rng(name).integers(int(low), int(high), shape)).astype(dtype)
    return np.asarray(rng(name).random(shape) * (high - low) + low).astype(dtype)


def tensor_type(dtype):
    return helper.np_dtype_to_tensor_dtype(np.dtype(dtype))


def ir_version(opset):
    """The IR version that was current with this opset (ONNX Runtime checks neither, but old exporters wrote these)."""
    return 3 if opset < 9 else 4 if opset < 11 else 7 if opset < 15 else 8 if opset < 19 else 10


def model_of(nodes, inputs, outputs, constants=None, opset=17, name="g", ir=None, value_types=None):
    """A model from nodes, runtime inputs {name: array}, output names and constants {name: array}. Outputs carry no type yet:
    `finish` fills it from the reference's result."""
    infos = [helper.make_tensor_value_info(k, tensor_type(v.dtype), list(v.shape)) for k, v in inputs.items()]
    inits = [numpy_helper.from_array(np.asarray(v), k) for k, v in (constants or {}).items()]
    ir = ir or ir_version(opset)
    if ir < 4:  # before IR 4 an initializer had to be a graph input as well
        infos += [helper.make_tensor_value_info(t.name, t.data_type, list(t.dims)) for t in inits]
    outs = [onnx.ValueInfoProto(name=o) for o in outputs]
    graph = helper.make_graph(nodes, name, infos, outs, initializer=inits)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=ir)


def show(value):
    if isinstance(value, (Const, np.ndarray, np.generic)):
        a = np.asarray(value.value if isinstance(value, Const) else value)
        kind = "const " if isinstance(value, Const) else ""
        text = f"{kind}{a.dtype.name}[{'x'.join(map(str, a.shape))}]"
        return text + (f"={a.tolist()}" if a.size <= (8 if a.dtype.kind in "iub" else 4 * isinstance(value, Const)) else "")
    return "-" if value is None else str(value)


def op(family, kind, operands, tolerance=EXACT, opset=17, outputs=1, domain="", truth=None, **attrs):
    """One node. Operands are arrays (runtime inputs), Const, or None (an optional operand left out)."""
    names, inputs, constants = [], {}, {}
    for i, value in enumerate(operands):
        if value is None:
            names.append("")
            continue
        value = value if isinstance(value, Const) else np.asarray(value)
        names.append(f"x{i}" if isinstance(value, np.ndarray) else f"w{i}")
        (inputs if isinstance(value, np.ndarray) else constants)[names[-1]] = (
            value if isinstance(value, np.ndarray) else value.value
        )
    outs = outputs if isinstance(outputs, list) else [f"y{i}" for i in range(outputs)]
    node = helper.make_node(kind, names, outs, name=kind.lower(), domain=domain, **attrs)
    model = model_of([node], inputs, [o for o in outs if o], constants, opset)
    params = " ".join(f"{k}={v}" for k, v in attrs.items())
    return Case(family, f"{kind}@{opset} ({', '.join(map(show, operands))}) {params}".rstrip(), model, inputs, tolerance, truth)


def half_unit(value, dtype):
    """Half the distance of neighbours in f16 or bf16 at this magnitude, element by element."""
    digits, lowest = (10, -14) if dtype == np.float16 else (7, -126)
    exponent = np.frexp(np.abs(np.nan_to_num(value.astype(np.float64), posinf=0, neginf=0)))[1] - 1
    return np.ldexp(0.5, np.maximum(exponent, lowest) - digits)


def finish(model, results):
    """Give the graph outputs the types and shapes the reference produced."""
    for info, value in zip(model.graph.output, results):
        info.CopyFrom(helper.make_tensor_value_info(info.name, tensor_type(value.dtype), list(value.shape)))

