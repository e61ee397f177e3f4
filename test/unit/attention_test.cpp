// attention against its formula in double: shapes around tiles, vectors and blocks of keys, every kind of mask, strides, and rows without a key.
#include "kernel_test.h"

namespace {
DNNC_TARGET_BEGIN
#include "kernels/attention/attention.h"
const int lanes = VL, registers = NUM_VREGS;
DNNC_TARGET_END

using attention::AttentionParams;
constexpr float inf = std::numeric_limits<float>::infinity();

enum Masks { None, Float, Bool };

struct Problem {
  AttentionParams p = {};
  std::vector<float> q, k, v, mask;
  std::unique_ptr<bool[]> keep;
  std::vector<double> want, bound; // row-major [batch, heads, m, dv]

  // All row-major, or, split by heads, [batch, row, head, column]; mask: rows × keys, the same for all heads.
  Problem(i64 batch, i64 heads, i64 group, i64 m, i64 n, i64 d, i64 dv, bool split = false) {
    p.batch = batch, p.heads = heads, p.group = group, p.m = m, p.n = n, p.d = d, p.dv = dv;
    auto strides = [&](i64 *s, i64 h, i64 rows, i64 columns, int count) {
      const i64 list[4] = {h * rows * columns, split ? columns : rows * columns, split ? h * columns : columns, 1};
      for (int i = 0; i < count; ++i) s[i] = list[i];
    };
    strides(p.q_s, heads, m, d, 4), strides(p.k_s, heads / group, n, d, 4), strides(p.v_s, heads / group, n, dv, 4), strides(p.y_s, heads, m, dv, 3);
    p.mask_s[2] = n, p.mask_s[3] = 1;
    p.scale = 1 / std::sqrt((float)d);
    q = test::uniform(batch * heads * m * d, -2, 2, 1), k = test::uniform(batch * heads / group * n * d, -2, 2, 2);
    v = test::uniform(batch * heads / group * n * dv, -1, 1, 3), mask = test::uniform(m * n, -2, 2, 4);
    keep.reset(new bool[m * n]);
    for (i64 i = 0; i < m * n; ++i) keep[i] = mask[i] < 1;
  }

  double score(i64 b, i64 h, i64 i, i64 j, Masks kind, double *size) const {
    double s = 0;
    *size = 0;
    for (i64 c = 0; c < p.d; ++c) {
      double x = (double)q[b * p.q_s[0] + h * p.q_s[1] + i * p.q_s[2] + c * p.q_s[3]] *
                 k[b * p.k_s[0] + h / p.group * p.k_s[1] + j * p.k_s[2] + c * p.k_s[3]];
      s += x, *size += std::fabs(x);
    }
    s *= p.scale, *size *= p.scale;
    if (p.softcap != 0) s = p.softcap * std::tanh(s / p.softcap);
    i64 at = i * p.mask_s[2] + j * p.mask_s[3];
    if (kind == Float) s += mask[at], *size += std::isinf(mask[at]) ? 0 : std::fabs(mask[at]);
    if (kind == Bool && !keep[at]) s = -inf;
    return p.causal && j > i + p.past ? -inf : s;
  }

  void check(Masks kind) {
    std::string at = "batch " + std::to_string(p.batch) + ", heads " + std::to_string(p.heads) + "/" + std::to_string(p.group) + ", m " +
                     std::to_string(p.m) + ", n " + std::to_string(p.n) + ", d " + std::to_string(p.d) + ", dv " + std::to_string(p.dv) +
                     ", mask " + std::to_string(kind) + ", causal " + std::to_string(p.causal) + " + " + std::to_string(p.past);
    size_t scratch_floats = attention::scratch_size(p, lanes, registers);
    test::Guarded<float> scratch(3 * scratch_floats);
    auto y = test::run_both<float, Par>(p.batch * p.heads * p.m * p.dv, [&](float *out, Par par) {
      if (kind == None) attention::attention(p, q.data(), k.data(), v.data(), out, scratch.data(), par);
      if (kind == Float) attention::attention_masked<float>(p, q.data(), k.data(), v.data(), mask.data(), out, scratch.data(), par);
      if (kind == Bool) attention::attention_masked<bool>(p, q.data(), k.data(), v.data(), keep.get(), out, scratch.data(), par);
    });
    EXPECT_TRUE(scratch.intact()) << at;
    std::vector<double> q2(q.begin(), q.end()), k2(k.begin(), k.end()), v2(v.begin(), v.end()), mask2(mask.begin(), mask.end()), y2(y.size());
    if (kind == None) attention::attention_f64(p, q2.data(), k2.data(), v2.data(), y2.data(), Par{nullptr});
    if (kind == Float) attention::masked_f64<double>(p, q2.data(), k2.data(), v2.data(), mask2.data(), y2.data(), Par{nullptr});
    if (kind == Bool) attention::masked_f64<bool>(p, q2.data(), k2.data(), v2.data(), keep.get(), y2.data(), Par{nullptr});
    std::vector<double> s(p.n);
    for (i64 b = 0; b < p.batch; ++b)
      for (i64 h = 0; h < p.heads; ++h)
        for (i64 i = 0; i < p.m; ++i) {
          double top = -inf, sum = 0, error = 0;
          for (i64 j = 0; j < p.n; ++j) {
            double size;
            s[j] = score(b, h, i, j, kind, &size);
            top = std::max(top, s[j]), error = std::max(error, size);
          }
          for (double &x : s) sum += x = top == -inf ? 0 : std::exp(x - top);
          // A score is off by d products' roundings of its size (and softcap's), the weight by as much, and the weighted sum by n more.
          double bound = 0x1p-24 * ((double)(p.d + 16) * (error + 1) + 2 * (double)p.n + 32);
          for (i64 c = 0; c < p.dv; ++c) {
            double want = 0, size = 0;
            for (i64 j = 0; j < p.n; ++j) {
              double x = s[j] * v[b * p.v_s[0] + h / p.group * p.v_s[1] + j * p.v_s[2] + c * p.v_s[3]];
              want += x, size += std::fabs(x);
            }
            if (sum > 0) want /= sum, size /= sum;
            i64 place = b * p.y_s[0] + h * p.y_s[1] + i * p.y_s[2] + c;
            ASSERT_NEAR(y[place], want, 2 * bound * size) << at << ", at " << b << ' ' << h << ' ' << i << ' ' << c;
            ASSERT_NEAR(y2[place], want, 1e-13 * (1 + size) * (1 + error)) << "f64, " << at << ", at " << b << ' ' << h << ' ' << i << ' ' << c;
          }
        }
  }
};

TEST(Attention, OddShapes) {
  for (i64 m : {1, 2, 3, 7, 13, 260})
    for (i64 n : {1, lanes - 1, 2 * lanes + 1, 129, 255, 256, 257})
      for (i64 d : {1, lanes + 1, 64})
        for (Masks kind : {None, Float, Bool}) Problem(1, 2, 1, m, n, d, d == 64 ? 48 : d + 2).check(kind);
}

TEST(Attention, GroupsOfHeadsAndStrides) {
  for (bool split : {false, true})
    for (i64 m : {2, 9}) {
      Problem(2, 6, 3, m, 19, 8, 10, split).check(Float);
      Problem(3, 4, 4, m, 150, 16, 4 * lanes + 1, split).check(None);
    }
}

TEST(Attention, TransposedKeysAndValues) {
  for (i64 m : {1, 9}) {
    Problem t(1, 1, 1, m, 21, 13, 21);
    std::swap(t.p.k_s[2], t.p.k_s[3]), t.p.k_s[3] = 21, t.p.v_s[2] = 1, t.p.v_s[3] = 21;
    t.check(None);
  }
}

TEST(Attention, CausalWithPast) {
  for (i64 m : {1, 5, 33, 150})
    for (i64 past : {0, 3, 265, -4})
      for (Masks kind : {None, Bool}) {
        Problem t(1, 2, 1, m, 290, 24, 24);
        t.p.causal = 1, t.p.past = past;
        t.check(kind);
      }
}

TEST(Attention, Softcap) {
  Problem t(1, 2, 1, 11, 40, 16, 16);
  t.p.softcap = 2;
  for (Masks kind : {None, Float}) t.check(kind);
}

TEST(Attention, BroadcastMask) {
  for (i64 m : {1, 11}) {
    Problem row(1, 2, 1, m, 40, 16, 16), column(1, 2, 1, m, 40, 16, 16);
    row.p.mask_s[2] = 0;
    column.p.mask_s[2] = 1, column.p.mask_s[3] = 0;
    for (Masks kind : {Float, Bool}) row.check(kind), column.check(kind);
  }
}

// The first block of keys is left out, then all keys of some rows.
TEST(Attention, RowsWithoutKeys) {
  for (i64 m : {2, 10}) {
    Problem t(1, 1, 1, m, 400, 8, 12);
    for (i64 i = 0; i < m; ++i)
      for (i64 j = 0; j < 400; ++j)
        if (j < 300 || i == 1) t.mask[i * 400 + j] = -inf, t.keep[i * 400 + j] = false;
    t.check(Float), t.check(Bool);
  }
}

TEST(Attention, NanSpreads) {
  for (i64 m : {1, 8}) {
    Problem t(1, 1, 1, m, 30, 8, 8);
    t.k[5 * 8 + 3] = std::numeric_limits<float>::quiet_NaN();
    std::vector<float> y(m * 8), scratch(attention::scratch_size(t.p, lanes, registers));
    attention::attention(t.p, t.q.data(), t.k.data(), t.v.data(), y.data(), scratch.data(), Par{nullptr});
    for (float x : y) EXPECT_TRUE(std::isnan(x));
  }
}

} // namespace
