// Element types of 8 bits and less that are only stored (!pw.small): how, and what their bytes stand for.
#pragma once

#include "dialects/pw/Pw.h"

namespace dnnc::pw {

/// The type of the byte that an element is stored in: ui8 for floats, u4 and u2, i8 for i4 and i2. Other types as they are.
mlir::Type storageType(mlir::Type elementType);
/// The same for a tensor.
mlir::RankedTensorType stored(mlir::RankedTensorType type);

/// The bits that count.
unsigned bitsOf(SmallFormat format);
bool isFloat(SmallFormat format);
bool isSigned(SmallFormat format); ///< of the integers

/// The byte as it is stored, of which only the bits that count are known: u4, u2 and f4E2M1 have zeros above, i4 and i2 their sign.
uint8_t canonical(SmallFormat format, uint8_t byte);
/// The number that a byte stands for.
double valueOf(SmallFormat format, uint8_t byte);
/// The byte of a number that the format has; of another, of the nearest.
uint8_t byteOf(SmallFormat format, double value);
/// Lowest and largest finite number. The lowest of f8E8M0, which has no 0, is 2^-127.
double lowestOf(SmallFormat format);
double largestOf(SmallFormat format);

/// How pw names the format: "f8e4m3fn".
llvm::StringRef functionSuffix(SmallFormat format);

} // namespace dnnc::pw
