// recurrent → one call for all steps and directions, its recurrence weights packed.
#include "passes/lower/Lowering.h"

#include "runtime/kernels/recurrent/pack.h"

using namespace mlir;

namespace dnnc {
namespace {

constexpr int gatesOf[] = {1, 3, 3, 4};

/// Gates whose products are taken together: a GRU's candidate waits for its reset gate.
::recurrent::PackParams groups(dnn::RecurrentOp op, int64_t hidden, int64_t directions, bool many) {
  ::recurrent::PackParams p{directions, hidden, {gatesOf[int(op.getCell())], 0}, {}};
  if (op.getCell() == dnn::RecurrentCell::Gru) p.gates[0] = 2, p.gates[1] = 1;
  for (int i = 0; i < 2; ++i) p.vectors[i] = p.gates[i] ? ::recurrent::panel_vectors(int(p.gates[i]), many) : 0;
  return p;
}

Value packedWeights(Lowering &lowering, dnn::RecurrentOp op, const ::recurrent::PackParams &p) {
  int vl = lowering.target.vectorFloats;
  int64_t size = p.directions * ::recurrent::packed_size(p.hidden, p.gates[0] + p.gates[1], vl);
  Type f32 = Lowering::typeOf(op.getRecurrence()).getElementType();
  if (auto weights = lowering.constantFloats(op.getRecurrence())) {
    std::vector<float> packed(size);
    for (int64_t item = 0; item < p.directions * ::recurrent::vectors_of(p.hidden, vl); ++item)
      ::recurrent::pack_item(p, weights->data(), item, vl, packed.data());
    auto name = dyn_cast<NameLoc>(op.getRecurrence().getLoc());
    return lowering.weight(op.getRecurrence().getLoc(), f32, packed, name ? name.getName().getValue() : StringRef());
  }
  Call call;
  call.kernel = "recurrent_pack";
  call.inputs = {lowering.pointer(lowering.readContiguous(op.getRecurrence()))};
  View packed = lowering.alloc(RankedTensorType::get({size}, f32));
  call.outputs = {lowering.pointer(packed)};
  call.bytes = 2 * size * sizeof(float);
  Params params(lowering.builder);
  params.set("directions", p.directions)
      .set("hidden", p.hidden)
      .set("gates", ArrayRef<int64_t>(p.gates))
      .set("vectors", ArrayRef<int64_t>(p.vectors));
  lowering.emit(op, call, params, "weights packed");
  return packed.buffer;
}

int64_t functionIndex(StringRef name) {
  static constexpr StringRef names[] = {"sigmoid",     "tanh",         "relu", "affine",   "leaky_relu", "thresholded_relu",
                                        "scaled_tanh", "hard_sigmoid", "elu",  "softsign", "softplus"};
  return llvm::find(names, name) - std::begin(names);
}

} // namespace

LogicalResult lowerRecurrent(Lowering &lowering, dnn::RecurrentOp op) {
  RankedTensorType x = Lowering::typeOf(op.getInput()), r = Lowering::typeOf(op.getRecurrence());
  if (!x.getElementType().isF32()) return op.emitError() << "has element type " << x.getElementType() << "; there are kernels for f32 only";
  bool batchFirst = op.getBatchFirst(), isLstm = op.getCell() == dnn::RecurrentCell::Lstm;
  int64_t directions = r.getDimSize(0), hidden = r.getDimSize(2), columns = x.getDimSize(2);
  int64_t steps = x.getDimSize(batchFirst), batch = x.getDimSize(!batchFirst);

  SmallVector<int64_t> functions;
  for (StringRef name : op.getFunctions().getAsValueRange<StringAttr>()) functions.push_back(functionIndex(name));
  bool standard = op.getClip().isZero();
  for (size_t i = 0; i < functions.size(); ++i)
    standard &= functions[i] == (i % 3 == 0 && op.getCell() != dnn::RecurrentCell::Rnn ? ::recurrent::SIGMOID : ::recurrent::TANH);
  bool many = batch > 1 || !standard;

  Call call;
  call.kernel = "recurrent_" + stringifyRecurrentCell(op.getCell()).str() + (!standard ? "_general" : many ? "_batch" : "");
  Value input = lowering.pointer(lowering.readContiguous(op.getInput()));
  auto optional = [&](Value value) { return value ? lowering.pointer(lowering.readContiguous(value)) : input; };
  call.inputs = {input, packedWeights(lowering, op, groups(op, hidden, directions, many))};
  if (isLstm)
    call.inputs.push_back(optional(op.getPeepholes()));
  else if (op.getCell() != dnn::RecurrentCell::Rnn)
    call.inputs.push_back(optional(op.getHiddenBias()));
  call.inputs.push_back(standard ? input : lowering.weight(op.getLoc(), x.getElementType(), op.getCoefficients().vec(), "coefficients"));
  call.inputs.push_back(optional(op.getInitialH()));
  if (isLstm) call.inputs.push_back(optional(op.getInitialC()));
  Type i32 = IntegerType::get(op.getContext(), 32);
  call.inputs.push_back(op.getSequenceLens() ? optional(op.getSequenceLens())
                                             : lowering.weight(op.getLoc(), i32, std::vector<int32_t>{0}, "no lengths"));

  Value h = lowering.pointer(lowering.writeContiguous(op.getYH()));
  bool hasY = !op.getY().use_empty();
  call.outputs = {hasY ? lowering.pointer(lowering.writeContiguous(op.getY())) : h, h};
  if (op.getInitialH()) { // read before anything is written, and a single step's y lies as h does
    int64_t h0 = int64_t(call.inputs.size()) - (isLstm ? 3 : 2);
    call.inPlace = {h0, 1};
    if (!hasY || steps == 1) call.inPlace.append({h0, 0});
  }
  if (op.getInitialC()) call.inPlace.append({int64_t(call.inputs.size()) - 2, 2});
  if (isLstm) call.outputs.push_back(lowering.pointer(lowering.writeContiguous(op.getYC())));
  View work = lowering.alloc(RankedTensorType::get({::recurrent::work_size(batch, hidden, directions)}, x.getElementType()));
  call.outputs.push_back(lowering.pointer(work));

  Params params(lowering.builder);
  params.set("steps", steps)
      .set("batch", batch)
      .set("hidden", hidden)
      .set("directions", directions)
      .set("reverse", op.getDirection() != "forward");
  params.set("x_t", batchFirst ? columns : batch * columns).set("x_b", batchFirst ? steps * columns : columns);
  params.set("y_t", directions * hidden * (batchFirst ? 1 : batch)).set("y_b", hidden * (batchFirst ? steps * directions : 1));
  params.set("y_d", hidden * (batchFirst ? 1 : batch))
      .set("s_b", hidden * (batchFirst ? directions : 1))
      .set("s_d", hidden * (batchFirst ? 1 : batch));
  params.set("has_h0", bool(op.getInitialH())).set("has_c0", bool(op.getInitialC())).set("has_lens", bool(op.getSequenceLens()));
  params.set("has_y", hasY).set("has_rb", bool(op.getHiddenBias())).set("has_peepholes", bool(op.getPeepholes()));
  params.set("input_forget", op.getInputForget()).set("functions", functions).setReal("clip", op.getClip().convertToFloat());
  lowering.emit(op, call, params);
  return success();
}

} // namespace dnnc
