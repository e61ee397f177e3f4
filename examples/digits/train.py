#!/usr/bin/python3
"""Trains the example network on the handwritten digits of scikit-learn and writes digits.onnx and digits.bin beside this file.

    tools/setup.sh train && examples/digits/train.py [OUT_DIR]

Runs under Debian's python3 (PyTorch 1.13, NumPy); of the PyPI package scikit-learn only the file of digits is read.
digits.bin holds the held-out images: 65 bytes each, 64 grey values in 0..16, row by row, then the label.
"""
import copy
import pathlib
import sys

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

HERE = pathlib.Path(__file__).resolve().parent
HELD_OUT = 360
EPOCHS = 60


def load():
    csv = next(HERE.parents[1].glob(".venv/lib/python3*/site-packages/sklearn/datasets/data/digits.csv.gz"), None)
    if csv is None:
        sys.exit("scikit-learn's digits.csv.gz is not in .venv: run tools/setup.sh train")
    rows = np.loadtxt(csv, delimiter=",").astype(np.uint8)
    return np.random.RandomState(0).permutation(rows)  # legacy generator: the same split on every NumPy


class Digits(nn.Module):
    """A stem, a residual block, two parallel branches concatenated, two kinds of pooling, a dense head: 29,000 parameters."""

    def __init__(self):
        super().__init__()

        def conv_bn(inputs, outputs, size):
            return nn.Sequential(nn.Conv2d(inputs, outputs, size, padding=size // 2, bias=False), nn.BatchNorm2d(outputs))

        self.stem = conv_bn(1, 16, 3)
        self.res1, self.res2 = conv_bn(16, 16, 3), conv_bn(16, 16, 3)
        self.point, self.wide = conv_bn(16, 16, 1), conv_bn(16, 24, 3)
        self.mix = conv_bn(40, 32, 3)
        self.hidden, self.head = nn.Linear(128, 64), nn.Linear(64, 10)

    def features(self, x):
        x = F.relu(self.stem(x))
        x = F.relu(x + self.res2(F.relu(self.res1(x))))
        x = torch.cat([F.relu(self.point(x)), F.relu(self.wide(x))], 1)
        x = F.relu(self.mix(F.max_pool2d(x, 2)))
        x = torch.flatten(F.avg_pool2d(x, 2), 1)
        return self.head(F.dropout(F.relu(self.hidden(x)), 0.3, self.training))

    def forward(self, x):
        x = self.features(x)
        return x if self.training else torch.softmax(x, 1)


def shifted(x, generator):
    """Each batch moved by up to one pixel: the only augmentation."""
    dy, dx = torch.randint(0, 3, (2,), generator=generator).tolist()
    return F.pad(x, (1, 1, 1, 1))[:, :, dy : dy + 8, dx : dx + 8]


def train(x, y):
    net = Digits()
    generator = torch.Generator().manual_seed(1)
    optimizer = torch.optim.AdamW(net.parameters(), weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 5e-3, epochs=EPOCHS, steps_per_epoch=-(-len(x) // 64))
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(x), generator=generator).split(64):
            optimizer.zero_grad()
            F.cross_entropy(net(shifted(x[batch], generator)), y[batch], label_smoothing=0.05).backward()
            optimizer.step()
            schedule.step()
    return net.eval()


def main():
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    torch.manual_seed(0)
    torch.set_num_threads(1)
    rows = load()
    x = torch.from_numpy(rows[:, :64].astype(np.float32) / 16).reshape(-1, 1, 8, 8)
    y = torch.from_numpy(rows[:, 64].astype(np.int64))
    net = train(x[:-HELD_OUT], y[:-HELD_OUT])
    with torch.no_grad():
        right = (net(x[-HELD_OUT:]).argmax(1) == y[-HELD_OUT:]).sum().item()
    print(f"{right} of {HELD_OUT} held-out digits right: {100 * right / HELD_OUT:.1f} %")
    rows[-HELD_OUT:].tofile(out / "digits.bin")
    torch.onnx.export(
        copy.deepcopy(net), x[:1], str(out / "digits.onnx"), opset_version=13, input_names=["image"], output_names=["probabilities"],
        dynamic_axes={"image": {0: "N"}, "probabilities": {0: "N"}},
        training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False)  # keeps BatchNormalization for dnnc to fold
    sys.exit(right < 0.97 * HELD_OUT)


if __name__ == "__main__":
    main()
