// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "ingest/folder_lister.h"
#include "ingest/ignore_scope.h"
#include "ingest/skip_tally.h"

namespace vedette::ingest {

// Goes through targets and hands out the files that are to be looked at, in chunks whose numbers
// give their order: that of the targets, and below a folder that of the paths' bytes. It lists
// while it is asked, so that memory is bounded whatever the tree: by kFoldersKept open folders and
// FolderLister::kNamesBytesMax of names, besides one path.
//
// Links are never followed but where one is itself a target; neither is anything but files and
// folders ever opened. Folders named .git are left out, and file systems of the kernel (proc …),
// but where the target is in one. What is left out is counted.
//
//   Chunk chunk;
//   while (walk.take(chunk)) for (entry : chunk.entries) ...  // any number of threads
class FileWalk {
 public:
  static constexpr std::size_t kChunkFiles = 32;
  static constexpr std::size_t kChunkFolders = 16;
  static constexpr std::size_t kChunkNameBytes = std::size_t{256} << 10;
  static constexpr std::size_t kFoldersKept = 64;
  static constexpr std::size_t kProblemsMax = 1000;
  static constexpr std::size_t kDepthMax = 16'384;
  static constexpr std::size_t kPathBytesMax = std::size_t{1} << 20;

  struct Entry {
    std::shared_ptr<const OpenFolder> folder;  // null for a target that is no folder
    std::size_t begin = 0;                     // its path in Chunk::paths
    std::size_t size = 0;
    std::size_t name_size = 0;  // the path's end, by which it is opened in `folder`
  };
  struct Chunk {
    std::uint64_t number = 0;
    std::vector<Entry> entries;
    std::string paths;        // each with a NUL behind it
    std::size_t folders = 0;  // how often the entries' folder changes
    SkipTally skipped;

    std::string_view path(const Entry& entry) const {
      return std::string_view(paths).substr(entry.begin, entry.size);
    }
  };

  // Targets are paths, or "-", which becomes an entry of that name. An Error when one is not there.
  static Result<std::unique_ptr<FileWalk>> create(const std::vector<std::string>& targets,
                                                  IgnoreOptions options);

  // False at the end. Any thread; waits for another that lists.
  bool take(Chunk& chunk);

  // Of all targets, where these are files; 0 when unknown.
  std::uint64_t bytes_total() const { return bytes_total_; }
  // What was wrong with ignore files, the first kProblemsMax; asked at the end.
  const std::vector<Diagnostic>& problems() const { return problems_; }

 private:
  // A folder that is being gone through.
  struct Frame {
    std::shared_ptr<const OpenFolder> folder;  // null: closed to save descriptors
    FolderIdentity identity;
    FolderLister lister;
    std::shared_ptr<const IgnoreScope> scope;
    bool only_tracked = false;
    std::size_t path_size = 0;   // of path_, up to and with the folder's slash
    std::size_t inner_size = 0;  // the same of inner_
    std::size_t listed_bytes = 0;
  };

  FileWalk(std::vector<std::string> targets, IgnoreOptions options, std::uint64_t bytes_total);

  void step(Chunk& chunk);
  void open_target(const std::string& target, Chunk& chunk);
  void open_named_file(const std::string& target, Chunk& chunk);
  void add_file(std::shared_ptr<const OpenFolder> folder, std::size_t name_size,
                Chunk& chunk) const;
  void visit(const FolderLister::Listed& listed, Chunk& chunk);
  void visit_folder(bool only_tracked, Chunk& chunk);
  void enter(Frame frame, Chunk& chunk);
  void list(Frame& frame, Chunk& chunk);
  void leave(Chunk& chunk);
  Ignored judge(const Frame& frame, EntryKind kind);
  void extend_scope(Frame& frame);
  IgnoreRules read_rules(const OpenFolder& folder, std::string_view name, const IgnoreScope* scope);
  void note(const std::string& file, std::string message);
  void look_above(const std::string& folder);

  const IgnoreOptions options_;
  const IgnoreRules excludes_;
  const std::uint64_t bytes_total_;

  std::mutex mutex_;  // of all below
  std::vector<std::string> targets_;
  std::size_t next_target_ = 0;
  std::uint64_t next_number_ = 0;
  std::vector<Frame> frames_;  // the innermost last
  std::string path_;           // as it is shown
  std::string inner_;          // from the uppermost folder that has a say in what is ignored
  // Of the target at hand: what holds above it, for `above_folder_`.
  std::string above_folder_;
  std::string above_inner_;
  std::shared_ptr<const IgnoreScope> above_;
  bool in_git_ = false;           // the target is below a .git folder
  bool in_virtual_ = false;       // the target is in a file system of the kernel
  std::size_t listed_bytes_ = 0;  // of all frames
  std::vector<Diagnostic> problems_;
};

}  // namespace vedette::ingest
