#include "onnx-ml.pb.h"
#include "runtime/kernels/conv/conv.h"
