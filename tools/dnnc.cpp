#include "compiler/Driver.h"

#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/PrettyStackTrace.h"

int main(int argc, char **argv) {
  llvm::setBugReportMsg("dnnc crashed: this is a bug in dnnc. Please report it with the model, or with what --dump-after prints.\n");
  llvm::InitLLVM init(argc, argv);
  dnnc::Options options;
  if (!dnnc::parseOptions(argc, argv, options, llvm::errs())) return 1;
  return dnnc::runDriver(options);
}
