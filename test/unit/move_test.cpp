// copy, fill and table_copy against plain loops, for every element size.
#include "kernel_test.h"

#include <algorithm>

namespace {
DNNC_TARGET_BEGIN
#include "kernels/move/move.h"
DNNC_TARGET_END

struct CopyDim {
  i64 size, src, dst;
};
typedef std::vector<CopyDim> Dims;

template <class T> std::vector<T> numbers(size_t n) {
  std::vector<T> v(n);
  for (size_t i = 0; i < n; ++i) v[i] = (T)(i * 2654435761u + 12345);
  return v;
}

// Calls f(src offset, dst offset) for every index.
template <class F> void for_each(const Dims &dims, size_t d, i64 src, i64 dst, const F &f) {
  if (d == dims.size()) return f(src, dst);
  for (i64 i = 0; i < dims[d].size; ++i) for_each(dims, d + 1, src + i * dims[d].src, dst + i * dims[d].dst, f);
}

template <class T> void check_copy(const Dims &dims) {
  i64 src_low = 0, src_high = 0, dst_low = 0, dst_high = 0;
  for (const auto &d : dims) {
    (d.src < 0 ? src_low : src_high) += (d.size - 1) * d.src;
    (d.dst < 0 ? dst_low : dst_high) += (d.size - 1) * d.dst;
  }
  std::vector<T> src = numbers<T>((size_t)(src_high - src_low + 1));
  size_t size = (size_t)(dst_high - dst_low + 1);
  test::Guarded<T> want(size), got(size), threaded(size);
  for_each(dims, 0, -src_low, -dst_low, [&](i64 s, i64 d) { want[(size_t)d] = src[(size_t)s]; });
  move::CopyParams p = {};
  p.rank = (i64)dims.size();
  for (size_t i = 0; i < dims.size(); ++i) {
    p.shape[i] = dims[i].size; p.src_strides[i] = dims[i].src; p.dst_strides[i] = dims[i].dst;
  }
  move::copy<sizeof(T)>(p, src.data() - src_low, got.data() - dst_low, Par{nullptr});
  move::copy<sizeof(T)>(p, src.data() - src_low, threaded.data() - dst_low, Par{&test::three_threads});
  std::string shape;
  for (const auto &d : dims) shape += " " + std::to_string(d.size) + ":" + std::to_string(d.src) + "->" + std::to_string(d.dst);
  EXPECT_EQ(want.all, got.all) << sizeof(T) << " bytes:" << shape;
  EXPECT_EQ(want.all, threaded.all) << sizeof(T) << " bytes, threads:" << shape;
}

void check_copies(Dims dims) {
  for (int turns = 0; turns < 2; ++turns) { // any order of the dims
    check_copy<uint8_t>(dims);
    check_copy<uint16_t>(dims);
    check_copy<uint32_t>(dims);
    check_copy<uint64_t>(dims);
    if (!dims.empty()) std::rotate(dims.begin(), dims.begin() + 1, dims.end());
  }
}

TEST(Copy, Runs) {
  for (i64 n : {1, 2, 3, 5, 7, 8, 15, 16, 31, 33, 64, 100, 4097, 20000}) {
    check_copies({{n, 1, 1}});
    if (n < 4000) check_copies({{3, n + 2, n + 5}, {n, 1, 1}});
  }
}
// NHWC <-> NCHW for every small number of channels, and strided on both sides.
TEST(Copy, Transposes) {
  for (i64 c : {1, 2, 3, 4, 5, 7, 8, 9, 11, 12, 15, 16, 17, 21, 24, 33})
    for (i64 hw : {1, 2, 3, 4, 6, 7, 8, 9, 13, 16, 31, 32, 33, 40, 67}) {
      check_copies({{2, c * hw, c * hw}, {hw, 1, c}, {c, hw, 1}});
      check_copies({{2, c * hw, c * hw}, {c, 1, hw}, {hw, c, 1}});
      check_copies({{hw, 1, c + 3}, {c, hw + 5, 1}});
    }
  check_copies({{3, 5000, 1}, {5000, 1, 3}});
}
TEST(Copy, Permutations) {
  check_copies({{3, 1, 140}, {4, 3, 35}, {5, 12, 7}, {7, 60, 1}});
  check_copies({{3, 20, 1}, {4, 5, 3}, {5, 1, 12}});
  check_copies({{2, 840, 60}, {3, 280, 120}, {4, 7, 15}, {5, 56, 3}, {3, 1, 1}}); // overlapping places in src are fine
  check_copies({{2, 64, 1}, {2, 32, 2}, {2, 16, 4}, {2, 8, 8}, {2, 4, 16}, {2, 2, 32}, {2, 1, 64}});
}
TEST(Copy, ReversedStepsAndBroadcasts) {
  check_copies({{6, -10, 5}, {5, -2, 1}});
  check_copies({{6, 10, -5}, {5, 3, 1}});
  check_copies({{4, 0, 30}, {5, 1, 6}, {6, 0, 1}});
  check_copies({{40, 1, 50}, {50, 0, 1}});
  check_copies({{1, 7, 3}});
  check_copies({});
}
template <class T> void check_fill() {
  test::Guarded<T> want(4 * 31), got(4 * 31);
  move::FillParams p = {};
  p.rank = 3; p.value = 0x123456789abcdef0;
  p.shape[0] = 2; p.shape[1] = 3; p.shape[2] = 5;
  p.dst_strides[0] = 62; p.dst_strides[1] = 7; p.dst_strides[2] = 1;
  move::fill<sizeof(T)>(p, got.data(), Par{&test::three_threads});
  for_each({{2, 0, 62}, {3, 0, 7}, {5, 0, 1}}, 0, 0, 0, [&](i64, i64 d) { want[(size_t)d] = (T)p.value; });
  EXPECT_EQ(want.all, got.all);
  p.dst_strides[2] = 2; p.dst_strides[1] = 11;
  move::fill<sizeof(T)>(p, got.data(), Par{nullptr});
  for_each({{2, 0, 62}, {3, 0, 11}, {5, 0, 2}}, 0, 0, 0, [&](i64, i64 d) { want[(size_t)d] = (T)p.value; });
  EXPECT_EQ(want.all, got.all);
}
TEST(Fill, Strided) {
  check_fill<uint8_t>();
  check_fill<uint16_t>();
  check_fill<uint32_t>();
  check_fill<uint64_t>();
}

// [2, 4, cols, run] padded to [2, 7, …, run], runs `gap` apart within a wider buffer.
template <class T> void check_table_copy(const std::vector<i64> &columns, i64 run, i64 gap) {
  const i64 width = std::max<i64>(*std::max_element(columns.begin(), columns.end()), 0) + 1, count = (i64)columns.size();
  std::vector<T> src = numbers<T>((size_t)(8 * width * run));
  std::vector<i64> planes = {0, 4 * width * run}, rows, cols;
  for (i64 r : {-1, 0, 1, 2, 3, -1, -1}) rows.push_back(r < 0 ? -1 : r * width * run); // constant
  for (i64 c : columns) cols.push_back(c < 0 ? -1 : c * run);
  std::vector<i64> table = planes;
  table.insert(table.end(), rows.begin(), rows.end());
  table.insert(table.end(), cols.begin(), cols.end());
  move::TableCopyParams p = {};
  p.rank = 3; p.run = run; p.value = 77;
  p.shape[0] = 2; p.shape[1] = 7; p.shape[2] = count;
  p.dst_strides[2] = run + gap; p.dst_strides[1] = count * (run + gap) + 2; p.dst_strides[0] = 7 * p.dst_strides[1] + 5;
  size_t size = (size_t)(2 * p.dst_strides[0]);
  test::Guarded<T> want(size), got(size);
  for (i64 o = 0; o < 2; ++o)
    for (i64 r = 0; r < 7; ++r)
      for (i64 c = 0; c < count; ++c)
        for (i64 k = 0; k < run; ++k)
          want[(size_t)(o * p.dst_strides[0] + r * p.dst_strides[1] + c * p.dst_strides[2] + k)] =
              rows[(size_t)r] < 0 || cols[(size_t)c] < 0 ? (T)77 : src[(size_t)(planes[(size_t)o] + rows[(size_t)r] + cols[(size_t)c] + k)];
  move::table_copy<sizeof(T)>(p, src.data(), table.data(), got.data(), Par{&test::three_threads});
  EXPECT_EQ(want.all, got.all) << sizeof(T) << " bytes, " << count << " columns, run " << run << ", gap " << gap;
}
TEST(TableCopy, Pads) {
  std::vector<i64> reflected = {2, 1, 0, 1, 2, 3}, zeros = {-1}, none = {-1, -1, -1};
  for (i64 i = 0; i < 37; ++i) zeros.push_back(i);
  zeros.push_back(-1);
  for (const auto &columns : {reflected, zeros, none, std::vector<i64>{0}, std::vector<i64>{5, 3, 1}})
    for (i64 run : {1, 3, 16, 37})
      for (i64 gap : {0, 1}) {
        check_table_copy<uint8_t>(columns, run, gap);
        check_table_copy<uint16_t>(columns, run, gap);
        check_table_copy<uint32_t>(columns, run, gap);
        check_table_copy<uint64_t>(columns, run, gap);
      }
}

} // namespace
