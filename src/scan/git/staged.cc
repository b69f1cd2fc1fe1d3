// SPDX-License-Identifier: Apache-2.0
#include "scan/git/staged.h"

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <unordered_set>
#include <utility>

#include "base/file.h"
#include "formats/git/index_file.h"
#include "formats/git/object_parser.h"
#include "formats/git/object_reader.h"
#include "formats/git/repository.h"
#include "scan/git/new_lines.h"
#include "scan/git/revision.h"

namespace vedette::scan::git {
namespace {

using formats::git::EntryKind;
using formats::git::IndexFile;
using formats::git::kNoObject;
using formats::git::ObjectId;
using formats::git::ObjectIdHash;
using formats::git::ObjectNumber;
using formats::git::ObjectReader;
using formats::git::ObjectStore;
using formats::git::ObjectType;

constexpr std::size_t kIndexBytesMax = std::size_t{1} << 30;

class StagedReader {
 public:
  StagedReader(const formats::git::Repository& repository, ObjectStore& store, ObjectReader& reader,
               StagedResult& result)
      : repository_(repository), store_(store), reader_(reader), result_(result) {}

  Result<void> read(const std::string& index_file,
                    const std::function<void(const StagedFile&)>& act) {
    const Result<std::string> bytes = read_file(
        index_file.empty() ? repository_.git_folder + "/index" : index_file, kIndexBytesMax);
    if (!bytes) {
      // Before the first `git add` there is none.
      if (bytes.error().code == ErrorCode::kNotFound) return {};
      return std::unexpected(bytes.error());
    }
    TRY(index_, parse_index_file(*bytes, repository_.hash));
    TRY(const formats::git::Ref head, read_head(repository_));
    compare_all(head.id.is_zero() ? std::nullopt : tree_of(head.id));
    for (const Change& change : changes_) deliver(change, act);
    return {};
  }

 private:
  struct Change {
    const IndexFile::Entry* entry = nullptr;
    std::optional<ObjectId> before;
  };
  // Entries of the index below one folder, and that folder of HEAD, if there is one.
  struct Folder {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::size_t prefix = 0;  // bytes of their paths that are the folder's, with '/'
    std::optional<ObjectId> tree;
  };
  struct HeadEntry {
    EntryKind kind = EntryKind::kFile;
    ObjectId id;
    bool staged = false;
  };

  void lose(const ObjectId& id, std::string_view path, const Error& error) {
    std::string what = to_hexadecimal(id, repository_.hash);
    if (!path.empty()) (what += ' ') += path;
    result_.losses.add(error, what);
  }

  Result<ObjectReader::Object> object(const ObjectId& id, ObjectType type) {
    const ObjectNumber number = store_.find(id);
    if (number == kNoObject) return failure(ErrorCode::kNotFound, "the object is not there");
    TRY(ObjectReader::Object object, reader_.read(number));
    if (object.type != type)
      return failure(ErrorCode::kInvalid, "the object is of another type than what names it says");
    return object;
  }

  std::optional<ObjectId> tree_of(const ObjectId& commit) {
    const auto found = object(commit, ObjectType::kCommit);
    formats::git::Commit parsed;
    if (found && parse_commit(found->bytes, repository_.hash, parsed)) return parsed.tree;
    lose(commit, "HEAD", found ? Error{ErrorCode::kInvalid, "no commit"} : found.error());
    return std::nullopt;
  }

  std::map<std::string, HeadEntry, std::less<>> entries_of(const std::optional<ObjectId>& tree,
                                                           std::string_view path) {
    std::map<std::string, HeadEntry, std::less<>> entries;
    if (!tree) return entries;
    const auto found = object(*tree, ObjectType::kTree);
    if (!found) {
      lose(*tree, path, found.error());
      return entries;
    }
    formats::git::TreeReader reader(found->bytes, repository_.hash);
    formats::git::TreeEntry entry;
    while (reader.next(entry)) {
      entries.emplace(
          entry.name,
          HeadEntry{entry.kind, ObjectId::from(entry.id, bytes_of(repository_.hash)), false});
    }
    if (reader.damaged()) lose(*tree, path, {ErrorCode::kInvalid, "the tree is damaged"});
    return entries;
  }

  // Whether the index says of a folder that it is this very tree.
  bool is_known_tree(std::string_view path, const ObjectId& tree) const {
    const auto at = std::ranges::lower_bound(index_.folders, path, {}, &IndexFile::Folder::path);
    return at != index_.folders.end() && at->path == path && at->tree == tree;
  }

  void compare_all(const std::optional<ObjectId>& root) {
    if (root && is_known_tree("", *root)) return;
    std::vector<Folder> open = {{0, index_.entries.size(), 0, root}};
    while (!open.empty()) {
      const Folder folder = open.back();
      open.pop_back();
      compare(folder, open);
    }
    // What is gone from one place and stands at another is the same file.
    std::erase_if(changes_, [this](const Change& change) {
      return !change.before && removed_.contains(change.entry->id);
    });
    std::ranges::sort(changes_, {}, [](const Change& change) { return change.entry->path; });
  }

  void compare(const Folder& folder, std::vector<Folder>& open) {
    const std::string_view own =
        folder.prefix == 0 ? std::string_view()
                           : index_.entries[folder.begin].path.substr(0, folder.prefix - 1);
    auto head = entries_of(folder.tree, own);
    for (std::size_t i = folder.begin; i < folder.end;) {
      const std::string_view path = index_.entries[i].path;
      const std::size_t slash = path.find('/', folder.prefix);
      const std::string_view name = path.substr(folder.prefix, slash - folder.prefix);
      const auto before = head.find(name);
      if (before != head.end()) before->second.staged = true;
      if (slash == std::string_view::npos) {
        compare_file(index_.entries[i++],
                     before == head.end() ? std::nullopt : std::optional(before->second));
        continue;
      }
      // All entries of the folder stand together.
      std::size_t end = i + 1;
      const std::string_view prefix = path.substr(0, slash + 1);
      while (end < folder.end && index_.entries[end].path.starts_with(prefix)) ++end;
      const bool was_folder = before != head.end() && before->second.kind == EntryKind::kTree;
      if (!was_folder || !is_known_tree(path.substr(0, slash), before->second.id)) {
        open.push_back(
            {i, end, slash + 1, was_folder ? std::optional(before->second.id) : std::nullopt});
      }
      i = end;
    }
    for (const auto& [name, entry] : head) {
      if (!entry.staged && entry.kind == EntryKind::kFile) removed_.insert(entry.id);
    }
  }

  void compare_file(const IndexFile::Entry& entry, const std::optional<HeadEntry>& before) {
    const std::uint32_t kind = entry.mode & formats::git::kModeKind;
    if (entry.intent_to_add || kind == formats::git::kModeLink ||
        kind == formats::git::kModeCommit || kind == formats::git::kModeFolder) {
      return;
    }
    const bool was_file = before && before->kind == EntryKind::kFile;
    if (was_file && before->id == entry.id) return;
    changes_.push_back({&entry, was_file ? std::optional(before->id) : std::nullopt});
  }

  void deliver(const Change& change, const std::function<void(const StagedFile&)>& act) {
    ++result_.files;
    std::string before;
    if (change.before) {
      // Without it all lines are new.
      if (const auto found = object(*change.before, ObjectType::kBlob)) before = found->bytes;
    }
    const auto found = object(change.entry->id, ObjectType::kBlob);
    if (!found) return lose(change.entry->id, change.entry->path, found.error());
    StagedFile file;
    file.path = change.entry->path;
    file.blob = change.entry->id;
    file.hash = repository_.hash;
    file.bytes = found->bytes;
    file.lines = new_lines(before, file.bytes);
    if (!file.lines.empty()) act(file);
  }

  const formats::git::Repository& repository_;
  ObjectStore& store_;
  ObjectReader& reader_;
  StagedResult& result_;
  IndexFile index_;
  std::vector<Change> changes_;
  std::unordered_set<ObjectId, ObjectIdHash> removed_;  // blobs of files that are not staged
};

}  // namespace

Result<StagedResult> read_staged(const std::string& repository, const std::string& index_file,
                                 std::uint64_t blob_bytes_max,
                                 const std::function<void(const StagedFile&)>& act) {
  StagedResult result;
  TRY(const formats::git::Repository found, formats::git::open_repository(repository));
  TRY(ObjectStore store, ObjectStore::open(found));
  ObjectReader::Options options;
  options.object_bytes_max = blob_bytes_max;
  TRY(ObjectReader reader, ObjectReader::create(store, options));
  TRY_VOID(StagedReader(found, store, reader, result).read(index_file, act));
  result.problems = store.problems();
  return result;
}

}  // namespace vedette::scan::git
