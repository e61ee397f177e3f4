#!/usr/bin/env python3
"""Fills a folder for tools/gpu-check.sh; tools/gpu-pack.sh calls it.

Per program: model.cu, model_main.cu and model.h, inputs, expected outputs and the bound of their relative L2 error. Weights that are drawn
from a seed are not packed (they would not fit): the program takes a weights file, which gpu_check.py makes there from the description in
pack.json and the tensors' packing.
"""
import argparse
import json
import pathlib
import sys

import numpy as np
import onnx

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "e2e"))  # behind this folder, which has a run.py too
from models import random_inputs  # noqa: E402
from run import BOUND, MODELS, SHARED, tiny_models  # noqa: E402
from support import ROOT, execute, find_dnnc, reference  # noqa: E402

# Rounded to f16 between kernels: random weights and inputs, a hundred roundings of 2^-11 that add up like a random walk.
HALF_BOUND = 2e-2
TIMED = ("resnet50", "mobilenet_v2", "unet_256x512")


def emit(dnnc, model, name, folder, precision):
    target = folder / f"{name}_{precision}"
    target.mkdir(parents=True)
    options = {"digits": ["--set-dim=N=1"], "vit_cifar10_ibp": ["--set-dim=batch_size=1"]}.get(name, [])
    execute([dnnc, model, "-o", target / "model.cu", "--name=model", "--main", "--target=cuda-sm80", f"--precision={precision}", *options])
    return target


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--quick", action="store_true", help="the small models only")
    args = parser.parse_args()
    dnnc, entries = find_dnnc(), []
    args.folder.mkdir(parents=True)
    models = {"digits": ROOT / "examples" / "digits" / "digits.onnx", **{m: SHARED / f"{m}.onnx" for m in MODELS}}
    for name, model in tiny_models():
        models[name] = args.folder / f"{name}.onnx"
        onnx.save(model, models[name])
    for name, path in models.items():
        model = onnx.load(path)
        inputs = random_inputs(model)
        outputs = reference(model, inputs)
        data = args.folder / name
        data.mkdir()
        for i, value in enumerate(inputs.values()):
            np.save(data / f"in{i}.npy", value)
        for i, value in enumerate(outputs):
            np.save(data / f"out{i}.npy", value)
        for precision, bound in (("f32", BOUND), ("f16", HALF_BOUND)):
            emit(dnnc, path, name, args.folder, precision)
            entries.append({"name": name, "precision": precision, "bound": bound, "inputs": list(inputs), "outputs": len(outputs)})
        if path.parent == args.folder:
            path.unlink()
    timed = [] if args.quick else timed_models(dnnc, args.folder)
    (args.folder / "pack.json").write_text(json.dumps({"checked": entries, "timed": timed}, indent=1))


def timed_models(dnnc, folder):
    """Programs whose weights are not packed: zeros in the file they are given time the same."""
    sys.path.insert(0, str(SHARED))
    from materialize import fill

    entries = []
    for name in TIMED:
        path = folder / f"{name}.onnx"
        onnx.save(fill(onnx.load(SHARED / "arch" / f"{name}.onnx")), path)
        for precision in ("f32", "f16"):
            target = folder / f"{name}_{precision}"
            target.mkdir()
            command = [dnnc, path, "-o", target / "model.cu", "--name=model", "--main", "--target=cuda-sm80", f"--precision={precision}"]
            execute([*command, "--weights=incbin"])
            blob = target / "model.cu.weights.bin"
            entries.append({"name": name, "precision": precision, "weights": blob.stat().st_size})
            blob.unlink()
        path.unlink()
    return entries


if __name__ == "__main__":
    main()
