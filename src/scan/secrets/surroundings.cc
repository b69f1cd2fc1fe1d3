// SPDX-License-Identifier: Apache-2.0
#include "scan/secrets/surroundings.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>

#include "scan/secrets/words.h"

namespace vedette::scan::secrets {
namespace {

constexpr std::size_t kNameBytes = 64;
constexpr std::size_t kLongLineBytes = 400;
constexpr std::size_t kBesideBytes = 96;
constexpr std::size_t kNearBytes = 120;

constexpr WordSet kNegativeParts{{
    "file",    "path",   "url",    "uri",    "type",   "field",  "name",     "_id",
    "hash",    "length", "size",   "label",  "policy", "method", "header",   "handler",
    "able",    "_min",   "max",    "count",  "expir",  "time",   "ttl",      "endpoint",
    "format",  "prefix", "regex",  "hint",   "messag", "error",  "text",     "title",
    "placeh",  "param",  "column", "attr",   "class",  "select", "invalid",  "requir",
    "reset",   "chang",  "provid", "plugin", "modal",  "source", "dir",      "locat",
    "bits",    "algo",   "ref",    "form",   "wrong",  "button", "strength", "valid",
    "cookie_", "store",  "digest", "encod",  "izer",   "ize",    "ization",  "from",
}};

// Wherever they stand in a name, it names no secret: "public_key", "existingSecret", "NOPASSWD".
constexpr WordSet kNegativeAnywhere{{
    "public",
    "existing",
    "nopass",
    "bypass",
    "from_secret",
    "websocket",
    "invalid",
    "wrong",
    "search_only",
    "searchonly",
    "publishable",
}};

// What makes of a key one that opens something; "key" alone is that of a table.
constexpr WordSet kKeyKinds{{
    "api",    "access", "auth", "priv",    "secret", "crypt",  "sign",     "shared",  "master",
    "sess",   "hmac",   "app",  "account", "client", "cookie", "consumer", "license", "jwt",
    "server", "admin",  "aes",  "storage", "wep",    "wpa",    "service",  "psk",
}};

constexpr WordSet kAnyUsers{{
    "user",
    "username",
    "usr",
    "USER",
    "USERNAME",
    "User",
    "foo",
    "u",
    "my",
    "login",
    "name",
    "me",
    "test",
    "bob",
    "alice",
    "someuser",
    "myuser",
}};

// Calls that give what is elsewhere.
constexpr WordSet kReadingCalls{{
    "env",
    "get",
    "find",
    "require",
    "ranslat",
    "elect",
    "look",
    "config",
    "param",
    "read",
    "load",
    "Find",
    "Get",
    "fetch",
    "query",
}};
constexpr WordSet kUserWords{{"user", "login", "account"}};
constexpr WordSet kUsersNear{{"user", "User", "USER", "ogin"}};
constexpr WordSet kHashWords{{"sha", "md5", "checksum", "integrity", "commit", "digest"}};
constexpr WordSet kExampleWords{{"xample", "e.g.", "eg. "}};
constexpr WordSet kConnectionMarks{{"@tcp(", "erver=", "ost=", "ource=", "dbname=", "atabase="}};

struct NameWord {
  std::string_view word;
  Signal signal;
  bool whole = false;  // letters that go on make another word of it: "passenger", "keyboard"
};
constexpr NameWord kNameWords[] = {
    {"passw", Signal::kNamePassword},       {"passphrase", Signal::kNamePassword},
    {"pass_phrase", Signal::kNamePassword}, {"pass.phrase", Signal::kNamePassword},
    {"passcode", Signal::kNamePassword},    {"pwd", Signal::kNamePassword, true},
    {"pass", Signal::kNamePassword, true},  {"secret", Signal::kNameSecret},
    {"token", Signal::kNameToken},          {"salt", Signal::kNameSalt, true},
    {"key", Signal::kNameKey, true},        {"pw", Signal::kNamePassword, true},
};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }
bool is_word(char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_'; }
bool is_name(char c) { return is_word(c) || c == '.' || c == '-' || c == '$'; }
bool is_quote(char c) { return c == '"' || c == '\'' || c == '`'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// Walks backwards from the secret.
class Backwards {
 public:
  explicit Backwards(std::string_view before) : rest_(before) {}

  char last() const { return rest_.empty() ? '\0' : rest_.back(); }
  char before_last() const { return rest_.size() < 2 ? '\0' : rest_[rest_.size() - 2]; }
  void drop(std::size_t count = 1) { rest_.remove_suffix(std::min(count, rest_.size())); }
  template <typename Predicate>
  std::string_view take(Predicate predicate) {
    std::size_t begin = rest_.size();
    while (begin > 0 && predicate(rest_[begin - 1])) --begin;
    const std::string_view taken = rest_.substr(begin);
    rest_ = rest_.substr(0, begin);
    return taken;
  }
  bool skip_word(std::string_view word) {
    if (!rest_.ends_with(word)) return false;
    drop(word.size());
    take(is_blank);
    return true;
  }

 private:
  std::string_view rest_;
};

// A quote and the letters of languages that go before it: b"", u'', @"", L"".
bool take_quote(Backwards& at) {
  if (!is_quote(at.last())) return false;
  at.drop();
  at.take([](char c) { return c == '\\' || c == '"'; });
  const char c = at.last();
  if ((has("bBuUrRfFLN", std::string_view(&c, 1)) || c == '@') && !is_word(at.before_last())) {
    at.drop();
  }
  at.take(is_blank);
  return true;
}

// The name left of an operator: closers, an index or a type are gone over.
std::string_view take_plain_name(Backwards& at) {
  at.take([](char c) { return is_blank(c); });
  at.take([](char c) { return is_quote(c) || c == ']' || c == ')' || c == '\\' || c == '*'; });
  std::string_view name = at.take(is_name);
  if (name.empty() && at.last() == '[') {  // char password[] =
    at.drop();
    name = at.take(is_name);
  }
  if (!name.empty() && name.find_first_not_of("0123456789") == std::string_view::npos &&
      at.last() == '[') {  // char password[32] =
    at.drop();
    name = at.take(is_name);
  }
  return name;
}

// As well; of a name and its type, the name.
std::string_view take_name(Backwards& at) {
  const std::string_view name = take_plain_name(at);
  if (name == "string" && is_blank(at.last())) return take_plain_name(at);  // var token string =
  Backwards type = at;                                                      // password: String =
  type.take([](char c) { return is_blank(c) || c == '&' || c == '?'; });
  if (type.last() == ':' && !name.empty()) {
    type.drop();
    type.take(is_blank);
    const std::string_view typed = type.take(is_name);
    if (!typed.empty()) return typed;
  }
  return name;
}

std::string_view take_operator(Backwards& at, Signals& signals) {
  const std::string_view marks =
      at.take([](char c) { return c == '=' || c == ':' || c == '>' || c == '!' || c == '-'; });
  if (has(marks, "==") || has(marks, "!=")) {
    signals.add(Signal::kCompared);
  } else if (marks == ">") {
    signals.add(Signal::kTag);
    return at.take([](char c) { return c != '<' && c != '\n'; });
  } else {
    signals.add(marks == ":" ? Signal::kColon : Signal::kAssigned);
    if (marks == "=" && (at.last() == '?' || at.last() == '.')) at.drop();  // ?= of make, .= of PHP
  }
  return take_name(at);
}

// An address or a pair: the name says nothing of the value.
bool observe_pair(const Candidate& candidate, Signals& signals) {
  const std::string_view before = candidate.content.substr(
      candidate.match_begin, candidate.secret_begin - candidate.match_begin);
  if (before.empty() || before.back() != ':') return false;
  if (has(before, "://")) {
    signals.add(Signal::kAddress);
    const std::string_view user = before.substr(0, before.size() - 1);
    signals.add_if(kAnyUsers.has(user.substr(user.rfind('/') + 1)), Signal::kAnyUser);
    return true;
  }
  // {"token":"","ttl":3000}: the next entry.
  if (before.size() > 1 && is_quote(before[before.size() - 2])) return false;
  if (before.substr(0, before.size() - 1).find_first_of(":='\"`") == std::string_view::npos) {
    return false;
  }
  signals.add(Signal::kPair);
  return true;
}

bool is_typing_call(std::string_view callee) {
  constexpr std::string_view kCalls[] = {".type", ".fill", ".sendKeys", ".send_keys", ".setValue"};
  return std::ranges::find(kCalls, callee) != std::end(kCalls);
}

// The argument before: what names the value, or the one who has it.
std::string_view take_argument_before(Backwards& at, Surroundings& found, Signals& signals) {
  at.drop();
  signals.add(Signal::kArgument);
  at.take(is_blank);
  signals.add_if(is_quote(at.last()), Signal::kAfterText);
  const std::string_view name = take_name(at);
  const bool quoted = is_quote(at.last());
  at.take(is_quote);
  at.take(is_blank);
  // The next of a list of names; options and their values are a list too.
  if (at.last() == '[' || (quoted && at.last() == ',' && !name.starts_with('-'))) {
    found.literal = false;
  }
  return name;
}

bool take_fallback(Backwards& at) {
  const char last = at.last();
  const bool marks = (last == '|' || last == '?') && at.before_last() == last;
  const bool elvis = last == ':' && at.before_last() == '?';
  if (marks || elvis) at.drop(2);
  if (!marks && !elvis && !at.skip_word(" or")) return false;
  at.take(is_blank);
  return true;
}

std::string_view find_name(Backwards& at, bool quoted, Surroundings& found, Signals& signals) {
  if (!quoted) at.take(is_blank);
  if (at.last() == '(') {
    at.drop();
    at.take(is_blank);
    const std::string_view callee = at.take(is_name);
    while (at.last() == ':' && at.before_last() == ':') {  // Hash::make
      at.drop(2);
      at.take(is_name);
    }
    at.take(is_blank);
    if (at.skip_word("new")) at.take(is_blank);
    at.take([](char c) { return c == ']' || c == '['; });
    if (at.last() == '=' || at.last() == ':' || (at.last() == '>' && at.before_last() == '=')) {
      found.callee = callee;
      signals.add(Signal::kWrapped);
      return take_operator(at, signals);
    }
    signals.add(Signal::kArgument);
    // get("#password").type("…"): the name is what was chosen.
    if (at.last() == ')' && is_typing_call(callee)) return take_name(at);
    return callee;
  }
  if (take_fallback(at)) {  // environment("KEY") || "…"
    signals.add(Signal::kAssigned);
    return take_plain_name(at);
  }
  if (at.last() == ',') return take_argument_before(at, found, signals);
  if (at.last() == '=' || at.last() == ':' || at.last() == '>') {
    const std::string_view name = take_operator(at, signals);
    if (name != "with" && name != "value") return name;
    at.take([](char c) { return is_blank(c) || c == ',' || is_quote(c); });
    return take_name(at);
  }
  signals.add(Signal::kSpaced);
  for (const std::string_view word : {"is", "by", "BY", "of"}) at.skip_word(word);
  return take_plain_name(at);
}

// Whether a word that ends at `end` of a name goes on: "passenger", not "passOne", "pass_one".
bool goes_on(std::string_view name, std::size_t end) {
  if (end >= name.size() || !is_letter(name[end])) return false;
  if (lower(name[end]) == 's' && (end + 1 == name.size() || !is_letter(name[end + 1])))
    return false;
  const bool small = name[end] == lower(name[end]);
  const bool small_before = name[end - 1] == lower(name[end - 1]);
  return small || !small_before;
}

struct KnownName {
  Signal kind = Signal::kNameOther;
  std::size_t begin = 0;
  std::size_t end = 0;
  bool misread = false;  // only a part of another word
};

KnownName find_kind(std::string_view name, std::string_view folded) {
  KnownName other;
  for (const NameWord& known : kNameWords) {
    std::size_t found = folded.rfind(known.word);
    other.misread = other.misread || found != std::string_view::npos;
    while (found != std::string_view::npos && known.whole &&
           goes_on(name, found + known.word.size())) {
      found = found == 0 ? std::string_view::npos : folded.rfind(known.word, found - 1);
    }
    if (found == std::string_view::npos) continue;
    return {known.signal, found, found + known.word.size()};
  }
  return other;
}

// False: the name holds no word of secrets but as a part of another.
bool observe_name(std::string_view name, Signals& signals) {
  if (name.empty()) {
    signals.add(Signal::kNameNone);
    return true;
  }
  std::array<char, kNameBytes> buffer;
  if (name.size() > kNameBytes) name.remove_prefix(name.size() - kNameBytes);
  std::ranges::transform(name, buffer.begin(), lower);
  const std::string_view folded(buffer.data(), name.size());
  const KnownName known = find_kind(name, folded);
  signals.add(known.kind);
  const std::string_view tail = folded.substr(known.end);
  // A signature is made with a key, and shown to everybody.
  const bool is_signature = known.kind == Signal::kNameOther && folded.ends_with("signature");
  signals.add_if(
      kNegativeParts.is_inside(tail) || kNegativeAnywhere.is_inside(folded) || is_signature,
      Signal::kNameNegative);
  // "passwordKey" names a key of a table, "passwords" a table.
  signals.add_if(known.kind == Signal::kNamePassword && (has(tail, "key") || tail == "s"),
                 Signal::kNameNegative);
  signals.add_if(
      known.kind == Signal::kNameKey && !kKeyKinds.is_inside(folded.substr(0, known.begin)),
      Signal::kNamePlainKey);
  signals.add_if(signals.has(Signal::kArgument) && known.kind != Signal::kNameOther && tail.empty(),
                 Signal::kNameWhole);
  // "Must pass `x`": the verb.
  signals.add_if(signals.has(Signal::kSpaced) && folded == "pass", Signal::kNameNegative);
  return !known.misread;
}

bool is_reading_call(std::string_view callee) {
  return kReadingCalls.is_inside(callee) || callee == "l" || callee == "t" || callee == "_";
}

std::size_t line_begin(std::string_view content, std::size_t at) {
  const std::size_t window = at > kSurroundingBytes ? at - kSurroundingBytes : 0;
  const void* found = memrchr(content.data() + window, '\n', at - window);
  if (found == nullptr) return window;
  return static_cast<std::size_t>(static_cast<const char*>(found) - content.data()) + 1;
}

// Whether a text of the language was open where the secret begins: "Server=x;Password=y".
bool begins_in_text(std::string_view before) {
  char open = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i] == '\\') {
      ++i;
    } else if (open == 0 && is_quote(before[i])) {
      open = before[i];
    } else if (before[i] == open) {
      open = 0;
    }
  }
  return open != 0;
}

bool is_comment(std::string_view line) {
  const std::size_t first = line.find_first_not_of(" \t");
  if (first == std::string_view::npos) return false;
  line.remove_prefix(first);
  return line.starts_with("//") || line.starts_with("#") || line.starts_with("*") ||
         line.starts_with("--") || line.starts_with("/*") || line.starts_with("<!--") ||
         line.starts_with(";");
}

}  // namespace

Surroundings observe_surroundings(const Candidate& candidate, Signals& signals) {
  Surroundings found;
  const std::string_view content = candidate.content;
  const std::size_t begin = line_begin(content, candidate.match_begin);
  Backwards at(content.substr(begin, candidate.secret_begin - begin));
  if (observe_pair(candidate, signals)) {
    signals.add(Signal::kQuoted);
    return found;
  }
  // `command`
  if (at.last() == '`' && candidate.file.syntax == Syntax::kShell) found.literal = false;
  const bool quoted = take_quote(at);
  const bool option = !quoted && at.last() == 'p' && at.before_last() == '-';  // mysql -p…
  if (option) signals.add(Signal::kSpaced);
  found.name = option ? std::string_view("password") : find_name(at, quoted, found, signals);
  found.literal = observe_name(found.name, signals) && found.literal;
  const std::string_view before = content.substr(begin, candidate.secret_begin - begin);
  const std::string_view given =
      content.substr(candidate.match_begin, candidate.secret_begin - candidate.match_begin);
  const bool in_text = !quoted && begins_in_text(before);
  signals.add(quoted ? Signal::kQuoted : in_text ? Signal::kBareInString : Signal::kBare);
  const bool page =
      candidate.file.syntax == Syntax::kProse || candidate.file.syntax == Syntax::kMarkup;
  signals.add_if(page && !quoted, Signal::kBareInPage);
  signals.add_if(has(given, "uthorization") || has(given, "earer "), Signal::kHeader);
  const bool comment = is_comment(before);
  signals.add_if(comment, Signal::kCommentLine);
  const bool tag = signals.has(Signal::kTag);
  if (!quoted && !in_text && !comment && !tag && candidate.file.syntax == Syntax::kCode) {
    found.literal = false;
  }
  // A bare value ends with its line; what follows an empty one is another entry.
  if (!quoted && !tag && has(given, "\n") && candidate.rule.generic &&
      !signals.has(Signal::kSpaced) && !has(given, "value")) {
    found.literal = false;
  }
  const std::string_view after = content.substr(candidate.secret_begin + candidate.secret_size, 1);
  if (!quoted && !tag && after == "(") found.literal = false;
  // test $pass = link: a shell assigns without a $.
  if (!quoted && candidate.file.syntax == Syntax::kShell && found.name.starts_with('$')) {
    found.literal = false;
  }
  if (signals.has(Signal::kWrapped) && is_reading_call(found.callee)) found.literal = false;
  return found;
}

namespace {

// "Server=db;User Id=app;Password=…", "host=db user=app password=…", "app:…@tcp(db)"
bool is_connection(std::string_view line) { return kConnectionMarks.is_inside(line); }

void observe_near(const Candidate& candidate, std::size_t begin, std::size_t end,
                  Signals& signals) {
  const std::string_view content = candidate.content;
  const std::size_t near = begin - std::min(begin, kNearBytes);
  const std::string_view lines_before = content.substr(near, begin - near);
  const std::string_view lines_after = content.substr(end, kNearBytes);
  signals.add_if(kUsersNear.is_inside(lines_before) || kUsersNear.is_inside(lines_after),
                 Signal::kUserNear);
  const std::string_view secret = candidate.secret();
  const std::size_t secret_end = candidate.secret_begin + candidate.secret_size;
  if (secret.size() > 2 && secret.size() < kNearBytes && !signals.has(Signal::kSecretWord)) {
    const std::size_t before = candidate.match_begin - near;
    signals.add_if(has(content.substr(near, before), secret) ||
                       has(content.substr(secret_end, kNearBytes), secret),
                   Signal::kSameNear);
  }
  signals.add_if(is_connection(content.substr(begin, end - begin)), Signal::kConnection);
}

}  // namespace

void observe_line(const Candidate& candidate, Signals& signals) {
  const std::string_view content = candidate.content;
  const std::size_t begin = line_begin(content, candidate.match_begin);
  const std::size_t secret_end = candidate.secret_begin + candidate.secret_size;
  const std::string_view after = content.substr(secret_end, kSurroundingBytes);
  const std::size_t end = secret_end + std::min(after.size(), after.find('\n'));
  std::array<char, kBesideBytes> buffer;
  std::string_view before = content.substr(begin, candidate.match_begin - begin);
  if (before.size() > kBesideBytes) before.remove_prefix(before.size() - kBesideBytes);
  std::ranges::transform(before, buffer.begin(), lower);
  const std::string_view folded(buffer.data(), before.size());
  signals.add_if(kUserWords.is_inside(folded), Signal::kUserBeside);
  signals.add_if(kHashWords.is_inside(folded), Signal::kHashBeside);
  // "# Example: secret = …": a comment that shows how it is given.
  signals.add_if(signals.has(Signal::kCommentLine) && kExampleWords.is_inside(folded),
                 Signal::kPlaceholderWord);
  signals.add_if(end - begin > kLongLineBytes, Signal::kLongLine);
  observe_near(candidate, begin, end, signals);
}

}  // namespace vedette::scan::secrets
