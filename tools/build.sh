#!/usr/bin/env bash
# Configures build/ once (Release, Ninja) and builds a target: `tools/build.sh dnnc`, `tools/build.sh all`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
mkdir -p build
log=build/configure.log
if [ ! -f build/build.ninja ]; then
  echo "== cmake -G Ninja -S . -B build -DCMAKE_BUILD_TYPE=Release"
  CCACHE_BASEDIR=$PWD cmake -G Ninja -S . -B build -DCMAKE_BUILD_TYPE=Release >$log 2>&1 || { cat $log >&2; exit 1; }
fi
echo "== ninja -C build $1"
CCACHE_BASEDIR=$PWD NINJA_STATUS='[%f/%t %es] ' ninja -C build -j"$(nproc)" "$1"
