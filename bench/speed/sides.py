"""What is timed: emitted programs and the peers, each behind the same three methods (outputs, time, close)."""
import json
import pathlib
import signal
import subprocess

import numpy as np
import onnx

from speed.machine import ROOT, measured
from support import find_dnnc, write_inputs

WORKER = pathlib.Path(__file__).with_name("worker.py")
# The Python environment of each peer (tools/setup.sh bench); the first that has the package.
ENVIRONMENTS = {"onnxruntime": [".venv"], "openvino": [".venv-bench", ".venv"], "MNN": [".venv-mnn"], "ncnn": [".venv-bench", ".venv"]}
F32_ONLY = {"MNN", "ncnn"}  # they quantize in their own ways: no QDQ model runs in integers


class Unavailable(Exception):
    """Why a side does not take part."""


def python_of(peer):
    for folder in ENVIRONMENTS[peer]:
        python = ROOT / folder / "bin" / "python"
        if python.exists() and subprocess.run([python, "-c", f"import importlib.util as u, sys; sys.exit(not u.find_spec('{peer}'))"]).returncode == 0:
            return python
    raise Unavailable("not installed (tools/setup.sh bench)")


def converted(peer, path, inputs):
    """The model in the peer's own format, made once beside the ONNX file."""
    python, stem = python_of(peer), path.with_suffix("")
    out = {"MNN": path.with_suffix(".mnn"), "ncnn": pathlib.Path(f"{stem}.ncnn")}.get(peer, path)
    marker = out.with_name(out.name + ".param") if peer == "ncnn" else out
    if marker.exists():
        return python, out
    if peer == "MNN":
        names = [o.name for o in onnx.load(path, load_external_data=False).graph.output]
        command = [python.with_name("mnnconvert"), "-f", "ONNX", "--modelFile", path, "--MNNModel", out, "--bizCode", "bench"]
        pathlib.Path(f"{out}.outputs").write_text(json.dumps(names))
    else:
        shapes = ",".join(str(list(v.shape)).replace(" ", "") + {"float32": "f32", "int32": "i32", "int64": "i64"}.get(str(v.dtype), "") for v in inputs.values())
        program = next(python.parent.parent.glob("lib/python*/site-packages/pnnx/pnnx"), None)  # its Python package would import PyTorch
        if not program:
            raise Unavailable("pnnx is not installed (tools/setup.sh bench)")
        command = [program, path, f"inputshape={shapes}", "fp16=0", f"ncnnparam={out}.param", f"ncnnbin={out}.bin"]
    done = subprocess.run([str(c) for c in command], cwd=path.parent, capture_output=True, text=True, timeout=300)
    if not marker.exists():
        raise Unavailable(f"{pathlib.Path(command[0]).name} does not convert it (exit status {done.returncode})")
    return python, out


class Peer:
    def __init__(self, name, path, inputs, file, threads, cores):
        self.name, self.file = name, file.with_name(f"{name}-out.npz")
        python, model = converted(name, path, inputs)
        self.process = subprocess.Popen([python, WORKER, name, model, file, str(threads), ",".join(map(str, cores))],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.version = self.answer()["version"]

    def answer(self):
        line = self.process.stdout.readline()
        answer = json.loads(line) if line else {"error": f"ended with status {self.process.wait()}"}
        if "error" in answer:
            self.close()
            raise Unavailable(answer["error"])
        return answer

    def ask(self, command, value):
        print(command, value, file=self.process.stdin, flush=True)
        return self.answer()

    def outputs(self):
        self.ask("save", self.file)
        with np.load(self.file) as file:
            return [file[f"arr_{i}"] for i in range(len(file.files))]

    def time(self, seconds):
        """A turn. Between turns the process is stopped: the pools of some peers spin on after their last run."""
        self.process.send_signal(signal.SIGCONT)
        times = self.ask("time", seconds)["times"]
        self.pause()
        return times

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def close(self):
        self.process.kill()
        self.process.stdin.close()
        self.process.wait()


class Program:
    """dnnc's C++ as g++ -O2 compiles it, a process for each turn: the program times its own runs."""

    def __init__(self, path, folder, target, options, compiler, threads=1, cores=()):
        self.folder, self.threads, self.cores = folder, threads, cores
        self.count = len(onnx.load(path, load_external_data=False).graph.output)
        folder.mkdir(parents=True, exist_ok=True)
        source, self.program, record = folder / "model.cpp", folder / "program", folder / "cost.json"
        if not record.exists():
            dnnc_s, dnnc_mb = measured([find_dnnc(), path, "-o", source, "--main", "--name=model", f"--target={target}", *options])
            cxx_s, cxx_mb = measured([compiler, "-std=c++17", "-O2", source, folder / "model_main.cpp", "-o", self.program, "-pthread"])
            cost = {"dnnc_s": dnnc_s, "dnnc_mb": dnnc_mb, "cxx_s": cxx_s, "cxx_mb": cxx_mb, "source_mb": source.stat().st_size / 1e6}
            record.write_text(json.dumps(cost))
        self.cost = json.loads(record.read_text())
        self.repeat = None

    def start(self, inputs):
        self.options = write_inputs(self.folder, inputs)
        return self

    def run(self, *options):
        pin = ["taskset", "-c", ",".join(map(str, self.cores))] if self.cores else []
        command = [*pin, self.program, *self.options, "--threads", self.threads, *options]
        done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
        if done.returncode:
            raise Unavailable(f"exit status {done.returncode}: {done.stderr.strip()[:200]}")
        return done.stdout

    def outputs(self):
        self.run("--output-dir", self.folder / "out")
        return [np.load(self.folder / "out" / f"{i}.npy") for i in range(self.count)]

    def time(self, seconds):
        """The minimum and the median of a turn's runs."""
        figures = lambda repeat: json.loads(next(x for x in self.run("--repeat", repeat).splitlines() if x.startswith("{")))  # noqa: E731
        self.repeat = self.repeat or int(min(max(seconds * 1e3 / max(figures(3)["min"], 1e-4), 3), 200000))
        found = figures(self.repeat)
        return [found["min"], found["median"]]

    def pause(self):
        pass

    def close(self):
        pass
