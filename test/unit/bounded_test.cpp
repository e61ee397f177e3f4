// pack, unpack, nonzero, unique and nms against plain loops over every size up to the bounds.
#include "kernel_test.h"

#include <algorithm>
#include <map>
#include <random>

namespace {
DNNC_TARGET_BEGIN
#include "kernels/bounded/bounded.h"
DNNC_TARGET_END

const Par threads = {&test::three_threads};

// Calls f with each index of a box, in row-major order, and its place in the buffer of shape `shape`.
template <class F> void for_box(const std::vector<i64> &shape, const std::vector<i64> &dims, F f) {
  std::vector<i64> at(shape.size());
  i64 count = 1;
  for (i64 dim : dims) count *= dim;
  for (i64 i = 0; i < count; ++i) {
    i64 rest = i, place = 0, stride = 1;
    for (size_t d = shape.size(); d-- > 0; rest /= dims[d], stride *= shape[d]) place += rest % dims[d] * stride;
    f((size_t)i, (size_t)place);
  }
}

template <class T> void check_box(const std::vector<i64> &shape, const std::vector<i64> &dims) {
  bounded::PackParams p = {};
  p.rank = (i64)shape.size();
  size_t room = 1, box = 1;
  for (size_t d = 0; d < shape.size(); ++d) {
    p.shape[d] = shape[d];
    room *= (size_t)shape[d];
    box *= (size_t)dims[d];
  }
  std::vector<T> wide(room), dense(box); // exactly as long as what may be read
  for (size_t i = 0; i < room; ++i) wide[i] = (T)(i + 1);
  for (size_t i = 0; i < box; ++i) dense[i] = (T)(i + 1);
  test::Guarded<T> packed(room), unpacked(room);
  std::vector<T> want_packed(box), want_unpacked(room, T(0));
  for_box(shape, dims, [&](size_t i, size_t place) {
    want_packed[i] = wide[place];
    want_unpacked[place] = dense[i];
  });
  bounded::pack<sizeof(T)>(p, wide.data(), dims.data(), packed.data(), threads);
  bounded::unpack<sizeof(T)>(p, dense.data(), dims.data(), unpacked.data(), threads);
  for (size_t i = 0; i < box; ++i) ASSERT_EQ(packed[i], want_packed[i]) << i;
  for (size_t i = 0; i < room; ++i) ASSERT_EQ(unpacked[i], want_unpacked[i]) << i;
}

TEST(Bounded, PackAndUnpack) {
  for (i64 a = 0; a <= 3; ++a)
    for (i64 b = 0; b <= 4; ++b)
      for (i64 c = 0; c <= 5; ++c) {
        check_box<uint8_t>({3, 4, 5}, {a, b, c});
        check_box<uint16_t>({3, 4, 5}, {a, b, c});
        check_box<uint32_t>({3, 4, 5}, {a, b, c});
        check_box<uint64_t>({3, 4, 5}, {a, b, c});
      }
  check_box<uint32_t>({}, {});
  check_box<uint32_t>({70}, {33});
}

TEST(Bounded, NonZero) {
  std::mt19937 random(1);
  for (const std::vector<i64> &shape : {std::vector<i64>{1}, {9}, {3, 4, 5}, {2, 1, 7, 2}})
    for (unsigned modulus : {1u, 2u, 5u, 1000u}) {
      bounded::NonZeroParams p = {};
      p.rank = (i64)shape.size();
      size_t all = 1;
      for (size_t d = 0; d < shape.size(); ++d) all *= (size_t)(p.shape[d] = shape[d]);
      std::vector<char> x(all);
      for (char &value : x) value = random() % modulus == 0;
      std::vector<std::vector<i64>> found;
      for (size_t i = 0; i < all; ++i) {
        if (!x[i]) continue;
        std::vector<i64> at(shape.size());
        i64 rest = (i64)i;
        for (size_t d = shape.size(); d-- > 0; rest /= shape[d]) at[d] = rest % shape[d];
        found.push_back(at);
      }
      std::vector<i64> y(shape.size() * all, -1);
      i64 count = -1;
      bounded::nonzero(p, reinterpret_cast<const bool *>(x.data()), y.data(), &count, threads);
      ASSERT_EQ(count, (i64)found.size());
      for (size_t d = 0; d < shape.size(); ++d)
        for (size_t j = 0; j < all; ++j) ASSERT_EQ(y[d * all + j], j < found.size() ? found[j][d] : 0);
    }
}

template <class T> void check_unique(i64 rows, i64 inner, i64 n, bool sorted, unsigned values) {
  std::mt19937 random((unsigned)(rows * 100 + n));
  std::vector<T> x((size_t)(rows * inner));
  for (T &value : x) value = (T)((int)(random() % values) - 1);
  std::map<std::vector<T>, std::vector<i64>> distinct; // in order, with the rows of each
  for (i64 r = 0; r < n; ++r) distinct[{x.begin() + r * inner, x.begin() + (r + 1) * inner}].push_back(r);
  std::vector<std::vector<i64>> groups;
  for (auto &entry : distinct) groups.push_back(entry.second);
  if (!sorted) std::sort(groups.begin(), groups.end());
  std::vector<i64> want_first((size_t)rows), want_inverse((size_t)rows), want_counts((size_t)rows);
  for (size_t u = 0; u < groups.size(); ++u) {
    want_first[u] = groups[u].front();
    want_counts[u] = (i64)groups[u].size();
    for (i64 r : groups[u]) want_inverse[(size_t)r] = (i64)u;
  }
  std::vector<i64> first((size_t)rows, -1), inverse((size_t)rows, -1), counts((size_t)rows, -1), order((size_t)rows);
  i64 size = -1;
  const bounded::UniqueParams p = {rows, inner, sorted};
  bounded::unique<T>(p, x.data(), &n, first.data(), inverse.data(), counts.data(), &size, order.data(), threads);
  EXPECT_EQ(size, (i64)groups.size());
  EXPECT_EQ(first, want_first);
  EXPECT_EQ(inverse, want_inverse);
  EXPECT_EQ(counts, want_counts);
}

TEST(Bounded, Unique) {
  for (i64 n : {0, 1, 2, 17, 40})
    for (bool sorted : {false, true}) {
      check_unique<float>(40, 1, n, sorted, 12);
      check_unique<double>(40, 2, n, sorted, 3);
      check_unique<i64>(40, 3, n, sorted, 2);
    }
}

TEST(Bounded, UniqueTakesAllNanForOne) {
  const float nan = std::nanf("");
  const std::vector<float> x = {nan, 2, nan, 1};
  std::vector<i64> first(4), inverse(4), counts(4), order(4);
  i64 n = 4, size = 0;
  bounded::unique<float>({4, 1, 1}, x.data(), &n, first.data(), inverse.data(), counts.data(), &size, order.data(), threads);
  EXPECT_EQ(size, 3);
  EXPECT_EQ(inverse, (std::vector<i64>{2, 1, 2, 0}));
}

// The greedy rule in double, sorted whole.
std::vector<i64> plain_nms(const std::vector<float> &boxes, const std::vector<float> &scores, i64 count, i64 most, double iou, double threshold) {
  std::vector<i64> order, taken;
  for (i64 i = 0; i < count; ++i)
    if (scores[(size_t)i] > threshold) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](i64 a, i64 b) { return scores[(size_t)a] > scores[(size_t)b]; });
  auto side = [&](i64 i, int k) { return (double)boxes[(size_t)(4 * i + k)]; };
  for (i64 i : order) {
    bool keep = (i64)taken.size() < most;
    for (i64 j : taken) {
      double h = std::min(side(i, 2), side(j, 2)) - std::max(side(i, 0), side(j, 0)), w = std::min(side(i, 3), side(j, 3)) - std::max(side(i, 1), side(j, 1));
      if (h <= 0 || w <= 0) continue;
      auto area = [&](i64 k) { return (side(k, 2) - side(k, 0)) * (side(k, 3) - side(k, 1)); };
      keep = keep && h * w / (area(i) + area(j) - h * w) <= iou;
    }
    if (keep) taken.push_back(i);
  }
  return taken;
}

TEST(Bounded, NonMaxSuppression) {
  std::mt19937 random(3);
  std::uniform_real_distribution<float> uniform(0, 1);
  const i64 room = 30, classes = 2, rows = 2 * room;
  std::vector<float> boxes(4 * room), scores(classes * room);
  for (i64 i = 0; i < room; ++i) {
    float y = uniform(random), x = uniform(random);
    float corner[] = {y, x, y + 0.1f + 0.5f * uniform(random), x + 0.1f + 0.5f * uniform(random)};
    std::copy(corner, corner + 4, &boxes[(size_t)(4 * i)]);
  }
  for (float &score : scores) score = (float)(random() % 20) / 20; // some are equal
  for (i64 count : {0, 1, 13, 30})
    for (i64 most : {0, 3, 100})
      for (float iou : {0.0f, 0.3f, 0.9f}) {
        const float threshold = 0.2f;
        std::vector<i64> want;
        for (i64 c = 0; c < classes; ++c)
          for (i64 box : plain_nms(boxes, {scores.begin() + c * room, scores.begin() + (c + 1) * room}, count, most, iou, threshold)) {
            i64 row[] = {0, c, box};
            want.insert(want.end(), row, row + 3);
          }
        const i64 found = (i64)want.size() / 3, sizes[] = {1, classes, count};
        want.resize(3 * rows);
        std::vector<i64> y(3 * rows, -1), heap(room);
        i64 number = -1;
        const bounded::NmsParams p = {1, classes, room, rows, 0, 1};
        bounded::nms(p, boxes.data(), scores.data(), &most, &iou, &threshold, sizes, y.data(), &number, heap.data(), threads);
        EXPECT_EQ(number, found);
        EXPECT_EQ(y, want) << count << " boxes, at most " << most << ", overlap " << iou;
      }
}

} // namespace
