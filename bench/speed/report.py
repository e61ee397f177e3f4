"""The figures as text: one line while measuring, a page of Markdown with geometric means at the end."""
import json
import math
import pathlib
import subprocess

from speed.machine import ROOT, label
from speed.networks import GROUPS

TITLES = {"cnn": "Convolutional networks", "tiny": "Tiny networks", "others": "Other networks", "int8": "Quantized (QDQ, u8 and i8 per channel)",
          "int7": "Quantized, weights of 7 bits", "batch": "Batches (NAME@SIZE)", "transformers": "Transformers", "given": "Further networks"}
PEERS = ["onnxruntime", "openvino", "MNN", "ncnn"]


def number(ms):
    return f"{ms:.4f}" if ms < 1 else f"{ms:.3f}" if ms < 10 else f"{ms:.2f}" if ms < 100 else f"{ms:.1f}"


def ours(result):
    return next(label for label in result["sides"] if label.startswith("dnnc"))


def best_peer(result, key="min"):
    """(name, milliseconds) of the fastest peer, or None."""
    peers = {p: result["sides"][p][key] for p in PEERS if p in result["sides"]}
    return min(peers.items(), key=lambda item: item[1]) if peers else None


def line(result):
    figures = "  ".join(f"{name} {number(side['min'])} ({number(side['median'])})" for name, side in result["sides"].items())
    best = best_peer(result)
    ratio = f"  {result['sides'][ours(result)]['min'] / best[1]:.2f} of {best[0]}" if best else ""
    reasons = "".join(f"  {name}: {why}" for name, why in result["reasons"].items())
    return f"{result['network']} x{result['threads']}: {figures}{ratio}{reasons}"


def mean(ratios):
    return f"{math.exp(sum(map(math.log, ratios)) / len(ratios)):.2f}" if ratios else "-"


def table(results):
    """One group at one number of threads: minima with medians, ratios below 1 where dnnc is faster, their geometric means."""
    results = sorted(results, key=lambda r: GROUPS[r["group"]].index(r["network"]) if r["group"] in GROUPS else 0)
    mine = list(dict.fromkeys(s for r in results for s in r["sides"] if s.startswith("dnnc")))
    peers = [p for p in PEERS if any(p in r["sides"] for r in results)]
    head = ["network", *mine, *peers, "best peer", "dnnc / best"]
    lines = ["| " + " | ".join(head) + " |", "|---" + "|---:" * (len(head) - 1) + "|"]
    ratios = {p: [] for p in [*peers, "best"]}
    for r in results:
        cells, first = [r["network"]], r["sides"][ours(r)]
        for side in [*mine, *peers]:
            s = r["sides"].get(side)
            cells.append(f"{number(s['min'])} ({number(s['median'])})" if s else "-")
            if s and side in peers:
                ratios[side].append(first["min"] / s["min"])
        best = best_peer(r)
        cells += [best[0], f"**{first['min'] / best[1]:.2f}**"] if best else ["-", "-"]
        ratios["best"] += [first["min"] / best[1]] if best else []
        lines.append("| " + " | ".join(cells) + " |")
    means = ["geometric mean, dnnc / peer", *[""] * len(mine), *(mean(ratios[p]) for p in peers), "", f"**{mean(ratios['best'])}**"]
    return "\n".join([*lines, "| " + " | ".join(means) + " |"])


def costs(results):
    lines = ["| network | dnnc s | MB | g++ -O2 s | MB | source MB |", "|---|---:|---:|---:|---:|---:|"]
    for r in {r["network"]: r for r in results}.values():
        if c := r["sides"][ours(r)]["cost"]:
            lines.append(f"| {r['network']} | {c['dnnc_s']:.1f} | {c['dnnc_mb']:.0f} | {c['cxx_s']:.1f} | {c['cxx_mb']:.0f} | {c['source_mb']:.2f} |")
    return "\n".join(lines)


def page(facts, results):
    """(Markdown, the results of each table by its name)."""
    versions = {name: side["version"] for r in results for name, side in r["sides"].items() if side.get("version")}
    parts = [f"# Speed on {label(facts['flags'])}", "Milliseconds, minimum (median) of interleaved rounds; ratios are of minima, below 1 where dnnc is faster. "
             "How they are measured: [benchmarks](../benchmarks.md).", "\n".join(f"- {key}: {fact}" for key, fact in [*facts.items(), ("peers", versions)])]
    tables = {}
    for group in [*GROUPS, "given"]:
        for threads in sorted({r["threads"] for r in results if r["group"] == group}):
            members = [r for r in results if r["group"] == group and r["threads"] == threads]
            name = f"{group}-{threads}"
            tables[name] = members
            parts += [f"## {TITLES[group]}, {threads} thread{'s' if threads > 1 else ''}", table(members)]
            skipped = "\n".join(f"- {r['network']}, {who}: {why}" for r in members for who, why in r["reasons"].items())
            parts += [f"Not timed:\n\n{skipped}"] if skipped else []
    for threads in sorted({r["threads"] for r in results}):
        means = []
        for peer in PEERS:
            ratios = [r["sides"][ours(r)]["min"] / r["sides"][peer]["min"] for r in results if r["threads"] == threads and peer in r["sides"]]
            means += [f"{peer} {mean(ratios)} ({len(ratios)} networks)"] if ratios else []
        best = [r["sides"][ours(r)]["min"] / best_peer(r)[1] for r in results if r["threads"] == threads and best_peer(r)]
        parts.append(f"All groups, {threads} thread{'s' if threads > 1 else ''}, geometric means of dnnc / peer: {', '.join(means)}; the best of all {mean(best)}.")
    parts += ["## What compiling costs", "Seconds, and the peak memory of the largest process.", costs(results)]
    return "\n\n".join(parts) + "\n", tables


def write(folder, facts, text, tables):
    """docs/results/cpu-FLAGS.md, and a plot of each table where matplotlib is installed."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"cpu-{label(facts['flags'])}"
    python = ROOT / ".venv-bench" / "bin" / "python"
    bars = {name: [{"network": r["network"], "sides": {s: v["min"] for s, v in r["sides"].items()}} for r in members] for name, members in tables.items()}
    try:
        subprocess.run([python, pathlib.Path(__file__).with_name("plot.py"), folder / stem], input=json.dumps(bars), text=True, check=True)
        for name, members in tables.items():
            heading = f"## {TITLES[members[0]['group']]}, {members[0]['threads']} thread"
            start = text.index("\n\n", text.index(heading))
            text = f"{text[:start]}\n\n![dnnc and its peers]({stem}-{name}.svg){text[start:]}"
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"no plots: {error}")
    (folder / f"{stem}.md").write_text(text)
    print(f"wrote {folder / stem}.md")
