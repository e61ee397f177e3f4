"""Models with a wrong attention or a wrong node of com.microsoft: make_attention.py CASE FOLDER."""
import pathlib
import shutil
import sys

import numpy as np
import onnx
from onnx import helper

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import make_bad

U = np.ones


def one(kind, shapes, constants=None, domain="", **attributes):
    made = make_bad.one(kind, shapes, None, constants, 24, **attributes)
    if domain:
        made.graph.node[0].domain = domain
        made.opset_import.append(helper.make_opsetid(domain, 1))
    return made


def group_query(lengths, total, more):
    """Two rows of two heads behind a cache of eight."""
    node = helper.make_node("GroupQueryAttention", [*"qkvpclt", *more], ["y"], name="bad", domain=ms, num_heads=2, kv_num_heads=1)
    inputs = {"q": [1, 2, 16], "k": [1, 2, 8], "v": [1, 2, 8], "p": [1, 1, 8, 8], "c": [1, 1, 8, 8], "s": [2]}
    made = make_bad.model([node], inputs, {"y": None}, {"l": np.array(lengths, np.int32), "t": np.array(total, np.int32)}, 17)
    made.opset_import.append(helper.make_opsetid(ms, 1))
    return made


ms = "com.microsoft"
packed = [U((6, 2, 16), np.uint8), U(12, np.float32)]
CASES = {
    "attention-heads": lambda: one("Attention", [[1, 4, 24]] * 3),
    "attention-past": lambda: one("Attention", [[1, 2, 4, 8]] * 5),
    "attention-softcap": lambda: one("Attention", [[1, 2, 4, 8]] * 3, softcap=-2.0),
    "attention-precision": lambda: one("Attention", [[1, 2, 4, 8]] * 3, softmax_precision=7),
    "attention-mode": lambda: one("Attention", [[1, 2, 4, 8]] * 3, qk_matmul_output_mode=4),
    "attention-split": lambda: one("Attention", [[1, 4, 25]] * 3, q_num_heads=3, kv_num_heads=3),
    "rotary-dim": lambda: one("RotaryEmbedding", [[1, 2, 4, 8], [1, 4, 4], [1, 4, 4]], rotary_embedding_dim=10),
    "group-query-room": lambda: group_query([8], 8, []),
    "group-query-sink": lambda: group_query([3], 8, ["", "", "", "", "s"]),
    "nbits-bits": lambda: one("MatMulNBits", [[3, 64]], packed, ms, K=64, N=6, block_size=32, bits=3),
    "nbits-size": lambda: one("MatMulNBits", [[3, 64]], packed, ms, K=64, N=7, block_size=32, bits=4),
    "fused-activation": lambda: one("FusedConv", [[1, 3, 8, 8]], [U((8, 3, 3, 3), np.float32)], ms, activation="Softplus"),
}


def main():
    name, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "out").mkdir(parents=True)
    onnx.save(CASES[name](), folder / "model.onnx")


if __name__ == "__main__":
    main()
