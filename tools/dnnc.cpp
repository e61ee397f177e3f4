#include "compiler/Driver.h"

#include "llvm/Support/InitLLVM.h"

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  dnnc::Options options;
  if (!dnnc::parseOptions(argc, argv, options, llvm::errs()))
    return 1;
  return dnnc::runDriver(options);
}
