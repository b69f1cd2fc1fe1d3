// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <map>

#include "base/file.h"
#include "formats/git/repository.h"

namespace vedette::formats::git {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kRefBytesMax = 65536;
constexpr std::size_t kPackedBytesMax = std::size_t{1} << 30;
constexpr std::size_t kLogBytesMax = std::size_t{1} << 30;
constexpr unsigned kSymbolicMax = 8;  // refs that name refs

std::string_view take_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

void append_problem(std::vector<Diagnostic>& problems, const std::string& file,
                    std::string message) {
  problems.push_back({DiagnosticKind::kWarning, {file, 0, 0, 0}, std::move(message), ""});
}

// A reference may only name what is in the repository.
bool is_safe(std::string_view name) {
  return name.starts_with("refs/") && name.find("..") == std::string_view::npos;
}

// The value of a loose reference: an id, or the name of another one.
struct LooseRef {
  std::optional<ObjectId> id;
  std::string symbolic;
};

std::optional<LooseRef> read_loose(const std::string& path, HashKind kind) {
  const Result<std::string> text = read_file(path, kRefBytesMax);
  if (!text) return std::nullopt;
  std::string_view rest = *text;
  std::string_view line = take_line(rest);
  if (line.starts_with("ref:")) {
    line.remove_prefix(4);
    while (line.starts_with(' ')) line.remove_prefix(1);
    return LooseRef{{}, std::string(line)};
  }
  return LooseRef{ObjectId::parse(line.substr(0, 2 * bytes_of(kind)), kind), {}};
}

using RefMap = std::map<std::string, ObjectId, std::less<>>;

void read_packed(const Repository& repository, RefMap& refs, std::vector<Diagnostic>& problems) {
  const std::string path = repository.common_folder + "/packed-refs";
  const Result<std::string> text = read_file(path, kPackedBytesMax);
  if (!text) {
    if (text.error().code != ErrorCode::kNotFound)
      append_problem(problems, path, text.error().message);
    return;
  }
  const std::size_t digits = 2 * bytes_of(repository.hash);
  for (std::string_view rest = *text; !rest.empty();) {
    const std::string_view line = take_line(rest);
    if (line.empty() || line[0] == '#' || line[0] == '^') continue;
    const auto id = ObjectId::parse(line.substr(0, digits), repository.hash);
    if (!id || line.size() <= digits + 1) {
      append_problem(problems, path, "expected an object id and a name, found something else");
      return;
    }
    if (refs.size() >= kRefsMax) return;
    refs.emplace_hint(refs.end(), std::string(line.substr(digits + 1)), *id);
  }
}

// Files below `folder`, with what remains of their paths behind `root`.
std::vector<std::pair<std::string, std::string>> files_below(const std::string& root,
                                                             const std::string& folder) {
  std::vector<std::pair<std::string, std::string>> found;
  std::error_code error;
  if (!fs::is_directory(root + "/" + folder, error)) return found;
  const Result<std::vector<std::string>> files = list_files(root + "/" + folder, {});
  if (!files) return found;
  for (const std::string& file : *files) found.emplace_back(file, file.substr(root.size() + 1));
  return found;
}

void read_loose_refs(const Repository& repository, const std::string& root, RefMap& refs,
                     std::vector<Diagnostic>& problems) {
  for (const auto& [file, name] : files_below(root, "refs")) {
    if (name.ends_with(".lock")) continue;
    const auto ref = read_loose(file, repository.hash);
    // Gone since it was listed, or the name of another one, which is listed itself.
    if (!ref || !ref->symbolic.empty()) continue;
    if (!ref->id) {
      append_problem(problems, file, "expected an object id, found something else");
    } else if (refs.size() < kRefsMax) {
      refs[name] = *ref->id;
    }
  }
}

void read_log(const std::string& file, HashKind kind, std::vector<ObjectId>& ids) {
  const Result<std::string> text = read_file(file, kLogBytesMax);
  if (!text) return;
  const std::size_t digits = 2 * bytes_of(kind);
  for (std::string_view rest = *text; !rest.empty() && ids.size() < kRefsMax;) {
    const std::string_view line = take_line(rest);
    if (line.size() <= 2 * digits) continue;
    for (const std::size_t at : {std::size_t{0}, digits + 1}) {
      const auto id = ObjectId::parse(line.substr(at, digits), kind);
      if (id && !id->is_zero()) ids.push_back(*id);
    }
  }
}

void read_logged(const Repository& repository, std::vector<ObjectId>& ids) {
  const std::string& common = repository.common_folder;
  std::vector<std::string> roots = {common};
  std::error_code error;
  for (fs::directory_iterator it(common + "/worktrees", error), end; !error && it != end;
       it.increment(error)) {
    roots.push_back(it->path().native());
    const auto head = read_loose(roots.back() + "/HEAD", repository.hash);
    if (head && head->id) ids.push_back(*head->id);
  }
  for (const std::string& root : roots) {
    for (const auto& [file, name] : files_below(root, "logs")) read_log(file, repository.hash, ids);
    for (const char* name : {"ORIG_HEAD", "MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD"}) {
      const auto ref = read_loose(root + "/" + name, repository.hash);
      if (ref && ref->id) ids.push_back(*ref->id);
    }
  }
  std::ranges::sort(ids);
  const auto rest = std::ranges::unique(ids);
  ids.erase(rest.begin(), rest.end());
}

std::optional<ObjectId> packed_ref(const Repository& repository, std::string_view name) {
  RefMap refs;
  std::vector<Diagnostic> problems;
  read_packed(repository, refs, problems);
  const auto found = refs.find(name);
  return found == refs.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

Result<Ref> read_head(const Repository& repository) {
  Ref head{"HEAD", {}};
  std::string path = repository.git_folder + "/HEAD";
  for (unsigned i = 0; i < kSymbolicMax; ++i) {
    const auto ref = read_loose(path, repository.hash);
    if (!ref) {
      if (head.name == "HEAD")
        return failure(ErrorCode::kNotFound, fmt::format("cannot read {}", path));
      if (const auto id = packed_ref(repository, head.name)) head.id = *id;
      return head;
    }
    if (ref->id) {
      head.id = *ref->id;
      return head;
    }
    if (!is_safe(ref->symbolic)) {
      return failure(
          ErrorCode::kInvalid,
          fmt::format("expected a reference or an object id in {}, found something else", path));
    }
    head.name = ref->symbolic;
    const bool own =
        head.name.starts_with("refs/worktree/") || head.name.starts_with("refs/bisect/");
    path = (own ? repository.git_folder : repository.common_folder) + "/" + head.name;
  }
  return failure(ErrorCode::kInvalid, fmt::format("{} names a reference in a circle", path));
}

Refs read_refs(const Repository& repository) {
  Refs result;
  RefMap refs;
  read_packed(repository, refs, result.problems);
  read_loose_refs(repository, repository.common_folder, refs, result.problems);
  if (repository.git_folder != repository.common_folder)
    read_loose_refs(repository, repository.git_folder, refs, result.problems);
  result.refs.reserve(refs.size());
  for (auto& [name, id] : refs) result.refs.push_back({name, id});
  if (Result<Ref> head = read_head(repository)) {
    result.head = std::move(*head);
  } else {
    append_problem(result.problems, repository.git_folder + "/HEAD", head.error().message);
  }
  read_logged(repository, result.logged);
  return result;
}

}  // namespace vedette::formats::git
