"""LinearAttention: every update rule, gate shape and grouping; one position and many."""
import numpy as np

from case import op, scale, uniform

f32 = np.float32


def attention(name, rule, batch=1, time=5, heads=2, kv_heads=2, rows=8, columns=8, past=False, decay=1, beta=None, dtype=f32, state=f32, **attrs):
    """`decay`: values per head; `beta`: values per position. An output is a sum over the rows of the state and all positions up to its own, k
    products: an error as of such a sum, but of the largest magnitude, since the delta rule subtracts what it has read."""
    made = lambda what, shape, low=-1.0, high=1.0, kind=dtype: uniform(f"{name}{what}", shape, kind, low, high)
    unit = 1 / np.sqrt(rows)  # keys of length about 1, as models have them
    operands = [made("q", (batch, time, heads * rows)), made("k", (batch, time, kv_heads * rows), -unit, unit), made("v", (batch, time, kv_heads * columns))]
    operands.append(made("past", (batch, kv_heads, rows, columns), kind=state) if past else None)
    operands.append(made("decay", (batch, time, kv_heads * decay), -1, 0) if rule.startswith("gated") else None)
    operands.append(made("beta", (batch, time, beta or kv_heads), 0) if rule.endswith("delta") else None)
    while operands[-1] is None:
        operands.pop()
    tolerance = scale(2 * (2 * np.sqrt((time + 1) * rows) + 4))
    return op("linear_attention", "LinearAttention", operands, tolerance, 27, 2, update_rule=rule, q_num_heads=heads,
              kv_num_heads=kv_heads, **attrs)


def cases():
    for rule in ("linear", "gated", "delta", "gated_delta"):
        for time in (1, 6):
            for past in (False, True):
                yield attention(f"{rule}{time}{past}", rule, time=time, past=past)
        yield attention(f"{rule} groups", rule, batch=2, heads=6, kv_heads=2, rows=16, columns=20, past=True)
    yield attention("rows", "gated_delta", decay=8, past=True)
    yield attention("shared", "gated_delta", decay=8, beta=1, heads=4, kv_heads=2)
    yield attention("one head", "gated_delta", heads=4, kv_heads=1, rows=3, columns=37, past=True)
    yield attention("ones", "gated_delta", time=1, heads=1, kv_heads=1, rows=1, columns=1, past=True)
    yield attention("scaled", "linear", scale=0.3, chunk_size=2)
    yield attention("long", "gated_delta", time=70, rows=32, columns=64)
    yield attention("halves", "gated_delta", dtype=np.float16, state=np.float16, past=True)
    yield attention("wide state", "gated_delta", dtype=np.float16, state=f32, past=True)
