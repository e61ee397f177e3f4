//===- DnnControl.td - branches and loops -------------------------------------------===//

#ifndef DNNC_DNN_CONTROL_TD
#define DNNC_DNN_CONTROL_TD

include "DnnBase.td"

/// Not isolated: the regions of control flow may use values from outside.
class Dnn_ControlOp<string mnemonic, list<Trait> traits = []>
    : Op<Dnn_Dialect, mnemonic, !listconcat([RecursiveMemoryEffects, SingleBlockImplicitTerminator<"YieldOp">], traits)>;

def Dnn_YieldOp : Op<Dnn_Dialect, "yield", [Pure, Terminator, ParentOneOf<["IfOp", "LoopOp"]>]> {
  let summary = "Ends the region of a branch or loop";
  let description = [{
    ```text
    dnn.yield %a, %b : tensor<4xf32>, tensor<i1>
    ```
  }];
  let arguments = (ins Variadic<Dnn_Tensor>:$values);
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
  let builders = [OpBuilder<(ins), [{}]>];
}

def Dnn_IfOp : Dnn_ControlOp<"if", [NoRegionArguments]> {
  let summary = "What one of two regions yields, by a condition known at run time (ONNX If)";
  let description = [{
    Only the region that is taken runs. Both yield values of the result types.

    ```mlir
    func.func @either(%cond: tensor<i1>, %a: tensor<4xf32>, %x: tensor<8xf32>) -> tensor<4xf32> {
      %y = dnn.if %cond : (tensor<i1>) -> tensor<4xf32> {
        dnn.yield %a : tensor<4xf32>
      } else {
        %b = dnn.slice %x {starts = array<i64: 0>, sizes = array<i64: 4>, steps = array<i64: 1>} : (tensor<8xf32>) -> tensor<4xf32>
        dnn.yield %b : tensor<4xf32>
      }
      return %y : tensor<4xf32>
    }
    ```
  }];
  let arguments = (ins Dnn_Tensor:$cond);
  let results = (outs Variadic<Dnn_Tensor>:$results);
  let regions = (region SizedRegion<1>:$thenRegion, SizedRegion<1>:$elseRegion);
  let assemblyFormat = "$cond attr-dict `:` functional-type($cond, $results) $thenRegion `else` $elseRegion";
  let hasVerifier = 1;
}

def Dnn_LoopOp : Dnn_ControlOp<"loop", [AttrSizedOperandSegments]> {
  let summary = "A body that runs again and again on values it hands to itself (ONNX Loop and Scan)";
  let description = [{
    Runs while the iteration's number is below `count` and `trips` (where given) and the condition (where given, `cond` at first) holds.
    The body's arguments are the number of the iteration, the carried values, and of every scanned tensor the slice at that number along its
    `scan_axes`, from the end where `scan_reversed`. It yields the next condition (if there is one), the next carried values, whose types do
    not change, and values that are stacked along new dims `stack_axes`, from the end where `stack_reversed`. The results are the last
    carried values and the stacks. With stacks all `count` iterations must run: with `trips` or `cond` that is checked at run time.

    ```mlir
    func.func @running_sums(%zero: tensor<4xf32>, %x: tensor<100x4xf32>) -> (tensor<4xf32>, tensor<100x4xf32>) {
      %last, %sums = dnn.loop carried(%zero) scanned(%x) {count = 100 : i64, operandSegmentSizes = array<i32: 0, 0, 1, 1>,
          scan_axes = array<i64: 0>, scan_reversed = array<i1: false>, stack_axes = array<i64: 0>, stack_reversed = array<i1: false>}
          : (tensor<4xf32>, tensor<100x4xf32>) -> (tensor<4xf32>, tensor<100x4xf32>) {
      ^bb0(%i: tensor<i64>, %sum: tensor<4xf32>, %row: tensor<4xf32>):
        %next = dnn.pointwise %sum, %row : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32> {
        ^bb0(%0: f32, %1: f32):
          %2 = pw.fn "add"(%0, %1) : (f32, f32) -> f32
          pw.yield %2 : f32
        }
        dnn.yield %next, %next : tensor<4xf32>, tensor<4xf32>
      }
      return %last, %sums : tensor<4xf32>, tensor<100x4xf32>
    }
    ```
  }];
  let arguments = (ins Optional<Dnn_Tensor>:$trips, Optional<Dnn_Tensor>:$cond, Variadic<Dnn_Tensor>:$carried, Variadic<Dnn_Tensor>:$scanned,
      OptionalAttr<I64Attr>:$count, DenseI64ArrayAttr:$scan_axes, DenseBoolArrayAttr:$scan_reversed, DenseI64ArrayAttr:$stack_axes,
      DenseBoolArrayAttr:$stack_reversed);
  let results = (outs Variadic<Dnn_Tensor>:$results);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    (`trips` `(` $trips^ `)`)? (`cond` `(` $cond^ `)`)? (`carried` `(` $carried^ `)`)? (`scanned` `(` $scanned^ `)`)? attr-dict
    `:` functional-type(operands, $results) $body
  }];
  let extraClassDeclaration = [{
    ::mlir::Value counter() { return getBody().getArgument(0); }
    ::mlir::Block::BlockArgListType carriedArgs() { return getBody().getArguments().slice(1, getCarried().size()); }
    ::mlir::Block::BlockArgListType sliceArgs() { return getBody().getArguments().drop_front(1 + getCarried().size()); }
    ::mlir::OperandRange yielded();
    /// Null without a condition.
    ::mlir::Value nextCond() { return getCond() ? yielded().front() : ::mlir::Value(); }
    ::mlir::OperandRange nextCarried() { return yielded().slice(getCond() ? 1 : 0, getCarried().size()); }
    ::mlir::OperandRange stackedValues() { return yielded().drop_front((getCond() ? 1 : 0) + getCarried().size()); }
    ::mlir::ResultRange carriedResults() { return getResults().take_front(getCarried().size()); }
    ::mlir::ResultRange stacks() { return getResults().drop_front(getCarried().size()); }
  }];
  let hasVerifier = 1;
}

#endif
