"""small.mlir's input and, from numpy, its outputs: single roundings in the same order, so every bit is known.

  small.py make FOLDER          writes FOLDER/x.npy
  small.py check FOLDER OUTPUTS compares OUTPUTS/0.npy and 1.npy
"""
import sys

import numpy as np

command, folder = sys.argv[1:3]
if command == "make":
    np.save(f"{folder}/x.npy", np.random.default_rng(1).standard_normal((2, 20)).astype(np.float32))
    sys.exit()
x = np.load(f"{folder}/x.npy")
scale = np.arange(1, 21, dtype=np.float32)
y = np.maximum(x * scale + np.float32(-0.5), np.float32(0))
for i, expected in enumerate([y.astype(np.int64) + 1, y[1] * y[1]]):
    got = np.load(f"{sys.argv[3]}/{i}.npy")
    if got.dtype != expected.dtype or got.shape != expected.shape or not np.array_equal(got, expected):
        sys.exit(f"output {i}: expected {expected.dtype}{expected.shape} {expected}, got {got.dtype}{got.shape} {got}")
print("equal")
