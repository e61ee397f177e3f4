//===- Exec.td - the schedule: buffers, views and kernel calls ---------------------===//

#ifndef DNNC_EXEC_TD
#define DNNC_EXEC_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/OpBase.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Exec_Dialect : Dialect {
  let name = "exec";
  let cppNamespace = "::dnnc::exec";
  let summary = "The schedule of the generated program";
  let description = [{
    Everything the generated program does, line by line: buffers in the caller's arena, constants, and calls of kernels by name with
    their parameters by field name. Codegen prints it and decides nothing.
  }];
  let useDefaultTypePrinterParser = 1;
  let dependentDialects = ["::dnnc::pw::PwDialect"];
}

def Exec_BufferType : TypeDef<Exec_Dialect, "Buffer"> {
  let mnemonic = "buffer";
  let summary = "A pointer to elements of one type; its size is that of the alloc, weight, input or output it comes from";
  let parameters = (ins "::mlir::Type":$elementType);
  let assemblyFormat = "`<` $elementType `>`";
}

class Exec_Op<string mnemonic, list<Trait> traits = []> : Op<Exec_Dialect, mnemonic, traits>;

def Exec_ScheduleOp : Exec_Op<"schedule", [Symbol, SingleBlock, NoTerminator, IsolatedFromAbove]> {
  let summary = "The steps of one model for one target";
  let description = [{
    `inputs` and `outputs` are the row-major tensor types at the interface. `arena_size` (bytes, set by memory planning) and `scratch_size`
    (bytes per thread, behind the arena) make up the workspace. `lower_bound` is the largest sum, over all steps, of live buffers.
    `states` are pairs of an input and an output that the caller may hand the same memory for.

    Where a dim of an input or output is only a bound, the true dims are a tensor of their own, behind the model's: `input_bounds` and
    `output_bounds` have an entry for each of these last tensors, `{of = 0 : i64, min = array<i64: 1, 3>, names = ["N", ""]}`: whose dims it
    holds, the smallest it may hold, and, of an input, what dims are called; those of one name are equal.

    ```mlir
    exec.schedule @main attributes {target = "avx2", inputs = [tensor<1x4xf32>], input_names = ["x"], outputs = [tensor<1x4xf32>], output_names = ["y"]} {
      %x = exec.input 0 : !exec.buffer<f32>
      %y = exec.output 0 : !exec.buffer<f32>
      exec.call "map" inputs(%x : !exec.buffer<f32>) outputs(%y : !exec.buffer<f32>) {params = {rank = 1, shape = [4]}} chain {
        ^bb0(%0: f32):
          %1 = pw.fn "relu"(%0) : (f32) -> f32
          pw.yield %1 : f32
      }
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, StrAttr:$target, TypeArrayAttr:$inputs, StrArrayAttr:$input_names, TypeArrayAttr:$outputs,
      StrArrayAttr:$output_names, OptionalAttr<I64Attr>:$arena_size, OptionalAttr<I64Attr>:$scratch_size, OptionalAttr<I64Attr>:$lower_bound,
      OptionalAttr<DenseI64ArrayAttr>:$states,
      OptionalAttr<ArrayAttr>:$input_bounds, OptionalAttr<ArrayAttr>:$output_bounds);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$sym_name attr-dict-with-keyword $body";
  let hasVerifier = 1;
}

def Exec_InputOp : Exec_Op<"input", [Pure]> {
  let summary = "The caller's input number `index`; read only";
  let description = [{
    ```mlir
    %x = exec.input 0 : !exec.buffer<f32>
    ```
  }];
  let arguments = (ins I64Attr:$index);
  let results = (outs Exec_BufferType:$buffer);
  let assemblyFormat = "$index attr-dict `:` type($buffer)";
}

def Exec_OutputOp : Exec_Op<"output", [Pure]> {
  let summary = "The caller's output number `index`";
  let description = [{
    ```mlir
    %y = exec.output 0 : !exec.buffer<f32>
    ```
  }];
  let arguments = (ins I64Attr:$index);
  let results = (outs Exec_BufferType:$buffer);
  let assemblyFormat = "$index attr-dict `:` type($buffer)";
}

def Exec_WeightOp : Exec_Op<"weight", [Pure]> {
  let summary = "A constant, packed as its kernel wants it; `offset` is its place in the weights blob";
  let description = [{
    ```mlir
    %w = exec.weight dense_resource<w7> : tensor<9216xf32> {name = "conv2.weight", offset = 4096 : i64} : !exec.buffer<f32>
    ```
  }];
  let arguments = (ins ElementsAttr:$value, OptionalAttr<StrAttr>:$name, OptionalAttr<I64Attr>:$offset);
  let results = (outs Exec_BufferType:$buffer);
  let assemblyFormat = "$value attr-dict `:` type($buffer)";
}

def Exec_AllocOp : Exec_Op<"alloc"> {
  let summary = "A buffer in the arena; memory planning gives its `offset`";
  let description = [{
    Not pure: two allocs are two buffers. Freed after its last use.

    ```mlir
    %b = exec.alloc {bytes = 802816 : i64, offset = 0 : i64} : !exec.buffer<f32>
    ```
  }];
  let arguments = (ins I64Attr:$bytes, OptionalAttr<I64Attr>:$offset);
  let results = (outs Exec_BufferType:$buffer);
  let assemblyFormat = "attr-dict `:` type($buffer)";
}

def Exec_ViewOp : Exec_Op<"view", [Pure]> {
  let summary = "The same buffer from a byte offset on; inside a loop also by `step` bytes more in each iteration";
  let description = [{
    ```mlir
    %v = exec.view %b[256] : !exec.buffer<f32> -> !exec.buffer<f32>
    ```

    With the counter `%i` of a loop: `exec.view %x[0] by %i {step = 64 : i64} : !exec.buffer<f32> -> !exec.buffer<f32>`.
  }];
  let arguments = (ins Exec_BufferType:$source, I64Attr:$offset, Optional<Index>:$counter, OptionalAttr<I64Attr>:$step);
  let results = (outs Exec_BufferType:$buffer);
  let assemblyFormat = "$source `[` $offset `]` (`by` $counter^)? attr-dict `:` type($source) `->` type($buffer)";
  let builders = [OpBuilder<(ins "::mlir::Type":$type, "::mlir::Value":$source, "int64_t":$offset), [{
    build($_builder, $_state, type, source, offset, ::mlir::Value(), ::mlir::IntegerAttr());
  }]>];
}

class Exec_ControlOp<string mnemonic, list<Trait> traits = []>
    : Exec_Op<mnemonic, !listconcat([SingleBlock, NoTerminator, RecursiveMemoryEffects], traits)>;

def Exec_IfOp : Exec_ControlOp<"if", [NoRegionArguments]> {
  let summary = "The steps of one of two regions, by the i1 in a buffer";
  let description = [{
    ```mlir
    exec.schedule @example attributes {target = "generic", inputs = [tensor<i1>, tensor<4xf32>], input_names = ["c", "x"],
        outputs = [tensor<4xf32>], output_names = ["y"]} {
      %c = exec.input 0 : !exec.buffer<i1>
      %x = exec.input 1 : !exec.buffer<f32>
      %y = exec.output 0 : !exec.buffer<f32>
      exec.if %c : !exec.buffer<i1> {
        exec.call "move_copy_b32" inputs(%x : !exec.buffer<f32>) outputs(%y : !exec.buffer<f32>) {params = {rank = 1 : i64}}
      } else {
      }
    }
    ```
  }];
  let arguments = (ins Exec_BufferType:$cond, OptionalAttr<StrAttr>:$text);
  let regions = (region SizedRegion<1>:$thenRegion, SizedRegion<1>:$elseRegion);
  let assemblyFormat = "$cond attr-dict-with-keyword `:` type($cond) $thenRegion `else` $elseRegion";
}

def Exec_LoopOp : Exec_ControlOp<"loop", [AttrSizedOperandSegments]> {
  let summary = "Steps that are repeated";
  let description = [{
    While the iteration's number, the body's argument, is below `count` and the i64 in `trips`, and the i1 in `cond` is true (each where it is
    there). `trips` is read once, `cond` before each iteration; the body writes it. `exact`: the program fails with DNNC_BAD_VALUE if less than
    `count` iterations ran, or `trips` asks for more.

    ```mlir
    exec.schedule @example attributes {target = "generic", inputs = [tensor<i1>, tensor<4xf32>], input_names = ["c", "x"],
        outputs = [tensor<4xf32>], output_names = ["y"]} {
      %c = exec.input 0 : !exec.buffer<i1>
      %x = exec.input 1 : !exec.buffer<f32>
      %y = exec.output 0 : !exec.buffer<f32>
      %n = exec.alloc {bytes = 8 : i64} : !exec.buffer<i64>
      exec.loop cond(%c : !exec.buffer<i1>) attributes {count = 100 : i64} {
      ^bb0(%i: index):
        exec.counter %i -> %n : !exec.buffer<i64>
        exec.call "move_copy_b32" inputs(%x : !exec.buffer<f32>) outputs(%y : !exec.buffer<f32>) {params = {rank = 1 : i64}}
      }
    }
    ```
  }];
  let arguments = (ins Optional<Exec_BufferType>:$trips, Optional<Exec_BufferType>:$cond, OptionalAttr<I64Attr>:$count, UnitAttr:$exact,
      OptionalAttr<StrAttr>:$text);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "(`trips` `(` $trips^ `:` type($trips) `)`)? (`cond` `(` $cond^ `:` type($cond) `)`)? attr-dict-with-keyword $body";
}

def Exec_CounterOp : Exec_Op<"counter"> {
  let summary = "Writes a loop's iteration number to a buffer of i64";
  let description = [{
    ```text
    exec.counter %i -> %b : !exec.buffer<i64>
    ```
  }];
  let arguments = (ins Index:$counter, Exec_BufferType:$buffer);
  let assemblyFormat = "$counter `->` $buffer attr-dict `:` type($buffer)";
}

def Exec_CallOp : Exec_Op<"call", [AttrSizedOperandSegments]> {
  let summary = "Runs a kernel";
  let description = [{
    `kernel` is a row of a `kernels.inc`, `params` the fields of its parameter struct. Buffers go to the kernel in the order inputs, outputs,
    then scratch (`scratch_bytes` per thread, from the workspace behind the arena). `chain` is the epilogue: its first argument is the accumulator, the others one element
    of each `args` buffer, found at `n*arg_strides[3i] + r*arg_strides[3i+1] + c*arg_strides[3i+2]`. For the kernels "map" and "map_scalar"
    the chain's arguments are the inputs, and `params` holds their strides. `aliases` lists the operands (numbered through inputs, then args) that may be the same memory as output 0,
    `in_place` further pairs of an input and an output that may be.
    `flops` is the arithmetic of the op the call computes (0: it only moves), `bytes` what it reads and writes at least, caches left out. With `serial` it is not shared among threads.
    `text` says for people what the step is. A call with `refusal` writes one bool: where it is false, the run ends there with
    DNNC_BAD_VALUE, for the reason that `refusal` gives.

    ```mlir
    exec.call "conv_direct_6x2" inputs(%x, %w : !exec.buffer<f32>, !exec.buffer<f32>) args(%b : !exec.buffer<f32>) outputs(%y : !exec.buffer<f32>)
        {params = {n = 1, h = 8}, arg_strides = array<i64: 0, 0, 1>, text = "conv1 + relu"} chain {
      ^bb0(%acc: f32, %0: f32):
        %1 = pw.fn "add"(%acc, %0) : (f32, f32) -> f32
        pw.yield %1 : f32
    }
    ```
  }];
  let arguments = (ins StrAttr:$kernel, Variadic<Exec_BufferType>:$inputs, Variadic<Exec_BufferType>:$args,
      Variadic<Exec_BufferType>:$outputs, DictionaryAttr:$params, OptionalAttr<DenseI64ArrayAttr>:$arg_strides,
      OptionalAttr<DenseI64ArrayAttr>:$aliases, OptionalAttr<DenseI64ArrayAttr>:$in_place, OptionalAttr<I64Attr>:$scratch_bytes, OptionalAttr<StrAttr>:$text,
      OptionalAttr<StrAttr>:$refusal, OptionalAttr<I64Attr>:$flops, OptionalAttr<I64Attr>:$bytes, UnitAttr:$serial);
  let regions = (region AnyRegion:$chain);
  let assemblyFormat = [{
    $kernel `inputs` `(` ($inputs^ `:` type($inputs))? `)` (`args` `(` $args^ `:` type($args) `)`)?
    `outputs` `(` $outputs `:` type($outputs) `)` attr-dict (`chain` $chain^)?
  }];
  let hasVerifier = 1;
}

#endif
