// RUN: dnnc-opt %s | FileCheck %s --check-prefix=ONE
// RUN: dnnc-opt %s | FileCheck %s
// ONE: func
// CHECK-NEXT return
// CHECKS: return
