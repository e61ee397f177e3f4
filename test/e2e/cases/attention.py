"""ONNX Attention and RotaryEmbedding, against ONNX Runtime, and against the formula in f64 where it has no such form."""
import numpy as np

from case import Tolerance, op, uniform

f32 = np.float32


def attention_tolerance(d, n, spread):
    """Weights see scores off by d roundings of their size, about `spread`; n weights are summed; both sides count."""
    return Tolerance("scale", 2 * (np.sqrt(d) * spread + 2 * np.sqrt(n) + 16))


def expected(q, k, v, mask=None, scale=None, softcap=0, causal=False, past=0):
    """The formula in f64, for operands of rank 4."""
    q, k, v = (x.astype(np.float64) for x in (q, k, v))
    group = q.shape[1] // k.shape[1]
    k, v = np.repeat(k, group, 1), np.repeat(v, group, 1)
    s = q @ np.swapaxes(k, -1, -2) * (scale or 1 / np.sqrt(q.shape[-1]))
    if softcap:
        s = softcap * np.tanh(s / softcap)
    if mask is not None:
        s = np.where(mask, s, -np.inf) if mask.dtype == bool else s + mask
    if causal:
        s = np.where(np.arange(s.shape[-1]) <= np.arange(s.shape[-2])[:, None] + past, s, -np.inf)
    top = s.max(-1, keepdims=True)
    e = np.exp(s - np.where(np.isneginf(top), 0, top))
    total = e.sum(-1, keepdims=True)
    return e / np.where(total == 0, 1, total) @ v


def by_heads(x, heads):
    return np.swapaxes(x.reshape(*x.shape[:2], heads, -1), 1, 2)


def joined(x):
    return np.swapaxes(x, 1, 2).reshape(x.shape[0], x.shape[2], -1)


def attend(name, q, k, v, mask=None, opset=23, lengths=None, past=None, outputs=1, **attrs):
    operands = [q, k, v, mask, *(past or (None, None))] + ([lengths] if lengths is not None else [])
    while operands[-1] is None:
        operands.pop()
    flat = q.ndim == 3
    heads = [by_heads(x, attrs["q_num_heads" if i == 0 else "kv_num_heads"]) if flat else x for i, x in enumerate((q, k, v))]
    if past:
        heads[1:] = [np.concatenate([p, x], 2) for p, x in zip(past, heads[1:])]
    all_masks, causal, n = mask, bool(attrs.get("is_causal")), heads[1].shape[2]
    if mask is not None and mask.shape[-1] < n and opset >= 24:
        all_masks = np.pad(mask, [(0, 0)] * (mask.ndim - 1) + [(0, n - mask.shape[-1])], constant_values=False if mask.dtype == bool else -np.inf)
    if lengths is not None:
        keep = np.arange(n) < lengths[:, None, None, None]
        if causal:
            keep = keep & (np.arange(n) <= np.arange(q.shape[-2])[:, None] + lengths[:, None, None, None] - q.shape[-2])
        all_masks = keep if all_masks is None else all_masks & keep if all_masks.dtype == bool else np.where(keep, all_masks, -np.inf)
        causal = False
    y = expected(*heads, all_masks, attrs.get("scale"), attrs.get("softcap", 0), causal, past[0].shape[2] if past else 0)
    truth = [joined(y) if flat else y, *heads[1:]][:outputs]
    d = heads[0].shape[-1]
    return op("attention", "Attention", operands, attention_tolerance(d, n, 4), opset, outputs=outputs, truth=truth, **attrs)


def given(case, other):
    """\p case with what is expected of \p other."""
    case.wide, case.truth = other, None
    return case


def qkv(name, batch, heads, kv, m, n, d, dv, dtype=f32):
    return [uniform(name + "q", (batch, heads, m, d), dtype, -2, 2), uniform(name + "k", (batch, kv, n, d), dtype, -2, 2), uniform(name + "v", (batch, kv, n, dv), dtype)]


def attentions():
    for shape in [(1, 1, 1, 1, 1, 1, 1), (2, 3, 3, 4, 6, 8, 8), (1, 4, 2, 7, 131, 16, 24), (1, 2, 1, 1, 300, 64, 64), (1, 12, 12, 197, 197, 64, 64), (2, 9, 3, 5, 7, 3, 5)]:
        name = str(shape)
        m, n = shape[3:5]
        yield attend(name, *qkv(name, *shape))
        yield attend(name, *qkv(name, *shape), is_causal=1, scale=0.1)
        yield attend(name, *qkv(name, *shape), uniform(name + "m", (m, n)), softcap=2.0)
        yield attend(name, *qkv(name, *shape), uniform(name + "b", (m, n), np.bool_) | np.eye(m, n, dtype=bool))
    q, k, v = qkv("flat", 2, 6, 2, 5, 9, 8, 10)
    yield attend("flat", joined(q), joined(k), joined(v), q_num_heads=6, kv_num_heads=2)
    yield attend("flat", joined(q), joined(k), joined(v), uniform("flat mask", (2, 1, 5, 9)), q_num_heads=6, kv_num_heads=2, is_causal=1)
    past = [uniform("pk", (2, 2, 4, 8)), uniform("pv", (2, 2, 4, 10))]
    yield attend("past", q, k, v, uniform("past mask", (5, 13)), past=past, outputs=3)
    yield attend("past", q, k, v, past=past, outputs=3, is_causal=1)
    yield attend("one token", *qkv("one", 1, 4, 4, 1, 1, 32, 32), past=[uniform("ok", (1, 4, 77, 32)), uniform("ov", (1, 4, 77, 32))], outputs=3, is_causal=1)
    # Masks of fewer dims, or sizes, than ONNX Runtime takes: it gets them in full.
    full = lambda mask: np.broadcast_to(mask, (2, 6, 5, 9)).copy()
    for shape in [(1,), (9,), (5, 1), (6, 1, 1), (2, 1, 1, 9), (1, 6, 5, 9)]:
        for mask in uniform(f"mask{shape}", shape), uniform(f"mask{shape}b", shape, np.bool_) | (np.arange(shape[-1]) < 2):
            yield given(attend("mask", q, k, v, mask), attend("mask", q, k, v, full(mask)))
    lengths = np.array([3, 9], np.int64)
    yield attend("lengths", q, k, v, opset=24, lengths=lengths)
    mask = np.arange(9) != 1
    yield given(attend("lengths", q, k, v, mask, opset=24, lengths=lengths), attend("lengths", q, k, v, full(mask), opset=24, lengths=lengths))
    yield attend("lengths, causal, rows without a key", q, k, v, opset=24, lengths=lengths, is_causal=1)
    short = uniform("short", (5, 6))
    padded = full(np.pad(short, [(0, 0), (0, 3)], constant_values=-np.inf))
    yield given(attend("short mask", q, k, v, short, opset=24), attend("short mask", q, k, v, padded, opset=24))
    # ONNX Runtime rounds to 16 bits on the way: what f16 operands should give is what the same numbers in f32 do.
    half = qkv("half", 1, 3, 3, 4, 6, 8, 8, np.float16)
    narrow = given(op("attention", "Attention", half, attention_tolerance(8, 6, 4), 23), op("attention", "Attention", [x.astype(f32) for x in half], attention_tolerance(8, 6, 4), 23))
    narrow.dtype = np.dtype(np.float16)
    yield narrow
    wide = qkv("wide", 1, 2, 2, 5, 6, 8, 8)
    yield attend("precision", *wide, softmax_precision=11)
    for mode in range(4):
        yield op("attention", "Attention", [q, k, v, uniform("scores", (5, 9))], attention_tolerance(8, 9, 4), 23, outputs=["y", "", "", "s"],
                 truth=[expected(q, k, v, uniform("scores", (5, 9)), softcap=3), shown(q, k, uniform("scores", (5, 9)), mode)], qk_matmul_output_mode=mode, softcap=3.0)


def shown(q, k, mask, mode):
    s = q.astype(np.float64) @ np.swapaxes(np.repeat(k, 3, 1).astype(np.float64), -1, -2) / np.sqrt(q.shape[-1])
    if mode >= 1:
        s = 3 * np.tanh(s / 3)
    if mode >= 2:
        s = s + mask
    if mode == 3:
        s = np.exp(s - s.max(-1, keepdims=True))
        s /= s.sum(-1, keepdims=True)
    return s


def rotary(x, cos, sin, interleaved):
    pairs = cos.shape[-1]
    x, c, s = x.astype(np.float64), cos[:, None].astype(np.float64), sin[:, None].astype(np.float64)
    y = x.copy()
    a, b = (slice(0, 2 * pairs, 2), slice(1, 2 * pairs, 2)) if interleaved else (slice(0, pairs), slice(pairs, 2 * pairs))
    y[..., a], y[..., b] = x[..., a] * c - x[..., b] * s, x[..., b] * c + x[..., a] * s
    return y


def rotaries():
    for batch, heads, m, d, rotated in [(2, 3, 4, 8, 0), (1, 2, 5, 34, 0), (2, 4, 3, 20, 12), (1, 1, 1, 2, 0)]:
        for interleaved in (0, 1):
            name = f"rotary{(batch, heads, m, d, rotated)}"
            angles = uniform(name, (50, (rotated or d) // 2), low=-3, high=3)
            x, cos, sin = uniform(name + "x", (batch, heads, m, d), low=-2, high=2), np.cos(angles), np.sin(angles)
            positions = uniform(name + "p", (batch, m), np.int64, 0, 50)
            truth = rotary(x, cos[positions], sin[positions], interleaved)
            attrs = dict(interleaved=interleaved, **({"rotary_embedding_dim": rotated} if rotated else {}))
            close = Tolerance("scale", 8)  # two products and a sum on either side
            yield op("attention", "RotaryEmbedding", [x, cos, sin, positions], close, 23, truth=[truth], num_heads=heads, **attrs)
            yield op("attention", "RotaryEmbedding", [joined(x), cos[positions], sin[positions]], close, 23, truth=[joined(truth)], num_heads=heads, **attrs)


def cases():
    yield from attentions()
    yield from rotaries()
