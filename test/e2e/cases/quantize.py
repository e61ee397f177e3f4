"""Quantized operators against exact arithmetic: int64 for sums of products, float64 for what happens between dequantize and quantize.
ONNX Runtime only says that it takes the same model: its products of u8 and s8 saturate on some processors. A requantized value may be
one step off where the exact value lies on the border of two, since both sides round scales to f32."""
import numpy as np
from onnx import helper

from case import EXACT, Case, model_of, rng, step, uniform

U8, I8, I32 = np.uint8, np.int8, np.int32


def ints(name, shape, dtype, low=None, high=None):
    info = np.iinfo(dtype)
    return rng(name).integers(info.min if low is None else low, (info.max if high is None else high) + 1, shape).astype(dtype)


def along(values, rank, axis):
    values = np.asarray(values, np.float64)
    return values if values.ndim == 0 else values.reshape([-1 if i == axis % rank else 1 for i in range(rank)])


def dq(x, scale, zero, axis=1):
    return (x.astype(np.float64) - along(zero, x.ndim, axis)) * along(np.float64(np.float32(scale)), x.ndim, axis)


def q(x, scale, zero, dtype, axis=1):
    info = np.iinfo(dtype)
    steps = np.rint(x / along(np.float64(np.float32(scale)), x.ndim, axis)) + along(zero, x.ndim, axis)
    return np.clip(steps, info.min, info.max).astype(dtype)


def conv(x, w, pads, strides, groups, dilations=(1, 1)):
    """Exact: float64 holds the sums of integers."""
    x, w = x.astype(np.float64), w.astype(np.float64)
    x = np.pad(x, ((0, 0), (0, 0), (pads[0], pads[2]), (pads[1], pads[3])))
    n, c, h, wide = x.shape
    k, cg, kh, kw = w.shape
    oh = (h - dilations[0] * (kh - 1) - 1) // strides[0] + 1
    ow = (wide - dilations[1] * (kw - 1) - 1) // strides[1] + 1
    y = np.zeros((n, k, oh, ow))
    for g in range(groups):
        part, weight = x[:, g * cg : (g + 1) * cg], w[g * k // groups : (g + 1) * k // groups]
        for i in range(kh):
            for j in range(kw):
                rows, cols = i * dilations[0], j * dilations[1]
                window = part[:, :, rows : rows + (oh - 1) * strides[0] + 1 : strides[0], cols : cols + (ow - 1) * strides[1] + 1 : strides[1]]
                y[:, g * k // groups : (g + 1) * k // groups] += np.einsum("nchw,kc->nkhw", window, weight[:, :, i, j])
    return y


def case(name, nodes, inputs, constants, truth, tolerance=EXACT, opset=17, outputs=("y",)):
    model = model_of(nodes, inputs, list(outputs), constants, opset)
    model.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    return Case("quantize", f"{name}@{opset}", model, inputs, tolerance, truth)


def node(kind, inputs, outputs="y", domain="", **attrs):
    return helper.make_node(kind, inputs.split(","), outputs.split(","), name=f"{kind.lower()}_{outputs}", domain=domain, **attrs)


def linear():
    """QuantizeLinear and DequantizeLinear, alone."""
    x = uniform("q", (2, 6, 5), low=-20, high=20)
    x[0, 0] = [0.5, 1.5, -0.5, 2.5, 1e9]
    for dtype, zero in [(U8, 0), (U8, 128), (U8, 255), (I8, 0), (I8, -5), (np.int16, 7), (np.uint16, 3)]:
        opset = 21 if dtype in (np.int16, np.uint16) else 13
        for scale in (np.float32(0.25), np.float32(1)):
            constants = {"s": scale, "z": dtype(zero)}
            yield case(f"QuantizeLinear {dtype.__name__} {zero} {scale}", [node("QuantizeLinear", "x,s,z")], {"x": x}, constants,
                       [q(x, scale, zero, dtype)], opset=opset)
        v = ints("dq", (2, 6, 5), dtype)
        yield case(f"DequantizeLinear {dtype.__name__} {zero}", [node("DequantizeLinear", "x,s,z")], {"x": v}, {"s": np.float32(0.25), "z": dtype(zero)},
                   [dq(v, 0.25, zero)], opset=opset)
    scales, zeros = np.array([0.5, 1, 2, 0.25, 4, 1], np.float32), np.array([0, 128, 3, 255, 1, 9], U8)
    yield case("QuantizeLinear per axis", [node("QuantizeLinear", "x,s,z", axis=1)], {"x": x}, {"s": scales, "z": zeros}, [q(x, scales, zeros, U8, 1)], opset=13)
    yield case("QuantizeLinear no zero", [node("QuantizeLinear", "x,s", axis=-2)], {"x": x}, {"s": scales}, [q(x, scales, 0, U8, 1)], opset=19)
    v = ints("axis", (2, 6, 5), I8)
    yield case("DequantizeLinear per axis", [node("DequantizeLinear", "x,s", axis=1)], {"x": v}, {"s": scales}, [dq(v, scales, np.zeros(6), 1)], opset=13)
    yield case("QuantizeLinear at run time", [node("QuantizeLinear", "x,s,z")], {"x": x, "s": np.array(0.25, np.float32), "z": np.array(7, U8)}, {}, [q(x, 0.25, 7, U8)], opset=13)
    yield case("DequantizeLinear at run time", [node("DequantizeLinear", "x,s,z")], {"x": v, "s": np.array(0.25, np.float32), "z": np.array(7, I8)}, {}, [dq(v, 0.25, 7)], opset=13)
    d = uniform("dynamic", (3, 40), low=-3, high=5)
    low, high = min(d.min(), np.float32(0)), max(d.max(), np.float32(0))
    scale = np.float32((high - low) / np.float32(255))
    zero = np.clip(np.rint(-low / scale), 0, 255)
    yield case("DynamicQuantizeLinear", [node("DynamicQuantizeLinear", "x", "y,s,z")], {"x": d}, {}, [q(d, scale, zero, U8), scale, U8(zero)],
               step(1), 13, ("y", "s", "z"))


CONVS = [  # x, w, strides, pads, groups
    ((1, 3, 9, 11), (8, 3, 3, 3), (1, 1), (1, 1, 1, 1), 1),
    ((2, 5, 8, 8), (19, 5, 3, 3), (2, 2), (0, 1, 1, 0), 1),
    ((1, 16, 7, 7), (33, 16, 1, 1), (1, 1), (0, 0, 0, 0), 1),
    ((1, 64, 6, 6), (20, 64, 1, 1), (2, 2), (0, 0, 0, 0), 1),
    ((1, 24, 9, 9), (24, 1, 3, 3), (1, 1), (1, 1, 1, 1), 24),
    ((1, 17, 10, 9), (17, 1, 5, 5), (2, 2), (2, 2, 2, 2), 17),
    ((1, 12, 7, 8), (6, 4, 3, 2), (1, 2), (1, 0, 1, 1), 3),
]


def convolutions():
    for i, (xs, ws, strides, pads, groups) in enumerate(CONVS):
        name = f"{xs}{ws}{strides}"
        xt, wt, yt = [(U8, I8, U8), (U8, I8, U8), (I8, I8, I8), (U8, U8, U8)][i % 4]
        xz, wz, yz = [(128, 0, 120), (0, 0, 0), (-3, 0, 5), (7, 130, 255)][i % 4]
        per_channel = i % 2 == 0
        x, w = ints(name, xs, xt), ints("w" + name, ws, wt)
        x.flat[:5], w.flat[:5] = np.iinfo(xt).max, np.iinfo(wt).max
        sw = (uniform("s" + name, (ws[0],), low=0.001, high=0.003) if per_channel else np.float32(0.002))
        wzs = np.full(ws[0], wz, wt) if per_channel else wt(wz)
        bias = ints("b" + name, (ws[0],), I32, -2000, 2000)
        attrs = {"strides": list(strides), "pads": list(pads), "group": groups}
        sums = conv(x.astype(np.int64) - xz, w.astype(np.int64) - wz, pads, strides, groups)
        real = (sums + bias.reshape(1, -1, 1, 1)) * (along(np.float64(np.float32(sw)), 4, 1) * np.float64(np.float32(0.02)))
        constants = {"xs": np.float32(0.02), "xz": xt(xz), "w": w, "ws": sw, "wz": wzs, "ys": np.float32(0.07), "yz": yt(yz), "b": bias}
        yield case(f"QLinearConv {name} {xt.__name__} {wt.__name__}", [node("QLinearConv", "x,xs,xz,w,ws,wz,ys,yz,b", **attrs)], {"x": x}, constants,
                   [q(real, 0.07, yz, yt)], step(1), 10)
        yield case(f"ConvInteger {name} {xt.__name__} {wt.__name__}", [node("ConvInteger", "x,w,xz,wz", **attrs)], {"x": x},
                   {"w": w, "xz": xt(xz), "wz": wt(wz)}, [sums.astype(I32)], opset=10)
        # The same as QDQ, with a relu and a residual: what fusion makes one kernel of.
        skip = ints("skip" + name, real.shape, yt)
        q_nodes = [node("DequantizeLinear", "x,xs,xz", "xf"), node("DequantizeLinear", "w,ws,wz", "wf", axis=0), node("DequantizeLinear", "b,bs", "bf", axis=0),
                   node("Conv", "xf,wf,bf", "c", **attrs), node("QuantizeLinear", "c,ys,yz", "cq"), node("DequantizeLinear", "cq,ys,yz", "cf"),
                   node("DequantizeLinear", "skip,ys,yz", "sf"), node("Add", "cf,sf", "sum"), node("Relu", "sum", "r"), node("QuantizeLinear", "r,rs,rz", "y")]
        inner = dq(q(real, 0.07, yz, yt), 0.07, yz) + dq(skip, 0.07, yz)
        constants |= {"bs": np.asarray(np.float32(sw) * np.float32(0.02), np.float32), "rs": np.float32(0.1), "rz": yt(yz)}
        yield case(f"QDQ conv {name}", q_nodes, {"x": x, "skip": skip}, constants, [q(np.maximum(inner, 0), 0.1, yz, yt)], step(1), 13)


def transposed():
    """QDQ transposed convolutions whose windows do not overlap, with a relu or not."""
    for xs, ws, dtype, per_channel in (((1, 5, 4, 6), (5, 7, 2, 2), U8, True), ((2, 16, 3, 5), (16, 33, 2, 3), I8, False), ((1, 6, 9), (6, 8, 4), U8, True)):
        name, spatial = f"{xs}{ws}", "".join("hw"[: len(xs) - 2])
        x, w = ints("t" + name, xs, dtype), ints("tw" + name, ws, I8)
        zero = 100 if dtype is U8 else -3
        sw = uniform("ts" + name, (ws[1],), low=0.001, high=0.003) if per_channel else np.float32(0.002)
        bias = ints("tb" + name, (ws[1],), I32, -2000, 2000)
        sums = np.einsum(f"nc{spatial},ck{spatial.upper()}->nk" + "".join(d + d.upper() for d in spatial), x.astype(np.int64) - zero, w.astype(np.int64))
        sums = sums.reshape(xs[0], ws[1], *(a * b for a, b in zip(xs[2:], ws[2:])))
        real = (sums + along(bias, sums.ndim, 1)) * (along(np.float64(np.float32(sw)), sums.ndim, 1) * np.float64(np.float32(0.02)))
        constants = {"xs": np.float32(0.02), "xz": dtype(zero), "w": w, "ws": sw, "wz": np.zeros(np.shape(sw), I8), "b": bias,
                     "bs": np.asarray(np.float32(sw) * np.float32(0.02), np.float32), "ys": np.float32(0.05), "yz": dtype(zero)}
        for relu in (False, True):
            nodes = [node("DequantizeLinear", "x,xs,xz", "xf"), node("DequantizeLinear", "w,ws,wz", "wf", axis=1), node("DequantizeLinear", "b,bs", "bf", axis=0),
                     node("ConvTranspose", "xf,wf,bf", "c", strides=list(ws[2:])), *([node("Relu", "c", "r")] if relu else []),
                     node("QuantizeLinear", "r,ys,yz" if relu else "c,ys,yz", "y")]
            yield case(f"QDQ conv_transpose {name} {dtype.__name__} relu={relu}", nodes, {"x": x}, constants,
                       [q(np.maximum(real, 0) if relu else real, 0.05, zero, dtype)], step(1), 13)


def products():
    a, b = ints("a", (2, 5, 37), U8), ints("b", (37, 20), I8)
    sb, zb = uniform("sb", (20,), low=0.001, high=0.01), np.zeros(20, I8)
    sums = (a.astype(np.int64) - 120) @ b.astype(np.int64)
    constants = {"as": np.float32(0.03), "az": U8(120), "b": b, "bs": sb, "bz": zb, "ys": np.float32(0.05), "yz": U8(100)}
    yield case("QLinearMatMul per column", [node("QLinearMatMul", "a,as,az,b,bs,bz,ys,yz")], {"a": a}, constants,
               [q(sums * (0.03 * np.float64(sb)), 0.05, 100, U8)], step(1), 10)
    yield case("MatMulInteger", [node("MatMulInteger", "a,b,az")], {"a": a}, {"b": b, "az": U8(120)}, [sums.astype(I32)], opset=10)
    signed = ints("as", (3, 37), I8)
    u = ints("bu", (37, 9), U8)
    yield case("MatMulInteger i8 u8", [node("MatMulInteger", "a,b,az,bz")], {"a": signed}, {"b": u, "az": I8(-7), "bz": U8(3)},
               [((signed.astype(np.int64) + 7) @ (u.astype(np.int64) - 3)).astype(I32)], opset=10)
    yield case("MatMulInteger zero point at run time", [node("MatMulInteger", "a,b,az")], {"a": a, "az": np.array(9, U8)}, {"b": b},
               [((a.astype(np.int64) - 9) @ b.astype(np.int64)).astype(I32)], opset=10)
    yield case("MatMulInteger of two inputs", [node("MatMulInteger", "a,b")], {"a": a, "b": b}, {}, [(a.astype(np.int64) @ b.astype(np.int64)).astype(I32)], opset=10)
    two, bias = ints("two", (4, 37), U8), ints("gb", (20,), I32, -500, 500)
    for transposed in (0, 1):
        real = ((two.astype(np.int64) - 120) @ b.astype(np.int64) + bias) * (0.03 * 0.002)
        constants = {"as": np.float32(0.03), "az": U8(120), "b": b.T.copy() if transposed else b, "bs": np.float32(0.002), "bz": I8(0), "c": bias,
                     "ys": np.float32(0.05), "yz": U8(100)}
        yield case(f"QGemm transB={transposed}", [node("QGemm", "a,as,az,b,bs,bz,c,ys,yz", domain="com.microsoft", transB=transposed)], {"a": two}, constants,
                   [q(real, 0.05, 100, U8)], step(1))


def pointwise():
    a, b = ints("pa", (1, 9, 5, 6), U8), ints("pb", (1, 9, 5, 6), U8)
    for dtype, zero in ((U8, 128), (I8, 0)):
        x, y = a.view(dtype), b.view(dtype)
        scales = {"as": np.float32(0.02), "bs": np.float32(0.03), "ys": np.float32(0.04), "z": dtype(zero)}
        real = dq(x, 0.02, zero), dq(y, 0.03, zero)
        for kind, value in (("QLinearAdd", real[0] + real[1]), ("QLinearMul", real[0] * real[1])):
            yield case(f"{kind} {dtype.__name__}", [node(kind, "a,as,z,b,bs,z,ys,z", domain="com.microsoft")], {"a": x, "b": y}, scales,
                       [q(value, 0.04, zero, dtype)], step(1))
        yield case(f"QLinearSigmoid {dtype.__name__}", [node("QLinearSigmoid", "a,as,z,ys,yz", domain="com.microsoft")], {"a": x},
                   scales | {"ys": np.float32(1 / 256), "yz": dtype(np.iinfo(dtype).min)}, [q(1 / (1 + np.exp(-real[0])), 1 / 256, np.iinfo(dtype).min, dtype)], step(1))
        yield case(f"QLinearLeakyRelu {dtype.__name__}", [node("QLinearLeakyRelu", "a,as,z,ys,z", domain="com.microsoft", alpha=0.25)], {"a": x}, scales,
                   [q(np.where(real[0] < 0, 0.25 * real[0], real[0]), 0.04, zero, dtype)], step(1))
    x = ints("soft", (3, 10), U8)
    e = np.exp(dq(x, 0.1, 100))
    yield case("QLinearSoftmax", [node("QLinearSoftmax", "x,xs,xz,ys,yz", domain="com.microsoft", axis=-1, opset=13)], {"x": x},
               {"xs": np.float32(0.1), "xz": U8(100), "ys": np.float32(1 / 256), "yz": U8(0)}, [q(e / e.sum(-1, keepdims=True), 1 / 256, 0, U8)], step(1))


def pooling():
    x = ints("pool", (1, 19, 8, 6), U8)
    constants = {"xs": np.float32(0.02), "xz": U8(90), "ys": np.float32(0.015), "yz": U8(60)}
    real = dq(x, 0.02, 90)
    mean = real.reshape(1, 19, 4, 2, 3, 2).mean((3, 5))
    yield case("QLinearAveragePool", [node("QLinearAveragePool", "x,xs,xz,ys,yz", domain="com.microsoft", kernel_shape=[2, 2], strides=[2, 2])],
               {"x": x}, constants, [q(mean, 0.015, 60, U8)], step(1))
    yield case("QLinearGlobalAveragePool", [node("QLinearGlobalAveragePool", "x,xs,xz,ys,yz", domain="com.microsoft")], {"x": x}, constants,
               [q(real.mean((2, 3), keepdims=True), 0.015, 60, U8)], step(1))
    other = ints("other", (1, 5, 8, 6), U8)
    yield case("QLinearConcat", [node("QLinearConcat", "ys,yz,x,xs,xz,o,os,oz", domain="com.microsoft", axis=1)], {"x": x, "o": other},
               constants | {"os": np.float32(0.03), "oz": U8(10)}, [np.concatenate([q(real, 0.015, 60, U8), q(dq(other, 0.03, 10), 0.015, 60, U8)], 1)], step(1))
    signed = ints("signed", (1, 6, 8, 8), I8)
    nodes = [node("DequantizeLinear", "x,s,z", "f"), node("MaxPool", "f", "p", kernel_shape=[2, 2], strides=[2, 2]), node("Reshape", "p,shape", "r"),
             node("QuantizeLinear", "r,s,z", "y")]
    yield case("QDQ max pool and reshape", nodes, {"x": signed}, {"s": np.float32(0.1), "z": I8(-4), "shape": np.array([1, -1], np.int64)},
               [signed.reshape(1, 6, 4, 2, 4, 2).max((3, 5)).reshape(1, -1)], opset=13)


def cases():
    yield from linear()
    yield from convolutions()
    yield from transposed()
    yield from products()
    yield from pointwise()
    yield from pooling()
