#include "passes/lower/TuningDb.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"

using llvm::StringRef;

namespace dnnc {

bool TuningDb::parse(StringRef text, StringRef file, llvm::SmallVectorImpl<std::string> &errors) {
  const size_t before = errors.size();
  size_t number = 0;
  for (StringRef line : llvm::split(text, '\n')) {
    const std::string place = (file + ":" + llvm::Twine(++number)).str();
    auto fail = [&](const llvm::Twine &why) { errors.push_back((place + ": " + why).str()); };
    line = line.split('#').first.trim();
    if (line.empty()) continue;
    auto [key, kernel] = line.split(" = ");
    key = key.trim(), kernel = kernel.trim();
    auto [targetName, signature] = key.split(' ');
    const Target *target = findTarget(targetName);
    std::optional<KernelChoice> choice = KernelChoice::parse(kernel);
    if (signature.empty() || kernel.empty())
      fail("'" + line + "' does not have the form TARGET SIGNATURE = KERNEL");
    else if (!target)
      fail("there is no target '" + targetName + "'");
    else if (!choice)
      fail("'" + kernel + "' is not a kernel; accepted: a name such as conv_direct_6x2, or conv_winograd_f4_6x2 block=48");
    else if (!hasKernel(*target, choice->kernel))
      fail("target " + targetName + " has no kernel " + choice->kernel + " for convolutions or products");
    else
      entries[key] = {*choice, place};
  }
  return errors.size() == before;
}

bool TuningDb::read(StringRef file, llvm::SmallVectorImpl<std::string> &errors) {
  auto buffer = llvm::MemoryBuffer::getFile(file, /*IsText=*/true);
  if (buffer) return parse((*buffer)->getBuffer(), file, errors);
  errors.push_back((file + ": cannot be read: " + buffer.getError().message()).str());
  return false;
}

const TuningDb::Entry *TuningDb::find(const Target &target, StringRef signature) const {
  auto found = entries.find((target.name + " " + signature).str());
  return found == entries.end() ? nullptr : &found->second;
}

std::string TuningDb::line(const Target &target, StringRef signature, const KernelChoice &choice, StringRef comment) {
  return (target.name + " " + signature + " = " + choice.str() + "  # " + comment + "\n").str();
}

} // namespace dnnc
