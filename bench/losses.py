#!/usr/bin/env python3
"""Where emitted programs lose time: steps of one or several networks by the time they would save at a goal's share of the peak.

    bench/losses.py [NETWORK | GROUP …] [--target native] [--goal 0.85] [--top 30] [--work FOLDER]

A step with arithmetic could take what its FLOPs need at `goal` of the measured peak; one that only moves data could be gone. NETWORK and
GROUP are those of bench/compare.py. Kernels are summed over all networks, each network's whole time counting as 1.
"""
import argparse
import collections
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parents[1] / "test" / "e2e")]
from speed import networks
from support import find_dnnc

ROW = re.compile(r"^ *(\d+) +([\d.]+) +[\d.]+ % +([\d.]+) +([\d.]+) +(\d+) %  (\S+) +(\S.*)$")


def program_of(network, target, folder):
    path, _ = networks.prepared(network, folder)
    folder = folder / f"profile-{target}"
    folder.mkdir(exist_ok=True)
    if not (folder / "program").exists():
        subprocess.run([find_dnnc(), path, "-o", folder / "model.cpp", "--profile", "--name=model", f"--target={target}"], check=True)
        subprocess.run(["g++", "-std=c++17", "-O2", folder / "model.cpp", folder / "model_main.cpp", "-o", folder / "program", "-pthread"], check=True)
    return folder / "program"


def steps_of(program, seconds):
    """[(kernel, what, microseconds, GFLOP/s, GB/s, share of the peak)] and the peak."""
    run = lambda repeat: subprocess.run([program, "--repeat", str(repeat)], capture_output=True, text=True, check=True).stdout  # noqa: E731
    first = float(re.search(r'"min": ([\d.]+)', run(3)).group(1))
    text = run(int(min(max(seconds * 1e3 / first, 5), 20000)))
    peak = float(re.search(r"Peak: ([\d.]+) GFLOP/s", text).group(1))
    rows = [ROW.match(line) for line in text.split("calls")[0].splitlines()]
    return [(m[6], m[7], float(m[2]), float(m[3]), float(m[4]), int(m[5]) / 100) for m in rows if m], peak


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", nargs="*", default=["cnn"], metavar="NETWORK")
    parser.add_argument("--target", default="native")
    parser.add_argument("--goal", type=float, default=0.85, help="share of the peak (default %(default)s)")
    parser.add_argument("--top", type=int, default=30, help="steps to list")
    parser.add_argument("--seconds", type=float, default=1)
    parser.add_argument("--work", metavar="FOLDER", help="keep the programs here")
    parser.add_argument("--prepare", action="store_true", help="only make them")
    args = parser.parse_args()
    lost, kernels = [], collections.defaultdict(lambda: [0.0, 0.0, 0])
    with tempfile.TemporaryDirectory(prefix="dnnc-bench-") as temporary:
        work = pathlib.Path(args.work or temporary).resolve()
        work.mkdir(parents=True, exist_ok=True)
        for network in [n for given in args.networks for n in networks.GROUPS.get(given, [given])]:
            program = program_of(network, args.target, networks.folder_of(network, work))
            if args.prepare:
                continue
            os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
            steps, peak = steps_of(program, args.seconds)
            total = sum(s[2] for s in steps)
            print(f"{network}: {total:.1f} us, peak {peak:.0f} GFLOP/s", flush=True)
            for kernel, what, us, gflops, gbytes, share in steps:
                could = us * gflops / peak / args.goal
                loss = max(us - could, 0)
                lost.append((loss / total, network, kernel, what, us, gflops, gbytes, share))
                kernels[kernel][0] += us / total
                kernels[kernel][1] += loss / total
                kernels[kernel][2] += 1
    if args.prepare:
        return
    print(f"\n{'time':>7} {'lost':>7} {'steps':>6}  kernel (sums of shares of each network's time)")
    for kernel, (time, loss, count) in sorted(kernels.items(), key=lambda item: -item[1][1]):
        print(f"{time:7.3f} {loss:7.3f} {count:6}  {kernel}")
    print(f"\n{'lost':>7} {'us':>9} {'GFLOP/s':>8} {'GB/s':>7} {'peak':>6}  network, kernel, step")
    for loss, network, kernel, what, us, gflops, gbytes, share in sorted(lost, reverse=True)[: args.top]:
        print(f"{loss:7.3f} {us:9.1f} {gflops:8.1f} {gbytes:7.1f} {share:6.0%}  {network}, {kernel}, {what}")


if __name__ == "__main__":
    main()
