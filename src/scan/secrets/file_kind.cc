// SPDX-License-Identifier: Apache-2.0
#include "scan/secrets/file_kind.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace vedette::scan::secrets {
namespace {

constexpr std::size_t kPathMax = 256;  // the end of a path says most

struct Extension {
  std::string_view name;
  Syntax syntax;
};

constexpr Extension kExtensions[] = {
    {"c", Syntax::kCode},         {"cc", Syntax::kCode},
    {"cpp", Syntax::kCode},       {"cxx", Syntax::kCode},
    {"h", Syntax::kCode},         {"hpp", Syntax::kCode},
    {"ino", Syntax::kCode},       {"m", Syntax::kCode},
    {"mm", Syntax::kCode},        {"cs", Syntax::kCode},
    {"vb", Syntax::kCode},        {"fs", Syntax::kCode},
    {"go", Syntax::kCode},        {"java", Syntax::kCode},
    {"kt", Syntax::kCode},        {"kts", Syntax::kCode},
    {"scala", Syntax::kCode},     {"groovy", Syntax::kCode},
    {"gradle", Syntax::kCode},    {"js", Syntax::kCode},
    {"jsx", Syntax::kCode},       {"mjs", Syntax::kCode},
    {"cjs", Syntax::kCode},       {"ts", Syntax::kCode},
    {"tsx", Syntax::kCode},       {"mts", Syntax::kCode},
    {"py", Syntax::kCode},        {"ipynb", Syntax::kCode},
    {"rb", Syntax::kCode},        {"rs", Syntax::kCode},
    {"php", Syntax::kCode},       {"phps", Syntax::kCode},
    {"inc", Syntax::kCode},       {"module", Syntax::kCode},
    {"pl", Syntax::kCode},        {"pm", Syntax::kCode},
    {"t", Syntax::kCode},         {"swift", Syntax::kCode},
    {"dart", Syntax::kCode},      {"lua", Syntax::kCode},
    {"r", Syntax::kCode},         {"ex", Syntax::kCode},
    {"exs", Syntax::kCode},       {"erl", Syntax::kCode},
    {"clj", Syntax::kCode},       {"hs", Syntax::kCode},
    {"pp", Syntax::kCode},        {"tf", Syntax::kCode},
    {"hcl", Syntax::kCode},       {"sql", Syntax::kCode},
    {"jsp", Syntax::kCode},       {"asp", Syntax::kCode},
    {"aspx", Syntax::kCode},      {"sol", Syntax::kCode},
    {"vue", Syntax::kCode},       {"cshtml", Syntax::kCode},
    {"ps1", Syntax::kShell},      {"psm1", Syntax::kShell},
    {"sh", Syntax::kShell},       {"bash", Syntax::kShell},
    {"zsh", Syntax::kShell},      {"fish", Syntax::kShell},
    {"bat", Syntax::kShell},      {"cmd", Syntax::kShell},
    {"env", Syntax::kConfig},     {"properties", Syntax::kConfig},
    {"ini", Syntax::kConfig},     {"cfg", Syntax::kConfig},
    {"cnf", Syntax::kConfig},     {"conf", Syntax::kConfig},
    {"config", Syntax::kConfig},  {"toml", Syntax::kConfig},
    {"yml", Syntax::kConfig},     {"yaml", Syntax::kConfig},
    {"hjson", Syntax::kConfig},   {"ldif", Syntax::kConfig},
    {"tfvars", Syntax::kConfig},  {"sls", Syntax::kConfig},
    {"service", Syntax::kConfig}, {"json", Syntax::kData},
    {"xml", Syntax::kData},       {"plist", Syntax::kData},
    {"tfstate", Syntax::kData},   {"csproj", Syntax::kData},
    {"resx", Syntax::kData},      {"html", Syntax::kMarkup},
    {"htm", Syntax::kMarkup},     {"erb", Syntax::kMarkup},
    {"haml", Syntax::kMarkup},    {"ftl", Syntax::kMarkup},
    {"tmpl", Syntax::kMarkup},    {"twig", Syntax::kMarkup},
    {"xib", Syntax::kMarkup},     {"storyboard", Syntax::kMarkup},
    {"css", Syntax::kStyle},      {"scss", Syntax::kStyle},
    {"less", Syntax::kStyle},     {"svg", Syntax::kStyle},
    {"md", Syntax::kProse},       {"mdx", Syntax::kProse},
    {"rst", Syntax::kProse},      {"adoc", Syntax::kProse},
    {"txt", Syntax::kProse},      {"po", Syntax::kProse},
    {"pot", Syntax::kProse},      {"ll", Syntax::kCode},
    {"sbt", Syntax::kCode},       {"pod", Syntax::kProse},
    {"textile", Syntax::kProse},  {"perl", Syntax::kCode},
    {"bicep", Syntax::kCode},     {"vbs", Syntax::kCode},
    {"pas", Syntax::kCode},       {"jl", Syntax::kCode},
    {"nim", Syntax::kCode},       {"zig", Syntax::kCode},
    {"cls", Syntax::kCode},       {"svelte", Syntax::kCode},
    {"coffee", Syntax::kCode},    {"pyw", Syntax::kCode},
    {"razor", Syntax::kCode},     {"rake", Syntax::kCode},
    {"gemspec", Syntax::kCode},   {"mk", Syntax::kShell},
    {"ksh", Syntax::kShell},      {"http", Syntax::kShell},
    {"rest", Syntax::kShell},     {"nix", Syntax::kConfig},
    {"repo", Syntax::kConfig},    {"jsonc", Syntax::kData},
    {"json5", Syntax::kData},     {"xaml", Syntax::kData},
    {"props", Syntax::kData},     {"csv", Syntax::kData},
    {"ejs", Syntax::kMarkup},     {"hbs", Syntax::kMarkup},
    {"njk", Syntax::kMarkup},     {"jinja", Syntax::kMarkup},
    {"jinja2", Syntax::kMarkup},  {"xhtml", Syntax::kMarkup},
    {"slim", Syntax::kMarkup},
};

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

FileKind file_kind(std::string_view path) {
  std::array<char, kPathMax + 1> buffer;
  if (path.size() > kPathMax) path.remove_prefix(path.size() - kPathMax);
  buffer[0] = '/';
  std::transform(path.begin(), path.end(), buffer.begin() + 1, [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  const std::string_view lower(buffer.data(), path.size() + 1);
  const std::string_view name = lower.substr(lower.rfind('/') + 1);
  FileKind kind;
  const std::size_t dot = name.rfind('.');
  std::string_view extension = dot == std::string_view::npos ? "" : name.substr(dot + 1);
  for (const std::string_view ending : {"example", "sample", "template", "dist", "j2", "tpl"}) {
    if (extension != ending) continue;
    kind.example = true;
    const std::string_view stem = name.substr(0, dot);
    extension = stem.substr(stem.rfind('.') + 1);
  }
  for (const Extension& known : kExtensions) {
    if (known.name == extension) kind.syntax = known.syntax;
  }
  if (name.starts_with(".env") || name.starts_with(".netrc")) kind.syntax = Syntax::kConfig;
  for (const std::string_view ruby :
       {"vagrantfile", "rakefile", "gemfile", "podfile", "fastfile"}) {
    if (name == ruby) kind.syntax = Syntax::kCode;
  }
  if (name == "jenkinsfile") kind.syntax = Syntax::kCode;
  if (name == "makefile") kind.syntax = Syntax::kShell;
  if (name.starts_with("dockerfile")) kind.syntax = Syntax::kShell;
  if (name.starts_with("readme")) kind.syntax = Syntax::kProse;
  for (const std::string_view prose :
       {"changes", "changelog", "news", "release-notes", "history"}) {
    if (name == prose) kind.syntax = Syntax::kProse;
  }
  kind.test = has(lower, "test") || has(lower, "spec") || has(lower, "fixture") ||
              has(lower, "mock") || has(lower, "/t/");
  kind.example = kind.example || has(lower, "example") || has(lower, "sample") ||
                 has(lower, "demo") || has(lower, "/docs/");
  kind.vendored = has(lower, "/vendor/") || has(lower, "node_modules/") || has(lower, "third") ||
                  has(lower, "/lib/bootstrap") || has(lower, "jquery") ||
                  has(lower, "/plugins/codemirror") || has(lower, "extlib/");
  kind.locale = has(lower, "locale") || has(lower, "i18n") || has(lower, "/lang") ||
                has(lower, "translation") || has(lower, "strings.xml") || has(lower, "messages");
  kind.lock = name.ends_with(".lock") || name.ends_with("-lock.json") || name.ends_with("go.sum") ||
              name.ends_with("-lock.yaml");
  return kind;
}

}  // namespace vedette::scan::secrets
