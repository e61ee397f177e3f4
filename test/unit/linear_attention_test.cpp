// Linear attention against the recurrence in double.
#include "kernel_test.h"

namespace {
DNNC_TARGET_BEGIN
#include "kernels/linear_attention/linear_attention.h"
const int lanes_max = VL;
DNNC_TARGET_END

using namespace linear_attention;

struct Operands {
  std::vector<float> q, k, v, past, decay, beta;
};

Operands operands(const LinearAttentionParams &p) {
  const i64 places = p.batch * p.time, rows = places * p.heads * p.rows;
  const float unit = 1.0f / std::sqrt((float)p.rows); // keys of length about 1, as models have them: the delta rule stays bounded
  return {test::uniform(rows * p.group, -1, 1, 1),          test::uniform(rows, -unit, unit, 2),
          test::uniform(places * p.heads * p.cols, -1, 1, 3), test::uniform(p.batch * p.heads * p.rows * p.cols, -1, 1, 4),
          test::uniform(places * p.heads * p.decay, 0.5f, 1, 5), test::uniform(places * p.beta, 0, 1, 6)};
}

// With `sizes` the same over absolute values and sums, of which every rounding is a share.
std::vector<double> expected(const LinearAttentionParams &p, const Operands &x, bool sizes) {
  std::vector<double> result(p.batch * p.time * p.heads * p.group * p.cols), state(p.batch * p.heads * p.rows * p.cols);
  auto number = [&](float value) { return sizes ? std::fabs((double)value) : (double)value; };
  for (size_t i = 0; i < state.size(); ++i) state[i] = p.past ? number(x.past[i]) : 0;
  for (i64 b = 0; b < p.batch; ++b)
    for (i64 t = 0; t < p.time; ++t)
      for (i64 h = 0; h < p.heads; ++h) {
        const i64 at = b * p.time + t, row = at * p.heads + h;
        double *s = state.data() + (b * p.heads + h) * p.rows * p.cols;
        for (i64 r = 0; r < p.rows; ++r)
          for (i64 c = 0; c < p.cols; ++c)
            if (p.decay) s[r * p.cols + c] *= number(x.decay[row * p.decay + (p.decay == 1 ? 0 : r)]);
        for (i64 c = 0; c < p.cols; ++c) {
          double update = number(x.v[row * p.cols + c]);
          if (p.beta) {
            double seen = 0;
            for (i64 r = 0; r < p.rows; ++r) seen += s[r * p.cols + c] * number(x.k[row * p.rows + r]);
            update = number(x.beta[p.beta == 1 ? at : row]) * (sizes ? update + seen : update - seen);
          }
          for (i64 r = 0; r < p.rows; ++r) s[r * p.cols + c] += number(x.k[row * p.rows + r]) * update;
          for (i64 g = 0; g < p.group; ++g) {
            double y = 0;
            for (i64 r = 0; r < p.rows; ++r) y += s[r * p.cols + c] * number(x.q[(row * p.group + g) * p.rows + r]);
            result[(row * p.group + g) * p.cols + c] = y * number(p.scale);
          }
        }
      }
  result.insert(result.end(), state.begin(), state.end());
  return result;
}

void check(const LinearAttentionParams &p) {
  const Operands x = operands(p);
  const size_t outputs = p.batch * p.time * p.heads * p.group * p.cols;
  const std::vector<double> want = expected(p, x, false), size = expected(p, x, true);
  auto got = test::run_both<float, Par>(want.size(), [&](float *y, Par par) {
    run(p, x.q.data(), x.k.data(), x.v.data(), x.past.data(), x.decay.data(), x.beta.data(), y, y + outputs, par);
  });
  // A position rounds a sum of `rows` products twice, and less than ten times besides.
  const double bound = (double)(p.time * (2 * p.rows + 10)) * 0x1p-24;
  for (size_t i = 0; i < want.size(); ++i)
    ASSERT_LE(std::fabs(got[i] - want[i]), bound * size[i] + 1e-30)
        << "element " << i << ": expected " << want[i] << ", got " << got[i] << "; batch " << p.batch << " time " << p.time << " heads " << p.heads
        << " group " << p.group << " rows " << p.rows << " cols " << p.cols << " past " << p.past << " decay " << p.decay << " beta " << p.beta;
}

TEST(LinearAttention, Rules) {
  for (i64 rows : {1, 7, 16})
    for (i64 cols : {1, lanes_max - 1, lanes_max, 4 * lanes_max, 5 * lanes_max + 1})
      for (i64 time : {1, 5})
        for (i64 past : {0, 1})
          for (i64 decay : {(i64)0, (i64)1, rows})
            for (i64 beta : {0, 1, 2}) check({1, time, 2, 1, rows, cols, past, decay, beta, 0.25f});
}
TEST(LinearAttention, Groups) {
  for (i64 batch : {1, 3})
    for (i64 heads : {1, 3})
      for (i64 group : {2, 4}) check({batch, 4, heads, group, 8, 2 * lanes_max + 3, 1, 8, heads, 0.5f});
}
TEST(LinearAttention, LongSequence) { check({1, 64, 2, 2, 32, 32, 0, 1, 2, 0.17f}); }

TEST(LinearAttention, StateInPlace) {
  const LinearAttentionParams p = {2, 3, 2, 1, 8, 4 * lanes_max + 2, 1, 1, 2, 0.5f};
  const Operands x = operands(p);
  std::vector<float> y(p.batch * p.time * p.heads * p.cols), apart(x.past.size()), in_place = x.past;
  run(p, x.q.data(), x.k.data(), x.v.data(), x.past.data(), x.decay.data(), x.beta.data(), y.data(), apart.data(), Par{nullptr});
  run(p, x.q.data(), x.k.data(), x.v.data(), in_place.data(), x.decay.data(), x.beta.data(), y.data(), in_place.data(), Par{nullptr});
  EXPECT_EQ(in_place, apart);
}

} // namespace
