#!/usr/bin/env python3
"""Models with state, called step by step: the states in one place for input and output (--state), and in two, give the same bits, and both agree with
ONNX Runtime. Bound: relative L2 1e-5 over all steps, as for whole models. gtcrn_stream also gives the wav file that it came with, to 1e-4.
"""
import argparse
import os
import pathlib
import sys
import wave

import numpy as np
import onnx

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import models
from net import Net
from support import ROOT, Failure, Tally, execute, find_dnnc, parallel, relative_l2, session, targets, workspace

BOUND, STEPS = 1e-5, 6


def passed_on(n):
    """The state is an output as it came."""
    s = n.input((2, 5), "s")
    return [n.node("Add", n.input((2, 5), "x"), s), s], {"s": 1}


def exchanged(n):
    """Two states that change places."""
    a, b, x = n.input((3, 4), "a"), n.input((3, 4), "b"), n.input((3, 4), "x")
    return [n.node("Mul", n.node("Add", a, x), n.node("Sub", b, x)), b, n.node("Sub", a, x)], {"a": 1, "b": 2}


def swapped(n):
    a, b, x = n.input((3, 4), "a"), n.input((3, 4), "b"), n.input((3, 4), "x")
    return [n.node("Add", n.node("Sub", a, b), x), b, a], {"a": 1, "b": 2}


def read_late(n):
    """The new state is there long before the old one is read for the last time."""
    s, x = n.input((1, 8), "s"), n.input((1, 8), "x")
    new = n.node("Tanh", n.node("MatMul", n.node("Add", s, x), n.weight(8, 8)))
    return [n.node("Sub", n.node("MatMul", new, n.weight(8, 8)), s), new], {"s": 1}


def delay_line(n):
    """The state moves by one within its own memory."""
    s, x = n.input((7, 16), "s"), n.input((1, 16), "x")
    line = n.node("Concat", n.node("Slice", s, n.ints(1), n.ints(7), n.ints(0)), x, axis=0)
    return [n.node("ReduceMean", line, axes=[0], keepdims=0), line], {"s": 1}


def in_place(n):
    """A step that may put its result where its operand is."""
    s, x = n.input((4, 33), "s"), n.input((4, 33), "x")
    new = n.node("Add", n.node("Mul", s, n.scalar(0.5)), x)
    return [n.node("Exp", new), new], {"s": 1}


def transposed(n):
    s, x = n.input((6, 6), "s"), n.input((6, 6), "x")
    return [n.node("Add", s, x), n.node("Transpose", n.node("Add", s, x), perm=[1, 0])], {"s": 1}


def lstm(n):
    """One step of two layers; the first keeps its h by Y, the second by Y_h."""
    x, outputs, states = n.input((1, 1, 12), "x"), [], {}
    for layer in range(2):
        h, c = n.input((1, 1, 20), f"h{layer}"), n.input((1, 1, 20), f"c{layer}")
        weights = [n.weight(1, 80, 20 if layer else 12), n.weight(1, 80, 20), n.weight(1, 160)]
        y, last, cell = n.node("LSTM", x, *weights, "", h, c, outputs=3, hidden_size=20)
        x = n.node("Squeeze", y, n.ints(1))
        outputs += [last if layer else x, cell]
        states |= {f"h{layer}": 1 + 2 * layer, f"c{layer}": 2 + 2 * layer}
    return [n.node("Relu", x), *outputs], states


def gru(n):
    x, h = n.input((4, 3, 10), "x"), n.input((2, 3, 9), "h")
    y, last = n.node("GRU", x, n.weight(2, 27, 10), n.weight(2, 27, 9), n.weight(2, 54), "", h, outputs=2, hidden_size=9, direction="bidirectional")
    return [y, last], {"h": 1}


NETWORKS = [passed_on, exchanged, swapped, read_late, delay_line, in_place, transposed, lstm, gru]


def reference(model, frames, states, shapes):
    """All steps in ONNX Runtime: outputs that are no state, step by step, and the last states. states: input name to number of the output."""
    runner = session(model)
    values = {name: np.zeros(shapes[name], np.float32) for name in states}
    steps = []
    for frame in frames:
        outputs = runner.run(None, {**frame, **values})
        values = {name: outputs[index] for name, index in states.items()}
        steps.append([o for i, o in enumerate(outputs) if i not in states.values()])
    return steps, list(values.values())


def compare(dnnc, model, frames, states, folder, target, flags=("-O1",)):
    """Builds and runs both ways; the outputs of each step, and a note."""
    folder.mkdir(parents=True, exist_ok=True)
    if not isinstance(model, pathlib.Path):
        onnx.save(model, folder / "model.onnx")
        model = folder / "model.onnx"
    proto = onnx.load(model)
    names = [o.name for o in proto.graph.output]
    order = [i.name for i in proto.graph.input if i.name not in states]
    shapes = {i.name: [d.dim_value for d in i.type.tensor_type.shape.dim] for i in proto.graph.input}
    pairs = [f"--state={name}:{names[index]}" for name, index in states.items()]
    execute([dnnc, model, "-o", folder / "model.cpp", "--name=model", f"--target={target}", *pairs])
    here = pathlib.Path(__file__).resolve().parent
    execute(["g++", "-std=c++17", *flags, "-I", folder, folder / "model.cpp", here / "stream.cpp", "-o", folder / "stream"])
    (folder / "in").write_bytes(b"".join(np.ascontiguousarray(f[name]).tobytes() for f in frames for name in order))
    for way in ("separate", "shared"):
        execute([folder / "stream", way, folder / "in", folder / way, len(frames)])
    if (folder / "separate").read_bytes() != (folder / "shared").read_bytes():
        raise Failure("states in one place give other bits than states in two")
    steps, last = reference(str(model), frames, states, shapes)
    flat = [o for step in steps for o in step] + last
    got, at = np.frombuffer((folder / "shared").read_bytes(), np.float32), 0
    expected = np.concatenate([o.ravel() for o in flat])
    if got.size != expected.size:
        raise Failure(f"expected {expected.size} values, got {got.size}")
    error = relative_l2(got, expected)
    if not error <= BOUND:
        raise Failure(f"relative L2 error {error:.3g} > {BOUND}")
    outputs = []
    for step in steps:
        outputs.append([])
        for o in step:
            outputs[-1].append(got[at : at + o.size].reshape(o.shape))
            at += o.size
    return outputs, f"error {error:.2g}"


def small(dnnc, build, folder, target):
    net = Net(build.__name__, opset=13)
    outputs, states = build(net)
    model = net.model(*outputs)
    for info, value in zip(model.graph.output, session(model).run(None, net.inputs)):
        info.CopyFrom(onnx.helper.make_tensor_value_info(info.name, onnx.TensorProto.FLOAT, list(value.shape)))
    frames = [{k: net.random.random(v.shape).astype(np.float32) - 0.5 for k, v in net.inputs.items() if k not in states} for _ in range(STEPS)]
    states = {name: states[name] for name in net.inputs if name in states}  # the order of the model's inputs
    return compare(dnnc, model, frames, states, folder, target)[1]


def samples(path):
    with wave.open(str(path)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), np.int16).astype(np.float32) / 32768


def gtcrn(dnnc, shared, folder, target):
    """Frames of 512 samples, 256 apart, centred; analysis by the square root of the periodic Hann window, synthesis by that of the symmetric one,
    divided by the sum of its squares: with these the file that came with the model is met to the rounding of its 16 bits."""
    audio = shared / "data" / "audio"
    mix, given = samples(audio / "gtcrn_mix.wav"), samples(audio / "gtcrn_enh_stream.wav")
    padded, analysis, synthesis = np.pad(mix, 256, mode="reflect"), np.sqrt(np.hanning(513)[:-1]).astype(np.float32), np.sqrt(np.hanning(512))
    starts = range(0, len(padded) - 511, 256)
    spectra = [np.fft.rfft(padded[s : s + 512] * analysis) for s in starts]
    frames = [{"mix": np.stack([s.real, s.imag], -1)[None, :, None].astype(np.float32)} for s in spectra]
    states = {"conv_cache": 1, "tra_cache": 2, "inter_cache": 3}
    outputs, note = compare(dnnc, shared / "gtcrn_stream.onnx", frames, states, folder, target, ("-O2",))
    wav, weight = np.zeros(len(padded)), np.zeros(len(padded))
    for start, (enhanced,) in zip(starts, outputs):
        spectrum = enhanced[0, :, 0, 0] + 1j * enhanced[0, :, 0, 1]
        wav[start : start + 512] += np.fft.irfft(spectrum) * synthesis
        weight[start : start + 512] += synthesis**2
    wav = (wav / np.maximum(weight, 1e-8))[256 : 256 + len(given)]
    worst = np.abs(wav - given).max()
    if not worst <= 1e-4:
        raise Failure(f"the largest difference from the wav is {worst:.3g} > 1e-4")
    return f"{note}, {len(frames)} frames, at most {worst:.2g} from the wav"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="on every target")
    parser.add_argument("-k", default="", metavar="TEXT", help="only models whose name holds TEXT")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count()))
    args = parser.parse_args()
    tally, dnnc, shared = Tally(True), find_dnnc(), models.shared_folder(ROOT)
    available = [t for t, reason in targets() if not reason]
    chosen = available if args.full else ["avx2"] if "avx2" in available else available[:1]
    with workspace() as temporary:
        root, jobs = pathlib.Path(temporary), []
        for target in chosen:
            for build in NETWORKS:
                jobs.append((f"{build.__name__} [{target}]", small, dnnc, build, root / f"{build.__name__}-{target}", target))
            jobs.append((f"gtcrn_stream [{target}]", gtcrn, dnnc, shared, root / f"gtcrn-{target}", target))
        jobs = [job for job in jobs if args.k in job[0]]
        for job in [j for j in jobs if j[1] is gtcrn and not (shared / "gtcrn_stream.onnx").exists()]:
            tally.skip(job[0], f"gtcrn_stream.onnx is not in {shared} (set DNNC_MODELS)")
            jobs.remove(job)
        parallel(lambda job: tally.run(*job), jobs, args.jobs)
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
