#include "passes/graph/Pipeline.h"
#include "passes/Passes.h"

#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace dnnc {

namespace {
#define GEN_PASS_REGISTRATION
#include "Passes.h.inc"

struct PipelineOptions : PassPipelineOptions<PipelineOptions> {
  Option<int> optLevel{*this, "opt-level", llvm::cl::desc("0: no fusion"), llvm::cl::init(2)};
  Option<bool> exact{*this, "exact", llvm::cl::desc("keep every rounding of the model"), llvm::cl::init(false)};
  Option<std::string> weightsType{*this, "weights-type", llvm::cl::desc("model, f32, f16 or bf16"), llvm::cl::init("model")};
};
} // namespace

void buildGraphPipeline(OpPassManager &pm, const GraphOptions &options) {
  OpPassManager &func = pm.nest<func::FuncOp>();
  bool optimize = options.optLevel > 0, reassociate = optimize && !options.exact;

  // 1. The kernels' types first: every later pass may assume that weights and accumulators have one type.
  func.addPass(createLegalizeTypes());
  // 2. Shapes, so that what follows may trust them.
  func.addPass(createInferShapes());
  // Quantization before constants are folded: a dequantized weight is a constant, too, but one of another type.
  func.addPass(createFoldQuantization(options.evaluator));
  // 3. Constants before patterns: shape arithmetic disappears and patterns see weights where the exporter wrote expressions.
  func.addPass(createFoldConstants(options.evaluator));
  if (optimize) {
    // 4. One form for each thing, so that the matchers below need to know only that one; equal ops become one, so that their uses can be
    // counted.
    func.addPass(createSimplifyGraph());
    func.addPass(createCSEPass());
    // 5. What simplification moved onto constants.
    func.addPass(createFoldConstants(options.evaluator));
    func.addPass(createSimplifyGraph());
  }
  // 6. Composites while their parts are still single ops: fusion would hide them.
  if (reassociate) {
    func.addPass(createRecognizeComposites());
    func.addPass(createRecognizeAttention());
  }
  // 7. Pads before batch norms: a scale and shift can join a conv after it only if that conv's padding is known.
  if (optimize) func.addPass(createFoldPads());
  // 8. Scale and shift into weights before fusion, which would take them into an epilogue. Always: later phases have no dnn.batch_norm.
  func.addPass(createFoldBatchNorm(FoldBatchNormOptions{reassociate, /*reportRefusals=*/!optimize}));
  // Now that batch norms are in the weights: one convolution more would be in their way. Its weights are parts of constants.
  func.addPass(createFlattenDepth());
  if (!optimize) func.addPass(createFoldConstants(options.evaluator));
  if (optimize) {
    // 9. A batch norm between transposes has kept them apart; as a pointwise op it no longer does, and may then reach weights.
    func.addPass(createSimplifyGraph());
    func.addPass(createFoldConstants(options.evaluator));
    func.addPass(createFoldBatchNorm(FoldBatchNormOptions{reassociate, /*reportRefusals=*/true}));
    // 10. What is left of the pointwise ops becomes epilogues. Twice: ops that were joined read their operand once, so that a reshape can
    // move below them and out of the way.
    FusePointwiseOptions first;
    first.reportRefusals = false;
    func.addPass(createFusePointwise(first));
    func.addPass(createSimplifyGraph());
    func.addPass(createFusePointwise());
  }
  // What fusion left of chains between 8-bit tensors.
  if (optimize) func.addPass(createTabulatePointwise(options.evaluator));
  // 11. Weights that are final now, in the type they are stored in.
  func.addPass(createNarrowWeights(NarrowWeightsOptions{options.weightsType}));
  // 12. The old weights, and ops whose results nobody asked for.
  func.addPass(createRemoveDeadCode());
}

void registerGraphPasses(Evaluator *evaluator) {
  // Before the generated registration, which knows no evaluator.
  registerPass([evaluator] { return createFoldConstants(evaluator); });
  registerPass([evaluator] { return createFoldQuantization(evaluator); });
  registerPass([evaluator] { return createTabulatePointwise(evaluator); });
  registerPass([evaluator] { return createAssignLayouts(evaluator); });
  registerDnncPasses();
  PassPipelineRegistration<PipelineOptions>("graph", "the graph phase", [evaluator](OpPassManager &pm, const PipelineOptions &options) {
    buildGraphPipeline(pm, {evaluator, options.optLevel, options.exact, options.weightsType});
  });
}

} // namespace dnnc
