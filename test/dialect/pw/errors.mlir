// RUN: dnnc-opt --split-input-file --verify-diagnostics %s

func.func @unknown(%a: f32) {
  // expected-error @+1 {{unknown function "relu7"; functions.inc lists the known ones}}
  %0 = pw.fn "relu7"(%a) : (f32) -> f32
  return
}

// -----

func.func @arity(%a: f32) {
  // expected-error @+1 {{"add" takes 2 operands, got 1}}
  %0 = pw.fn "add"(%a) : (f32) -> f32
  return
}

// -----

func.func @float_of_integer(%a: i32) {
  // expected-error @+1 {{"exp" does not take these types}}
  %0 = pw.fn "exp"(%a) : (i32) -> i32
  return
}

// -----

func.func @numeric_of_two_types(%a: f32, %b: f64) {
  // expected-error @+1 {{"add" does not take these types}}
  %0 = pw.fn "add"(%a, %b) : (f32, f64) -> f32
  return
}

// -----

func.func @integer_of_float(%a: f32) {
  // expected-error @+1 {{"bitwise_not" does not take these types}}
  %0 = pw.fn "bitwise_not"(%a) : (f32) -> f32
  return
}

// -----

func.func @boolean_of_integer(%a: i8) {
  // expected-error @+1 {{"logical_not" does not take these types}}
  %0 = pw.fn "logical_not"(%a) : (i8) -> i8
  return
}

// -----

func.func @compare_gives_bool(%a: f32) {
  // expected-error @+1 {{"less" does not take these types}}
  %0 = pw.fn "less"(%a, %a) : (f32, f32) -> f32
  return
}

// -----

func.func @predicate_of_integer(%a: i32) {
  // expected-error @+1 {{"is_nan" does not take these types}}
  %0 = pw.fn "is_nan"(%a) : (i32) -> i1
  return
}

// -----

func.func @where_condition(%a: f32) {
  // expected-error @+1 {{"where" does not take these types}}
  %0 = pw.fn "where"(%a, %a, %a) : (f32, f32, f32) -> f32
  return
}

// -----

func.func @constant_type() {
  // expected-error @+1 {{failed to verify that all of {value, result} have same type}}
  %0 = "pw.const"() {value = 1.0 : f32} : () -> f64
  return
}
