// Values of the run that fit, and that do not.
#include "model.h"

#include <cstdio>
#include <vector>

int main() {
  std::vector<float> x(18), a(18), b(6), c(6);
  std::vector<int64_t> shape{3, -1}, starts{-1, 0}, ends{9, 2}, axes{-1};
  for (int i = 0; i < 18; ++i) x[static_cast<size_t>(i)] = static_cast<float>(i);
  alignas(64) static char workspace[1 << 16];
  static_assert(model::workspace_size() <= sizeof(workspace));
  int failures = 0;
  auto expect = [&](dnnc_status wanted, const char *what) {
    const dnnc_status got = model::run(x, shape, starts, ends, axes, a, b, c, workspace, sizeof(workspace));
    if (got != wanted) std::printf("%s: status %d, expected %d\n", what, got, wanted), ++failures;
  };
  expect(DNNC_OK, "values that fit");
  if (b[0] != 9 || b[5] != 14 || c[5] != 48) std::printf("wrong values: %g %g %g\n", b[0], b[5], c[5]), ++failures;
  axes[0] = 2;
  expect(DNNC_OK, "the other axis that fits");
  axes[0] = 0;
  expect(DNNC_BAD_VALUE, "an axis that gives another shape");
  axes[0] = INT64_MIN;
  expect(DNNC_BAD_VALUE, "an axis out of range");
  axes[0] = 1;
  shape[1] = 5;
  expect(DNNC_BAD_VALUE, "another number of elements");
  shape = {-1, -1};
  expect(DNNC_BAD_VALUE, "two free dims");
  shape = {3, 6};
  ends[1] = INT64_MAX;
  expect(DNNC_BAD_VALUE, "a longer slice");
  starts[1] = 1;
  expect(DNNC_OK, "an end that is clamped");
  return failures;
}
