"""Operators of com.microsoft, against ONNX Runtime."""
import numpy as np

from case import Const, Tolerance, convolution, near, op, scale, sum_of, uniform
from onnx import helper, numpy_helper

from .attention import attention_tolerance, given

f32, i32, i64 = np.float32, np.int32, np.int64


def ms(kind, operands, tolerance, **attrs):
    case = op("transformers", kind, operands, tolerance, 17, domain="com.microsoft", **attrs)
    case.model.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    return case


def activations():
    x, bias = uniform("act", (3, 5, 40), low=-6, high=6), uniform("act bias", (40,))
    yield ms("Gelu", [x], near(16))
    yield ms("BiasGelu", [x, Const(bias)], near(32))
    yield ms("FastGelu", [x], near(32))
    yield ms("FastGelu", [x, Const(bias)], near(64))
    yield ms("QuickGelu", [x], near(16))
    yield ms("QuickGelu", [x], near(16), alpha=0.7)


def products():
    for a, b, attrs in [((3, 7), (7, 5), {}), ((7, 3), (5, 7), dict(transA=1, transB=1, alpha=0.5)), ((2, 3, 7), (2, 7, 5), dict(alpha=-2.0)), ((4, 2, 3, 7), (5, 7), dict(transB=1)),
                        ((3, 2, 7), (2, 7, 5), dict(transBatchA=1)), ((2, 3, 7), (5, 2, 7), dict(transBatchB=1, transB=1)), ((7, 2, 4, 3), (2, 4, 7, 5), dict(transBatchA=1, transA=1))]:
        yield ms("FusedMatMul", [uniform(f"fa{a}", a), uniform(f"fb{b}", b)], sum_of(7), **attrs)
    x, w, b = uniform("fc", (1, 5, 9, 9)), uniform("fcw", (8, 5, 3, 3)), uniform("fcb", (8,))
    z = uniform("fcz", (1, 8, 9, 9))

    def fused(operands, **attrs):
        return ms("FusedConv", operands, convolution(w.shape, attrs), **attrs)

    for activation, params in [("Relu", None), ("Sigmoid", None), ("Tanh", None), ("LeakyRelu", [0.1]), ("Clip", [-0.5, 0.5]), ("HardSigmoid", [0.2, 0.5])]:
        attrs = dict(activation=activation, pads=[1] * 4, **({"activation_params": params} if params else {}))
        yield fused([x, Const(w), Const(b)], **attrs)
    yield fused([x, Const(w), Const(b), z], activation="Relu", pads=[1] * 4)
    yield fused([x, Const(w)], activation="Relu", pads=[1] * 4, strides=[2, 2])


def few_bits():
    for k, n, block, bits in [(32, 8, 16, 4), (128, 12, 32, 4), (96, 5, 64, 4), (64, 7, 32, 8)]:
        blocks, name = -(-k // block), f"nbits{k}{n}{block}{bits}"
        a, b = uniform(name, (3, k)), uniform(name + "b", (n, blocks, block * bits // 8), np.uint8, 0, 256)
        scales = uniform(name + "s", (n * blocks,), low=0.01, high=0.1)
        zeros = uniform(name + "z", (n * -(-blocks * bits // 8),), np.uint8, 0, 256)
        # sums of K products of up to 1 · 2^(bits - 1) · 0.1, on either side
        close = Tolerance("scale", 16 * (2 * np.sqrt(k) + 4))
        attrs = dict(K=k, N=n, block_size=block, bits=bits)
        yield ms("MatMulNBits", [a, Const(b), Const(scales)], close, **attrs)
        yield ms("MatMulNBits", [a, Const(b), Const(scales), Const(zeros)], close, **attrs)
    yield ms("MatMulNBits", [uniform("nb1", (2, 1, 64)), Const(b), Const(scales), None, None, Const(uniform("nbb", (n,)))], close, **attrs)


def norms():
    x, skip, gamma, beta, bias = uniform("sx", (2, 5, 48)), uniform("ss", (2, 5, 48)), uniform("sg", (48,)), uniform("sb", (48,)), uniform("sc", (48,))
    yield ms("SkipLayerNormalization", [x, skip, Const(gamma), Const(beta)], scale(64))
    yield ms("SkipLayerNormalization", [x, skip, Const(gamma), Const(beta), Const(bias)], scale(64), epsilon=1e-5)
    yield ms("SkipLayerNormalization", [x, skip, Const(gamma)], scale(64), outputs=["y", "", "", "s"])
    yield ms("SkipLayerNormalization", [x, skip[:1], Const(gamma), Const(beta)], scale(64))
    yield ms("SkipSimplifiedLayerNormalization", [x, skip, Const(gamma)], scale(64), epsilon=1e-6)
    yield ms("SkipSimplifiedLayerNormalization", [x, skip, Const(gamma), Const(bias)], scale(64), outputs=["y", "", "", "s"])
    simplified = op("transformers", "SimplifiedLayerNormalization", [x, Const(gamma)], scale(64), 17, epsilon=1e-6, axis=-1)
    yield simplified
    ids, segments = uniform("ids", (2, 6), i32, 0, 20), uniform("seg", (2, 6), i32, 0, 2)
    tables = [Const(uniform(f"emb{n}", (n, 32))) for n in (20, 10, 2)]
    norm = [Const(uniform("eg", (32,))), Const(uniform("eb", (32,)))]
    yield ms("EmbedLayerNormalization", [ids, segments, *tables, *norm, np.array([[1, 1, 1, 0, 0, 0], [1] * 6], i32)], scale(64), outputs=2)
    yield ms("EmbedLayerNormalization", [ids, None, tables[0], tables[1], None, *norm], scale(64), outputs=["y", "m", "s"])
    yield ms("EmbedLayerNormalization", [ids, segments, *tables, *norm, None, uniform("pos", (2, 6), i32, 0, 10)], scale(64), outputs=["y", "m"])


def attentions():
    batch, rows, heads, d = 2, 5, 4, 8
    width, close = heads * d, attention_tolerance(32, 16, 8)
    x, w, b = uniform("ax", (batch, rows, 24)), Const(uniform("aw", (24, 3 * width))), Const(uniform("ab", (3 * width,)))
    raw = np.array([[1, 1, 1, 1, 0], [1, 1, 0, 0, 0]], i32)
    yield ms("Attention", [x, w, b], close, num_heads=heads)
    yield ms("Attention", [x, w, b], close, num_heads=heads, unidirectional=1, scale=0.2)
    yield ms("Attention", [x, w, b, raw], close, num_heads=heads)
    yield ms("Attention", [x, w, b, np.array([4, 2], i32)], close, num_heads=heads)
    yield ms("Attention", [x, w, b, np.tril(np.ones((batch, rows, rows), i32))], close, num_heads=heads)
    yield ms("Attention", [x, w, b, None, None, uniform("abias", (batch, heads, rows, rows))], close, num_heads=heads)
    past = uniform("apast", (2, batch, heads, 3, d))
    yield ms("Attention", [x, w, b, None, past], close, num_heads=heads, outputs=2, unidirectional=1)
    yield ms("Attention", [x, Const(uniform("aw2", (24, 2 * width + 20))), Const(uniform("ab2", (2 * width + 20,)))], close, num_heads=heads, qkv_hidden_sizes=[width, width, 20])
    q, k, v = uniform("mq", (batch, rows, width)), uniform("mk", (batch, 7, width)), uniform("mv", (batch, 7, width))
    yield ms("MultiHeadAttention", [q, k, v], close, num_heads=heads)
    yield ms("MultiHeadAttention", [q, k, v, b], close, num_heads=heads, scale=0.3)
    yield ms("MultiHeadAttention", [q, k, v, None, np.array([[1] * 7, [1] * 4 + [0] * 3], i32)], close, num_heads=heads)
    yield ms("MultiHeadAttention", [q, k, v, None, None, uniform("mbias", (1, heads, rows, 7))], close, num_heads=heads)
    yield ms("MultiHeadAttention", [q, q, q], close, num_heads=heads, unidirectional=1)
    # ONNX Runtime has the packed forms on GPUs only.
    packed, parts = uniform("packed", (batch, rows, heads, 3, d)), uniform("packed kv", (batch, 7, heads, 2, d))
    columns = lambda x, i: x[:, :, :, i].reshape(*x.shape[:2], width)
    yield given(ms("MultiHeadAttention", [packed], close, num_heads=heads), ms("MultiHeadAttention", [columns(packed, i) for i in range(3)], close, num_heads=heads))
    yield given(ms("MultiHeadAttention", [q, parts], close, num_heads=heads), ms("MultiHeadAttention", [q, columns(parts, 0), columns(parts, 1)], close, num_heads=heads))
    yield ms("MultiHeadAttention", [q, uniform("hk", (batch, heads, 7, d)), uniform("hv", (batch, heads, 7, d))], close, num_heads=heads)
    kept = [uniform("mpk", (batch, heads, 3, d)), uniform("mpv", (batch, heads, 3, d))]
    yield ms("MultiHeadAttention", [q, q, q, None, None, None, *kept], close, num_heads=heads, outputs=3, unidirectional=1)
    table = uniform("angles", (30, d // 2), low=-3, high=3)
    cos, sin = Const(np.cos(table)), Const(np.sin(table))
    for interleaved in (0, 1):
        for positions in (np.array([4], i64), uniform("rp", (batch, rows), i64, 0, 30)):
            yield ms("RotaryEmbedding", [q, positions, cos, sin], scale(8), interleaved=interleaved)
    yield ms("RotaryEmbedding", [uniform("r4", (batch, heads, rows, d)), np.array([2], i64), cos, sin], scale(8))


def keep_only(model, masks):
    """0 in place of the elements of the outputs where a mask is false."""
    for i, mask in enumerate(masks):
        model.graph.node[0].output[i] = f"all{i}"
        model.graph.initializer.append(numpy_helper.from_array(mask, f"mask{i}"))
        model.graph.node.append(helper.make_node("Where", [f"mask{i}", f"all{i}", "zero"], [f"y{i}"]))
    model.graph.initializer.append(numpy_helper.from_array(f32(0), "zero"))


def group_queries():
    """A first call, calls with a cache that grows or is a buffer, of rows or of one, and calls whose samples are of different lengths."""
    batch, heads, kv, d = 2, 4, 2, 16
    close = attention_tolerance(32, 24, d)
    ints = lambda *v: np.array(v, i32)
    angles = uniform("gq angles", (40, d // 2), low=-3, high=3)
    tables = [np.cos(angles), np.sin(angles)]

    def call(name, rows, kept=0, lengths=None, total=None, rotary=False, bias=None, run_time=False, packed=False, samples=batch, outputs=3, **attrs):
        wrap = (lambda v: v) if run_time else Const
        total = total or kept + rows
        lengths = lengths or [total - 1] * samples
        q, k, v = (uniform(f"gq {name} {n}", (samples, rows, count * d)) for n, count in (("q", heads), ("k", kv), ("v", kv)))
        past = [uniform(f"gq {name} {n}", (samples, kv, kept, d)) for n in ("pk", "pv")] if kept else [None, None]
        operands = [np.concatenate([q, k, v], 2), None, None] if packed else [q, k, v]
        operands += [*past, wrap(ints(*lengths)), wrap(ints(total))]
        if rotary or bias is not None:
            operands += [Const(t) for t in tables] if rotary else [None, None]
        if bias is not None:
            operands += [None, bias]
        case = ms("GroupQueryAttention", operands, close, num_heads=heads, kv_num_heads=kv, outputs=outputs, do_rotary=int(rotary), **attrs)
        counted = np.arange(total)[None, :] <= np.array(lengths)[:, None]  # what stands behind a shorter sample is anything
        if not counted.all():
            keep_only(case.model, [counted[:, :rows, None] | (rows < total), counted[:, None, :, None], counted[:, None, :, None]])
        return case

    for run_time in (False, True):
        for rotary in (False, True):
            yield call("prompt", 7, rotary=rotary, run_time=run_time)
            yield call("grows", 1, kept=9, rotary=rotary, run_time=run_time)
            yield call("many", 3, kept=6, rotary=rotary, run_time=run_time, samples=1)
        yield call("padded", 7, lengths=[6, 3], run_time=run_time)
        kept = 10 if run_time else 9  # a buffer, or one that grows: ONNX Runtime's shape inference takes no other for a total of the run
        yield call("ragged", 1, kept=kept, lengths=[9, 4], total=10, run_time=run_time, rotary=True)
        yield call("window", 9, run_time=run_time, local_window_size=3)
        yield call("window", 1, kept=kept, lengths=[9, 5], total=10, run_time=run_time, local_window_size=4)
        yield call("capped", 5, run_time=run_time, softcap=0.8, scale=0.7)
        yield call("packed", 4, run_time=run_time, packed=True, rotary=True, rotary_interleaved=1)
        yield call("bias", 4, run_time=run_time, bias=uniform("gq bias", (batch, heads, 4, 4)))


def cases():
    yield from group_queries()
    yield from activations()
    yield from products()
    yield from few_bits()
    yield from norms()
    yield from attentions()
