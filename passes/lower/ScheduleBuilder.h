// A function's blocks as steps of a schedule; shared by LowerToExec.cpp and LowerControl.cpp.
#pragma once

#include "passes/Passes.h"
#include "passes/lower/Lowering.h"

namespace dnnc {

class ScheduleBuilder {
public:
  ScheduleBuilder(mlir::func::FuncOp function, const Target &target, const LowerOptions &options)
      : function(function), builder(function.getContext()), lowering(builder, target, options), target(target) {}

  mlir::LogicalResult run();

private:
  void defineInputs();
  /// The steps of a block where the builder stands; its terminator's operands end up in \p results.
  void lowerBlock(mlir::Block &block, llvm::ArrayRef<View> results);
  void placeConcats(mlir::Block &block);
  mlir::LogicalResult lower(mlir::Operation *op);
  mlir::Value rootOf(mlir::Value value, llvm::SmallVector<int64_t> &strides);

  // LowerControl.cpp
  mlir::LogicalResult lowerIf(dnn::IfOp op);
  mlir::LogicalResult lowerLoop(dnn::LoopOp op);
  bool mayOverwrite(mlir::BlockArgument state, mlir::Value root);
  void putState(llvm::ArrayRef<mlir::Value> next, llvm::ArrayRef<View> states);
  /// A buffer of one element for a scalar operand, whatever its strides.
  mlir::Value scalar(mlir::Value value) { return lowering.pointer(lowering.readContiguous(value)); }
  void copy(mlir::Value like, const View &from, const View &to, llvm::StringRef why);

  mlir::func::FuncOp function;
  mlir::OpBuilder builder;
  Lowering lowering;
  const Target &target;
  bool failed_ = false;
};

} // namespace dnnc
