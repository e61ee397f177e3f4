"""What the figures were measured on, and what a command costs."""
import os
import pathlib
import platform
import subprocess
import sys

from support import find_dnnc

ROOT = pathlib.Path(__file__).resolve().parents[2]
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
        raise RuntimeError(f"exit status {done.returncode} from: {' '.join(map(str, command))}")
    seconds, megabytes = done.stdout.split()[-2:]
    return float(seconds), float(megabytes)


def peak(folder, flags):
    """f32 GFLOP/s of one core."""
    program = folder / "peak"
    subprocess.run(["g++", "-std=c++17", "-O2", *flags, ROOT / "bench" / "fma_peak.cpp", "-o", program], check=True)
    return float(subprocess.run([program], capture_output=True, text=True, check=True).stdout)


def machine(folder):
    info = open("/proc/cpuinfo").read()
    line = lambda key: next((x.split(":", 1)[1].strip() for x in info.splitlines() if x.startswith(key)), "?")  # noqa: E731
    flags = [f for f in FLAGS if f in line("flags").split()]
    rates = {"avx2": peak(folder, ["-mavx2", "-mfma"])} if "fma" in flags else {}
    if "avx512f" in flags:
        rates["avx512"] = peak(folder, ["-mavx512f", "-mavx512vl"])
    version = lambda *command: subprocess.run(command, capture_output=True, text=True).stdout.splitlines()[0]  # noqa: E731
    numbers = [line(key) for key in ("cpu family", "model\t", "stepping")]
    return {
        "cpu": f"{line('model name')} (family {numbers[0]}, model {numbers[1]}, stepping {numbers[2]})", "cores": os.cpu_count(), "flags": flags,
        "fma_peak_gflops": rates, "compiler": version("g++", "--version"), "dnnc": version(find_dnnc(), "--version"), "system": f"{platform.system()} {platform.machine()}",
    }


def label(flags):
    """A short name for files: the widest vectors and what they compute besides f32."""
    more = [f.split("_")[1] for f in ("avx512_vnni", "avx512_bf16", "avx512_fp16", "avx_vnni", "amx_tile") if f in flags]
    return "-".join(dict.fromkeys(["avx512" if "avx512f" in flags else "avx2" if "avx2" in flags else "generic", *more]))
