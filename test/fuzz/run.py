#!/usr/bin/env python3
"""Runs the importer on random models of every operator (--count) and on random mutations of the test tables' models and of broken ones.
Both depend on --seed alone: 1, so that ./check gives one answer.

--sanitize compiles dnnc once more, with clang and its sanitizers, in build-fuzz/. --full does so, takes the commit as seed and lets libFuzzer
search (--seconds for each): mutations of models, and the dnn ops' verifiers and shape inference on random ops. It never takes the same path twice.

Any model must give a module or an error. No import may take longer than SECONDS or hold more than RSS_MB, under sanitizers nor ask for more than
MALLOC_MB at once.
"""
import argparse
import concurrent.futures
import importlib.util
import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build-fuzz"  # with sanitizers
PLAIN = ROOT / "build"
RSS_MB, MALLOC_MB, SECONDS = 2048, 1024, 10  # of a model of a few kilobytes; docs/debugging.md
NO_CLANG = "no clang for libFuzzer"
AT_ONCE = 500  # files in one process


def finish(passed, failed, reason=None):
    if reason:
        print(f"skipped 1: {reason}")
    print(f"{passed} passed, {failed} failed, {1 if reason else 0} skipped")
    return 1 if failed else 0


def sh(*command, **kwargs):
    done = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", **kwargs)
    return done.returncode, done.stdout


def seed_of_commit():
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return int(done.stdout[:7] or "1", 16)


def build_with_sanitizers(jobs):
    """What went wrong, or None."""
    suffix = next((s for s in ("-19", "", "-18", "-17", "-16", "-14") if shutil.which(f"clang++{s}")), None)
    if suffix is None:
        return NO_CLANG
    proto = pathlib.Path(importlib.util.find_spec("onnx").origin).parent
    compilers = [f"-DONNX_PROTO_DIR={proto}", f"-DCMAKE_C_COMPILER=clang{suffix}", f"-DCMAKE_CXX_COMPILER=clang++{suffix}"]
    code, text = sh("cmake", "-G", "Ninja", "-S", ROOT, "-B", BUILD, "-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_CXX_FLAGS_RELEASE=-O1", "-DDNNC_FUZZ=ON", "-DDNNC_TESTS=OFF", *compilers)
    if code == 0:
        code, text = sh("ninja", "-C", BUILD, f"-j{jobs}", "fuzz-import", "fuzz-infer")
    return text[-4000:] if code else None


def build_plain(jobs):
    code, text = sh("ninja", "-C", PLAIN, f"-j{jobs}", "fuzz-import")
    return text[-4000:] if code else None


def each(name, folder, jobs):
    """Every file of the folder through the plain fuzz-import, which libFuzzer does not drive; whether all went well."""
    start, files = time.monotonic(), sorted(map(str, folder.iterdir()))
    target, limit = next(PLAIN.glob("**/fuzz-import")), RSS_MB << 20

    def some(part):
        code, text = sh(target, *part, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (limit, limit)))
        if code != 0:
            print(f"exit code {code}\n{text[-6000:]}")
        return code == 0, re.search(r"modules from (\d+) of (\d+)", text)

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        done = list(pool.map(some, [files[i : i + AT_ONCE] for i in range(0, len(files), AT_ONCE)]))
    modules, models = (sum(int(found[i]) for _, found in done if found) for i in (1, 2))
    print(f"{name}: {models} runs in {time.monotonic() - start:.0f} s; modules from {modules} of them")
    return all(good for good, _ in done) and models == len(files) > 0


def fuzz(name, target, options, *folders):
    """Whether all went well; what the fuzzer says where it did not."""
    target = next(BUILD.glob(f"**/{target}"))
    limits = [f"-rss_limit_mb={RSS_MB}", f"-malloc_limit_mb={MALLOC_MB}", f"-timeout={SECONDS}", f"-artifact_prefix={BUILD}/{name}-"]
    start = time.monotonic()
    code, text = sh(target, *limits, *options, *folders, cwd=BUILD)
    runs = re.search(r"Done (\d+) runs", text) or re.search(r"#(\d+)\s+DONE", text)
    print(f"{name}: {runs.group(1) if runs else 'no'} runs in {time.monotonic() - start:.0f} s; {''.join(re.findall('modules from .*|types inferred .*', text))}")
    if code != 0 or not runs:
        print(text[-6000:])
    return code == 0 and runs is not None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--sanitize", action="store_true")
    parser.add_argument("--count", type=int)
    parser.add_argument("--seconds", type=int, help="how long to search, under sanitizers")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    args = parser.parse_args()
    if args.seed is None:
        args.seed = seed_of_commit() if args.full else 1
    seconds = args.seconds or (270 if args.full else 0)
    sanitize = args.sanitize or args.full or seconds > 0
    reason = build_with_sanitizers(args.jobs) if sanitize else build_plain(args.jobs)
    if reason == NO_CLANG:
        return finish(0, 0, reason)
    if reason:
        print(reason)
        return finish(0, 1)
    corpus, models = BUILD / "corpus", BUILD / "operators"
    shutil.rmtree(models, ignore_errors=True)
    count = args.count or (60000 if args.full else 5000)
    for command in (["make_corpus.py", corpus, "--mutations", 20, "--seed", args.seed], ["make_operators.py", models, "--count", count, "--seed", args.seed]):
        code, text = sh(sys.executable, ROOT / "test" / "fuzz" / command[0], *command[1:])
        print(text[-4000:].strip())
        if code != 0:
            return finish(0, 1)
    folders = {"operators": models, "mutations": corpus / "mutations"}
    if sanitize:
        good = [fuzz(name, "fuzz-import", ["-runs=0"], folder) for name, folder in folders.items()]
    else:
        good = [each(name, folder, args.jobs) for name, folder in folders.items()]
    if seconds:
        for folder in ("found", "inference"):
            (corpus / folder).mkdir(exist_ok=True)
        search = [f"-seed={args.seed % 2**31 or 1}", f"-max_total_time={seconds}"]
        good += [
            fuzz("search", "fuzz-import", [*search, "-max_len=4096", f"-dict={corpus / 'words.dict'}"], corpus / "found", corpus / "seeds"),
            fuzz("inference", "fuzz-infer", [*search, "-max_len=256"], corpus / "inference"),
        ]
    return finish(sum(good), len(good) - sum(good))


if __name__ == "__main__":
    sys.exit(main())
