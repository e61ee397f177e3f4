// The command dnnc: from a model file to the files it asks for.
#pragma once

#include "compiler/Options.h"

namespace dnnc {

/// Does what \p options say. Errors go to stderr as "dnnc: error: FILE: …". Returns the exit code.
int runDriver(const Options &options);

} // namespace dnnc
