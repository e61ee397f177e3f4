// RUN: dnnc-opt %s | FileCheck %s
// RUN: dnnc-opt %s | FileCheck %s --check-prefixes=ONE,TWO
// CHECK: func
// ONE-NOT: x
// TWO-COUNT-2: y
// Words such as CHECK in a sentence are no directive.
