// The floats of 8 and 4 bits by their definition: tables of values, and a search for the nearest. Shares nothing with the runtime.
#pragma once

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace test {

struct SmallFormat {
  std::string name;
  int bits, mantissa, bias;
  enum { None, Infinities, OneNaN, NegativeZero } specials;
  bool isExponentOnly = false; // FLOAT8E8M0

  int sign() const { return 1 << (bits - 1); }
  int nanCode() const {
    return isExponentOnly             ? 255
           : specials == Infinities   ? sign() - 2
           : specials == OneNaN       ? sign() - 1
           : specials == NegativeZero ? sign()
                                      : 0;
  }

  double value(int code) const {
    const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
    if (isExponentOnly) return code == 255 ? nan : std::ldexp(1.0, code - 127);
    const int magnitude = code % sign(), fraction = magnitude % (1 << mantissa), exponent = magnitude >> mantissa;
    const double s = code & sign() ? -1 : 1;
    if (specials == NegativeZero && code == sign()) return nan;
    if (specials == OneNaN && magnitude == sign() - 1) return std::copysign(nan, s);
    if (specials == Infinities && exponent == (sign() >> mantissa) - 1) return fraction ? std::copysign(nan, s) : s * inf;
    const double one = 1 << mantissa;
    return s * (exponent ? std::ldexp(1 + fraction / one, exponent - bias) : std::ldexp(fraction / one, 1 - bias));
  }

  // Finite numbers from 0 (FLOAT8E8M0: 2^-127) up, in the order of their codes.
  std::vector<double> magnitudes() const {
    std::vector<double> list;
    for (int code = 0; code < (isExponentOnly ? 255 : sign()) && std::isfinite(value(code)); ++code) list.push_back(value(code));
    return list;
  }

  enum Rounding { Even, HalfUp, Up, Down };
  int code(double x, Rounding rounding) const {
    static thread_local std::string known;
    static thread_local std::vector<double> list;
    if (known != name) known = name, list = magnitudes();
    const bool negative = std::signbit(x);
    const int signBit = negative && !isExponentOnly ? sign() : 0;
    if (std::isnan(x)) return specials == NegativeZero ? sign() : nanCode() | signBit;
    const double a = std::fabs(x);
    const int last = (int)list.size() - 1;
    if (isExponentOnly && (negative || a < list[0] || std::isinf(a))) return 255;
    const double beyond = isExponentOnly ? 2 * list[last] : list[last] + (list[last] - list[last - 1]); // where the next one would be
    int low = (int)(std::upper_bound(list.begin(), list.end(), a) - list.begin()) - 1;
    const double floor = list[low], ceiling = low == last ? beyond : list[low + 1];
    const double down = a - floor, up = ceiling - a; // exact: or far apart
    bool away = rounding == Up ? down > 0 : rounding == Down ? up <= 0 : up < down || (up == down && (rounding == HalfUp || low % 2 == 1));
    int code = low + away;
    if (code > last)
      code = isExponentOnly || specials == OneNaN || specials == NegativeZero ? nanCode() : specials == Infinities ? last + 1 : last;
    if (specials == NegativeZero && (code == 0 || code == sign())) return code;
    return code | signBit;
  }
};

inline const std::vector<SmallFormat> &smallFormats() {
  static const std::vector<SmallFormat> formats = {
      {"f8e4m3fn", 8, 3, 7, SmallFormat::OneNaN},    {"f8e4m3fnuz", 8, 3, 8, SmallFormat::NegativeZero},
      {"f8e5m2", 8, 2, 15, SmallFormat::Infinities}, {"f8e5m2fnuz", 8, 2, 16, SmallFormat::NegativeZero},
      {"f4e2m1", 4, 1, 1, SmallFormat::None},        {"f8e8m0", 8, 0, 127, SmallFormat::None, true}};
  return formats;
}

} // namespace test
