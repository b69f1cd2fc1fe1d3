// SPDX-License-Identifier: Apache-2.0
#include "ingest/file_walk.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace vedette::ingest {
namespace {

// What a folder's names may take at least, however many folders above hold theirs.
constexpr std::size_t kNamesBytesLeast = std::size_t{4} << 10;

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + '\n';
  return text;
}

// How paths below a target are shown to begin: without "./", with a slash at the end.
std::string shown_prefix(std::string target) {
  while (target.starts_with("./")) {
    const std::size_t rest = target.find_first_not_of('/', 2);
    target.erase(0, rest);
  }
  if (target == "." || target.empty()) return "";
  return target.ends_with('/') ? target : target + "/";
}

std::string real_path(const std::string& path) {
  char* const resolved = ::realpath(path.empty() ? "." : path.c_str(), nullptr);
  if (resolved == nullptr) return "";
  std::string text(resolved);
  std::free(resolved);  // NOLINT(cppcoreguidelines-no-malloc): realpath's
  return text;
}

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return "";
  return path.substr(0, std::max<std::size_t>(slash, 1));
}

// Of a Hugging Face cache: a link below snapshots/ to "../../blobs/<digest>", which is a file
// there. Nothing else is believed of where a link leads.
bool is_blob_link(const OpenFolder& folder, const char* name) {
  std::array<char, 512> text;
  const ssize_t size = ::readlinkat(folder.descriptor(), name, text.data(), text.size());
  if (size <= 0) return false;
  std::string_view target(text.data(), static_cast<std::size_t>(size));
  const std::string whole(target);
  std::size_t up = 0;
  for (; target.starts_with("../"); ++up) target.remove_prefix(3);
  if (up < 2 || !target.starts_with("blobs/")) return false;
  const std::string_view digest = target.substr(6);
  const bool is_digest = digest.size() >= 40 && digest.size() <= 64 &&
                         digest.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  struct stat status{};
  return is_digest &&
         ::fstatat(folder.descriptor(), whole.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
         S_ISREG(status.st_mode);
}

SkipReason reason_of(int error) {
  // A link or a file took the place of what was listed.
  const bool changed = error == ENOENT || error == ENOTDIR || error == ELOOP;
  return changed ? SkipReason::kVanished : SkipReason::kUnreadable;
}

std::optional<SkipReason> reason_of(Ignored ignored) {
  switch (ignored) {
    case Ignored::kByGit:
      return SkipReason::kIgnoredByGit;
    case Ignored::kByOwnFile:
      return SkipReason::kIgnoredByOwnFile;
    case Ignored::kByExclude:
      return SkipReason::kExcluded;
    case Ignored::kNot:
    case Ignored::kButTracked:
      break;
  }
  return std::nullopt;
}

}  // namespace

FileWalk::FileWalk(std::vector<std::string> targets, IgnoreOptions options,
                   std::uint64_t bytes_total)
    : options_(std::move(options)),
      excludes_(IgnoreRules::parse(joined(options_.excludes))),
      bytes_total_(bytes_total),
      targets_(std::move(targets)) {}

Result<std::unique_ptr<FileWalk>> FileWalk::create(const std::vector<std::string>& targets,
                                                   IgnoreOptions options) {
  std::uint64_t bytes = 0;
  bool known = true;
  for (const std::string& target : targets) {
    struct stat status{};
    if (target == "-") {
      known = false;
    } else if (::stat(target.c_str(), &status) != 0) {
      return failure(errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kSystem,
                     fmt::format("cannot open {}: {}; name files or folders that exist and can be "
                                 "read",
                                 target, std::strerror(errno)));
    }
    known = known && S_ISREG(status.st_mode);
    bytes += static_cast<std::uint64_t>(status.st_size);
  }
  return std::unique_ptr<FileWalk>(new FileWalk(targets, std::move(options), known ? bytes : 0));
}

bool FileWalk::take(Chunk& chunk) {
  chunk.entries.clear();
  chunk.paths.clear();
  chunk.folders = 0;
  chunk.skipped.clear();
  const std::lock_guard lock(mutex_);
  while (chunk.entries.size() < kChunkFiles && chunk.folders < kChunkFolders &&
         chunk.paths.size() < kChunkNameBytes &&
         (!frames_.empty() || next_target_ < targets_.size())) {
    step(chunk);
  }
  if (chunk.entries.empty() && chunk.skipped.empty()) return false;
  chunk.number = next_number_++;
  return true;
}

void FileWalk::step(Chunk& chunk) {
  if (frames_.empty()) {
    open_target(targets_[next_target_++], chunk);
    return;
  }
  Frame& frame = frames_.back();
  FolderLister::Listed listed;
  if (frame.lister.next(listed)) {
    visit(listed, chunk);
  } else if (frame.lister.more()) {
    list(frame, chunk);
  } else {
    leave(chunk);
  }
}

void FileWalk::open_target(const std::string& target, Chunk& chunk) {
  struct stat status{};
  if (target == "-" || ::stat(target.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) {
    open_named_file(target, chunk);
    return;
  }
  path_ = shown_prefix(target);
  int error = 0;
  std::shared_ptr<const OpenFolder> folder =
      OpenFolder::open(nullptr, target.c_str(), OpenFolder::Links::kFollow, error);
  if (folder == nullptr) {
    chunk.skipped.add(reason_of(error), target, std::strerror(error));
    return;
  }
  look_above(target);
  in_virtual_ = folder->is_virtual();
  inner_ = above_inner_;
  Frame frame;
  frame.folder = std::move(folder);
  frame.scope = above_;
  enter(std::move(frame), chunk);
}

// What was named is wanted, whatever git ignores.
void FileWalk::open_named_file(const std::string& target, Chunk& chunk) {
  path_ = target;
  const std::string name = target.substr(target.rfind('/') + 1);
  if (target != "-") {
    look_above(parent_of(target));
    Frame frame;
    frame.scope = above_;
    inner_ = above_inner_ + name;
    frame.inner_size = above_inner_.size();
    const Ignored ignored = judge(frame, EntryKind::kFile);
    if (ignored == Ignored::kByExclude || ignored == Ignored::kByOwnFile) {
      chunk.skipped.add(*reason_of(ignored), path_);
      return;
    }
  }
  add_file(nullptr, path_.size(), chunk);
}

// Finds what holds in `folder` from above: from the repository's root down, without `folder`
// itself.
void FileWalk::look_above(const std::string& folder) {
  const std::string real = real_path(folder);
  if (!above_folder_.empty() && real == above_folder_) return;
  above_folder_ = real;
  above_inner_.clear();
  above_ = nullptr;
  in_git_ = (real + "/").find("/.git/") != std::string::npos;
  if (in_git_ || real.empty()) return;
  std::string root = real;
  std::optional<GitFolder> git = find_git_folder(root);
  while (!git && root.size() > 1) {
    root = parent_of(root);
    git = find_git_folder(root);
  }
  if (!git || root == real) return;
  const std::size_t root_size = root == "/" ? 1 : root.size() + 1;
  above_inner_ = real.substr(root_size) + "/";
  for (std::string at = root;;) {
    IgnoreScope::Folder says;
    says.base = at == root ? 0 : at.size() + 1 - root_size;
    int error = 0;
    const auto open = OpenFolder::open(nullptr, at.c_str(), OpenFolder::Links::kRefuse, error);
    if (open != nullptr && options_.git) says.git = read_rules(*open, kGitIgnoreFile, above_.get());
    if (open != nullptr) says.own = read_rules(*open, kOwnIgnoreFile, above_.get());
    if (at == root && options_.git)
      says.root_of = std::make_shared<IgnoreRepository>(*git, 0, options_, problems_);
    above_ = IgnoreScope::extend(std::move(above_), std::move(says));
    const std::size_t next = real.find('/', at == "/" ? 1 : at.size() + 1);
    if (next == std::string::npos) break;
    at = real.substr(0, next);
  }
}

void FileWalk::note(const std::string& file, std::string message) {
  if (problems_.size() == kProblemsMax) return;
  problems_.push_back({DiagnosticKind::kWarning,
                       {path_ + file, 0, 0, 0},
                       std::move(message),
                       "nothing is ignored by it"});
}

IgnoreRules FileWalk::read_rules(const OpenFolder& folder, std::string_view name,
                                 const IgnoreScope* scope) {
  const std::string file(name);
  const int descriptor = ::openat(folder.descriptor(), file.c_str(),
                                  O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW);
  if (descriptor < 0) {
    if (errno != ENOENT && errno != ELOOP)
      note(file, fmt::format("cannot open: {}", std::strerror(errno)));
    return {};
  }
  const std::size_t above = scope == nullptr ? 0 : scope->source_bytes();
  const std::size_t left = kIgnoreBytesInAllMax - std::min(above, kIgnoreBytesInAllMax);
  const auto text = read_regular_file(descriptor, path_ + file, std::min(left, kIgnoreBytesMax));
  ::close(descriptor);
  if (text && *text) return IgnoreRules::parse(**text);
  if (!text) note(file, text.error().message);
  return {};
}

void FileWalk::add_file(std::shared_ptr<const OpenFolder> folder, std::size_t name_size,
                        Chunk& chunk) const {
  if (chunk.entries.empty() || chunk.entries.back().folder != folder) ++chunk.folders;
  chunk.entries.push_back({std::move(folder), chunk.paths.size(), path_.size(), name_size});
  chunk.paths += path_;
  chunk.paths += '\0';
}

void FileWalk::visit(const FolderLister::Listed& listed, Chunk& chunk) {
  const Frame& frame = frames_.back();
  path_.resize(frame.path_size);
  path_ += listed.name;
  inner_.resize(frame.inner_size);
  inner_ += listed.name;
  FolderLister::Kind kind = listed.kind;
  if (kind == FolderLister::Kind::kLink && options_.blob_links &&
      is_blob_link(*frame.folder, path_.c_str() + frame.path_size)) {
    kind = FolderLister::Kind::kFile;
  }
  if (kind == FolderLister::Kind::kLink) {
    chunk.skipped.add(SkipReason::kLink, path_);
    return;
  }
  if (listed.kind == FolderLister::Kind::kSpecial) {
    chunk.skipped.add(SkipReason::kSpecial, path_);
    return;
  }
  if (listed.name == ".git" && !in_git_) return;
  const bool is_folder = kind == FolderLister::Kind::kFolder;
  const Ignored ignored = judge(frame, is_folder ? EntryKind::kFolder : EntryKind::kFile);
  if (const std::optional<SkipReason> reason = reason_of(ignored)) {
    chunk.skipped.add(*reason, is_folder ? path_ + "/" : path_);
  } else if (is_folder) {
    visit_folder(ignored == Ignored::kButTracked, chunk);
  } else {
    add_file(frame.folder, listed.name.size(), chunk);
  }
}

Ignored FileWalk::judge(const Frame& frame, EntryKind kind) {
  if (in_git_) return Ignored::kNot;
  if (!excludes_.empty()) {
    const std::size_t above = frames_.empty() ? frame.inner_size : frames_.front().inner_size;
    const std::string_view path = std::string_view(inner_).substr(above);
    if (excludes_.judge(path, kind) == IgnoreVerdict::kIgnored) return Ignored::kByExclude;
  }
  if (frame.scope == nullptr) return Ignored::kNot;
  const Ignored ignored = frame.scope->judge(inner_, kind, problems_);
  if (!frame.only_tracked || ignored == Ignored::kByOwnFile) return ignored;
  if (!frame.scope->tracks(inner_, kind, problems_)) return Ignored::kByGit;
  return kind == EntryKind::kFolder ? Ignored::kButTracked : Ignored::kNot;
}

// At path_, which names a folder in the one at hand.
void FileWalk::visit_folder(bool only_tracked, Chunk& chunk) {
  const Frame& above = frames_.back();
  if (frames_.size() >= kDepthMax || path_.size() >= kPathBytesMax) {
    chunk.skipped.add(SkipReason::kUnreadable, path_,
                      fmt::format("expected at most {} folders in each other and {} bytes of path, "
                                  "found more",
                                  kDepthMax, kPathBytesMax));
    return;
  }
  int error = 0;
  Frame frame;
  frame.folder = OpenFolder::open(above.folder.get(), path_.c_str() + above.path_size,
                                  OpenFolder::Links::kRefuse, error);
  if (frame.folder == nullptr) {
    chunk.skipped.add(reason_of(error), path_ + "/", std::strerror(error));
    return;
  }
  if (!in_virtual_ && frame.folder->identity().device != above.identity.device &&
      frame.folder->is_virtual()) {
    chunk.skipped.add(SkipReason::kVirtual, path_ + "/");
    return;
  }
  frame.scope = above.scope;
  frame.only_tracked = only_tracked;
  path_ += '/';
  inner_ += '/';
  enter(std::move(frame), chunk);
}

// At path_, which ends with a slash or is empty.
void FileWalk::enter(Frame frame, Chunk& chunk) {
  frame.identity = frame.folder->identity();
  frame.path_size = path_.size();
  frame.inner_size = inner_.size();
  const std::size_t left =
      FolderLister::kNamesBytesMax - std::min(listed_bytes_, FolderLister::kNamesBytesMax);
  frame.lister = FolderLister(std::max(left / 2, kNamesBytesLeast));
  list(frame, chunk);
  extend_scope(frame);
  frames_.push_back(std::move(frame));
  if (frames_.size() > kFoldersKept) frames_[frames_.size() - 1 - kFoldersKept].folder = nullptr;
}

void FileWalk::list(Frame& frame, Chunk& chunk) {
  if (const Result<void> listed = frame.lister.list(*frame.folder); !listed) {
    chunk.skipped.add(SkipReason::kUnreadable, std::string_view(path_).substr(0, frame.path_size),
                      listed.error().message);
  }
  listed_bytes_ += frame.lister.bytes() - frame.listed_bytes;
  frame.listed_bytes = frame.lister.bytes();
}

void FileWalk::extend_scope(Frame& frame) {
  const FolderLister::Marks& marks = frame.lister.marks();
  if (in_git_) return;
  IgnoreScope::Folder says;
  says.base = inner_.size();
  if (marks.git && options_.git) {
    if (const std::optional<GitFolder> git = find_git_folder(path_))
      says.root_of = std::make_shared<IgnoreRepository>(*git, says.base, options_, problems_);
  }
  if (marks.git_ignore && options_.git)
    says.git = read_rules(*frame.folder, kGitIgnoreFile, frame.scope.get());
  if (marks.own_ignore) says.own = read_rules(*frame.folder, kOwnIgnoreFile, frame.scope.get());
  if (says.root_of == nullptr && says.git.empty() && says.own.empty()) return;
  frame.scope = IgnoreScope::extend(std::move(frame.scope), std::move(says));
}

void FileWalk::leave(Chunk& chunk) {
  const std::shared_ptr<const OpenFolder> left = std::move(frames_.back().folder);
  listed_bytes_ -= frames_.back().listed_bytes;
  frames_.pop_back();
  if (frames_.empty() || frames_.back().folder != nullptr) return;
  // Its descriptor was given up; it is found again from below, unless someone moved folders.
  int error = 0;
  auto again = OpenFolder::open(left.get(), "..", OpenFolder::Links::kRefuse, error);
  if (again != nullptr && again->identity() == frames_.back().identity) {
    frames_.back().folder = std::move(again);
    return;
  }
  while (!frames_.empty() && frames_.back().folder == nullptr) {
    chunk.skipped.add(SkipReason::kVanished,
                      std::string_view(path_).substr(0, frames_.back().path_size),
                      "moved while it was gone through");
    listed_bytes_ -= frames_.back().listed_bytes;
    frames_.pop_back();
  }
}

}  // namespace vedette::ingest
