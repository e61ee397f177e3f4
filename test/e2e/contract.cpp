// What the header of an emitted model promises, checked on any model compiled with --name=model: prints what is broken.
//   - results depend neither on what memory held before, nor on how, where and in which order parallel work is split
//   - nothing is written but outputs and workspace, and nothing behind their ends
//   - several threads may run the model at once
//   - wrong arguments give their error code
#include "model.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>
#include <thread>
#include <vector>

namespace {

int broken = 0;
void expect(bool good, const char *what) {
  if (good) return;
  std::printf("broken: %s\n", what);
  ++broken;
}

// Aligned memory that ends where the tensor ends: a sanitizer sees one byte too far.
struct Block {
  std::unique_ptr<char, void (*)(void *)> memory{nullptr, std::free};
  std::size_t bytes;
  explicit Block(std::size_t size, std::size_t alignment = 64) : bytes(size) {
    void *p = nullptr;
    if (posix_memalign(&p, alignment, size ? size : 1)) std::abort();
    memory.reset(static_cast<char *>(p));
  }
  char *data() const { return memory.get(); }
  void fill(int byte) { std::memset(data(), byte, bytes); }
};

std::vector<Block> tensors(const dnnc_tensor_info *infos, int count) {
  std::vector<Block> blocks;
  for (int i = 0; i < count; ++i) blocks.emplace_back(infos[i].bytes);
  return blocks;
}

std::uint16_t small_half(unsigned random) { return static_cast<std::uint16_t>(0x3000 | (random & 0x8fff & ~0x4000u)); } // 2^-3 to 2 in size

void randomize(const dnnc_tensor_info &info, char *data, std::mt19937 &random) {
  for (std::size_t i = 0; i < info.elements; ++i) {
    const unsigned r = random();
    const float f = static_cast<float>(r) / 2147483648.0f - 1;
    switch (info.type) {
    case DNNC_F32: std::memcpy(data + 4 * i, &f, 4); break;
    case DNNC_F16: {
      const std::uint16_t h = small_half(r);
      std::memcpy(data + 2 * i, &h, 2);
      break;
    }
    default: data[i * (info.bytes / info.elements)] = static_cast<char>(r & 1); // small numbers: an index stays an index
    }
  }
}

// Splits work into pieces of any size, in any order, on any threads.
struct RandomSplit {
  std::mt19937 random;
  int threads;
  static void run(void *context, int64_t count, dnnc_task task, void *arg) {
    RandomSplit &self = *static_cast<RandomSplit *>(context);
    std::vector<int64_t> cuts{0, count};
    const int wanted = static_cast<int>(self.random() % 7);
    for (int i = 0; i < wanted && count > 1; ++i) cuts.push_back(static_cast<int64_t>(self.random() % static_cast<unsigned long>(count)));
    std::sort(cuts.begin(), cuts.end());
    std::vector<std::size_t> order(cuts.size() - 1);
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::shuffle(order.begin(), order.end(), self.random);
    std::atomic<std::size_t> next{0};
    const auto work = [&](int thread) {
      for (std::size_t i; (i = next++) < order.size();)
        if (cuts[order[i]] < cuts[order[i] + 1]) task(arg, cuts[order[i]], cuts[order[i] + 1], thread);
    };
    std::vector<std::thread> others;
    for (int t = 1; t < self.threads; ++t) others.emplace_back(work, t);
    work(0);
    for (std::thread &t : others) t.join();
  }
};

struct Call {
  const std::vector<Block> &in;
  std::vector<Block> out = tensors(model::outputs, model::num_outputs);
  std::vector<const void *> inputs;
  std::vector<void *> outputs;
  Block workspace;
  Call(const std::vector<Block> &input_blocks, int threads, int fill)
      : in(input_blocks), workspace(model::workspace_size(threads), model::workspace_alignment) {
    for (const Block &b : in) inputs.push_back(b.data());
    for (Block &b : out) {
      b.fill(fill);
      outputs.push_back(b.data());
    }
    workspace.fill(fill);
  }
  dnnc_status run(const dnnc_parallel_for *parallel = nullptr) {
    return model_run(inputs.data(), outputs.data(), workspace.data(), workspace.bytes, parallel);
  }
  bool same(const Call &other) const {
    for (std::size_t i = 0; i < out.size(); ++i)
      if (std::memcmp(out[i].data(), other.out[i].data(), out[i].bytes)) return false;
    return true;
  }
};

void check_errors(const std::vector<Block> &in) {
  const auto status = [&](auto change) {
    Call call(in, 1, 0);
    std::size_t bytes = call.workspace.bytes;
    char *workspace = call.workspace.data();
    change(call, workspace, bytes);
    return model_run(call.inputs.data(), call.outputs.data(), workspace, bytes, nullptr);
  };
  using C = Call &;
  using W = char *&;
  using B = std::size_t &;
  expect(status([](C c, W, B) { c.outputs[0] = nullptr; }) == DNNC_NULL_POINTER, "a null output is not refused");
  if (model::num_inputs) expect(status([](C c, W, B) { c.inputs[0] = nullptr; }) == DNNC_NULL_POINTER, "a null input is not refused");
  const dnnc_tensor_info &info = model::outputs[0];
  if (info.bytes > info.elements)
    expect(status([](C c, W, B) { c.outputs[0] = static_cast<char *>(c.outputs[0]) + 1; }) == DNNC_MISALIGNED, "a misaligned output is not refused");
  if (!model::workspace_size()) return;
  expect(status([](C, W w, B) { w = nullptr; }) == DNNC_NULL_POINTER, "a null workspace is not refused");
  expect(status([](C, W, B b) { --b; }) == DNNC_WORKSPACE_TOO_SMALL, "a workspace one byte too small is not refused");
  expect(status([](C, W w, B) { w += model::workspace_alignment / 2; }) == DNNC_MISALIGNED, "a misaligned workspace is not refused");
}

} // namespace

int main() {
  if (!model::supported()) return 77;
  std::mt19937 random(1);
  std::vector<Block> in = tensors(model::inputs, model::num_inputs), copy = tensors(model::inputs, model::num_inputs);
  for (int i = 0; i < model::num_inputs; ++i) {
    randomize(model::inputs[i], in[static_cast<std::size_t>(i)].data(), random);
    std::memcpy(copy[static_cast<std::size_t>(i)].data(), in[static_cast<std::size_t>(i)].data(), model::inputs[i].bytes);
  }
  Call first(in, 1, 0x00);
  expect(first.run() == DNNC_OK, "run fails");
  Call second(in, 1, 0xff); // NaNs everywhere
  expect(second.run() == DNNC_OK && second.same(first), "the result depends on what memory held before");

  RandomSplit split{std::mt19937(2), 1};
  dnnc_parallel_for parallel{RandomSplit::run, &split, 0};
  bool same = true;
  for (int round = 0; round < 12; ++round) {
    parallel.max_threads = split.threads = 1 + round % 4;
    Call call(in, split.threads, round % 2 ? 0xff : 0x00);
    same &= call.run(&parallel) == DNNC_OK && call.same(first);
  }
  expect(same, "the result depends on how parallel work is split");

  std::vector<std::unique_ptr<Call>> calls;
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) calls.push_back(std::make_unique<Call>(in, 1, 0x7f));
  for (auto &call : calls)
    threads.emplace_back([&call] {
      for (int i = 0; i < 3; ++i) call->run();
    });
  for (std::thread &t : threads) t.join();
  for (auto &call : calls) expect(call->same(first), "threads that run the model at once disturb each other");

  check_errors(in);
  for (std::size_t i = 0; i < in.size(); ++i) expect(!std::memcmp(in[i].data(), copy[i].data(), in[i].bytes), "an input was written to");
  return broken ? 1 : 0;
}
