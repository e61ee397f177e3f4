#include "codegen/KernelTable.h"
#include "codegen/EmbeddedFiles.h"

#include "runtime/prelude.h"
#include "llvm/ADT/StringMap.h"

#include <vector>

// In this file a parameter struct is the list of its fields.
#undef DNNC_DECLARE_PARAMS
#define DNNC_ROW_I(name) {#name, 'I', 1},
#define DNNC_ROW_A(name, count) {#name, 'A', count},
#define DNNC_ROW_R(name) {#name, 'R', 1},
#define DNNC_DECLARE_PARAMS(Name, FIELDS)                                                                                                  \
  struct Name {                                                                                                                            \
    FIELDS(DNNC_FIELD_I, DNNC_FIELD_A, DNNC_FIELD_R)                                                                                       \
    static llvm::ArrayRef<dnnc::codegen::ParamField> fields() {                                                                            \
      static const dnnc::codegen::ParamField table[] = {FIELDS(DNNC_ROW_I, DNNC_ROW_A, DNNC_ROW_R)};                                       \
      return table;                                                                                                                        \
    }                                                                                                                                      \
  };

namespace {
#include "AllParams.inc"
} // namespace

using llvm::StringRef;

namespace dnnc::codegen {

/// "(conv::direct<6, 2>)" without its parentheses.
static StringRef unwrap(StringRef text) { return text.drop_front().drop_back(); }

/// A row's family is the folder of the kernels.inc it stands in.
static StringRef folder(StringRef file) { return file.rsplit('/').first.rsplit('/').second; }

static const std::vector<KernelRow> &rows() {
  static const std::vector<KernelRow> table = {
#define DNNC_KERNEL(name, isas, function, Params, epilogue)                                                                                \
  {#name, folder(__FILE__), unwrap(#function), #Params, Params::fields(), epilogue},
#define DNNC_CUDA_KERNEL(name, function, Params, epilogue)
#include "AllKernels.inc"
      // Not in a kernels.inc: these two exist only with a chain.
      DNNC_KERNEL(map, 0, (pw::map), pw::MapParams, false) DNNC_KERNEL(map_scalar, 0, (pw::map_scalar), pw::MapParams, false)
#undef DNNC_KERNEL
#undef DNNC_CUDA_KERNEL
  };
  return table;
}

static const std::vector<KernelRow> &gpuRows() {
  static const std::vector<KernelRow> table = {
#define DNNC_KERNEL(name, isas, function, Params, epilogue)
#define DNNC_CUDA_KERNEL(name, function, Params, epilogue)                                                                                 \
  {#name, folder(__FILE__), unwrap(#function), #Params, Params::fields(), epilogue},
#include "AllKernels.inc"
#undef DNNC_KERNEL
#undef DNNC_CUDA_KERNEL
  };
  return table;
}

const KernelRow *findKernel(StringRef name, bool gpu) {
  static const auto index = [](const std::vector<KernelRow> &rows) {
    llvm::StringMap<const KernelRow *> map;
    for (const KernelRow &row : rows) map[row.name] = &row;
    return map;
  };
  static const llvm::StringMap<const KernelRow *> general = index(rows()), own = index(gpuRows());
  const KernelRow *row = gpu ? own.lookup(name) : nullptr;
  return row ? row : general.lookup(name);
}

std::string KernelRow::header() const {
  if (function.contains("::cuda::")) return "runtime/kernels/" + family.str() + "/cuda.cuh";
  StringRef unqualified = function.split('<').first.rsplit("::").second;
  std::string base = "runtime/kernels/" + family.str() + "/", own = base + unqualified.str() + ".h";
  if (findEmbedded(own)) return own;
  return paramsType == "pw::MapParams" ? "runtime/kernels/pointwise/map.h" : base + family.str() + ".h";
}

} // namespace dnnc::codegen
