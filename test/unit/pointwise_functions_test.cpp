// Every function of functions.inc: the vector and float forms against ONNX's formula in double, the vector and float forms
// against each other bit for bit, and the integer forms against arithmetic in 128 bits.
#include <cmath>
#include <functional>
#include <iterator>
#include <map>
#include <string>

#include "kernel_test.h"
#include "small_types.h"

namespace {
DNNC_TARGET_BEGIN
#include "kernels/pointwise/functions.h"

const int lanes_max = VL;
typedef void (*FloatFunction)(const float *, const float *, const float *, float *);

#define DNNC_ARGS_1(at) at(x)
#define DNNC_ARGS_2(at) at(x), at(y)
#define DNNC_ARGS_3(at) at(x), at(y), at(z)
#define DNNC_VECTOR_AT(v) load(v, Full{})
#define DNNC_SCALAR_AT(v) v[i]
#define DNNC_FUNCTION(name, arity)                                                                                                         \
  struct Fn_##name {                                                                                                                       \
    static void vector(const float *x, const float *y, const float *z, float *out) {                                                       \
      (void)y, (void)z;                                                                                                                    \
      store(out, pw::name(DNNC_ARGS_##arity(DNNC_VECTOR_AT)), Full{});                                                                     \
    }                                                                                                                                      \
    static void scalar(const float *x, const float *y, const float *z, float *out) {                                                       \
      (void)y, (void)z;                                                                                                                    \
      for (int i = 0; i < VL; ++i) out[i] = pw::name(DNNC_ARGS_##arity(DNNC_SCALAR_AT));                                                   \
    }                                                                                                                                      \
    static double wide(double x, double y, double z) {                                                                                     \
      (void)y, (void)z;                                                                                                                    \
      return pw::name(DNNC_ARGS_##arity(pw::identity));                                                                                    \
    }                                                                                                                                      \
  };
#define DNNC_KIND_float(name, arity) DNNC_FUNCTION(name, arity)
#define DNNC_KIND_num(name, arity) DNNC_FUNCTION(name, arity)
#define DNNC_KIND_compare(name, arity)                                                                                                     \
  void compare_##name(const float *x, const float *y, bool *v, bool *s) {                                                                  \
    store(v, pw::name(load(x, Full{}), load(y, Full{})), Full{});                                                                          \
    for (int i = 0; i < VL; ++i) s[i] = pw::name(x[i], y[i]);                                                                              \
  }
#define DNNC_KIND_predicate(name, arity)                                                                                                   \
  void predicate_##name(const float *x, bool *v, bool *s) {                                                                                \
    store(v, pw::name(load(x, Full{})), Full{});                                                                                           \
    for (int i = 0; i < VL; ++i) s[i] = pw::name(x[i]);                                                                                    \
  }
#define DNNC_KIND_bool(name, arity)                                                                                                        \
  void logic_##name(const bool *x, const bool *y, bool *v, bool *s) {                                                                      \
    (void)y;                                                                                                                               \
    store(v, pw::name(DNNC_ARGS_##arity(DNNC_VECTOR_AT)), Full{});                                                                         \
    for (int i = 0; i < VL; ++i) s[i] = pw::name(DNNC_ARGS_##arity(DNNC_SCALAR_AT));                                                       \
  }
#define DNNC_KIND_int(name, arity)
#define DNNC_KIND_cast(name, arity)
#define DNNC_KIND_where(name, arity)
#define DNNC_FN(name, arity, kind, formula) DNNC_KIND_##kind(name, arity)
#include "kernels/pointwise/functions.inc"
#undef DNNC_FN

void where_of(const bool *c, const float *x, const float *y, float *v) {
  store(v, pw::where(load(c, Full{}), load(x, Full{}), load(y, Full{})), Full{});
}
void cast_of(const float *x, bool *b, float *from_bool, float *half) {
  store(b, pw::cast<bool>(load(x, Full{})), Full{});
  store(from_bool, pw::cast<float>(load(b, Full{})), Full{});
  store(half, pw::cast<f16>(load(x, Full{})), Full{});
}
template <class To, class From> To cast_scalar(From x) { return pw::cast<To>(x); }
template <class To> void saturate_of(const float *x, float *vector, To *stored, To *scalar) {
  store(vector, pw::saturate<To>(load(x, Full{})), Full{});
  store(stored, load(x, Full{}), Full{}); // what codegen leaves to it
  for (int i = 0; i < VL; ++i) scalar[i] = pw::saturate<To>(x[i]);
}
float through_half(double x) { return pw::cast<float>(pw::cast<f16>(x)); }

// name → result of the integer form, all arithmetic kinds.
template <class T> T integer(const char *name, T x, T y) {
#define CASE(fn)                                                                                                                           \
  if (!__builtin_strcmp(name, #fn)) return pw::fn(x, y);
#define CASE1(fn)                                                                                                                          \
  if (!__builtin_strcmp(name, #fn)) return pw::fn(x);
  CASE(add)
  CASE(sub) CASE(mul) CASE(div) CASE(mod) CASE(fmod) CASE(pow) CASE(min) CASE(max) CASE(bitwise_and) CASE(bitwise_or) CASE(bitwise_xor)
      CASE(shift_left) CASE(shift_right) CASE(prelu) CASE1(abs) CASE1(neg) CASE1(sign) CASE1(relu) CASE1(bitwise_not)
          CASE1(identity) if (!__builtin_strcmp(name, "clip")) return pw::clip(x, (T)2, y);
  if (!__builtin_strcmp(name, "shrink")) return pw::shrink(x, (T)2, y);
  if (!__builtin_strcmp(name, "where")) return pw::where(x > y, x, y);
  return 0;
}
DNNC_TARGET_END

typedef std::function<double(double, double, double)> Reference;
struct Row {
  const char *name;
  FloatFunction vector, scalar;
  double (*wide)(double, double, double);

  friend std::ostream &operator<<(std::ostream &out, const Row &row) { return out << row.name; }
};
const Row rows[] = {
#define DNNC_ROW(name) {#name, Fn_##name::vector, Fn_##name::scalar, Fn_##name::wide},
#undef DNNC_KIND_float
#undef DNNC_KIND_num
#undef DNNC_KIND_compare
#undef DNNC_KIND_predicate
#undef DNNC_KIND_bool
#define DNNC_KIND_float(name, arity) DNNC_ROW(name)
#define DNNC_KIND_num(name, arity) DNNC_ROW(name)
#define DNNC_KIND_compare(name, arity)
#define DNNC_KIND_predicate(name, arity)
#define DNNC_KIND_bool(name, arity)
#define DNNC_FN(name, arity, kind, formula) DNNC_KIND_##kind(name, arity)
#include "kernels/pointwise/functions.inc"
#undef DNNC_FN
};

double relu(double x) { return x > 0 ? x : 0; }
const test::SmallFormat &format(int i) { return test::smallFormats()[i]; }
bool takesCodes(const std::string &name) { return name.compare(0, 6, "from_f") == 0; }
bool makesCodes(const std::string &name) { return name.compare(0, 4, "to_f") == 0; }
const std::map<std::string, Reference> &references() {
#define REF(name, expression)                                                                                                              \
  {                                                                                                                                        \
#name, [](double x, double y, double z) -> double { (void)x, (void)y, (void)z; return expression; }                                        \
  }
  static const std::map<std::string, Reference> table = {
      REF(identity, x),
      REF(add, x + y),
      REF(sub, x - y),
      REF(mul, x * y),
      REF(div, x / y),
      REF(mod, x - y * std::floor(x / y)),
      REF(fmod, std::fmod(x, y)),
      REF(pow, std::pow(x, y)),
      REF(min, std::min(x, y)),
      REF(max, std::max(x, y)),
      REF(clip, std::min(std::max(x, y), z)),
      REF(abs, std::fabs(x)),
      REF(neg, -x),
      REF(sign, x > 0   ? 1
                : x < 0 ? -1
                        : 0),
      REF(relu, relu(x)),
      REF(reciprocal, 1 / x),
      REF(sqrt, std::sqrt(x)),
      REF(exp, std::exp(x)),
      REF(log, std::log(x)),
      REF(sin, std::sin(x)),
      REF(cos, std::cos(x)),
      REF(tan, std::tan(x)),
      REF(asin, std::asin(x)),
      REF(acos, std::acos(x)),
      REF(atan, std::atan(x)),
      REF(sinh, std::sinh(x)),
      REF(cosh, std::cosh(x)),
      REF(tanh, std::tanh(x)),
      REF(asinh, std::asinh(x)),
      REF(acosh, std::acosh(x)),
      REF(atanh, std::atanh(x)),
      REF(erf, std::erf(x)),
      REF(sigmoid, 1 / (1 + std::exp(-x))),
      REF(floor, std::floor(x)),
      REF(ceil, std::ceil(x)),
      REF(round, std::nearbyint(x)),
      REF(leaky_relu, x < 0 ? y * x : x),
      REF(prelu, x < 0 ? y * x : x),
      REF(elu, x < 0 ? y * (std::exp(x) - 1) : x),
      REF(selu, z * (x > 0 ? x : y * (std::exp(x) - 1))),
      REF(celu, std::max(0.0, x) + std::min(0.0, y * (std::exp(x / y) - 1))),
      REF(softplus, std::log(1 + std::exp(x))),
      REF(softsign, x / (1 + std::fabs(x))),
      REF(hard_sigmoid, std::max(0.0, std::min(1.0, y * x + z))),
      REF(hard_swish, x * std::max(0.0, std::min(1.0, x / 6 + 0.5))),
      REF(mish, x * std::tanh(std::log(1 + std::exp(x)))),
      REF(gelu, x / 2 * (1 + std::erf(x / std::sqrt(2.0)))),
      REF(gelu_tanh, x / 2 * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)))),
      REF(from_f8e4m3fn, format(0).value((int)x % (1 << format(0).bits))),
      REF(to_f8e4m3fn, format(0).code(x, test::SmallFormat::Even)),
      REF(from_f8e4m3fnuz, format(1).value((int)x % (1 << format(1).bits))),
      REF(to_f8e4m3fnuz, format(1).code(x, test::SmallFormat::Even)),
      REF(from_f8e5m2, format(2).value((int)x % (1 << format(2).bits))),
      REF(to_f8e5m2, format(2).code(x, test::SmallFormat::Even)),
      REF(from_f8e5m2fnuz, format(3).value((int)x % (1 << format(3).bits))),
      REF(to_f8e5m2fnuz, format(3).code(x, test::SmallFormat::Even)),
      REF(from_f4e2m1, format(4).value((int)x % (1 << format(4).bits))),
      REF(to_f4e2m1, format(4).code(x, test::SmallFormat::Even)),
      REF(from_f8e8m0, format(5).value((int)x % (1 << format(5).bits))),
      REF(to_f8e8m0, format(5).code(x, test::SmallFormat::HalfUp)),
      REF(to_f8e8m0_up, format(5).code(x, test::SmallFormat::Up)),
      REF(to_f8e8m0_down, format(5).code(x, test::SmallFormat::Down)),
      REF(thresholded_relu, x > y ? x : 0),
      REF(shrink, x < -y  ? x + z
                  : x > y ? x - z
                          : 0)};
#undef REF
  return table;
}

class Functions : public testing::TestWithParam<Row> {};

TEST_P(Functions, AreOnnxFormulas) {
  const Row &row = GetParam();
  auto found = references().find(row.name);
  ASSERT_NE(found, references().end()) << "no reference for " << row.name;
  size_t n = 16 * 250;
  std::vector<float> x = test::uniform(n, -12, 12), y = test::uniform(n, 0.05f, 3, 2), z = test::uniform(n, 0.1f, 2, 3);
  for (size_t i = 0; i < n; i += 5) x[i] = std::nearbyint(x[i]);
  for (size_t i = 0; i < n; i += 7) x[i] *= 0.05f;
  if (takesCodes(row.name))
    for (size_t i = 0; i < n; ++i) x[i] = (float)(i % 256);
  if (std::string(row.name) == "clip")
    for (size_t i = 0; i < n; ++i) y[i] = -y[i];
  std::vector<float> got(n), scalar(n);
  for (size_t i = 0; i < n; i += lanes_max) {
    row.vector(&x[i], &y[i], &z[i], &got[i]);
    row.scalar(&x[i], &y[i], &z[i], &scalar[i]);
  }
  for (size_t i = 0; i < n; ++i) {
    double want = found->second(x[i], y[i], z[i]), wide = row.wide(x[i], y[i], z[i]);
    std::string at = std::string(row.name) + '(' + std::to_string(x[i]) + ", " + std::to_string(y[i]) + ", " + std::to_string(z[i]) + ')';
    if (std::isnan(want)) {
      EXPECT_TRUE(std::isnan(got[i]) && std::isnan(scalar[i]) && std::isnan(wide)) << at;
      continue;
    }
    EXPECT_EQ(got[i], scalar[i]) << at;
    if (std::isinf(want)) {
      EXPECT_TRUE(got[i] == want && wide == want) << at;
      continue;
    }
    // Eight roundings of the largest intermediate, which is at most |want| + 3 (|x| + |y| + |z|).
    double size = std::fabs(want) + 3 * (std::fabs(x[i]) + std::fabs(y[i]) + z[i]), bound = 8 * 0x1p-24 * size,
           wide_bound = bound * 0x1p-26;
    if (std::string(row.name) == "mod") { // of a quotient within rounding of an integer: either end of the period
      if (std::fabs(got[i] - want) > bound) want += want > y[i] / 2 ? -y[i] : y[i];
      wide_bound = bound;
    }
    EXPECT_NEAR(got[i], want, bound) << at;
    EXPECT_NEAR(wide, want, wide_bound) << at;
  }
}
INSTANTIATE_TEST_SUITE_P(All, Functions, testing::ValuesIn(rows),
                         [](const testing::TestParamInfo<Row> &info) { return std::string(info.param.name); });

const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
std::vector<float> limits() {
  return {0.0f, -0.0f, 1.0f, -1.0f, inf, -inf, nan, 1e-42f, -1e-42f, 3e38f, -3e38f, 0.5f, 2.0f, -2.0f, 200.0f, -200.0f};
}

TEST(FunctionsLimits, VectorAndScalarAgree) {
  std::vector<float> values = limits();
  for (const Row &row : rows)
    for (float y : {0.25f, 1.5f, -1.0f})
      for (size_t i = 0; i < values.size() && !takesCodes(row.name); i += lanes_max) {
        std::vector<float> ys(lanes_max, y), zs(lanes_max, 2.0f), v(lanes_max), s(lanes_max);
        row.vector(&values[i], ys.data(), zs.data(), v.data());
        row.scalar(&values[i], ys.data(), zs.data(), s.data());
        for (int j = 0; j < lanes_max; ++j)
          EXPECT_TRUE(v[j] == s[j] || (std::isnan(v[j]) && std::isnan(s[j])))
              << row.name << '(' << values[i + j] << ", " << y << ") is " << v[j] << " and " << s[j];
      }
}

// Exact for every quotient, those next to an integer and too large for one step above all.
TEST(FunctionsLimits, RemaindersAreExact) {
  std::mt19937 random(7);
  std::vector<float> x, y;
  for (int i = 0; i < 40000; ++i) {
    const bool far = i / 64 % 4 == 0; // whole vectors of quotients that take one step, and others
    const int exponent = far ? (int)(random() % 250) - 148 : (int)(random() % 60) - 30;
    const float b = std::ldexp(1.0f + (float)(random() >> 9) * 0x1p-23f, exponent);
    float a = std::ldexp(1.0f + (float)(random() >> 9) * 0x1p-23f, far ? (int)(random() % 250) - 148 : exponent - 2 + (int)(random() % 23));
    if (i % 2) a = (float)(random() % (1u << (random() % 22))) * b; // a multiple, rounded
    if (i % 4 == 1) a = std::nextafter(a, random() & 1 ? inf : -inf);
    x.push_back(random() & 1 ? a : -a);
    y.push_back(random() & 1 ? b : -b);
  }
  for (const Row &row : rows) {
    if (std::string(row.name) != "fmod" && std::string(row.name) != "mod") continue;
    std::vector<float> zs(lanes_max), got(lanes_max);
    for (size_t i = 0; i < x.size(); i += lanes_max) {
      row.vector(&x[i], &y[i], zs.data(), got.data());
      for (int j = 0; j < lanes_max; ++j) {
        float want = std::fmod(x[i + j], y[i + j]);
        if (std::string(row.name) == "mod" && want != 0 && (want < 0) != (y[i + j] < 0)) want += y[i + j];
        ASSERT_FALSE(std::memcmp(&got[j], &want, sizeof want)) << row.name << '(' << x[i + j] << ", " << y[i + j] << ") is " << got[j] << ", not " << want;
      }
    }
  }
}

TEST(FunctionsLimits, NanPropagates) {
  for (const Row &row : rows) {
    std::string name = row.name;
    if (takesCodes(name) || makesCodes(name)) continue;
    if (name == "thresholded_relu" || name == "shrink") continue; // a comparison with NaN is false, and the formula gives 0
    std::vector<float> x(lanes_max, nan), y(lanes_max, 0.5f), z(lanes_max, 1.0f), v(lanes_max);
    row.vector(x.data(), y.data(), z.data(), v.data());
    EXPECT_TRUE(std::isnan(v[0])) << name << " of NaN is " << v[0];
  }
}

TEST(FunctionsLimits, Activations) {
  std::vector<float> x(lanes_max), y(lanes_max, 1.0f), v(lanes_max);
  auto apply = [&](FloatFunction f, float at) {
    x.assign(lanes_max, at);
    f(x.data(), y.data(), y.data(), v.data());
    return v[0];
  };
  for (FloatFunction f : {Fn_relu::vector, Fn_softplus::vector, Fn_gelu::vector, Fn_gelu_tanh::vector, Fn_mish::vector, Fn_elu::vector}) {
    EXPECT_EQ(apply(f, inf), inf);
    EXPECT_EQ(apply(f, 3e38f), 3e38f);
    float low = apply(f, -inf);
    EXPECT_TRUE(low == 0 || low == -1) << low;
  }
  EXPECT_EQ(apply(Fn_sigmoid::vector, inf), 1);
  EXPECT_EQ(apply(Fn_sigmoid::vector, -inf), 0);
}

TEST(Functions, ComparisonsAndLogic) {
  std::vector<float> values = limits();
  for (float x : values)
    for (float y : values) {
      std::vector<float> xs(lanes_max, x), ys(lanes_max, y);
      bool v[64], s[64];
      auto check = [&](const char *name, bool want) {
        for (int i = 0; i < lanes_max; ++i) EXPECT_TRUE(v[i] == want && s[i] == want) << name << ' ' << x << ' ' << y;
      };
#define COMPARE(name, op) compare_##name(xs.data(), ys.data(), v, s), check(#name, x op y)
      COMPARE(equal, ==);
      COMPARE(not_equal, !=);
      COMPARE(less, <);
      COMPARE(less_equal, <=);
      COMPARE(greater, >);
      COMPARE(greater_equal, >=);
      predicate_is_nan(xs.data(), v, s), check("is_nan", std::isnan(x));
      predicate_is_inf(xs.data(), v, s), check("is_inf", std::isinf(x));
      bool p[64], q[64];
      std::fill_n(p, 64, x > 0), std::fill_n(q, 64, y > 0);
      logic_logical_not(p, q, v, s), check("not", !p[0]);
      logic_logical_and(p, q, v, s), check("and", p[0] && q[0]);
      logic_logical_or(p, q, v, s), check("or", p[0] || q[0]);
      logic_logical_xor(p, q, v, s), check("xor", p[0] != q[0]);
      std::vector<float> w(lanes_max);
      where_of(p, xs.data(), ys.data(), w.data());
      EXPECT_TRUE(w[0] == (p[0] ? x : y) || std::isnan(w[0]));
    }
}

template <class T> void check_integers() {
  typedef __int128 Wide;
  auto wrap = [](Wide v) { return (T)(uint64_t)v; };
  std::vector<T> values = {0, 1, 2, 3, 7, 100, std::numeric_limits<T>::max(), std::numeric_limits<T>::min(), (T)-1, (T)-2, (T)-7, (T)13};
  const int bits = 8 * sizeof(T);
  for (T x : values)
    for (T y : values) {
      Wide a = x, b = y;
      auto check = [&](const char *name, Wide want) {
        EXPECT_EQ(integer<T>(name, x, y), wrap(want)) << name << ' ' << (double)x << ' ' << (double)y << ' ' << sizeof(T);
      };
      check("add", a + b), check("sub", a - b), check("mul", a * b);
      check("div", b ? a / b : 0), check("fmod", b ? a % b : 0);
      check("mod", b ? ((a % b) + b) % b : 0);
      check("min", a < b ? a : b), check("max", a > b ? a : b);
      check("bitwise_and", a & b), check("bitwise_or", a | b), check("bitwise_xor", a ^ b), check("bitwise_not", ~a);
      check("abs", a < 0 ? -a : a), check("neg", -a), check("sign", a > 0 ? 1 : a < 0 ? -1 : 0), check("relu", a > 0 ? a : 0);
      check("identity", a), check("where", a > b ? a : b), check("prelu", a < 0 ? a * b : a);
      Wide clipped = a > 2 ? a : 2;
      check("clip", clipped < b ? clipped : b);
      check("shift_left", b >= 0 && b < bits ? a << (int)b : 0), check("shift_right", b >= 0 && b < bits ? a >> (int)b : 0);
      if (b >= 0 && b <= 100) {
        Wide power = 1;
        for (int i = 0; i < (int)b; ++i) power = (Wide)(T)(uint64_t)(power * a);
        check("pow", power);
      }
    }
  EXPECT_EQ(integer<T>("shrink", 7, 3), 4);
  EXPECT_EQ(integer<T>("shrink", 1, 3), 0);
}
TEST(Functions, Integers) {
  check_integers<int8_t>();
  check_integers<uint8_t>();
  check_integers<int16_t>();
  check_integers<uint16_t>();
  check_integers<int32_t>();
  check_integers<uint32_t>();
  check_integers<int64_t>();
  check_integers<uint64_t>();
  EXPECT_EQ(integer<int32_t>("pow", 2, -1), 0);
  EXPECT_EQ(integer<int32_t>("pow", -1, -3), -1);
}

template <class To> void check_saturate(double low, double high) {
  const float values[] = {0.5f, 1.5f, 2.5f, -0.5f, -1.5f, -2.5f, 254.5f, 255.5f, 126.5f, 127.5f, -128.5f, -129, 3e9f, -3e9f, inf, -inf};
  for (size_t at = 0; at < std::size(values); at += VL) {
    float x[VL] = {}, vector[VL];
    To stored[VL], scalar[VL];
    for (size_t i = 0; i < VL && at + i < std::size(values); ++i) x[i] = values[at + i];
    saturate_of(x, vector, stored, scalar);
    for (int i = 0; i < VL; ++i) {
      const double expected = std::min(std::max(std::nearbyint(double(x[i])), low), high);
      EXPECT_EQ(vector[i], expected) << x[i];
      EXPECT_EQ(stored[i], expected) << x[i];
      EXPECT_EQ(scalar[i], expected) << x[i];
    }
  }
  float x[VL], vector[VL];
  To stored[VL], scalar[VL];
  for (float &value : x) value = nan;
  saturate_of(x, vector, stored, scalar);
  EXPECT_EQ(vector[0], low);
  EXPECT_EQ(stored[0], low);
  EXPECT_EQ(scalar[0], low);
}

TEST(Functions, Saturates) {
  check_saturate<uint8_t>(0, 255);
  check_saturate<int8_t>(-128, 127);
}

TEST(Functions, Casts) {
  EXPECT_EQ((cast_scalar<int32_t>(-2.9f)), -2);
  EXPECT_EQ((cast_scalar<int32_t>(3e9f)), INT32_MAX);
  EXPECT_EQ((cast_scalar<int32_t>(-inf)), INT32_MIN);
  EXPECT_EQ((cast_scalar<int32_t>(nan)), 0);
  EXPECT_EQ((cast_scalar<uint8_t>(255.9f)), 255);
  EXPECT_EQ((cast_scalar<uint8_t>(256.0f)), 255);
  EXPECT_EQ((cast_scalar<uint8_t>(-0.5f)), 0);
  EXPECT_EQ((cast_scalar<uint8_t>(-5.0f)), 0);
  EXPECT_EQ((cast_scalar<int8_t>(-200.0)), -128);
  EXPECT_EQ((cast_scalar<int64_t>(9.3e18f)), INT64_MAX);
  EXPECT_EQ((cast_scalar<int64_t>(-9.3e18)), INT64_MIN);
  EXPECT_EQ((cast_scalar<uint64_t>(1.9e19f)), UINT64_MAX);
  EXPECT_EQ((cast_scalar<uint64_t>(1e19)), 10000000000000000000u);
  EXPECT_EQ((cast_scalar<int8_t>(300)), 44);
  EXPECT_EQ((cast_scalar<bool>(0.1f)), true);
  EXPECT_EQ((cast_scalar<bool>(256)), true);
  EXPECT_EQ((cast_scalar<double>(true)), 1.0);
  EXPECT_EQ((cast_scalar<float>((int64_t)16777217)), 16777216.0f);
  EXPECT_EQ(through_half(1.0 + 0x1p-11), 1.0f);
  std::vector<float> x(lanes_max, 0.1f), one(lanes_max), half(lanes_max);
  x[0] = 0;
  bool b[64];
  cast_of(x.data(), b, one.data(), half.data());
  EXPECT_TRUE(!b[0] && b[1] && one[0] == 0 && one[1] == 1);
  EXPECT_EQ(half[1], 0x1.998p-4f); // the nearest half to 0.1f
}

} // namespace
