#include "digits.h" // written by dnnc

#include <algorithm>
#include <array>
#include <cstdio>

// Grey values of a handwritten five, 0 to 9.
const char image[] = "01899930"
                     "04997510"
                     "07920000"
                     "03960000"
                     "00693000"
                     "00186000"
                     "01287000"
                     "02893000";

// All the memory the network needs besides its input and output.
alignas(digits::workspace_alignment) unsigned char workspace[digits::workspace_size()];

int main() {
  std::array<float, 64> pixels;
  std::array<float, 10> probabilities;
  std::transform(image, image + 64, pixels.begin(), [](char c) { return (c - '0') / 9.0f; });

  const dnnc_status status = digits::run(pixels, probabilities, workspace, sizeof workspace);
  if (status != DNNC_OK) return std::printf("digits::run: status %d\n", status), 2;

  const auto best = std::max_element(probabilities.begin(), probabilities.end());
  std::printf("This is a %d, with probability %.2f.\n", int(best - probabilities.begin()), *best);
  return best - probabilities.begin() != 5;
}
