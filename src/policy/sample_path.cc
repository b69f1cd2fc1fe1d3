// SPDX-License-Identifier: Apache-2.0
#include "policy/sample_path.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace vedette::policy {
namespace {

constexpr std::size_t kWordBytes = 24;  // longer ones are in no table

// All that makes a sample of a path, in one place. Words are in small letters and without digits at
// their end, each list in order.
constexpr auto kSampleWords = std::to_array<std::string_view>({
    "conftest",      "demo",      "demos",     "doc",        "docs",         "documentation",
    "e2e",           "example",   "examples",  "fake",       "fakes",        "fixture",
    "fixtures",      "godeps",    "guide",     "guides",     "manual",       "mock",
    "mocks",         "readme",    "sample",    "samples",    "selftest",     "selftests",
    "spec",          "specs",     "stub",      "stubs",      "test",         "testcase",
    "testcases",     "testcerts", "testdata",  "tester",     "testfixtures", "testhelper",
    "testhelpers",   "testing",   "testkey",   "testkeys",   "testkit",      "testlib",
    "testresources", "tests",     "testsuite", "testsuites", "testutil",     "testutils",
    "tutorial",      "tutorials", "unittest",  "unittests",  "vendor",
});
// Copies of what others published, by the folder's whole name.
constexpr auto kCopyFolders = std::to_array<std::string_view>({
    "bower_components",
    "node_modules",
    "third-party",
    "third_party",
    "thirdparty",
});
// Files that only people read.
constexpr auto kProseEndings = std::to_array<std::string_view>({
    "adoc",
    "markdown",
    "md",
    "mdx",
    "rdoc",
    "rst",
    "textile",
});
// Endings that are such a word and say something else: how rpm builds a package.
constexpr auto kEndingsOfOthers = std::to_array<std::string_view>({"spec"});
// Words that may be the name of an environment.
constexpr auto kEnvironments = std::to_array<std::string_view>({"demo", "test", "testing"});
// Words of folders below which they are.
constexpr auto kDeploymentWords = std::to_array<std::string_view>({
    "ansible",
    "cluster",
    "clusters",
    "deploy",
    "deployment",
    "deployments",
    "env",
    "environment",
    "environments",
    "envs",
    "helmfile",
    "inventories",
    "inventory",
    "kustomize",
    "overlays",
    "stage",
    "stages",
    "terraform",
});
// Endings of files that set something up for an environment: "values-test.yaml".
constexpr auto kSettingsEndings = std::to_array<std::string_view>({
    "cfg",
    "conf",
    "env",
    "hcl",
    "ini",
    "json",
    "properties",
    "tfvars",
    "toml",
    "yaml",
    "yml",
});
static_assert(std::ranges::is_sorted(kSampleWords) && std::ranges::is_sorted(kCopyFolders) &&
              std::ranges::is_sorted(kProseEndings) && std::ranges::is_sorted(kEnvironments) &&
              std::ranges::is_sorted(kDeploymentWords) && std::ranges::is_sorted(kSettingsEndings));

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// One word, in small letters, without the number at its end.
class Word {
 public:
  explicit Word(std::string_view text) {
    while (!text.empty() && is_digit(text.back())) text.remove_suffix(1);
    if (text.size() > letters_.size()) return;
    size_ = text.size();
    std::ranges::transform(text, letters_.begin(), [](char c) {
      return is_upper(c) ? static_cast<char>(c + ('a' - 'A')) : c;
    });
  }
  template <std::size_t kCount>
  bool is_in(const std::array<std::string_view, kCount>& words) const {
    return std::ranges::binary_search(words, std::string_view(letters_.data(), size_));
  }

 private:
  std::array<char, kWordBytes> letters_{};
  std::size_t size_ = 0;
};

// Whether a word ends before `at`: "fooTests", "HTTPTest".
bool is_joint(std::string_view text, std::size_t at) {
  if (!is_upper(text[at])) return false;
  if (!is_upper(text[at - 1])) return true;
  return at + 1 < text.size() && is_lower(text[at + 1]);
}

template <typename Ask>
bool any_word(std::string_view text, Ask ask) {
  std::size_t begin = 0;
  for (std::size_t at = 0; at <= text.size(); ++at) {
    const bool ends =
        at == text.size() || !(is_upper(text[at]) || is_lower(text[at]) || is_digit(text[at]));
    if (!ends && (at == begin || !is_joint(text, at))) continue;
    if (at > begin && ask(Word(text.substr(begin, at - begin)))) return true;
    begin = ends ? at + 1 : at;
  }
  return false;
}

bool is_sample_word(const Word& word) { return word.is_in(kSampleWords); }

// Of a file's name; its ending is a word, too: "config.yml.example".
bool is_sample_name(std::string_view name, bool is_deployed) {
  const std::size_t dot = std::min(name.rfind('.'), name.size());
  const Word ending(name.substr(std::min(dot + 1, name.size())));
  if (ending.is_in(kProseEndings)) return true;
  if (is_sample_word(ending) && !ending.is_in(kEndingsOfOthers)) return true;
  const bool is_settings = is_deployed && ending.is_in(kSettingsEndings);
  return any_word(name.substr(0, dot), [is_settings](const Word& word) {
    return is_sample_word(word) && !(is_settings && word.is_in(kEnvironments));
  });
}

// Two places that tools agreed upon: integration tests at the root of a project in Go, and values
// with which the tests of a Helm chart install it, "ci/NAME-values.yaml".
bool is_agreed_place(std::string_view path) {
  if (path.starts_with("integration/")) return true;
  const std::size_t name = path.rfind('/');
  return path.ends_with("-values.yaml") && name != std::string_view::npos &&
         (path.substr(0, name) == "ci" || path.substr(0, name).ends_with("/ci"));
}

}  // namespace

bool is_sample_path(std::string_view path) {
  if (is_agreed_place(path)) return true;
  bool is_deployed = false;
  for (std::size_t end = path.find('/'); end != std::string_view::npos; end = path.find('/')) {
    const std::string_view folder = path.substr(0, end);
    const bool is_environment = is_deployed && Word(folder).is_in(kEnvironments);
    if (!is_environment && any_word(folder, is_sample_word)) return true;
    if (Word(folder).is_in(kCopyFolders)) return true;
    is_deployed = is_deployed ||
                  any_word(folder, [](const Word& word) { return word.is_in(kDeploymentWords); });
    path.remove_prefix(end + 1);
  }
  return is_sample_name(path, is_deployed);
}

}  // namespace vedette::policy
