#!/usr/bin/env bash
# On a machine with an NVIDIA GPU, from the folder that tools/gpu-pack.sh packed; needs nvcc and Python with numpy, no network:
#
#   tar -xf gpu-pack.tar.xz && gpu-pack/gpu-check.sh [--no-timing]
#
# Builds every program with nvcc for this GPU, runs it, compares its outputs with the expected ones, runs compute-sanitizer on the small models
# and prints a table of times: ours at f32 and f16 as a CUDA graph, and PyTorch's where it is installed. Returns 1 if anything is wrong.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
if [ ! -f pack.json ]; then
  echo "gpu-check.sh: run it from the folder that tools/gpu-pack.sh packed" >&2
  exit 2
fi
for tool in nvcc nvidia-smi python3; do
  command -v "$tool" >/dev/null || { echo "gpu-check.sh: $tool is missing" >&2; exit 2; }
done
nvidia-smi --query-gpu=name,driver_version,compute_cap,clocks.max.sm --format=csv,noheader
nvcc --version | tail -n 2
exec python3 gpu_check.py "$@"
