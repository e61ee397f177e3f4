#!/usr/bin/env python3
"""Large graphs through dnnc, with a bound on its memory: 10,000 nodes, with --full 100,000. Time is reported; nobody fails for it."""
import argparse
import os
import pathlib
import resource
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "e2e")]
from support import Failure, Tally, find_dnnc, workspace

BYTES = {10_000: 1 << 30, 100_000: 4 << 30}
STACK = 8 << 20


def compile_large(dnnc, kind, count, folder):
    model = folder / f"{kind}.onnx"
    subprocess.run([sys.executable, HERE / "make.py", kind, str(count), model], check=True)
    limit = lambda: resource.setrlimit(resource.RLIMIT_STACK, (STACK, STACK))  # noqa: E731
    start = time.monotonic()
    process = subprocess.Popen([dnnc, model, "-o", folder / f"{kind}.cpp"], preexec_fn=limit, stderr=subprocess.PIPE, text=True)
    text = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds, peak = time.monotonic() - start, usage.ru_maxrss * 1024
    print(f"{kind} of {count} nodes: {seconds:.1f} s ({usage.ru_utime + usage.ru_stime:.1f} s of processor), {peak / 1e6:.0f} MB", flush=True)
    if status:
        raise Failure(f"wait status {status}\n{text[:2000]}")
    if peak > BYTES[count]:
        raise Failure(f"{peak} bytes of memory; at most {BYTES[count]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="100,000 nodes")
    parser.add_argument("-k", default="", metavar="KIND", help="only this kind")
    args = parser.parse_args()
    tally, dnnc = Tally(False), find_dnnc()
    with workspace() as folder:
        for kind in ("chain", "deep", "wide"):
            if args.k in ("", kind):
                count = 100_000 if args.full else 10_000
                tally.run(f"{kind} {count}", compile_large, dnnc, kind, count, pathlib.Path(folder))
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
