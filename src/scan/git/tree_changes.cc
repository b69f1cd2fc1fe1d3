// SPDX-License-Identifier: Apache-2.0
#include "scan/git/tree_changes.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <utility>

#include "formats/git/object_parser.h"
#include "formats/git/object_reader.h"
#include "formats/git/object_store.h"
#include "scan/git/commit_walk.h"
#include "scan/git/revision.h"
#include "scan/git/staged.h"

namespace vedette::scan::git {
namespace {

using formats::git::EntryKind;
using formats::git::ObjectId;
using formats::git::ObjectReader;
using formats::git::ObjectStore;
using formats::git::ObjectType;

constexpr std::size_t kDepthMax = 4096;
constexpr std::uint64_t kStagedBytesMax = std::uint64_t{64} << 20;

class TreeComparison {
 public:
  TreeComparison(ObjectStore& store, ObjectReader& reader, TreeChanges& changes)
      : store_(store), reader_(reader), changes_(changes) {}

  Result<void> run(const ObjectId& before, const ObjectId& after) {
    open_.push_back({"", before, after, 0});
    while (!open_.empty()) {
      const Folder folder = std::move(open_.back());
      open_.pop_back();
      compare(folder);
      if (changes_.files.size() > TreeChanges::kFilesMax)
        return failure(ErrorCode::kLimit,
                       fmt::format("more than {} files differ", TreeChanges::kFilesMax));
    }
    std::ranges::sort(changes_.files, {}, &TreeChange::path);
    return {};
  }

 private:
  // A folder in both versions; zero ids: not there.
  struct Folder {
    std::string path;  // with '/' at its end
    ObjectId before;
    ObjectId after;
    std::size_t depth = 0;
  };
  struct Named {
    EntryKind kind = EntryKind::kFile;
    ObjectId id;
  };
  using Entries = std::map<std::string, Named, std::less<>>;

  void lose(const std::string& path, std::string message) {
    if (changes_.losses.size() < TreeChanges::kLossesMax)
      changes_.losses.push_back({DiagnosticKind::kError,
                                 {path.empty() ? "." : path, 0, 0, 0},
                                 std::move(message),
                                 "`git fsck` tells what is damaged"});
  }

  Entries entries_of(const ObjectId& tree, const std::string& path) {
    Entries entries;
    if (tree.is_zero()) return entries;
    const ObjectNumber number = store_.find(tree);
    if (number == kNoObject) {
      lose(path, "the tree " + to_hexadecimal(tree, store_.hash()) + " is missing");
      return entries;
    }
    const auto object = reader_.read(number);
    if (!object || object->type != ObjectType::kTree) {
      lose(path, object ? "expected a tree, found another object" : object.error().message);
      return entries;
    }
    formats::git::TreeReader reader(object->bytes, store_.hash());
    formats::git::TreeEntry entry;
    while (reader.next(entry)) {
      entries.emplace(entry.name,
                      Named{entry.kind, ObjectId::from(entry.id, bytes_of(store_.hash()))});
    }
    if (reader.damaged()) lose(path, "the tree is damaged");
    return entries;
  }

  void compare(const Folder& folder) {
    if (folder.before == folder.after) return;
    if (folder.depth > kDepthMax) return lose(folder.path, "folders lie too deep in each other");
    const Entries before = entries_of(folder.before, folder.path);
    const Entries after = entries_of(folder.after, folder.path);
    auto left = before.begin();
    auto right = after.begin();
    while (left != before.end() || right != after.end()) {
      const bool is_gone =
          right == after.end() || (left != before.end() && left->first < right->first);
      const bool is_new =
          left == before.end() || (right != after.end() && right->first < left->first);
      const std::string path = folder.path + (is_gone ? left->first : right->first);
      const std::optional<Named> old = is_new ? std::nullopt : std::optional(left->second);
      const std::optional<Named> now = is_gone ? std::nullopt : std::optional(right->second);
      if (!is_new) ++left;
      if (!is_gone) ++right;
      note(path, old, now, folder.depth + 1);
    }
  }

  static ObjectId id_of(const std::optional<Named>& entry, EntryKind kind) {
    return entry && entry->kind == kind ? entry->id : ObjectId{};
  }

  void note(const std::string& path, const std::optional<Named>& before,
            const std::optional<Named>& after, std::size_t depth) {
    const ObjectId old_tree = id_of(before, EntryKind::kTree);
    const ObjectId new_tree = id_of(after, EntryKind::kTree);
    if (old_tree != new_tree) open_.push_back({path + "/", old_tree, new_tree, depth});
    const ObjectId old_file = id_of(before, EntryKind::kFile);
    const ObjectId new_file = id_of(after, EntryKind::kFile);
    if (old_file != new_file) changes_.files.push_back({path, old_file, new_file});
  }

  ObjectStore& store_;
  ObjectReader& reader_;
  TreeChanges& changes_;
  std::vector<Folder> open_;
};

Result<ObjectId> tree_of(ObjectNumber commit, const ObjectStore& store, ObjectReader& reader) {
  TRY(const ObjectReader::Object object, reader.read(commit));
  formats::git::Commit parsed;
  TRY_VOID(parse_commit(object.bytes, store.hash(), parsed));
  return parsed.tree;
}

// Where the history of `head` leaves that of `base`: with several such commits the newest, which is
// what the branch was last merged with.
Result<ObjectNumber> find_fork(ObjectNumber base, ObjectNumber head, ObjectStore& store,
                               ObjectReader& reader, const formats::git::Repository& repository) {
  Losses losses;
  CommitWalk walk(store, reader, repository, losses);
  const std::vector<ObjectNumber> tips = {head};
  const std::vector<ObjectNumber> hidden = {base};
  walk.walk(tips, hidden);
  if (walk.commits().empty()) return head;
  const auto& boundary = walk.boundary();
  const auto newest = std::ranges::max_element(boundary, {}, &CommitWalk::Node::seconds);
  if (newest != boundary.end()) return newest->number;
  return failure(ErrorCode::kNotFound,
                 walk.met_shallow()
                     ? "the clone is too shallow: the histories of the two commits do not meet in "
                       "it; fetch more of it (fetch-depth: 0)"
                     : "the two commits have no history in common");
}

// The file at `path` in a tree; a zero id where there is none, or where it cannot be read.
ObjectId find_file(ObjectId tree, std::string_view path, ObjectStore& store, ObjectReader& reader) {
  while (true) {
    const std::size_t slash = path.find('/');
    const std::string_view name = path.substr(0, slash);
    const ObjectNumber number = store.find(tree);
    if (number == kNoObject) return {};
    const auto object = reader.read(number);
    if (!object || object->type != ObjectType::kTree) return {};
    formats::git::TreeReader entries(object->bytes, store.hash());
    formats::git::TreeEntry entry;
    ObjectId found;
    const EntryKind wanted = slash == std::string_view::npos ? EntryKind::kFile : EntryKind::kTree;
    while (entries.next(entry)) {
      if (entry.name == name && entry.kind == wanted)
        found = ObjectId::from(entry.id, bytes_of(store.hash()));
    }
    if (found.is_zero() || slash == std::string_view::npos) return found;
    tree = found;
    path.remove_prefix(slash + 1);
  }
}

}  // namespace

Result<TreeChanges> changes_between(const std::string& repository, const std::string& base,
                                    const std::string& head) {
  TreeChanges changes;
  TRY(changes.repository, formats::git::open_repository(repository));
  const formats::git::Refs refs = read_refs(changes.repository);
  TRY(ObjectStore store, ObjectStore::open(changes.repository));
  TRY(ObjectReader reader, ObjectReader::create(store, {}));
  TRY(const ObjectNumber base_commit, find_revision(base, refs, store, reader));
  TRY(const ObjectNumber head_commit, find_revision(head, refs, store, reader));
  TRY(const ObjectNumber fork,
      find_fork(base_commit, head_commit, store, reader, changes.repository));
  changes.base = to_hexadecimal(store.id(fork), store.hash());
  changes.head = to_hexadecimal(store.id(head_commit), store.hash());
  TRY(const ObjectId before, tree_of(fork, store, reader));
  TRY(const ObjectId after, tree_of(head_commit, store, reader));
  TRY_VOID(TreeComparison(store, reader, changes).run(before, after));
  return changes;
}

Result<TreeChanges> staged_changes(const std::string& repository, const std::string& index_file) {
  TreeChanges changes;
  TRY(changes.repository, formats::git::open_repository(repository));
  TRY(const StagedResult staged,
      read_staged(repository, index_file, kStagedBytesMax, [&changes](const StagedFile& file) {
        changes.files.push_back({file.path, {}, file.blob});
      }));
  changes.losses = staged.problems;
  TRY(const formats::git::Ref head, read_head(changes.repository));
  if (head.id.is_zero()) return changes;
  changes.base = changes.head = to_hexadecimal(head.id, changes.repository.hash);
  TRY(ObjectStore store, ObjectStore::open(changes.repository));
  TRY(ObjectReader reader, ObjectReader::create(store, {}));
  TRY(const ObjectId tree, tree_of(store.find(head.id), store, reader));
  for (TreeChange& change : changes.files)
    change.before = find_file(tree, change.path, store, reader);
  return changes;
}

Result<std::string> head_commit(const std::string& repository) {
  TRY(const formats::git::Repository opened, formats::git::open_repository(repository));
  TRY(const formats::git::Ref head, read_head(opened));
  return head.id.is_zero() ? std::string() : to_hexadecimal(head.id, opened.hash);
}

Result<std::vector<Diagnostic>> read_before(const TreeChanges& changes,
                                            const std::vector<std::string>& others,
                                            std::uint64_t bytes_max, const ReadBefore& act) {
  TRY(ObjectStore store, ObjectStore::open(changes.repository));
  TRY(ObjectReader reader, ObjectReader::create(store, {.object_bytes_max = bytes_max}));
  std::map<std::string, ObjectId, std::less<>> wanted;
  for (const TreeChange& change : changes.files) wanted.emplace(change.path, change.before);
  if (const auto base = ObjectId::parse(changes.base, store.hash())) {
    TRY(const ObjectId tree, tree_of(store.find(*base), store, reader));
    for (const std::string& path : others) {
      if (!wanted.contains(path)) wanted.emplace(path, find_file(tree, path, store, reader));
    }
  }
  std::vector<Diagnostic> losses;
  for (const auto& [path, id] : wanted) {
    if (id.is_zero()) continue;
    const ObjectNumber number = store.find(id);
    const Result<ObjectReader::Object> object =
        number == kNoObject ? Result<ObjectReader::Object>(
                                  failure(ErrorCode::kNotFound, "the object is not in the clone"))
                            : reader.read(number);
    if (object) {
      act(path, object->bytes);
    } else if (losses.size() < TreeChanges::kLossesMax) {
      losses.push_back({DiagnosticKind::kWarning,
                        {path, 0, 0, 0},
                        "as it was before: " + object.error().message,
                        "what it had already counts as new"});
    }
  }
  return losses;
}

}  // namespace vedette::scan::git
