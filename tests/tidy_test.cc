// SPDX-License-Identifier: Apache-2.0
// Rules about the sources themselves that a compiler does not enforce: floors, sizes, names, words.
// Each rule is a function from sources to complaints; the tests run it over small bad sources,
// where it must complain, and over the project, where it must not. clang-tidy counts function lines
// too (readability-function-size); the count here is by matching braces, so that it needs no
// compiler.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace fs = std::filesystem;

struct Source {
  std::string path;  // relative to the project
  std::string text;
};
using Sources = std::vector<Source>;
using Complaints = std::vector<std::string>;

// The floors of ARCHITECTURE.md. A module includes itself and lower floors.
const std::map<std::string, int, std::less<>> kFloors = {
    {"base", 0},  {"event", 1},   {"match", 2},           {"http", 2},   {"formats", 2},
    {"rules", 3}, {"rego", 3},    {"vulnerabilities", 3}, {"sensor", 4}, {"ingest", 4},
    {"spool", 4}, {"observe", 4}, {"detect", 4},          {"scan", 4},   {"policy", 4},
    {"store", 4}, {"output", 4},  {"engine", 5},          {"server", 6}, {"cmd", 7}};
constexpr std::size_t kFileLinesMax = 600;
constexpr std::size_t kFunctionLinesMax = 70;
// Of a folder, where we aim below 25; a subject's test, fuzzer … are not counted.
constexpr std::size_t kSubjectsMax = 40;
constexpr std::size_t kFolderDepthMax = 2;  // folders below a module
const std::set<std::string, std::less<>> kBannedNames = {"util",    "utils", "common", "helper",
                                                         "helpers", "misc",  "manager"};

bool is_cpp(std::string_view path) { return path.ends_with(".cc") || path.ends_with(".h"); }

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::string line;
  for (const char c : text) {
    if (c == '\n') {
      lines.push_back(std::move(line));
      line.clear();
    } else {
      line += c;
    }
  }
  if (!line.empty()) lines.push_back(std::move(line));
  return lines;
}

std::vector<std::string> split(std::string_view text, std::string_view separators) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (separators.find(c) == std::string_view::npos) {
      parts.back() += c;
    } else {
      parts.emplace_back();
    }
  }
  return parts;
}

// The end (one past) of the string or character literal that begins at `start`, a raw one included.
std::size_t literal_end(const std::string& text, std::size_t start) {
  if (start > 0 && text[start] == '"' && text[start - 1] == 'R') {
    const std::size_t open = text.find('(', start);
    if (open == std::string::npos) return text.size();
    const std::string close = ")" + text.substr(start + 1, open - start - 1) + "\"";
    const std::size_t end = text.find(close, open);
    return end == std::string::npos ? text.size() : end + close.size();
  }
  for (std::size_t at = start + 1; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == text[start] || text[at] == '\n') {
      return at + 1;
    }
  }
  return text.size();
}

struct Layers {
  std::string code;      // comments and the insides of literals blanked
  std::string comments;  // everything but comments blanked
};

// Separates code from comments; both keep the line structure of the text.
Layers separate(const std::string& text) {
  Layers layers{text, text};
  const auto blank = [&text](std::string& layer, std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to && i < text.size(); ++i) {
      if (text[i] != '\n') layer[i] = ' ';
    }
  };
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t end = at + 1;
    const bool digit_before = at > 0 && std::isalnum(static_cast<unsigned char>(text[at - 1])) != 0;
    if (text.compare(at, 2, "//") == 0) {
      end = std::min(text.find('\n', at), text.size());
      blank(layers.code, at, end);
    } else if (text.compare(at, 2, "/*") == 0) {
      const std::size_t close = text.find("*/", at + 2);
      end = close == std::string::npos ? text.size() : close + 2;
      blank(layers.code, at, end);
    } else if (text[at] == '"' || (text[at] == '\'' && !digit_before)) {
      end = literal_end(text, at);
      blank(layers.code, at + 1, end - 1);
      blank(layers.comments, at, end);
    } else {
      blank(layers.comments, at, end);
    }
    at = end;
  }
  return layers;
}

std::vector<std::string> project_includes(const std::string& text) {
  static const std::regex kInclude(R"re(^\s*#\s*include\s+"([^"]+)")re");
  std::vector<std::string> names;
  for (const std::string& line : lines_of(text)) {
    std::smatch found;
    if (std::regex_search(line, found, kInclude)) names.push_back(found[1]);
  }
  return names;
}

Complaints check_floors(const Sources& sources) {
  Complaints complaints;
  for (const Source& source : sources) {
    const std::vector<std::string> path = split(source.path, "/");
    if (path[0] != "src" || path.size() < 3 || !is_cpp(source.path)) continue;
    const auto own = kFloors.find(path[1]);
    if (own == kFloors.end()) {
      complaints.push_back(source.path + ": module " + path[1] + " has no floor in tidy_test.cc");
      continue;
    }
    for (const std::string& name : project_includes(source.text)) {
      const std::string module = split(name, "/")[0];
      const auto other = kFloors.find(module);
      if (other == kFloors.end()) {
        complaints.push_back(source.path + ": \"" + name + "\" is not \"module/file.h\"");
      } else if (module != path[1] && other->second >= own->second) {
        complaints.push_back(source.path + ": floor " + std::to_string(own->second) + " includes " +
                             name + " of floor " + std::to_string(other->second));
      }
    }
  }
  return complaints;
}

// Depth first over the headers; an edge back to a header on the current path closes a cycle.
Complaints check_header_cycles(const Sources& sources) {
  std::map<std::string, std::vector<std::string>> includes;
  for (const Source& source : sources) {
    if (source.path.starts_with("src/") && source.path.ends_with(".h")) {
      includes[source.path.substr(4)] = project_includes(source.text);
    }
  }
  Complaints complaints;
  std::map<std::string, int> state;  // 0 new, 1 on the path, 2 done
  const std::function<void(const std::string&)> visit = [&](const std::string& header) {
    state[header] = 1;
    for (const std::string& next : includes[header]) {
      if (!includes.contains(next)) continue;
      if (state[next] == 1) complaints.push_back(header + " and " + next + " include each other");
      if (state[next] == 0) visit(next);
    }
    state[header] = 2;
  };
  for (const auto& [header, unused] : std::map(includes)) {
    if (state[header] == 0) visit(header);
  }
  return complaints;
}

Complaints check_file_length(const Sources& sources) {
  Complaints complaints;
  for (const Source& source : sources) {
    const std::size_t count = lines_of(source.text).size();
    const bool counted =
        is_cpp(source.path) || source.path.ends_with(".py") || source.path.ends_with(".sh");
    if (counted && count > kFileLinesMax) {
      complaints.push_back(source.path + ": " + std::to_string(count) + " lines");
    }
  }
  return complaints;
}

enum class Scope { kOuter, kFunction, kInner };

// What a brace opens, from the code between the last `;`, `{` or `}` and it.
Scope scope_of(const std::string& head, Scope parent) {
  static const std::regex kOpensScope(R"(\b(namespace|class|struct|union|enum|extern)\b)");
  if (parent != Scope::kOuter) return Scope::kInner;
  // A brace behind an open parenthesis begins an argument: std::to_array<Row>({ … }).
  const std::size_t last = head.find_last_not_of(" \n");
  if (last != std::string::npos && head[last] == '(') return Scope::kInner;
  if (head.find('(') != std::string::npos) return Scope::kFunction;
  return std::regex_search(head, kOpensScope) ? Scope::kOuter : Scope::kInner;
}

Complaints check_function_length(const Sources& sources) {
  struct Open {
    Scope scope = Scope::kOuter;
    std::size_t line = 0;
  };
  Complaints complaints;
  for (const Source& source : sources) {
    if (!is_cpp(source.path)) continue;
    std::vector<Open> open;
    std::string head;
    std::size_t line = 1;
    bool directive = false;  // inside a preprocessor line, whose parentheses are no function's
    char before = '\n';
    for (const char c : separate(source.text).code) {
      if (c == '\n') ++line;
      if (c == '#' && before == '\n') directive = true;
      if (c == '\n' && before != '\\') directive = false;
      before = c;
      if (directive) continue;
      if (c == '{') {
        open.push_back({scope_of(head, open.empty() ? Scope::kOuter : open.back().scope), line});
      } else if (c == '}' && !open.empty()) {
        const std::size_t count = line - open.back().line + 1;
        if (open.back().scope == Scope::kFunction && count > kFunctionLinesMax) {
          complaints.push_back(source.path + ":" + std::to_string(open.back().line) +
                               ": function of " + std::to_string(count) + " lines");
        }
        open.pop_back();
      }
      if (c == '{' || c == '}' || c == ';') {
        head.clear();
      } else {
        head += c;
      }
    }
  }
  return complaints;
}

// "regex_test.cc" and "regex.h" are one subject: "regex".
std::string subject_of(const std::string& path) {
  static const std::regex kSuffix(R"((_test|_fuzz|_bench)?\.\w+$)");
  return std::regex_replace(fs::path(path).filename().string(), kSuffix, "");
}

Complaints check_folders(const Sources& sources) {
  Complaints complaints;
  std::map<std::string, std::set<std::string>> subjects;
  for (const Source& source : sources) {
    const std::string folder = fs::path(source.path).parent_path().string();
    if (is_cpp(source.path)) subjects[folder].insert(subject_of(source.path));
    const auto depth = static_cast<std::size_t>(std::count(folder.begin(), folder.end(), '/'));
    if (folder.starts_with("src/") && depth > 1 + kFolderDepthMax) {
      complaints.push_back(folder + ": more than two folders below a module");
    }
  }
  for (const auto& [folder, names] : subjects) {
    if (names.size() > kSubjectsMax) {
      complaints.push_back(folder + ": " + std::to_string(names.size()) + " subjects");
    }
  }
  return complaints;
}

Complaints check_names(const Sources& sources) {
  Complaints complaints;
  std::set<std::string> paths;
  for (const Source& source : sources) paths.insert(source.path);
  static const std::regex kNumbered(R"(^(.*[^\d_])_?\d+(\.\w+)$)");
  static const std::regex kLeftover(
      R"((~|\.orig|\.rej|\.bak|\.swp|_old\.\w+|_new\.\w+|_copy\.\w+)$)");
  for (const Source& source : sources) {
    // Rules in content/ are named after what they detect.
    for (const std::string& word : split(source.path, "/_.-")) {
      if (!source.path.starts_with("content/") && kBannedNames.contains(word)) {
        complaints.push_back(source.path + ": \"" + word + "\" does not say what it holds");
      }
    }
    std::smatch parts;
    if (std::regex_match(source.path, parts, kNumbered) &&
        paths.contains(parts[1].str() + parts[2].str())) {
      complaints.push_back(source.path + ": a numbered copy");
    }
    if (std::regex_search(source.path, kLeftover)) {
      complaints.push_back(source.path + ": left over");
    }
  }
  return complaints;
}

struct Ban {
  std::regex pattern;
  std::string reason;
  bool in_comments = false;
};

Complaints check_words(const Sources& sources) {
  static const std::vector<Ban> kBans = {
      {std::regex(R"(\bthrow\b)"), "we throw nothing; return a Result"},
      {std::regex(R"(\busing\s+namespace\b)"), "no using namespace"},
      {std::regex(R"(^\s*#\s*if\s+0\b)"), "delete code instead of disabling it"},
      {std::regex(R"(\b(TEST|TEST_F|TEST_P)\(.*\bDISABLED_)"),
       "a disabled test is fixed or deleted"},
      {std::regex(R"(^\s*#\s*include\s+<(format|print)>)"),
       "libstdc++ 12 has no such header; use fmt"},
      {std::regex(R"(\bTODO\b(?!.*\b(when|until|once)\b))"),
       "a TODO names the condition that ends it (when, until, once)", true},
      {std::regex("DO NOT "
                  "EDIT|@"
                  "generated"),
       "generated files are not committed", true},
  };
  Complaints complaints;
  for (const Source& source : sources) {
    if (!is_cpp(source.path)) continue;
    const Layers layers = separate(source.text);
    for (const Ban& ban : kBans) {
      std::size_t number = 0;
      for (const std::string& line : lines_of(ban.in_comments ? layers.comments : layers.code)) {
        ++number;
        if (std::regex_search(line, ban.pattern)) {
          complaints.push_back(source.path + ":" + std::to_string(number) + ": " + ban.reason);
        }
      }
    }
  }
  return complaints;
}

// A path of the machine on which someone works has no business in the project.
Complaints check_machine_paths(const Sources& sources, const std::string& checkout) {
  Complaints complaints;
  if (std::count(checkout.begin(), checkout.end(), '/') < 2) return complaints;
  for (const Source& source : sources) {
    if (source.text.find(checkout + "/") != std::string::npos) {
      complaints.push_back(source.path + ": names the folder of this checkout");
    }
  }
  return complaints;
}

Complaints check_headings(const Sources& sources) {
  static const std::string kLicence = "SPDX-License-Identifier: Apache-2.0";
  Complaints complaints;
  for (const Source& source : sources) {
    const std::string& path = source.path;
    const bool script = path.ends_with(".sh") || path.ends_with(".py") ||
                        path.ends_with(".cmake") || path.ends_with("CMakeLists.txt") ||
                        path == "Makefile";
    if (!is_cpp(path) && !script) continue;
    const std::vector<std::string> lines = lines_of(source.text);
    const std::size_t first = !lines.empty() && lines[0].starts_with("#!") ? 1 : 0;
    const std::string expected = (is_cpp(path) ? "// " : "# ") + kLicence;
    if (lines.size() <= first || lines[first] != expected) {
      complaints.push_back(path + ": the first line is not " + expected);
    }
    if (path.ends_with(".h") && (lines.size() < 2 || lines[1] != "#pragma once")) {
      complaints.push_back(path + ": the second line is not #pragma once");
    }
  }
  return complaints;
}

Sources project() {
  const fs::path root = VEDETTE_SOURCE_DIR;
  Sources sources;
  const auto add = [&](const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    sources.push_back(
        {path.lexically_relative(root).string(), {std::istreambuf_iterator<char>(file), {}}});
  };
  for (const char* folder : {"src", "tests", "bench", "tools", "cmake", "docs", ".ci"}) {
    if (!fs::is_directory(root / folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      const std::string name = entry.path().filename().string();
      // Seeds and recordings are data of others' making, not text of ours.
      const bool data = entry.path().string().find("/tests/corpus/") != std::string::npos ||
                        entry.path().string().find("/recording/") != std::string::npos;
      const bool ours = is_cpp(name) || !data;
      if (entry.is_regular_file() && ours && !name.ends_with(".pyc")) add(entry.path());
    }
  }
  for (const char* name : {"Makefile", "CMakeLists.txt", "CMakePresets.json", "README.md",
                           "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"}) {
    if (fs::is_regular_file(root / name)) add(root / name);
  }
  return sources;
}

std::string listed(const Complaints& complaints) {
  std::string text;
  for (const std::string& complaint : complaints) text += complaint + "\n";
  return text;
}

std::string repeated(const std::string& text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

TEST(Tidy, ReadsTheProject) {
  const Sources sources = project();
  const auto holds = [&](std::string_view path) {
    return std::any_of(sources.begin(), sources.end(),
                       [&](const Source& s) { return s.path == path; });
  };
  EXPECT_TRUE(holds("src/base/result.h"));
  EXPECT_TRUE(holds("tests/tidy_test.cc"));
  EXPECT_TRUE(holds("Makefile"));
}

TEST(Tidy, FloorsHold) {
  EXPECT_EQ(check_floors({{"src/base/a.h", "#include \"event/event.h\"\n"}}).size(), 1U);
  EXPECT_EQ(check_floors({{"src/detect/a.cc", "#include \"ingest/b.h\"\n"}}).size(), 1U);
  EXPECT_EQ(check_floors({{"src/match/a.cc", "#include \"formats/logs/b.h\"\n"}}).size(), 1U);
  EXPECT_EQ(check_floors({{"src/base/a.cc", "#include \"a.h\"\n"}}).size(), 1U);
  EXPECT_EQ(check_floors({{"src/stuff/a.cc", ""}}).size(), 1U);
  EXPECT_TRUE(
      check_floors({{"src/cmd/a.cc", "#include \"engine/b.h\"\n#include \"cmd/c.h\"\n"}}).empty());
  EXPECT_EQ(listed(check_floors(project())), "");
}

TEST(Tidy, HeadersFormNoCycle) {
  EXPECT_EQ(check_header_cycles({{"src/base/a.h", "#include \"base/b.h\"\n"},
                                 {"src/base/b.h", "#include \"base/c.h\"\n"},
                                 {"src/base/c.h", "#include \"base/a.h\"\n"}})
                .size(),
            1U);
  EXPECT_TRUE(check_header_cycles({{"src/base/a.h", "#include \"base/b.h\"\n"},
                                   {"src/base/c.h", "#include \"base/b.h\"\n"},
                                   {"src/base/b.h", ""}})
                  .empty());
  EXPECT_EQ(listed(check_header_cycles(project())), "");
}

TEST(Tidy, FilesAndFunctionsAreShort) {
  EXPECT_EQ(check_file_length({{"src/base/a.cc", repeated("\n", 601)}}).size(), 1U);
  EXPECT_TRUE(check_file_length({{"src/base/a.cc", repeated("\n", 600)}}).empty());
  EXPECT_EQ(listed(check_file_length(project())), "");

  const auto function = [](std::size_t inside) {
    return Sources{
        {"a.cc", "namespace a {\nint f(int x) {\n" + repeated("g('{');\n", inside) + "}\n}\n"}};
  };
  EXPECT_EQ(check_function_length(function(69)).size(), 1U);
  EXPECT_TRUE(check_function_length(function(68)).empty());
  const std::string loop =
      "class A {\n void f() const {\n for (;;) {\n" + repeated("x();\n", 80) + "}\n}\n};\n";
  EXPECT_EQ(check_function_length({{"a.h", loop}}).size(), 1U);
  const std::string table = "constexpr Row kRows[] = {\n" + repeated("{\"(\", 1},\n", 80) + "};\n";
  EXPECT_TRUE(check_function_length({{"a.cc", table}}).empty());
  const std::string array =
      "constexpr auto kRows = std::to_array<Row>({\n" + repeated("{1},\n", 80) + "});\n";
  EXPECT_TRUE(check_function_length({{"a.cc", array}}).empty());
  const std::string inside =
      "#if defined(X)\nnamespace a {\n" + repeated("int f();\n", 80) + "}\n#endif\n";
  EXPECT_TRUE(check_function_length({{"a.cc", inside}}).empty());
  EXPECT_EQ(listed(check_function_length(project())), "");
}

TEST(Tidy, FoldersAreSmallAndShallow) {
  Sources many;
  for (std::size_t i = 0; i <= kSubjectsMax; ++i) {
    many.push_back({"src/base/a" + std::string(i, 'b') + ".cc", ""});
  }
  EXPECT_EQ(check_folders(many).size(), 1U);
  many.pop_back();
  many.push_back({"src/base/a_test.cc", ""});
  EXPECT_TRUE(check_folders(many).empty());
  EXPECT_EQ(check_folders({{"src/formats/a/b/c/d.cc", ""}}).size(), 1U);
  EXPECT_TRUE(check_folders({{"src/formats/a/b/d.cc", ""}}).empty());
  EXPECT_EQ(listed(check_folders(project())), "");
}

TEST(Tidy, NamesSayWhatTheyHold) {
  EXPECT_EQ(check_names({{"src/base/string_util.h", ""}}).size(), 1U);
  EXPECT_EQ(check_names({{"src/common/a.h", ""}}).size(), 1U);
  EXPECT_EQ(check_names({{"src/a/chart.cc", ""}, {"src/a/chart2.cc", ""}}).size(), 1U);
  EXPECT_EQ(check_names({{"src/a/chart.cc", ""}, {"src/a/chart_2.cc", ""}}).size(), 1U);
  EXPECT_EQ(check_names({{"src/a/chart.cc.orig", ""}}).size(), 1U);
  EXPECT_TRUE(check_names({{"src/a/utf8.cc", ""}, {"src/a/rfc5424.cc", ""}}).empty());
  EXPECT_EQ(listed(check_names(project())), "");
}

TEST(Tidy, WordsWeDoNotUse) {
  EXPECT_EQ(check_words({{"a.cc", "void f() { throw 1; }\n"}}).size(), 1U);
  EXPECT_EQ(check_words({{"a.cc", "using namespace std;\n"}}).size(), 1U);
  EXPECT_EQ(check_words({{"a.cc", "#if 0\n#endif\n"}}).size(), 1U);
  EXPECT_EQ(check_words({{"a_test.cc", "TEST(A, DISABLED_B) {}\n"}}).size(), 1U);
  EXPECT_EQ(check_words({{"a.cc", "int a = 1'000;  // TODO: faster\n"}}).size(), 1U);
  EXPECT_EQ(check_words({{"a.cc", "#include <format>\n"}}).size(), 1U);
  EXPECT_EQ(check_words({{"a.cc",
                          "// @"
                          "generated\n"}})
                .size(),
            1U);
  EXPECT_TRUE(check_words({{"a.cc",
                            "// TODO: drop when libstdc++ 13 is the oldest. We throw nothing.\n"
                            "auto s = \"throw\";\nauto r = R\"x(using namespace \" a)x\";\n"}})
                  .empty());
  EXPECT_EQ(listed(check_words(project())), "");
}

TEST(Tidy, NoPathsOfOneMachine) {
  EXPECT_EQ(check_machine_paths({{"docs/a.md", "see /some/where/x.cc"}}, "/some/where").size(), 1U);
  EXPECT_TRUE(
      check_machine_paths({{"docs/a.md", "see /some/elsewhere/x.cc"}}, "/some/where").empty());
  EXPECT_EQ(listed(check_machine_paths(project(), VEDETTE_SOURCE_DIR)), "");
}

TEST(Tidy, HeadingsStand) {
  const std::string licence = "// SPDX-License-Identifier: Apache-2.0\n";
  EXPECT_EQ(check_headings({{"src/a/a.cc", "int a;\n"}}).size(), 1U);
  EXPECT_EQ(check_headings({{"src/a/a.h", licence + "\n#pragma once\n"}}).size(), 1U);
  EXPECT_EQ(check_headings({{"tools/a.sh", "#!/bin/sh\necho\n"}}).size(), 1U);
  EXPECT_TRUE(check_headings({{"src/a/a.h", licence + "#pragma once\n"}}).empty());
  EXPECT_EQ(listed(check_headings(project())), "");
}

}  // namespace
