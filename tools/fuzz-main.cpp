// fuzz-import without libFuzzer: runs the files named on the command line, each within ten seconds.
#include "llvm/FuzzMutate/FuzzerCLI.h"

#include <cstdint>
#include <unistd.h>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv) {
  return llvm::runFuzzerOnInputs(argc, argv, [](const uint8_t *data, size_t size) {
    alarm(10); // its signal ends the process; the last file printed is the one that took too long
    return LLVMFuzzerTestOneInput(data, size);
  });
}
