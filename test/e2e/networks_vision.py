"""Cells and heads of vision networks, small: what networks.py is for structures, these are for architectures."""
import numpy as np


def depthwise_separable(n, x, c, kernel, dilation=1):
    """ReLU, dilated depthwise, pointwise, batch norm."""
    pad = dilation * (kernel - 1) // 2
    y = n.node("Conv", n.relu(x), n.weight(c, 1, kernel, kernel), group=c, pads=[pad] * 4, dilations=[dilation] * 2)
    return n.bn(n.conv(y, c, c, kernel=1, bias=False), c)


def average(n, x):
    return n.node("AveragePool", x, kernel_shape=[3, 3], pads=[1] * 4)


def largest(n, x):
    return n.node("MaxPool", x, kernel_shape=[3, 3], pads=[1] * 4)


def squeeze(n, x, inputs, c):
    return n.bn(n.conv(n.relu(x), inputs, c, kernel=1, bias=False), c)


def darts_cell(n):
    """The normal cell of DARTS' second order search: separable, dilated separable convolutions and skips of two inputs."""
    stem = n.bn(n.conv(n.input((1, 3, 14, 14)), 3, 24), 24)
    a, b = squeeze(n, stem, 24, 16), squeeze(n, n.conv(stem, 24, 24), 24, 16)
    separable = lambda x: depthwise_separable(n, depthwise_separable(n, x, 16, 3), 16, 3)
    s0 = n.node("Add", separable(a), separable(b))
    s1 = n.node("Add", separable(a), separable(b))
    s2 = n.node("Add", separable(b), a)
    s3 = n.node("Add", a, depthwise_separable(n, s0, 16, 3, dilation=2))
    return [n.dense(n.node("Flatten", n.node("GlobalAveragePool", n.node("Concat", s0, s1, s2, s3, axis=1))), 64, 10)]


def nasnet_cell(n):
    """The normal cell of NASNet-A: five sums of pairs, all concatenated with the input before."""
    stem = n.bn(n.conv(n.input((1, 3, 12, 12)), 3, 20), 20)
    before, here = squeeze(n, stem, 20, 11), squeeze(n, n.conv(stem, 20, 20), 20, 11)
    separable = lambda x, k: depthwise_separable(n, depthwise_separable(n, x, 11, k), 11, k)
    sums = [n.node("Add", separable(here, 3), here), n.node("Add", separable(before, 3), separable(here, 5)),
            n.node("Add", average(n, here), before), n.node("Add", average(n, before), average(n, before)),
            n.node("Add", separable(before, 5), separable(before, 3))]
    return [n.conv(n.node("Concat", before, *sums, axis=1), 66, 8, kernel=1)]


def sphereface20(n):
    """SphereFace-20 at an eighth of its width: 20 convolutions with PReLU, four strided, residual pairs between, no batch norm."""
    prelu = lambda x, c: n.node("PRelu", x, n.weight(c, 1, 1, low=0.1))
    x, c = n.input((1, 3, 56, 48)), 3
    for width, pairs in ((8, 1), (16, 2), (32, 4), (64, 1)):
        x, c = prelu(n.conv(x, c, width, stride=2), width), width
        for _ in range(pairs):
            y = prelu(n.conv(prelu(n.conv(x, c, c, bias=False), c), c, c, bias=False), c)
            x = n.node("Add", x, y)
    return [n.dense(n.node("Flatten", x), 64 * 4 * 3, 32)]


def dilated_pyramid(n):
    """DeepLab v3: atrous spatial pyramid pooling with an image branch, and upsampling to the input's size."""
    x = n.relu(n.bn(n.conv(n.input((1, 3, 33, 41)), 3, 24, stride=2), 24))  # 17x21
    branches = [n.relu(n.bn(n.conv(x, 24, 16, kernel=1, bias=False), 16))]
    for d in (2, 4, 6):
        y = n.node("Conv", x, n.weight(16, 24, 3, 3), dilations=[d, d], pads=[d] * 4)
        branches.append(n.relu(n.bn(y, 16)))
    pooled = n.relu(n.conv(n.node("GlobalAveragePool", x), 24, 16, kernel=1))
    resize = dict(mode="linear", coordinate_transformation_mode="pytorch_half_pixel", cubic_coeff_a=-0.75, nearest_mode="floor")
    branches.append(n.node("Resize", pooled, "", "", n.ints(1, 16, 17, 21), **resize))
    y = n.relu(n.bn(n.conv(n.node("Concat", *branches, axis=1), 80, 16, kernel=1, bias=False), 16))
    return [n.node("Resize", n.conv(y, 16, 5, kernel=1), "", "", n.ints(1, 5, 33, 41), **resize)]


def ssd_heads(n):
    """Classes and boxes of three maps, each its own anchors, joined; boxes decoded against constant priors, L2Norm on the first map."""
    x = n.relu(n.conv(n.input((1, 3, 24, 24)), 3, 16, stride=2))  # 12x12
    maps, sizes, anchors, classes = [x], [12, 6, 3], [4, 6, 4], 5
    for _ in range(2):
        maps.append(n.relu(n.conv(maps[-1], 16, 16, stride=2)))
    norm = n.node("ReduceL2", maps[0], axes=[1], keepdims=1)
    maps[0] = n.node("Mul", n.node("Div", maps[0], norm), n.weight(16, 1, 1, low=0.5))
    joined = []
    for width in (classes, 4):
        parts = []
        for m, size, k in zip(maps, sizes, anchors):
            y = n.node("Transpose", n.conv(m, 16, k * width), perm=[0, 2, 3, 1])
            parts.append(n.node("Reshape", y, n.ints(1, size * size * k, width)))
        joined.append(n.node("Concat", *parts, axis=1))
    count = sum(s * s * k for s, k in zip(sizes, anchors))
    scores = n.node("Softmax", joined[0], axis=2)
    centers, extents = n.node("Split", joined[1], n.ints(2, 2), outputs=2, axis=2)
    priors, prior_sizes = n.weight(1, count, 2, low=0.0), n.weight(1, count, 2, low=0.1)
    centers = n.node("Add", n.node("Mul", n.node("Mul", centers, n.scalar(0.1)), prior_sizes), priors)
    half = n.node("Mul", n.node("Mul", n.node("Exp", n.node("Mul", extents, n.scalar(0.2))), prior_sizes), n.scalar(0.5))
    return [scores, n.node("Concat", n.node("Sub", centers, half), n.node("Add", centers, half), axis=2)]


def retina_heads(n):
    """One subnet over three levels with shared weights, each with a group norm's worth of towers, sigmoid scores."""
    c3 = n.relu(n.conv(n.input((1, 3, 24, 32)), 3, 12))
    c4 = n.relu(n.conv(c3, 12, 12, stride=2))
    levels = [c3, c4, n.conv(n.relu(c4), 12, 12, stride=2)]
    tower = [(n.weight(12, 12, 3, 3), n.weight(12)) for _ in range(2)]
    head, bias, anchors, classes = n.weight(6 * 4, 12, 3, 3), n.weight(6 * 4), 6, 4
    parts = []
    for (h, w), x in zip(((24, 32), (12, 16), (6, 8)), levels):
        for weight in tower:
            x = n.relu(n.node("Conv", x, *weight, pads=[1] * 4))
        y = n.node("Conv", x, head, bias, pads=[1] * 4)
        y = n.node("Transpose", n.node("Reshape", y, n.ints(1, anchors, classes, h, w)), perm=[0, 3, 4, 1, 2])
        parts.append(n.node("Reshape", y, n.ints(1, h * w * anchors, classes)))
    return [n.node("Sigmoid", n.node("Concat", *parts, axis=1))]


def warp(n):
    """Optical flow: one map sampled where a flow points, added to a constant grid, as RAFT and PWC-Net do."""
    a, b = n.conv(n.input((2, 3, 12, 16)), 3, 20), n.conv(n.input((2, 3, 12, 16)), 3, 20)
    flow = n.node("Transpose", n.conv(n.node("Concat", a, b, axis=1), 40, 2), perm=[0, 2, 3, 1])
    ys, xs = np.meshgrid(np.linspace(-1, 1, 12), np.linspace(-1, 1, 16), indexing="ij")
    grid = n.node("Add", n.node("Mul", flow, n.scalar(0.1)), n.const(np.stack([xs, ys], -1)[None].astype(np.float32)))
    moved = n.node("GridSample", b, grid, mode="bilinear", align_corners=1)
    return [n.conv(n.node("Concat", a, moved, axis=1), 40, 4)]


def volumes(n):
    """A 3-D encoder and decoder: convolutions, pooling and a transposed convolution over depth, rows and columns."""
    x = n.input((1, 2, 8, 10, 12))
    conv = lambda y, i, o: n.bn(n.node("Conv", y, n.weight(o, i, 3, 3, 3), pads=[1] * 6), o)
    a = n.relu(conv(x, 2, 8))
    b = n.relu(conv(n.node("MaxPool", a, kernel_shape=[2] * 3, strides=[2] * 3), 8, 16))
    up = n.node("ConvTranspose", b, n.weight(16, 8, 2, 2, 2), n.weight(8), strides=[2] * 3)
    return [conv(n.node("Concat", a, up, axis=1), 16, 3)]


VISION = [(f.__name__, f, {"opset": 17}) for f in (darts_cell, nasnet_cell, sphereface20, dilated_pyramid, ssd_heads, retina_heads, warp, volumes)]
