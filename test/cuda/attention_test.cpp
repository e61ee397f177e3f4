// attention on a GPU beside the plain kernel in double.
#include "kernels.h"

namespace {
DNNC_TARGET_BEGIN
#include "runtime/kernels/attention/cuda.cuh"
#include "runtime/kernels/attention/plain.h"
DNNC_TARGET_END

// More keys than a block has threads, a mask that leaves a row without keys, groups of heads.
void test_attention(i64 m, i64 n, bool causal) {
  attention::AttentionParams p{};
  p.batch = 2, p.heads = 4, p.group = 2, p.m = m, p.n = n, p.d = 20, p.dv = 12, p.causal = causal, p.past = causal ? n - m : 0, p.scale = 0.25f, p.softcap = 3;
  const i64 strides[3][4] = {{4 * m * 20, m * 20, 20, 1}, {2 * n * 20, n * 20, 20, 1}, {2 * n * 12, n * 12, 12, 1}};
  for (int i = 0; i < 4; ++i) p.q_s[i] = strides[0][i], p.k_s[i] = strides[1][i], p.v_s[i] = strides[2][i];
  p.y_s[0] = 4 * m * 12, p.y_s[1] = m * 12, p.y_s[2] = 12, p.mask_s[2] = n, p.mask_s[3] = 1;
  const std::vector<float> q = values(2 * 4 * m * 20), k = values(2 * 2 * n * 20), v = values(2 * 2 * n * 12);
  std::vector<float> mask = values(m * n), y(static_cast<size_t>(2 * 4 * m * 12), NAN), bare = y;
  for (i64 j = 0; j < n; ++j) mask[static_cast<size_t>((m - 1) * n + j)] = -INFINITY;
  auto wide = [](const std::vector<float> &x) { return std::vector<double>(x.begin(), x.end()); };
  const std::vector<double> q2 = wide(q), k2 = wide(k), v2 = wide(v), mask2 = wide(mask), ones(y.size(), 1.0);
  std::vector<double> want(y.size()), want_bare = want;
  attention::masked_f64<double>(p, q2.data(), k2.data(), v2.data(), mask2.data(), want.data(), par);
  attention::attention_f64(p, q2.data(), k2.data(), v2.data(), want_bare.data(), par);
  attention::cuda::attention_masked<float>(p, q.data(), k.data(), v.data(), mask.data(), y.data(), par);
  attention::cuda::attention(p, q.data(), k.data(), v.data(), bare.data(), par);
  // A score of at most 5 is off by 20 roundings, its weight by as much, and n weights are summed.
  check("attention with a mask", y, want, ones, (2 * 5 * 20 + 2 * static_cast<double>(n)) * 0x1p-24);
  check("attention", bare, want_bare, ones, (2 * 5 * 20 + 2 * static_cast<double>(n)) * 0x1p-24);
}
} // namespace

int main() {
  for (i64 n : {5, 300}) {
    test_attention(5, n, false);
    test_attention(5, n, true);
  }
  return finish();
}
