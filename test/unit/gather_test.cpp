// gather, gather_elements, gather_nd, scatter_elements, scatter_nd, one_hot and trilu against plain loops.
#include "kernel_test.h"

namespace {
DNNC_TARGET_BEGIN
#include "kernels/move/move.h"
DNNC_TARGET_END

const Par threads = {&test::three_threads};

template <class T> std::vector<T> numbers(size_t n) {
  std::vector<T> v(n);
  for (size_t i = 0; i < n; ++i) v[i] = (T)(i * 7 + 1);
  return v;
}

template <class T, class Index> void check_gather(i64 inner) {
  const i64 outer = 2, axis = 5;
  std::vector<T> src = numbers<T>((size_t)(outer * axis * (inner + 1)));
  std::vector<Index> indices = {4, -1, 0, 2, -5, 3, 3};
  move::GatherParams p = {};
  p.outer = outer; p.axis = axis; p.count = (i64)indices.size(); p.inner = inner;
  p.src_axis = inner + 1; p.src_outer = axis * (inner + 1);
  p.dst_count = inner + 2; p.dst_outer = p.count * p.dst_count;
  test::Guarded<T> want((size_t)(outer * p.dst_outer)), got((size_t)(outer * p.dst_outer));
  for (i64 o = 0; o < outer; ++o)
    for (i64 j = 0; j < p.count; ++j)
      for (i64 k = 0; k < inner; ++k) {
        i64 at = indices[(size_t)j] < 0 ? indices[(size_t)j] + axis : indices[(size_t)j];
        want[(size_t)(o * p.dst_outer + j * p.dst_count + k)] = src[(size_t)(o * p.src_outer + at * p.src_axis + k)];
      }
  move::gather<sizeof(T), Index>(p, src.data(), indices.data(), got.data(), threads);
  EXPECT_EQ(want.all, got.all) << sizeof(T) << " bytes, inner " << inner;
}
TEST(Gather, Slices) {
  for (i64 inner : {1, 2, 9, 40}) {
    check_gather<uint8_t, int32_t>(inner);
    check_gather<uint16_t, int64_t>(inner);
    check_gather<uint32_t, int64_t>(inner);
    check_gather<uint64_t, int32_t>(inner);
  }
}
TEST(Gather, ClampsWhatIsOutOfRange) {
  std::vector<float> src = {1, 2, 3}, y(3);
  std::vector<int64_t> indices = {1000000000000, -1000000000000, 3};
  move::GatherParams p = {1, 3, 3, 1, 3, 1, 3, 1};
  move::gather<4, int64_t>(p, src.data(), indices.data(), y.data(), Par{nullptr});
  EXPECT_EQ(y, (std::vector<float>{3, 1, 3}));
}

// The example of ONNX GatherElements (axis 0) on a 3x3 tensor, then along the other axis with fewer rows than the data.
TEST(GatherElements, BothAxes) {
  std::vector<int32_t> src = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  std::vector<int64_t> indices = {1, 2, 0, 2, 0, 0};
  std::vector<int32_t> y(6);
  move::GatherElementsParams p = {};
  p.rank = 2; p.axis = 3; p.axis_stride = 3; p.shape[0] = 2; p.shape[1] = 3; p.src_strides[0] = 0; p.src_strides[1] = 1;
  move::gather_elements<4, int64_t>(p, src.data(), indices.data(), y.data(), threads);
  EXPECT_EQ(y, (std::vector<int32_t>{4, 8, 3, 7, 2, 3}));
  p.axis_stride = 1; p.src_strides[0] = 3; p.src_strides[1] = 0;
  std::vector<int32_t> other = {0, -1, 1, 2, 2, -3};
  move::gather_elements<4, int32_t>(p, src.data(), other.data(), y.data(), threads);
  EXPECT_EQ(y, (std::vector<int32_t>{1, 3, 2, 6, 6, 4}));
}

// Examples 2, 3 and 5 of ONNX GatherND.
TEST(GatherND, OnnxExamples) {
  std::vector<int32_t> src = {0, 1, 2, 3, 4, 5, 6, 7}, y(4);
  std::vector<int64_t> indices = {1, 0};
  move::GatherNDParams p = {};
  p.batch = 1; p.count = 2; p.depth = 1; p.inner = 2; p.src_batch = 4; p.dims[0] = 2; p.src_strides[0] = 2;
  move::gather_nd<4>(p, src.data(), indices.data(), y.data(), threads); // data 2x2, indices [[1], [0]]
  EXPECT_EQ(y, (std::vector<int32_t>{2, 3, 0, 1}));
  indices = {0, 1, 1, 0};
  p.depth = 2; p.dims[1] = 2; p.src_strides[0] = 4; p.src_strides[1] = 2;
  move::gather_nd<4>(p, src.data(), indices.data(), y.data(), threads); // data 2x2x2, indices [[0, 1], [1, 0]]
  EXPECT_EQ(y, (std::vector<int32_t>{2, 3, 4, 5}));
  indices = {1, -2};
  p.batch = 2; p.count = 1; p.depth = 1; p.src_strides[0] = 2;
  move::gather_nd<4>(p, src.data(), indices.data(), y.data(), threads); // batch_dims = 1
  EXPECT_EQ(y, (std::vector<int32_t>{2, 3, 4, 5}));
}

TEST(ScatterElements, OnnxExamplesAndReductions) {
  // Example 1: data 3x3 of zeros, axis 0.
  std::vector<float> data(9, 0.0f), updates = {1.0f, 1.1f, 1.2f, 2.0f, 2.1f, 2.2f};
  std::vector<int64_t> indices = {1, 0, 2, 0, 2, 1};
  move::ScatterElementsParams p = {};
  p.rank = 2; p.axis = 3; p.axis_stride = 3; p.shape[0] = 2; p.shape[1] = 3; p.dst_strides[1] = 1;
  move::scatter_elements<move::Set<4>, int64_t>(p, indices.data(), updates.data(), data.data(), threads);
  EXPECT_EQ(data, (std::vector<float>{2.0f, 1.1f, 0, 1.0f, 0, 2.2f, 0, 2.1f, 1.2f}));
  // Example 2: data 1x5, axis 1; a duplicate, and each reduction in order.
  p = {};
  p.rank = 2; p.axis = 5; p.axis_stride = 1; p.shape[0] = 1; p.shape[1] = 3; p.dst_strides[0] = 5;
  std::vector<int32_t> at = {1, -2, 1};
  const std::vector<float> start = {1, 2, 3, 4, 5}, by = {6, -7, 0.5f};
  auto scatter = [&](auto op) {
    std::vector<float> y = start;
    move::scatter_elements<decltype(op), int32_t>(p, at.data(), by.data(), y.data(), threads);
    return y;
  };
  typedef std::vector<float> V;
  EXPECT_EQ(scatter(move::Set<4>()), (V{1, 0.5f, 3, -7, 5}));
  EXPECT_EQ(scatter(move::Add<float>()), (V{1, 8.5f, 3, -3, 5}));
  EXPECT_EQ(scatter(move::Mul<float>()), (V{1, 6, 3, -28, 5}));
  EXPECT_EQ(scatter(move::Min<float>()), (V{1, 0.5f, 3, -7, 5}));
  EXPECT_EQ(scatter(move::Max<float>()), (V{1, 6, 3, 4, 5}));
}
TEST(ScatterElements, NaNStays) {
  move::ScatterElementsParams p = {};
  p.rank = 1; p.axis = 2; p.axis_stride = 1; p.shape[0] = 2;
  std::vector<int64_t> at = {0, 1};
  std::vector<float> by = {1, NAN}, low = {NAN, 1}, high = {NAN, 1};
  move::scatter_elements<move::Min<float>, int64_t>(p, at.data(), by.data(), low.data(), threads);
  move::scatter_elements<move::Max<float>, int64_t>(p, at.data(), by.data(), high.data(), threads);
  for (float x : {low[0], low[1], high[0], high[1]}) EXPECT_TRUE(std::isnan(x));
}

TEST(ScatterND, OnnxExampleAndSlices) {
  std::vector<int64_t> data = {1, 2, 3, 4, 5, 6, 7, 8}, indices = {4, 3, 1, -1}, updates = {9, 10, 11, 12};
  move::ScatterNDParams p = {};
  p.count = 4; p.depth = 1; p.inner = 1; p.dims[0] = 8; p.dst_strides[0] = 1;
  move::scatter_nd<move::Set<8>>(p, indices.data(), updates.data(), data.data(), threads);
  EXPECT_EQ(data, (std::vector<int64_t>{1, 11, 3, 10, 9, 6, 7, 12}));
  // 2x2x2, two indices of depth 2 at the same place: added twice.
  indices = {1, 0, 1, -2};
  updates = {10, 20, 100, 200};
  p.count = 2; p.depth = 2; p.inner = 2; p.dims[0] = 2; p.dims[1] = 2; p.dst_strides[0] = 4; p.dst_strides[1] = 2;
  move::scatter_nd<move::Add<int64_t>>(p, indices.data(), updates.data(), data.data(), threads);
  EXPECT_EQ(data, (std::vector<int64_t>{1, 11, 3, 10, 119, 226, 7, 12}));
}

TEST(OneHot, AlongTheMiddle) {
  std::vector<int64_t> indices = {0, -1, 2, 5, -4, 1}; // outer 2, inner 3; 5 and -4 are out of range
  std::vector<uint8_t> values = {7, 9}, y(18);
  move::OneHotParams p = {2, 3, 3};
  move::one_hot<1>(p, indices.data(), values.data(), y.data(), threads);
  EXPECT_EQ(y, (std::vector<uint8_t>{9, 7, 7, 7, 7, 7, 7, 9, 9, 7, 7, 7, 7, 7, 9, 7, 7, 7}));
}

TEST(OneHot, LastAxis) {
  std::vector<i64> indices = {0, 69, -1, 70, -71, 3};
  std::vector<float> values = {0.5f, 2.0f}, y(6 * 70), want(6 * 70, 0.5f);
  for (size_t at : {0, 70 + 69, 140 + 69, 350 + 3}) want[at] = 2.0f; // out of range: all off
  move::OneHotParams p = {6, 70, 1};
  move::one_hot<4>(p, indices.data(), values.data(), y.data(), threads);
  EXPECT_EQ(y, want);
}

TEST(Trilu, BothTriangles) {
  std::vector<uint16_t> src = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, y(12);
  move::TriluParams p = {2, 2, 3, 0, 1};
  move::trilu<2>(p, src.data(), y.data(), threads);
  EXPECT_EQ(y, (std::vector<uint16_t>{1, 2, 3, 0, 5, 6, 7, 8, 9, 0, 11, 12}));
  p.k = 1;
  move::trilu<2>(p, src.data(), y.data(), threads);
  EXPECT_EQ(y, (std::vector<uint16_t>{0, 2, 3, 0, 0, 6, 0, 8, 9, 0, 0, 12}));
  p.k = -1; p.upper = 0;
  move::trilu<2>(p, src.data(), y.data(), threads);
  EXPECT_EQ(y, (std::vector<uint16_t>{0, 0, 0, 4, 0, 0, 0, 0, 0, 10, 0, 0}));
}

} // namespace
