"""Cases merged into one model of many small graphs, which costs one dnnc and one g++ call.

A case has `model`, `inputs` {name: array}, `expected` (one for each output) and a name, its str().
"""
import onnx

from support import build_program, run_executor, run_program

SIZE = 24  # cases in one merged model


def merge(cases):
    """One model holding every case's graph under its own prefix, and its inputs."""
    if len(cases) == 1:
        return cases[0].model, cases[0].inputs
    merged = onnx.ModelProto()
    merged.CopyFrom(cases[0].model)
    merged.graph.Clear()
    merged.graph.name = "merged"
    del merged.functions[:]
    inputs = {}
    for i, case in enumerate(cases):
        part = onnx.compose.add_prefix(case.model, f"c{i}_")
        merged.functions.extend(part.functions)
        for key in ("node", "initializer", "input", "output", "value_info"):
            getattr(merged.graph, key).extend(getattr(part.graph, key))
        inputs.update({f"c{i}_{k}": v for k, v in case.inputs.items()})
    return merged, inputs


def run_batch(dnnc, cases, target, way, folder, tally, judge, flags=("-O1",)):
    """Runs a merged model, way "executor" or "C++", and judges each case by `judge(case, outputs)`. When it fails to build or run, its halves,
    down to the case that is the reason."""
    label = f"{way} {target}"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        model, inputs = merge(cases)
        count = len(model.graph.output)
        onnx.save(model, folder / "model.onnx")
        options = [f"--target={target}"]
        if way == "executor":
            outputs = run_executor(dnnc, folder / "model.onnx", inputs, count, folder, options)
        else:
            program = build_program(dnnc, folder / "model.onnx", folder, [*options, "--name=model"], flags)
            outputs, _ = run_program(program, inputs, count, folder)
    except Exception as error:
        if len(cases) == 1:
            tally.fail(f"{cases[0]} [{label}]", error)
        else:
            half = len(cases) // 2
            for name, part in (("a", cases[:half]), ("b", cases[half:])):
                run_batch(dnnc, part, target, way, folder / name, tally, judge, flags)
        return
    for case in cases:
        mine, outputs = outputs[: len(case.expected)], outputs[len(case.expected) :]
        tally.run(f"{case} [{label}]", judge, case, mine)


def batches(cases, size=SIZE):
    """Lists of cases that can be merged: those of the same operator sets. A prefix does not reach what a body takes from outside it."""
    has_body = lambda case: any(a.HasField("g") for n in case.model.graph.node for a in n.attribute)  # noqa: E731
    groups, alone = {}, [[case] for case in cases if has_body(case)]
    for case in cases:
        if has_body(case):
            continue
        opsets = tuple(sorted((o.domain, o.version) for o in case.model.opset_import))
        groups.setdefault((opsets, case.model.ir_version), []).append(case)
    return alone + [group[i : i + size] for group in groups.values() for i in range(0, len(group), size)]
