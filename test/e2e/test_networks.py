#!/usr/bin/env python3
"""Small structural networks through every option, in the executor and as emitted C++.

Bound: relative L2 error <= 1e-5 per f32 output against ONNX Runtime, WINOGRAD_BOUND where a convolution may take Winograd's algorithm. An f16 network is held against the same network in f32:
each of its few roundings to f16 costs at most 2^-11, so 4 * 2^-11. Integer outputs must be equal.
By default one network in four is also built as C++ on its own; --full does so for all of them and on all targets.
"""
import argparse
import os
import pathlib
import shutil
import sys

import ml_dtypes
import numpy as np
import onnx
from onnx import numpy_helper

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from net import Net, as_f32
from networks import NETWORKS, residual
from support import (WINOGRAD_BOUND, Failure, Tally, build_program, execute, find_dnnc, parallel, reference, relative_l2, run_executor, run_program, takes_winograd, targets, workspace)

BOUND = {"float32": 1e-5, "float16": 4 * 2.0**-11}
# What an emitted object may ask of its surroundings: nothing but memory and math functions.
ALLOWED_SYMBOLS = ("mem", "expf", "logf", "powf", "tanhf", "erff", "sqrtf", "sinf", "cosf", "fmodf", "floorf", "ceilf", "rintf", "roundf", "_GLOBAL_OFFSET_TABLE_", "__stack_chk_fail", "__cpu_model", "__cpu_features2", "__cpu_indicator_init", "nearbyint", "exp", "log", "pow", "fmod", "lrint")


class Network:
    def __init__(self, name, builder, options):
        net = Net(name, **options)
        outputs = builder(net)
        self.name, self.inputs, self.half = name, net.inputs, options.get("dtype") == np.float16
        self.model = net.model(*outputs)
        self.expected = self.reference(self.model)
        self.exact = BOUND["float16" if self.half else "float32"]  # with --exact and -O0
        self.bound = WINOGRAD_BOUND if not self.half and takes_winograd(self.model) else self.exact
        self.outputs = [o.name for o in self.model.graph.output]
        for info, value in zip(self.model.graph.output, self.expected[1]):
            info.CopyFrom(onnx.helper.make_tensor_value_info(info.name, onnx.helper.np_dtype_to_tensor_dtype(value.dtype), list(value.shape)))

    def reference(self, model):
        """(values to compare with, the reference in the model's own types)"""
        own = [np.asarray(v) for v in reference(model, self.inputs)]
        return ([np.asarray(v) for v in reference(*as_f32(model, self.inputs))] if self.half else own), own

    def save(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        onnx.save(self.model, folder / "model.onnx")
        return folder / "model.onnx"


def judge(outputs, expected, bound):
    truth, own = expected
    for i, (got, want, same_type) in enumerate(zip(outputs, truth, own)):
        if got.dtype != same_type.dtype or got.shape != same_type.shape:
            raise Failure(f"output {i}: expected {same_type.dtype}{list(same_type.shape)}, got {got.dtype}{list(got.shape)}")
        if want.dtype.kind != "f":
            if not np.array_equal(got, want):
                raise Failure(f"output {i}: expected {want.ravel()[:8]}…, got {got.ravel()[:8]}…")
            continue
        error = relative_l2(got, want)
        if not error <= bound:
            wide = np.abs(got.astype(np.float64) - want)
            at = np.unravel_index(int(np.argmax(np.where(np.isnan(wide), np.inf, wide))), want.shape)
            raise Failure(f"output {i}: relative L2 error {error:.3g} > {bound:.3g}; worst at {list(map(int, at))}: expected {want[at]!r}, got {got[at]!r}")


def executor(dnnc, net, folder, options):
    bound = net.exact if {"-O0", "--exact"} & set(options) else net.bound
    judge(run_executor(dnnc, net.save(folder), net.inputs, len(net.outputs), folder, options), net.expected, bound)


def keep_tensors(dnnc, net, folder):
    """Every inner value as an extra output, all at once."""
    inner = [o for node in net.model.graph.node for o in node.output if o and o not in net.outputs]
    if not inner:
        return "no inner tensor"
    wide = onnx.ModelProto()
    wide.CopyFrom(net.model)
    wide.graph.output.extend(onnx.ValueInfoProto(name=name) for name in inner)
    expected = net.reference(wide)
    options = [f"--keep-tensor={name}" for name in inner]
    judge(run_executor(dnnc, net.save(folder), net.inputs, len(expected[0]), folder, options), expected, net.bound)
    return f"{len(inner)} tensors"


def emitted(dnnc, net, folder, target, options=(), flags=("-O1",), compiler=None, program_options=()):
    """C++ against the reference, and against itself with 1, 2 and 5 threads: the same bits."""
    program = build_program(dnnc, net.save(folder), folder, [f"--target={target}", *options], flags, compiler)
    first, _ = run_program(program, net.inputs, len(net.outputs), folder, program_options)
    judge(first, net.expected, net.bound)
    for threads in (2, 5):
        again, _ = run_program(program, net.inputs, len(net.outputs), folder, ["--threads", str(threads), *program_options])
        for i, (a, b) in enumerate(zip(first, again)):
            if a.tobytes() != b.tobytes():
                raise Failure(f"output {i}: other bits with {threads} threads than with one")

def weights_mode(dnnc, net, folder, mode):
    where = ["--weights", folder / "model.weights.bin"] if mode == "file" else []
    emitted(dnnc, net, folder, "generic", [f"--weights={mode}"], program_options=where)
    candidates = list(folder.glob("*.weights.bin"))
    if mode == "inline" and candidates:
        raise Failure(f"--weights=inline wrote {candidates[0].name}")
    if mode != "inline" and not candidates:
        raise Failure(f"--weights={mode} wrote no weights file; the folder holds {sorted(p.name for p in folder.iterdir())}")
    if mode == "file":  # a blob with one byte changed must be refused
        data = bytearray(candidates[0].read_bytes())
        data[len(data) // 2] ^= 1
        candidates[0].write_bytes(data)
        try:
            run_program([folder / "program"], net.inputs, len(net.outputs), folder, where)
        except Failure:
            return
        raise Failure("a weights file with a changed byte was accepted")


def weights_type(dnnc, net, folder, kind):
    """--weights-type rounds just the weights of convolutions and dense layers: as the reference on a model whose weights are rounded."""
    rounded, dtype = onnx.ModelProto(), np.float16 if kind == "f16" else ml_dtypes.bfloat16
    rounded.CopyFrom(net.model)
    weights = {node.input[1] for node in rounded.graph.node if node.op_type in ("Conv", "ConvTranspose", "Gemm", "MatMul")}
    for tensor in rounded.graph.initializer:
        if tensor.name in weights:
            tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).astype(dtype).astype(np.float32), tensor.name))
    values = [np.asarray(v) for v in reference(rounded, net.inputs)]
    model, sizes = net.save(folder), []
    for options in (["--weights-type=f32"], [f"--weights-type={kind}"]):
        program = build_program(dnnc, model, folder, [*options, "--weights=incbin"])
        sizes.append((folder / "model.cpp.weights.bin").stat().st_size)
    judge(run_program(program, net.inputs, len(net.outputs), folder)[0], (values, values), net.bound)
    for target in ("generic", "avx2", "avx512"):
        if target in [t for t, reason in targets() if not reason]:
            judge(run_executor(dnnc, model, net.inputs, len(net.outputs), folder, [f"--weights-type={kind}", f"--target={target}"]), (values, values), net.bound)
    if not sizes[1] < 0.6 * sizes[0]:  # biases stay as they are
        raise Failure(f"the weights take {sizes[1]} bytes as {kind}, {sizes[0]} as f32")
    return f"{sizes[0]} bytes as f32, {sizes[1]} as {kind}"


def same_bytes(dnnc, net, folder):
    """Compiled twice, in different folders: the same text."""
    texts = []
    for name in ("one", "two"):
        model = net.save(folder / name)
        execute([dnnc, "model.onnx", "-o", "out.cpp", "--main", "--self-test"], cwd=model.parent)
        texts.append({p.name: p.read_bytes() for p in model.parent.iterdir() if p.name != "model.onnx"})
    if texts[0].keys() != texts[1].keys():
        raise Failure(f"different files: {sorted(texts[0])} and {sorted(texts[1])}")
    for name in texts[0]:
        if texts[0][name] != texts[1][name]:
            raise Failure(f"{name} differs between two compilations of the same model")
    return f"{len(texts[0])} files"


def self_test(dnnc, net, folder):
    """--self-test writes a program that checks the model against its golden output."""
    model = net.save(folder)
    execute([dnnc, model, "-o", folder / "model.cpp", "--self-test", "--target=generic"])
    execute(["g++", "-std=c++17", "-O1", folder / "model.cpp", folder / "model_test.cpp", "-o", folder / "test", "-pthread"])
    execute([folder / "test"])


def object_is_clean(dnnc, net, folder, target):
    """No weak symbol, no mutable data, nothing undefined beyond memory and math functions."""
    model = net.save(folder)
    execute([dnnc, model, "-o", folder / "model.cpp", f"--target={target}"])
    execute(["g++", "-std=c++17", "-O2", "-fno-exceptions", "-c", folder / "model.cpp", "-o", folder / "model.o"])
    symbols = [line.split()[-2:] for line in execute(["nm", folder / "model.o"]).stdout.splitlines()]
    # u: the header's inline constexpr tables, data that any processor can read
    bad = [f"{kind} {name}" for kind, name in symbols if kind in "WVwvDdBbC" and not name.startswith("DW.ref")]
    bad += [f"U {name}" for kind, name in symbols if kind == "U" and not name.startswith(ALLOWED_SYMBOLS)]
    if bad:
        raise Failure("symbols that should not be there: " + ", ".join(bad[:8]))


def contract(dnnc, net, folder, target):
    """The header's promises (contract.cpp), under AddressSanitizer and UndefinedBehaviorSanitizer."""
    model, here = net.save(folder), pathlib.Path(__file__).resolve().parent
    execute([dnnc, model, "-o", folder / "model.cpp", f"--target={target}"])
    flags = ["-std=c++17", "-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=undefined", "-I", folder]
    execute(["g++", *flags, folder / "model.cpp", here / "contract.cpp", "-o", folder / "contract", "-pthread"])
    execute([folder / "contract"])


def symbolic(dnnc, folder, tally):
    """--set-dim, --input-shape, and a leading batch dimension that nobody set."""
    net = Network("residual", residual, {"opset": 17})
    for label, dims, options, batch in [
        ("--set-dim", ["N", 3, "H", 16], ["--set-dim=N=2", "--set-dim=H=16"], 2),
        ("--input-shape", [None, 3, None, None], ["--input-shape=in0=2x3x16x16"], 2),
        ("an unset batch", ["batch", 3, 16, 16], [], 1),
    ]:
        model = onnx.ModelProto()
        model.CopyFrom(net.model)
        for i, dim in enumerate(dims):
            d = model.graph.input[0].type.tensor_type.shape.dim[i]
            d.Clear()
            if isinstance(dim, str):
                d.dim_param = dim
            elif dim:
                d.dim_value = dim
        model.graph.output[0].type.tensor_type.shape.dim[0].Clear()
        inputs = {"in0": np.concatenate([net.inputs["in0"]] * batch) * np.linspace(1, 2, batch, dtype=np.float32).reshape(-1, 1, 1, 1)}

        def check(model=model, inputs=inputs, options=options, here=folder / label.replace(" ", "")):
            here.mkdir(parents=True)
            onnx.save(model, here / "model.onnx")
            values = reference(model, inputs)
            judge(run_executor(dnnc, here / "model.onnx", inputs, 1, here, options), (values, values), net.bound)

        tally.run(f"symbolic dimensions: {label}", check)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("-k", default="", metavar="TEXT", help="only networks whose name holds TEXT")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count()))
    parser.add_argument("-v", action="store_true")
    args = parser.parse_args()
    tally, dnnc, jobs = Tally(args.v), find_dnnc(), []
    nets = [Network(*n) for n in NETWORKS if args.k in n[0]]
    available = [t for t, reason in targets() if not reason]
    for target, reason in targets():
        if reason:
            tally.skip(f"target {target}", reason)

    def job(name, function, *rest):
        jobs.append((name, function, rest))

    for i, net in enumerate(nets):
        levels = [["-O0"], ["-O1"], ["-O2"], ["--exact"]] + [[f"--target={t}"] for t in available]
        for options in levels:
            job(f"{net.name} [executor {' '.join(options)}]", executor, net, options)
        job(f"{net.name} [--keep-tensor]", keep_tensors, net)
        job(f"{net.name} [same bytes]", same_bytes, net)
        for target in available:
            if args.full or (i % 4 == 0 and target == "avx2"):
                job(f"{net.name} [C++ {target}]", emitted, net, target)
            if args.full or (i % 6 == available.index(target)):
                job(f"{net.name} [contract {target}]", contract, net, target)
    some = [n for n in nets if n.name in ("residual", "half")]
    for net in some:
        for mode in ("inline", "incbin", "file"):
            job(f"{net.name} [--weights={mode}]", weights_mode, net, mode)
        job(f"{net.name} [--self-test]", self_test, net)
        for target in ("generic", "avx2", "avx512"):
            job(f"{net.name} [object {target}]", object_is_clean, net, target)
    for net in nets:  # without batch norms, which are folded into weights before these are rounded
        for kind in {"unet": ("f16", "bf16"), "inverted_residual_se": ("f16",), "shuffle_unit": ("bf16",)}.get(net.name, ()):
            job(f"{net.name} [--weights-type={kind}]", weights_type, net, kind)
    for net in [n for n in nets if n.name == "inverted_residual_se"]:
        for compiler in ("g++", "clang++-14", "clang++-19", "clang++"):
            if not shutil.which(compiler):
                tally.skip(f"C++ by {compiler}", f"{compiler} is not installed")
                continue
            for target in available if args.full or compiler != "clang++" else []:
                job(f"{net.name} [C++ {target}, {compiler} -O2]", emitted, net, target, (), ("-O2",), compiler)

    with workspace() as temporary:
        root = pathlib.Path(temporary)

        def run(item):
            number, (name, function, rest) = item
            tally.run(name, function, dnnc, rest[0], root / str(number), *rest[1:])
            shutil.rmtree(root / str(number), ignore_errors=True)

        parallel(run, list(enumerate(jobs)), args.jobs)
        if not args.k:
            symbolic(dnnc, root / "symbolic", tally)
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
