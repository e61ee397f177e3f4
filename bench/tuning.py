#!/usr/bin/env python3
"""What `dnnc tune` gains: networks compiled with and without the database it writes, both programs timed in turn.

    bench/tuning.py [NETWORK | GROUP | MODEL.onnx …] [--target native] [--db FILE] [--seconds 600] [--rounds 9] [--work FOLDER]

Networks and groups are those of bench/compare.py. All are tuned into one database, --db (kept, and gone on with, where it is there), else a file of the
work folder. It reports and never fails on a figure.
"""
import argparse
import math
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parents[1] / "test" / "e2e")]
from speed import networks
from speed.sides import Program
from support import find_dnnc


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", nargs="*", default=["cnn"], metavar="NETWORK")
    parser.add_argument("--target", default="native")
    parser.add_argument("--db", metavar="FILE", help="the database")
    parser.add_argument("--seconds", default="600", help="to tune a network at most")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--work", metavar="FOLDER", help="keep models and programs here, as bench/compare.py does")
    args = parser.parse_args()
    wanted = [n for given in args.networks for n in networks.GROUPS.get(given, [given])]
    cores, ratios = sorted(os.sched_getaffinity(0))[-1:], []
    with tempfile.TemporaryDirectory(prefix="dnnc-bench-") as temporary:
        work = pathlib.Path(args.work or temporary).resolve()
        db = pathlib.Path(args.db or work / "tuning.txt").resolve()
        print("| network | by the models, ms | tuned, ms | tuned / by the models |\n|---|---:|---:|---:|", flush=True)
        for network in wanted:
            folder = networks.folder_of(network, work)
            path, inputs = networks.prepared(network, folder)
            log = subprocess.run([find_dnnc(), "tune", path, "-o", db, f"--target={args.target}", f"--seconds={args.seconds}"], check=True, capture_output=True, text=True)
            if "time is up" in log.stderr:
                print(f"{network}: {log.stderr.splitlines()[-1]}", file=sys.stderr)
            shutil.rmtree(folder / "tuned", ignore_errors=True)
            sides = [Program(path, folder / args.target, args.target, [], "g++", 1, cores).start(inputs),
                     Program(path, folder / "tuned", args.target, [f"--tuning-db={db}"], "g++", 1, cores).start(inputs)]
            times = [[], []]
            for _ in range(args.rounds):
                for side, turns in zip(sides, times):
                    turns.append(side.time(0.3))
            best = [min(t[0] for t in turns) for turns in times]
            median = [statistics.median(t[1] for t in turns) for turns in times]
            ratios.append(best[1] / best[0])
            print(f"| {network} | {best[0]:.4g} ({median[0]:.4g}) | {best[1]:.4g} ({median[1]:.4g}) | {ratios[-1]:.3f} |", flush=True)
    print(f"| geometric mean | | | {math.exp(sum(map(math.log, ratios)) / len(ratios)):.3f} |")


if __name__ == "__main__":
    main()
