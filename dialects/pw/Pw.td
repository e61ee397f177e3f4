//===- Pw.td - scalar functions used inside regions ---------------------------===//
//
// The pw dialect holds the body of a pointwise chain: it is shared by dnn (fusion)
// and exec (the schedule). Function names are the rows of
// runtime/kernels/pointwise/functions.inc.
//
//===----------------------------------------------------------------------===//

#ifndef DNNC_PW_TD
#define DNNC_PW_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
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
  let useDefaultTypePrinterParser = 1;
}

class Pw_SmallCase<string name, int number> : I32EnumAttrCase<name, number>;
def Pw_SmallFormat : I32EnumAttr<"SmallFormat", "Element types of 8 bits and less that only ONNX has names for", [
    Pw_SmallCase<"f8E4M3FN", 0>, Pw_SmallCase<"f8E4M3FNUZ", 1>, Pw_SmallCase<"f8E5M2", 2>, Pw_SmallCase<"f8E5M2FNUZ", 3>,
    Pw_SmallCase<"f8E8M0", 4>, Pw_SmallCase<"f4E2M1", 5>, Pw_SmallCase<"i4", 6>, Pw_SmallCase<"u4", 7>, Pw_SmallCase<"i2", 8>,
    Pw_SmallCase<"u2", 9>]> {
  let cppNamespace = "::dnnc::pw";
}

def Pw_SmallType : TypeDef<Pw_Dialect, "Small"> {
  let mnemonic = "small";
  let summary = "An element of 8 bits or less that is only stored: one byte, without arithmetic";
  let description = [{
    Floats (f8E4M3FN, f8E4M3FNUZ, f8E5M2, f8E5M2FNUZ, f8E8M0, f4E2M1) are a ui8 that holds their bits; i4 and i2 an i8 and u4 and u2 a ui8
    that holds their value. `legalize-types` leaves them at the function's interface only.

    ```mlir
    tensor<2x3x!pw.small<f8E4M3FN>>
    ```
  }];
  let parameters = (ins EnumParameter<Pw_SmallFormat>:$format);
  let assemblyFormat = "`<` $format `>`";
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
