// Included in the region of KernelTable.h: pw::map and pw::map_scalar with a program for a chain.
#pragma once
#include "executor/ScalarMachine.h"
#include "executor/VectorMachine.h"
#include "runtime/kernels/pointwise/map.h"

template <class T, class V> DNNC_INLINE void write_lanes(T *p, i64 stride, V value, int lanes) {
  T t[VL];
  store(t, value, Full{});
  for (int i = 0; i < lanes; ++i) p[i * stride] = t[i];
}

struct VectorMapTask {
  const pw::MapParams &p;
  const FlatProgram &program;
  void *const *buffers;

  void operator()(i64 begin, i64 end, int) const {
    VectorMachine machine(program);
    const int operands = program.argumentCount;
    pw::MapCursor at(p, operands, begin);
    for (i64 piece = begin; piece < end; ++piece, at.next()) {
      for (i64 i = at.begin; i < at.end; i += VL) {
        int lanes = at.end - i < VL ? static_cast<int>(at.end - i) : VL;
        for (int k = 0; k < operands; ++k) {
          i64 stride = pw::inner_stride(p, at.strides(k + 1)), place = at.offset[k + 1] + i * stride;
          if (lanes == VL) read_operand(machine.values[k], machine.types[k], buffers[k], place, stride, Full{});
          else read_operand(machine.values[k], machine.types[k], buffers[k], place, stride, Part{lanes});
        }
        machine.run();
        i64 stride = pw::inner_stride(p, p.y_strides);
        write(machine.values[program.result], machine.types[program.result], buffers[operands], at.offset[0] + i * stride, stride, lanes);
      }
    }
  }

  static DNNC_INLINE void write(const VectorValue &value, dnnc_type type, void *y, i64 at, i64 stride, int lanes) {
    if (type == DNNC_BOOL) write_lanes(static_cast<bool *>(y) + at, stride, value.truth, lanes);
    else if (type == DNNC_F16) write_lanes(static_cast<f16 *>(y) + at, stride, value.number, lanes);
    else if (type == DNNC_BF16) write_lanes(static_cast<bf16 *>(y) + at, stride, value.number, lanes);
    else if (type == DNNC_U8) write_lanes(static_cast<uint8_t *>(y) + at, stride, value.number, lanes);
    else if (type == DNNC_I8) write_lanes(static_cast<int8_t *>(y) + at, stride, value.number, lanes);
    else write_lanes(static_cast<float *>(y) + at, stride, value.number, lanes);
  }
};

struct ReadScalar {
  const void *data;
  i64 at;
  Scalar &y;
  template <class T> DNNC_INLINE void run() const { put(y, static_cast<const T *>(data)[at]); }
};

struct WriteScalar {
  void *data;
  i64 at;
  const Scalar &x;
  template <class T> DNNC_INLINE void run() const { static_cast<T *>(data)[at] = get<T>(x); }
};

struct ScalarMapTask {
  const pw::MapParams &p;
  const FlatProgram &program;
  void *const *buffers;

  void operator()(i64 begin, i64 end, int) const {
    ScalarMachine machine(program);
    const int operands = program.argumentCount;
    pw::MapCursor at(p, operands, begin);
    for (i64 piece = begin; piece < end; ++piece, at.next()) {
      for (i64 i = at.begin; i < at.end; ++i) {
        for (int k = 0; k < operands; ++k) {
          i64 place = at.offset[k + 1] + i * pw::inner_stride(p, at.strides(k + 1));
          with_type(machine.types[k], ReadScalar{buffers[k], place, machine.values[k]});
        }
        machine.run();
        i64 place = at.offset[0] + i * pw::inner_stride(p, p.y_strides);
        with_type(machine.types[program.result], WriteScalar{buffers[operands], place, machine.values[program.result]});
      }
    }
  }
};

template <class Task> void run_map(const void *params, void *const *buffers, const FlatProgram &program, const dnnc_parallel_for *pf) {
  const pw::MapParams &p = *static_cast<const pw::MapParams *>(params);
  Par{pf}.run(pw::map_pieces(p), Task{p, program, buffers});
}
