#!/usr/bin/env python3
"""Exports networks of torchvision to ONNX with seeded random weights: for a Python that has torch and torchvision.

    python3 tools/export_torchvision.py FOLDER [NAME ...]

Batch norms get statistics of a random batch: with the initial ones activations would grow from block to block. How far f32 is from f64 then,
in torch, is written beside each network as NAME.distance. Files that are there already are kept. Prints one name per line as each is done.
"""
import os
import pathlib
import sys

import torch
import torchvision
from torch import nn
from torchvision.models import detection, optical_flow, segmentation

OPSET = 16
IMAGE = (1, 3, 224, 224)
CONDITIONED = 3e-6  # relative L2 distance of f32 from f64 that a network may have


class Heads(nn.Module):
    """Backbone and heads of a detector: what comes before anchors and non-maximum suppression."""

    def __init__(self, detector):
        super().__init__()
        self.backbone, self.head = detector.backbone, detector.head

    def forward(self, x):
        outputs = self.head(list(self.backbone(x).values()))
        return outputs["cls_logits"], outputs["bbox_regression"]


class Segmentation(nn.Module):
    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, x):
        return self.network(x)["out"]


class Flow(nn.Module):
    def __init__(self, network, updates):
        super().__init__()
        self.network, self.updates = network, updates

    def forward(self, a, b):
        return self.network(a, b, num_flow_updates=self.updates)[-1]


def classifier(name, shape=IMAGE, **options):
    return lambda: getattr(torchvision.models, name)(weights=None, **options), shape


def segmenter(name):
    return lambda: Segmentation(getattr(segmentation, name)(weights=None, weights_backbone=None)), (1, 3, 128, 160)


# name: (how to make it, the shape of its input, or of each of two)
NETWORKS = {name: classifier(name) for name in (
    "resnet34", "resnet101", "resnet152", "resnext50_32x4d", "resnext101_32x8d", "densenet121", "mobilenet_v3_small", "mobilenet_v3_large",
    "efficientnet_b0", "efficientnet_v2_s", "regnet_y_400mf", "regnet_x_800mf", "convnext_tiny", "swin_t")}
NETWORKS["inception_v3"] = classifier("inception_v3", (1, 3, 299, 299), init_weights=True, aux_logits=False)
NETWORKS["efficientnet_b3"] = classifier("efficientnet_b3", (1, 3, 300, 300))
NETWORKS["deeplabv3_resnet50"] = segmenter("deeplabv3_resnet50")
NETWORKS["fcn_resnet50"] = segmenter("fcn_resnet50")
NETWORKS["retinanet_resnet50_fpn"] = lambda: Heads(detection.retinanet_resnet50_fpn(weights=None, weights_backbone=None)), (1, 3, 192, 256)
NETWORKS["ssd300_vgg16"] = lambda: Heads(detection.ssd300_vgg16(weights=None, weights_backbone=None)), (1, 3, 300, 300)
NETWORKS["raft_large"] = lambda: Flow(optical_flow.raft_large(weights=None), 4), (1, 3, 128, 256)


def fit_statistics(norm, operands):
    """As training would: centered, and divided by the deviation."""
    dims = [0, *range(2, operands[0].dim())]
    norm.running_mean.copy_(operands[0].mean(dims))
    norm.running_var.copy_(operands[0].var(dims, unbiased=False))
    nn.init.uniform_(norm.weight, 0.5, 1.5)
    nn.init.uniform_(norm.bias, -0.5, 0.5)


def fit_size(norm, operands):
    """Divided by the root mean square, for networks where a deviation can be far smaller than the mean; scales below 1 tame gates."""
    fit_statistics(norm, operands)
    norm.running_var.add_(norm.running_mean.square())
    nn.init.uniform_(norm.weight, 0.4, 1.0)
    nn.init.uniform_(norm.bias, -0.2, 0.2)


def fit_positive(norm, operands):
    """Divided by the root mean square and not centered, with positive offsets, for networks so deep that what cancels in each layer adds up."""
    norm.running_mean.zero_()
    norm.running_var.copy_(operands[0].square().mean([0, *range(2, operands[0].dim())]))
    nn.init.uniform_(norm.weight, 0.4, 1.0)
    nn.init.uniform_(norm.bias, 0.0, 0.5)


def build(name, fit):
    """The network, its inputs, and how far f32 is from f64 on it (relative L2; of optical flow, from f32 on inputs that are rounded otherwise)."""
    make, shape = NETWORKS[name]
    torch.manual_seed(sum(name.encode()))
    model = make().eval()
    flow = isinstance(model, Flow)
    batch = [torch.randn(1 if flow else 2, *shape[1:]) for _ in range(2 if flow else 1)]
    norms = [m for m in model.modules() if isinstance(m, (nn.BatchNorm2d, nn.BatchNorm1d))]
    hooks = [m.register_forward_pre_hook(fit) for m in norms]
    model(*batch)
    for hook in hooks:
        hook.remove()
    inputs = tuple(x[:1] for x in batch)
    listed = lambda y: y if isinstance(y, tuple) else (y,)
    narrow = listed(model(*inputs))
    if flow:  # makes coordinates in f32 itself: how far the result moves with its inputs' last bits
        other = listed(model(*(x * (1 + torch.empty_like(x).uniform_(-1, 1) * 2**-23) for x in inputs)))
    else:
        other = listed(model.double()(*(x.double() for x in inputs)))
    return model.float(), inputs, max(float((a - b).norm() / b.norm()) for a, b in zip(narrow, other))


def export(name, folder):
    """With the first way to fit batch norms that makes the network well-conditioned, else the best one."""
    tried = []
    with torch.no_grad():
        for fit in (fit_statistics, fit_size, fit_positive):
            tried.append((build(name, fit)[2], fit))
            if tried[-1][0] <= CONDITIONED:
                break
        distance, fit = min(tried, key=lambda t: t[0])
        model, inputs, _ = build(name, fit)
        file = folder / f"{name}.part"
        torch.onnx.export(model, inputs, str(file), opset_version=OPSET, do_constant_folding=True, input_names=["a", "b"][: len(inputs)])
    (folder / f"{name}.distance").write_text(f"{distance}\n")
    os.rename(file, folder / f"{name}.onnx")


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[2:] or NETWORKS:
        if not (folder / f"{name}.onnx").exists():
            export(name, folder)
        print(name, flush=True)


if __name__ == "__main__":
    main()
