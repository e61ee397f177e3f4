#!/usr/bin/env python3
"""Random models of one node for every operator dnnc takes: make_operators.py DIR --count N --seed S writes them as DIR/OPERATOR-NUMBER.

Half of them are cases of the official suite in which something was changed: an attribute's value or type, a dim, an element type, an operand
that goes missing or becomes constant, the version. The others are made up from the signature that the importer registers and from the attributes
that ONNX's schema, or the source of the importer, names. A model depends only on the seed and its number.
"""
import argparse
import functools
import pathlib
import random
import re
import subprocess
import sys

import onnx
from onnx import AttributeProto as A
from onnx import TensorProto as T
from onnx import helper

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "test" / "conformance"), str(ROOT / "test" / "e2e")]
from support import find_dnnc

NEWEST = 27
LIMIT = 3000  # bytes of a model
FLOATS, INTS = [T.FLOAT, T.DOUBLE, T.FLOAT16, T.BFLOAT16], [T.INT8, T.INT16, T.INT32, T.INT64, T.UINT8, T.UINT16, T.UINT32, T.UINT64]
CLASSES = {"F": FLOATS, "N": FLOATS + INTS, "Z": INTS, "B": [T.BOOL], "I": [T.INT32, T.INT64], "L": [T.INT64]}
KINDS = [k for k in T.DataType.values() if k not in (T.UNDEFINED, T.STRING, T.COMPLEX64, T.COMPLEX128)]
HUGE = [2**31 - 1, 2**31, 2**32 + 1, 2**40, 2**62, 2**63 - 1, -(2**63), -(2**31), -(2**40)]
SMALL = [-3, -2, -1, 0, 0, 1, 1, 1, 2, 2, 3, 4, 5, 8, 16]
CALLS = {"int": A.INT, "float": A.FLOAT, "string": A.STRING, "ints": A.INTS, "floats": A.FLOATS, "tensor": A.TENSOR, "graph": A.GRAPH, "axis": A.INT}


@functools.cache
def sources():
    """{operator: (attributes that the file it is registered in reads, with their types; words in quotes)}"""
    found = {}
    for path in sorted((ROOT / "compiler" / "import").glob("Import*.cpp")):
        text = path.read_text()
        attributes = {name: CALLS.get(call, A.INT) for call, name in re.findall(r'\b([a-z]+)Attr(?:OrOperand)?\("(\w+)"', text)}
        words = sorted(set(re.findall(r'"([A-Za-z_0-9]+)"', text)))
        for name in re.findall(r'"((?:com\.microsoft\.|ai\.onnx\.ml\.|[a-z.]+\.)?[A-Z]\w+)"', text):
            found.setdefault(name, ({}, []))[0].update(attributes)
            found[name][1].extend(words)
    return found


def forms(dnnc):
    """[(domain, name, since, until, signature)]"""
    lines = subprocess.run([dnnc, "operators"], check=True, capture_output=True, text=True).stdout.splitlines()
    for line in lines:
        key, since, until, signature = line.split("\t")
        domain, _, name = key.rpartition(".")
        yield domain, name, int(since), NEWEST if until == "-" else int(until), signature.split()


def attributes_of(domain, name, version):
    """{name: (type, required)}"""
    own, _ = sources().get(f"{domain}.{name}" if domain else name, ({}, []))
    known = {a: (kind, False) for a, kind in own.items()}
    try:
        schema = onnx.defs.get_schema(name, version, domain)
    except onnx.defs.SchemaError:
        return known
    return {a.name: (int(a.type.value), a.required) for a in schema.attributes.values()}


class Maker:
    def __init__(self, seed):
        self.rng = random.Random(seed)

    def chance(self, p):
        return self.rng.random() < p

    def pick(self, values):
        return self.rng.choice(list(values))

    # Numbers and shapes.

    def integer(self):
        return self.pick(HUGE) if self.chance(0.1) else self.pick(SMALL)

    def real(self):
        return self.pick([0.0, 1.0, -1.0, 0.5, 2.0, 1e-5, 1e38, -1e38, float("nan"), float("inf"), -float("inf"), self.rng.uniform(-4, 4)])

    def dim(self):
        if self.chance(0.05):
            return self.pick(HUGE)
        return self.pick([0, 65536, 1 << 20] if self.chance(0.08) else [1, 1, 2, 3, 4, 5, 8, 12])

    def shape(self):
        return [self.dim() for _ in range(self.pick([0, 1, 1, 2, 2, 3, 3, 4, 4, 4, 5, 6]))]

    def text(self, words):
        return self.pick(words) if words and self.chance(0.9) else self.pick(["", "x", "NOTSET", "VALID", "ij,jk->ik", "..."])

    def tensor(self, name, kind, shape):
        """A constant of few elements: none and a smaller shape where there are too many."""
        count = 1
        for d in shape:
            count *= max(d, 0)
        if count > 64 or any(d < 0 for d in shape):
            shape, count = [2], 2
        if kind in FLOATS:
            values = [self.real() for _ in range(count)]
            if kind in (T.FLOAT16, T.BFLOAT16):
                values = [v if abs(v) < 1e4 else 1.0 for v in values]
            return helper.make_tensor(name, kind, shape, values)
        proto = T(name=name, data_type=kind, dims=shape)
        bits = {T.INT4: 4, T.UINT4: 4, T.FLOAT4E2M1: 4, T.INT2: 2, T.UINT2: 2, T.INT16: 16, T.UINT16: 16, T.INT32: 32, T.UINT32: 32, T.INT64: 64, T.UINT64: 64}.get(kind, 8)
        number = 0
        for i in range(count):
            number |= (self.integer() & ((1 << bits) - 1) if kind != T.BOOL else self.rng.randint(0, 1)) << (i * bits)
        proto.raw_data = number.to_bytes((count * bits + 7) // 8, "little")
        return proto

    # Attributes.

    def body(self):
        """A branch or body; it may fit by chance."""
        inputs = [helper.make_tensor_value_info(n, k, []) for n, k in [("i", T.INT64), ("c", T.BOOL), ("s", T.FLOAT)][: self.rng.randint(0, 3)]]
        nodes = [helper.make_node("Identity", [self.pick(["x0", "x1", "i", "c", "s"])], [o]) for o in ("o0", "o1", "o2")]
        return helper.make_graph(nodes, "g", inputs, [onnx.ValueInfoProto(name=n) for n in ("o0", "o1", "o2")[: self.rng.randint(1, 3)]])

    def attribute(self, name, kind, words):
        if self.chance(0.04):
            kind = self.pick([A.INT, A.FLOAT, A.STRING, A.INTS, A.FLOATS, A.STRINGS, A.TENSOR, A.GRAPH])
        a = A(name=name, type=kind)
        if kind == A.INT:
            a.i = self.integer()
        elif kind == A.FLOAT:
            a.f = self.real()
        elif kind == A.STRING:
            a.s = self.text(words).encode()
        elif kind == A.INTS:
            a.ints.extend(self.integer() for _ in range(self.rng.randint(0, 6)))
        elif kind == A.FLOATS:
            a.floats.extend(self.real() for _ in range(self.rng.randint(0, 6)))
        elif kind == A.STRINGS:
            a.strings.extend(self.text(words).encode() for _ in range(self.rng.randint(0, 3)))
        elif kind == A.TENSOR:
            a.t.CopyFrom(self.tensor("t", self.pick(KINDS), self.shape()))
        elif kind == A.GRAPH:
            a.g.CopyFrom(self.body())
        return a

    # Whole models.

    def scratch(self, form):
        domain, name, since, until, signature = form
        version = self.rng.randint(since, max(since, until))
        graph = onnx.GraphProto(name="g")
        types, base, inputs = {}, self.shape(), []
        for token in signature:
            optional, repeated = token.endswith("?"), token.endswith("*")
            for _ in range(self.rng.randint(0, 4) if repeated else 1):
                if self.chance(0.4 if optional else 0.02):
                    inputs.append("")
                    continue
                variable = token.rstrip("?*")
                kind = types.setdefault(variable, self.pick(CLASSES.get(variable[0], [T.FLOAT, T.FLOAT, *KINDS])))
                if variable[0] in "IA":
                    del types[variable]
                if self.chance(0.03):
                    kind = self.pick(KINDS)
                shape = base if self.chance(0.6) else self.shape() if self.chance(0.6) else [self.pick([1, 2, 3, 4])]
                inputs.append(f"x{len(inputs)}")
                if self.chance(0.7 if variable[0] in "IL" else 0.25):
                    graph.initializer.append(self.tensor(inputs[-1], kind, shape))
                else:
                    graph.input.append(helper.make_tensor_value_info(inputs[-1], kind, shape))
        if self.chance(0.03):
            inputs = inputs[: self.rng.randint(0, len(inputs))]
        outputs = [f"y{i}" for i in range(self.pick([1] * 9 + [2, 3, 4]))]
        node = graph.node.add()
        node.CopyFrom(helper.make_node(name, inputs, outputs, domain=domain))
        words = sources().get(f"{domain}.{name}" if domain else name, ({}, []))[1]
        for attribute, (kind, required) in attributes_of(domain, name, version).items():
            if self.chance(0.95 if required else 0.35):
                node.attribute.append(self.attribute(attribute, kind, words))
        for y in outputs:
            graph.output.append(self.declared(y))
        opsets = [helper.make_opsetid(domain, version)] + ([helper.make_opsetid("", self.pick([13, 18, 22, NEWEST]))] if domain else [])
        return helper.make_model(graph, opset_imports=opsets, ir_version=10)

    def declared(self, name):
        """An output; with a shape now and then, as it decides what is computed where operands vary."""
        info = onnx.ValueInfoProto(name=name)
        info.type.tensor_type.SetInParent()
        if self.chance(0.25):
            for d in self.shape():
                info.type.tensor_type.shape.dim.add().dim_value = d
        return info

    def mutate(self, case):
        """A case of the suite with up to three changes."""
        model = onnx.ModelProto()
        model.CopyFrom(case.model)
        values = {i.name: i.type.tensor_type for i in model.graph.input}
        for info in model.graph.output:
            if self.chance(0.7):
                info.CopyFrom(self.declared(info.name))
        for name, array in case.inputs.items():
            if array.size <= 64 and self.chance(0.5 if array.dtype.kind in "iu" else 0.15):
                self.make_constant(model, name, onnx.numpy_helper.from_array(array, name))
                values.pop(name, None)
        for _ in range(self.rng.randint(1, 3)):
            node = self.pick(model.graph.node)
            change = self.rng.randint(0, 6)
            if change == 0 and node.attribute:
                old = self.pick(node.attribute)
                old.CopyFrom(self.attribute(old.name, old.type, sources().get(node.op_type, ({}, []))[1]))
            elif change == 1:
                known = attributes_of(node.domain, node.op_type, model.opset_import[0].version)
                name = self.pick(known or ["axis"])
                if not any(a.name == name for a in node.attribute):
                    node.attribute.append(self.attribute(name, known.get(name, (A.INT, 0))[0], sources().get(node.op_type, ({}, []))[1]))
            elif change == 2 and values:
                shape = self.pick(values.values()).shape
                if shape.dim and self.chance(0.8):
                    self.pick(shape.dim).dim_value = self.dim()
                elif shape.dim and self.chance(0.5):
                    del shape.dim[-1]
                else:
                    shape.dim.add().dim_value = self.dim()
            elif change == 3 and values:
                self.pick(values.values()).elem_type = self.pick(KINDS)
            elif change == 4 and values:
                name = self.pick(values)
                self.make_constant(model, name, self.tensor(name, values[name].elem_type or T.FLOAT, [d.dim_value for d in values[name].shape.dim]))
                values.pop(name)
            elif change == 5 and node.input:
                node.input[self.rng.randrange(len(node.input))] = self.pick(["", *node.input])
            elif change == 6:
                model.opset_import[0].version = self.rng.randint(1, NEWEST)
        return model

    @staticmethod
    def make_constant(model, name, tensor):
        kept = [i for i in model.graph.input if i.name != name]
        del model.graph.input[:]
        model.graph.input.extend(kept)
        model.graph.initializer.append(tensor)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("-k", default="", metavar="REGEX", help="only operators whose name matches")
    args = parser.parse_args()
    import suite

    args.folder.mkdir(parents=True, exist_ok=True)
    taken = [f for f in forms(find_dnnc()) if re.search(args.k, f"{f[0]}.{f[1]}")]
    cases = [c for c in suite.cases("^node/") if not c.out_of_scope() and c.file.stat().st_size <= LIMIT]
    by_name = {}
    for case in cases:
        for node in case.model.graph.node:
            by_name.setdefault((node.domain, node.op_type), []).append(case)
    for number in range(args.count):
        maker = Maker(f"{args.seed}:{number}")
        form = taken[number % len(taken)]
        known = by_name.get(form[:2], [])
        model = maker.mutate(maker.pick(known)) if known and maker.chance(0.5) else maker.scratch(form)
        (args.folder / f"{form[1]}-{number}").write_bytes(model.SerializeToString())
    print(f"{args.count} models of {len({f[:2] for f in taken})} operators, seed {args.seed}")


if __name__ == "__main__":
    main()
