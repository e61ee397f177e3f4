"""TreeEnsemble of ai.onnx.ml: every mode, sets, missing values, shapes of trees, targets and transforms."""
import numpy as np
import onnx
from onnx import helper, numpy_helper

from case import EXACT, op, rng, scale, uniform
from support import reference

LESS_EQUAL, MEMBER = 0, 6
f32 = np.float32


def tree_attributes(parents, features, modes=(LESS_EQUAL,), targets=1, missing=False, seed="trees", dtype=f32):
    """Attributes of an ensemble. `parents` are trees: lists of (true child, false child), a child being a node's number in its tree or None, a leaf."""
    random, ids, leafs, roots, leaves = rng(seed), ([], []), ([], []), [], 0
    for tree in parents:
        roots.append(len(ids[0]))
        for children in tree:
            for side, child in enumerate(children):
                ids[side].append(leaves if child is None else roots[-1] + child)
                leafs[side].append(int(child is None))
                leaves += child is None
    count = len(ids[0])
    mode = np.resize(np.array(modes, np.uint8), count)
    attributes = dict(nodes_featureids=random.integers(0, features, count).tolist(), nodes_modes=numpy_helper.from_array(mode),
                      nodes_splits=numpy_helper.from_array(random.integers(-2, 3, count).astype(dtype)), nodes_truenodeids=ids[0], nodes_falsenodeids=ids[1],
                      nodes_trueleafs=leafs[0], nodes_falseleafs=leafs[1], tree_roots=roots, n_targets=targets,
                      leaf_targetids=random.integers(0, targets, leaves).tolist(), leaf_weights=numpy_helper.from_array(random.uniform(-1, 1, leaves).astype(dtype)))
    if missing:
        attributes["nodes_missing_value_tracks_true"] = random.integers(0, 2, count).tolist()
    if MEMBER in modes:
        sets = [np.append(random.choice(5, size=1 + i % 3, replace=False) - 2, np.nan) for i in range(int((mode == MEMBER).sum()))]
        attributes["membership_values"] = numpy_helper.from_array(np.concatenate(sets).astype(dtype))
    return attributes


def complete(depth):
    nodes = 2**depth - 1
    return [tuple(2 * i + side if 2 * i + side < nodes else None for side in (1, 2)) for i in range(nodes)]


def vine(depth, side=0):
    """Each node has a leaf and a node below it."""
    return [tuple(i + 1 if s == side and i + 1 < depth else None for s in (0, 1)) for i in range(depth)]


def ensemble(x, parents, note, tolerance=None, aggregate_function=1, post_transform=0, truth=None, given=False, **how):
    attributes = tree_attributes(parents, x.shape[1], dtype=x.dtype, **how)
    case = op("trees", "TreeEnsemble", [x], tolerance or scale(4 * len(parents)), 17, domain="ai.onnx.ml", aggregate_function=aggregate_function,
              post_transform=post_transform, truth=truth, **attributes)
    case.model.opset_import.append(helper.make_opsetid("ai.onnx.ml", 5))
    case.name, case.given = f"TreeEnsemble {note}", given
    return case


def cases():
    x = rng("rows").integers(-3, 4, (9, 4)).astype(f32)  # whole numbers, so that equality happens
    several = [complete(3), vine(5), vine(4, side=1), complete(1)]
    for mode, name in enumerate(("LEQ", "LT", "GTE", "GT", "EQ", "NEQ", "MEMBER")):
        yield ensemble(x, several, name, modes=(mode,))
    yield ensemble(x, several, "of all modes", modes=tuple(range(7)), targets=3)
    unknown = x.copy()
    unknown[::2, 1] = unknown[1::3, 2] = np.nan
    yield ensemble(unknown, several, "with missing values", modes=(0, 1, 2, 3), missing=True)
    yield ensemble(unknown, several, "with missing values that go by the comparison", modes=(0, 1, 2, 3))
    yield ensemble(x, several, "averaged", aggregate_function=0)
    # ONNX Runtime 1.31 takes 1 and 2 for each other.
    plain = ensemble(x, several, "without a transform", targets=3)
    yield plain
    sums = reference(plain.model, plain.inputs)[0].astype(np.float64)
    exponentials = np.exp(sums)
    yield ensemble(x, several, "with a softmax", targets=3, post_transform=1, truth=[exponentials / exponentials.sum(1, keepdims=True)])
    yield ensemble(x, several, "with a sigmoid", targets=3, post_transform=2, truth=[1 / (1 + np.exp(-sums))])
    yield ensemble(x.astype(np.float64), several, "in f64", targets=2)
    yield ensemble(uniform("one row", (1, 8), low=-3, high=3), [complete(7)] * 40, "of 40 deep trees on one row")
    yield ensemble(x, [complete(1)], "of one node", EXACT)
