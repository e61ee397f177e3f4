// What the header of a model with chosen dims promises: x [N=1..4, 2, M=0..3], z [N] → y like x, w like z, i [3, found]. Compiled under a
// sanitizer: inputs end where their true size does.
#include "model.h"

#include <cstdio>
#include <vector>

static int broken = 0;
static void expect(bool good, const char *what) {
  if (good) return;
  std::printf("broken: %s\n", what);
  ++broken;
}

int main() {
  static_assert(model::inputs[0].bounded == 5 && model::inputs[1].bounded == 1, "which dims are bounds");
  static_assert(model::outputs[0].bounded == 5 && model::outputs[1].bounded == 1 && model::outputs[2].bounded == 2, "which dims are bounds");
  std::vector<unsigned char> memory(model::workspace_size() + 64);
  unsigned char *workspace = memory.data() + (64 - reinterpret_cast<std::size_t>(memory.data()) % 64) % 64;
  std::vector<float> y(model::outputs[0].elements), w(model::outputs[1].elements);
  std::vector<int64_t> found(model::outputs[2].elements);
  int64_t y_dims[3], w_dims[1], found_dims[2];
  auto run = [&](std::vector<int64_t> x_dims, std::vector<int64_t> z_dims) {
    std::vector<float> x(dnnc::elements(x_dims)), z(dnnc::elements(z_dims));
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i) - 3;
    return model::run(x, x_dims, z, z_dims, y, y_dims, w, w_dims, found, found_dims, workspace, model::workspace_size());
  };
  expect(run({3, 2, 2}, {3}) == DNNC_OK, "sizes in between are taken");
  expect(y_dims[0] == 3 && y_dims[1] == 2 && y_dims[2] == 2 && w_dims[0] == 3, "outputs report their dims");
  bool dense = true;
  for (int i = 0; i < 12; ++i) dense = dense && y[static_cast<std::size_t>(i)] == (i > 3 ? static_cast<float>(i - 3) : 0.0f);
  expect(dense, "outputs are dense in their true dims");
  expect(found_dims[0] == 3 && found_dims[1] == 11, "all but the 0 are found");
  expect(run({4, 2, 3}, {4}) == DNNC_OK && run({1, 2, 0}, {1}) == DNNC_OK, "both ends of the ranges are taken");
  expect(y_dims[2] == 0 && found_dims[1] == 0, "an empty output reports its dims");
  expect(run({5, 2, 2}, {5}) == DNNC_BAD_DIMS, "a size above its bound");
  expect(run({0, 2, 2}, {0}) == DNNC_BAD_DIMS, "a size below its bound");
  expect(run({2, 3, 2}, {2}) == DNNC_BAD_DIMS, "another size where there is no choice");
  expect(run({2, 2, 2}, {3}) == DNNC_BAD_DIMS, "two sizes for one name");
  std::vector<float> x(8), z(2);
  std::vector<int64_t> x_dims{2, 2, 3}, z_dims{2}, short_dims{2, 2};
  expect(model::run(x, x_dims, z, z_dims, y, y_dims, w, w_dims, found, found_dims, workspace, model::workspace_size()) == DNNC_WRONG_SIZE, "fewer elements than the dims say");
  expect(model::run(x, short_dims, z, z_dims, y, y_dims, w, w_dims, found, found_dims, workspace, model::workspace_size()) == DNNC_WRONG_SIZE, "a dim is missing");
  const void *inputs[] = {x.data(), z.data()};
  void *outputs[] = {y.data(), w.data(), found.data()};
  int64_t exact[] = {2, 2, 2};
  const int64_t *in[] = {exact, exact}, *null_in[] = {exact, nullptr};
  int64_t *out[] = {y_dims, w_dims, found_dims};
  expect(model_run(inputs, in, outputs, out, workspace, model::workspace_size(), nullptr) == DNNC_OK, "the C function");
  expect(model_run(inputs, null_in, outputs, out, workspace, model::workspace_size(), nullptr) == DNNC_NULL_POINTER, "dims are missing");
  expect(model_run(inputs, in, outputs, nullptr, workspace, model::workspace_size(), nullptr) == DNNC_NULL_POINTER, "dims of outputs are missing");
  return broken ? 1 : 0;
}
