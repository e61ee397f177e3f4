#!/usr/bin/env python3
"""Quantized networks against ONNX Runtime: mobilenetv2_qdq_int8 as it comes, and QDQ models that quantize_static makes here.

Of each network every quantized tensor is kept, and 99.9 % of all their elements must be within one step. With so many outputs ONNX Runtime
may run the model as it is written, in f32 between the quantizations; where it uses integers, session.x64quantprecision=1 keeps its 16-bit
sums from saturating on processors without VNNI. Where the two sides are one step apart, the exact value lies on the border of two and they
round differently; such a step then moves what it feeds. Answers (classes, accuracy) must agree as said at each check. mobilenetv2_qdq_int8 multiplies such steps from layer to layer: ONNX
Runtime's own runs with and without integer kernels give logits up to three steps apart, and that distance is the bound there.
The folder of models is $DNNC_MODELS, or ../shared/models beside the repository; without it everything here is skipped.
"""
import argparse
import pathlib
import subprocess
import sys
import time

import numpy as np
import onnx
import onnxruntime as ort
from onnx import numpy_helper

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import models
import support
from support import ROOT, Failure, Tally, build_program, find_dnnc, run_executor, run_program, targets, workspace

WITHIN_ONE = 0.999
# name, activations, weights, per channel
NETWORKS = [("resnet4b_cifar10", "u8", "i8", True), ("resnet18", "u8", "i8", True), ("mobilenet_v2", "i8", "i8", True), ("squeezenet1_1", "u8", "i8", False),
            ("tiny_kws", "i8", "i8", False), ("tiny_resnet8", "u8", "u8", False)]


def integer_session(model):
    options = ort.SessionOptions()
    options.add_session_config_entry("session.x64quantprecision", "1")
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    return ort.InferenceSession(model if isinstance(model, str) else model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def quantized(path, inputs, folder, activations, weights, per_channel, reduce_range=False):
    """QDQ by quantize_static, calibrated on \\p inputs. reduce_range: weights of 7 bits."""
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

    class Reader(CalibrationDataReader):
        def __init__(self):
            self.sets = iter(inputs)

        def get_next(self):
            return next(self.sets, None)

    kind = {"u8": QuantType.QUInt8, "i8": QuantType.QInt8}
    out = folder / "quantized.onnx"
    quantize_static(str(path), str(out), Reader(), quant_format=QuantFormat.QDQ, activation_type=kind[activations], weight_type=kind[weights], per_channel=per_channel,
                    reduce_range=reduce_range)
    return out


def open_batch(path, folder):
    """The model with a batch of 1 and opset 13 or later, which per-channel quantization asks for."""
    model = onnx.load(path)
    if model.opset_import[0].version < 13:
        model = onnx.version_converter.convert_version(model, 13)
    out = folder / "converted.onnx"
    onnx.save(model, out)
    return out


def data_of(name, path, data):
    """Input sets: pictures or images where the network knows them, else values as a normalized picture has."""
    if name == "resnet4b_cifar10":
        images, labels = models.cifar(data, 1000)
        return [{"input.1": image[None]} for image in images], labels
    model = onnx.load(path)
    return [models.random_inputs(model, seed) for seed in range(6)], None


def steps(dnnc, path, inputs, folder):
    """Every quantized tensor of one run; the share within one step, and equal."""
    model = onnx.load(path)
    names = [n.output[0] for n in model.graph.node if n.op_type == "QuantizeLinear"]
    count = len(model.graph.output)
    model.graph.output.extend(onnx.ValueInfoProto(name=n) for n in names)
    expected = integer_session(model).run(None, inputs)[count:]
    got = run_executor(dnnc, path, inputs, count + len(names), folder, [f"--keep-tensor={n}" for n in names])[count:]
    total = equal = near = 0
    for name, a, b in zip(names, got, expected):
        if a.dtype != b.dtype or a.shape != b.shape:
            raise Failure(f"tensor '{name}': expected {b.dtype}{list(b.shape)}, got {a.dtype}{list(a.shape)}")
        apart = np.abs(a.astype(np.int32) - b.astype(np.int32))
        total, equal, near = total + apart.size, equal + int((apart == 0).sum()), near + int((apart <= 1).sum())
    if near < WITHIN_ONE * total:
        raise Failure(f"{near / total:.5f} of {total} elements of {len(names)} tensors are within one step; {WITHIN_ONE} must be")
    return f"{len(names)} tensors: {equal / total:.5f} equal, {near / total:.6f} within one step"


def accuracy(dnnc, path, inputs, labels, folder, target):
    """Right answers of 1,000 images: within 0.2 points of ONNX Runtime's."""
    session = integer_session(str(path))
    want = sum(int(session.run(None, i)[0].argmax() == label) for i, label in zip(inputs, labels))
    program = build_program(dnnc, path, folder, [f"--target={target}", "--name=model"], ("-O2",))
    got = sum(int(run_program(program, i, 1, folder)[0][0].argmax() == label) for i, label in zip(inputs, labels))
    if abs(got - want) > 0.002 * len(inputs):
        raise Failure(f"{got} of {len(inputs)} right, ONNX Runtime {want}")
    return f"{got} of {len(inputs)} right, ONNX Runtime {want}"


def pictures(dnnc, path, data, folder, target, count=None):
    """The same class; logits no farther from ONNX Runtime's than its integer run is from its run of the model as written, 90 % within a step."""
    model = onnx.load(path)
    producer = next(n for n in model.graph.node if model.graph.output[0].name in n.output)
    step = float(np.max(next(numpy_helper.to_array(t) for t in model.graph.initializer if t.name == producer.input[1])))
    session, written = integer_session(str(path)), support.session(str(path))
    program = build_program(dnnc, path, folder, [f"--target={target}", "--name=model"], ("-O2",))
    worst, bound, near, found = 0, 1, [], []
    for name in models.PICTURES[:count]:
        inputs = {"image": models.picture(data, name, 224, 224, mean=(123.675, 116.28, 103.53), deviation=(58.395, 57.12, 57.375))}
        want, got = session.run(None, inputs)[0], run_program(program, inputs, 1, folder)[0][0]
        found.append(int(got.argmax()))
        if found[-1] != want.argmax():
            raise Failure(f"{name}: class {found[-1]}, ONNX Runtime {want.argmax()}")
        apart = np.abs(got - want) / step
        worst, bound = max(worst, float(apart.max())), max(bound, float(np.abs(written.run(None, inputs)[0] - want).max()) / step)
        near.append(float((apart < 1.5).mean()))
    if worst > bound + 0.01 or min(near) < 0.9:
        raise Failure(f"logits are {worst:.2f} steps apart, ONNX Runtime's own two runs {bound:.2f}; within one step {near}")
    return f"classes {found}, at most {worst:.2f} steps apart (ONNX Runtime's own runs {bound:.2f}); {min(near):.3f} or more within one"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="the whole networks as C++ on every target")
    parser.add_argument("-k", default="", metavar="TEXT", help="only networks whose name holds TEXT")
    args = parser.parse_args()
    tally, shared, start = Tally(True), models.shared_folder(ROOT), time.time()
    if not shared.is_dir():
        tally.skip("quantized networks", f"no model folder at {shared} (set DNNC_MODELS)")
        return tally.finish()
    dnnc, available = find_dnnc(), [t for t, reason in targets(integers=True) if not reason]
    used = available if args.full else available[-1:]
    with workspace() as temporary:
        root = pathlib.Path(temporary)
        if args.k in "mobilenetv2_qdq_int8":
            for target in used:
                folder = root / f"pictures-{target}"
                folder.mkdir()
                tally.run(f"mobilenetv2_qdq_int8 [pictures {target}]", pictures, dnnc, shared / "mobilenetv2_qdq_int8.onnx", shared / "data", folder, target)
        for name, activations, weights, per_channel in NETWORKS:
            if args.k not in name:
                continue
            folder = root / name
            folder.mkdir()
            path = shared / f"{name}.onnx"
            try:
                if not path.exists():
                    subprocess.run([sys.executable, shared / "materialize.py", folder, name], check=True, capture_output=True)
                    path = folder / f"{name}.onnx"
                inputs, labels = data_of(name, path, shared / "data")
                path = quantized(open_batch(path, folder), inputs[:32], folder, activations, weights, per_channel)
            except Exception as error:
                tally.fail(f"{name} [reference]", f"{type(error).__name__}: {error}")
                continue
            label = f"{name} {activations} {weights} {'per channel' if per_channel else 'per tensor'}"
            tally.run(f"{label} [steps]", steps, dnnc, path, inputs[-1], folder)
            if labels is not None:
                for target in used:
                    tally.run(f"{label} [accuracy {target}]", accuracy, dnnc, path, inputs, labels, folder, target)
    print(f"{time.time() - start:.0f} s")
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
