#include "dialects/pw/SmallTypes.h"

#include <cmath>
#include <limits>

using namespace mlir;

namespace dnnc::pw {

namespace {
enum class Specials { None, Infinities, OneNaN, NegativeZero }; ///< what the largest exponent, or the bits of -0, stand for

struct Row {
  unsigned bits;
  bool isFloat, isSigned;
  int mantissa, bias; ///< of floats
  Specials specials;
  double largest;
  StringRef suffix;
};

// In the order of SmallFormat.
constexpr Row rows[] = {
    {8, true, true, 3, 7, Specials::OneNaN, 448, "f8e4m3fn"},
    {8, true, true, 3, 8, Specials::NegativeZero, 240, "f8e4m3fnuz"},
    {8, true, true, 2, 15, Specials::Infinities, 57344, "f8e5m2"},
    {8, true, true, 2, 16, Specials::NegativeZero, 57344, "f8e5m2fnuz"},
    {8, true, false, 0, 127, Specials::None, 0x1p127, "f8e8m0"},
    {4, true, true, 1, 1, Specials::None, 6, "f4e2m1"},
    {4, false, true, 0, 0, Specials::None, 7, "i4"},
    {4, false, false, 0, 0, Specials::None, 15, "u4"},
    {2, false, true, 0, 0, Specials::None, 1, "i2"},
    {2, false, false, 0, 0, Specials::None, 3, "u2"},
};
const Row &rowOf(SmallFormat format) { return rows[static_cast<unsigned>(format)]; }
} // namespace

Type storageType(Type elementType) {
  auto small = dyn_cast<SmallType>(elementType);
  if (!small) return elementType;
  bool isSignless = !isFloat(small.getFormat()) && isSigned(small.getFormat());
  return IntegerType::get(elementType.getContext(), 8, isSignless ? IntegerType::Signless : IntegerType::Unsigned);
}

RankedTensorType stored(RankedTensorType type) {
  return RankedTensorType::get(type.getShape(), storageType(type.getElementType()), type.getEncoding());
}

unsigned bitsOf(SmallFormat format) { return rowOf(format).bits; }
bool isFloat(SmallFormat format) { return rowOf(format).isFloat; }
bool isSigned(SmallFormat format) { return rowOf(format).isSigned; }
StringRef functionSuffix(SmallFormat format) { return rowOf(format).suffix; }
double largestOf(SmallFormat format) { return rowOf(format).largest; }

double lowestOf(SmallFormat format) {
  const Row &row = rowOf(format);
  if (row.isFloat) return row.isSigned ? -row.largest : 0x1p-127;
  return row.isSigned ? -row.largest - 1 : 0;
}

uint8_t canonical(SmallFormat format, uint8_t byte) {
  const Row &row = rowOf(format);
  unsigned code = byte & ((1u << row.bits) - 1);
  bool negative = !row.isFloat && row.isSigned && code >> (row.bits - 1);
  return uint8_t(negative ? code | 0xffu << row.bits : code);
}

double valueOf(SmallFormat format, uint8_t byte) {
  const Row &row = rowOf(format);
  constexpr double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
  unsigned code = byte & ((1u << row.bits) - 1), half = 1u << (row.bits - 1);
  if (!row.isFloat) return row.isSigned && code >= half ? double(code) - 2 * half : double(code);
  if (format == SmallFormat::f8E8M0) return code == 255 ? nan : std::ldexp(1.0, int(code) - 127);
  bool negative = code & half;
  unsigned magnitude = code & (half - 1), fraction = magnitude & ((1u << row.mantissa) - 1);
  int exponent = int(magnitude >> row.mantissa);
  if (row.specials == Specials::NegativeZero && negative && magnitude == 0) return nan;
  if (row.specials == Specials::OneNaN && magnitude == half - 1) return nan;
  if (row.specials == Specials::Infinities && exponent == int((half - 1) >> row.mantissa))
    return fraction ? nan : negative ? -infinity : infinity;
  double value = std::ldexp(double(fraction + (exponent ? 1u << row.mantissa : 0)), std::max(exponent, 1) - row.bias - row.mantissa);
  return negative ? -value : value;
}

uint8_t byteOf(SmallFormat format, double value) {
  unsigned best = 0;
  double distance = std::numeric_limits<double>::infinity();
  for (unsigned code = 0; code < 1u << bitsOf(format); ++code) {
    double other = valueOf(format, uint8_t(code));
    bool same = other == value || (std::isnan(other) && std::isnan(value));
    double off = same ? 0 : std::abs(other - value);
    if (off < distance || (same && off == distance && std::signbit(other) == std::signbit(value))) best = code, distance = off;
  }
  return canonical(format, uint8_t(best));
}

} // namespace dnnc::pw
