//===- PlanMemory.cpp - one arena for all buffers ----------------------------------===//
//
// Lowering gave every intermediate tensor its own exec.alloc. Steps run in order, so a buffer lives from its first to its last
// call. A result may take over the buffer of an operand that dies at its step where the kernel allows it (`aliases`). Then buffers
// get offsets: largest first, each in the tightest gap between those that live at the same time; of several orders the best wins.
//
//===----------------------------------------------------------------------===//

#include "dialects/dnn/Remarks.h"
#include "passes/Passes.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/MapVector.h"

#include <numeric>

using namespace mlir;

namespace dnnc {

#define GEN_PASS_DEF_PLANMEMORY
#include "Passes.h.inc"

namespace {

constexpr int64_t alignment = 64;
int64_t aligned(int64_t bytes) { return (bytes + alignment - 1) / alignment * alignment; }

/// One or more allocs that share memory.
struct Buffer {
  SmallVector<exec::AllocOp> allocs;
  int64_t bytes = 0;
  int64_t first = INT64_MAX, last = -1; ///< steps
  int64_t offset = -1;
  bool overlaps(const Buffer &other) const { return first <= other.last && other.first <= last; }
};

class Planner {
public:
  explicit Planner(exec::ScheduleOp schedule) : schedule(schedule) {}

  void run() {
    collect();
    shareInPlace();
    std::vector<Buffer *> live;
    for (auto &entry : buffers)
      if (!entry.second.allocs.empty())
        live.push_back(&entry.second);
    int64_t bound = lowerBound(live), best = INT64_MAX;
    std::vector<int64_t> bestOffsets;
    auto attempt = [&](auto before) {
      std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return before(*live[a], *live[b]); });
      int64_t size = assign(live);
      if (size < best) {
        best = size;
        bestOffsets.clear();
        for (Buffer *buffer : live)
          bestOffsets.push_back(buffer->offset);
      }
    };
    order.resize(live.size());
    std::iota(order.begin(), order.end(), 0);
    attempt([](const Buffer &a, const Buffer &b) { return a.bytes > b.bytes; });
    attempt([](const Buffer &a, const Buffer &b) { return a.bytes * (a.last - a.first + 1) > b.bytes * (b.last - b.first + 1); });
    attempt([](const Buffer &a, const Buffer &b) { return a.last - a.first > b.last - b.first; });
    attempt([](const Buffer &a, const Buffer &b) { return a.first < b.first; });
    Builder builder(schedule.getContext());
    for (auto [buffer, offset] : llvm::zip(live, bestOffsets))
      for (exec::AllocOp alloc : buffer->allocs)
        alloc.setOffsetAttr(builder.getI64IntegerAttr(offset));
    int64_t arena = live.empty() ? 0 : best;
    schedule.setArenaSize(arena);
    schedule.setScratchSize(scratch);
    schedule.setLowerBound(bound);
    remark(schedule, "plan",
           "arena " + Twine(arena) + " bytes in " + Twine(live.size()) + " buffers, " + Twine(shared) + " results in place; lower bound " +
               Twine(bound) + "; scratch " + Twine(scratch) + " bytes per thread");
  }

private:
  void collect() {
    int64_t step = 0;
    for (exec::CallOp call : schedule.getBody().getOps<exec::CallOp>()) {
      for (Value operand : call->getOperands())
        if (auto alloc = dyn_cast_or_null<exec::AllocOp>(exec::placeOf(operand).root)) {
          Buffer &buffer = buffers[alloc];
          if (buffer.allocs.empty())
            buffer.allocs.push_back(alloc);
          buffer.bytes = aligned(alloc.getBytes());
          buffer.first = std::min(buffer.first, step);
          buffer.last = std::max(buffer.last, step);
        }
      scratch = std::max(scratch, aligned(int64_t(call.getScratchBytes().value_or(0))));
      scratchOfStep.push_back(aligned(int64_t(call.getScratchBytes().value_or(0))));
      ++step;
    }
    for (exec::AllocOp alloc : llvm::make_early_inc_range(schedule.getBody().getOps<exec::AllocOp>()))
      if (!buffers.count(alloc))
        alloc.setOffset(0); // no kernel touches it
    for (auto &entry : buffers)
      leader[entry.first] = entry.first;
  }

  Operation *leaderOf(Operation *alloc) {
    while (leader[alloc] != alloc)
      alloc = leader[alloc];
    return alloc;
  }

  void shareInPlace() {
    int64_t step = -1;
    for (exec::CallOp call : schedule.getBody().getOps<exec::CallOp>()) {
      ++step;
      if (!call.getAliases() || call.getOutputs().size() != 1)
        continue;
      exec::Place out = exec::placeOf(call.getOutputs()[0]);
      if (!isa_and_nonnull<exec::AllocOp>(out.root) || out.offset != 0)
        continue;
      SmallVector<Value> operands(call.getInputs());
      llvm::append_range(operands, call.getArgs());
      ArrayRef<int64_t> aliases = *call.getAliases();
      for (int64_t index : aliases) {
        exec::Place in = exec::placeOf(operands[index]);
        if (!isa_and_nonnull<exec::AllocOp>(in.root) || in.offset != 0)
          continue;
        Operation *a = leaderOf(in.root), *b = leaderOf(out.root);
        Buffer &from = buffers[a], &to = buffers[b];
        // The operand dies here, the result is born here, both fill the buffer, and nothing else of this call reads it elsewhere.
        bool otherUse = false;
        for (auto [i, operand] : llvm::enumerate(operands)) {
          Operation *root = exec::placeOf(operand).root;
          otherUse |= isa_and_nonnull<exec::AllocOp>(root) && leaderOf(root) == a && !llvm::is_contained(aliases, int64_t(i));
        }
        if (a == b || from.bytes != to.bytes || from.last != step || to.first != step || otherUse)
          continue;
        from.allocs.append(to.allocs);
        from.last = to.last;
        to.allocs.clear();
        leader[b] = a;
        ++shared;
        break;
      }
    }
  }

  int64_t lowerBound(ArrayRef<Buffer *> live) {
    int64_t steps = scratchOfStep.size(), bound = 0, sum = 0;
    std::vector<int64_t> change(steps + 1, 0);
    for (Buffer *buffer : live) {
      change[buffer->first] += buffer->bytes;
      change[buffer->last + 1] -= buffer->bytes;
    }
    for (int64_t step = 0; step < steps; ++step) {
      sum += change[step];
      bound = std::max(bound, sum + scratchOfStep[step]);
    }
    return bound;
  }

  /// Gives each buffer, in \c order, the tightest gap that fits; returns the arena's size.
  int64_t assign(ArrayRef<Buffer *> live) {
    int64_t size = 0;
    SmallVector<Buffer *> done; // by offset
    for (size_t index : order) {
      Buffer *buffer = live[index];
      int64_t end = 0, bestGap = INT64_MAX, bestOffset = -1;
      for (Buffer *other : done) {
        if (!other->overlaps(*buffer))
          continue;
        int64_t gap = other->offset - end;
        if (gap >= buffer->bytes && gap < bestGap) {
          bestGap = gap;
          bestOffset = end;
        }
        end = std::max(end, other->offset + other->bytes);
      }
      buffer->offset = bestOffset >= 0 ? bestOffset : end;
      size = std::max(size, buffer->offset + buffer->bytes);
      done.insert(llvm::upper_bound(done, buffer, [](Buffer *a, Buffer *b) { return a->offset < b->offset; }), buffer);
    }
    return size;
  }

  exec::ScheduleOp schedule;
  llvm::MapVector<Operation *, Buffer> buffers;
  DenseMap<Operation *, Operation *> leader;
  std::vector<size_t> order;
  std::vector<int64_t> scratchOfStep;
  int64_t scratch = 0, shared = 0;
};

struct PlanMemory : impl::PlanMemoryBase<PlanMemory> {
  void runOnOperation() final { Planner(getOperation()).run(); }
};

} // namespace
} // namespace dnnc
