// The weights of printed IR go to a safetensors file, which dnnc and dnnc-opt read back.
// RUN: rm -rf %t && mkdir %t && cd %t
// RUN: dnnc %s --stop-after=import -o a.mlir
// RUN: FileCheck %s < a.mlir
// CHECK: dnn.weights = "a.mlir.safetensors"
// CHECK: dense_resource<w0>
// CHECK-NOT: dialect_resources

// The file is what other readers of the format expect: header length, JSON, data.
// RUN: %python -c "import json, struct; d = open('a.mlir.safetensors', 'rb').read(); n = struct.unpack('<Q', d[:8])[0]; \
// RUN:   e = json.loads(d[8:8+n])['w0']; b, c = e['data_offsets']; print(e['dtype'], e['shape'], struct.unpack('<19f', d[8+n+b:8+n+c]))" | FileCheck --check-prefix=FILE %s
// FILE: F32 [19] (1.0, 2.0, 3.0, 4.0, 0.0,

// Reading it back gives the same module.
// RUN: dnnc a.mlir --stop-after=import -o b.mlir
// RUN: cmp a.mlir.safetensors b.mlir.safetensors
// RUN: dnnc-opt a.mlir | FileCheck --check-prefix=OPT %s
// OPT: w0: "0x{{[0-9]+}}0000803F0000004000004040

// To the terminal the weights are left out.
// RUN: dnnc %s --stop-after=import | FileCheck --check-prefix=SHORT %s
// SHORT-NOT: dnn.weights

// Damaged files are refused.
// RUN: head -c 140 b.mlir.safetensors > cut && mv cut b.mlir.safetensors
// RUN: not dnnc b.mlir --stop-after=import 2>&1 | FileCheck --check-prefix=CUT %s
// CUT: dnnc: error: b.mlir: {{.*}}cannot read the weights file b.mlir.safetensors: the tensor 'w0' lies outside of it
// RUN: rm b.mlir.safetensors
// RUN: not dnnc b.mlir --stop-after=import 2>&1 | FileCheck --check-prefix=GONE %s
// GONE: dnnc: error: b.mlir: {{.*}}cannot read the weights file b.mlir.safetensors: No such file or directory

module attributes {dnn.model = "t.onnx"} {
  func.func @main(%x: tensor<1x19xf32> {dnn.name = "x"}) -> (tensor<1x19xf32> {dnn.name = "y"}) {
    %w = dnn.constant dense_resource<w0> : tensor<19xf32>
    %y = dnn.pointwise %x, %w : (tensor<1x19xf32>, tensor<19xf32>) -> tensor<1x19xf32> {
      ^bb0(%0: f32, %1: f32):
        %2 = pw.fn "mul"(%0, %1) : (f32, f32) -> f32
        pw.yield %2 : f32
    }
    return %y : tensor<1x19xf32>
  }
}
{-# dialect_resources: { builtin: { w0: "0x400000000000803F000000400000404000008040000000000000803F000000400000404000008040000000000000803F000000400000404000008040000000000000803F000000400000404000008040" } } #-}
