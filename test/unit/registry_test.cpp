// The executor's registry: what it says of kernels, and that what it runs has the bits of emitted code.
#include "kernel_test.h"

#include "executor/KernelRegistry.h"

#include <algorithm>
#include <set>

namespace {
DNNC_TARGET_BEGIN
#include "kernels/pointwise/functions.h"
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
DNNC_TARGET_END

const dnnc::Isa isa = static_cast<dnnc::Isa>(DNNC_TEST_ISA);

// The same chain as data.
dnnc::Program program() {
  auto fn = [](const char *name) {
    dnnc::Function function;
    EXPECT_TRUE(dnnc::findFunction(name, function)) << name;
    return function;
  };
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
  for (dnnc::Isa each : {dnnc::Isa::Generic, dnnc::Isa::Avx2, dnnc::Isa::Avx512}) {
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
  EXPECT_EQ(dnnc::findKernel("conv_direct_6x2", dnnc::Isa::Generic), nullptr);
  const dnnc::Kernel *conv = dnnc::findKernel("conv_direct_6x2", dnnc::Isa::Avx2);
  ASSERT_NE(conv, nullptr);
  EXPECT_EQ(conv->inputs, 2);
  EXPECT_EQ(conv->buffers, 3);
  EXPECT_TRUE(conv->epilogue);
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
    p.n = 2; p.h = p.w = 5; p.c = c; p.oh = p.ow = 3; p.kh = p.kw = 3; p.sh = p.sw = 2; p.dh = p.dw = 1; p.pt = p.pl = p.pb = p.pr = 1;
    p.x_w = c; p.x_h = 5 * c; p.x_n = 25 * c; p.y_w = c; p.y_h = 3 * c; p.y_n = 9 * c;
    dnnc::KernelParams params(*kernel);
    ASSERT_EQ(kernel->paramsSize, sizeof(p));
    for (const char *name : {"kh", "kw"}) ASSERT_TRUE(params.set(name, 3));
    for (const char *name : {"sh", "sw", "n"}) ASSERT_TRUE(params.set(name, 2));
    for (const char *name : {"dh", "dw", "pt", "pl", "pb", "pr"}) ASSERT_TRUE(params.set(name, 1));
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

} // namespace
