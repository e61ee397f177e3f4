// arg_max, arg_min, top_k, cum_sum and cum_prod against plain loops and std::stable_sort.
#include <numeric>

#include "kernel_test.h"

namespace {
DNNC_TARGET_BEGIN
#include "kernels/along_axis/along_axis.h"
const int lanes_max = VL;
DNNC_TARGET_END

using namespace along_axis;

struct Shape {
  i64 outer, axis, inner;
};
std::vector<Shape> shapes() {
  std::vector<Shape> list;
  for (i64 outer : {1, 3})
    for (i64 axis : {1, 2, 5, 2 * lanes_max - 1, 2 * lanes_max, 3 * lanes_max + 2, 300})
      for (i64 inner : {1, 2, lanes_max, lanes_max + 3, 131}) list.push_back({outer, axis, inner});
  return list;
}

// Few different values, so that there are ties.
template <class T> std::vector<T> values(const Shape &s) {
  std::mt19937 random((unsigned)(s.axis * 31 + s.inner));
  std::vector<T> x(s.outer * s.axis * s.inner);
  for (T &v : x) v = (T)((int)(random() % 9) - 4);
  return x;
}
template <class F> void for_each_line(const Shape &s, const F &f) {
  for (i64 o = 0; o < s.outer; ++o)
    for (i64 i = 0; i < s.inner; ++i) f(o, i, o * s.axis * s.inner + i);
}

template <class T> void check_arg() {
  for (const Shape &s : shapes())
    for (bool last : {false, true})
      for (bool largest : {false, true}) {
        ArgParams p = {s.outer, s.axis, s.inner, last};
        std::vector<T> x = values<T>(s);
        auto y = test::run_both<i64, Par>(s.outer * s.inner, [&](i64 *y, Par par) {
          if (largest)
            arg_max<T>(p, x.data(), y, par);
          else
            arg_min<T>(p, x.data(), y, par);
        });
        for_each_line(s, [&](i64 o, i64 i, i64 at) {
          i64 best = 0;
          for (i64 a = 1; a < s.axis; ++a) {
            T value = x[at + a * s.inner], old = x[at + best * s.inner];
            if (largest ? value > old : value < old) best = a;
            if (last && value == old) best = a;
          }
          ASSERT_EQ(y[o * s.inner + i], best) << s.outer << " x " << s.axis << " x " << s.inner << (last ? " last" : "")
                                              << (largest ? " max" : " min");
        });
      }
}
TEST(AlongAxis, Arg) {
  check_arg<float>();
  check_arg<int32_t>();
  check_arg<int64_t>();
  check_arg<uint64_t>();
  check_arg<double>();
}

template <class T> void check_top_k() {
  for (const Shape &s : shapes())
    for (i64 k : {(i64)1, std::min<i64>(3, s.axis), s.axis})
      for (bool largest : {false, true}) {
        TopKParams p = {s.outer, s.axis, s.inner, k, largest};
        std::vector<T> x = values<T>(s);
        size_t n = (size_t)(s.outer * k * s.inner);
        std::vector<i64> indices(n);
        auto y = test::run_both<T, Par>(n, [&](T *y, Par par) { top_k<T>(p, x.data(), y, indices.data(), par); });
        for_each_line(s, [&](i64 o, i64 i, i64 at) {
          std::vector<i64> order(s.axis);
          std::iota(order.begin(), order.end(), 0);
          std::stable_sort(order.begin(), order.end(), [&](i64 a, i64 b) {
            T u = x[at + a * s.inner], v = x[at + b * s.inner];
            return largest ? u > v : u < v;
          });
          for (i64 j = 0; j < k; ++j) {
            i64 to = (o * k + j) * s.inner + i;
            ASSERT_EQ(indices[to], order[j]) << s.outer << " x " << s.axis << " x " << s.inner << ", k = " << k;
            ASSERT_EQ(y[to], x[at + order[j] * s.inner]);
          }
        });
      }
}
TEST(AlongAxis, TopK) {
  check_top_k<float>();
  check_top_k<int32_t>();
  check_top_k<int64_t>();
  check_top_k<uint64_t>();
  check_top_k<double>();
}

template <class T> void check_cum_sum() {
  for (const Shape &s : shapes())
    for (bool exclusive : {false, true})
      for (bool reverse : {false, true}) {
        CumSumParams p = {s.outer, s.axis, s.inner, exclusive, reverse};
        std::vector<T> x = values<T>(s); // small integers: exact in every type
        auto y = test::run_both<T, Par>(x.size(), [&](T *y, Par par) { cum_sum<T>(p, x.data(), y, par); });
        std::vector<T> in_place = x;
        cum_sum<T>(p, in_place.data(), in_place.data(), Par{nullptr});
        EXPECT_EQ(in_place, y);
        for_each_line(s, [&](i64, i64, i64 at) {
          for (i64 a = 0; a < s.axis; ++a) {
            T want = 0;
            for (i64 b = 0; b < s.axis; ++b)
              if ((reverse ? b > a : b < a) || (b == a && !exclusive)) want += x[at + b * s.inner];
            ASSERT_EQ(y[at + a * s.inner], want) << s.axis << (exclusive ? " exclusive" : "") << (reverse ? " reverse" : "");
          }
        });
      }
}
template <class T> void check_cum_prod() {
  const T x[] = {2, 3, 5, -1, 7, 1}; // two lines of three, side by side
  const T want[2][2][6] = {{{2, 3, 10, -3, 70, -3}, {70, -3, 35, -1, 7, 1}}, {{1, 1, 2, 3, 10, -3}, {35, -1, 7, 1, 1, 1}}};
  for (bool exclusive : {false, true})
    for (bool reverse : {false, true}) {
      T y[6];
      cum_prod<T>({1, 3, 2, exclusive, reverse}, x, y, Par{&test::three_threads});
      for (int i = 0; i < 6; ++i) EXPECT_EQ(y[i], want[exclusive][reverse][i]) << exclusive << reverse << " at " << i;
    }
}
TEST(AlongAxis, CumProd) {
  check_cum_prod<float>();
  check_cum_prod<double>();
  check_cum_prod<int32_t>();
  check_cum_prod<int64_t>();
}

TEST(AlongAxis, CumSum) {
  check_cum_sum<float>();
  check_cum_sum<int32_t>();
  check_cum_sum<int64_t>();
}

} // namespace
