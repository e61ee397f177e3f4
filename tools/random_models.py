#!/usr/bin/env python3
"""Random graphs through dnnc and ONNX Runtime; a difference is shrunk to the fewest nodes that show it.

    tools/random_models.py [--count 100] [--seed 0] [--keep DIR]      one seed a graph: --seed 41 --count 1 makes number 41 again

Each graph runs in the executor, then all as C++, merged. Tolerance: arithmetic of f32 answers for its operands only up to a few
units of rounding, so the reference itself is run on inputs and weights changed by up to 2 units of the last place; how far its
outputs move, times 32 (tens of roundings for each of at most 12 nodes, against one change of each operand), and 2^-18 of the largest
output is what an output may be off. Integers and exact values must agree bit for bit.
"""
import argparse
import os
import pathlib
import sys

import numpy as np
import onnx

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "test" / "e2e")]
from batch import batches, run_batch
from random_ops import F32, build, model_of
from support import Failure, Tally, check_output, find_dnnc, parallel, reference, run_executor, workspace


class Graph:
    """A model with its inputs, the reference's outputs and their bounds."""

    def __init__(self, name, nodes, inputs, outputs, constants):
        self.name, self.nodes, self.inputs, self.outputs, self.constants = name, nodes, inputs, outputs, constants
        self.model = model_of(nodes, inputs, outputs, constants)
        self.expected = reference(self.model, inputs)
        moved = [np.zeros(e.shape) for e in self.expected]
        for trial in range(3):
            rng = np.random.default_rng(trial)
            near = lambda a: np.asarray(a * (1 + rng.uniform(-1, 1, a.shape) * 2.0**-22), a.dtype) if a.dtype == F32 else a  # noqa: E731, B023
            changed = model_of(nodes, inputs, outputs, {k: near(v) for k, v in constants.items()})
            results = reference(changed, {k: near(v) for k, v in inputs.items()})
            moved = [np.maximum(m, np.abs(r.astype(np.float64) - e)) for m, r, e in zip(moved, results, self.expected)]
        # One element may happen not to move: the largest movement counts for all.
        self.bounds = [
            np.full(e.shape, 0.0 if v.exact or not e.size else 32 * m.max() + 2.0**-18 * np.abs(e).max(initial=0)) for e, m, v in zip(self.expected, moved, outputs)
        ]

    def __str__(self):
        return f"seed {self.name}: {' '.join(n.op_type for n in self.nodes)}"


def random_graph(seed):
    b = build(seed)
    read = {i for n in b.nodes for i in n.input}
    outputs = [v for v in b.values if v.name not in read and v.name not in b.inputs] or b.values[-1:]
    return Graph(seed, b.nodes, {k: v for k, v in b.inputs.items() if k in read}, outputs, b.constants), b


def judge(graph, outputs):
    for i, (got, expected, bound) in enumerate(zip(outputs, graph.expected, graph.bounds)):
        check_output(i, got, expected, bound)


def differs(dnnc, graph, folder):
    """What is wrong with dnnc's run of the graph, or None."""
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(graph.model, folder / "model.onnx")
    try:
        judge(graph, run_executor(dnnc, folder / "model.onnx", graph.inputs, len(graph.expected), folder))
    except Failure as error:
        return str(error)
    return None


def shrink(dnnc, builder, folder):
    """The shortest run of nodes that shows a difference; what was computed before it becomes an input."""
    values = {v.name: v for v in builder.values}
    everything = [values[n.output[0]] for n in builder.nodes]
    arrays = reference(model_of(builder.nodes, builder.inputs, everything, builder.constants), builder.inputs)
    known = {**builder.inputs, **{v.name: a for v, a in zip(everything, arrays)}}
    best = None
    for last in range(1, len(builder.nodes) + 1):
        for first in range(last - 1, -1, -1):
            nodes = builder.nodes[first:last]
            made, read = {n.output[0] for n in nodes}, {i for n in nodes for i in n.input if i}
            inputs = {k: known[k] for k in known if k in read - made}
            outputs = [values[o] for n in nodes for o in n.output if o not in read]
            part = Graph(f"{first}:{last}", nodes, inputs, outputs, builder.constants)
            wrong = differs(dnnc, part, folder / f"{first}-{last}")
            if wrong and (best is None or len(nodes) < len(best[0].nodes)):
                best = part, wrong
        if best:
            return best
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="2,000 graphs")
    parser.add_argument("--count", type=int)
    parser.add_argument("--seed", type=int, default=0, help="of the first graph")
    parser.add_argument("--keep", type=pathlib.Path, help="where to write the models that differ")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("-v", action="store_true")
    args = parser.parse_args()
    count = args.count or (2000 if args.full else 100)
    print(f"seeds {args.seed} to {args.seed + count - 1}", flush=True)

    tally, dnnc, good = Tally(args.v), find_dnnc(), []
    with workspace() as temporary:
        root = pathlib.Path(temporary)

        def one(seed):
            graph, builder = random_graph(seed)
            wrong = differs(dnnc, graph, root / str(seed))
            if wrong is None:
                good.append(graph)
                return tally.ok(f"{graph} [executor]")
            found = shrink(dnnc, builder, root / f"{seed}-shrunk")
            smallest, wrong = found or (graph, wrong)
            text = f"{wrong}\nsmallest: " + "; ".join(onnx.printer.to_text(n) for n in smallest.nodes)
            if args.keep:
                args.keep.mkdir(parents=True, exist_ok=True)
                onnx.save(smallest.model, args.keep / f"{seed}.onnx")
                text += f"\nkept as {args.keep / f'{seed}.onnx'}"
            return tally.fail(f"{graph} [executor]", text)

        parallel(one, range(args.seed, args.seed + count), args.jobs)
        good.sort(key=lambda g: g.name)
        parallel(lambda j: run_batch(dnnc, j[1], "avx2", "C++", root / f"batch{j[0]}", tally, judge), list(enumerate(batches(good))), args.jobs)
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
