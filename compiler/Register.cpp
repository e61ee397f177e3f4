#include "compiler/Register.h"
#include "compiler/Evaluator.h"
#include "dialects/dnn/Dnn.h"
#include "dialects/exec/Exec.h"
#include "passes/graph/Pipeline.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Transforms/Passes.h"

namespace dnnc {

void registerAllDialects(mlir::DialectRegistry &registry) {
  registry.insert<mlir::func::FuncDialect, pw::PwDialect, dnn::DnnDialect, exec::ExecDialect>();
}

void registerAllPasses() {
  mlir::registerTransformsPasses();
  static std::unique_ptr<Evaluator> evaluator = makeEvaluator();
  registerGraphPasses(evaluator.get());
}

} // namespace dnnc
