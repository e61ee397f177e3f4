"""MatMul and Gemm: vector, matrix and batched forms, broadcasting, transposes, factors, constants on either side."""
import numpy as np

from case import Const, op, sum_of, uniform

MATMUL = [
    ((4, 8), (8, 16)), ((1, 64), (64, 10)), ((7, 33), (33, 65)), ((13, 1), (1, 5)), ((1, 1), (1, 1)), ((130, 70), (70, 129)),
    ((6, 300), (300, 16)), ((5,), (5, 7)), ((6, 5), (5,)), ((9,), (9,)), ((2, 4, 5), (5, 6)), ((2, 4, 5), (2, 5, 6)),
    ((3, 1, 4, 5), (2, 5, 6)), ((1, 4, 5), (3, 5, 6)), ((4, 5), (3, 5, 6)), ((2, 3, 17, 8), (2, 3, 8, 17)), ((2, 2, 3), (3,)),
    ((3,), (2, 3, 4)),
]
GEMM = [  # m, k, n, transA, transB, alpha, beta, shape of C
    (4, 8, 16, 0, 0, 1.0, 1.0, (16,)), (1, 64, 10, 0, 1, 1.0, 1.0, (10,)), (1, 513, 130, 0, 1, 1.0, 1.0, (130,)),
    (5, 7, 9, 1, 0, 1.0, 1.0, (5, 9)), (5, 7, 9, 1, 1, 0.5, -2.0, (1, 9)), (5, 7, 9, 0, 0, 1.5, 0.5, (5, 1)),
    (5, 7, 9, 0, 0, -1.0, 0.0, (9,)), (3, 5, 17, 0, 1, 1.0, 1.0, (1,)), (3, 5, 17, 0, 1, 1.0, 3.0, ()), (33, 20, 70, 0, 1, 1.0, 1.0, (70,)),
    (1, 1, 1, 0, 0, 1.0, 1.0, (1, 1)), (3, 5, 1, 0, 1, 1.0, 1.0, ()), (2, 3, 4, 0, 1, 0.25, 1.0, None),
]


def cases():
    for a, b in MATMUL:
        name = f"matmul{a}{b}"
        x, w = uniform(name, a), uniform(name + "b", b)
        yield op("matmul", "MatMul", [x, Const(w)], sum_of(a[-1]), 13)
        yield op("matmul", "MatMul", [x, w], sum_of(a[-1]), 9)
    for a, b in [((16, 9), (9, 33)), ((2, 6, 5), (5, 4))]:
        name = f"left{a}{b}"
        yield op("matmul", "MatMul", [Const(uniform(name, a)), uniform(name + "b", b)], sum_of(a[-1]), 13)
        half = [uniform(name, a, np.float16), Const(uniform(name + "b", b, np.float16))]
        yield op("matmul", "MatMul", half, sum_of(a[-1]), 13)
    for m, k, n, ta, tb, alpha, beta, c in GEMM:
        name = f"gemm{m}{k}{n}{ta}{tb}{c}"
        a, b = uniform(name, (k, m) if ta else (m, k)), uniform(name + "b", (n, k) if tb else (k, n))
        attrs = {"transA": ta, "transB": tb, "alpha": alpha, "beta": beta}
        bias = [] if c is None else [Const(uniform(name + "c", c))]
        yield op("matmul", "Gemm", [a, Const(b), *bias], sum_of(k + 1), 13 if c != (10,) else 9, **attrs)
        if c is not None:
            yield op("matmul", "Gemm", [a, b, bias[0].value], sum_of(k + 1), 11, **attrs)
    half = [uniform("h", (3, 20), np.float16), Const(uniform("hb", (24, 20), np.float16)), Const(uniform("hc", (24,), np.float16))]
    yield op("matmul", "Gemm", half, sum_of(21), 13, transB=1)
