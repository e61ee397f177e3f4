#include "codegen/Identifiers.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"

using llvm::StringRef;

namespace dnnc {

/// C++20's keywords and alternative tokens, and global names a namespace must not have.
static bool isTaken(StringRef name) {
  static const llvm::StringSet<> words = {
      "alignas",  "alignof",  "and",       "and_eq",       "asm",       "auto",       "bitand",        "bitor",       "bool",
      "break",    "case",     "catch",     "char",         "char8_t",   "char16_t",   "char32_t",      "class",       "compl",
      "concept",  "const",    "consteval", "constexpr",    "constinit", "const_cast", "continue",      "co_await",    "co_return",
      "co_yield", "decltype", "default",   "delete",       "do",        "double",     "dynamic_cast",  "else",        "enum",
      "explicit", "export",   "extern",    "false",        "float",     "for",        "friend",        "goto",        "if",
      "inline",   "int",      "long",      "mutable",      "namespace", "new",        "noexcept",      "not",         "not_eq",
      "nullptr",  "operator", "or",        "or_eq",        "private",   "protected",  "public",        "register",    "reinterpret_cast",
      "requires", "return",   "short",     "signed",       "sizeof",    "static",     "static_assert", "static_cast", "struct",
      "switch",   "template", "this",      "thread_local", "throw",     "true",       "try",           "typedef",     "typeid",
      "typename", "union",    "unsigned",  "using",        "virtual",   "void",       "volatile",      "wchar_t",     "while",
      "xor",      "xor_eq",   "restrict",  "std",          "dnnc",      "main",       "linux",         "unix",        "assert",
      "errno",    "NULL",     "EOF"};
  return words.contains(name);
}

bool isIdentifier(StringRef name) {
  return !name.empty() && !llvm::isDigit(name[0]) && name[0] != '_' && !name.contains("__") && !isTaken(name) &&
         llvm::all_of(name, [](char c) { return llvm::isAlnum(c) || c == '_'; });
}

std::string toIdentifier(StringRef name, StringRef ifEmpty) {
  std::string result;
  for (char c : name)
    if (llvm::isAlnum(c))
      result += c;
    else if (!result.empty() && result.back() != '_') // "__" is reserved
      result += '_';
  if (result.empty()) return ifEmpty.str();
  if (llvm::isDigit(result[0])) result = (ifEmpty + "_" + result).str();
  return isTaken(result) ? result + "_" : result;
}

std::vector<std::string> toIdentifiers(llvm::ArrayRef<std::string> names, llvm::ArrayRef<StringRef> taken) {
  llvm::StringSet<> used;
  used.insert(taken.begin(), taken.end());
  std::vector<std::string> result;
  for (const std::string &name : names) {
    std::string base = toIdentifier(name, "tensor"), unique = base;
    for (int i = 2; !used.insert(unique).second; ++i) unique = (llvm::StringRef(base).rtrim('_') + "_" + llvm::Twine(i)).str();
    result.push_back(unique);
  }
  return result;
}

} // namespace dnnc
