#!/usr/bin/env python3
"""Emitted CUDA: compiled by nvcc for sm_80 and sm_90 without a warning, and run by the emulation of cuda_runtime.h beside this file.

There is no GPU in these tests. The emulation runs the same source, kernels and launches included, with g++ alone; outputs are compared with
ONNX Runtime: relative L2 error <= 1e-5 for f32, as for the other targets.
"""
import argparse
import os
import pathlib
import shutil
import sys

import numpy as np
import onnx

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))
from models import random_inputs  # noqa: E402
from net import Net  # noqa: E402
from networks import NETWORKS  # noqa: E402
from support import ROOT, Failure, Tally, execute, find_dnnc, parallel, reference, relative_l2, run_program, workspace  # noqa: E402

BOUND = 1e-5
HALF_BOUND = 4 * 2.0**-11  # a few roundings to f16, as in test_networks.py
SHARED = pathlib.Path(os.environ.get("DNNC_MODELS", ROOT.parent / "shared" / "models"))
WARNINGS = ["-Wall", "-Wextra", "-Werror"]
# Real architectures with every kernel family, small enough for the emulation.
MODELS = ("resnet4b_cifar10", "mnist_8", "vit_cifar10_ibp")
COMPILED = ("resnet4b_cifar10", "vit_cifar10_ibp")


def tiny_models():
    """The arch/tiny_* models, materialized."""
    sys.path.insert(0, str(SHARED))
    from materialize import fill

    for path in sorted((SHARED / "arch").glob("tiny_*.onnx")):
        yield path.stem, fill(onnx.load(path))


def nvcc():
    """nvcc with its options, from PATH or from the PyPI packages that tools/setup.sh check installs, or None."""
    if shutil.which("nvcc"):
        return ["nvcc"]
    for found in (ROOT / ".venv").glob("lib/python*/site-packages/nvidia/cu13/bin/nvcc"):
        home = found.parents[1]
        return [found, f"-I{home}/include", f"-L{home}/lib", "-cudart", "static"]
    return None


def emit(dnnc, model, folder, options=()):
    folder.mkdir(parents=True, exist_ok=True)
    execute([dnnc, model, "-o", folder / "model.cu", "--name=model", "--main", "--self-test", *options])


def emulated(dnnc, model, inputs, folder, options=(), bound=BOUND):
    """The program of a model in the emulation, its graph replay included, against ONNX Runtime."""
    emit(dnnc, model, folder, ["--target=cuda-sm90", *options])
    program = folder / "program"
    flags = ["-std=c++17", "-O1", "-ffp-contract=off", *WARNINGS, "-x", "c++", f"-I{HERE}"]
    execute(["g++", *flags, folder / "model.cu", folder / "model_main.cu", "-o", program])
    expected = reference(onnx.load(model), inputs)
    got, text = run_program([program], inputs, len(expected), folder, ["--repeat=1"])
    worst = 0.0
    for i, (a, b) in enumerate(zip(got, expected)):
        if b.dtype.kind != "f":
            if not np.array_equal(a, b):
                raise Failure(f"output {i}: {np.count_nonzero(a != b)} of {b.size} integers differ")
            continue
        if a.shape != b.shape or not np.isfinite(a).all():
            raise Failure(f"output {i}: {a.shape} for {b.shape}, {np.count_nonzero(~np.isfinite(a))} values not finite")
        worst = max(worst, relative_l2(a, b))
    if not worst <= bound:
        raise Failure(f"relative L2 error {worst:.3g} > {bound:.3g}")
    return f"error {worst:.2g}"


KERNEL_TESTS = ("attention", "dense", "window", "move", "map")


def kernels(_, name, folder):
    """A family's kernels on odd shapes against plain loops."""
    folder.mkdir(parents=True, exist_ok=True)
    flags = ["-std=c++17", "-O1", "-ffp-contract=off", *WARNINGS, f"-I{HERE}", f"-I{ROOT}", f"-I{ROOT / 'runtime'}"]
    execute(["g++", *flags, HERE / f"{name}_test.cpp", "-o", folder / "program"])
    execute([folder / "program"])


def interface(dnnc, folder):
    """interface_test.cpp: what the generated class promises."""
    emit(dnnc, ROOT / "examples" / "digits" / "digits.onnx", folder, ["--target=cuda-sm90", "--set-dim=N=1", "--weights=file"])
    flags = ["-std=c++17", "-O1", "-ffp-contract=off", *WARNINGS, "-x", "c++", f"-I{HERE}", f"-I{folder}"]
    execute(["g++", *flags, folder / "model.cu", HERE / "interface_test.cpp", "-o", folder / "program"])
    execute([folder / "program", folder / "model.weights.bin"])


def compiled(dnnc, compiler, model, folder, target, options=()):
    """nvcc takes the program, its main and its self-test without a warning."""
    emit(dnnc, model, folder, [f"--target={target}", *options])
    arch = target.replace("cuda-sm", "-arch=sm_")
    for source in ("model.cu", *(("model_main.cu", "model_test.cu") if target == "cuda-sm90" else ())):
        execute([*compiler, "-std=c++17", arch, "-O1", "-Werror", "all-warnings", "-c", folder / source, "-o", folder / (source + ".o")])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-k", default="", help="only tests whose name holds this")
    parser.add_argument("-v", action="store_true", help="print every passing test")
    parser.add_argument("-j", "--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--full", action="store_true", help="also every network of test/e2e/networks.py; more models by nvcc")
    args = parser.parse_args()
    dnnc, tally, jobs = find_dnnc(), Tally(args.v), []

    with workspace() as temporary:
        root = pathlib.Path(temporary)
        jobs.extend((f"{name} kernels [emulated]", kernels, name, root / f"{name}-kernels") for name in KERNEL_TESTS)
        jobs.append(("interface [emulated]", interface, root / "interface"))
        models = {"digits": ROOT / "examples" / "digits" / "digits.onnx"}
        if SHARED.is_dir():
            models.update((name, SHARED / f"{name}.onnx") for name in MODELS)
            for name, model in tiny_models():
                onnx.save(model, root / f"{name}.onnx")
                models[name] = root / f"{name}.onnx"
        else:
            tally.skip("models", f"{SHARED} is not there")
        for name, builder, options in NETWORKS:
            if not (args.full or name in ("residual", "inverted_residual_se", "unet", "attention", "half")):
                continue
            net = Net(name, **options)
            onnx.save(net.model(*builder(net)), root / f"net_{name}.onnx")
            bound = HALF_BOUND if options.get("dtype") == np.float16 else BOUND
            jobs.append((f"{name} [emulated]", emulated, root / f"net_{name}.onnx", net.inputs, root / f"net_{name}", [], bound))
        for name, model in models.items():
            inputs = random_inputs(onnx.load(model))
            options = ["--set-dim=N=1"] if name == "digits" else ["--set-dim=batch_size=1"] if name == "vit_cifar10_ibp" else []
            jobs.append((f"{name} [emulated]", emulated, model, inputs, root / name, options))
            if name in ("digits", "resnet4b_cifar10", "tiny_kws"):
                half = [*options, "--precision=f16"]
                jobs.append((f"{name} [emulated, f16]", emulated, model, inputs, root / f"{name}-f16", half, HALF_BOUND))
            compiler = nvcc()
            for target in ("cuda-sm80", "cuda-sm90"):
                if not (args.full or name in COMPILED or name == "digits"):
                    continue
                if not compiler:
                    tally.skip(f"{name} [nvcc {target}]", "nvcc is not installed: tools/setup.sh check gets it from PyPI")
                    continue
                # Each target once in f32 and once in f16.
                half = ["--precision=f16"] if (name == "resnet4b_cifar10") == (target == "cuda-sm90") else []
                blob = ["--weights=incbin"] if name == "digits" and target == "cuda-sm80" else []
                jobs.append((f"{name} [nvcc {target}]", compiled, compiler, model, root / f"{name}-{target}", target, [*options, *half, *blob]))
        jobs = [job for job in jobs if args.k in job[0]]
        parallel(lambda job: tally.run(job[0], job[1], dnnc, *job[2:]), jobs, args.jobs)
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
