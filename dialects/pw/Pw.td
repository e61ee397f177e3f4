//===- Pw.td - scalar functions used inside regions ---------------------------===//
//
// The pw dialect holds the body of a pointwise chain: it is shared by dnn (fusion)
// and exec (the schedule). Function names are the rows of
// runtime/kernels/pointwise/functions.inc.
//
//===----------------------------------------------------------------------===//

#ifndef DNNC_PW_TD
#define DNNC_PW_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Pw_Dialect : Dialect {
  let name = "pw";
  let cppNamespace = "::dnnc::pw";
  let summary = "Scalar functions applied to every element of a tensor";
  let description = [{
    A pointwise chain is a region whose block arguments are one element of each operand, whose body is a list of `pw.fn` and
    `pw.const`, and whose terminator yields one element of the result.
  }];
}

class Pw_Op<string mnemonic, list<Trait> traits = []> : Op<Pw_Dialect, mnemonic, traits>;

def Pw_FnOp : Pw_Op<"fn", [Pure]> {
  let summary = "A named scalar function";
  let description = [{
    Applies a function of `runtime/kernels/pointwise/functions.inc` to scalars.

    ```mlir
    %1 = pw.fn "add"(%acc, %skip) : (f32, f32) -> f32
    %2 = pw.fn "cast"(%1) : (f32) -> i64
    ```
  }];
  let arguments = (ins StrAttr:$name, Variadic<AnyType>:$args);
  let results = (outs AnyType:$result);
  let assemblyFormat = "$name `(` $args `)` attr-dict `:` functional-type($args, $result)";
  let hasVerifier = 1;
}

def Pw_ConstOp : Pw_Op<"const", [Pure, AllTypesMatch<["value", "result"]>]> {
  let summary = "A scalar constant";
  let description = [{
    ```mlir
    %six = pw.const 6.0 : f32
    ```
  }];
  let arguments = (ins TypedAttrInterface:$value);
  let results = (outs AnyType:$result);
  let assemblyFormat = "$value attr-dict";
}

def Pw_YieldOp : Pw_Op<"yield", [Pure, Terminator]> {
  let summary = "Ends a pointwise chain";
  let description = [{
    ```mlir
    pw.yield %1 : f32
    ```
  }];
  let arguments = (ins AnyType:$value);
  let assemblyFormat = "$value attr-dict `:` type($value)";
}

#endif
