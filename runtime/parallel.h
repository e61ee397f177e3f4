// Work split over the caller's threads, or over those of a GPU.
#pragma once

#if DNNC_ISA == DNNC_ISA_CUDA
#include "launch.h"
#else

// How a functor given to Par::run keeps its parameters: they outlive the call.
template <class T> using Held = const T &;

// The upper halves of vectors are left clean: g++ forgets it behind some calls, and SSE code of the caller would then be several times slower.
DNNC_INLINE void leave_vectors() {
#if DNNC_ISA == DNNC_ISA_AVX2 || DNNC_ISA == DNNC_ISA_AVX512 || DNNC_ISA == DNNC_ISA_AVX512VNNI
  __builtin_ia32_vzeroupper();
#endif
}

#ifdef DNNC_FLUSH_DENORMALS
// While it lives this thread takes denormals, of operands and of results, for 0; where neither SSE nor a 64-bit Arm is there nothing changes.
class FlushDenormals {
public:
  FlushDenormals(const FlushDenormals &) = delete;
#if defined(__SSE__)
  FlushDenormals() : before(__builtin_ia32_stmxcsr()) { set(before | 0x8040); } // MXCSR: FZ and DAZ
  ~FlushDenormals() { set(before); }

private:
  // No load, store or arithmetic that depends on one moves across.
  static void set(unsigned mode) {
    asm volatile("" ::: "memory");
    __builtin_ia32_ldmxcsr(mode);
    asm volatile("" ::: "memory");
  }
  const unsigned before;
#elif defined(__aarch64__)
  FlushDenormals() {
    asm volatile("mrs %0, fpcr" : "=r"(before)::"memory");
    set(before | 1 << 24); // FPCR: FZ
  }
  ~FlushDenormals() { set(before); }

private:
  static void set(uint64_t mode) { asm volatile("msr fpcr, %0" ::"r"(mode) : "memory"); }
  uint64_t before;
#else
  FlushDenormals() {}
#endif
};
#endif

struct Par {
  const dnnc_parallel_for *pf; // null: everything on this thread

  // Calls f(begin, end, thread) for parts that cover [0, count); f must give the same result bits for any split.
  template <class F> void run(i64 count, const F &f) const {
    if (count <= 0) return;
    if (pf && count != 1) return pf->run(pf->context, count, &call<F>, (void *)&f);
    f(0, count, 0);
    leave_vectors();
  }

  DNNC_INLINE int threads() const { return pf ? pf->max_threads : 1; }

  template <class F> static void call(void *f, i64 begin, i64 end, int thread) {
#ifdef DNNC_FLUSH_DENORMALS
    const FlushDenormals flush; // threads have modes of their own
#endif
    (*(const F *)f)(begin, end, thread);
    leave_vectors();
  }
};
#endif
