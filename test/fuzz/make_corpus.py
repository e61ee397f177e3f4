"""Seeds for the importer's fuzzer: make_corpus.py DIR writes the small models of the end-to-end tables, good and bad, and a dictionary."""
import hashlib
import pathlib
import sys

import numpy as np
import onnx

TEST = pathlib.Path(__file__).resolve().parents[1]
sys.path += [str(TEST / "e2e"), str(TEST / "errors" / "Inputs")]
import importlib

import make_bad
from net import Net
from networks import NETWORKS

LIMIT = 3000  # bytes: mutations of larger seeds seldom hit the structure
FAMILIES = ["conv", "pool", "matmul", "pointwise", "reduce", "normalize", "movement", "resize", "types", "further"]


def models():
    for family in FAMILIES:
        for case in importlib.import_module(f"cases.{family}").cases():
            for info in case.model.graph.output:
                info.type.tensor_type.elem_type = 1
            yield case.model
    for name, builder, options in NETWORKS:
        net = Net(name, **options)
        yield net.model(*builder(net))
    for make in make_bad.cases_by_table().values():
        yield make()


def main():
    folder = pathlib.Path(sys.argv[1])
    (folder / "seeds").mkdir(parents=True, exist_ok=True)
    words = set()
    with np.errstate(all="ignore"):
        for model in models():
            words.update(a.name for n in model.graph.node for a in n.attribute)
            words.update(n.op_type for n in model.graph.node)
            data = model.SerializeToString()
            if len(data) <= LIMIT:
                (folder / "seeds" / hashlib.sha1(data).hexdigest()[:16]).write_bytes(data)
    words.update(s.name for s in onnx.defs.get_all_schemas())
    (folder / "words.dict").write_text("".join(f'"{w}"\n' for w in sorted(words)))
    print(len(list((folder / "seeds").iterdir())), "seeds")


if __name__ == "__main__":
    main()
