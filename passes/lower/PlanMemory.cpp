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

#include <map>
#include <numeric>
#include <set>

using namespace mlir;

namespace dnnc {

#define GEN_PASS_DEF_PLANMEMORY
#include "Passes.h.inc"

namespace {

constexpr int64_t alignment = 64;
constexpr size_t maxSearched = 8192; ///< buffers for which all orders are tried, each in quadratic time
int64_t aligned(int64_t bytes) { return (bytes + alignment - 1) / alignment * alignment; }

/// A loop that is being walked, and the buffers from outside that its steps use.
struct Loop {
  Operation *op;
  SmallVector<Operation *> outer;
};

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
      if (live.size() > maxSearched)
        return;
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
    if (live.size() > maxSearched) {
      best = assignInTime(live);
      for (Buffer *buffer : live)
        bestOffsets.push_back(buffer->offset);
    }
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
    collect(schedule.getBody().front());
    schedule.walk([&](exec::AllocOp alloc) {
      if (!buffers.count(alloc))
        alloc.setOffset(0); // no kernel touches it
    });
    for (auto &entry : buffers)
      leader[entry.first] = entry.first;
  }

  /// Steps are numbered in the order of the text, nested ones between the first and the last of their loop or branch.
  int64_t newStep(int64_t scratchBytes = 0) {
    scratch = std::max(scratch, scratchBytes);
    scratchOfStep.push_back(scratchBytes);
    return scratchOfStep.size() - 1;
  }

  void use(Value value, int64_t step) {
    auto alloc = dyn_cast_or_null<exec::AllocOp>(exec::placeOf(value).root);
    if (!alloc)
      return;
    Buffer &buffer = buffers[alloc];
    if (buffer.allocs.empty())
      buffer.allocs.push_back(alloc);
    buffer.bytes = aligned(alloc.getBytes());
    buffer.first = std::min(buffer.first, step);
    buffer.last = std::max(buffer.last, step);
    // What comes from outside a loop lives through all of its iterations.
    for (Loop &loop : loops)
      if (!loop.op->isProperAncestor(alloc))
        loop.outer.push_back(alloc);
  }

  void collect(Block &block) {
    for (Operation &op : block) {
      if (isa<exec::CallOp, exec::CounterOp>(op)) {
        auto call = dyn_cast<exec::CallOp>(op);
        int64_t step = stepOf[&op] = newStep(call ? aligned(int64_t(call.getScratchBytes().value_or(0))) : 0);
        for (Value operand : op.getOperands())
          if (isa<exec::BufferType>(operand.getType()))
            use(operand, step);
      } else if (isa<exec::IfOp, exec::LoopOp>(op)) {
        int64_t first = newStep();
        for (Value operand : op.getOperands())
          use(operand, first);
        if (isa<exec::LoopOp>(op))
          loops.push_back({&op, {}});
        for (Region &region : op.getRegions())
          collect(region.front());
        if (!isa<exec::LoopOp>(op))
          continue;
        int64_t last = newStep(); // where the next iteration begins
        for (Operation *alloc : loops.pop_back_val().outer) {
          buffers[alloc].first = std::min(buffers[alloc].first, first);
          buffers[alloc].last = std::max(buffers[alloc].last, last);
        }
        if (auto loop = cast<exec::LoopOp>(op); loop.getCond())
          use(loop.getCond(), last);
      }
    }
  }

  Operation *leaderOf(Operation *alloc) {
    while (leader[alloc] != alloc)
      alloc = leader[alloc];
    return alloc;
  }

  void shareInPlace() {
    SmallVector<exec::CallOp> calls;
    schedule.walk([&](exec::CallOp call) { calls.push_back(call); });
    for (exec::CallOp call : calls) {
      int64_t step = stepOf.lookup(call);
      if (!call.getAliases() || call.getOutputs().size() != 1)
        continue;
      exec::Place out = exec::placeOf(call.getOutputs()[0]);
      if (!isa_and_nonnull<exec::AllocOp>(out.root) || out.offset != 0 || !out.steps.empty())
        continue;
      SmallVector<Value> operands(call.getInputs());
      llvm::append_range(operands, call.getArgs());
      ArrayRef<int64_t> aliases = *call.getAliases();
      for (int64_t index : aliases) {
        exec::Place in = exec::placeOf(operands[index]);
        if (!isa_and_nonnull<exec::AllocOp>(in.root) || in.offset != 0 || !in.steps.empty())
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

  /// For very many buffers: in the order of their first step, each in the smallest free block that fits. Returns the arena's size.
  int64_t assignInTime(ArrayRef<Buffer *> live) {
    std::vector<Buffer *> begins(live.begin(), live.end()), ends(begins);
    llvm::stable_sort(begins, [](Buffer *a, Buffer *b) { return a->first < b->first; });
    llvm::stable_sort(ends, [](Buffer *a, Buffer *b) { return a->last < b->last; });
    std::map<int64_t, int64_t> freeAt;                ///< bytes by offset; neighbours are joined
    std::set<std::pair<int64_t, int64_t>> freeBySize; ///< bytes, offset
    auto take = [&](std::map<int64_t, int64_t>::iterator block) {
      freeBySize.erase({block->second, block->first});
      return freeAt.erase(block);
    };
    auto put = [&](int64_t offset, int64_t bytes) {
      auto after = freeAt.lower_bound(offset);
      if (after != freeAt.end() && after->first == offset + bytes) {
        bytes += after->second;
        after = take(after);
      }
      if (after != freeAt.begin())
        if (auto before = std::prev(after); before->first + before->second == offset) {
          offset = before->first;
          bytes += before->second;
          take(before);
        }
      freeAt[offset] = bytes;
      freeBySize.insert({bytes, offset});
    };
    int64_t size = 0;
    size_t ended = 0;
    for (Buffer *buffer : begins) {
      for (; ends[ended]->last < buffer->first; ++ended)
        put(ends[ended]->offset, ends[ended]->bytes);
      auto fits = freeBySize.lower_bound({buffer->bytes, 0});
      if (fits != freeBySize.end()) {
        auto [bytes, offset] = *fits;
        take(freeAt.find(offset));
        buffer->offset = offset;
        if (bytes > buffer->bytes)
          put(offset + buffer->bytes, bytes - buffer->bytes);
        continue;
      }
      // At the end of the arena, from its last free block on.
      int64_t offset = size;
      if (!freeAt.empty() && freeAt.rbegin()->first + freeAt.rbegin()->second == size) {
        offset = freeAt.rbegin()->first;
        take(std::prev(freeAt.end()));
      }
      buffer->offset = offset;
      size = offset + buffer->bytes;
    }
    return size;
  }

  exec::ScheduleOp schedule;
  llvm::MapVector<Operation *, Buffer> buffers;
  DenseMap<Operation *, Operation *> leader;
  DenseMap<Operation *, int64_t> stepOf;
  SmallVector<Loop> loops;
  std::vector<size_t> order;
  std::vector<int64_t> scratchOfStep;
  int64_t scratch = 0, shared = 0;
};

struct PlanMemory : impl::PlanMemoryBase<PlanMemory> {
  void runOnOperation() final { Planner(getOperation()).run(); }
};

} // namespace
} // namespace dnnc
