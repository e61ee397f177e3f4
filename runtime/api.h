/* The types every generated header shares. Valid C and C++; pasted into the emitted header, once per program. */
#ifndef DNNC_API_H
#define DNNC_API_H

#include <stddef.h>
#include <stdint.h>

/* What a generated entry point returns. */
typedef enum dnnc_status {
  DNNC_OK = 0,
  DNNC_NULL_POINTER = 1,        /* an input, output, workspace or weights pointer is null */
  DNNC_WORKSPACE_TOO_SMALL = 2, /* fewer bytes than workspace_size(max_threads) */
  DNNC_MISALIGNED = 3,          /* workspace not aligned to workspace_alignment, or a tensor not to its element */
  DNNC_UNSUPPORTED_CPU = 4,     /* the processor lacks an instruction set this model was compiled for */
  DNNC_BAD_WEIGHTS = 5,         /* the weights blob has the wrong size or hash */
  DNNC_WRONG_SIZE = 6,          /* an input or output span has the wrong number of elements */
  DNNC_CUDA_ERROR = 7,          /* a call of the CUDA runtime failed; Model::cuda_error() has its code */
  DNNC_UNSUPPORTED_DEVICE = 8,  /* there is no GPU, or it is older than the one this model was compiled for */
  DNNC_NOT_INITIALIZED = 9,     /* Model::init, or Model::capture before replay, has not been called or has failed */
  DNNC_ALREADY_INITIALIZED = 10, /* Model::init is for once */
  DNNC_BAD_VALUE = 11,          /* an input that fixes a shape, an axis or a range has a value that this program was not compiled for;
                                   the outputs are not to be trusted */
  DNNC_BAD_DIMS = 12            /* the true dims that an input was given are not within its bounds */
} dnnc_status;

typedef enum dnnc_type {
  DNNC_F32 = 1, DNNC_U8 = 2, DNNC_I8 = 3, DNNC_U16 = 4, DNNC_I16 = 5, DNNC_I32 = 6, DNNC_I64 = 7,
  DNNC_BOOL = 9, DNNC_F16 = 10, DNNC_F64 = 11, DNNC_U32 = 12, DNNC_U64 = 13, DNNC_BF16 = 16,
  DNNC_F8E4M3FN = 17, DNNC_F8E4M3FNUZ = 18, DNNC_F8E5M2 = 19, DNNC_F8E5M2FNUZ = 20, DNNC_F8E8M0 = 24, DNNC_F4E2M1 = 23,
  DNNC_U4 = 21, DNNC_I4 = 22, DNNC_U2 = 25, DNNC_I2 = 26
} dnnc_type; /* The numbers of ONNX's TensorProto.DataType. An element of 8 bits or less is one byte: of a float its bits (a uint8_t; of 4-bit
                floats the upper half is 0), of an integer its value (an int8_t or uint8_t). */

/* One piece of work: call it for any split of [0, count), each part on one thread, thread in [0, max_threads). */
typedef void (*dnnc_task)(void *arg, int64_t begin, int64_t end, int thread);

/* The caller's threads. run must call task over the whole of [0, count), in any split and order, and return when all is done. */
typedef struct dnnc_parallel_for {
  void (*run)(void *context, int64_t count, dnnc_task task, void *arg);
  void *context;
  int max_threads;
} dnnc_parallel_for;

/* Name, element type, rank and dims (row-major) of one input or output. Where bit d of bounded is set, dims[d] is a bound: the true size is
   given to run, or by it. elements and bytes are those of the largest. */
typedef struct dnnc_tensor_info {
  const char *name;
  dnnc_type type;
  int rank;
  int64_t dims[8];
  size_t elements;
  size_t bytes;
  uint32_t bounded;
} dnnc_tensor_info;

#endif
