#include "compiler/import/Import.h"
#include "compiler/import/Assumptions.h"
#include "dialects/dnn/Dnn.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;

namespace dnnc {

static FailureOr<OwningOpRef<ModuleOp>> importModel(importer::Model &model, const ImportOptions &options, Evaluator *evaluator) {
  model.context->loadDialect<func::FuncDialect, dnn::DnnDialect, pw::PwDialect>();
  if (failed(importer::checkModel(model))) return failure();
  return importer::importWithAssumptions(model, options, evaluator);
}

FailureOr<OwningOpRef<ModuleOp>> importOnnx(MLIRContext &context, StringRef path, const ImportOptions &options, Evaluator *evaluator) {
  importer::Model model;
  model.context = &context;
  if (failed(importer::loadModel(model, path))) return failure();
  return importModel(model, options, evaluator);
}

FailureOr<OwningOpRef<ModuleOp>> importOnnxBuffer(MLIRContext &context, StringRef bytes, StringRef fileName, const ImportOptions &options,
                                                  Evaluator *evaluator) {
  importer::Model model;
  model.context = &context;
  model.file = fileName.str();
  if (failed(importer::parseModel(model, bytes))) return failure();
  return importModel(model, options, evaluator);
}

} // namespace dnnc
