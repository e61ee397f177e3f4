#!/usr/bin/env python3
"""Time of emitted C++ beside its peers: ONNX Runtime, OpenVINO, MNN and ncnn, those of them that are installed.

    bench/compare.py [NETWORK | GROUP | MODEL.onnx …] [--target native,avx2] [--threads 1,2] [--rounds 7] [--seconds 0.5]
                     [--json FILE …] [--write]

The peers come by `tools/setup.sh bench`; docs/benchmarks.md says what is measured and how. NETWORK is a network of the shared model folder
($DNNC_MODELS or ../shared/models beside the repository), NAME@8 with a batch of 8, NAME:int8 quantized by ONNX Runtime, NAME:int7 with weights of 7 bits;
GROUP one of cnn, tiny, others, int8, int7, batch, transformers. It reports and never fails on a figure.

With --work FOLDER the converted models and compiled programs are kept; --prepare stops after making them. --report only prints (and
with --write writes) what the --json files hold.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parents[1] / "test" / "e2e")]
from speed import networks, report
from speed.machine import ROOT, machine
from speed.sides import ENVIRONMENTS, F32_ONLY, Peer, Program, Unavailable, converted
from support import relative_l2

REST = 0.01  # seconds between turns
ALLOWED = {False: 1e-3, True: 0.2}  # relative L2 distance from dnnc's output; int8: sides round differently, layer after layer


def distance(mine, theirs):
    """The largest relative L2 distance of an output; shapes may differ by dims of 1, which ncnn drops."""
    if len(mine) != len(theirs) or any(a.size != b.size for a, b in zip(mine, theirs)):
        raise Unavailable(f"its outputs have sizes {[b.size for b in theirs]}, not {[a.size for a in mine]}")
    return max(relative_l2(b, a) for a, b in zip(mine, theirs))


def start(label, make, sides, reasons):
    try:
        sides[label] = make()
    except (Unavailable, subprocess.TimeoutExpired, RuntimeError) as error:
        reasons[label] = str(error)


def compare(network, threads, args, work):
    """One network at one number of threads: interleaved rounds over all sides."""
    folder = networks.folder_of(network, work)
    path, inputs = networks.prepared(network, folder)
    int8 = ":int" in network
    file = folder / "inputs.npz"
    np.savez(file, *inputs.values(), names=list(inputs))
    cores = sorted(os.sched_getaffinity(0))[-threads:]
    sides, reasons = {}, {}
    for target in args.target.split(","):
        make = lambda: Program(path, folder / target, target, args.option, args.compiler, threads, cores).start(inputs)  # noqa: B023, E731
        start(f"dnnc {target}", make, sides, reasons)
    if not sides:
        sys.exit(f"{network}: {reasons}")
    mine = next(iter(sides.values())).outputs()
    for peer in args.peers.split(","):
        if int8 and peer in F32_ONLY:
            reasons[peer] = "does not take QDQ models as integers"
        else:
            start(peer, lambda: Peer(peer, path, inputs, file, threads, cores), sides, reasons)  # noqa: B023
    result = {"network": network, "group": networks.group_of(network), "threads": threads, "sides": {}, "reasons": reasons}
    for label, side in list(sides.items()):
        try:
            error = distance(mine, side.outputs())
            if not error <= ALLOWED[int8]:
                raise Unavailable(f"its output is {error:.2g} from dnnc's (relative L2): not the same function")
            result["sides"][label] = {"error": error, "version": getattr(side, "version", None), "cost": getattr(side, "cost", None)}
        except Unavailable as error:
            reasons[label] = str(error)
            sides.pop(label).close()
    for side in sides.values():
        side.pause()
    times = {label: [] for label in sides}
    for _ in range(args.rounds):
        for label, side in sides.items():
            time.sleep(REST)
            times[label].append(side.time(args.seconds))
    for label, side in sides.items():
        side.close()
        turns = times[label]
        result["sides"][label] |= {"min": min(map(min, turns)), "median": statistics.median(map(statistics.median, turns))}
        if label.startswith("dnnc"):  # its turns are (minimum, median)
            result["sides"][label]["median"] = statistics.median(t[1] for t in turns)
    return result


def prepare(network, args, work):
    folder = networks.folder_of(network, work)
    path, inputs = networks.prepared(network, folder)
    for target in args.target.split(","):
        Program(path, folder / target, target, args.option, args.compiler)
    for peer in args.peers.split(","):
        try:
            converted(peer, path, inputs)
        except Unavailable as reason:
            print(f"{network}: {peer}: {reason}", flush=True)


def stored(files):
    """What --json files hold, the last figure of each network and number of threads."""
    facts, results = {}, {}
    for file in map(pathlib.Path, files):
        if file.exists():
            content = json.loads(file.read_text())
            facts = content["machine"]
            results |= {(r["network"], r["threads"]): r for r in content["results"]}
    return facts, results


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", nargs="*", default=["cnn"], metavar="NETWORK")
    parser.add_argument("--target", default="native", help="of dnnc; several with commas stand beside each other")
    parser.add_argument("--peers", default=",".join(ENVIRONMENTS), help="default: %(default)s")
    parser.add_argument("--option", action="append", default=[], help="another option for dnnc, such as --option=--exact")
    parser.add_argument("--compiler", default="g++")
    parser.add_argument("--threads", default="1", help="numbers of threads, with commas; the last cores are taken")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.5, help="of each side in each round")
    parser.add_argument("--work", metavar="FOLDER", help="keep converted models and compiled programs here")
    parser.add_argument("--prepare", action="store_true", help="only make them")
    parser.add_argument("--json", metavar="FILE", nargs="+", default=[], help="figures kept here; the first is added to")
    parser.add_argument("--report", action="store_true", help="measure nothing")
    parser.add_argument("--write", action="store_true", help="write docs/results/cpu-FLAGS.md and its plots")
    args = parser.parse_args()
    wanted = [n for given in args.networks for n in networks.GROUPS.get(given, [given])]
    facts, results = stored(args.json)
    with tempfile.TemporaryDirectory(prefix="dnnc-bench-") as temporary:
        work = pathlib.Path(args.work or temporary).resolve()
        if not args.report:
            work.mkdir(parents=True, exist_ok=True)
            facts = facts if facts and args.work else machine(work)
        for network in [] if args.report else wanted:
            if args.prepare:
                prepare(network, args, work)
                continue
            for threads in map(int, args.threads.split(",")):
                r = compare(network, threads, args, work)
                results[network, threads] = r
                print(report.line(r), flush=True)
                if args.json:
                    pathlib.Path(args.json[0]).write_text(json.dumps({"machine": facts, "results": list(results.values())}, indent=1) + "\n")
    if args.prepare or not results:
        return
    text, tables = report.page(facts, list(results.values()))
    print("\n" + text)
    if args.write:
        report.write(ROOT / "docs" / "results", facts, text, tables)


if __name__ == "__main__":
    main()
