"""Bars of each table, speed relative to the fastest peer. Reads report.py's JSON; runs where matplotlib is: plot.py FOLDER/STEM"""
import json
import sys

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402

matplotlib.rcParams["svg.hashsalt"] = "dnnc"  # the same figures give the same file
COLORS = {"onnxruntime": "#9aa5b1", "openvino": "#6f8fb5", "MNN": "#c9a66b", "ncnn": "#a3b18a"}


def plot(members, path):
    sides = list(dict.fromkeys(side for m in members for side in m["sides"]))
    figure, axes = plt.subplots(figsize=(max(6, 1.1 * len(members) + 1), 3.2))
    width = 0.8 / len(sides)
    for i, side in enumerate(sides):
        at, height = [], []
        for x, m in enumerate(members):
            best = min((v for s, v in m["sides"].items() if s in COLORS), default=None)
            if side in m["sides"] and best:
                at.append(x + (i - (len(sides) - 1) / 2) * width)
                height.append(best / m["sides"][side])
        axes.bar(at, height, width, label=side, color=COLORS.get(side, ["#d1495b", "#edae49"][i % 2]))
    axes.axhline(1, color="black", linewidth=0.6)
    axes.set_xticks(range(len(members)), [m["network"] for m in members], rotation=25, ha="right", fontsize=8)
    axes.set_ylabel("speed, fastest peer = 1", fontsize=8)
    axes.tick_params(axis="y", labelsize=8)
    axes.legend(fontsize=7, ncol=len(sides), frameon=False, loc="upper center", bbox_to_anchor=(0.5, 1.15))
    for edge in ("top", "right"):
        axes.spines[edge].set_visible(False)
    figure.savefig(path, bbox_inches="tight", metadata={"Date": None})
    plt.close(figure)


for name, members in json.load(sys.stdin).items():
    plot(members, f"{sys.argv[1]}-{name}.svg")
