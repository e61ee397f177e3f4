"""NegativeLogLikelihoodLoss and SoftmaxCrossEntropyLoss: reductions, weights, ignored classes, further dims."""
import numpy as np

from case import op, rng, scale

f32, i64 = np.float32, np.int64


def classes(name, shape, count, dtype=i64):
    return np.asarray(rng(name).integers(0, count, shape)).astype(dtype)


def cases():
    # A sum of up to 60 terms of magnitude below 8, each of a few roundings.
    tolerance = scale(64)
    for kind, outputs in (("NegativeLogLikelihoodLoss", 1), ("SoftmaxCrossEntropyLoss", 2)):
        for shape in ((3, 5), (2, 5, 6), (2, 4, 3, 5), (1, 1)):
            target = classes(f"target{shape}", (shape[0], *shape[2:]), shape[1])
            x = np.random.default_rng(7).uniform(-3, 0, shape).astype(f32)
            weight = np.random.default_rng(8).uniform(0.1, 2, shape[1]).astype(f32)
            for reduction in ("none", "sum", "mean"):
                yield op("loss", kind, [x, target], tolerance, 13, outputs=outputs, reduction=reduction)
                yield op("loss", kind, [x, target.astype(np.int32), weight], tolerance, 13, reduction=reduction)
                ignored = target.copy()
                ignored.flat[0] = -1
                if ignored.size > 1:
                    yield op("loss", kind, [x, ignored, weight], tolerance, 13, reduction=reduction, ignore_index=-1)
                    yield op("loss", kind, [x, ignored], tolerance, 13, reduction=reduction, ignore_index=-1)
