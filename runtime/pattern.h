// The values of inputs that nobody gave: the same in the emitted programs and in the compiler, so that golden outputs can be made of
// them. Element i of input number n comes from k = the upper 8 bits of the 32-bit number i * 2654435761 + n * 40503:
// floating point: k/128 - 1, exact in every type; uint8: k; int8: k - 128; floats of 8 and 4 bits: the lowest bits of k, without the sign and
// the highest of the exponent; integers of 4 and 2 bits: k mod 8 and k mod 2; other integers: k mod 10; bool: k >= 128.
#pragma once

#include "api.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace dnnc {

inline uint32_t pattern_byte(int input, std::size_t i) {
  return static_cast<uint32_t>(static_cast<uint32_t>(i) * 2654435761u + static_cast<uint32_t>(input) * 40503u) >> 24;
}

template <class T> void store_pattern(void *data, std::size_t i, T value) {
  std::memcpy(static_cast<char *>(data) + i * sizeof(T), &value, sizeof(T));
}

inline void fill_pattern(int input, dnnc_type type, std::size_t elements, void *data) {
  for (std::size_t i = 0; i < elements; ++i) {
    const uint32_t k = pattern_byte(input, i);
    const float real = static_cast<float>(static_cast<int>(k) - 128) / 128;
    uint32_t bits;
    std::memcpy(&bits, &real, 4);
    switch (type) {
    case DNNC_F32: store_pattern(data, i, real); break;
    case DNNC_F64: store_pattern(data, i, static_cast<double>(real)); break;
    case DNNC_BF16: store_pattern(data, i, static_cast<uint16_t>(bits >> 16)); break;
    case DNNC_F16: // no rounding and no subnormals: 8 significant bits, magnitude 2^-7 to 1
      store_pattern(data, i, static_cast<uint16_t>(k == 128 ? 0 : (bits >> 16 & 0x8000) | ((bits & 0x7fffffff) - (112u << 23)) >> 13));
      break;
    case DNNC_U8: store_pattern(data, i, static_cast<uint8_t>(k)); break;
    case DNNC_I8: store_pattern(data, i, static_cast<int8_t>(static_cast<int>(k) - 128)); break;
    case DNNC_U16: case DNNC_I16: store_pattern(data, i, static_cast<uint16_t>(k % 10)); break;
    case DNNC_U32: case DNNC_I32: store_pattern(data, i, static_cast<uint32_t>(k % 10)); break;
    case DNNC_U64: case DNNC_I64: store_pattern(data, i, static_cast<uint64_t>(k % 10)); break;
    case DNNC_F8E4M3FN: case DNNC_F8E4M3FNUZ: case DNNC_F8E5M2: case DNNC_F8E5M2FNUZ: store_pattern(data, i, static_cast<uint8_t>(k & 63)); break;
    case DNNC_F8E8M0: store_pattern(data, i, static_cast<uint8_t>(120 + k % 8)); break;
    case DNNC_F4E2M1: case DNNC_U4: case DNNC_I4: store_pattern(data, i, static_cast<uint8_t>(k % 8)); break;
    case DNNC_U2: case DNNC_I2: store_pattern(data, i, static_cast<uint8_t>(k % 2)); break;
    case DNNC_BOOL: store_pattern(data, i, static_cast<uint8_t>(k >= 128)); break;
    }
  }
}

} // namespace dnnc
