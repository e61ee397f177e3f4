#!/usr/bin/env python3
"""Time of every operator dnnc takes beside ONNX Runtime's, one thread, interleaved.

    bench/ops.py [-k TEXT] [--target=native] [--rounds 3] [--seconds 0.1] [--json FILE] [--write]

Each row of ops_cases.py is a model of one node: emitted C++ as a shared library (g++ -O2), and a session of ONNX Runtime with its inputs and
outputs bound to memory, so that neither side allocates or converts. Both are called from one loop in Python; the call, about 1 us for dnnc
and 5 us for ONNX Runtime, is part of the figures. An operator of the registry without a row is listed: the table must stay complete. It reports and never fails on a figure.
"""
import argparse
import ctypes
import itertools
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time
import zlib

import numpy as np
import onnx
import onnxruntime as ort
from onnx import helper

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "bench"), str(ROOT / "test" / "e2e")]
from compare import machine
from speed.report import label
from ops_cases import COMPILE_TIME, RETIRED, cases
from support import Failure, execute, find_dnnc, parallel, relative_l2


def operators():
    """The names in dnnc's registry."""
    return {line.split("\t")[0] for line in execute([find_dnnc(), "operators"]).stdout.splitlines()}


class TensorInfo(ctypes.Structure):
    """dnnc_tensor_info of runtime/api.h."""

    _fields_ = [("name", ctypes.c_char_p), ("type", ctypes.c_int), ("rank", ctypes.c_int), ("dims", ctypes.c_int64 * 8),
                ("elements", ctypes.c_size_t), ("bytes", ctypes.c_size_t), ("bounded", ctypes.c_uint32)]


class Emitted:
    """A compiled model as a library, with its own memory."""

    def __init__(self, case):
        library = ctypes.CDLL(str(case.folder / "model.so"))
        workspace_size, output_info, self.function = (library[f"{case.symbol}_{f}"] for f in ("workspace_size", "output_info", "run"))
        workspace_size.restype, output_info.restype = ctypes.c_size_t, ctypes.POINTER(TensorInfo)
        size = workspace_size(1)
        infos = [i.contents for i in itertools.takewhile(bool, map(output_info, itertools.count()))]
        self.results = [np.empty(i.dims[: i.rank], helper.tensor_dtype_to_np_dtype(i.type)) for i in infos]
        self.dims = [np.array(r.shape, np.int64) for r in self.results]
        self.memory = [np.ascontiguousarray(v) for v in case.inputs.values()] + [np.empty(size + 64, np.uint8)]
        workspace = self.memory[-1].ctypes.data + -self.memory[-1].ctypes.data % 64
        pointers = lambda arrays: (ctypes.c_void_p * max(len(arrays), 1))(*(a.ctypes.data for a in arrays))
        dims = [pointers(self.dims)] if any(i.bounded for i in infos) else []  # the true ones, where a shape depends on the data
        self.arguments = (pointers(self.memory[:-1]), pointers(self.results), *dims, ctypes.c_void_p(workspace), ctypes.c_size_t(size), None)
        if status := self.function(*self.arguments):
            raise Failure(f"run returned status {status}")

    def run(self):
        self.function(*self.arguments)

    def outputs(self):
        return [r.reshape(-1)[: d.prod()].reshape(d) for r, d in zip(self.results, self.dims)]


class Reference:
    """A session with bound inputs and outputs."""

    def __init__(self, case):
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        self.session = ort.InferenceSession(case.model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        self.results = self.session.run(None, case.inputs)
        self.binding = self.session.io_binding()
        self.bound = []
        for name, value in case.inputs.items():
            self.bound.append(ort.OrtValue.ortvalue_from_numpy(value))
            self.binding.bind_ortvalue_input(name, self.bound[-1])
        for output, value in zip(self.session.get_outputs(), self.results):
            self.bound.append(ort.OrtValue.ortvalue_from_numpy(np.ascontiguousarray(value)))
            self.binding.bind_ortvalue_output(output.name, self.bound[-1])
        self.run = lambda: self.session.run_with_iobinding(self.binding)
        try:
            self.run()
        except RuntimeError:  # some function bodies cannot write to bound outputs
            self.run = lambda: self.session.run(None, case.inputs)


def build(case, args):
    """The library, or the reason there is none."""
    case.folder.mkdir(exist_ok=True, parents=True)
    onnx.save(case.model, case.folder / "model.onnx")
    source, library = case.folder / "model.cpp", case.folder / "model.so"
    old = source.read_bytes() if library.exists() else None
    try:
        execute([find_dnnc(), case.folder / "model.onnx", "-o", source, f"--name={case.symbol}", f"--target={args.target}", *args.option])
        if source.read_bytes() != old:
            library.unlink(missing_ok=True)
            execute([args.compiler, "-std=c++17", "-O2", "-shared", "-fPIC", source, "-o", library])
    except Failure as failure:
        case.problem = str(failure)


def milliseconds(run, seconds):
    times, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 3:
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1e3)
    return times


def compare(case, args):
    """Both sides' milliseconds; without the second where ONNX Runtime cannot run it."""
    sides = {}
    try:
        sides["onnxruntime_ms"] = Reference(case)
    except Exception as error:  # the session's exceptions have no common base
        case.lacking = str(error)
    sides["dnnc_ms"] = Emitted(case)
    times = {side: [] for side in sides}
    for _ in range(args.rounds):
        for side, runner in sides.items():
            times[side].append(milliseconds(runner.run, args.seconds))
    row = {"operator": case.kind, "case": case.name}
    for side, rounds in times.items():
        row[side] = {"min": min(map(min, rounds)), "median": statistics.median(map(statistics.median, rounds))}
    if len(sides) == 2:
        row["ratio"] = {key: row["dnnc_ms"][key] / row["onnxruntime_ms"][key] for key in ("min", "median")}
        pairs = zip(sides["dnnc_ms"].outputs(), sides["onnxruntime_ms"].results)
        row["error"] = max(relative_l2(g, e) if g.shape == e.shape else float("inf") for g, e in pairs)
    return row


def short(name):
    """A case's name without what all share."""
    name = re.sub(r"float32(\[[^\]]*\])", r"\1", name)
    name = re.sub(r"const \w*\[\]=", "", name)
    return name if len(name) <= 100 else name[:99] + "…"


def report(rows, missing, failed):
    """The table as text, the slowest beside ONNX Runtime first."""
    compared = sorted((r for r in rows if "ratio" in r), key=lambda r: -r["ratio"]["min"])
    lines = [f"{'dnnc min':>9} {'median':>9} {'ORT min':>9} {'median':>9} {'ratio min':>9} {'median':>7} {'error':>8}   case"]
    for r in compared:
        m, t, q = r["dnnc_ms"], r["onnxruntime_ms"], r["ratio"]
        lines.append(f"{m['min']:9.4f} {m['median']:9.4f} {t['min']:9.4f} {t['median']:9.4f} {q['min']:9.2f} {q['median']:7.2f} {r['error']:8.1e}   {short(r['case'])}")
    for r in rows:
        if "ratio" not in r:
            lines.append(f"{r['dnnc_ms']['min']:9.4f} {r['dnnc_ms']['median']:9.4f} {'-':>9} {'-':>9} {'-':>9} {'-':>7} {'-':>8}   {short(r['case'])}")
    lines.append("")
    lines += [f"{sum(r['ratio']['min'] > limit for r in compared)} of {len(compared)} cases take over {limit}.0 times ONNX Runtime's time" for limit in (3, 2, 1)]
    if missing:
        lines.append(f"\noperators without a case: {' '.join(sorted(missing))}")
    lines += [f"\nno figures for {case.name}:\n    {case.problem.strip().splitlines()[-1]}" for case in failed]
    return "\n".join(lines)


def write(facts, target, text):
    path = ROOT / "docs" / "results" / f"operators-{label(facts['flags'])}.md"
    known = "\n".join(f"- {key}: {fact}" for key, fact in [*facts.items(), ("onnxruntime", ort.__version__)])
    path.write_text(f"# Each operator beside ONNX Runtime\n\nMade by `bench/ops.py --write`; target {target}, one thread. Milliseconds; a ratio below 1 means dnnc is faster.\n\n"
                    f"{known}\n\n```text\n{text}\n```\n")
    print(f"wrote {path}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-k", default="", metavar="TEXT", help="only cases whose name holds TEXT")
    parser.add_argument("--target", default="native")
    parser.add_argument("--option", action="append", default=[], help="another option for dnnc, such as --option=--exact")
    parser.add_argument("--compiler", default="g++")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=0.1, help="of each side in each round")
    parser.add_argument("--core", type=int, help="the core to run on; default: the last one allowed")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="programs compiled at once")
    parser.add_argument("--folder", type=pathlib.Path, help="keep the libraries here, and compile only those whose source has changed")
    parser.add_argument("--json", metavar="FILE", help="also write all figures here")
    parser.add_argument("--write", action="store_true", help="write docs/results/operators-FLAGS.md")
    args = parser.parse_args()
    if args.write and args.k:
        parser.error("--write is for the whole table, without -k")
    known = operators()
    chosen = [c for c in cases() if args.k in c.name]
    missing = set() if args.k else known - {c.kind for c in cases()} - COMPILE_TIME - {old for old, new in RETIRED.items() if new in known}
    with tempfile.TemporaryDirectory(prefix="dnnc-bench-") as temporary:
        folder = pathlib.Path(temporary)
        facts = machine(folder)
        for key, fact in facts.items():
            print(f"{key}: {fact}")
        ready = [c for c in chosen if c.kind in known]
        for case in ready:
            case.symbol = f"case{zlib.crc32(case.name.encode()):08x}"  # libraries of one process share inline variables of the same name
            case.folder = (args.folder or folder) / case.symbol
        parallel(lambda case: build(case, args), ready, args.jobs)
        os.sched_setaffinity(0, {args.core if args.core is not None else max(os.sched_getaffinity(0))})
        print(f"target {args.target}; milliseconds, one thread; ratio below 1: dnnc is faster\n", flush=True)
        rows = []
        for case in ready:
            try:
                if not hasattr(case, "problem"):
                    rows.append(compare(case, args))
            except Failure as failure:
                case.problem = str(failure)
        failed = [c for c in ready if hasattr(c, "problem")]
    text = report(rows, missing, failed)
    print(text)
    not_taken = sorted({c.kind for c in chosen} - known)
    if not_taken:
        print(f"\nnot in dnnc's registry: {' '.join(not_taken)}")
    if args.json:
        pathlib.Path(args.json).write_text(json.dumps({"machine": facts, "target": args.target, "results": rows}, indent=1) + "\n")
    if args.write:
        write(facts, args.target, text)


if __name__ == "__main__":
    main()
