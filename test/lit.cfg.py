"""How lit runs the tests of this folder: tests are files *.mlir and *.test with RUN lines; see test/README.md."""
# `config` and `lit_config` are given by lit; the build's values come from lit.site.cfg.py.in. ruff: noqa: F821
import os
import shutil
import subprocess

import lit.formats

config.name = "dnnc"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["e2e", "instructions", "cmake", "fuzz", "unit", "Inputs", "CMakeLists.txt"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.dnnc_build, "test")

config.models = os.environ.get("DNNC_MODELS", config.models)
config.environment["PATH"] = os.pathsep.join([config.dnnc_bin, config.llvm_bin, config.environment.get("PATH", "")])
config.environment["PYTHONPATH"] = os.path.join(config.test_source_root, "e2e")
config.environment["PYTHONDONTWRITEBYTECODE"] = "1"

qemu = shutil.which("qemu-aarch64") or shutil.which("qemu-aarch64-static")
config.substitutions += [
    ("%qemu", f"{qemu} -L /usr/aarch64-linux-gnu"),
    ("%python", config.python),
    ("%examples", os.path.join(config.dnnc_source, "examples")),
    ("%source", config.dnnc_source),
    ("%models", config.models),
    ("%cxx", os.environ.get("CXX", "g++") + " -std=c++17 -O2 -Wall -Wextra -Werror"),
]


def cpu_flags():
    with open("/proc/cpuinfo") as info:
        return next((set(line.split()) for line in info if line.startswith(("flags", "Features"))), set())


# REQUIRES: names one of these; check says at its end which are missing and how many tests that skipped.
flags = cpu_flags()
present = {
    "avx2": {"avx2", "fma"} <= flags,
    "avx512": {"avx512f", "avx512bw", "avx512dq", "avx512vl"} <= flags,
    "avx512vnni": {"avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512_vnni"} <= flags,
    "clang-14": shutil.which("clang++-14"),
    "clang-19": shutil.which("clang++-19"),
    "aarch64": shutil.which("aarch64-linux-gnu-g++") and qemu,
    "valgrind": shutil.which("valgrind"),
    "onnx": subprocess.run([config.python, "-c", "import onnx, numpy"], stderr=subprocess.DEVNULL).returncode == 0,
    "models": os.path.isdir(config.models),
}
config.available_features.update(name for name, there in present.items() if there)
