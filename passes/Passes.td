//===- Passes.td - all passes of dnnc -----------------------------------------------===//

#ifndef DNNC_PASSES_TD
#define DNNC_PASSES_TD

include "mlir/Pass/PassBase.td"

class Dnnc_FuncPass<string argument> : Pass<argument, "::mlir::func::FuncOp"> {
  let dependentDialects = ["::dnnc::dnn::DnnDialect", "::dnnc::pw::PwDialect"];
}

//===----------------------------------------------------------------------===//
// graph: tensors, before layouts (passes/graph, in the order of Pipeline.cpp)
//===----------------------------------------------------------------------===//

def LegalizeTypes : Dnnc_FuncPass<"legalize-types"> {
  let summary = "Compute f16 and bf16 tensors in f32";
  let description = [{
    Kernels accumulate in f32. Constants are converted at compile time and every other value becomes f32; casts stand only where a 16-bit float
    enters or leaves the function, whose interface does not change. `dnn.weight_types` keeps the 16-bit types that constants had.

    ```mlir
    func.func @main(%x: tensor<4xf16>) -> tensor<4xf16> {
      %y = dnn.pointwise %x : (tensor<4xf16>) -> tensor<4xf16> { ^bb0(%0: f16): … relu … }
      return %y : tensor<4xf16>
    }
    // becomes: cast to f32, relu in f32, cast to f16
    ```
  }];
}

def FoldQuantization : Dnnc_FuncPass<"fold-quantization"> {
  let summary = "Ops between dequantize and quantize become integer ops; what is left becomes pointwise chains";
  let description = [{
    A conv or matmul of dequantized operands multiplies integers; its epilogue is `q = saturate(round(float(acc) * M) + zp)`, M = sx * sw / sy
    computed in double and rounded once, with a relu or clip between. Average pools read u8. Data movement and max pools work on the quantized
    tensor. Activations of i8 become u8 (zero point + 128) but at the function's interface. Every other op keeps a chain that dequantizes its
    operand and one that quantizes its result, which fusion joins with pointwise ops and epilogues. What stays in f32 between two of them is a remark.
  }];
}

def FlattenDepth : Dnnc_FuncPass<"flatten-depth"> {
  let summary = "Convolutions over three spatial dims become sums of ones over two";
  let description = [{
    One `dnn.conv` (or `dnn.conv_transpose`) per tap along the depth, on the slices it reads, with batch and depth as one dim; their sums are
    pointwise ops, which fusion turns into epilogues.
  }];
}

def TabulatePointwise : Dnnc_FuncPass<"tabulate-pointwise"> {
  let summary = "A chain from one 8-bit operand to 8 bits becomes a table of 256 entries";
  let description = [{
    The chain is run once on all 256 values by the Evaluator; without one nothing happens. Of an epilogue with an 8-bit result it is the part after an
    inner value of that type, where nothing else is read from there on and the part is longer than a look-up (sigmoid, or 16 functions).
  }];
}

def InferShapes : Dnnc_FuncPass<"infer-shapes"> {
  let summary = "Result types from operand types, in one forward walk";
  let description = [{
    With `input-shapes`, the arguments first get these shapes (`2x3x8x8`, in order, of the same rank; empty: as it is); then every result type is
    derived anew, and the function's type. `dnn.resize` keeps its sizes where it scales; `dnn.reshape` and `dnn.broadcast` carry their target shape,
    so it is an error when a new shape does not fit it.
  }];
  let options = [ListOption<"inputShapes", "input-shapes", "std::string", "new shapes of the arguments, in order">];
}

def FoldConstants : Dnnc_FuncPass<"fold-constants"> {
  let summary = "Run ops on constants at compile time";
  let description = [{
    One forward walk. An op all of whose operands are constants is replaced by its results, computed by the runtime's own kernels through the
    Evaluator. Without an Evaluator nothing happens. A result that is much larger than its operands stays a computation, since it would only
    bloat the weights; but weights of products, which are packed here, may widen.
  }];
  let options = [Option<"maxGrowth", "max-growth", "int64_t", "1 << 20", "bytes by which a result may exceed its operands">];
}

def SimplifyGraph : Dnnc_FuncPass<"simplify-graph"> {
  let summary = "Remove ops that do nothing and join chains of data movement";
  let description = [{
    Exporters leave identities, reshape and transpose chains, casts, slices of slices, nested concats, broadcast operands and scalar constants
    as tensors. Transposes and reshapes are moved below pointwise ops, so that they meet and cancel, and so that the pointwise op stands next
    to the op that can take it as its epilogue.
  }];
}

def RecognizeComposites : Dnnc_FuncPass<"recognize-composites"> {
  let summary = "Normalizations, softmax, GELU and rotary embedding out of their parts";
  let description = [{
    Exporters before opset 17 write LayerNormalization as ReduceMean, Sub, Pow, ReduceMean, Add, Sqrt, Div, Mul, Add, and softmax is at times written
    as Exp, ReduceSum, Div; group normalization as an instance normalization between reshapes, GELU by Erf or Tanh, rotary embedding by slices and a concat. One op
    has one kernel that reads the data from cache.
  }];
}

def RecognizeAttention : Dnnc_FuncPass<"recognize-attention"> {
  let summary = "Attention out of its parts";
  let description = [{
    A product of queries and keys, perhaps scaled and masked, its softmax along the keys, and a product with values become one `dnn.attention`. Masks may
    be added or chosen by Where, softcap is known, a constant triangular mask becomes `causal`. A softmax before a product that is no attention is
    reported with the reason.
  }];
}

def FoldPads : Dnnc_FuncPass<"fold-pads"> {
  let summary = "dnn.pad into the pads of conv and pool";
  let description = [{
    Zero padding joins conv, average pooling that counts its padding and Lp pooling; padding with the lowest value, or with zeros of data known to be
    at least zero, joins max pooling.
  }];
}

def FoldBatchNorm : Dnnc_FuncPass<"fold-batch-norm"> {
  let summary = "Batch normalization and other scale and shift per channel into weights";
  let description = [{
    `scale * x + shift` with constant scale and shift joins the weights and bias of the conv, conv_transpose or matmul before it, else of the
    one after it (unless padding, which is not shifted, forbids it). Computed in double and rounded once. A `dnn.batch_norm` that remains becomes
    a `dnn.pointwise`, which can still be fused as an epilogue.
  }];
  let options = [
    Option<"intoWeights", "into-weights", "bool", "true", "change weights; false only rewrites dnn.batch_norm as dnn.pointwise">,
    Option<"reportRefusals", "report-refusals", "bool", "true", "say what was not folded and why">];
}

def FusePointwise : Dnnc_FuncPass<"fuse-pointwise"> {
  let summary = "Pointwise ops into epilogues and into each other";
  let description = [{
    A `dnn.pointwise` joins the chain of its only consumer, if that is a `dnn.pointwise` of the same shape, and becomes the epilogue of the op
    that produces its operand, if that has no other user and every other operand is read at the place that is written: the full shape, one value, per channel
    or one channel for all.
  }];
  let options = [
    Option<"maxOperands", "max-operands", "unsigned", "8", "distinct operands of a joined dnn.pointwise">,
    Option<"reportRefusals", "report-refusals", "bool", "true", "say what was not fused and why">,
    Option<"maxEpilogueOperands", "max-epilogue-operands", "unsigned", "6", "distinct operands of an epilogue">];
}

def NarrowWeights : Dnnc_FuncPass<"narrow-weights"> {
  let summary = "Weights of conv, conv_transpose and matmul as f16 or bf16";
  let description = [{
    The constants become 16-bit ones; kernels widen them as they load them and compute in f32. By default weights get the types that
    `legalize-types` found in the model (`dnn.weight_types`), where they are still exactly values of such a type: batch norms may have been folded
    into them. With `type` all are rounded to it, nearest, ties to even, and the error is reported; a value beyond the type's range is an error.

    ```mlir
    %y = dnn.conv %x, %w {…} : (tensor<1x3x8x8xf32>, tensor<4x3x3x3xf16>) -> tensor<1x4x8x8xf32>
    ```
  }];
  let options = [Option<"type", "type", "std::string", "\"model\"", "model, f32, f16 or bf16">];
}

def RemoveDeadCode : Dnnc_FuncPass<"remove-dead-code"> {
  let summary = "Ops and constants without users";
  let description = [{One backward walk; the passes before leave their old constants behind.}];
}

//===----------------------------------------------------------------------===//
// select: memory orders, and copies that need not happen (passes/select)
//===----------------------------------------------------------------------===//

def AssignLayouts : Dnnc_FuncPass<"assign-layouts"> {
  let summary = "A memory order for every tensor; transposes become views";
  let description = [{
    Windowed ops want channels last, pointwise ops take what their operands have, a transpose becomes a change of type, a reshape a view wherever
    its groups of dims lie together. `dnn.relayout` stands where data really moves, and is merged into a dense layer's weights or a matmul's
    result where it can be. A CNN is left with relayouts at its boundary only.
  }];
}

def ElideCopies : Dnnc_FuncPass<"elide-copies"> {
  let summary = "Producers write into concat buffers, readers walk slices";
  let description = [{
    Marks concat operands (`in_place`) and slices (`view`) that need no copy, by asking whether the producer writes, and every reader reads, a
    view with those strides; says why the others are copied.
  }];
}

//===----------------------------------------------------------------------===//
// lower: dnn → exec (passes/lower)
//===----------------------------------------------------------------------===//

def ApplyTuning : Pass<"apply-tuning", "::mlir::ModuleOp"> {
  let summary = "Kernels that were measured to be the fastest, from tuning databases";
  let description = [{
    Each line of a database names a target, the signature of a convolution or a product, and a kernel; `dnnc tune` writes them. An op with such a
    signature gets the attribute `dnn.kernel`, which `lower-to-exec` follows if the kernel takes the op. One that has the attribute keeps it.

    ```mlir
    %y = dnn.conv %x, %w {dnn.kernel = "conv_winograd_f4_6x2 block=48", …} : (tensor<1x64x56x56xf32>, tensor<64x64x3x3xf32>) -> tensor<1x64x56x56xf32>
    ```
  }];
  let options = [
    Option<"target", "target", "std::string", "\"avx2\"", "row of codegen/Targets.def">,
    ListOption<"files", "files", "std::string", "databases; of two lines for one op the last counts">];
}

def LowerToExec : Pass<"lower-to-exec", "::mlir::ModuleOp"> {
  let summary = "dnn ops into kernel calls on buffers, with packed weights";
  let description = [{
    Every tensor becomes a strided view of a buffer, every op a call of a kernel picked for the target, every weight is packed as its kernel
    wants it. An op without a kernel is an error; all of them are reported.

    A 3x3 convolution of stride 1 takes Winograd's algorithm, F(4x4, 3x3) or F(6x6, 3x3), where a model of its time on one core of the target
    says that it gains: products with the tiles that edges leave partly empty, transforms, and the bytes of weights and transformed input that
    must come from beyond the second-level cache.

    Where an op's attribute `dnn.kernel` names a kernel that takes it, that one is used.
  }];
  let options = [
    Option<"target", "target", "std::string", "\"avx2\"", "row of codegen/Targets.def">,
    Option<"reassociate", "reassociate", "bool", "true", "algorithms with other sums than the definition's: Winograd's">,
    Option<"winogradWeights", "winograd-weights", "double", "8", "how many times its weights a convolution may take for Winograd's algorithm">
  ];
  let dependentDialects = ["::dnnc::exec::ExecDialect", "::dnnc::pw::PwDialect"];
}

def NarrowStorage : Pass<"narrow-storage", "::dnnc::exec::ScheduleOp"> {
  let summary = "f16 buffers and tensor cores on a GPU";
  let description = [{
    f32 buffers become f16 where every kernel that touches them takes either type; dense products with constant weights move to tensor cores, with
    f16 weights and f32 sums. What a kernel can only do in f32 stays f32.
  }];
}

def FuseBands : Pass<"fuse-bands", "::dnnc::exec::ScheduleOp"> {
  let summary = "Chains of image kernels run band by band";
  let description = [{
    Convolutions and poolings that follow each other compute a few rows in turn where what is between them would have more than `kib` KiB, so that it
    stays in the second-level cache and takes less of the arena. Each row is computed once, with the same sums. Which chains, and how
    many rows at a time, is decided by the memory traffic that is saved, and what calls and rows kept for the next band cost. Batches, integer
    kernels and GPUs are left as they are.
  }];
  let options = [Option<"kib", "kib", "int64_t", "-1", "how large an image between two layers may be; -1: where half of the target's second-level cache makes it faster; 0: of any size">];
}

def PlaceStates : Pass<"place-states", "::dnnc::exec::ScheduleOp"> {
  let summary = "Outputs that may be the same memory as an input are written after its last read";
  let description = [{
    For each of the schedule's `states`: where a step writes the output before, or while, the input is read, and the kernel does not allow that,
    the output is computed in the arena and copied at the end.
  }];
}

def SerialSteps : Pass<"serial-steps", "::dnnc::exec::ScheduleOp"> {
  let summary = "Steps of a few microseconds stay on the caller's thread";
  let description = [{
    What a step takes is estimated by its `flops` and `bytes`. Waking other threads and waiting for the last of them costs more than it saves in
    a small one, which is marked `serial`.
  }];
}

def PlanMemory : Pass<"plan-memory", "::dnnc::exec::ScheduleOp"> {
  let summary = "One arena for all buffers";
  let description = [{
    A buffer lives from its first to its last step; a result takes over the buffer of an operand that dies at its step where the kernel allows
    it. Offsets: largest first, each in the tightest gap; of several orders the best. Reports the arena's size and its lower bound.
  }];
}

#endif
