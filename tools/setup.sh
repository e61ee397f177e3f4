#!/usr/bin/env bash
# Installs what dnnc needs on Debian 12: apt packages (as root or through sudo) and a Python environment in .venv.
#
#   tools/setup.sh [build | check | bench | train]
#
#   build   what ./quickstart needs: MLIR, a compiler, CMake, and the PyPI package onnx for its onnx-ml.proto (the default)
#   check   the same and what ./check needs: gtest, more compilers, ONNX Runtime
#   bench   what bench/compare.py needs beside that: the peers, in environments of their own (.venv-bench, and .venv-mnn for MNN)
#   train   what examples/digits/train.py needs: Debian's PyTorch and scikit-learn
#
# What is already there is not touched: a second run takes no time and needs no network.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

build_apt=(
  cmake ninja-build ccache g++ # the toolchain; ccache only saves time
  libmlir-19-dev mlir-19-tools llvm-19-dev llvm-19-tools
  protobuf-compiler libprotobuf-dev
  python3 python3-venv
)
build_pip=(onnx==1.22.0)

check_apt=(
  libgtest-dev libbenchmark-dev libeigen3-dev
  clang-14 clang-19 libclang-rt-19-dev # emitted code must compile with both; the fuzzer needs the newer one
  libsimde-dev                         # AVX-512 kernels on processors without it
  g++-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user # emitted code and kernels for 64-bit Arm
  llvm-19                              # llvm-mca
  binutils file git
  valgrind    # counts instructions
  libtbb-dev  # an example
)
check_pip=(numpy==2.4.6 onnxruntime==1.31.1 pillow==13.0.0)

# nvcc, where it is not there already: emitted CUDA must compile. Only the compiler; there is no need for a GPU.
if ! command -v nvcc >/dev/null; then
  check_pip+=(nvidia-cuda-nvcc==13.0.88 nvidia-nvvm==13.0.88 nvidia-cuda-crt==13.0.88 nvidia-cuda-runtime==13.0.96 nvidia-cuda-cccl==13.0.85)
fi

# bench/compare.py: each peer is optional there. pnnx and ncnn are wanted without what their packages ask for: PyTorch and a model zoo's needs.
bench_pip=(numpy==2.4.6 openvino==2026.4.1 matplotlib==3.11.2)
bench_bare_pip=(ncnn==1.0.20261020 pnnx==20261020)
mnn_pip=(numpy==2.4.6 MNN==3.6.1)

train_apt=(python3-torch python3-numpy)
train_pip=(scikit-learn==1.9.1)

case "${1:-build}" in
  build) apt=("${build_apt[@]}") pip=("${build_pip[@]}") ;;
  check) apt=("${build_apt[@]}" "${check_apt[@]}") pip=("${build_pip[@]}" "${check_pip[@]}") ;;
  bench) apt=("${build_apt[@]}" "${check_apt[@]}") pip=("${build_pip[@]}" "${check_pip[@]}") ;;
  train) apt=(python3 python3-venv "${train_apt[@]}") pip=("${train_pip[@]}") ;;
  *) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo -E "$@"
  else echo "tools/setup.sh: these packages are missing and neither root nor sudo is at hand to install them: ${missing[*]}" >&2; exit 1
  fi
}

missing=()
for package in "${apt[@]}"; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  echo "== apt-get install ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  as_root apt-get -qq update
  as_root apt-get -qq install -y --no-install-recommends "${missing[@]}" >/dev/null
fi

# install FOLDER PIP-OPTION PIN…: into a Python environment that is made if need be
install() {
  local folder=$1 option=$2
  shift 2
  [ -x "$folder/bin/python" ] && [ -x "$folder/bin/pip" ] || python3 -m venv "$folder"
  if ! "$folder/bin/python" - "$@" <<'PY'
import sys
from importlib.metadata import PackageNotFoundError, version

def have(pin):
    name, wanted = pin.split("==")
    try:
        return version(name) == wanted
    except PackageNotFoundError:
        return False

sys.exit(not all(map(have, sys.argv[1:])))
PY
  then
    echo "== pip install $* ($folder)"
    "$folder/bin/python" -m pip install --quiet --disable-pip-version-check $option "$@"
  fi
}

install .venv "" "${pip[@]}"
if [ "${1:-build}" = bench ]; then
  install .venv-bench "" "${bench_pip[@]}"
  install .venv-bench --no-deps "${bench_bare_pip[@]}"
  install .venv-mnn "" "${mnn_pip[@]}"
fi
