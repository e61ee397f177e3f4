#!/usr/bin/env python3
"""Every operator against ONNX Runtime, from the tables in cases/.

Each case runs alone in the executor (`dnnc run`, default target). Then cases are merged (batch.py): the merged models run in the
executor for the other targets, and as emitted C++.
The default run takes a sample of the cases as C++, for AVX2 four times as many as for each other target; --full takes all of them on every target.
"""
import argparse
import importlib
import os
import pathlib
import sys
import time

import numpy as np
import onnx

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from batch import batches, run_batch
from case import finish, half_unit
from support import Tally, check_output, find_dnnc, magnitude, parallel, reference, run_executor, targets, workspace

FAMILIES = sorted(p.stem for p in pathlib.Path(__file__).parent.glob("cases/[!_]*.py"))


def load(families, pattern, tally):
    """All cases with their expected outputs and bounds; a case the reference cannot run is a defect of the table."""
    cases, names = [], set()
    for family in families:
        for case in importlib.import_module(f"cases.{family}").cases():
            if pattern not in str(case):
                continue
            if str(case) in names:
                case.name += f" #{len(names)}"
            names.add(str(case))
            try:
                with np.errstate(all="ignore"):
                    prepare(case)
            except Exception as error:
                tally.fail(case, f"the reference: {type(error).__name__}: {error}")
                continue
            cases.append(case)
    return cases


def prepare(case):
    if case.wide:
        prepare(case.wide)
        case.expected = case.wide.expected
        is_float = [case.dtype is not None and e.dtype == np.float32 for e in case.expected]
        case.bounds = [b + half_unit(np.abs(e) + b, case.dtype) if f else b for b, e, f in zip(case.wide.bounds, case.expected, is_float)]
        return finish(case.model, [e.astype(case.dtype) if f else e for e, f in zip(case.expected, is_float)])
    results = case.truth if case.given else [np.asarray(r) for r in reference(case.model, case.inputs)]
    finish(case.model, results)
    case.expected = results
    if case.truth is not None:
        case.expected = [np.asarray(t).astype(r.dtype) for t, r in zip(case.truth, results)]
    sizes = [None] * len(results)
    if case.tolerance.kind in ("sum", "winograd"):
        sizes = magnitude(case.model, case.inputs)
    elif case.tolerance.kind == "near":
        first = next(iter(case.inputs.values()))
        sizes = [np.broadcast_to(first, r.shape) for r in results]
    case.bounds = [case.tolerance.bound(e, s) for e, s in zip(case.expected, sizes)]
    if case.truth is not None:  # rounding the truth to f32 costs half a unit
        case.bounds = [b + (np.spacing(np.abs(e)).astype(np.float64) / 2 if case.tolerance.kind != "exact" else 0) for b, e in zip(case.bounds, case.expected)]
        case.bounds = [np.nan_to_num(b, nan=0, posinf=0) for b in case.bounds]


def judge(case, outputs):
    for i, (got, expected, bound) in enumerate(zip(outputs, case.expected, case.bounds)):
        if case.dtype is not None and got.dtype.itemsize == 2:  # npy has no bfloat16: it comes as two bytes
            got = got.view(case.dtype).astype(np.float32)
        check_output(i, got, expected, bound)


def alone(dnnc, case, folder):
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(case.model, folder / "model.onnx")
    judge(case, run_executor(dnnc, folder / "model.onnx", case.inputs, len(case.expected), folder, case.options))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="every case as C++, on every target")
    parser.add_argument("--reference-only", action="store_true", help="only check that the reference can run the tables")
    parser.add_argument("--family", action="append", choices=FAMILIES)
    parser.add_argument("-k", default="", metavar="TEXT", help="only cases whose name holds TEXT")
    parser.add_argument("--sample", type=int, default=8, help="take each Nth case as C++ for AVX2, a quarter of that for each other target (default 8)")
    parser.add_argument("--way", choices=["executor", "C++"], help="only this way")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count()))
    parser.add_argument("-v", action="store_true")
    args = parser.parse_args()

    tally = Tally(args.v)
    cases = load(args.family or FAMILIES, args.k, tally)
    print(f"{len(cases)} cases", flush=True)
    if args.reference_only:
        for case in cases:  # a wrong formula for the truth would be far off; the reference's own rounding is not at issue
            case.bounds = [b + (1e-5 * (1 + np.abs(e)) if case.truth is not None else 0) for b, e in zip(case.bounds, case.expected)]
            if case.given and not case.wide:
                tally.skip(str(case), "the reference does not take it")
                continue
            known = case.wide if case.wide and case.dtype is None else case  # the reference may have no kernel for the case itself
            tally.run(str(case), judge, case, [np.asarray(r) for r in reference(known.model, known.inputs)])
        return tally.finish()

    dnnc = find_dnnc()
    with workspace() as temporary:
        root, start = pathlib.Path(temporary), time.time()
        if args.way != "C++":
            parallel(lambda c: tally.run(f"{c[1]} [executor]", alone, dnnc, c[1], root / f"case{c[0]}"), list(enumerate(cases)), args.jobs)
            print(f"executor, one by one: {time.time() - start:.0f} s", flush=True)
        jobs = []
        for i, (target, reason) in enumerate(targets(integers=True)):
            if reason:
                tally.skip(f"target {target}", reason)
                continue
            own = cases if target != "avx512vnni" else [c for c in cases if c.family in ("quantize", "small")]
            sample = own if args.full or args.k else own[:: args.sample] if target == "avx2" else own[i + 1 :: 4 * args.sample]
            if args.way != "executor":
                jobs += [(b, target, "C++") for b in batches(sample)]
            if target != "avx2" and args.way != "C++":
                jobs += [(b, target, "executor") for b in batches(own)]
        parallel(lambda j: run_batch(dnnc, j[1][0], j[1][1], j[1][2], root / f"batch{j[0]}", tally, judge), list(enumerate(jobs)), args.jobs)
        print(f"all: {time.time() - start:.0f} s", flush=True)
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
