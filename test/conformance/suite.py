"""The official ONNX suite that the PyPI package onnx carries: its cases, what each needs, and how results are compared."""
import functools
import pathlib
import re

import numpy as np
import onnx
import onnx.backend.test
from onnx import TensorProto, numpy_helper

DATA = pathlib.Path(onnx.backend.test.__file__).parent / "data"
RTOL, ATOL = 1e-3, 1e-7  # the suite's own, onnx/backend/test/loader

# What dnnc is not made for (yet): cases that need it are skipped, by these names.
TRAINING = "ai.onnx.preview.training"
RANDOM = {"Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike"}

# Expectations of onnx 1.22 that 1.23 withdrew, where dnnc, which follows the text of 1.23, differs: none of those in the wheel.
WITHDRAWN = set()

# Cases that should pass and do not yet: (names, reason). One that passes after all is reported as a failure, so that the list stays true.
NOT_YET = [
    (r"test_dft_inverse(_opset19)?", "expects the rounding of an f32 FFT, 1.9e-7, where the sum is 0; the suite allows 1e-7"),
]


class Case:
    def __init__(self, folder):
        self.folder, self.kind, self.name = folder, folder.parent.name, folder.name
        self.file = folder / "model.onnx"
        self.model = onnx.load(self.file)

    def __str__(self):
        return f"{self.kind}/{self.name}"

    @functools.cached_property
    def first(self):
        return next(iter(self.data_sets()))

    @property
    def inputs(self):
        return self.first[0]

    @property
    def expected(self):
        return self.first[1]

    def nodes(self):
        """All nodes, those of branches, bodies and functions too."""
        stack = [*self.model.graph.node, *(n for f in self.model.functions for n in f.node)]
        while stack:
            node = stack.pop()
            yield node
            stack += [n for a in node.attribute for g in [*a.graphs, *([a.g] if a.HasField("g") else [])] for n in g.node]

    def out_of_scope(self):
        """Why dnnc does not take the case, or None."""
        values = [*self.model.graph.input, *self.model.graph.output, *self.model.graph.value_info]
        kinds = {v.type.WhichOneof("value") for v in values}
        if "sequence_type" in kinds:
            return "sequences"
        if "optional_type" in kinds:
            return "optionals"
        types = {v.type.tensor_type.elem_type for v in values} | {t.data_type for t in self.model.graph.initializer}
        if TensorProto.STRING in types:
            return "strings"
        nodes = list(self.nodes())
        operators = {n.op_type for n in nodes}
        if any(o.startswith(("Sequence", "SplitToSequence", "ConcatFromSequence")) for o in operators):
            return "sequences"
        if any(o.startswith("Optional") for o in operators):
            return "optionals"
        if any(n.domain == TRAINING for n in nodes):
            return "training"
        if "ImageDecoder" in operators:
            return "image decoder"
        if operators & RANDOM or self.name in ("test_training_dropout", "test_training_dropout_default", "test_training_dropout_mask", "test_training_dropout_default_mask"):
            return "random output"
        return None

    def not_yet(self):
        """Why the case is known to fail, or None."""
        return next((reason for names, reason in NOT_YET if re.fullmatch(names, self.name)), None)

    def data_sets(self):
        """[({input: array}, [expected array]), …]"""
        names = [i.name for i in self.model.graph.input]
        for folder in sorted(self.folder.glob("test_data_set_*")):
            inputs = {name: self.tensor(folder / f"input_{i}.pb") for i, name in enumerate(names) if (folder / f"input_{i}.pb").exists()}
            yield inputs, [self.tensor(folder / f"output_{i}.pb") for i in range(len(self.model.graph.output))]

    @staticmethod
    def tensor(file):
        proto = onnx.TensorProto()
        proto.ParseFromString(file.read_bytes())
        return numpy_helper.to_array(proto)


def cases(pattern=""):
    """All cases whose name matches, sorted; those of the folder `light` are networks without weights and have no folder of their own."""
    found = sorted(path.parent for path in DATA.glob("*/*/model.onnx"))
    return [Case(folder) for folder in found if re.search(pattern, f"{folder.parent.name}/{folder.name}")]


def close(got, expected):
    """What is wrong with a result, or None; the suite's own comparison."""
    if got.shape != expected.shape:
        return f"expected shape {list(expected.shape)}, got {list(got.shape)}"
    if got.dtype != expected.dtype:
        if got.dtype.itemsize != expected.dtype.itemsize:
            return f"expected {expected.dtype}, got {got.dtype}"
        got = got.view(expected.dtype)  # npy has no name for some types: they come as their bits
    try:
        np.testing.assert_allclose(np.asarray(got, widest(got)), np.asarray(expected, widest(expected)), rtol=RTOL, atol=ATOL)
    except AssertionError as error:
        return " ".join(str(error).split())[:300]
    return None


def widest(array):
    return np.float32 if array.dtype.kind == "V" or array.dtype.isbuiltin != 1 else array.dtype


