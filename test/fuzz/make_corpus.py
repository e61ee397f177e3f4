"""Seeds for the importer's fuzzer: the small models of the end-to-end tables, good and bad, in DIR/seeds, a dictionary in DIR/words.dict, and of each
seed a number of mutations in DIR/mutations: a few bytes set, inserted, dropped, moved or taken from another seed. The same for the same --seed."""
import argparse
import hashlib
import pathlib
import random
import shutil
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


def mutated(data, others, rng):
    data = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 3, 8))):
        at, length = rng.randrange(len(data)), rng.choice((1, 1, 1, 2, 4, 16))
        other = rng.choice(others)
        start = rng.randrange(len(other))
        piece = rng.choice((
            rng.randbytes(length),
            rng.choice((b"\0", b"\1", b"\x7f", b"\xff" * 9 + b"\1", b"\xff" * 4 + b"\x7f", b"\x80" * 4 + b"\x08")),  # varints: 0, 1, 127, -1, large ones
            other[start : start + 4 * length],
            bytes(data[at : at + length]) * 2,
            b"",
        ))
        data[at : at + rng.choice((0, length, len(piece)))] = piece
    return bytes(data)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path, metavar="DIR")
    parser.add_argument("--mutations", type=int, default=0, help="of each seed")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    for name in ("seeds", "mutations"):
        shutil.rmtree(args.folder / name, ignore_errors=True)
        (args.folder / name).mkdir(parents=True)
    words, seeds = set(), {}
    with np.errstate(all="ignore"):
        for model in models():
            words.update(a.name for n in model.graph.node for a in n.attribute)
            words.update(n.op_type for n in model.graph.node)
            data = model.SerializeToString()
            if len(data) <= LIMIT:
                seeds[hashlib.sha1(data).hexdigest()[:16]] = data
    words.update(s.name for s in onnx.defs.get_all_schemas())
    (args.folder / "words.dict").write_text("".join(f'"{w}"\n' for w in sorted(words)))
    rng, all_seeds = random.Random(args.seed), list(seeds.values())
    for name, data in seeds.items():
        (args.folder / "seeds" / name).write_bytes(data)
        for i in range(args.mutations if data else 0):
            (args.folder / "mutations" / f"{name}-{i}").write_bytes(mutated(data, all_seeds, rng))
    print(f"{len(seeds)} seeds, {args.mutations} mutations of each")


if __name__ == "__main__":
    main()
