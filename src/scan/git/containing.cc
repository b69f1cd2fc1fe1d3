// SPDX-License-Identifier: Apache-2.0
#include "scan/git/containing.h"

#include <optional>
#include <string_view>
#include <unordered_map>

#include "formats/git/object_parser.h"

namespace vedette::scan::git {
namespace {

using formats::git::EntryKind;
using formats::git::ObjectId;
using formats::git::ObjectIdHash;
using formats::git::ObjectNumber;
using formats::git::ObjectReader;
using formats::git::ObjectType;

// Tags of tags end somewhere.
constexpr unsigned kTagsMax = 16;

std::optional<ObjectReader::Object> read_id(const History& history, const ObjectId& id,
                                            ObjectReader& reader) {
  const ObjectNumber number = history.find(id);
  if (number == formats::git::kNoObject) return std::nullopt;
  const auto object = reader.read(number);
  if (!object) return std::nullopt;
  return *object;
}

ObjectId peeled(const History& history, ObjectId id, ObjectReader& reader) {
  for (unsigned i = 0; i < kTagsMax; ++i) {
    const auto object = read_id(history, id, reader);
    if (!object || object->type != ObjectType::kTag) break;
    const auto tag = formats::git::parse_tag(object->bytes, history.store().hash());
    if (!tag) break;
    id = tag->object;
  }
  return id;
}

}  // namespace

std::vector<std::string> references_containing(const History& history, std::uint32_t commit,
                                               ObjectReader& reader) {
  // Parents stand in front of their children.
  std::unordered_map<ObjectId, bool, ObjectIdHash> holds;
  formats::git::Commit parsed;
  for (std::uint32_t i = commit; i < history.commits(); ++i) {
    bool inside = i == commit;
    if (!inside) {
      const auto object = reader.read(history.commit_number(i));
      if (!object || !parse_commit(object->bytes, history.store().hash(), parsed)) continue;
      for (const ObjectId& parent : parsed.parents) {
        const auto at = holds.find(parent);
        inside = inside || (at != holds.end() && at->second);
      }
    }
    if (inside) holds.emplace(history.store().id(history.commit_number(i)), true);
  }
  std::vector<std::string> names;
  const auto add = [&](const formats::git::Ref& ref) {
    if (!ref.id.is_zero() && holds.contains(peeled(history, ref.id, reader)))
      names.push_back(ref.name);
  };
  if (history.refs().head.name == "HEAD") add(history.refs().head);
  for (const formats::git::Ref& ref : history.refs().refs) add(ref);
  return names;
}

HeadFile read_head_file(const History& history, const std::string& path, ObjectReader& reader) {
  HeadFile file;
  auto object = read_id(history, history.refs().head.id, reader);
  formats::git::Commit commit;
  if (!object || object->type != ObjectType::kCommit ||
      !parse_commit(object->bytes, history.store().hash(), commit)) {
    return file;
  }
  ObjectId id = commit.tree;
  for (std::string_view rest = path; !rest.empty();) {
    const std::size_t slash = rest.find('/');
    const std::string_view name = rest.substr(0, slash);
    rest.remove_prefix(slash == std::string_view::npos ? rest.size() : slash + 1);
    object = read_id(history, id, reader);
    if (!object || object->type != ObjectType::kTree) return file;
    formats::git::TreeReader tree(object->bytes, history.store().hash());
    formats::git::TreeEntry entry;
    bool found = false;
    while (!found && tree.next(entry)) found = entry.name == name;
    if (!found || entry.kind != (rest.empty() ? EntryKind::kFile : EntryKind::kTree)) return file;
    id = ObjectId::from(entry.id, bytes_of(history.store().hash()));
  }
  object = read_id(history, id, reader);
  file.is_there = object && object->type == ObjectType::kBlob;
  if (file.is_there) file.bytes = object->bytes;
  return file;
}

}  // namespace vedette::scan::git
