// The executor's registry: what it says of kernels, and that what it runs has the bits of emitted code.
#include "kernel_test.h"

#include "executor/KernelRegistry.h"

#include <algorithm>
#include <set>

namespace {
DNNC_TARGET_BEGIN
#include "kernels/pointwise/map.h"
#include "kernels/pool/pool.h"

// relu(acc * 1.5 + bias[c]) + (mask[r] ? exp(skip) : 0.25 skip), written out as codegen does.
struct Chain {
  static DNNC_INLINE vf apply(vf acc, vf bias, vf skip, vm mask) {
    vf sum = pw::add(pw::mul(acc, splat(1.5f)), bias);
    return pw::add(pw::relu(sum), pw::where(mask, pw::exp(skip), pw::mul(skip, splat(0.25f))));
  }
};
void average(const pool::PoolParams &p, const float *x, float *y, const float *bias, const float *skip, const bool *mask) {
  typedef pw::Epilogue<Chain, pw::Arg<float, 1>, pw::Arg<float, 1>, pw::Arg<bool, 0>> ChainEpilogue;
  pool::average<float>(p, x, y, ChainEpilogue({bias, 0, 0}, {skip, 9 * p.c, p.c}, {mask, 0, 1}), Par{nullptr});
}

struct MapChain {
  static DNNC_INLINE vf apply(vf a, vf b, vf c, vm m) { return Chain::apply(a, b, c, m); }
};
void map(const pw::MapParams &p, const float *a, const float *b, const float *c, const bool *m, float *y) {
  pw::map<MapChain, float, float, float, float, bool>(p, a, b, c, m, y, Par{nullptr});
}

// i * 3 / j where cast<i64>(f) < i, else round(exp(f) * 100) as an i64
struct IntegerChain {
  static DNNC_INLINE int64_t apply(int64_t i, int64_t j, float f) {
    return pw::where(pw::less(pw::cast<int64_t>(f), i), pw::div(pw::mul(i, (int64_t)3), j),
                     pw::cast<int64_t>(pw::round(pw::mul(pw::exp(f), 100.0f))));
  }
};
void map_scalar(const pw::MapParams &p, const int64_t *i, const int64_t *j, const float *f, int64_t *y) {
  pw::map_scalar<IntegerChain, int64_t, int64_t, int64_t, float>(p, i, j, f, y, Par{nullptr});
}
f16 f16_of(float x) { return to_f16(x); }
DNNC_TARGET_END

const dnnc::Isa isa = static_cast<dnnc::Isa>(DNNC_TEST_ISA);

dnnc::Function fn(const char *name) {
  dnnc::Function function = dnnc::Function::identity;
  EXPECT_TRUE(dnnc::findFunction(name, function)) << name;
  return function;
}

// The same chain as data.
dnnc::Program program() {
  dnnc::Program p;
  p.arguments = {DNNC_F32, DNNC_F32, DNNC_F32, DNNC_BOOL};     // 0 to 3
  p.constants = {{DNNC_F32, 1.5, 0}, {DNNC_F32, 0.25, 0}};     // 4, 5
  p.steps = {{fn("mul"), DNNC_F32, {0, 4, 0}},                 // 6
             {fn("add"), DNNC_F32, {6, 1, 0}},                 // 7
             {fn("relu"), DNNC_F32, {7, 0, 0}},                // 8
             {fn("exp"), DNNC_F32, {2, 0, 0}},                 // 9
             {fn("mul"), DNNC_F32, {2, 5, 0}},                 // 10
             {fn("where"), DNNC_F32, {3, 9, 10}},              // 11
             {fn("add"), DNNC_F32, {8, 11, 0}}};               // 12
  p.result = 12;
  return p;
}

TEST(Registry, DescribesEveryKernel) {
  for (dnnc::Isa each : {dnnc::Isa::Generic, dnnc::Isa::Avx2, dnnc::Isa::Avx512, dnnc::Isa::Avx512Vnni, dnnc::Isa::Neon, dnnc::Isa::NeonDotprod}) {
    std::set<std::string> names;
    for (const dnnc::Kernel *kernel : dnnc::allKernels(each)) {
      EXPECT_TRUE(names.insert(kernel->name).second) << kernel->name << " twice";
      EXPECT_EQ(dnnc::findKernel(kernel->name, each), kernel);
      EXPECT_TRUE((kernel->invoke != nullptr) != (kernel->invokeMap != nullptr)) << kernel->name;
      if (kernel->invoke) {
        EXPECT_GT(kernel->buffers, kernel->inputs) << kernel->name;
      }
      size_t end = 0;
      for (size_t i = 0; i < kernel->fieldCount; ++i) {
        const dnnc::ParamField &field = kernel->fields[i];
        EXPECT_GE(field.offset, end) << kernel->name << "." << field.name;
        end = field.offset + field.count * (field.kind == dnnc::ParamField::Real ? sizeof(float) : sizeof(int64_t));
      }
      EXPECT_LE(end, kernel->paramsSize) << kernel->name;
      EXPECT_GT(end + 8, kernel->paramsSize) << kernel->name;
    }
  }
#if defined(__aarch64__)
  const dnnc::Isa here = dnnc::Isa::Neon, extended = dnnc::Isa::NeonDotprod, elsewhere = dnnc::Isa::Avx2;
#else
  const dnnc::Isa here = dnnc::Isa::Avx2, extended = dnnc::Isa::Avx512Vnni, elsewhere = dnnc::Isa::Neon;
#endif
  EXPECT_EQ(dnnc::findKernel("conv_direct_10x1", dnnc::Isa::Generic), nullptr);
  EXPECT_EQ(dnnc::findKernel("conv_direct_10x1", elsewhere), nullptr);
  EXPECT_FALSE(dnnc::isSupported(elsewhere));
  const dnnc::Kernel *conv = dnnc::findKernel("conv_direct_10x1", here);
  ASSERT_NE(conv, nullptr);
  EXPECT_EQ(conv->inputs, 2);
  EXPECT_EQ(conv->buffers, 3);
  EXPECT_TRUE(conv->epilogue);
  EXPECT_EQ(dnnc::findKernel("conv_direct_6x4", extended), nullptr); // its parent has it
  ASSERT_NE(dnnc::findKernel("conv_int8_direct_u8_8x2", extended), nullptr);
  const dnnc::Kernel *fill = dnnc::findKernel("move_fill_b32", dnnc::Isa::Generic);
  ASSERT_NE(fill, nullptr);
  EXPECT_EQ(fill->inputs, 0);
  EXPECT_EQ(fill->buffers, 1);
  EXPECT_FALSE(fill->epilogue);
}

TEST(Registry, FillsParametersByName) {
  const dnnc::Kernel *kernel = dnnc::findKernel("move_copy_b32", dnnc::Isa::Generic);
  ASSERT_NE(kernel, nullptr);
  dnnc::KernelParams p(*kernel);
  const int64_t shape[] = {3, 4}, src[] = {1, 3}, dst[] = {4, 1}, nine[9] = {};
  EXPECT_STREQ(p.firstUnset(), "rank");
  EXPECT_TRUE(p.set("rank", 2));
  EXPECT_TRUE(p.set("shape", shape, 2));
  EXPECT_TRUE(p.set("src_strides", src, 2));
  EXPECT_STREQ(p.firstUnset(), "dst_strides");
  EXPECT_TRUE(p.set("dst_strides", dst, 2));
  EXPECT_EQ(p.firstUnset(), nullptr);
  EXPECT_FALSE(p.set("ranks", 2));
  EXPECT_FALSE(p.set("shape", 2));
  EXPECT_FALSE(p.set("shape", nine, 9));
  EXPECT_FALSE(p.setReal("rank", 1));
  const float x[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  float y[12];
  void *buffers[] = {const_cast<float *>(x), y};
  kernel->invoke(p.data(), buffers, nullptr, &test::three_threads);
  EXPECT_EQ(std::vector<float>(y, y + 12), (std::vector<float>{0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11}));
}

TEST(Registry, VectorProblems) {
  dnnc::Program p = program();
  EXPECT_EQ(dnnc::vectorProblem(p), nullptr);
  p.arguments[2] = DNNC_I64;
  EXPECT_NE(dnnc::vectorProblem(p), nullptr);
  p.arguments[2] = DNNC_BOOL;
  EXPECT_NE(dnnc::vectorProblem(p), nullptr);
  p = program();
  p.constants.resize(300, p.constants[0]);
  EXPECT_NE(dnnc::vectorProblem(p), nullptr);
}

TEST(Registry, EpilogueHasTheBitsOfEmittedCode) {
  if (!dnnc::isSupported(isa)) GTEST_SKIP() << "this processor lacks the instruction set";
  const dnnc::Kernel *kernel = dnnc::findKernel("pool_average_f32", isa);
  ASSERT_NE(kernel, nullptr);
  for (i64 c : {1, 5, 16, 43, 70}) {
    pool::PoolParams p = {};
    p.d = p.od = p.kd = p.sd = p.dd = 1;
    p.n = 2; p.h = p.w = 5; p.c = c; p.oh = p.ow = 3; p.kh = p.kw = 3; p.sh = p.sw = 2; p.dh = p.dw = 1; p.pt = p.pl = p.pb = p.pr = 1;
    p.x_w = c; p.x_h = 5 * c; p.x_n = 25 * c; p.y_w = c; p.y_h = 3 * c; p.y_n = 9 * c;
    dnnc::KernelParams params(*kernel);
    ASSERT_EQ(kernel->paramsSize, sizeof(p));
    for (const char *name : {"kh", "kw"}) ASSERT_TRUE(params.set(name, 3));
    for (const char *name : {"sh", "sw", "n"}) ASSERT_TRUE(params.set(name, 2));
    for (const char *name : {"d", "od", "kd", "sd", "dd", "dh", "dw", "pt", "pl", "pb", "pr"}) ASSERT_TRUE(params.set(name, 1));
    for (const char *name : {"h", "w"}) ASSERT_TRUE(params.set(name, 5));
    for (const char *name : {"oh", "ow"}) ASSERT_TRUE(params.set(name, 3));
    for (const char *name : {"c", "x_w", "y_w"}) ASSERT_TRUE(params.set(name, c));
    params.set("x_h", 5 * c), params.set("x_n", 25 * c), params.set("y_h", 3 * c), params.set("y_n", 9 * c);
    std::vector<float> x = test::uniform((size_t)(50 * c), -3, 3), bias = test::uniform((size_t)c, -1, 1, 2);
    std::vector<float> skip = test::uniform((size_t)(18 * c), -2, 2, 3), want((size_t)(18 * c)), got = skip;
    bool mask[9] = {true, false, true, true, false, false, true, false, true};
    average(p, x.data(), want.data(), bias.data(), skip.data(), mask);
    // In place over skip.
    dnnc::EpilogueOperand operands[] = {{bias.data(), 0, 0, 1}, {got.data(), 9 * c, c, 1}, {mask, 0, 1, 0}};
    dnnc::Program chain = program();
    dnnc::BoundEpilogue bound = {dnnc::FlatProgram(chain), operands};
    void *buffers[] = {x.data(), got.data()};
    kernel->invoke(params.data(), buffers, &bound, &test::three_threads);
    ASSERT_EQ(0, std::memcmp(want.data(), got.data(), want.size() * sizeof(float))) << c << " channels";
  }
}

// The parameters of a map, for the template and by name for the registry.
struct MapCase {
  pw::MapParams p = {};
  std::vector<int64_t> shape, y_strides, x_strides;

  MapCase(std::vector<int64_t> dims, std::vector<int64_t> y, std::vector<std::vector<int64_t>> x) : shape(dims), y_strides(y), x_strides(48) {
    p.rank = (i64)dims.size();
    std::copy(dims.begin(), dims.end(), p.shape);
    std::copy(y.begin(), y.end(), p.y_strides);
    for (size_t k = 0; k < x.size(); ++k) std::copy(x[k].begin(), x[k].end(), x_strides.begin() + (long)(6 * k));
    std::copy(x_strides.begin(), x_strides.end(), p.x_strides);
  }
  void run(const char *name, const dnnc::Program &chain, std::vector<void *> buffers) const {
    const dnnc::Kernel *kernel = dnnc::findKernel(name, isa);
    ASSERT_NE(kernel, nullptr);
    ASSERT_EQ(kernel->paramsSize, sizeof(p));
    dnnc::KernelParams params(*kernel);
    ASSERT_TRUE(params.set("rank", p.rank));
    ASSERT_TRUE(params.set("shape", shape.data(), shape.size()));
    ASSERT_TRUE(params.set("y_strides", y_strides.data(), y_strides.size()));
    ASSERT_TRUE(params.set("x_strides", x_strides.data(), x_strides.size()));
    kernel->invokeMap(params.data(), buffers.data(), dnnc::FlatProgram(chain), &test::three_threads);
  }
};

TEST(Registry, MapHasTheBitsOfEmittedCode) {
  if (!dnnc::isSupported(isa)) GTEST_SKIP() << "this processor lacks the instruction set";
  ASSERT_EQ(dnnc::vectorProblem(program()), nullptr);
  for (i64 c : {1, 7, 16, 37}) {
    std::vector<float> a = test::uniform((size_t)(12 * c), -3, 3), b = test::uniform(3, -1, 1, 2), x = test::uniform((size_t)(40 * c), -2, 2, 3);
    std::vector<float> want((size_t)(12 * c)), got(want);
    std::vector<char> m((size_t)c);
    for (size_t i = 0; i < m.size(); ++i) m[i] = i % 3 == 1;
    bool *mask = reinterpret_cast<bool *>(m.data());
    // [4, 3, c]: a contiguous, b along the middle, x with steps, the mask along the last.
    MapCase map_case({4, 3, c}, {3 * c, c, 1}, {{3 * c, c, 1}, {0, 1, 0}, {9 * c, 3 * c, 3}, {0, 0, 1}});
    map(map_case.p, a.data(), b.data(), x.data(), mask, want.data());
    map_case.run("map", program(), {a.data(), b.data(), x.data(), mask, got.data()});
    ASSERT_EQ(0, std::memcmp(want.data(), got.data(), want.size() * sizeof(float))) << c;
  }
}

TEST(Registry, ScalarMapHasTheBitsOfEmittedCode) {
  if (!dnnc::isSupported(isa)) GTEST_SKIP() << "this processor lacks the instruction set";
  dnnc::Program chain;
  chain.arguments = {DNNC_I64, DNNC_I64, DNNC_F32};                // 0 to 2
  chain.constants = {{DNNC_I64, 0, 3}, {DNNC_F32, 100, 0}};        // 3, 4
  chain.steps = {{fn("cast"), DNNC_I64, {2, 0, 0}},                // 5
                 {fn("less"), DNNC_BOOL, {5, 0, 0}},               // 6
                 {fn("mul"), DNNC_I64, {0, 3, 0}},                 // 7
                 {fn("div"), DNNC_I64, {7, 1, 0}},                 // 8
                 {fn("exp"), DNNC_F32, {2, 0, 0}},                 // 9
                 {fn("mul"), DNNC_F32, {9, 4, 0}},                 // 10
                 {fn("round"), DNNC_F32, {10, 0, 0}},              // 11
                 {fn("cast"), DNNC_I64, {11, 0, 0}},               // 12
                 {fn("where"), DNNC_I64, {6, 8, 12}}};             // 13
  chain.result = 13;
  ASSERT_EQ(dnnc::scalarProblem(chain), nullptr);
  ASSERT_NE(dnnc::vectorProblem(chain), nullptr);
  std::vector<int64_t> i(60), j = {1, -2, 0, 7, 1000000000000}, want(60), got(60);
  for (size_t k = 0; k < i.size(); ++k) i[k] = (int64_t)k * 5 - 140;
  std::vector<float> f = test::uniform(12, -60, 60);
  MapCase map_case({12, 5}, {5, 1}, {{5, 1}, {0, 1}, {1, 0}});
  map_scalar(map_case.p, i.data(), j.data(), f.data(), want.data());
  map_case.run("map_scalar", chain, {i.data(), j.data(), f.data(), got.data()});
  EXPECT_EQ(want, got);
  for (size_t k = 0; k < 60; ++k) { // and the formula once more
    int64_t d = j[k % 5], n = i[k] * 3;
    if ((int64_t)f[k / 5] < i[k]) {
      EXPECT_EQ(got[k], d ? n / d : 0) << k;
    }
  }
}

// Every pair of types through cast, and the 16-bit floats in memory.
TEST(Registry, ScalarMapCasts) {
  if (!dnnc::isSupported(isa)) GTEST_SKIP() << "this processor lacks the instruction set";
  MapCase one({3}, {1}, {{1}});
  auto cast = [&](dnnc_type from, dnnc_type to, void *x, void *y) {
    dnnc::Program chain;
    chain.arguments = {from};
    chain.steps = {{fn("cast"), to, {0, 0, 0}}};
    chain.result = 1;
    one.run("map_scalar", chain, {x, y});
  };
  float x[3] = {-2.75f, 300.5f, 0.0f};
  int8_t i8[3];
  cast(DNNC_F32, DNNC_I8, x, i8);
  EXPECT_EQ(std::vector<int>(i8, i8 + 3), (std::vector<int>{-2, 127, 0}));
  bool b[3];
  cast(DNNC_F32, DNNC_BOOL, x, b);
  EXPECT_TRUE(b[0] && b[1] && !b[2]);
  uint16_t h[3];
  cast(DNNC_F32, DNNC_F16, x, h);
  for (int k = 0; k < 3; ++k) EXPECT_EQ(h[k], f16_of(x[k]).bits);
  double d[3];
  cast(DNNC_F16, DNNC_F64, h, d);
  EXPECT_EQ(d[1], 300.5);
  int64_t i64s[3] = {-1, 255, 65536};
  uint8_t u8[3];
  cast(DNNC_I64, DNNC_U8, i64s, u8);
  EXPECT_EQ(std::vector<int>(u8, u8 + 3), (std::vector<int>{255, 255, 0}));
  uint16_t bf[3];
  cast(DNNC_I64, DNNC_BF16, i64s, bf);
  EXPECT_EQ(bf[2], 0x4780); // 65536 = 2^16
}

TEST(Registry, ProgramProblems) {
  dnnc::Program p;
  p.arguments = {DNNC_I32};
  p.steps = {{fn("exp"), DNNC_I32, {0, 0, 0}}};
  p.result = 1;
  EXPECT_NE(dnnc::scalarProblem(p), nullptr);
  p.steps[0].function = fn("neg");
  EXPECT_EQ(dnnc::scalarProblem(p), nullptr);
  p.steps[0].operands[0] = 1;
  EXPECT_NE(dnnc::scalarProblem(p), nullptr);
  p.steps[0].operands[0] = 0;
  p.result = 2;
  EXPECT_NE(dnnc::scalarProblem(p), nullptr);
}

} // namespace
