// rotary against its formula in double.
#include "kernel_test.h"

namespace {
DNNC_TARGET_BEGIN
#include "kernels/rotary/rotary.h"
const int lanes = VL;
DNNC_TARGET_END

using rotary::RotaryParams;

template <bool INTERLEAVED> void check(i64 batch, i64 heads, i64 m, i64 d, i64 pairs, bool shared) {
  // x by head, y by row.
  RotaryParams p = {batch, heads, m, d, pairs, {heads * m * d, m * d, d}, {heads * m * d, d, heads * d}, shared ? 0 : m * pairs};
  std::string at = std::to_string(d) + " columns, " + std::to_string(pairs) + " pairs, interleaved " + std::to_string(INTERLEAVED);
  std::vector<float> x = test::uniform(batch * heads * m * d, -2, 2, 1), cos = test::uniform(batch * m * pairs, -1, 1, 2),
                     sin = test::uniform(batch * m * pairs, -1, 1, 3);
  auto y = test::run_both<float, Par>(x.size(), [&](float *out, Par par) { rotary::rotary<INTERLEAVED>(p, x.data(), cos.data(), sin.data(), out, par); });
  RotaryParams in_place = p;
  std::copy(p.x_s, p.x_s + 3, in_place.y_s);
  std::vector<float> z = x;
  rotary::rotary<INTERLEAVED>(in_place, z.data(), cos.data(), sin.data(), z.data(), Par{nullptr});
  for (i64 b = 0; b < batch; ++b)
    for (i64 h = 0; h < heads; ++h)
      for (i64 i = 0; i < m; ++i)
        for (i64 c = 0; c < d; ++c) {
          i64 row = b * p.x_s[0] + h * p.x_s[1] + i * p.x_s[2], t = INTERLEAVED ? c / 2 : c % pairs;
          bool second = INTERLEAVED ? c % 2 : c >= pairs;
          double want = x[row + c];
          if (c < 2 * pairs) {
            i64 at_table = b * p.table_batch + i * pairs + t, other = INTERLEAVED ? c ^ 1 : second ? c - pairs : c + pairs;
            want = want * cos[at_table] + (second ? 1 : -1) * (double)x[row + other] * sin[at_table];
          }
          // Two products of at most 2 and their sum, each rounded.
          double bound = c < 2 * pairs ? 0x1p-24 * 10 : 0;
          ASSERT_NEAR(y[b * p.y_s[0] + h * p.y_s[1] + i * p.y_s[2] + c], want, bound) << at;
          ASSERT_NEAR(z[row + c], want, bound) << at << ", in place";
        }
}

TEST(Rotary, OddShapes) {
  for (i64 pairs : {1, 3, lanes - 1, lanes, 2 * lanes + 1, 32})
    for (i64 rest : {0, 5})
      for (bool shared : {false, true}) {
        check<false>(2, 3, 4, 2 * pairs + rest, pairs, shared);
        check<true>(2, 3, 4, 2 * pairs + rest, pairs, shared);
      }
}

} // namespace
