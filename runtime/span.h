// A pointer and a number of elements; pasted into the emitted header, once per program. C++17 has no std::span.
#ifndef DNNC_SPAN_H
#define DNNC_SPAN_H

#include <cstddef>
#include <type_traits>
#include <utility>

namespace dnnc {

template <class T> class span {
  // Containers of T, or of U for a span of const U, that know data() and size(): std::vector, std::array, std::span …
  template <class C> using if_container =
      std::enable_if_t<std::is_convertible<std::remove_pointer_t<decltype(std::declval<C &>().data())> (*)[], T (*)[]>::value &&
                       std::is_convertible<decltype(std::declval<C &>().size()), std::size_t>::value>;

public:
  constexpr span(T *data, std::size_t size) : data_(data), size_(size) {}
  template <std::size_t N> constexpr span(T (&array)[N]) : data_(array), size_(N) {}
  template <class C, class = if_container<C>> constexpr span(C &&container) : data_(container.data()), size_(container.size()) {}

  constexpr T *data() const { return data_; }
  constexpr std::size_t size() const { return size_; }

private:
  T *data_;
  std::size_t size_;
};

} // namespace dnnc

#endif
