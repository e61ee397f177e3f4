//===- ApplyTuning.cpp - kernels from a tuning database -----------------------------===//
//
// Sets `dnn.kernel` on convolutions and products that a database knows; lowering takes the kernel that it names, if it takes the op. All kernels
// of an op read and write channels-last images, so that the choices are independent of each other: one lookup each.
//
//===----------------------------------------------------------------------===//

#include "dialects/dnn/Remarks.h"
#include "passes/Passes.h"
#include "passes/lower/TuningDb.h"

using namespace mlir;

namespace dnnc {

#define GEN_PASS_DEF_APPLYTUNING
#include "Passes.h.inc"

namespace {

struct ApplyTuning : impl::ApplyTuningBase<ApplyTuning> {
  using ApplyTuningBase::ApplyTuningBase;

  void runOnOperation() final {
    const Target *row = findTarget(target);
    if (!row) {
      getOperation().emitError() << "unknown target \"" << target << "\"";
      return signalPassFailure();
    }
    TuningDb db;
    SmallVector<std::string> errors;
    for (const std::string &file : files) db.read(file, errors);
    for (const std::string &error : errors) emitError(UnknownLoc::get(&getContext())) << "--tuning-db: " << error;
    if (!errors.empty()) return signalPassFailure();
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      const bool stay = weightsStay(function, *row);
      function.walk([&](Operation *op) { apply(op, db, *row, stay); });
    }
  }

private:
  static void apply(Operation *op, const TuningDb &db, const Target &target, bool stay) {
    if (op->hasAttr(kernelAttr)) return; // somebody knows better
    const std::string signature = signatureOf(op, stay);
    const TuningDb::Entry *entry = signature.empty() ? nullptr : db.find(target, signature);
    if (!entry) return;
    op->setAttr(kernelAttr, StringAttr::get(op->getContext(), entry->choice.str()));
    remark(op, "kernel", nodeNames(op->getLoc()) + ": " + entry->choice.str() + ", from " + entry->place);
  }
};

} // namespace
} // namespace dnnc
