#!/usr/bin/env python3
"""The official ONNX suite: each case through dnnc, compared with the suite's expected outputs by the suite's own tolerances.

The executor (`dnnc run`) takes every case.
"""
import argparse
import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "e2e")]
import suite
from support import Failure, Tally, find_dnnc, parallel, run_executor, workspace


def in_executor(dnnc, case, folder):
    folder.mkdir()
    for inputs, expected in case.data_sets():
        outputs = run_executor(dnnc, case.file, inputs, len(expected), folder)
        judge(outputs, expected)


def judge(outputs, expected):
    wrong = [f"output {i}: {why}" for i, (o, e) in enumerate(zip(outputs, expected)) if (why := suite.close(o, e))]
    if wrong:
        raise Failure("\n".join(wrong))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="every case as C++ too")
    parser.add_argument("-k", default="", metavar="REGEX", help="only cases whose KIND/NAME matches")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("-v", action="store_true")
    args = parser.parse_args()

    tally, dnnc = Tally(args.v), find_dnnc()
    taken = []
    for case in suite.cases(args.k):
        reason = case.out_of_scope()
        if reason is None and case.name in suite.WITHDRAWN:
            reason = "expectation withdrawn by ONNX 1.23"
        taken.append(case) if reason is None else tally.skip(str(case), reason)
    with workspace() as temporary:
        root = pathlib.Path(temporary)
        parallel(lambda c: tally.run(f"{c[1]} [executor]", in_executor, dnnc, c[1], root / str(c[0])), list(enumerate(taken)), args.jobs)
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
