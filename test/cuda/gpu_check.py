#!/usr/bin/env python3
"""On a machine with a GPU: builds, checks and times what tools/gpu-pack.sh packed. Called by tools/gpu-check.sh in that folder."""
import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import time

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
SANITIZED = ("digits", "mnist_8", "tiny_kws", "resnet4b_cifar10")
REPEAT = 200


def run(command, **kwargs):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, errors="replace", **kwargs)
    if done.returncode:
        raise RuntimeError(f"exit code {done.returncode} from {' '.join(map(str, command))}\n{(done.stderr + done.stdout)[-3000:]}")
    return done.stdout


def build(folder):
    """For the GPU at hand; unnamed warnings are errors as in ./check."""
    program = folder / "program"
    sources = [folder / "model.cu", folder / "model_main.cu"]
    run(["nvcc", "-std=c++17", "-O3", "-arch=native", "-Werror", "all-warnings", *sources, "-o", program])
    return program


def check(entry):
    """Outputs against those of ONNX Runtime; then the CUDA graph, whose outputs the program compares with these itself."""
    folder, data = HERE / f"{entry['name']}_{entry['precision']}", HERE / entry["name"]
    program = build(folder)
    inputs = [f"--input={name}={data / f'in{i}.npy'}" for i, name in enumerate(entry["inputs"])]
    command = [program, *inputs, "--output-dir", folder / "out", "--repeat", "20"]
    text = run(command)
    worst = 0.0
    for i in range(entry["outputs"]):
        got, want = np.load(folder / "out" / f"{i}.npy").astype(np.float64), np.load(data / f"out{i}.npy").astype(np.float64)
        worst = max(worst, float(np.linalg.norm(got - want) / max(np.linalg.norm(want), 1e-30)))
    if not worst <= entry["bound"]:
        raise RuntimeError(f"relative L2 error {worst:.3g} > {entry['bound']:.3g}")
    note = f"error {worst:.2g}, {json.loads(text)['median'] * 1000:.0f} us"
    if entry["name"] in SANITIZED and shutil.which("compute-sanitizer"):
        for tool in ("memcheck", "racecheck", "synccheck", "initcheck"):
            run(["compute-sanitizer", "--tool", tool, "--error-exitcode", "1", program, *inputs, "--output-dir", folder / "out"])
        note += ", sanitized"
    return note


def ours(entry):
    """Milliseconds of the CUDA graph: minimum and median. Weights of zeros: times do not depend on them."""
    folder = HERE / f"{entry['name']}_{entry['precision']}"
    (folder / "model.cu.weights.bin").write_bytes(bytes(entry["weights"]))
    result = json.loads(run([build(folder), "--repeat", str(REPEAT)]))
    return result["min"], result["median"]


def unet(torch):
    """The network of unet_256x512: four levels, 32 channels at the first, transposed convolutions up."""
    nn = torch.nn

    def block(a, b):
        return nn.Sequential(nn.Conv2d(a, b, 3, padding=1), nn.ReLU(), nn.Conv2d(b, b, 3, padding=1), nn.ReLU())

    class UNet(nn.Module):
        def __init__(self, width=32, levels=4):
            super().__init__()
            sizes = [width * 2**i for i in range(levels + 1)]
            self.down = nn.ModuleList(block(a, b) for a, b in zip([3, *sizes[:-1]], sizes))
            self.up = nn.ModuleList(nn.ConvTranspose2d(b, a, 2, 2) for a, b in zip(sizes[:-1], sizes[1:]))
            self.join = nn.ModuleList(block(2 * a, a) for a in sizes[:-1])
            self.last = nn.Conv2d(width, 19, 1)

        def forward(self, x):
            skips = []
            for i, layer in enumerate(self.down):
                x = layer(x if i == 0 else nn.functional.max_pool2d(x, 2))
                skips.append(x)
            for i in reversed(range(len(self.up))):
                x = self.join[i](torch.cat([skips[i], self.up[i](x)], 1))
            return self.last(x)

    return UNet()


def torch_times(name, precision):
    """{how: (minimum, median)} of the same architecture in PyTorch, or the reason why not."""
    try:
        import torch
    except ImportError:
        return "PyTorch is not installed"
    try:
        import torchvision
    except ImportError:
        torchvision = None
    if name != "unet_256x512" and torchvision is None:
        return "torchvision is not installed"
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False  # f32 is f32, as ours
    torch.backends.cudnn.benchmark = True
    dtype = torch.float16 if precision == "f16" else torch.float32
    model = unet(torch) if name == "unet_256x512" else getattr(torchvision.models, name)(weights=None)
    model = model.eval().to("cuda", dtype, memory_format=torch.channels_last)
    shape = (1, 3, 256, 512) if name == "unet_256x512" else (1, 3, 224, 224)
    x = torch.randn(shape, device="cuda", dtype=dtype).to(memory_format=torch.channels_last)
    results = {}
    for how in ("eager, channels_last", "compile, max-autotune"):
        try:
            runner = model if how.startswith("eager") else torch.compile(model, mode="max-autotune")
            times = []
            with torch.inference_mode():
                for i in range(REPEAT + 20):
                    torch.cuda.synchronize()
                    start = time.perf_counter()
                    runner(x)
                    torch.cuda.synchronize()
                    times.append((time.perf_counter() - start) * 1000)
            times = sorted(times[20:])
            results[how] = (times[0], times[len(times) // 2])
        except Exception as error:  # torch.compile needs a toolchain that may be missing
            results[how] = f"{type(error).__name__}: {str(error).splitlines()[0][:80]}"
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-timing", action="store_true")
    args = parser.parse_args()
    pack, failed = json.loads((HERE / "pack.json").read_text()), 0
    for entry in pack["checked"]:
        label = f"{entry['name']} {entry['precision']}"
        try:
            print(f"pass: {label}  {check(entry)}", flush=True)
        except (RuntimeError, OSError, ValueError) as error:
            failed += 1
            print(f"FAIL: {label}  {error}", flush=True)
    if not args.no_timing:
        print("\n| model | precision | who | min ms | median ms |\n|---|---|---|---|---|")
        for entry in pack["timed"]:
            rows = {}
            try:
                rows["dnnc, CUDA graph"] = ours(entry)
            except (RuntimeError, OSError, ValueError) as error:
                failed += 1
                rows["dnnc, CUDA graph"] = str(error).splitlines()[0]
            others = torch_times(entry["name"], entry["precision"])
            rows.update(others if isinstance(others, dict) else {"PyTorch": others})
            for who, row in rows.items():
                text = f"{row[0]:.3f} | {row[1]:.3f}" if isinstance(row, tuple) else f"{row} | "
                print(f"| {entry['name']} | {entry['precision']} | {who} | {text} |", flush=True)
    print(f"\n{len(pack['checked']) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
