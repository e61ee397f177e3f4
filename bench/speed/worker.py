"""One peer in a process of its own, commanded over pipes; runs in that peer's Python environment and imports nothing of dnnc.

    worker.py PEER MODEL INPUTS.npz THREADS CORES

INPUTS.npz holds the inputs in the model's order and their `names`. Commands, a line each, answered by a line of JSON:
    time SECONDS   {"times": [milliseconds of each run]}
    save FILE.npz  {}: the outputs of the last run, in the model's order
The first line says {"version": …}, or {"error": …} where the peer cannot take the model.
"""
import json
import os
import sys
import time

import numpy as np


class OnnxRuntime:
    """All optimizations; inputs and outputs bound once."""

    def __init__(self, path, inputs, threads):
        import onnxruntime as ort

        ort.set_default_logger_severity(4)
        self.version = ort.__version__
        options = ort.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self.values = {name: ort.OrtValue.ortvalue_from_numpy(value) for name, value in inputs.items()}
        self.binding, names = session.io_binding(), [o.name for o in session.get_outputs()]
        for info in session.get_inputs():
            self.binding.bind_ortvalue_input(info.name, self.values[info.name])
        for name in names:
            self.binding.bind_output(name)
        session.run_with_iobinding(self.binding)
        self.results = self.binding.get_outputs()
        for name, value in zip(names, self.results):
            self.binding.bind_ortvalue_output(name, value)
        self.run = lambda: session.run_with_iobinding(self.binding)

    def outputs(self):
        return [value.numpy() for value in self.results]


class OpenVino:
    """f32 (it would take bf16 where the processor has it), latency."""

    def __init__(self, path, inputs, threads):
        import openvino as ov

        self.version = ov.__version__
        core = ov.Core()
        model = core.read_model(path)
        model.reshape({name: ov.PartialShape(list(value.shape)) for name, value in inputs.items() if name in {n for i in model.inputs for n in i.names}})
        hints = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1, "ENABLE_CPU_PINNING": False}
        self.request = core.compile_model(model, "CPU", hints).create_infer_request()
        self.tensors = [ov.Tensor(inputs[next(n for n in i.names if n in inputs)]) for i in model.inputs]
        for i, tensor in enumerate(self.tensors):
            self.request.set_input_tensor(i, tensor)
        self.run, self.count = self.request.infer, len(model.outputs)

    def outputs(self):
        return [np.array(self.request.get_output_tensor(i).data) for i in range(self.count)]


class Mnn:
    """precision "high": f32. Only runSession is timed, the copies into and out of its tensors are not."""

    def __init__(self, path, inputs, threads):
        import MNN

        self.mnn, self.version = MNN, MNN.version()
        self.net = MNN.Interpreter(path)
        self.session = self.net.createSession({"backend": "CPU", "numThread": threads, "precision": "high"})
        places = self.net.getSessionInputAll(self.session)
        for name, value in inputs.items():
            self.net.resizeTensor(places[name], value.shape)
        self.net.resizeSession(self.session)
        kinds = {"float32": MNN.Halide_Type_Float, "int32": MNN.Halide_Type_Int, "int64": MNN.Halide_Type_Int64, "uint8": MNN.Halide_Type_Uint8}
        for name, value in inputs.items():
            places[name].copyFrom(MNN.Tensor(value.shape, kinds[str(value.dtype)], value, MNN.Tensor_DimensionType_Caffe))
        self.names = json.load(open(path + ".outputs"))
        self.run = lambda: self.net.runSession(self.session)

    def outputs(self):
        results = []
        for name in self.names:
            place = self.net.getSessionOutput(self.session, name)
            shape = place.getShape()
            host = self.mnn.Tensor(shape, place.getDataType(), np.zeros(shape, np.float32), self.mnn.Tensor_DimensionType_Caffe)
            place.copyToHostTensor(host)
            results.append(np.array(host.getNumpyData()).reshape(shape))
        return results


class Ncnn:
    """f32: 16-bit storage and arithmetic off. No batch: the leading dim of 1 goes."""

    def __init__(self, path, inputs, threads):
        import ncnn

        self.version = ncnn.__version__
        self.net = ncnn.Net()
        for option in ("use_fp16_packed", "use_fp16_storage", "use_fp16_arithmetic", "use_bf16_storage", "use_vulkan_compute"):
            setattr(self.net.opt, option, False)
        self.net.opt.num_threads = threads
        if self.net.load_param(path + ".param") or self.net.load_model(path + ".bin"):
            raise RuntimeError("it does not load what pnnx wrote")
        if any(value.ndim > 1 and value.shape[0] != 1 for value in inputs.values()):
            raise RuntimeError("ncnn has no batches")
        self.kept = [np.ascontiguousarray(value[0] if value.ndim > 1 else value) for value in inputs.values()]
        self.mats = [ncnn.Mat(value).clone() for value in self.kept]
        self.places, self.names = list(self.net.input_names()), list(self.net.output_names())

    def run(self):
        extractor = self.net.create_extractor()
        for name, mat in zip(self.places, self.mats):
            extractor.input(name, mat)
        self.results = []
        for name in self.names:
            code, mat = extractor.extract(name)
            if code:
                raise RuntimeError(f"ncnn cannot compute {name}")
            self.results.append(mat)

    def outputs(self):
        return [np.array(mat) for mat in self.results]


PEERS = {"onnxruntime": OnnxRuntime, "openvino": OpenVino, "MNN": Mnn, "ncnn": Ncnn}


def timed(run, seconds):
    run()  # wakes the pool
    times, end = [], time.perf_counter() + seconds
    while len(times) < 3 or time.perf_counter() < end:
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1e3)
    return times


def main():
    peer, path, inputs, threads, cores = sys.argv[1:]
    # What a peer prints must not get between the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    answer = lambda value: print(json.dumps(value), file=answers, flush=True)  # noqa: E731
    os.sched_setaffinity(0, set(map(int, cores.split(","))))
    os.environ["OMP_NUM_THREADS"] = threads
    with np.load(inputs) as file:
        values = {str(name): np.ascontiguousarray(file[f"arr_{i}"]) for i, name in enumerate(file["names"])}
    try:
        side = PEERS[peer](path, values, int(threads))
        side.run()
    except Exception as error:
        return answer({"error": f"{type(error).__name__}: {error}".split("\n")[0][:200]})
    answer({"version": side.version})
    for line in sys.stdin:
        command, value = line.split(maxsplit=1)
        if command == "time":
            answer({"times": timed(side.run, float(value))})
        else:
            np.savez(value.strip(), *side.outputs())
            answer({})


if __name__ == "__main__":
    main()
