#!/usr/bin/env python3
"""The official ONNX suite: each case through dnnc, compared with the suite's expected outputs by the suite's own tolerances.

The executor (`dnnc run`) takes every case. As C++ (dnnc, g++, the program), many cases merged in one, runs a tenth of them that
changes with the commit, or all with --full: those also once under the address and undefined-behaviour sanitizers.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "e2e")]
import suite
from batch import batches, run_batch
from support import ROOT, Failure, Tally, find_dnnc, parallel, run_executor, workspace

PARTS = 10  # of the cases, one runs as C++
SANITIZE = ("-O1", "-g1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")


def in_executor(dnnc, case, folder):
    folder.mkdir()
    for inputs, expected in case.data_sets():
        compare(run_executor(dnnc, case.file, inputs, len(expected), folder), expected)


def known_to_fail(dnnc, case, folder, tally):
    try:
        in_executor(dnnc, case, folder)
    except Exception:
        tally.skip(str(case), f"not yet: {case.not_yet()}")
    else:
        tally.fail(f"{case} [executor]", "passes now: take it off the list in suite.py")


def compare(outputs, expected):
    wrong = [f"output {i}: {why}" for i, (o, e) in enumerate(zip(outputs, expected)) if (why := suite.close(o, e))]
    if wrong:
        raise Failure("\n".join(wrong))


def part_of_commit():
    """0 to 9, from the commit's hash."""
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return int(done.stdout[:8] or "0", 16) % PARTS


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="every case as C++, and under sanitizers")
    parser.add_argument("-k", default="", metavar="REGEX", help="only cases whose KIND/NAME matches")
    parser.add_argument("--way", choices=["executor", "C++", "sanitizers"], help="only this way, all cases")
    parser.add_argument("--part", type=int, default=part_of_commit(), metavar="0-9", help="the tenth that runs as C++")
    parser.add_argument("--results", metavar="FILE", type=pathlib.Path, help="write which cases pass in the executor, for tools/coverage.py --results")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("-v", action="store_true")
    args = parser.parse_args()

    tally, dnnc = Tally(args.v), find_dnnc()
    taken, late = [], []
    for case in suite.cases(args.k):
        reason = case.out_of_scope()
        if reason is None and case.name in suite.WITHDRAWN:
            reason = "expectation withdrawn by ONNX 1.23"
        if reason:
            tally.skip(str(case), reason)
        else:
            (late if case.not_yet() else taken).append(case)
    with workspace() as temporary:
        root = pathlib.Path(temporary)
        if args.way in (None, "executor"):
            passed = parallel(lambda c: tally.run(f"{c[1]} [executor]", in_executor, dnnc, c[1], root / str(c[0])), list(enumerate(taken)), args.jobs)
            if args.results:
                args.results.write_text(json.dumps({str(case): good for case, good in zip(taken, passed)}))
        parallel(lambda c: known_to_fail(dnnc, c[1], root / f"late{c[0]}", tally), list(enumerate(late)), args.jobs)
        sample = taken if args.full or args.way else taken[args.part :: PARTS]
        jobs = []
        if args.way in (None, "C++"):
            print(f"C++: {len(sample)} of {len(taken)} cases" + ("" if sample is taken else f", part {args.part}"), flush=True)
            jobs += [(b, "C++", ("-O1",)) for b in batches(sample)]
        if args.way == "sanitizers" or (args.full and not args.way):
            jobs += [(b, "C++", SANITIZE) for b in batches(sample)]
        judge = lambda case, outputs: compare(outputs, case.expected)  # noqa: E731
        parallel(lambda j: run_batch(dnnc, j[1][0], "avx2", j[1][1], root / f"batch{j[0]}", tally, judge, j[1][2]), list(enumerate(jobs)), args.jobs)
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
