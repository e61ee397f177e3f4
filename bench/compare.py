#!/usr/bin/env python3
"""Time of emitted C++ beside ONNX Runtime's, one thread, interleaved; and what dnnc and the C++ compiler cost.

    bench/compare.py [MODEL.onnx | NAME …] [--target=native] [--rounds 7] [--seconds 1] [--int8] [--json FILE]

NAME is a network of the shared model folder ($DNNC_MODELS or ../shared/models beside the repository); without any, the
networks speed is promised for. Each round runs ONNX Runtime (all its optimizations) and the emitted program (g++ -O2) one
after the other on the same core. It reports and never fails on a figure.
With --int8 each network is first quantized (QDQ, u8 and i8 per channel) by ONNX Runtime's quantize_static: the same model then runs in both,
and the f32 network in dnnc beside them.
"""
import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
import onnx
import onnxruntime as ort

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "test" / "e2e"))
import models
from support import find_dnnc, relative_l2, write_inputs
from test_quantized import open_batch, quantized

DEFAULT = ["resnet18", "resnet50", "mobilenet_v2", "squeezenet1_1", "tiny_kws", "tiny_resnet8", "tiny_vww", "tiny_ad"]
FLAGS = ("avx2", "fma", "f16c", "avx512f", "avx512bw", "avx512_vnni", "avx512_bf16", "avx512_fp16", "avx_vnni", "amx_tile")


# Measured in a small process of its own: a forked child counts its parent's memory as its own peak.
MEASURE = """
import resource, subprocess, sys, time
start = time.monotonic()
code = subprocess.run(sys.argv[1:]).returncode
print(time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
sys.exit(code)
"""


def measured(command):
    """(seconds, peak memory in MB of its largest process) of a command."""
    done = subprocess.run([sys.executable, "-S", "-c", MEASURE, *map(str, command)], stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"exit status {done.returncode} from: {' '.join(map(str, command))}")
    seconds, megabytes = done.stdout.split()[-2:]
    return float(seconds), float(megabytes)


def peak(folder, flags):
    program = folder / "peak"
    subprocess.run(["g++", "-std=c++17", "-O2", *flags, ROOT / "bench" / "fma_peak.cpp", "-o", program], check=True)
    return float(subprocess.run([program], capture_output=True, text=True, check=True).stdout)


def machine(folder):
    info = open("/proc/cpuinfo").read()
    line = lambda key: next((x.split(":", 1)[1].strip() for x in info.splitlines() if x.startswith(key)), "?")
    flags = [f for f in FLAGS if f in line("flags").split()]
    rates = {"avx2": peak(folder, ["-mavx2", "-mfma"])} if "fma" in flags else {}
    if "avx512f" in flags:
        rates["avx512"] = peak(folder, ["-mavx512f", "-mavx512vl"])
    version = lambda *command: subprocess.run(command, capture_output=True, text=True).stdout.splitlines()[0]
    return {
        "cpu": line("model name"), "cores": os.cpu_count(), "flags": flags, "fma_peak_gflops": rates, "onnxruntime": ort.__version__, "onnx": onnx.__version__,
        "numpy": np.__version__, "compiler": version("g++", "--version"), "dnnc": version(find_dnnc(), "--version"), "system": platform.platform(),
    }


def find_model(name, folder):
    if pathlib.Path(name).is_file():
        return pathlib.Path(name)
    shared = models.shared_folder(ROOT)
    if (shared / f"{name}.onnx").is_file():
        return shared / f"{name}.onnx"
    if not (shared / "arch" / f"{name}.onnx").is_file():
        sys.exit(f"{name} is neither a file nor a model of {shared} (set DNNC_MODELS)")
    subprocess.run([sys.executable, shared / "materialize.py", folder, name], check=True, stdout=subprocess.DEVNULL)
    return folder / f"{name}.onnx"


def reference_session(path):
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def time_reference(session, inputs, seconds):
    times, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 3:
        start = time.perf_counter()
        session.run(None, inputs)
        times.append((time.perf_counter() - start) * 1e3)
    return times


def time_program(program, options, folder, repeat):
    done = subprocess.run([program, *options, "--output-dir", folder, "--repeat", str(repeat)], capture_output=True, text=True, check=True)
    return json.loads(next(line for line in done.stdout.splitlines() if line.startswith("{")))


def compare(name, args, folder):
    path = find_model(name, folder)
    inputs = models.random_inputs(onnx.load(path))
    session = reference_session(path)
    source, program = folder / "model.cpp", folder / "program"
    dnnc_s, dnnc_mb = measured([find_dnnc(), path, "-o", source, "--main", "--name=model", f"--target={args.target}", *args.option])
    cxx_s, cxx_mb = measured([args.compiler, "-std=c++17", "-O2", source, folder / "model_main.cpp", "-o", program, "-pthread"])
    options = write_inputs(folder, inputs)
    first = time_program(program, options, folder, 1)["min"]
    error = max(relative_l2(np.load(folder / f"{i}.npy"), e) for i, e in enumerate(session.run(None, inputs)))
    repeat = int(min(max(args.seconds * 1e3 / max(first, 1e-3), 3), 100000))
    theirs, ours = [], []
    for _ in range(args.rounds):
        theirs.append(time_reference(session, inputs, args.seconds))
        ours.append(time_program(program, options, folder, repeat))
    keys = ("min", "median")
    mine = {"min": min(r["min"] for r in ours), "median": statistics.median(r["median"] for r in ours)}
    them = {"min": min(map(min, theirs)), "median": statistics.median(statistics.median(t) for t in theirs)}
    return {
        "model": name, "dnnc_ms": mine, "onnxruntime_ms": them, "ratio": {k: mine[k] / them[k] for k in keys}, "error": error,
        "compile": {"dnnc_s": dnnc_s, "dnnc_mb": dnnc_mb, "cxx_s": cxx_s, "cxx_mb": cxx_mb}, "source_mb": source.stat().st_size / 1e6,
    }


def build(path, args, folder):
    folder.mkdir(exist_ok=True)
    source, program = folder / "model.cpp", folder / "program"
    subprocess.run([find_dnnc(), path, "-o", source, "--main", "--name=model", f"--target={args.target}", *args.option], check=True)
    subprocess.run([args.compiler, "-std=c++17", "-O2", source, folder / "model_main.cpp", "-o", program, "-pthread"], check=True)
    return program


def compare_int8(name, args, folder):
    """Milliseconds of dnnc's int8, dnnc's f32 and ONNX Runtime's int8, interleaved."""
    path = find_model(name, folder)
    proto = onnx.load(path)
    inputs = models.random_inputs(proto)
    is_quantized = any(n.op_type == "DequantizeLinear" for n in proto.graph.node)
    calibration = [models.random_inputs(proto, seed) for seed in range(4)]
    int8 = path if is_quantized else quantized(open_batch(path, folder), calibration, folder, "u8", "i8", True)
    session = reference_session(int8)
    sides = {"int8": build(int8, args, folder / "int8")} | ({} if is_quantized else {"f32": build(path, args, folder / "f32")})
    options = write_inputs(folder, inputs)
    repeat = {s: int(min(max(args.seconds * 1e3 / max(time_program(p, options, folder, 1)["min"], 1e-3), 3), 100000)) for s, p in sides.items()}
    times = {"ort": []} | {s: [] for s in sides}
    for _ in range(args.rounds):
        times["ort"].append(min(time_reference(session, inputs, args.seconds)))
        for side, program in sides.items():
            times[side].append(time_program(program, options, folder, repeat[side])["min"])
    return {"model": name, "ms": {side: min(values) for side, values in times.items()}}


def print_int8(r):
    ms = r["ms"]
    f32 = f"{ms['f32']:9.4f} {ms['int8'] / ms['f32']:11.2f}" if "f32" in ms else f"{'-':>9} {'-':>11}"
    print(f"{pathlib.Path(r['model']).stem:20} {ms['int8']:9.4f} {f32} {ms['ort']:9.4f} {ms['int8'] / ms['ort']:10.2f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="*", default=DEFAULT)
    parser.add_argument("--target", default="native")
    parser.add_argument("--option", action="append", default=[], help="another option for dnnc, such as --option=--exact")
    parser.add_argument("--compiler", default="g++")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=1, help="of each side in each round")
    parser.add_argument("--core", type=int, help="the core to run on; default: the last one allowed")
    parser.add_argument("--int8", action="store_true", help="quantized, beside ONNX Runtime's int8 and dnnc's own f32")
    parser.add_argument("--json", metavar="FILE", help="also write all figures here")
    args = parser.parse_args()
    results = []
    with tempfile.TemporaryDirectory(prefix="dnnc-bench-") as temporary:
        folder = pathlib.Path(temporary)
        facts = machine(folder)
        for key, fact in facts.items():
            print(f"{key}: {fact}")
        os.sched_setaffinity(0, {args.core if args.core is not None else max(os.sched_getaffinity(0))})
        print(f"target {args.target}; milliseconds, batch 1, one thread; ratio below 1: dnnc is faster\n")
        if args.int8:
            print(f"{'model':20} {'int8':>9} {'f32':>9} {'int8 / f32':>11} {'ORT int8':>9} {'int8 / ORT':>10}   minimum of all rounds")
            for name in args.model:
                results.append(compare_int8(name, args, folder))
                print_int8(results[-1])
            args.model = []
        else:
            print(f"{'model':20} {'dnnc min':>9} {'median':>9} {'ORT min':>9} {'median':>9} {'ratio min':>9} {'median':>7} {'error':>8}   dnnc s   MB   g++ s    MB")
        for name in args.model:
            r = compare(name, args, folder)
            m, t, q, c = r["dnnc_ms"], r["onnxruntime_ms"], r["ratio"], r["compile"]
            print(f"{pathlib.Path(name).stem:20} {m['min']:9.4f} {m['median']:9.4f} {t['min']:9.4f} {t['median']:9.4f} {q['min']:9.2f} {q['median']:7.2f} {r['error']:8.1e}"
                  f"   {c['dnnc_s']:6.1f} {c['dnnc_mb']:4.0f}  {c['cxx_s']:6.1f}  {c['cxx_mb']:4.0f}", flush=True)
            results.append(r)
    if args.json:
        pathlib.Path(args.json).write_text(json.dumps({"machine": facts, "target": args.target, "results": results}, indent=1) + "\n")


if __name__ == "__main__":
    main()
