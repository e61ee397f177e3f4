// The patterns of recognize-composites that have files of their own.
#pragma once

#include "mlir/IR/PatternMatch.h"

namespace dnnc {

void populateGeluPatterns(mlir::RewritePatternSet &patterns);      ///< RecognizeGelu.cpp
void populateGroupNormPatterns(mlir::RewritePatternSet &patterns); ///< RecognizeGroupNorm.cpp
void populateRotaryPatterns(mlir::RewritePatternSet &patterns);    ///< RecognizeRotary.cpp

} // namespace dnnc
