#include "codegen/Amalgamate.h"
#include "codegen/EmbeddedFiles.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/Path.h"

#include <optional>

using llvm::StringRef;

namespace dnnc::codegen {

namespace {
/// Evaluates a preprocessor condition of ||, &&, ==, !=, <, >, <=, >=, !, parentheses, numbers, macros and defined(). Nullopt as soon as a
/// macro is unknown.
class Condition {
public:
  Condition(StringRef text, const llvm::StringMap<long> &macros) : rest(text), macros(macros) {}

  std::optional<bool> evaluate() {
    long value = disjunction();
    return known && rest.ltrim().empty() ? std::optional<bool>(value != 0) : std::nullopt;
  }

private:
  bool take(StringRef token) {
    rest = rest.ltrim();
    return rest.consume_front(token);
  }

  long disjunction() {
    long value = conjunction();
    while (take("||")) value |= conjunction() != 0;
    return value;
  }
  long conjunction() {
    long value = comparison();
    while (take("&&")) value = (comparison() != 0) & (value != 0);
    return value;
  }
  long comparison() {
    long left = unary();
    if (take("==")) return left == unary();
    if (take("!=")) return left != unary();
    if (take(">=")) return left >= unary();
    if (take("<=")) return left <= unary();
    if (take(">")) return left > unary();
    if (take("<")) return left < unary();
    return left;
  }
  long unary() {
    if (take("!")) return !unary();
    if (take("(")) {
      long value = disjunction();
      known &= take(")");
      return value;
    }
    rest = rest.ltrim();
    StringRef word = rest.take_while([](char c) { return llvm::isAlnum(c) || c == '_'; });
    rest = rest.drop_front(word.size());
    long value = 0;
    if (!word.getAsInteger(0, value)) return value;
    if (word == "defined") {
      bool parenthesis = take("(");
      rest = rest.ltrim();
      StringRef name = rest.take_while([](char c) { return llvm::isAlnum(c) || c == '_'; });
      rest = rest.drop_front(name.size());
      known &= !parenthesis || take(")");
      // Only dnnc's own macros are known not to be defined.
      known &= macros.count(name) || name.starts_with("DNNC_");
      return macros.count(name);
    }
    auto macro = macros.find(word);
    known &= macro != macros.end();
    return known ? macro->second : 0;
  }

  StringRef rest;
  const llvm::StringMap<long> &macros;
  bool known = true;
};

/// One #if … #endif that encloses the present line.
struct Branch {
  bool resolved;      ///< its conditions are known: none of its directives is printed
  bool taken = false; ///< a branch was chosen already
  bool live;          ///< this line's branch is printed
};

/// Splits a preprocessor line; those of the runtime that matter here are not continued.
bool directive(StringRef line, StringRef &name, StringRef &argument) {
  StringRef text = line.trim();
  if (!text.consume_front("#")) return false;
  text = text.ltrim();
  name = text.take_while(llvm::isAlpha);
  argument = text.drop_front(name.size()).trim();
  return true;
}
} // namespace

std::string Amalgamator::expand(StringRef path) {
  if (!seen.insert(path).second) return "";
  const StringRef *text = findEmbedded(path);
  if (!text) llvm::report_fatal_error("no embedded file " + path);

  std::string out;
  llvm::SmallVector<Branch> branches;
  auto live = [&] { return llvm::all_of(branches, [](const Branch &b) { return b.live; }); };
  for (StringRef line : llvm::split(text->rtrim("\n"), '\n')) {
    StringRef name, argument;
    bool print = live();
    if (directive(line, name, argument)) {
      argument = argument.split("//").first.rtrim();
      if (name == "include" && argument.consume_front("\"")) {
        if (print) {
          llvm::SmallString<128> included(llvm::sys::path::parent_path(path));
          llvm::sys::path::append(included, argument.split('"').first);
          llvm::sys::path::remove_dots(included, /*remove_dot_dot=*/true);
          out += expand(included);
        }
        continue;
      }
      if (name == "pragma" && argument == "once") continue;
      if (name == "if" || name == "ifdef" || name == "ifndef") {
        std::string condition = name == "if" ? argument.str() : ((name == "ifdef" ? "defined(" : "!defined(") + argument + ")").str();
        std::optional<bool> value = Condition(condition, macros).evaluate();
        branches.push_back({value.has_value(), value.value_or(true), value.value_or(true)});
        if (value) continue;
      } else if (name == "elif" && branches.back().resolved) {
        Branch &branch = branches.back();
        std::optional<bool> value = Condition(argument, macros).evaluate();
        if (!value) llvm::report_fatal_error(path + ": '#elif " + argument + "' mixes conditions known and unknown to codegen");
        branch.live = !branch.taken && *value;
        branch.taken |= branch.live;
        continue;
      } else if (name == "else" && branches.back().resolved) {
        branches.back().live = !branches.back().taken;
        continue;
      } else if (name == "endif") {
        bool resolved = branches.pop_back_val().resolved;
        if (resolved) continue;
        print = live();
      }
    }
    if (print) (out += line) += '\n';
  }
  return out;
}

} // namespace dnnc::codegen
