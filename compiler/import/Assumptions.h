// Shapes that are computed from integer inputs of the run, where nothing is declared in between: values of those inputs are guessed such
// that every declared output shape comes out, and each place where a shape used them is checked in the run. See docs/decisions/0009.
#pragma once

#include "compiler/import/GraphImporter.h"

namespace dnnc::importer {

/// GraphImporter::run, first without assumptions; if that fails for a shape of the run only, with some.
mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>> importWithAssumptions(Model &model, const ImportOptions &options, Evaluator *evaluator);

} // namespace dnnc::importer
