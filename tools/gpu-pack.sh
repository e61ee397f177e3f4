#!/usr/bin/env bash
# Packs what tools/gpu-check.sh needs on a machine with a GPU and no network into one file of at most 60 MB: emitted CUDA, inputs and
# expected outputs (ONNX Runtime's, made here), and the weightless models of the shared folder, which the timing fills there.
#
#   tools/gpu-pack.sh [OUT.tar.xz] [--quick]     --quick: the small models only
#
# dnnc must be built (tools/build.sh dnnc) and .venv there (tools/setup.sh check).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

out=gpu-pack.tar.xz
quick=""
for argument in "$@"; do
  case "$argument" in
    --quick) quick=--quick ;;
    -*) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
    *) out=$argument ;;
  esac
done

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
.venv/bin/python test/cuda/pack.py "$folder/gpu-pack" $quick
cp tools/gpu-check.sh test/cuda/gpu_check.py "$folder/gpu-pack/"
tar -C "$folder" -cf - gpu-pack | xz -T0 -9 > "$out"
size=$(stat -c %s "$out")
echo "$out: $((size / 1000000)) MB"
if [ "$size" -gt 60000000 ]; then
  echo "tools/gpu-pack.sh: $out is larger than 60 MB" >&2
  exit 1
fi
