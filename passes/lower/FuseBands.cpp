//===- FuseBands.cpp - chains of image kernels run band by band --------------------===//
//
// A layer with a large result writes it to memory, and the next one reads it from there. Here both (or more: expansion, depthwise and
// projection of a mobile network's block, or a convolution and a pooling) compute a few rows in turn, so that what is between them
// stays in the second-level cache. The first band, which has the padding at the top, and the last, with that at the bottom and the rows that
// are left over, are calls of their own; those between are a loop. Every row is computed once, by the same kernel and with the same sums.
//
//===----------------------------------------------------------------------===//

#include "codegen/Targets.h"
#include "dialects/dnn/Remarks.h"
#include "passes/Passes.h"
#include "passes/lower/Bands.h"
#include "passes/lower/Copy.h"

using namespace mlir;

namespace dnnc {

#define GEN_PASS_DEF_FUSEBANDS
#include "Passes.h.inc"

namespace {

constexpr size_t longest = 6; ///< stages of a chain

std::string rowsText(int64_t count) { return std::to_string(count) + (count == 1 ? " row" : " rows"); }

/// Whether \p reader alone reads what \p writer writes, as its image and from the start.
bool follows(const Stage &writer, const Stage &reader) {
  exec::CallOp from = writer.call, to = reader.call;
  Value image = from.getOutputs()[0];
  return image == to.getInputs()[0] && image.getDefiningOp<exec::AllocOp>() && std::distance(image.use_begin(), image.use_end()) == 2 &&
         writer.outRows == reader.inRows && writer.outBytes == reader.inBytes && writer.images == reader.images && writer.outImage == reader.inImage;
}

/// Writes a chain's calls anew.
class BandWriter {
public:
  BandWriter(ArrayRef<Stage> chain, const BandPlan &plan) : chain(chain), plan(plan), builder(chain.back().call) {}

  void write() {
    for (size_t i = 0; i + 1 < chain.size(); ++i) {
      Value image = output(i);
      buffers.push_back(builder.create<exec::AllocOp>(image.getLoc(), image.getType(), bufferRows(chain, plan, i) * chain[i].outBytes, IntegerAttr()));
    }
    if (const int64_t images = chain.front().images; images > 1)
      repeat(images, "images", [&](Value number) {
        image = number;
        writeImage();
      });
    else
      writeImage();
    for (size_t i = chain.size(); i-- > 0;) {
      Operation *written = output(i).getDefiningOp();
      exec::CallOp(chain[i].call).erase();
      if (i + 1 < chain.size()) written->erase();
    }
  }

private:
  Value output(size_t i) const { return exec::CallOp(chain[i].call).getOutputs()[0]; }

  void repeat(int64_t count, const Twine &what, function_ref<void(Value)> write) {
    Location loc = builder.getUnknownLoc();
    auto loop = builder.create<exec::LoopOp>(loc, Value(), Value(), builder.getI64IntegerAttr(count), UnitAttr(), builder.getStringAttr(what));
    OpBuilder::InsertionGuard guard(builder);
    Block &body = loop.getBody().emplaceBlock();
    builder.setInsertionPointToStart(&body);
    write(body.addArgument(builder.getIndexType(), loc));
  }

  void writeImage() {
    writeBand(0, {});
    if (plan.bands > 2)
      repeat(plan.bands - 2, "bands of " + rowsText(plan.rows.back().middle), [&](Value number) { writeBand(1, number); });
    if (plan.bands > 1) writeBand(plan.bands - 1, {});
  }

  /// Band 0, bands 1 and following by \p counter, or the last.
  void writeBand(int64_t band, Value counter) {
    for (size_t i = 0; i < chain.size(); ++i) {
      writeCall(i, band, counter);
      if (i > 0 && band != plan.bands - 1 && keptRows(chain[i]) > 0) keepRows(i, band == 0);
    }
  }

  /// What belongs to the image at hand of one of the chain's operands.
  Value ofImage(Value buffer, int64_t step) { return image && step ? view(buffer, 0, image, step) : buffer; }

  Value view(Value buffer, int64_t offset, Value counter = {}, int64_t step = 0) {
    if (!counter) return offset ? Value(builder.create<exec::ViewOp>(buffer.getLoc(), buffer.getType(), buffer, offset)) : buffer;
    return builder.create<exec::ViewOp>(buffer.getLoc(), buffer.getType(), buffer, offset, counter, builder.getI64IntegerAttr(step));
  }

  void writeCall(size_t i, int64_t band, Value counter) {
    const Stage &stage = chain[i];
    const BandRows &rows = plan.rows[i];
    const bool isFirst = band == 0, isLast = band == plan.bands - 1;
    const int64_t count = rows.count(band, plan.bands), start = rows.start(band, plan.bands), pad = isFirst ? stage.pad : 0;
    auto call = cast<exec::CallOp>(builder.clone(*stage.call));
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPoint(call);

    int64_t inRows;
    Value x, y;
    if (i == 0) { // the whole image is there
      const int64_t top = isFirst ? 0 : start * stage.stride - stage.pad;
      inRows = isLast ? stage.inRows - top : (count - 1) * stage.stride + stage.kernel - pad;
      x = view(ofImage(call.getInputs()[0], stage.inImage), top * stage.inBytes, counter, rows.middle * stage.stride * stage.inBytes);
    } else {
      inRows = plan.rows[i - 1].count(band, plan.bands) + (isFirst ? 0 : keptRows(stage));
      x = view(buffers[i - 1], isFirst ? firstRow(stage, true) * stage.inBytes : 0);
    }
    if (i + 1 == chain.size())
      y = view(ofImage(call.getOutputs()[0], stage.outImage), start * stage.outBytes, counter, rows.middle * stage.outBytes);
    else
      y = view(buffers[i], firstRow(chain[i + 1], isFirst) * stage.outBytes);
    call.getInputsMutable()[0].set(x);
    call.getOutputsMutable()[0].set(y);
    for (auto [k, arg] : llvm::enumerate(call.getArgsMutable())) {
      const int64_t size = elementBytes(arg.get()), row = (*call.getArgStrides())[3 * k + 1] * stage.columns * size;
      arg.set(ofImage(arg.get(), (*call.getArgStrides())[3 * k] * size));
      if (row) arg.set(view(arg.get(), start * row, counter, rows.middle * row));
    }

    NamedAttrList params(call.getParams());
    params.set("n", builder.getI64IntegerAttr(1));
    params.set("h", builder.getI64IntegerAttr(inRows));
    params.set("oh", builder.getI64IntegerAttr(count));
    params.set("pt", builder.getI64IntegerAttr(pad));
    call.setParamsAttr(params.getDictionary(builder.getContext()));
    call.removeAliasesAttr(); // its other bands are read later
    if (auto flops = call.getFlops()) call.setFlops(*flops * count / (stage.images * stage.outRows));
    if (auto bytes = call.getBytes()) call.setBytes(*bytes * count / (stage.images * stage.outRows));
    if (auto text = call.getText(); text && !counter && plan.bands > 1)
      call.setText((*text + (isFirst ? ", first " : ", last ") + rowsText(count)).str());
  }

  /// Where a band's new rows begin in the buffer that \p reader reads: behind those that are kept, or of the first band where the padding would be.
  int64_t firstRow(const Stage &reader, bool isFirst) const { return plan.bands == 1 ? 0 : isFirst ? reader.pad : keptRows(reader); }

  /// The last rows of stage \p i's input become the first ones for its next band.
  void keepRows(size_t i, bool isFirst) {
    Value buffer = buffers[i - 1], from = view(buffer, readRows(chain[i], plan.rows[i], isFirst) * chain[i].inBytes);
    createCopy(builder, buffer.getLoc(), from, buffer, keptRows(chain[i]) * chain[i].inBytes / elementBytes(buffer), "rows kept for the next band");
  }

  ArrayRef<Stage> chain;
  const BandPlan &plan;
  OpBuilder builder;
  SmallVector<Value> buffers;
  Value image; ///< the counter of the loop over images
};

struct FuseBands : impl::FuseBandsBase<FuseBands> {
  using FuseBandsBase::FuseBandsBase;

  void runOnOperation() final {
    const Target *target = findTarget(getOperation().getTarget());
    if (!target || target->isGpu()) return;
    if (kib == 0) return;
    const BandGoal goal = kib < 0 ? BandGoal{target->l2KiB * int64_t(1024) / 2, true} : BandGoal{kib * int64_t(1024), false};
    SmallVector<SmallVector<Stage>> runs;
    getOperation().walk([&](Block *block) {
      SmallVector<Stage> run;
      auto finish = [&] {
        if (run.size() > 1) runs.push_back(run);
        run.clear();
      };
      for (Operation &op : *block) {
        if (isa<exec::ViewOp, exec::AllocOp, exec::WeightOp, exec::InputOp, exec::OutputOp>(op)) continue;
        auto call = dyn_cast<exec::CallOp>(op);
        std::optional<Stage> stage = call ? stageOf(call) : std::nullopt;
        if (!stage || (!run.empty() && !follows(run.back(), *stage))) finish();
        if (stage) run.push_back(*stage);
      }
      finish();
    });
    for (ArrayRef<Stage> run : runs) fuse(run, goal);
  }

private:
  /// Cuts \p run into the chains that gain most together.
  void fuse(ArrayRef<Stage> run, const BandGoal &goal) {
    const size_t n = run.size();
    SmallVector<double> best(n + 1, 0);  // of the stages before
    SmallVector<size_t> cut(n + 1, 0);   // where the last chain of them begins
    SmallVector<BandPlan> plans(n + 1);
    for (size_t end = 1; end <= n; ++end) {
      best[end] = best[end - 1], cut[end] = end - 1;
      for (size_t begin = end < longest ? 0 : end - longest; begin + 1 < end; ++begin) {
        BandPlan plan = planBands(run.slice(begin, end - begin), goal);
        if (plan.bands && best[begin] + plan.gain > best[end]) best[end] = best[begin] + plan.gain, cut[end] = begin, plans[end] = plan;
      }
    }
    for (size_t end = n; end > 0; end = cut[end]) {
      if (end - cut[end] == 1) continue;
      ArrayRef<Stage> chain = run.slice(cut[end], end - cut[end]);
      report(chain, plans[end]);
      BandWriter(chain, plans[end]).write();
    }
  }

  void report(ArrayRef<Stage> chain, const BandPlan &plan) {
    int64_t whole = 0, band = 0;
    for (size_t i = 0; i + 1 < chain.size(); ++i) {
      whole += imageBytes(chain[i]);
      band += bufferRows(chain, plan, i) * chain[i].outBytes;
    }
    exec::CallOp last = chain.back().call;
    const std::string how = plan.bands == 1 ? "image by image" : ("in " + Twine(plan.bands) + " bands of " + rowsText(plan.rows.back().first)).str();
    remark(last, "bands", Twine(chain.size()) + " layers " + how + "; " + Twine(band >> 10) + " KiB between them instead of " + Twine(whole >> 10));
  }
};

} // namespace
} // namespace dnnc
