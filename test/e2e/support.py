"""Running things: the reference (ONNX Runtime, optimizations off), dnnc's executor, and the emitted C++; the tally of results."""
import glob
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnx
import onnxruntime as ort
from onnx import numpy_helper
from onnx.reference import ReferenceEvaluator

ROOT = pathlib.Path(__file__).resolve().parents[2]
TIMEOUT = 600
ort.set_default_logger_severity(4)


class Failure(Exception):
    """What a person needs to see when a case fails."""


# The program under test -------------------------------------------------------------------------------------------------


def find_dnnc():
    """$DNNC, or the newest dnnc in a build folder."""
    if os.environ.get("DNNC"):
        return os.environ["DNNC"]
    found = [p for p in glob.glob(str(ROOT / "build*/**/dnnc"), recursive=True) if os.path.isfile(p) and os.access(p, os.X_OK)]
    if not found:
        sys.exit("dnnc not found: build it, or set DNNC to its path")
    return max(found, key=os.path.getmtime)


def cpu_flags():
    try:
        return set(next(x for x in open("/proc/cpuinfo") if x.startswith("flags")).split())
    except (OSError, StopIteration):
        return set()


def targets(integers=False):
    """(target, reason it cannot run here or None), in the order of their fallback chain; integers: also the one that differs in int8 only."""
    flags = cpu_flags()
    need = {"generic": set(), "avx2": {"avx2", "fma", "f16c"}, "avx512": {"avx512f", "avx512bw", "avx512dq", "avx512vl"}}
    if integers:
        need["avx512vnni"] = need["avx512"] | {"avx512_vnni"}
    return [(t, None if n <= flags else f"this processor lacks {' '.join(sorted(n - flags))}") for t, n in need.items()]


def execute(command, cwd=None, timeout=TIMEOUT):
    done = subprocess.run([str(c) for c in command], cwd=cwd, capture_output=True, text=True, errors="replace", timeout=timeout)
    if done.returncode != 0:
        what = f"signal {-done.returncode}" if done.returncode < 0 else f"exit code {done.returncode}"
        text = (done.stderr + done.stdout).strip()
        text = text if len(text) < 3000 else text[:1500] + "\n …\n" + text[-1500:]
        raise Failure(f"{what} from: {' '.join(map(str, command))}\n{text}")
    return done


def write_inputs(folder, inputs):
    """--input options for arrays saved as .npy."""
    options = []
    for i, (name, value) in enumerate(inputs.items()):
        file = folder / f"in{i}.npy"
        np.save(file, value)
        options.append(f"--input={name}={file}")
    return options


def read_outputs(folder, count):
    files = [folder / f"{i}.npy" for i in range(count)]
    missing = [f.name for f in files if not f.exists()]
    if missing:
        raise Failure(f"outputs not written: {', '.join(missing)}")
    if (folder / f"{count}.npy").exists():
        raise Failure(f"more than the expected {count} outputs written")
    return [np.load(f) for f in files]


def run_executor(dnnc, model, inputs, count, folder, options=()):
    """`dnnc run`: the schedule inside the compiler."""
    out = folder / "run"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    execute([dnnc, "run", model, *options, *write_inputs(folder, inputs), f"--output-dir={out}"])
    return read_outputs(out, count)


def is_cross(options):
    """Whether the options name a target of 64-bit Arm and this machine is none."""
    return platform.machine() not in ("aarch64", "arm64") and any(str(o).startswith("--target=neon") for o in options)


def cross_tools():
    """(compiler, emulator) for 64-bit Arm; None for one that is not installed."""
    return shutil.which("aarch64-linux-gnu-g++"), shutil.which("qemu-aarch64") or shutil.which("qemu-aarch64-static")


def build_program(dnnc, model, folder, options=(), flags=("-O1",), compiler=None):
    """`dnnc --main` and a compiler; returns the program, behind an emulator where it is for another processor."""
    execute([dnnc, model, "-o", folder / "model.cpp", "--main", *options])
    program = folder / "program"
    sources = [folder / "model.cpp", folder / "model_main.cpp"]
    emulator = []
    if is_cross(options):
        gcc, qemu = cross_tools()
        emulator = [qemu, "-L", "/usr/aarch64-linux-gnu"]
        flags = ["--target=aarch64-linux-gnu", *flags] if compiler else flags  # clang
        compiler = compiler or gcc
    compiler = compiler or os.environ.get("CXX", "g++")
    execute([compiler, "-std=c++17", "-Wall", "-Wextra", "-Werror", *flags, *sources, "-o", program, "-pthread"])
    return [*emulator, program]


def run_program(program, inputs, count, folder, options=()):
    out = folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    done = execute([*program, *write_inputs(folder, inputs), "--output-dir", out, *options])
    return read_outputs(out, count), done.stdout


# The reference ----------------------------------------------------------------------------------------------------------


def session(model, threads=1):
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = threads
    options.log_severity_level = 4
    model = model if isinstance(model, (str, bytes)) else model.SerializeToString()
    return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])


NEWEST = 26  # the last operator set that ONNX Runtime loads


INTEGER_PRODUCTS = {"MatMulInteger", "ConvInteger", "QLinearMatMul", "QLinearConv"}


def saturates(model):
    """Without VNNI, ONNX Runtime adds pairs of products in 16 bits, which saturate."""
    return not {"avx512_vnni", "avx_vnni"} & cpu_flags() and platform.machine() == "x86_64" and any(n.op_type in INTEGER_PRODUCTS for n in model.graph.node)


def reference(model, inputs):
    """Outputs in order, from ONNX Runtime, or from onnx.reference where ONNX Runtime has no kernel for these types, or not yet the operator set, or is
    not exact."""
    known = {i.name for i in model.graph.input}
    try:
        if saturates(model) or any(o.domain == "" and o.version > NEWEST for o in model.opset_import):
            raise ort.capi.onnxruntime_pybind11_state.NotImplemented
        return session(model).run(None, {k: v for k, v in inputs.items() if k in known})
    except ort.capi.onnxruntime_pybind11_state.NotImplemented:
        typed = onnx.ModelProto()
        typed.CopyFrom(model)
        return [np.asarray(v) for v in ReferenceEvaluator(typed).run(None, inputs)]


ABSOLUTE_ATTRIBUTES = {"alpha", "beta"}


def magnitude(model, inputs):
    """S of the tolerances: the same op over the absolute values of inputs, constants and factors. Of a FusedConv before its activation: all of
    them have slopes of at most 1, so that an error does not grow."""
    positive = onnx.ModelProto()
    positive.CopyFrom(model)
    for tensor in positive.graph.initializer:
        value = numpy_helper.to_array(tensor)
        if value.dtype.kind == "f":
            tensor.CopyFrom(numpy_helper.from_array(np.abs(value), tensor.name))
    for node in positive.graph.node:
        if node.op_type == "FusedConv":
            kept = [a for a in node.attribute if not a.name.startswith("activation")]
            del node.attribute[:]
            node.attribute.extend(kept)
        for attribute in node.attribute:
            if attribute.name in ABSOLUTE_ATTRIBUTES and attribute.type == onnx.AttributeProto.FLOAT:
                attribute.f = abs(attribute.f)
    return reference(positive, {k: np.asarray(np.abs(v)) if v.dtype.kind == "f" else v for k, v in inputs.items()})


# Comparison -------------------------------------------------------------------------------------------------------------


def comparable(got, expected):
    """Both in types that numpy computes with. npy has no names for those of ml_dtypes: they come as raw bytes or, integers, as their value.
    Floats of 8 and 4 bits are compared by their bits, since -0 is not 0, but any NaN is one."""
    if expected.dtype.isbuiltin == 1 or got.dtype.itemsize != expected.dtype.itemsize:
        return got, expected
    if got.dtype.kind in "iu":  # int4 and the like
        return got, expected.astype(got.dtype)
    got = got.view(expected.dtype)
    if expected.dtype.itemsize == 2:  # bfloat16
        return got.astype(np.float32), expected.astype(np.float32)
    bits = lambda a: np.where(np.isnan(a.astype(np.float32)), 256, a.view(np.uint8).astype(np.int32))  # noqa: E731
    return bits(got), bits(expected)


def check_output(index, got, expected, bound):
    """Raises with error > bound, the first bad index, expected and got."""
    where = f"output {index}: "
    got, expected = comparable(got, expected)
    if got.dtype != expected.dtype or got.shape != expected.shape:
        raise Failure(f"{where}expected {expected.dtype}{list(expected.shape)}, got {got.dtype}{list(got.shape)}")
    if not expected.size:
        return
    if expected.dtype.kind == "f":
        wide_got, wide = got.astype(np.float64), expected.astype(np.float64)
        with np.errstate(invalid="ignore"):
            error = np.abs(wide_got - wide)
        same = (wide_got == wide) | (np.isnan(wide_got) & np.isnan(wide))
        bad = ~same & ~(error <= bound)
        error = np.where(same, 0, error)
    else:
        bad = got != expected
        error = np.where(bad, np.maximum(np.abs(got.astype(np.float64) - expected.astype(np.float64)), 2.0**-53), 0)
        bad = bad & ~(error <= bound)
    if bad.any():
        flat = int(np.argmax(bad))
        at = tuple(int(i) for i in np.unravel_index(flat, expected.shape))
        with np.errstate(invalid="ignore"):
            worst = int(np.nanargmax(np.where(bad, np.nan_to_num(error, nan=np.inf, posinf=np.inf), -1)))
        raise Failure(
            f"{where}{int(bad.sum())} of {bad.size} wrong; at {list(at)} error {error.flat[flat]:.3g} > {bound.flat[flat]:.3g}, "
            f"expected {expected.flat[flat]!r}, got {got.flat[flat]!r}; worst error {error.flat[worst]:.3g} at flat {worst}"
        )


# Each convolution by Winograd's algorithm is within 1e-5 of float64, or the compiler refuses it (passes/lower/Winograd.cpp). Errors of layers
# add up like their squares while activations and normalizations keep the signal's size: 25 of them reach 5e-5.
WINOGRAD_BOUND = 5e-5


def takes_winograd(model):
    """Whether a convolution of the model may be computed by Winograd's algorithm: 3x3, strides, dilations and groups of 1."""

    def may(node):
        values = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        kernel = values.get("kernel_shape") or next((t.dims[2:] for t in model.graph.initializer if t.name == node.input[1]), [3, 3])
        ones = [*values.get("strides", []), *values.get("dilations", []), values.get("group", 1)]
        return list(kernel) == [3, 3] and all(v == 1 for v in ones)

    return any(may(node) for node in model.graph.node if node.op_type in ("Conv", "FusedConv"))


def relative_l2(got, expected):
    got, expected = got.astype(np.float64).ravel(), expected.astype(np.float64).ravel()
    return float(np.linalg.norm(got - expected) / max(np.linalg.norm(expected), 1e-30))


# The tally --------------------------------------------------------------------------------------------------------------


class Tally:
    def __init__(self, verbose=False):
        self.passed = self.failed = 0
        self.skips, self.verbose = {}, verbose

    def ok(self, name, note=""):
        self.passed += 1
        if self.verbose:
            print(f"pass: {name} {note}".rstrip(), flush=True)

    def fail(self, name, error):
        self.failed += 1
        print(f"FAIL: {name}\n    " + str(error).replace("\n", "\n    "), flush=True)

    def skip(self, name, reason):
        self.skips.setdefault(reason, []).append(name)

    def run(self, name, function, *args):
        """One test: function's result is a note, Failure or any other exception is a failure."""
        try:
            note = function(*args)
        except (Failure, subprocess.TimeoutExpired) as error:
            self.fail(name, error)
            return False
        except Exception as error:  # a broken test must not hide the ones after it
            self.fail(name, f"{type(error).__name__}: {error}")
            return False
        self.ok(name, note or "")
        return True

    def finish(self):
        for reason, names in self.skips.items():
            print(f"skipped {len(names)}: {reason} ({', '.join(names[:3])}{', …' if len(names) > 3 else ''})")
        print(f"{self.passed} passed, {self.failed} failed, {sum(map(len, self.skips.values()))} skipped", flush=True)
        return 1 if self.failed else 0


def parallel(function, items, jobs):
    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(function, items))


def workspace():
    """A temporary folder, deleted at the end of the run."""
    return tempfile.TemporaryDirectory(prefix="dnnc-e2e-")
