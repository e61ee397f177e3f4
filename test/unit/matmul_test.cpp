// matmul::packed, matmul::dynamic and matmul::plain against a plain double (or 64-bit integer) loop.
#include "kernel_test.h"
#include "reference.h"

namespace {
DNNC_TARGET_BEGIN
#include "kernels/matmul/dynamic.h"
#include "kernels/matmul/pack.h"
#include "kernels/matmul/plain.h"
#include "kernels/pointwise/epilogue.h"

struct BiasSkip {
  static DNNC_INLINE vf apply(vf acc, vf bias, vf skip) { return acc + bias + skip; }
};
typedef pw::Epilogue<BiasSkip, pw::Arg<float, 1>, pw::Arg<float, 1>> Tail;

template <int MR, int NRV> void run_tile(bool dynamic, const matmul::MatmulParams &p, const float *a, const float *b, float *y,
                                         float *scratch, const Tail &tail, const Par &par) {
  if (dynamic)
    matmul::dynamic<MR, NRV>(p, a, b, y, scratch, tail, par);
  else
    matmul::packed<MR, NRV>(p, a, b, y, tail, par);
}

// tile: rows * 10 + vectors.
void run(int tile, bool dynamic, const matmul::MatmulParams &p, const float *a, const float *b, float *y, float *scratch, const float *bias,
         const float *skip, const dnnc_parallel_for *pf) {
  Tail tail = {{bias, 0, 0}, {skip, p.m * p.n, p.n}};
  Par par = {pf};
#if DNNC_ISA == DNNC_ISA_GENERIC
  (void)tile;
  run_tile<4, 2>(dynamic, p, a, b, y, scratch, tail, par);
#elif DNNC_ISA == DNNC_ISA_AVX2
  if (tile == 62) run_tile<6, 2>(dynamic, p, a, b, y, scratch, tail, par);
  if (tile == 43) run_tile<4, 3>(dynamic, p, a, b, y, scratch, tail, par);
  if (tile == 101) run_tile<10, 1>(dynamic, p, a, b, y, scratch, tail, par);
#else
  if (tile == 64) run_tile<6, 4>(dynamic, p, a, b, y, scratch, tail, par);
  if (tile == 83) run_tile<8, 3>(dynamic, p, a, b, y, scratch, tail, par);
  if (tile == 82) run_tile<8, 2>(dynamic, p, a, b, y, scratch, tail, par);
  if (tile == 101) run_tile<10, 1>(dynamic, p, a, b, y, scratch, tail, par);
#endif
}
template <class T> void run_plain(const matmul::MatmulParams &p, const T *a, const T *b, T *y, const dnnc_parallel_for *pf) {
  matmul::plain<T>(p, a, b, y, Par{pf});
}
const int lanes = VL;
DNNC_TARGET_END

#if DNNC_ISA == DNNC_ISA_GENERIC
const std::vector<int> tiles = {42};
#elif DNNC_ISA == DNNC_ISA_AVX2
const std::vector<int> tiles = {62, 43, 101};
#else
const std::vector<int> tiles = {64, 83, 82, 101};
#endif

// Two batch dims, b shared along the second; a and b transposed or not, y with a gap after every row.
struct Layout {
  matmul::MatmulParams p;
  i64 a_size, b_size, y_size;

  Layout(i64 outer, i64 inner, i64 m, i64 n, i64 k, bool a_transposed, bool b_transposed) {
    a_size = outer * inner * m * k, b_size = outer * n * k, y_size = outer * inner * m * (n + 3);
    p = {m, n, k,    {1, outer, inner, 1}, {0, inner * m * k, m * k, 0}, {0, n * k, 0, 0}, {0, inner * m * (n + 3), m * (n + 3), 0}, 0, 0,
         0, 0, n + 3};
    p.a_rs = a_transposed ? 1 : k, p.a_cs = a_transposed ? m : 1;
    p.b_rs = b_transposed ? 1 : n, p.b_cs = b_transposed ? k : 1;
  }
};

void check(i64 outer, i64 inner, i64 m, i64 n, i64 k) {
  for (int mode = 0; mode < 4; ++mode) {
    Layout l(outer, inner, m, n, k, mode & 1, mode & 2);
    i64 batches = outer * inner;
    std::vector<float> a = test::uniform(l.a_size, -1, 1, 1), b = test::uniform(l.b_size, -1, 1, 2);
    std::vector<float> bias = test::uniform(n, -1, 1, 3), skip = test::uniform(batches * m * n, -1, 1, 4);
    std::vector<test::Sum> sums(batches * m * n);
    for (i64 q = 0, at = 0; q < batches; ++q)
      for (i64 r = 0; r < m; ++r)
        for (i64 c = 0; c < n; ++c, ++at) {
          for (i64 i = 0; i < k; ++i)
            sums[at].add(a[q * m * k + r * l.p.a_rs + i * l.p.a_cs], b[q / inner * n * k + i * l.p.b_rs + c * l.p.b_cs]);
          sums[at].add(bias[c], 1);
          sums[at].add(skip[at], 1);
        }
    for (int tile : tiles)
      for (bool dynamic : {false, true}) {
        SCOPED_TRACE("m n k = " + std::to_string(m) + " " + std::to_string(n) + " " + std::to_string(k) + " tile " + std::to_string(tile) +
                     (dynamic ? " dynamic" : " packed") + " mode " + std::to_string(mode));
        const int nr = tile % 10 * lanes;
        matmul::MatmulParams p = l.p;
        std::vector<float> right = b;
        test::Guarded<float> scratch(3 * matmul::scratch_size(p, nr));
        if (!dynamic) {
          i64 size = matmul::packed_size(k, n, lanes);
          right.resize(outer * size);
          for (i64 q = 0; q < outer; ++q) matmul::pack(b.data() + q * n * k, k, n, p.b_rs, p.b_cs, nr, lanes, right.data() + q * size);
          p.b_b[1] = size;
          p.b_rs = p.b_cs = 0;
        }
        test::Guarded<float> y(l.y_size), again(l.y_size);
        run(tile, dynamic, p, a.data(), right.data(), y.data(), scratch.data(), bias.data(), skip.data(), nullptr);
        run(tile, dynamic, p, a.data(), right.data(), again.data(), scratch.data(), bias.data(), skip.data(), &test::three_threads);
        EXPECT_TRUE(y.intact());
        EXPECT_TRUE(scratch.intact());
        EXPECT_EQ(0, std::memcmp(y.data(), again.data(), l.y_size * sizeof(float))) << "the split changes the bits";
        for (i64 row = 0; row < batches * m; ++row) {
          for (i64 c = 0; c < n; ++c)
            ASSERT_NEAR(y[row * (n + 3) + c], sums[row * n + c].value, sums[row * n + c].bound()) << "row " << row << " column " << c;
          unsigned untouched = 0xA5A5A5A5;
          for (i64 c = n; c < n + 3; ++c) ASSERT_EQ(0, std::memcmp(&untouched, &y[row * (n + 3) + c], 4)) << "wrote between rows";
        }
      }
  }
}

TEST(Matmul, Sizes) {
  for (i64 m : {2, 5, 13})
    for (i64 n : {1, 17, 64, 100})
      for (i64 k : {1, 9, 64}) check(1, 1, m, n, k);
}
TEST(Matmul, OneRow) {
  for (i64 n : {1, 16, 130, 333, 513})
    for (i64 k : {1, 50}) check(1, 1, 1, n, k);
}
TEST(Matmul, Batches) {
  check(2, 3, 7, 20, 11);
  check(2, 2, 1, 70, 5);
}
TEST(Matmul, NoTerms) { check(1, 1, 3, 5, 0); }
TEST(Matmul, ManyRows) { check(1, 1, 200, 33, 400); }
TEST(Matmul, LongSums) { check(1, 1, 9, 20, 12000); }

template <class T> void check_plain(T lo, T hi) {
  Layout l(2, 3, 5, 7, 9, true, false);
  std::mt19937 random(1);
  auto draw = [&](std::vector<T> &v) {
    for (T &x : v) x = lo + static_cast<T>(random() % 1000) * ((hi - lo) / 1000);
  };
  std::vector<T> a(l.a_size), b(l.b_size), y(l.y_size), again(l.y_size);
  draw(a), draw(b);
  run_plain<T>(l.p, a.data(), b.data(), y.data(), nullptr);
  run_plain<T>(l.p, a.data(), b.data(), again.data(), &test::three_threads);
  EXPECT_EQ(y, again);
  for (i64 q = 0; q < 6; ++q)
    for (i64 r = 0; r < 5; ++r)
      for (i64 c = 0; c < 7; ++c) {
        unsigned __int128 sum = 0; // the inputs are integers, and so are the sums; they wrap as T does
        for (i64 i = 0; i < 9; ++i)
          sum += static_cast<unsigned __int128>(static_cast<__int128>(a[q * 45 + r + i * 5])) *
                 static_cast<unsigned __int128>(static_cast<__int128>(b[q / 3 * 63 + i * 7 + c]));
        EXPECT_EQ(y[(q * 5 + r) * 10 + c], static_cast<T>(static_cast<__int128>(sum)));
      }
}
TEST(Matmul, PlainInt32) { check_plain<int32_t>(-2000000000, 1); }
TEST(Matmul, PlainInt64) { check_plain<int64_t>(-9000000000000000000, 1); }
TEST(Matmul, PlainDouble) { check_plain<double>(-3000, 4000); }

} // namespace
