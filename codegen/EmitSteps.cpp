#include "codegen/EmitSteps.h"
#include "codegen/EmitWeights.h"
#include "codegen/KernelTable.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"

#include <set>
#include <utility>

using namespace mlir;

namespace dnnc::codegen {

namespace {
/// Breaks a list of items into lines.
std::string wrap(std::string head, ArrayRef<std::string> items, StringRef tail, StringRef indent) {
  std::string out, line = std::move(head);
  for (auto [i, item] : llvm::enumerate(items)) {
    std::string piece = item + (i + 1 < items.size() ? "," : tail.str());
    if (i && line.size() + 1 + piece.size() > 140) {
      out += line + "\n";
      line = indent.str() + piece;
    } else {
      line += (i ? " " : "") + piece;
    }
  }
  return out + line + (items.empty() ? tail.str() : "") + "\n";
}

class Emitter {
public:
  Emitter(const Program &program, WeightsMode weights, bool profile, bool shared)
      : program(program), weightsMode(weights), profile(profile), shared(shared) {}

  FailureOr<Steps> run() {
    std::string calls;
    if (failed(emit(program.schedule.getBody().front(), calls))) return failure();
    result.chains = chains.definitions();
    if (usesPar) result.body = std::string("  const Par par{") + (program.target->isGpu() ? "stream" : "parallel") + "};\n";
    else if (!program.target->isGpu()) result.body = "  (void)parallel;\n";
    if (usesSerial) result.body += "  const Par serial{nullptr}; // for steps that are not worth sharing\n";
    result.body += pointers();
    if (profile) result.body += "  StepTimer timer;\n";
    if (usesScratch) result.body += "  const Scratch scratch{workspace + " + std::to_string(program.arenaBytes) + "};\n";
    // What no step uses is a parameter all the same.
    if (usedInputs.empty()) result.body += "  (void)inputs;\n";
    if (usedOutputs.empty()) result.body += "  (void)outputs;\n"; // all of them are empty
    if (!program.inputBounds.empty()) result.body += "  (void)input_dims;\n";
    if (!usesWorkspace) result.body += "  (void)workspace;\n";
    if (weightsMode == WeightsMode::File && usedWeights.empty() && !program.target->isGpu()) result.body += "  (void)weights;\n";
    result.body += calls;
    if (!program.target->isGpu()) result.body += "\n  return DNNC_OK;\n";
    return std::move(result);
  }

private:
  LogicalResult emit(Block &block, std::string &calls);
  LogicalResult emit(exec::CallOp call, int number, std::string &calls);
  LogicalResult emit(exec::IfOp branch, std::string &calls);
  LogicalResult emit(exec::LoopOp loop, std::string &calls);
  FailureOr<std::string> paramsStruct(exec::CallOp call, const KernelRow &row, int number);
  FailureOr<std::string> epilogue(exec::CallOp call);
  std::string pointer(Value buffer);
  std::string element(Value buffer);
  std::string pointers();

  const Program &program;
  const WeightsMode weightsMode;
  const bool profile, shared;
  Steps result;
  ChainTable chains;
  std::set<size_t> usedInputs, usedOutputs, usedWeights;
  bool usesWorkspace = false, usesScratch = false, usesPar = false, usesSerial = false;
  int steps = 0;
  std::string indent = "  ";
  llvm::DenseMap<Value, std::string> counters; ///< the loops' variables
};

/// The C++ expression for a buffer: a named pointer or a place in the workspace.
std::string Emitter::pointer(Value buffer) {
  exec::Place place = exec::placeOf(buffer);
  Element element = *elementOf(cast<exec::BufferType>(buffer.getType()).getElementType(), buffer.getLoc());
  /// " + 64 + i1 * 256", in units of \p bytes.
  auto offset = [&](int64_t bytes, bool always) {
    std::string text = place.offset || always ? " + " + std::to_string(place.offset / bytes) : "";
    for (auto [counter, step] : place.steps)
      text += (step < 0 ? " - " : " + ") + counters.lookup(counter) + " * " + std::to_string(std::abs(step) / bytes);
    return text;
  };
  if (auto alloc = dyn_cast<exec::AllocOp>(place.root)) {
    usesWorkspace = true;
    place.offset += *alloc.getOffset();
    return "at<" + element.kernel.str() + ">(workspace" + offset(1, true) + ")";
  }

  std::string name;
  Type root = cast<exec::BufferType>(place.root->getResult(0).getType()).getElementType();
  bool isConst = true;
  if (auto input = dyn_cast<exec::InputOp>(place.root)) {
    size_t index = input.getIndex(), count = program.inputs.size();
    if (index < count) usedInputs.insert(index);
    name = index < count ? "in" + std::to_string(index) : "input_dims[" + std::to_string(program.inputBounds[index - count].of) + "]";
  } else if (auto output = dyn_cast<exec::OutputOp>(place.root)) {
    size_t index = output.getIndex(), count = program.outputs.size();
    if (index < count) usedOutputs.insert(index);
    name = index < count ? "out" + std::to_string(index) : "output_dims[" + std::to_string(program.outputBounds[index - count].of) + "]";
    isConst = false;
  } else {
    size_t index = program.weightOf.lookup(place.root);
    usedWeights.insert(index);
    name = "w" + std::to_string(index);
    root = program.weights[index].value.getElementType();
  }
  Element own = *elementOf(root, buffer.getLoc());
  if (own.kernel == element.kernel && place.offset % own.bytes == 0) return name + offset(own.bytes, false);
  std::string qualifier = isConst ? "const " : "";
  return "reinterpret_cast<" + qualifier + element.kernel.str() + " *>(reinterpret_cast<" + qualifier + "char *>(" + name + ")" +
         offset(1, true) + ")";
}

/// The first element of a buffer.
std::string Emitter::element(Value buffer) {
  std::string text = pointer(buffer);
  return StringRef(text).starts_with("at<") || !StringRef(text).contains(' ') ? "*" + text : "*(" + text + ")";
}

/// The declarations of the caller's tensors, and of weights that are not arrays.
std::string Emitter::pointers() {
  std::string out;
  auto declare = [&](StringRef type, const Twine &name, const Twine &value, StringRef comment) {
    out += ("  " + type + " *const " + name + " = " + value + "; // " + commentText(comment) + "\n").str();
  };
  for (size_t i : usedInputs) {
    std::string type = "const " + program.inputs[i].element.kernel.str();
    declare(type, "in" + Twine(i), "static_cast<" + type + " *>(inputs[" + Twine(i) + "])",
            program.inputs[i].name + " " + program.inputs[i].shape);
  }
  for (size_t i : usedOutputs) {
    std::string type = program.outputs[i].element.kernel.str();
    declare(type, "out" + Twine(i), "static_cast<" + type + " *>(outputs[" + Twine(i) + "])",
            program.outputs[i].name + " " + program.outputs[i].shape);
  }
  for (size_t i : usedWeights) {
    const Weight &weight = program.weights[i];
    if (weightsMode == WeightsMode::Inline && !(shared && weight.element.isHalf())) continue; // an array of that name
    std::string type = "const " + weight.element.kernel.str();
    std::string from = weightsMode == WeightsMode::Inline ? "w" + std::to_string(i) + "_bits" : "weights + " + std::to_string(weight.offset);
    declare(type, "w" + Twine(i), "reinterpret_cast<" + type + " *>(" + from + ")",
            weight.name + " [" + std::to_string(weight.value.getNumElements()) + "]");
  }
  return out;
}

/// "constexpr conv::ConvParams p7 = {/*n*/ 1, /*h*/ 56, …};"
FailureOr<std::string> Emitter::paramsStruct(exec::CallOp call, const KernelRow &row, int number) {
  llvm::StringSet<> known;
  SmallVector<std::string> items;
  for (const ParamField &field : row.fields) {
    known.insert(field.name);
    Attribute value = call.getParams().get(field.name);
    std::string text;
    auto wrong = [&]() -> LogicalResult {
      return call.emitError() << "parameter '" << field.name << "' of kernel '" << row.name << "' is " << value << "; it is "
                              << (field.kind == 'R'   ? std::string("a float")
                                  : field.kind == 'I' ? std::string("an integer")
                                                      : "at most " + std::to_string(field.length) + " integers");
    };
    if (field.kind == 'A') {
      auto array = dyn_cast_or_null<DenseI64ArrayAttr>(value);
      if (value && (!array || array.size() > field.length)) return wrong();
      // What is not given is 0, in C++ as well.
      text = "{" + (array ? llvm::join(llvm::map_range(array.asArrayRef(), [](int64_t v) { return std::to_string(v); }), ", ") : "") + "}";
    } else if (field.kind == 'R') {
      auto real = dyn_cast_or_null<FloatAttr>(value);
      if (value && !real) return wrong();
      text = floatLiteral(real ? static_cast<float>(real.getValueAsDouble()) : 0.0f);
    } else {
      auto integer = dyn_cast_or_null<IntegerAttr>(value);
      if (value && !integer) return wrong();
      text = std::to_string(integer ? integer.getInt() : 0);
    }
    items.push_back("/*" + field.name.str() + "*/ " + text);
  }
  for (NamedAttribute param : call.getParams())
    if (!known.contains(param.getName()))
      return call.emitError() << "kernel '" << row.name << "' has no parameter '" << param.getName().getValue() << "'";
  return wrap("constexpr " + row.paramsType.str() + " p" + std::to_string(number) + " = {", items, "};", "    ");
}

/// "pw::Epilogue<Chain2, pw::Arg<float, 1>>({w3, 0, 0})"
FailureOr<std::string> Emitter::epilogue(exec::CallOp call) {
  result.headers.insert("runtime/kernels/pointwise/epilogue.h");
  if (call.getChain().empty()) return std::string("pw::NoEpilogue{}");
  result.headers.insert("runtime/kernels/pointwise/functions.h");
  std::string types = chains.add(call.getChain(), ChainKind::Epilogue), values;
  ArrayRef<int64_t> strides = call.getArgStrides().value_or(ArrayRef<int64_t>());
  for (auto [i, arg] : llvm::enumerate(call.getArgs())) {
    ArrayRef<int64_t> s = strides.slice(3 * i, 3);
    if (s[2] != 0 && s[2] != 1)
      return call.emitError() << "the column stride of epilogue operand " << i << " is " << s[2] << "; accepted: 0, 1";
    Element element = *elementOf(cast<exec::BufferType>(arg.getType()).getElementType(), call.getLoc());
    types += ", pw::Arg<" + element.kernel.str() + ", " + std::to_string(s[2]) + ">";
    values += (i ? ", {" : "{") + pointer(arg) + ", " + std::to_string(s[0]) + ", " + std::to_string(s[1]) + "}";
  }
  return "pw::Epilogue<" + types + ">" + (values.empty() ? "{}" : "(" + values + ")");
}

LogicalResult Emitter::emit(exec::CallOp call, int number, std::string &calls) {
  const KernelRow *row = findKernel(call.getKernel(), program.target->isGpu());
  if (!row) return call.emitError() << "there is no kernel '" << call.getKernel() << "' in runtime/kernels";
  result.headers.insert(row->header());
  FailureOr<std::string> params = paramsStruct(call, *row, number);
  if (failed(params)) return failure();
  result.params += *params;

  std::string function = row->function.str();
  SmallVector<std::string> arguments{"p" + std::to_string(number)};
  for (Value buffer : call.getInputs()) arguments.push_back(pointer(buffer));
  for (Value buffer : call.getOutputs()) arguments.push_back(pointer(buffer));
  if (call.getScratchBytes().value_or(0)) {
    usesWorkspace = usesScratch = true;
    arguments.push_back("scratch");
  }
  bool isMap = call.getKernel() == "map" || call.getKernel() == "map_scalar";
  if (isMap) {
    // map<Chain, Out, In…>
    function += "<" + chains.add(call.getChain(), call.getKernel() == "map" ? ChainKind::Vector : ChainKind::Scalar);
    SmallVector<Value> buffers(call.getOutputs());
    llvm::append_range(buffers, call.getInputs());
    for (Value buffer : buffers)
      function += ", " + elementOf(cast<exec::BufferType>(buffer.getType()).getElementType(), call.getLoc())->kernel.str();
    function += ">";
  } else if (row->epilogue) {
    FailureOr<std::string> text = epilogue(call);
    if (failed(text)) return failure();
    arguments.push_back(*text);
  } else if (!call.getChain().empty()) {
    return call.emitError() << "kernel '" << row->name << "' takes no epilogue";
  }
  (call.getSerial() ? usesSerial : usesPar) = true;
  arguments.push_back(call.getSerial() ? "serial" : "par");
  calls += "\n" + indent + "// " + std::to_string(number) + "  " + commentText(call.getText().value_or(call.getKernel())) + "\n";
  calls += wrap(indent + function + "(", arguments, ");", indent + "  ");
  int64_t times = 1; // in a run, as far as is known
  for (auto loop = call->getParentOfType<exec::LoopOp>(); loop; loop = loop->getParentOfType<exec::LoopOp>()) times *= int64_t(loop.getCount().value_or(1));
  result.infos.push_back({call.getKernel().str(), call.getText().value_or("").str(), times * int64_t(call.getFlops().value_or(0)),
                          times * int64_t(call.getBytes().value_or(0))});
  if (profile) calls += indent + "timer.stop(" + std::to_string(number) + ");\n";
  if (call.getRefusal())
    calls += indent + "if (!*" + pointer(call.getOutputs().front()) + ") return DNNC_BAD_VALUE; // " + commentText(*call.getRefusal()) + "\n";
  return success();
}

LogicalResult Emitter::emit(Block &block, std::string &calls) {
  for (Operation &op : block) {
    LogicalResult emitted = success();
    if (auto call = dyn_cast<exec::CallOp>(op))
      emitted = emit(call, ++steps, calls);
    else if (auto branch = dyn_cast<exec::IfOp>(op))
      emitted = emit(branch, calls);
    else if (auto loop = dyn_cast<exec::LoopOp>(op))
      emitted = emit(loop, calls);
    else if (auto counter = dyn_cast<exec::CounterOp>(op))
      calls += indent + element(counter.getBuffer()) + " = " + counters.lookup(counter.getCounter()) + ";\n";
    if (failed(emitted)) return failure();
  }
  return success();
}

LogicalResult Emitter::emit(exec::IfOp branch, std::string &calls) {
  calls += "\n" + indent + "if (" + element(branch.getCond()) + ") { // " + commentText(branch.getText().value_or("")) + "\n";
  indent += "  ";
  if (failed(emit(branch.getThenRegion().front(), calls))) return failure();
  calls += indent.substr(2) + "} else {\n";
  if (failed(emit(branch.getElseRegion().front(), calls))) return failure();
  indent.resize(indent.size() - 2);
  calls += indent + "}\n";
  return success();
}

LogicalResult Emitter::emit(exec::LoopOp loop, std::string &calls) {
  std::string number = std::to_string(counters.size() + 1), i = "i" + number;
  counters[loop.getBody().getArgument(0)] = i;
  calls += "\n";
  if (loop.getTrips()) calls += indent + "const i64 n" + number + " = " + element(loop.getTrips()) + ";\n";
  SmallVector<std::string> conditions;
  if (loop.getTrips()) conditions.push_back(i + " < n" + number);
  if (loop.getCond()) conditions.push_back(element(loop.getCond()));
  std::string goesOn = llvm::join(conditions, " && "), start = "i64 " + i + " = 0";
  if (loop.getCount()) conditions.insert(conditions.begin(), i + " < " + std::to_string(*loop.getCount()));
  if (loop.getExact()) calls += indent + std::exchange(start, "") + ";\n";
  calls += indent + "for (" + start + "; " + llvm::join(conditions, " && ") + "; ++" + i + ") { // " +
           commentText(loop.getText().value_or("")) + "\n";
  indent += "  ";
  if (failed(emit(loop.getBody().front(), calls))) return failure();
  indent.resize(indent.size() - 2);
  calls += indent + "}\n";
  if (loop.getExact())
    calls += indent + "if (" + i + " != " + std::to_string(*loop.getCount()) + " || (" + goesOn +
             ")) return DNNC_BAD_VALUE; // the model declares this number of iterations\n";
  return success();
}
} // namespace

FailureOr<Steps> emitSteps(const Program &program, WeightsMode weights, bool profile, bool shared) {
  return Emitter(program, weights, profile, shared).run();
}

} // namespace dnnc::codegen
