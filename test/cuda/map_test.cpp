// map and map_scalar on a GPU against plain loops: every element type, broadcasts, strides, and nothing written elsewhere.
// Chains are of operations that are exact on these values, or rounded once: the bits are compared.
#include "kernels.h"

namespace {
DNNC_TARGET_BEGIN
#include "runtime/kernels/pointwise/cuda.cuh"

struct Constant {
  static DNNC_INLINE vf apply() { return splat(1.5f); }
};
struct Same {
  template <class V> static DNNC_INLINE V apply(V x) { return x; }
};
struct Twice {
  static DNNC_INLINE vf apply(vf x) { return x * splat(2.0f); }
};
struct MulAdd {
  static DNNC_INLINE vf apply(vf a, vf b, vf c) { return pw::add(pw::mul(a, b), c); }
};
struct Less {
  static DNNC_INLINE vm apply(vf a, vf b) { return pw::less(a, b); }
};
struct Where {
  static DNNC_INLINE vf apply(vm m, vf a, vf b) { return pw::where(m, a, b); }
};
struct Sum8 {
  static DNNC_INLINE vf apply(vf a, vf b, vf c, vf d, vf e, vf f, vf g, vf h) { return a + b + c + d + e + f + g + h; }
};
struct Add {
  template <class T> static DNNC_INLINE T apply(T a, T b) { return pw::add(a, b); }
};
struct ToFloat {
  template <class T> static DNNC_INLINE float apply(T a) { return static_cast<float>(a); }
};
DNNC_TARGET_END

struct Operand {
  i64 strides[pw::MAP_RANK];
};

// shape, then the strides of y and of each operand.
pw::MapParams params(const std::vector<i64> &shape, const Operand &y, const std::vector<Operand> &x) {
  pw::MapParams p{};
  p.rank = static_cast<i64>(shape.size());
  for (size_t d = 0; d < shape.size(); ++d) {
    p.shape[d] = shape[d], p.y_strides[d] = y.strides[d];
    for (size_t k = 0; k < x.size(); ++k) p.x_strides[pw::MAP_RANK * k + d] = x[k].strides[d];
  }
  return p;
}

// visit(offset in y, offset in operand 0, …) for every index of p.
template <class F> void for_each(const pw::MapParams &p, const F &visit) {
  i64 count = 1;
  for (i64 d = 0; d < p.rank; ++d) count *= p.shape[d];
  for (i64 i = 0; i < count; ++i) {
    i64 rest = i, y = 0, x[pw::MAP_OPERANDS] = {};
    for (i64 d = p.rank; d-- > 0; rest /= p.shape[d]) {
      y += rest % p.shape[d] * p.y_strides[d];
      for (i64 k = 0; k < pw::MAP_OPERANDS; ++k) x[k] += rest % p.shape[d] * p.x_strides[pw::MAP_RANK * k + d];
    }
    visit(static_cast<size_t>(y), x);
  }
}

// a * b + c of f32, rounded twice: contraction would be seen.
void test_mul_add(const char *what, const pw::MapParams &p, i64 size) {
  std::vector<float> a, b, c;
  for (i64 i = 0; i < size; ++i) a.push_back(value() / 3), b.push_back(value() / 7), c.push_back(value() / 5);
  std::vector<float> y(static_cast<size_t>(size), 99.0f), want = y;
  for_each(p, [&](size_t to, const i64 *x) {
    const volatile float product = a[static_cast<size_t>(x[0])] * b[static_cast<size_t>(x[1])];
    want[to] = product + c[static_cast<size_t>(x[2])];
  });
  pw::cuda::map<MulAdd, float, float, float, float>(p, a.data(), b.data(), c.data(), y.data(), par);
  check_equal(what, y, want);
}

void test_shapes() {
  test_mul_add("map, one element", params({}, {}, {{}, {}, {}}), 1);
  test_mul_add("map, contiguous", params({7, 13}, {{13, 1}}, {{{13, 1}}, {{13, 1}}, {{13, 1}}}), 91);
  test_mul_add("map, broadcasts", params({3, 5, 7}, {{35, 7, 1}}, {{{35, 7, 1}}, {{0, 0, 1}}, {{0, 1, 0}}}), 105);
  test_mul_add("map, one value", params({4, 9}, {{9, 1}}, {{{9, 1}}, {{0, 0}}, {{0, 0}}}), 36);
  test_mul_add("map, views", params({3, 5, 2}, {{60, 11, 4}}, {{{50, 10, 3}}, {{2, 12, 1}}, {{0, 2, 30}}}), 200);
  test_mul_add("map, transposed", params({6, 11}, {{11, 1}}, {{{1, 6}}, {{11, 1}}, {{1, 6}}}), 66);
  test_mul_add(
      "map, six dims",
      params({2, 3, 1, 2, 3, 5}, {{90, 30, 30, 15, 5, 1}}, {{{90, 30, 30, 15, 5, 1}}, {{0, 1, 0, 3, 0, 6}}, {{1, 0, 7, 2, 4, 12}}}), 180);
  test_mul_add("map, nothing", params({3, 0, 5}, {{5, 5, 1}}, {{{5, 5, 1}}, {{5, 5, 1}}, {{5, 5, 1}}}), 15);
  test_mul_add("map, more than a block of threads", params({5, 1000}, {{1000, 1}}, {{{1000, 1}}, {{0, 1}}, {{1, 0}}}), 5000);
}

void test_operands() {
  const pw::MapParams p = params({3, 7}, {{7, 1}}, {{{7, 1}}, {{0, 1}}, {{1, 0}}, {{0, 0}}, {{1, 0}}, {{0, 0}}, {{7, 1}}, {{0, 1}}});
  std::vector<float> x[8], y(21, 99.0f), want = y;
  for (auto &v : x) v = values(21);
  for_each(p, [&](size_t to, const i64 *at) {
    want[to] = 0;
    for (size_t k = 0; k < 8; ++k) want[to] += x[k][static_cast<size_t>(at[k])]; // multiples of 2^-7: exact
  });
  pw::cuda::map<Sum8, float, float, float, float, float, float, float, float, float>(
      p, x[0].data(), x[1].data(), x[2].data(), x[3].data(), x[4].data(), x[5].data(), x[6].data(), x[7].data(), y.data(), par);
  check_equal("map, eight operands", y, want);

  const pw::MapParams none = params({2, 3}, {{4, 1}}, {});
  std::vector<float> filled(7, 99.0f);
  pw::cuda::map<Constant, float>(none, filled.data(), par);
  check_equal("map, no operand", filled, {1.5f, 1.5f, 1.5f, 99.0f, 1.5f, 1.5f, 1.5f});

  std::vector<float> own = values(21), twice;
  for (float v : own) twice.push_back(2 * v);
  pw::cuda::map<Twice, float, float>(params({3, 7}, {{7, 1}}, {{{7, 1}}}), own.data(), own.data(), par);
  check_equal("map, in place", own, twice);
}

// Read as vf and stored as another type: rounded half to even and saturated, NaN as the lowest.
template <class In, class Out> void test_type(const char *what, const std::vector<In> &x, const std::vector<Out> &want) {
  std::vector<Out> y(x.size(), Out{});
  pw::cuda::map<Same, Out, In>(params({static_cast<i64>(x.size())}, {{1}}, {{{1}}}), x.data(), y.data(), par);
  check_equal(what, y, want);
}

void test_types() {
  const std::vector<float> x = {0.5f, 1.5f, -0.5f, -1.5f, 254.5f, 255.5f, -128.5f, 127.5f, 3e9f, -3e9f, INFINITY, -INFINITY, NAN};
  test_type<float, uint8_t>("map, f32 to u8", x, {0, 2, 0, 0, 254, 255, 0, 128, 255, 0, 255, 0, 0});
  test_type<float, int8_t>("map, f32 to i8", x, {0, 2, 0, -2, 127, 127, -128, 127, 127, -128, 127, -128, -128});
  test_type<float, int32_t>("map, f32 to i32", x,
                            {0, 2, 0, -2, 254, 256, -128, 128, INT32_MAX, INT32_MIN, INT32_MAX, INT32_MIN, INT32_MIN});
  test_type<uint8_t, float>("map, u8 to f32", {0, 1, 127, 128, 255}, {0, 1, 127, 128, 255});
  test_type<int8_t, float>("map, i8 to f32", {0, 1, 127, -128, -1}, {0, 1, 127, -128, -1});
  test_type<int32_t, float>("map, i32 to f32", {0, -1, 16777217, INT32_MIN}, {0, -1, 16777216, -2147483648.0f});
  const std::vector<float> exact = {0, 1, -2, 0.5f, 65504, 0x1p-14f, 0x1p-24f, INFINITY, -INFINITY};
  std::vector<f16> h;
  std::vector<bf16> b;
  for (float v : exact) h.push_back(to_f16(v)), b.push_back(to_bf16(v));
  test_type<f16, float>("map, f16 to f32", h, exact);
  test_type<float, f16>("map, f32 to f16", exact, h);
  test_type<float, bf16>("map, f32 to bf16", exact, b);
  test_type<bf16, bf16>("map, bf16", b, b);

  const pw::MapParams p = params({5}, {{1}}, {{{1}}, {{1}}, {{1}}});
  const float left[] = {1, 2, NAN, -0.0f, -INFINITY}, right[] = {2, 1, 1, 0.0f, 5};
  const std::vector<uint8_t> less = {1, 0, 0, 0, 1};
  std::vector<uint8_t> y(5, 9);
  pw::cuda::map<Less, bool, float, float>(p, left, right, reinterpret_cast<bool *>(y.data()), par);
  check_equal("map, f32 to bool", y, less);
  std::vector<float> chosen(5, 9.0f);
  pw::cuda::map<Where, float, bool, float, float>(p, reinterpret_cast<const bool *>(less.data()), left, right, chosen.data(), par);
  check_equal("map, bool to f32", chosen, {1, 1, 1, 0.0f, -INFINITY});
}

// Integers wrap; the types that no vector has.
template <class T> void test_scalar(const char *what, const std::vector<T> &a, T b, const std::vector<T> &want) {
  std::vector<T> y(2 * a.size(), T(77)), spread = y;
  for (size_t i = 0; i < want.size(); ++i) spread[2 * i] = want[i];
  pw::cuda::map_scalar<Add, T, T, T>(params({static_cast<i64>(a.size())}, {{2}}, {{{1}}, {{0}}}), a.data(), &b, y.data(), par);
  check_equal(what, y, spread);
}

void test_scalars() {
  test_scalar<int64_t>("map_scalar, i64", {0, -5, INT64_MAX, INT64_C(1) << 53}, 1, {1, -4, INT64_MIN, (INT64_C(1) << 53) + 1});
  test_scalar<uint64_t>("map_scalar, u64", {0, UINT64_MAX}, 1, {1, 0});
  test_scalar<int32_t>("map_scalar, i32", {16777216, INT32_MAX}, 1, {16777217, INT32_MIN});
  test_scalar<int16_t>("map_scalar, i16", {5, INT16_MAX}, 1, {6, INT16_MIN});
  test_scalar<uint8_t>("map_scalar, u8", {5, 255}, 2, {7, 1});
  test_scalar<double>("map_scalar, f64", {0.1, 1e300}, 0.2, {0.1 + 0.2, 1e300});
  std::vector<float> y(3, 9.0f);
  const int64_t x[] = {-1, 1, INT64_C(1) << 40};
  pw::cuda::map_scalar<ToFloat, float, int64_t>(params({3}, {{1}}, {{{1}}}), x, y.data(), par);
  check_equal("map_scalar, i64 to f32", y, {-1, 1, 0x1p40f});
}
} // namespace

int main() {
  test_shapes();
  test_operands();
  test_types();
  test_scalars();
  return finish();
}
