// Reads digits.bin: 65 bytes an image, 64 grey values in 0..16, row by row, then the label.
#pragma once

#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <vector>

struct Digit {
  std::array<float, 64> pixels; // 0..1, as the network was trained
  int label;
};

inline std::vector<Digit> readDigits(const char *path) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
  std::vector<Digit> digits(bytes.size() / 65);
  for (size_t i = 0; i < digits.size(); ++i) {
    for (size_t j = 0; j < 64; ++j) digits[i].pixels[j] = bytes[i * 65 + j] / 16.0f;
    digits[i].label = bytes[i * 65 + 64];
  }
  if (digits.empty()) std::fprintf(stderr, "%s: no images\n", path);
  return digits;
}
