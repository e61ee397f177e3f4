"""Resize by scales that make no whole sizes, against the operator's text in float64, one matrix of weights per axis: the result has
floor(length * scale) places, align_corners stretches over length * scale - 1 as in the reference of ONNX's own suite, and
half_pixel_symmetric keeps the centre. ONNX Runtime agrees with all of this but align_corners, for which it takes the rounded length, and
the size of a crop, for which it forgets the crop."""
import numpy as np

from case import EXACT, Const, op, scale, uniform

MODES = ["half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric", "tf_crop_and_resize"]
ROUND = {
    "floor": np.floor,
    "ceil": np.ceil,
    "round_prefer_floor": lambda x: np.ceil(x - 0.5),
    "round_prefer_ceil": lambda x: np.floor(x + 0.5),
}


def size_of(length, factor, roi):
    return int(np.floor(np.float32(length * (roi[1] - roi[0])) * np.float32(factor)))


def places(coordinates, length, factor, roi):
    """Where each place of the result lies in the input."""
    size = size_of(length, factor, roi)
    y, exact = np.arange(size, dtype=np.float64), length * factor  # of which size is the whole part
    if coordinates == "half_pixel":
        return (y + 0.5) / factor - 0.5
    if coordinates == "half_pixel_symmetric":
        return length / 2 * (1 - size / exact) + (y + 0.5) / factor - 0.5
    if coordinates == "pytorch_half_pixel":
        return (y + 0.5) / factor - 0.5 if size > 1 else 0 * y
    if coordinates == "align_corners":
        return y * (length - 1) / (exact - 1) if size > 1 else 0 * y
    if coordinates == "asymmetric":
        return y / factor
    start, end = roi
    return start * (length - 1) + y * (end - start) * (length - 1) / (size - 1) if size > 1 else 0.5 * (start + end) * (length - 1) + y


def weights(x, length, mode, nearest, a, exclude):
    """The matrix of one axis: result places by input places."""
    matrix = np.zeros((len(x), length))
    for row, place in zip(matrix, x):
        if mode == "nearest":
            row[int(np.clip(ROUND[nearest](place), 0, length - 1))] = 1
            continue
        first = int(np.floor(place))
        for at in range(first - 1, first + 3) if mode == "cubic" else (first, first + 1):
            d = abs(place - at)
            near = (a + 2) * d**3 - (a + 3) * d**2 + 1 if d <= 1 else a * d**3 - 5 * a * d**2 + 8 * a * d - 4 * a
            weight = near if mode == "cubic" else 1 - d
            if 0 <= at < length or not exclude:
                row[int(np.clip(at, 0, length - 1))] += weight
        row /= row.sum()
    return matrix


class Tie(Exception):
    """A place so close to the border of two pixels that f32 may take the other."""


def reference(x, factors, mode, coordinates, nearest="round_prefer_floor", a=-0.75, exclude=0, roi=None, extrapolation=0.0):
    y, rank = x.astype(np.float64), x.ndim
    outside = np.zeros([1] * rank, bool)
    for axis, factor in enumerate(factors):
        part = (roi[axis], roi[axis + rank]) if roi is not None else (0.0, 1.0)
        length = x.shape[axis]
        if factor == 1 and part == (0.0, 1.0):
            continue
        at = places(coordinates, length, float(np.float32(factor)), part)
        if mode == "nearest":
            border = at if nearest in ("floor", "ceil") else at - 0.5
            if np.any((np.abs(border - np.rint(border)) < 1e-4) & (at != 0)):
                raise Tie
        matrix = weights(at, length, mode, nearest, a, exclude)
        y = np.moveaxis(np.tensordot(matrix, y, (1, axis)), 0, axis)
        if coordinates == "tf_crop_and_resize":
            beyond = (at < 0) | (at > length - 1)
            outside = outside | beyond.reshape([-1 if i == axis else 1 for i in range(rank)])
    return np.where(outside, extrapolation, y)


def resize(x, factors, mode, coordinates, run_time=False, **kwargs):
    truth = reference(x, factors, mode, coordinates, **kwargs).astype(np.float32)
    attrs = {"mode": mode, "coordinate_transformation_mode": coordinates}
    names = {"nearest": "nearest_mode", "a": "cubic_coeff_a", "exclude": "exclude_outside", "extrapolation": "extrapolation_value"}
    attrs |= {names[k]: v for k, v in kwargs.items() if k in names}
    wrap = np.array if run_time else lambda v: Const(np.array(v))
    roi = kwargs.get("roi")
    # A place is rounded about three times, each by u times the length at most; that times the slope between two pixels, 2 (of the cubic
    # filter below 4), for each axis.
    longest, axes = max(x.shape), sum(f != 1 for f in factors)
    tolerance = EXACT if mode == "nearest" else scale((2 if mode == "linear" else 4) * 3 * longest * axes / np.abs(truth).max())
    case = op("resize_formula", "Resize", [x, None if roi is None else wrap(np.float32(roi)), wrap(np.float32(factors))], tolerance, 19, truth=[truth], **attrs)
    case.given = coordinates in ("align_corners", "tf_crop_and_resize")
    return case


def cases():
    shapes = [((1, 3, 7, 10), [(1, 1, 1.73, 2.37), (1, 1, 0.61, 0.457), (1, 1, 1.379, 0.839), (1, 1, 0.193, 1.313)]), ((2, 2, 13), [(1, 1, 2.617), (1, 1, 0.373)]),
              ((1, 2, 4, 5, 6), [(1, 1, 1.619, 0.719, 1.237)]), ((1, 7, 9, 2), [(1, 1.297, 2.317, 1)])]
    for coordinates in MODES:
        for shape, list_ in shapes:
            x = uniform(f"resize {shape}", shape)
            for factors in list_:
                crop = {}
                if coordinates == "tf_crop_and_resize":
                    rank = len(shape)
                    crop = {"roi": [0.0 if f == 1 else 0.11 for f in factors] + [1.0 if f == 1 else 1.04 + 0.01 * i for i, f in enumerate(factors)], "extrapolation": 2.5}
                    assert len(crop["roi"]) == 2 * rank
                for run_time in (False, True):
                    for nearest in ROUND:
                        try:
                            yield resize(x, factors, "nearest", coordinates, run_time, nearest=nearest, **crop)
                        except Tie:  # the centre of an even length, which half_pixel_symmetric keeps
                            assert coordinates == "half_pixel_symmetric"
                    yield resize(x, factors, "linear", coordinates, run_time, **crop)
                    if len(shape) == 4:
                        yield resize(x, factors, "cubic", coordinates, run_time, **crop)
                        yield resize(x, factors, "cubic", coordinates, run_time, a=-0.5, exclude=1, **crop)
