#!/usr/bin/env python3
"""Builds the importer's fuzz target with clang in build-fuzz/ and runs it for a minute (--seconds), ten with --full."""
import argparse
import importlib.util
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build-fuzz"


def finish(passed, failed, reason=None):
    if reason:
        print(f"skipped 1: {reason}")
    print(f"{passed} passed, {failed} failed, {1 if reason else 0} skipped")
    return 1 if failed else 0


def sh(*command, **kwargs):
    done = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", **kwargs)
    return done.returncode, done.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--seconds", type=int)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    args = parser.parse_args()
    seconds = args.seconds or (600 if args.full else 60)
    suffix = next((s for s in ("-19", "", "-18", "-17", "-16", "-14") if shutil.which(f"clang++{s}")), None)
    if suffix is None:
        return finish(0, 0, "no clang for libFuzzer")
    proto = pathlib.Path(importlib.util.find_spec("onnx").origin).parent
    compilers = [f"-DONNX_PROTO_DIR={proto}", f"-DCMAKE_C_COMPILER=clang{suffix}", f"-DCMAKE_CXX_COMPILER=clang++{suffix}"]
    code, text = sh("cmake", "-G", "Ninja", "-S", ROOT, "-B", BUILD, "-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_CXX_FLAGS_RELEASE=-O1", "-DDNNC_FUZZ=ON", "-DDNNC_TESTS=OFF", *compilers)
    if code == 0:
        code, text = sh("ninja", "-C", BUILD, f"-j{args.jobs}", "fuzz-import")
    if code != 0:
        print(text[-4000:])
        return finish(0, 1)
    corpus = BUILD / "corpus"
    code, text = sh(sys.executable, ROOT / "test" / "fuzz" / "make_corpus.py", corpus)
    if code != 0:
        print(text[-4000:])
        return finish(0, 1)
    print(text.strip())
    (corpus / "found").mkdir(exist_ok=True)
    target = next(BUILD.glob("**/fuzz-import"))
    # A fixed seed: two runs of one build try the same mutations.
    options = ["-seed=1", f"-max_total_time={seconds}", "-max_len=4096", "-timeout=10", "-rss_limit_mb=2048", f"-dict={corpus / 'words.dict'}"]
    code, text = sh(target, *options, f"-artifact_prefix={corpus}/", corpus / "found", corpus / "seeds", cwd=BUILD)
    runs = re.search(r"Done (\d+) runs", text)
    if code != 0 or not runs:
        print(text[-6000:])
        return finish(0, 1)
    print(f"{runs.group(1)} runs in {seconds} s without a crash")
    return finish(1, 0)


if __name__ == "__main__":
    sys.exit(main())
