// Included by kernels_<isa>.cpp with DNNC_ISA and DNNC_ISA_NAMESPACE defined: compiles all kernels for that instruction set and
// defines their table. Everything but the table is local to the file, and the table is constant data, so that nothing
// compiled for an instruction set runs, or replaces a weak symbol elsewhere, on a processor that lacks it.
#include "executor/KernelRegistry.h"

#include <type_traits>
#include <utility>

// The same struct as in emitted code, and beside it the list of its fields.
#undef DNNC_DECLARE_PARAMS
#define DNNC_LIST_I(name) {::dnnc::ParamField::Integer, #name, offsetof(Self, name), 1},
#define DNNC_LIST_A(name, count) {::dnnc::ParamField::Array, #name, offsetof(Self, name), count},
#define DNNC_LIST_R(name) {::dnnc::ParamField::Real, #name, offsetof(Self, name), 1},
#define DNNC_DECLARE_PARAMS(Name, FIELDS)                                                                                                    \
  struct Name {                                                                                                                              \
    FIELDS(DNNC_FIELD_I, DNNC_FIELD_A, DNNC_FIELD_R)                                                                                         \
  };                                                                                                                                         \
  struct Name##Fields {                                                                                                                      \
    typedef Name Self;                                                                                                                       \
    static constexpr ::dnnc::ParamField list[] = {FIELDS(DNNC_LIST_I, DNNC_LIST_A, DNNC_LIST_R)};                                            \
  };

namespace dnnc {
namespace DNNC_ISA_NAMESPACE {
namespace {
DNNC_TARGET_BEGIN
#include "runtime/kernels/all.h"

#include "executor/DynamicEpilogue.h"
#include "executor/DynamicMap.h"

// Stands for any pointer a kernel wants.
struct AnyPointer {
  void *p;
  template <class T> DNNC_INLINE operator T *() const { return static_cast<T *>(p); }
};
// Stands for one that it only reads through.
struct ConstPointer {
  template <class T> operator const T *() const;
};

template <class Void, class Fn, class... A> struct IsCallable : std::false_type {};
template <class Fn, class... A>
struct IsCallable<std::void_t<decltype(Fn::call(std::declval<const A &>()...))>, Fn, A...> : std::true_type {};

// What the signature of a kernel says. Fn::call(args…) calls it.
template <class Fn, class Params, bool EPILOGUE> struct Row {
  template <class... B> static constexpr bool takes() {
    if constexpr (EPILOGUE) return IsCallable<void, Fn, Params, B..., DynamicEpilogue, Par>::value;
    else return IsCallable<void, Fn, Params, B..., Par>::value;
  }
  template <size_t I> using Any = AnyPointer;
  template <size_t... I> static constexpr bool takes_buffers(std::index_sequence<I...>) { return takes<Any<I>...>(); }
  // Whether buffer K is read only.
  template <int K, size_t... I> static constexpr bool reads(std::index_sequence<I...>) {
    return takes<std::conditional_t<I == K, ConstPointer, AnyPointer>...>();
  }

  template <int N = 0> static constexpr int count_buffers() {
    static_assert(N < 16, "no call of the kernel compiles: is its row in kernels.inc right?");
    if constexpr (takes_buffers(std::make_index_sequence<N>())) return N;
    else return count_buffers<N + 1>();
  }
  static constexpr int buffers = count_buffers();

  template <int K = 0> static constexpr int count_inputs() {
    if constexpr (K == buffers) return K;
    else if constexpr (!reads<K>(std::make_index_sequence<buffers>())) return K;
    else return count_inputs<K + 1>();
  }
  static constexpr int inputs = count_inputs();

  template <size_t... I>
  static DNNC_INLINE void call(const Params &p, void *const *b, const DynamicEpilogue &ep, const Par &par, std::index_sequence<I...>) {
    (void)ep;
    (void)b;
    if constexpr (EPILOGUE) Fn::call(p, AnyPointer{b[I]}..., ep, par);
    else Fn::call(p, AnyPointer{b[I]}..., par);
  }
  static void invoke(const void *params, void *const *b, const BoundEpilogue *epilogue, const dnnc_parallel_for *pf) {
    call(*static_cast<const Params *>(params), b, DynamicEpilogue{epilogue}, Par{pf}, std::make_index_sequence<buffers>());
  }
};

#define DNNC_ON_GENERIC (1 << DNNC_ISA_GENERIC)
#define DNNC_ON_AVX2 (1 << DNNC_ISA_AVX2)
#define DNNC_ON_AVX512 (1 << DNNC_ISA_AVX512)
#define DNNC_ON_AVX512VNNI (1 << DNNC_ISA_AVX512VNNI)
#define DNNC_ON_NEON (1 << DNNC_ISA_NEON)
#define DNNC_ON_NEON_DOTPROD (1 << DNNC_ISA_NEON_DOTPROD)
// Other instruction sets take these from their parent.
#define DNNC_ON_ALL (DNNC_ON_GENERIC | DNNC_ON_AVX2 | DNNC_ON_AVX512 | DNNC_ON_NEON)

// A row that this instruction set does not have is no row, and its function is not even looked up.
template <bool ON, class Fn, class Params, bool EPILOGUE> struct Entry {
  static constexpr Kernel make(const char *, const ParamField *, size_t) { return {}; }
};
template <class Fn, class Params, bool EPILOGUE> struct Entry<true, Fn, Params, EPILOGUE> {
  static constexpr Kernel make(const char *name, const ParamField *fields, size_t count) {
    typedef Row<Fn, Params, EPILOGUE> R;
    return {name, fields, count, sizeof(Params), R::inputs, R::buffers, EPILOGUE, &R::invoke, nullptr};
  }
};

#define DNNC_STRIP(...) __VA_ARGS__
#define DNNC_CUDA_KERNEL(name, function, Params, epilogue)
#define DNNC_KERNEL(name, isas, function, Params, epilogue)                                                                                  \
  struct Call_##name {                                                                                                                       \
    template <class... A> static DNNC_INLINE auto call(const A &...a) -> decltype((DNNC_STRIP function)(a...)) {                             \
      (DNNC_STRIP function)(a...);                                                                                                           \
    }                                                                                                                                        \
  };
#include "runtime/kernels/kernels.inc"
#undef DNNC_KERNEL
DNNC_TARGET_END

#define DNNC_KERNEL(name, isas, function, Params, epilogue)                                                                                  \
  Entry<((isas) >> DNNC_ISA & 1) != 0, Call_##name, Params, epilogue>::make(#name, Params##Fields::list,                                     \
                                                                            sizeof(Params##Fields::list) / sizeof(ParamField)),
[[maybe_unused]] constexpr size_t mapFields = sizeof(pw::MapParamsFields::list) / sizeof(ParamField);
constexpr Kernel table[] = {
#if DNNC_ISA != DNNC_ISA_AVX512VNNI
    {"map", pw::MapParamsFields::list, mapFields, sizeof(pw::MapParams), -1, -1, false, nullptr, &run_map<VectorMapTask>},
    {"map_scalar", pw::MapParamsFields::list, mapFields, sizeof(pw::MapParams), -1, -1, false, nullptr, &run_map<ScalarMapTask>},
#endif
#include "runtime/kernels/kernels.inc"
};
#undef DNNC_KERNEL
} // namespace

extern const Kernel *const kernels = table;
extern const size_t kernelCount = sizeof(table) / sizeof(table[0]);
} // namespace DNNC_ISA_NAMESPACE
} // namespace dnnc
