#include "codegen/EmitWeights.h"
#include "codegen/EmitChain.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace dnnc::codegen {

std::string commentText(StringRef text) {
  std::string out;
  for (char c : text) {
    bool plain = llvm::isPrint(c) && c != '\\';                       // a backslash at the end would swallow the next line
    if (c == '?' && !out.empty() && out.back() == '?') plain = false; // trigraphs
    out += plain ? c : '_';
  }
  return out;
}

template <class T> static T read(ArrayRef<char> bytes, int64_t i) {
  T value;
  memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
  return value;
}

static std::string elementText(const Element &element, ArrayRef<char> bytes, int64_t i) {
  StringRef type = element.kernel;
  if (type == "float") return floatLiteral(read<float>(bytes, i));
  if (type == "double") return doubleLiteral(read<double>(bytes, i));
  if (element.isHalf()) return "0x" + llvm::utohexstr(read<uint16_t>(bytes, i), /*LowerCase=*/true);
  if (type == "bool") return bytes[i] ? "true" : "false";
  if (type == "int8_t") return std::to_string(read<int8_t>(bytes, i));
  if (type == "uint8_t") return std::to_string(read<uint8_t>(bytes, i));
  if (type == "int16_t") return std::to_string(read<int16_t>(bytes, i));
  if (type == "uint16_t") return std::to_string(read<uint16_t>(bytes, i));
  if (type == "int32_t") {
    int32_t value = read<int32_t>(bytes, i);
    return value == INT32_MIN ? "-2147483647 - 1" : std::to_string(value);
  }
  if (type == "uint32_t") return std::to_string(read<uint32_t>(bytes, i)) + "u";
  if (type == "uint64_t") return std::to_string(read<uint64_t>(bytes, i)) + "u";
  int64_t value = read<int64_t>(bytes, i);
  return value == INT64_MIN ? "-9223372036854775807 - 1" : std::to_string(value);
}

std::string inlineWeights(const Program &program, bool shared) {
  std::string out;
  for (auto [index, weight] : llvm::enumerate(program.weights)) {
    std::vector<char> storage;
    ArrayRef<char> bytes = rawBytes(weight.value, storage);
    int64_t count = weight.value.getNumElements();
    const bool bits = shared && weight.element.isHalf(), structs = !shared && weight.element.isHalf();
    out += "// " + commentText(weight.name) + "\n" + (shared ? "[[maybe_unused]] " : "") + "alignas(" + std::to_string(program.weightsAlignment) +
           ") const " + (bits ? weight.element.caller : weight.element.kernel).str() + " w" + std::to_string(index) + (bits ? "_bits" : "") + "[" +
           std::to_string(count) + "] = {\n";
    std::string line = "   ";
    for (int64_t i = 0; i < count; ++i) {
      std::string text = elementText(weight.element, bytes, i);
      if (structs) text = "{" + text + "}";
      if (line.size() + text.size() + 2 > 140) {
        out += line + "\n";
        line = "   ";
      }
      line += " " + text + ",";
    }
    out += line + "\n};\n\n";
  }
  return out;
}

std::string incbinWeights(const Program &program, StringRef name, StringRef macro) {
  if (!program.weightsBytes) return "";
  std::string text =
      R"(// The weights: the file beside this one, taken in by the assembler. __FILE__ makes it found from any directory; where the compiler is
// told to map it to another path, define @M.
#ifndef @M
#define @M __FILE__ ".weights.bin"
#endif
__asm__(".pushsection .rodata\n"
        ".balign @A\n"
        ".globl dnnc_@N_weights\n"
        ".hidden dnnc_@N_weights\n"
        "dnnc_@N_weights:\n"
        ".incbin \"" @M "\"\n"
        ".balign @A\n"
        ".popsection\n");
extern "C" __attribute__((visibility("hidden"))) const char dnnc_@N_weights[@B];

)";
  auto replace = [&](StringRef key, const Twine &value) {
    std::string to = value.str();
    for (size_t at = 0; (at = text.find(key.str(), at)) != std::string::npos; at += to.size()) text.replace(at, key.size(), to);
  };
  replace("@N", name);
  replace("@M", macro);
  replace("@A", Twine(program.weightsAlignment));
  replace("@B", Twine(program.weightsBytes));
  return text;
}

/// Calls \p visit with the pieces of the blob, in order, without gaps.
static void forEachPiece(const Program &program, llvm::function_ref<void(ArrayRef<char>)> visit) {
  std::vector<const Weight *> order;
  for (const Weight &weight : program.weights) order.push_back(&weight);
  llvm::sort(order, [](const Weight *a, const Weight *b) { return std::pair(a->offset, a) < std::pair(b->offset, b); });
  int64_t at = 0;
  std::vector<char> storage;
  auto pad = [&](int64_t end) {
    visit(std::vector<char>(std::max<int64_t>(end - at, 0), 0));
    at = std::max(at, end);
  };
  for (const Weight *weight : order) {
    pad(weight->offset);
    ArrayRef<char> bytes = rawBytes(weight->value, storage);
    visit(bytes);
    at += weight->bytes;
  }
  pad(program.weightsBytes);
}

void writeBlob(const Program &program, llvm::raw_ostream &os) {
  forEachPiece(program, [&](ArrayRef<char> bytes) { os.write(bytes.data(), bytes.size()); });
}

uint64_t hashBlob(const Program &program) {
  uint64_t hash = 0xcbf29ce484222325, word = 0;
  int filled = 0;
  forEachPiece(program, [&](ArrayRef<char> bytes) {
    for (char byte : bytes) {
      word |= static_cast<uint64_t>(static_cast<unsigned char>(byte)) << 8 * filled;
      if (++filled == 8) {
        hash = (hash ^ word) * 0x100000001b3;
        word = 0;
        filled = 0;
      }
    }
  });
  return hash; // the blob's size is a multiple of its alignment: no word is left over
}

} // namespace dnnc::codegen
