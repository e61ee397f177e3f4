// copy and gather on a GPU against plain loops over their contracts: the same bits, and nothing written elsewhere.
#include "kernels.h"

namespace {
DNNC_TARGET_BEGIN
#include "runtime/kernels/move/cuda.cuh"
DNNC_TARGET_END

template <class T> std::vector<T> bits(i64 count) {
  std::vector<T> v(static_cast<size_t>(count));
  for (T &x : v) {
    x = 0;
    for (size_t b = 0; b < sizeof(T); ++b) x = static_cast<T>(x << 4 << 4 | (static_cast<int>(value() * 128) & 255));
  }
  return v;
}

struct Dim {
  i64 size, src, dst;
};

// src and dst are offsets into arrays that are large enough, from `start` on: strides of src may be negative.
template <class T> void test_copy(const char *what, const std::vector<Dim> &dims, i64 src_start = 0) {
  move::CopyParams p{};
  i64 count = 1, src_size = src_start + 1, dst_size = 1;
  for (const Dim &d : dims) {
    p.shape[p.rank] = d.size, p.src_strides[p.rank] = d.src, p.dst_strides[p.rank] = d.dst;
    ++p.rank;
    count *= d.size;
    if (d.size && d.src > 0) src_size += (d.size - 1) * d.src;
    if (d.size) dst_size += (d.size - 1) * d.dst;
  }
  const std::vector<T> src = bits<T>(src_size);
  std::vector<T> want = bits<T>(dst_size + 3), got = want;
  for (i64 i = 0; i < count; ++i) {
    i64 from = src_start, to = 0, rest = i;
    for (size_t d = dims.size(); d-- > 0; rest /= dims[d].size)
      from += rest % dims[d].size * dims[d].src, to += rest % dims[d].size * dims[d].dst;
    want[static_cast<size_t>(to)] = src[static_cast<size_t>(from)];
  }
  move::cuda::copy<sizeof(T)>(p, src.data() + src_start, got.data(), par);
  check_equal((std::string("copy, ") + what + ", " + std::to_string(8 * sizeof(T)) + " bits").c_str(), got, want);
}

template <class T> void test_copies() {
  test_copy<T>("one element", {});
  test_copy<T>("contiguous", {{3, 35, 35}, {5, 7, 7}, {7, 1, 1}});
  test_copy<T>("nothing", {{3, 35, 35}, {0, 7, 7}, {7, 1, 1}});
  test_copy<T>("transpose of nothing", {{0, 999, 999}, {37, 1, 45}, {45, 37, 1}});
  test_copy<T>("into a wider row", {{3, 35, 80}, {5, 7, 11}, {7, 1, 1}});
  test_copy<T>("reversed", {{5, -7, 7}, {7, -1, 1}}, 34);
  test_copy<T>("broadcast", {{4, 0, 45}, {5, 9, 9}, {9, 1, 1}});
  test_copy<T>("one value", {{6, 0, 11}, {11, 0, 1}});
  test_copy<T>("every third column", {{5, 21, 7}, {7, 3, 1}});
  test_copy<T>("into every second column", {{5, 7, 14}, {7, 1, 2}});
  // Tiles of 32: partial ones, exactly one, and sides at the bound of 8.
  test_copy<T>("transpose 37 x 45", {{37, 1, 45}, {45, 37, 1}});
  test_copy<T>("transpose 32 x 32", {{32, 1, 32}, {32, 32, 1}});
  test_copy<T>("transpose 8 x 100", {{8, 1, 100}, {100, 8, 1}});
  test_copy<T>("transpose 100 x 8", {{100, 1, 8}, {8, 100, 1}});
  test_copy<T>("transpose 7 x 33", {{7, 1, 33}, {33, 7, 1}});
  test_copy<T>("transpose 33 x 1", {{33, 1, 1}, {1, 33, 1}});
  test_copy<T>("transposes in a batch", {{2, 900, 950}, {3, 297, 310}, {9, 1, 34}, {33, 9, 1}});
  test_copy<T>("transpose of views", {{2, 4000, 2000}, {35, 1, 50}, {40, 41, 1}});
  test_copy<T>("dims in another order", {{40, 35, 1}, {2, 1500, 3000}, {35, 1, 43}, {1, 0, 0}});
  test_copy<T>("NCHW to NHWC", {{2, 11 * 30, 30 * 11}, {5, 6, 6 * 11}, {6, 1, 11}, {11, 30, 1}});
  test_copy<T>("six dims", {{2, 360, 1}, {3, 120, 2}, {2, 60, 6}, {5, 12, 12}, {3, 4, 60}, {4, 1, 180}});
}

template <class T, class Index> void test_gather(i64 outer, i64 axis, const std::vector<Index> &indices, i64 inner) {
  const i64 count = static_cast<i64>(indices.size());
  // Views: rows of src and dst that do not touch.
  const move::GatherParams p = {outer, axis, count, inner, axis * (inner + 2) + 1, inner + 2, count * (inner + 1) + 3, inner + 1};
  const std::vector<T> src = bits<T>(outer * p.src_outer);
  std::vector<T> want = bits<T>(outer * p.dst_outer), got = want;
  for (i64 o = 0; o < outer; ++o)
    for (i64 j = 0; j < count; ++j)
      for (i64 k = 0; k < inner; ++k) {
        i64 i = indices[static_cast<size_t>(j)];
        if (i < 0) i += axis;
        i = i < 0 ? 0 : i >= axis ? axis - 1 : i; // out of range: the nearest
        want[static_cast<size_t>(o * p.dst_outer + j * p.dst_count + k)] = src[static_cast<size_t>(o * p.src_outer + i * p.src_axis + k)];
      }
  move::cuda::gather<sizeof(T)>(p, src.data(), indices.data(), got.data(), par);
  char name[120];
  std::snprintf(name, sizeof name, "gather, outer %ld, axis %ld, count %ld, inner %ld, %d bits", long(outer), long(axis), long(count),
                long(inner), int(8 * sizeof(T)));
  check_equal(name, got, want);
}

template <class T, class Index> void test_gathers() {
  const Index largest = static_cast<Index>(~(Index(1) << (8 * sizeof(Index) - 1)));
  test_gather<T, Index>(1, 5, {3, -1, 0, 4, -5}, 7);
  test_gather<T, Index>(3, 4, {-9, 99, 2, largest, static_cast<Index>(-largest - 1)}, 1);
  test_gather<T, Index>(2, 1, {0}, 33);
  test_gather<T, Index>(2, 3, {}, 4);
}

template <class T> void test_type() {
  test_copies<T>();
  test_gathers<T, int32_t>();
  test_gathers<T, int64_t>();
}
} // namespace

int main() {
  test_type<uint8_t>();
  test_type<uint16_t>();
  test_type<uint32_t>();
  test_type<uint64_t>();
  return finish();
}
