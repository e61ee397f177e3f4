// Elements as bits: what moves data does not care about its type, only its size in bytes.
#pragma once
#include "../../parallel.h"
#include "params.h"

namespace move {

// An unsigned integer of BYTES bytes that may alias any object.
template <int BYTES> struct Bits;
template <> struct Bits<1> { typedef uint8_t __attribute__((may_alias)) type; };
template <> struct Bits<2> { typedef uint16_t __attribute__((may_alias)) type; };
template <> struct Bits<4> { typedef uint32_t __attribute__((may_alias)) type; };
template <> struct Bits<8> { typedef uint64_t __attribute__((may_alias)) type; };

#if DNNC_ISA == DNNC_ISA_CUDA
template <int BYTES> DNNC_INLINE void copy_run(void* dst, const void* src, i64 count) {
  typedef typename Bits<BYTES>::type T;
  for (i64 i = 0; i < count; ++i) static_cast<T*>(dst)[i] = static_cast<const T*>(src)[i];
}
template <int BYTES> DNNC_INLINE void fill_run(void* dst, i64 value, i64 count) {
  typedef typename Bits<BYTES>::type T;
  for (i64 i = 0; i < count; ++i) static_cast<T*>(dst)[i] = static_cast<T>(value);
}
#else
#if DNNC_ISA == DNNC_ISA_GENERIC
enum { CHUNK = 16 };
#else
enum { CHUNK = 32 };
#endif
typedef uint8_t Chunk __attribute__((vector_size(CHUNK), aligned(1), may_alias));

// Copies `count` contiguous elements; the two runs do not overlap. Never touches a byte outside them.
template <int BYTES> DNNC_INLINE void copy_run(void* dst, const void* src, i64 count) {
  char* d = static_cast<char*>(dst);
  const char* s = static_cast<const char*>(src);
  i64 bytes = count * BYTES;
  if (bytes > 8192) {
    __builtin_memcpy(d, s, static_cast<size_t>(bytes));
    return;
  }
  if (bytes >= CHUNK) {
    i64 i = 0;
    for (; i + CHUNK <= bytes; i += CHUNK) *reinterpret_cast<Chunk*>(d + i) = *reinterpret_cast<const Chunk*>(s + i);
    if (i < bytes) *reinterpret_cast<Chunk*>(d + bytes - CHUNK) = *reinterpret_cast<const Chunk*>(s + bytes - CHUNK);
    return;
  }
  // Fewer bytes than a chunk: powers of two, downwards.
  if (CHUNK > 16 && (bytes & 16)) { __builtin_memcpy(d, s, 16); d += 16; s += 16; }
  if (bytes & 8) { __builtin_memcpy(d, s, 8); d += 8; s += 8; }
  if (BYTES <= 4 && (bytes & 4)) { __builtin_memcpy(d, s, 4); d += 4; s += 4; }
  if (BYTES <= 2 && (bytes & 2)) { __builtin_memcpy(d, s, 2); d += 2; s += 2; }
  if (BYTES <= 1 && (bytes & 1)) *d = *s;
}

// Sets `count` contiguous elements to the low bytes of `value`.
template <int BYTES> DNNC_INLINE void fill_run(void* dst, i64 value, i64 count) {
  typedef typename Bits<BYTES>::type T;
  T* d = static_cast<T*>(dst);
  constexpr i64 per_chunk = CHUNK / BYTES;
  if (count < per_chunk) {
    for (i64 i = 0; i < count; ++i) d[i] = static_cast<T>(value);
    return;
  }
  T elements[per_chunk];
  Chunk chunk;
  DNNC_UNROLL for (int i = 0; i < per_chunk; ++i) elements[i] = static_cast<T>(value);
  __builtin_memcpy(&chunk, elements, CHUNK);
  for (i64 i = 0; i + per_chunk <= count; i += per_chunk) *reinterpret_cast<Chunk*>(d + i) = chunk;
  *reinterpret_cast<Chunk*>(d + count - per_chunk) = chunk;
}
#endif

// The position of `index` (row-major) along the first `rank` dims of `shape`, times the strides, summed.
DNNC_INLINE i64 offset_of(i64 index, i64 rank, const i64* shape, const i64* strides) {
  i64 offset = 0;
  for (i64 d = rank - 1; d >= 0; --d) {
    offset += index % shape[d] * strides[d];
    index /= shape[d];
  }
  return offset;
}

DNNC_INLINE i64 product(i64 rank, const i64* shape) {
  i64 n = 1;
  for (i64 d = 0; d < 8; ++d) n *= d < rank ? shape[d] : 1; // of known length: g++ for Arm warns of an overflow in others that it has unrolled
  return n;
}

} // namespace move
