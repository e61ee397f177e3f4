//===- SerialSteps.cpp - small steps stay on the caller's thread -------------------===//
//
// A step that is shared pays for waking the other threads and for waiting for the last. For one of a few microseconds that is more
// than the threads save, and its data would move between their caches besides. What a step takes is estimated by its FLOPs and bytes.
//
//===----------------------------------------------------------------------===//

#include "dialects/exec/Exec.h"
#include "passes/Passes.h"

using namespace mlir;

namespace dnnc {

#define GEN_PASS_DEF_SERIALSTEPS
#include "Passes.h.inc"

namespace {

// What one core does in a nanosecond, and the nanoseconds below which a step is not shared.
constexpr int64_t flopsPerNs = 50, bytesPerNs = 20, worthSharing = 4000;

struct SerialSteps : impl::SerialStepsBase<SerialSteps> {
  void runOnOperation() final {
    getOperation().walk([](exec::CallOp call) {
      if (!call.getBytes()) return; // not known
      const int64_t flops = call.getFlops().value_or(0);
      call.setSerial(flops / flopsPerNs + int64_t(*call.getBytes()) / bytesPerNs < worthSharing);
    });
  }
};

} // namespace
} // namespace dnnc
