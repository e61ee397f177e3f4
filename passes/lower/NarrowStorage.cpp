//===- NarrowStorage.cpp - f16 buffers and weights on a GPU -------------------------===//
//
// The schedule comes with f32 buffers, the type in which all is computed. Here the buffers between kernels become f16 where every
// kernel that touches them reads and writes either type (those of */cuda.cuh), and dense products move to tensor cores, with f16 weights
// and f32 sums. Softmax, normalizations and others that are f32 only keep their operands in f32; nothing is cast back and forth.
//
//===----------------------------------------------------------------------===//

#include "dialects/dnn/Constants.h"
#include "dialects/dnn/Remarks.h"
#include "passes/Passes.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/MapVector.h"

#include <cmath>

using namespace mlir;

namespace dnnc {

#define GEN_PASS_DEF_NARROWSTORAGE
#include "Passes.h.inc"

namespace {

bool isF32(Value buffer) { return cast<exec::BufferType>(buffer.getType()).getElementType().isF32(); }

/// How many of a kernel's first inputs may be f16; its first output may be where any input may. -1: none, not even the output.
int freeInputs(StringRef kernel) {
  for (StringRef prefix : {"conv_direct_", "conv_depthwise", "conv_transpose_", "matmul_packed_"})
    if (kernel.starts_with(prefix)) return 1;
  if (kernel.starts_with("matmul_dynamic_")) return 2;
  for (StringRef family : {"pool_", "reduce_", "resize_"})
    if (kernel.starts_with(family) && kernel.ends_with("_f32")) return 1;
  return kernel == "map" ? INT32_MAX : -1;
}

/// The kernel for tensor cores in place of a dense one, or "".
std::string tensorKernel(StringRef kernel) {
  kernel.consume_back("_f16");
  for (auto [from, to] : {std::pair<StringRef, StringRef>("conv_direct_", "conv_half_"),
                          {"conv_transpose_", "conv_transpose_half_"},
                          {"matmul_packed_", "matmul_half_"}})
    if (kernel.starts_with(from) && !kernel.ends_with("_bf16")) return (to + kernel.drop_front(from.size())).str();
  return "";
}

class Narrower {
public:
  explicit Narrower(exec::ScheduleOp schedule) : schedule(schedule), builder(schedule.getContext()) {}

  void run() {
    for (auto alloc : schedule.getBody().getOps<exec::AllocOp>())
      if (isF32(alloc)) narrow.insert(alloc);
    for (auto view : schedule.getBody().getOps<exec::ViewOp>())
      if (!isF32(view)) narrow.erase(exec::placeOf(view).root);
    for (auto call : schedule.getBody().getOps<exec::CallOp>()) keepRigid(call);
    while (couple()) {
    }
    for (Operation *alloc : llvm::to_vector(narrow)) rewrite(alloc->getResult(0));
    for (auto call : schedule.getBody().getOps<exec::CallOp>()) rewrite(call);
    remark(schedule, "f16", Twine(narrow.size()) + " buffers are f16; " + Twine(products) + " products run on tensor cores");
  }

private:
  bool isCopy(exec::CallOp call) { return call.getKernel() == "move_copy_b32"; }

  void keepRigid(exec::CallOp call) {
    if (isCopy(call)) return;
    int inputs = freeInputs(call.getKernel());
    for (auto [i, value] : llvm::enumerate(call.getInputs()))
      if (int64_t(i) >= inputs) narrow.erase(exec::placeOf(value).root);
    for (auto [i, value] : llvm::enumerate(call.getOutputs()))
      if (i > 0 || inputs < 0) narrow.erase(exec::placeOf(value).root);
  }

  /// Both ends of a copy have one type. Returns whether that changed something.
  bool couple() {
    bool changed = false;
    for (auto call : schedule.getBody().getOps<exec::CallOp>()) {
      if (!isCopy(call)) continue;
      Operation *from = exec::placeOf(call.getInputs()[0]).root, *to = exec::placeOf(call.getOutputs()[0]).root;
      if (narrow.count(from) != narrow.count(to)) {
        narrow.erase(from), narrow.erase(to);
        changed = true;
      }
    }
    return changed;
  }

  /// The buffer and all views of it: elements of half the size.
  void rewrite(Value buffer) {
    if (auto alloc = buffer.getDefiningOp<exec::AllocOp>()) alloc.setBytes(alloc.getBytes() / 2);
    if (auto view = buffer.getDefiningOp<exec::ViewOp>()) view.setOffset(view.getOffset() / 2);
    buffer.setType(exec::BufferType::get(schedule.getContext(), builder.getF16Type()));
    for (Operation *user : buffer.getUsers())
      if (isa<exec::ViewOp>(user)) rewrite(user->getResult(0));
  }

  void rewrite(exec::CallOp call) {
    bool isMap = call.getKernel() == "map";
    if (isCopy(call) && !isF32(call.getOutputs()[0]) && narrow.count(exec::placeOf(call.getOutputs()[0]).root))
      call.setKernel("move_copy_b16");
    if (!call.getChain().empty()) castArguments(call, isMap ? call.getInputs() : call.getArgs(), isMap ? 0 : 1);
    if (std::optional<ArrayRef<int64_t>> aliases = call.getAliases()) {
      SmallVector<int64_t> kept;
      SmallVector<Value> operands(call.getInputs());
      llvm::append_range(operands, call.getArgs());
      llvm::copy_if(*aliases, std::back_inserter(kept), [&](int64_t i) { return operands[i].getType() == call.getOutputs()[0].getType(); });
      call.setAliases(kept);
    }
    std::string kernel = tensorKernel(call.getKernel());
    if (kernel.empty()) return;
    Value weights = halfWeights(call.getInputs()[1]);
    if (!weights) return;
    call.getInputsMutable().slice(1, 1).assign(weights);
    call.setKernel(kernel);
    ++products;
  }

  /// Chains compute in f32: what they read as f16 is cast.
  void castArguments(exec::CallOp call, OperandRange operands, unsigned first) {
    Block &chain = call.getChain().front();
    OpBuilder inner = OpBuilder::atBlockBegin(&chain);
    for (auto [i, operand] : llvm::enumerate(operands)) {
      BlockArgument arg = chain.getArgument(first + i);
      if (!narrow.count(exec::placeOf(operand).root) || !arg.getType().isF32()) continue;
      arg.setType(builder.getF16Type());
      auto wide = inner.create<pw::FnOp>(call.getLoc(), builder.getF32Type(), "cast", ValueRange(arg));
      arg.replaceAllUsesExcept(wide->getResult(0), wide);
    }
  }

  /// The same constant in f16, or null where that would overflow.
  Value halfWeights(Value weights) {
    auto weight = weights.getDefiningOp<exec::WeightOp>();
    if (!weight) return {};
    if (!isF32(weights)) return weights;
    Value &known = halves[weight];
    if (known) return known;
    std::vector<float> values = constantValues<float>(weight.getValue());
    if (llvm::any_of(values, [](float v) { return !(std::fabs(v) < 65520.0f); })) return {};
    Type f16 = builder.getF16Type();
    auto type = RankedTensorType::get({int64_t(values.size())}, f16);
    builder.setInsertionPointAfter(weight);
    StringRef name = weight.getName().value_or("w");
    return known = builder.create<exec::WeightOp>(weight.getLoc(), exec::BufferType::get(schedule.getContext(), f16),
                                                  makeConstant(type, ArrayRef<uint16_t>(narrowed(values, f16)), name), weight.getNameAttr(),
                                                  IntegerAttr());
  }

  exec::ScheduleOp schedule;
  OpBuilder builder;
  llvm::DenseSet<Operation *> narrow;
  llvm::DenseMap<Operation *, Value> halves;
  int64_t products = 0;
};

struct NarrowStorage : impl::NarrowStorageBase<NarrowStorage> {
  void runOnOperation() final { Narrower(getOperation()).run(); }
};

} // namespace
} // namespace dnnc
