// nms: of each class boxes come out of a heap, the best first, until enough are taken; each is compared with those already taken.
#pragma once
#include "../../parallel.h"
#include "params.h"

namespace bounded {

struct Box {
  float y0, x0, y1, x1;
  DNNC_INLINE float area() const { return (y1 - y0) * (x1 - x0); }
};

struct Nms {
  Held<NmsParams> p;
  const float *boxes, *scores;
  const i64 *most;
  const float *iou, *threshold;
  const i64 *sizes;
  i64 *y, *count, *heap;

  DNNC_INLINE static void order(float &low, float &high) {
    if (low <= high) return;
    const float other = low;
    low = high;
    high = other;
  }
  DNNC_INLINE Box box(i64 batch, i64 index) const {
    const float *b = boxes + (batch * p.boxes + index) * 4;
    if (p.center) return {b[1] - b[3] / 2, b[0] - b[2] / 2, b[1] + b[3] / 2, b[0] + b[2] / 2};
    Box r = {b[0], b[1], b[2], b[3]};
    order(r.y0, r.y1);
    order(r.x0, r.x1);
    return r;
  }
  DNNC_INLINE bool overlap(const Box &a, const Box &b) const {
    const float y0 = a.y0 > b.y0 ? a.y0 : b.y0, x0 = a.x0 > b.x0 ? a.x0 : b.x0;
    const float y1 = a.y1 < b.y1 ? a.y1 : b.y1, x1 = a.x1 < b.x1 ? a.x1 : b.x1;
    if (y1 <= y0 || x1 <= x0) return false;
    const float both = (y1 - y0) * (x1 - x0);
    return both / (a.area() + b.area() - both) > *iou;
  }
  // Whether box a is taken before box b.
  DNNC_INLINE static bool before(const float *s, i64 a, i64 b) { return s[a] > s[b] || (s[a] == s[b] && a < b); }
  DNNC_INLINE void sink(const float *s, i64 at, i64 size) const {
    const i64 moved = heap[at];
    for (i64 child = 2 * at + 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && before(s, heap[child + 1], heap[child])) ++child;
      if (!before(s, heap[child], moved)) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = moved;
  }

  // The rows of one class, behind the first `found`; their new number.
  DNNC_INLINE i64 one_class(i64 batch, i64 c, i64 n, i64 found) const {
    const float *s = scores + (batch * p.classes + c) * p.boxes;
    i64 size = 0;
    for (i64 i = 0; i < n; ++i)
      if (s[i] == s[i] && (!p.thresholded || s[i] > *threshold)) heap[size++] = i;
    for (i64 i = size / 2 - 1; i >= 0; --i) sink(s, i, size);
    const i64 begin = found;
    while (size > 0 && found - begin < *most && found < p.rows) {
      const i64 index = heap[0];
      heap[0] = heap[--size];
      if (size > 0) sink(s, 0, size);
      const Box candidate = box(batch, index);
      bool keep = true;
      for (i64 j = begin; j < found && keep; ++j) keep = !overlap(candidate, box(batch, y[3 * j + 2]));
      if (!keep) continue;
      y[3 * found] = batch;
      y[3 * found + 1] = c;
      y[3 * found + 2] = index;
      ++found;
    }
    return found;
  }

  DNNC_DEVICE void operator()(i64, i64, int) const {
    i64 found = 0;
    for (i64 batch = 0; batch < sizes[0] && batch < p.batches; ++batch)
      for (i64 c = 0; c < sizes[1] && c < p.classes; ++c) found = one_class(batch, c, sizes[2] < p.boxes ? sizes[2] : p.boxes, found);
    for (i64 i = 3 * found; i < 3 * p.rows; ++i) y[i] = 0;
    *count = found;
  }
};

inline void nms(const NmsParams &p, const float *boxes, const float *scores, const i64 *most, const float *iou, const float *threshold,
                const i64 *sizes, i64 *y, i64 *count, i64 *heap, const Par &par) {
  par.run(1, Nms{p, boxes, scores, most, iou, threshold, sizes, y, count, heap});
}

} // namespace bounded
