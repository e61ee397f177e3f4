"""Sampling, regions, folding, poolings and convolutions over three dims, sequences: ImportSpatial.cpp and ImportSequences.cpp."""
import itertools

import numpy as np

from case import EXACT, Const, op, scale, sum_of, ulp, uniform

F = "spatial"


def grids(name, shape):
    """Places inside, and some outside: up to half an image beyond the border."""
    return uniform(name, shape, low=-1.5, high=1.5)


def grid_sample():
    # Coordinates in f32 are off by about 2^-22 of an image's size on either side, which moves a result by that much of a step between
    # pixels: 2 * size * 2^-22 of the values' magnitude, plus the sums' own errors.
    for mode, padding, align in itertools.product(("bilinear", "nearest", "bicubic"), ("zeros", "border", "reflection"), (0, 1)):
        for x, g in [((2, 3, 7, 9), (2, 5, 4, 2)), ((1, 37, 6, 5), (1, 3, 8, 2)), ((1, 1, 8, 8), (1, 4, 4, 2))]:
            name = f"grid{mode}{padding}{align}{x}"
            yield op(F, "GridSample", [uniform(name, x), grids(name + "g", g)], EXACT if mode == "nearest" else scale(128), 16, mode=mode,
                     padding_mode=padding, align_corners=align)
    yield op(F, "GridSample", [uniform("gs20", (1, 4, 6, 6)), grids("gs20g", (1, 3, 3, 2))], scale(128), 20, mode="linear")
    yield op(F, "GridSample", [uniform("gs22", (1, 70, 6, 6)), grids("gs22g", (1, 3, 3, 2))], scale(128), 20, mode="cubic", align_corners=1)
    for mode, padding, align in itertools.product(("linear", "nearest"), ("zeros", "border", "reflection"), (0, 1)):
        name = f"grid3{mode}{padding}{align}"
        yield op(F, "GridSample", [uniform(name, (1, 3, 4, 5, 6)), grids(name + "g", (1, 3, 4, 5, 3))], EXACT if mode == "nearest" else scale(128), 20,
                 mode=mode, padding_mode=padding, align_corners=align)
    far = np.array([[[[1e6, 0], [-1e6, 1e5], [3, -7], [100, 100]]]], np.float32)
    for padding in ("zeros", "border"):
        yield op(F, "GridSample", [uniform("far", (1, 3, 5, 6)), far], scale(128), 16, padding_mode=padding)
    yield op(F, "GridSample", [uniform("one", (1, 2, 1, 1)), grids("oneg", (1, 3, 3, 2))], scale(128), 16, padding_mode="border", align_corners=1)


def affine_grid():
    for align in (0, 1):
        yield op(F, "AffineGrid", [uniform(f"ag{align}", (2, 2, 3)), Const(np.array([2, 3, 5, 6], np.int64))], scale(16), 20, align_corners=align)
        yield op(F, "AffineGrid", [uniform(f"ag3{align}", (1, 3, 4)), Const(np.array([1, 3, 2, 5, 6], np.int64))], scale(16), 20, align_corners=align)


def regions():
    rois = np.array([[0, 0, 9, 9], [1.5, 2.25, 7.75, 8], [-3, -2, 4, 5], [6, 6, 20, 18], [3, 3, 3, 3], [8, 8, 2, 2]], np.float32)
    batch = np.array([0, 1, 0, 1, 0, 1], np.int64)
    for shape in [(2, 3, 10, 12), (2, 45, 10, 12)]:
        for mode, ratio in itertools.product(("avg", "max"), (0, 2)):
            name = f"roi{shape}{mode}{ratio}"
            for coordinates in ("half_pixel", "output_half_pixel"):
                # Sample places are off by a few 2^-24 of the box, see grid_sample.
                yield op(F, "RoiAlign", [uniform(name, shape), rois, batch], scale(128), 16, mode=mode, output_height=3, output_width=2,
                         sampling_ratio=ratio, spatial_scale=1.0, coordinate_transformation_mode=coordinates)
        yield op(F, "RoiAlign", [uniform("roi10", shape), rois, batch], scale(128), 10, output_height=2, output_width=2, spatial_scale=0.5)
    yield op(F, "RoiAlign", [uniform("roidef", (2, 4, 6, 6)), rois, batch], scale(128), 16)
    boxes = np.concatenate([batch[:, None], rois], 1).astype(np.float32)
    for shape in [(2, 3, 10, 12), (2, 45, 10, 12)]:
        yield op(F, "MaxRoiPool", [uniform(f"mrp{shape}", shape), boxes], EXACT, 13, pooled_shape=[3, 2], spatial_scale=1.0)
        yield op(F, "MaxRoiPool", [uniform(f"mrp{shape}s", shape), boxes], EXACT, 13, pooled_shape=[2, 2], spatial_scale=0.5)


def deform():
    """The reference is onnx.reference, in the type of the operands: places as in grid_sample, then a sum over all taps."""
    for x, w, groups, offset_groups, attrs in [
        ((1, 3, 6, 7), (4, 3, 3, 3), 1, 1, {"pads": [1] * 4}),
        ((2, 4, 6, 6), (6, 2, 2, 3), 2, 2, {"strides": [2, 1]}),
        ((1, 20, 5, 5), (3, 20, 3, 3), 1, 1, {"dilations": [2, 1], "pads": [2, 0, 1, 1]}),
    ]:
        name = f"deform{x}{w}"
        kh, kw = w[2:]
        pads, strides, dilations = attrs.get("pads", [0] * 4), attrs.get("strides", [1, 1]), attrs.get("dilations", [1, 1])
        oh, ow = ((x[i + 2] + pads[i] + pads[i + 2] - dilations[i] * (w[i + 2] - 1) - 1) // strides[i] + 1 for i in (0, 1))
        offset = uniform(name + "o", (x[0], 2 * offset_groups * kh * kw, oh, ow), low=-2, high=2)
        mask = uniform(name + "m", (x[0], offset_groups * kh * kw, oh, ow), low=0)
        bias = Const(uniform(name + "b", (w[0],)))
        common = dict(group=groups, offset_group=offset_groups, **attrs)
        yield op(F, "DeformConv", [uniform(name, x), Const(uniform(name + "w", w)), offset], scale(256), 19, **common)
        yield op(F, "DeformConv", [uniform(name, x), Const(uniform(name + "w", w)), offset, bias, mask], scale(256), 22, **common)
        yield op(F, "DeformConv", [uniform(name, x), uniform(name + "w", w), offset, None, mask], scale(256), 22, **common)


def ints(*values):
    return Const(np.array(values, np.int64))


def col2im():
    yield op(F, "Col2Im", [uniform("c2i", (1, 5, 5)), ints(5, 5), ints(1, 5)], sum_of(5), 18)
    yield op(F, "Col2Im", [uniform("c2ia", (2, 18, 36)), ints(8, 8), ints(3, 3)], sum_of(9), 18)
    yield op(F, "Col2Im", [uniform("c2ib", (1, 9, 4)), ints(5, 5), ints(3, 3)], sum_of(9), 18, strides=[2, 2])
    yield op(F, "Col2Im", [uniform("c2ic", (1, 12, 16)), ints(5, 6), ints(2, 3)], sum_of(6), 18, dilations=[2, 2], pads=[1, 1, 0, 1])
    yield op(F, "Col2Im", [uniform("c2id", (1, 4, 5)), ints(6, 6), ints(2, 2)], sum_of(4), 18, dilations=[1, 5], pads=[0, 0, 0, 0])
    yield op(F, "Col2Im", [uniform("c2ie", (1, 5, 15)), ints(5, 5), ints(1, 5)], sum_of(5), 18, pads=[0, 1, 0, 1])
    yield op(F, "Col2Im", [uniform("c2if", (1, 10, 12)), ints(3, 4, 5), ints(1, 1, 5)], sum_of(5), 18)


POOL3D = [
    ((1, 5, 6, 7, 8), {"kernel_shape": [2, 2, 2], "strides": [2, 2, 2]}),
    ((2, 35, 5, 6, 5), {"kernel_shape": [3, 3, 3], "strides": [2, 1, 2], "pads": [1, 1, 1, 1, 1, 1]}),
    ((1, 3, 5, 6, 5), {"kernel_shape": [1, 3, 2], "pads": [0, 1, 0, 0, 2, 1]}),
    ((1, 3, 7, 6, 5), {"kernel_shape": [3, 2, 2], "strides": [2, 2, 2], "auto_pad": "SAME_UPPER"}),
]


def pools():
    for shape, attrs in POOL3D:
        name = f"p3{shape}{attrs}"
        taps = int(np.prod(attrs["kernel_shape"]))
        yield op(F, "MaxPool", [uniform(name, shape)], EXACT, 12, **attrs)
        yield op(F, "AveragePool", [uniform(name, shape)], sum_of(taps), 11, **attrs)
        yield op(F, "AveragePool", [uniform(name, shape)], sum_of(taps), 11, count_include_pad=1, **attrs)
        yield op(F, "LpPool", [uniform(name, shape)], scale(4 * taps), 11, **attrs)
    for ceil in (0, 1):
        yield op(F, "MaxPool", [uniform(f"p3d{ceil}", (1, 4, 9, 8, 9))], EXACT, 12, kernel_shape=[3, 2, 3], dilations=[2, 3, 1], strides=[2, 1, 2], ceil_mode=ceil)
        yield op(F, "AveragePool", [uniform(f"p3c{ceil}", (1, 4, 9, 8, 9))], sum_of(18), 19, kernel_shape=[3, 2, 3], dilations=[2, 3, 1], strides=[2, 1, 2], ceil_mode=ceil)
    for p in (1, 2, 3):
        yield op(F, "LpPool", [uniform(f"lp{p}", (1, 9, 8, 7))], scale(64), 18, kernel_shape=[3, 2], strides=[2, 1], pads=[1, 0, 1, 0], p=p)
        yield op(F, "LpPool", [uniform(f"lp1{p}", (2, 5, 11))], scale(64), 18, kernel_shape=[3], p=p)
        for shape in [(2, 5, 7), (1, 9, 4, 5), (1, 3, 3, 4, 5)]:
            yield op(F, "GlobalLpPool", [uniform(f"glp{p}{shape}", shape)], scale(256), 13, p=p)
    for shape in [(2, 5, 7), (1, 9, 4, 5), (1, 3, 3, 4, 5)]:
        yield op(F, "GlobalAveragePool", [uniform(f"gap{shape}", shape)], sum_of(60))
        yield op(F, "GlobalMaxPool", [uniform(f"gmp{shape}", shape)])


def indices():
    for order in (0, 1):
        yield op(F, "MaxPool", [uniform(f"mi{order}", (2, 5, 7, 9))], EXACT, 12, outputs=2, kernel_shape=[3, 2], strides=[2, 1], pads=[1, 0, 1, 1], storage_order=order)
        yield op(F, "MaxPool", [uniform(f"mi3{order}", (1, 3, 5, 6, 7))], EXACT, 12, outputs=2, kernel_shape=[2, 3, 2], strides=[1, 2, 2], storage_order=order)
    yield op(F, "MaxPool", [uniform("mi1", (1, 37, 12))], EXACT, 12, outputs=2, kernel_shape=[4], strides=[3], ceil_mode=1)
    yield op(F, "MaxPool", [uniform("mid", (1, 20, 9, 9))], EXACT, 12, outputs=2, kernel_shape=[3, 3], dilations=[2, 3])
    yield op(F, "MaxPool", [np.zeros((1, 3, 6, 6), np.float32)], EXACT, 12, outputs=2, kernel_shape=[2, 2], strides=[2, 2])  # ties: the first
    yield op(F, "MaxPool", [uniform("miu", (1, 3, 6, 6), np.uint8, 0, 255)], EXACT, 12, outputs=2, kernel_shape=[2, 2], strides=[2, 2])
    x = uniform("mu", (1, 3, 4, 5))
    windows = np.arange(20).reshape(4, 5)
    places = (np.arange(3)[:, None, None] * 80 + (windows // 5) * 20 + (windows % 5) * 2 + uniform("mup", (3, 4, 5), np.int64, 0, 2))[None].astype(np.int64)
    yield op(F, "MaxUnpool", [x, places], EXACT, 11, kernel_shape=[2, 2], strides=[2, 2])
    yield op(F, "MaxUnpool", [uniform("mu1", (1, 1, 3)), np.array([[[0, 3, 5]]], np.int64)], EXACT, 9, kernel_shape=[2], strides=[2])


def crops():
    x = uniform("ccp", (4, 9, 5))
    for shape in [(2, 4, 5), (7, 12, 9), (3, 12, 5), (4, 9, 5), (1, 1, 1)]:
        yield op(F, "CenterCropPad", [x, ints(*shape)], EXACT, 18)
    yield op(F, "CenterCropPad", [x, ints(12, 2)], EXACT, 18, axes=[-1, 0])
    yield op(F, "CenterCropPad", [uniform("ccpi", (4, 9), np.int64), ints(5, 6)], EXACT, 18)


def sequences():
    x = uniform("rs", (5, 4, 3))
    yield op(F, "ReverseSequence", [x, np.array([5, 1, 3, 0], np.int64)], EXACT, 10)
    yield op(F, "ReverseSequence", [x, np.array([4, 3, 2, 1, 4], np.int64)], EXACT, 10, batch_axis=0, time_axis=1)
    yield op(F, "ReverseSequence", [uniform("rsi", (2, 6), np.int32), np.array([6, 2], np.int64)], EXACT, 10, batch_axis=0, time_axis=1)


def determinants():
    for shape in [(1, 1), (2, 2), (7, 7), (4, 3, 3), (2, 3, 5, 5)]:
        x = uniform(f"det{shape}", shape)
        yield op(F, "Det", [x], scale(64), 11, truth=[np.linalg.det(x.astype(np.float64))])
    yield op(F, "Det", [np.zeros((2, 4, 4), np.float32)], EXACT, 11)
    yield op(F, "Det", [np.array([[0, 1], [1, 0]], np.float32)], EXACT, 11)


def conv3d():
    for x, w, attrs in [
        ((1, 3, 5, 6, 7), (4, 3, 3, 3, 3), {"pads": [1] * 6}),
        ((2, 4, 6, 5, 5), (6, 4, 2, 3, 1), {"strides": [2, 1, 2], "dilations": [2, 1, 1]}),
        ((1, 6, 5, 5, 5), (9, 2, 3, 2, 2), {"group": 3, "pads": [2, 0, 1, 0, 1, 1]}),
        ((2, 16, 4, 5, 5), (16, 1, 3, 3, 3), {"group": 16, "pads": [1] * 6}),
        ((1, 4, 3, 4, 4), (5, 4, 1, 1, 1), {}),
        ((1, 2, 4, 6, 6), (3, 2, 3, 3, 3), {"auto_pad": "SAME_UPPER", "strides": [2, 2, 2]}),
    ]:
        name = f"c3{x}{w}"
        bias = Const(uniform(name + "b", (w[0],)))
        taps = int(np.prod(w[1:]))
        yield op(F, "Conv", [uniform(name, x), Const(uniform(name + "w", w)), bias], sum_of(taps), 11, **attrs)
        yield op(F, "Conv", [uniform(name, x), Const(uniform(name + "w", w))], sum_of(taps), 11, **attrs)
    for x, w, attrs in [
        ((1, 3, 3, 4, 5), (3, 4, 3, 3, 3), {}),
        ((1, 3, 3, 4, 5), (3, 4, 2, 2, 2), {"strides": [2, 2, 2]}),
        ((2, 4, 3, 4, 2), (4, 3, 3, 2, 3), {"strides": [2, 1, 3], "pads": [1, 0, 1, 1, 1, 0], "output_padding": [1, 0, 2]}),
        ((1, 4, 3, 4, 2), (4, 3, 1, 2, 3), {"strides": [3, 1, 1], "group": 2}),  # slices that no tap reaches
        ((1, 2, 3, 3, 3), (2, 3, 3, 3, 3), {"dilations": [2, 1, 1], "strides": [2, 2, 2], "output_shape": [7, 6, 7]}),
        ((1, 2, 3, 3, 3), (2, 3, 3, 3, 3), {"strides": [2, 2, 2], "auto_pad": "SAME_UPPER"}),
    ]:
        name = f"t3{x}{w}{attrs}"
        group = attrs.get("group", 1)
        bias = Const(uniform(name + "b", (w[1] * group,)))
        yield op(F, "ConvTranspose", [uniform(name, x), Const(uniform(name + "w", w)), bias], sum_of(int(np.prod(w[2:])) * w[0] // group), 11, **attrs)


def einsums():
    for equation, *shapes in [("...ii->...i", (2, 3, 4, 4)), ("ii", (5, 5)), ("iji->j", (3, 4, 3)), ("...ij,...jk->...ik", (2, 3, 4), (2, 4, 5)),
                              ("...ij,...jk->...ik", (1, 3, 4), (5, 4, 5)), ("b...,b...->b...", (3, 4, 5), (3, 4, 5)), ("...a->a...", (2, 3, 4)),
                              ("i...,...j->ij...", (2, 3), (3, 4)), ("iij,jk->ik", (3, 3, 4), (4, 5)), ("...,...", (2, 3), (2, 3))]:
        yield op(F, "Einsum", [uniform(f"{equation}{i}", s) for i, s in enumerate(shapes)], sum_of(64), 12, equation=equation)


def cases():
    for family in (grid_sample, affine_grid, regions, deform, col2im, pools, indices, crops, sequences, determinants, conv3d, einsums):
        yield from family()
