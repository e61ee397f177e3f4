// Resize with scales, sizes or a roi of the run: tables of indices and weights are computed, one axis after the other, as
// runtime/kernels/resize/pack.h computes them; the data is gathered and weighed by them.
#include "compiler/import/RunTimeOps.h"

#include "dialects/dnn/Remarks.h"

#include <cmath>

using namespace mlir;

namespace dnnc::importer {

namespace {
/// The tables of one axis. Coordinates are f32, as ONNX Runtime has them: rounding decides the ties of 'nearest'.
class AxisTables {
public:
  AxisTables(RunTime &run, const ResizeForm &form, int64_t in, int64_t out, Value scale, Value roiStart, Value roiEnd)
      : run(run), node(run.node), form(form), in(in), out(out), scale(scale), f32(node.builder.getF32Type()),
        f64(node.builder.getF64Type()), i64(node.builder.getI64Type()) {
    SmallVector<Value> inputs{node.cast(run.iota(out), f32), scale};
    if (roiStart) inputs.append({roiStart, roiEnd});
    source = run.map(inputs, [&](Chain &chain, ValueRange args) { return sourceOf(chain, args); });
  }

  Value outside() {
    return run.map({source}, [&](Chain &chain, ValueRange args) {
      return chain.boolean("logical_or", {chain.boolean("less", {args[0], chain.constant(0, f32)}),
                                          chain.boolean("greater", {args[0], chain.constant(double(in - 1), f32)})});
    });
  }

  Value nearest() {
    Value index = run.map({source, scale}, [&](Chain &chain, ValueRange args) {
      Value half = chain.constant(0.5, f32);
      if (form.nearest == "round_prefer_floor") return chain.fn("ceil", chain.fn("sub", {args[0], half}));
      if (form.nearest == "round_prefer_ceil") return chain.fn("floor", chain.fn("add", {args[0], half}));
      if (form.nearest == "ceil") return chain.fn("ceil", args[0]);
      if (form.nearest == "floor") return chain.fn("floor", args[0]);
      // Upsample: towards the pixel that covers the result.
      return chain.fn(
          "where", {chain.boolean("less", {args[1], chain.constant(1, f32)}), chain.fn("ceil", args[0]), chain.fn("floor", args[0])}, f32);
    });
    return clamped(node.cast(index, i64));
  }

  /// [out, taps]
  void interpolate(Value &indices, Value &weights) {
    double radius = form.mode == "cubic" ? 2 : 1, stretch = form.antialias ? std::max(1.0, double(in) / double(out)) : 1;
    int64_t taps = 2 * int64_t(std::ceil(radius * stretch)); // a scale that makes `out` of `in` needs no more
    Value x = node.reshape(source, {out, 1});
    Value position = run.map({x, run.iota(taps)}, [&](Chain &chain, ValueRange args) {
      Value first = chain.fn("cast", chain.fn("floor", args[0]), i64);
      return chain.fn("add", {first, chain.fn("add", {args[1], chain.constant(double(1 - taps / 2), i64)})});
    });
    Value raw = run.map({position, x, scale}, [&](Chain &chain, ValueRange args) { return weightOf(chain, args); });
    Value sums = node.reduce(raw, dnn::ReduceKind::Sum, {1});
    weights = run.map({raw, sums}, [&](Chain &chain, ValueRange args) { return chain.fn("div", args); });
    indices = clamped(position);
  }

private:
  Value clamped(Value index) {
    return run.map({index}, [&](Chain &chain, ValueRange args) {
      return chain.fn("clip", {args[0], chain.constant(0, i64), chain.constant(double(in - 1), i64)});
    });
  }

  /// Args are the output's position, the scale, and, to crop, start and end of the roi.
  Value sourceOf(Chain &chain, ValueRange args) {
    auto number = [&](double value) { return chain.constant(value, f32); };
    auto fn = [&](StringRef name, Value a, Value b) { return chain.fn(name, {a, b}); };
    Value x = args[0], halfPixel = fn("sub", fn("div", fn("add", x, number(0.5)), args[1]), number(0.5));
    if (form.coordinates == "half_pixel") return halfPixel;
    if (form.coordinates == "half_pixel_symmetric") {
      Value adjustment = fn("div", number(double(out)), fn("mul", args[1], number(double(in))));
      return fn("add", fn("mul", number(double(in) / 2), fn("sub", number(1), adjustment)), halfPixel);
    }
    if (form.coordinates == "pytorch_half_pixel") return out > 1 ? halfPixel : number(0);
    if (form.coordinates == "align_corners")
      // The length before it is rounded down.
      return out == 1 ? fn("mul", x, number(0))
                      : fn("div", fn("mul", x, number(double(in - 1))), fn("sub", fn("mul", args[1], number(double(in))), number(1)));
    if (form.coordinates == "asymmetric") return fn("div", x, args[1]);
    Value last = number(double(in - 1));
    if (out == 1) return fn("mul", fn("mul", number(0.5), fn("add", args[2], args[3])), last);
    Value step = fn("div", fn("mul", fn("mul", x, fn("sub", args[3], args[2])), last), number(double(out - 1)));
    return fn("add", fn("mul", args[2], last), step);
  }

  /// The interpolation kernel; args are the input's position (i64), where the output lies there, and the scale. A f32.
  Value weightOf(Chain &chain, ValueRange args) {
    auto number = [&](double value) { return chain.constant(value, f64); };
    auto fn = [&](StringRef name, Value a, Value b) { return chain.fn(name, {a, b}); };
    auto where = [&](Value condition, Value yes, Value no) { return chain.fn("where", {condition, yes, no}, yes.getType()); };
    Value d = chain.fn("abs", fn("sub", chain.fn("cast", args[1], f64), chain.fn("cast", args[0], f64)));
    if (form.antialias) d = fn("mul", d, fn("min", chain.fn("cast", args[2], f64), number(1)));
    Value weight, one = number(1), zero = number(0);
    if (form.mode == "linear") {
      weight = fn("max", fn("sub", one, d), zero);
    } else {
      double c = form.cubicA;
      auto polynomial = [&](double c3, double c2, double c1, double c0) {
        return fn("add", fn("mul", fn("add", fn("mul", fn("add", fn("mul", number(c3), d), number(c2)), d), number(c1)), d), number(c0));
      };
      Value far = where(chain.boolean("less", {d, number(2)}), polynomial(c, -5 * c, 8 * c, -4 * c), zero);
      weight = where(chain.boolean("less", {d, one}), polynomial(c + 2, -(c + 3), 0, 1), far);
    }
    if (form.excludeOutside) {
      Value inside = chain.boolean("logical_and", {chain.boolean("greater_equal", {args[0], chain.constant(0, i64)}),
                                                   chain.boolean("less", {args[0], chain.constant(double(in), i64)})});
      weight = where(inside, weight, zero);
    }
    return chain.fn("cast", weight, f32);
  }

  RunTime &run;
  NodeBinder &node;
  const ResizeForm &form;
  int64_t in, out;
  Value scale, source;
  Type f32, f64, i64;
};
} // namespace

LogicalResult resizeAtRunTime(NodeBinder &node, const ResizeForm &form, ArrayRef<int64_t> axes, Value scales, Value roi,
                              const Ints &result) {
  RunTime run(node);
  Value y = node.operand(0), outside;
  Type element = node.type(y).getElementType(), f32 = node.builder.getF32Type();
  if (!scales || int64_t(result.size()) != node.rank(y)) return node.error() << "the result is declared as " << listText(result), failure();
  bool nearest = form.mode == "nearest", crops = roi != nullptr;
  if (!nearest) y = node.cast(y, f32);
  remark(node.loc, "import", "its scales are known at run time only: tables are computed in every run, and the data is gathered by them");
  for (auto [place, axis] : llvm::enumerate(axes)) {
    Ints shape(node.shape(y));
    Value scale = run.element(scales, place);
    if (!crops && axis < 2 && shape.size() > 2 && shape[axis] == result[axis]) { // nothing is weighed along batches and channels
      node.check(run.map({scale},
                         [&](Chain &chain, ValueRange args) {
                           return chain.boolean("equal", {args[0], chain.constant(1, f32)});
                         }),
                 form.operand, form.operandName, "must scale dim " + Twine(axis) + ", which keeps its size, by 1");
      continue;
    }
    AxisTables tables(run, form, shape[axis], result[axis], scale, crops ? run.element(roi, place) : Value(),
                      crops ? run.element(roi, place + axes.size()) : Value());
    Ints aligned(shape.size() - axis, 1); // one value per place along the axis
    aligned.front() = result[axis];
    if (crops) {
      Value here = node.reshape(tables.outside(), aligned);
      outside = outside ? run.is("logical_or", {outside, here}) : here;
    }
    if (nearest) {
      y = node.create<dnn::GatherOp>(y, tables.nearest(), node.i64(axis));
    } else {
      Value indices, weights;
      tables.interpolate(indices, weights);
      if (!indices) return failure();
      aligned.insert(aligned.begin() + 1, node.shape(indices)[1]);
      y = node.create<dnn::GatherOp>(y, indices, node.i64(axis));
      Value parts = run.fn("mul", {y, node.reshape(weights, aligned)});
      shape[axis] = result[axis];
      y = node.reshape(node.reduce(parts, dnn::ReduceKind::Sum, {int64_t(axis) + 1}), shape);
    }
    if (!y) return failure();
  }
  if (outside) {
    Value fill = createConstant(node.builder, node.loc, RankedTensorType::get({}, node.type(y).getElementType()), {form.extrapolation});
    y = run.where(outside, fill, y);
  }
  return node.result(node.cast(y, element));
}

} // namespace dnnc::importer
