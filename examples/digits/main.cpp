// Classifies the held-out digits with the network that dnnc compiled: digits DIGITS.BIN
#include "digits.h"
#include "digits_file.h"

#include <algorithm>
#include <chrono>

namespace {

// All memory the network works in. One per thread; the network has no state of its own.
alignas(digits::workspace_alignment) unsigned char workspace[digits::workspace_size()];

using Probabilities = std::array<float, 10>;

int best(const Probabilities &p) { return static_cast<int>(std::max_element(p.begin(), p.end()) - p.begin()); }

// Pictures side by side, with what the network takes them for beneath.
void show(const std::vector<Digit> &digits, const std::vector<Probabilities> &answers, const std::vector<std::size_t> &which) {
  for (int row = 0; row < 8; ++row, std::puts(""))
    for (std::size_t i : which) {
      std::printf("  ");
      for (int column = 0; column < 8; ++column) {
        const char c = " .:-=+*#%@"[static_cast<int>(digits[i].pixels[row * 8 + column] * 9)];
        std::printf("%c%c", c, c); // characters are twice as high as wide
      }
    }
  for (std::size_t i : which) {
    const int digit = best(answers[i]), percent = static_cast<int>(100 * answers[i][digit] + 0.5f);
    if (digit == digits[i].label)
      std::printf("  %d, %3d %% sure    ", digit, percent);
    else
      std::printf("  %d (is %d), %3d %%  ", digit, digits[i].label, percent);
  }
  std::puts("\n");
}

} // namespace

int main(int argc, char **argv) {
  const std::vector<Digit> held_out = readDigits(argc > 1 ? argv[1] : "digits.bin");
  if (held_out.empty()) return 2;

  std::vector<Probabilities> answers(held_out.size());
  double fastest = 1e9;
  for (int pass = 0; pass < 20; ++pass) { // the first ones find cold caches
    const auto start = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < held_out.size(); ++i) {
      const dnnc_status status = digits::run(held_out[i].pixels, answers[i], workspace, sizeof workspace);
      if (status != DNNC_OK) {
        std::fprintf(stderr, "digits::run returned %d%s\n", status, status == DNNC_UNSUPPORTED_CPU ? ": this processor is not supported" : "");
        return 1;
      }
    }
    const std::chrono::duration<double, std::micro> time = std::chrono::steady_clock::now() - start;
    fastest = std::min(fastest, time.count());
  }

  std::vector<std::size_t> wrong;
  for (std::size_t i = 0; i < held_out.size(); ++i)
    if (best(answers[i]) != held_out[i].label) wrong.push_back(i);
  std::puts("The first of the held-out digits, and what the network takes them for:\n");
  show(held_out, answers, {0, 1, 2, 3});
  show(held_out, answers, {4, 5, 6, 7});
  if (!wrong.empty()) {
    std::puts("Some it takes for another digit:\n");
    show(held_out, answers, {wrong.begin(), wrong.begin() + std::min<std::ptrdiff_t>(4, wrong.size())});
  }

  const std::size_t right = held_out.size() - wrong.size();
  std::printf("accuracy   %.1f %% (%zu of %zu held-out digits)\n", 100.0 * right / held_out.size(), right, held_out.size());
  std::printf("time       %.1f us per image, one thread, best of 20 passes\n", fastest / held_out.size());
  std::printf("workspace  %zu bytes\n", digits::workspace_size());
  return right < 0.97 * held_out.size();
}
