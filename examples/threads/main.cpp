// A model on the threads that a program has already: those of OpenMP, and of TBB. Both cut a task into one part for each thread and wait for all.
// The results have the same bits as those of one thread.
#include "digits.h"

#include <omp.h>
#ifdef WITH_TBB
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>
#endif

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

static void part(int index, int parts, int64_t count, dnnc_task task, void *arg) {
  const int64_t begin = count * index / parts, end = count * (index + 1) / parts;
  if (begin < end) task(arg, begin, end, index);
}

static dnnc_parallel_for openmp() {
  const auto run = [](void *, int64_t count, dnnc_task task, void *arg) {
    const int parts = omp_get_max_threads();
#pragma omp parallel for schedule(static, 1)
    for (int i = 0; i < parts; ++i) part(i, parts, count, task, arg);
  };
  return {run, nullptr, omp_get_max_threads()};
}

#ifdef WITH_TBB
// The arena bounds the number of threads, and is the context that run gets back.
static dnnc_parallel_for tbb_threads(tbb::task_arena &arena) {
  const auto run = [](void *context, int64_t count, dnnc_task task, void *arg) {
    auto &arena = *static_cast<tbb::task_arena *>(context);
    const int parts = arena.max_concurrency();
    arena.execute([&] { tbb::parallel_for(0, parts, [&](int i) { part(i, parts, count, task, arg); }, tbb::static_partitioner()); });
  };
  return {run, &arena, arena.max_concurrency()};
}
#endif

// The probabilities of 64 images of noise.
static std::vector<float> classify(const dnnc_parallel_for *threads) {
  const int count = threads ? threads->max_threads : 1;
  std::vector<float> images(64 * 64), probabilities(64 * 10);
  unsigned random = 1;
  for (float &pixel : images) pixel = static_cast<float>((random = random * 1664525 + 1013904223) >> 8) / 0x1p24f;

  const std::size_t size = digits::workspace_size(count);
  void *workspace = std::aligned_alloc(digits::workspace_alignment, size);
  const dnnc_status status = digits::run({images.data(), images.size()}, {probabilities.data(), probabilities.size()}, workspace, size, threads);
  std::free(workspace);
  if (status != DNNC_OK) std::exit(2);
  return probabilities;
}

int main() {
  const std::vector<float> alone = classify(nullptr);
  bool same = true;
  const auto compare = [&](const char *name, const dnnc_parallel_for &threads) {
    const bool equal = classify(&threads) == alone;
    same = same && equal;
    std::printf("%s, %d threads: %s bits\n", name, threads.max_threads, equal ? "the same" : "DIFFERENT");
  };
  omp_set_num_threads(std::max(2, omp_get_max_threads()));
  compare("OpenMP", openmp());
#ifdef WITH_TBB
  tbb::task_arena arena(std::max(2, tbb::this_task_arena::max_concurrency()));
  compare("TBB", tbb_threads(arena));
#endif
  return same ? 0 : 1;
}
