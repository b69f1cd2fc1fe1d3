// SPDX-License-Identifier: Apache-2.0
#include "formats/git/object_parser.h"

#include <charconv>

namespace vedette::formats::git {
namespace {

std::string_view take_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return line;
}

bool take_word(std::string_view& line, std::string_view word) {
  if (!line.starts_with(word)) return false;
  line.remove_prefix(word.size());
  return true;
}

Signature parse_signature(std::string_view line) {
  Signature signature;
  const std::size_t open = line.find('<');
  const std::size_t close = line.rfind('>');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
    signature.name = line;
    return signature;
  }
  signature.name = line.substr(0, open);
  while (signature.name.ends_with(' ')) signature.name.remove_suffix(1);
  signature.email = line.substr(open + 1, close - open - 1);
  std::string_view time = line.substr(close + 1);
  while (time.starts_with(' ')) time.remove_prefix(1);
  std::int64_t seconds = 0;
  // A year beyond 9999 is an accident or a joke, and overflows when it becomes nanoseconds.
  constexpr std::int64_t kSecondsMax = 9'000'000'000;
  const auto [end, error] = std::from_chars(time.data(), time.data() + time.size(), seconds);
  if (error == std::errc() && seconds > -kSecondsMax && seconds < kSecondsMax)
    signature.seconds = seconds;
  return signature;
}

ObjectType type_of_name(std::string_view name) {
  if (name == "commit") return ObjectType::kCommit;
  if (name == "tree") return ObjectType::kTree;
  if (name == "blob") return ObjectType::kBlob;
  return name == "tag" ? ObjectType::kTag : ObjectType::kNone;
}

}  // namespace

Result<void> parse_commit(std::string_view bytes, HashKind kind, Commit& commit) {
  commit.parents.clear();
  commit.author = commit.committer = {};
  commit.message = {};
  std::string_view line = take_line(bytes);
  if (!take_word(line, "tree "))
    return failure(ErrorCode::kInvalid, "the commit does not begin with its tree");
  const auto tree = ObjectId::parse(line, kind);
  if (!tree) return failure(ErrorCode::kInvalid, "the commit's tree is no object id");
  commit.tree = *tree;
  while (!bytes.empty()) {
    line = take_line(bytes);
    if (line.empty()) break;
    if (take_word(line, "parent ")) {
      const auto parent = ObjectId::parse(line, kind);
      if (!parent || commit.parents.size() == kParentsMax)
        return failure(ErrorCode::kInvalid, "the commit's parents are damaged");
      commit.parents.push_back(*parent);
    } else if (take_word(line, "author ")) {
      commit.author = parse_signature(line);
    } else if (take_word(line, "committer ")) {
      commit.committer = parse_signature(line);
    }
  }
  while (bytes.starts_with('\n')) bytes.remove_prefix(1);
  commit.message = bytes;
  return {};
}

Result<Tag> parse_tag(std::string_view bytes, HashKind kind) {
  std::string_view line = take_line(bytes);
  Tag tag;
  if (!take_word(line, "object "))
    return failure(ErrorCode::kInvalid, "the tag does not begin with its object");
  const auto object = ObjectId::parse(line, kind);
  line = take_line(bytes);
  if (!object || !take_word(line, "type "))
    return failure(ErrorCode::kInvalid, "the tag's object is damaged");
  tag.object = *object;
  tag.type = type_of_name(line);
  return tag;
}

bool TreeReader::next(TreeEntry& entry) {
  if (rest_.empty()) return false;
  // "100644 name\0" and the id; modes have five or six digits.
  constexpr std::size_t kModeMin = 6;
  const char* const begin = rest_.data();
  const char* zero = nullptr;
  if (rest_.size() > kModeMin) {
    zero = static_cast<const char*>(std::memchr(begin + kModeMin, '\0', rest_.size() - kModeMin));
  }
  const std::size_t mode_size = begin[rest_.size() > 5 ? 5 : 0] == ' ' ? 5 : 6;
  if (zero == nullptr || begin + rest_.size() - zero <= static_cast<std::ptrdiff_t>(hash_bytes_) ||
      begin[mode_size] != ' ' || zero == begin + mode_size + 1) {
    damaged_ = true;
    return false;
  }
  const char* const name = begin + mode_size + 1;
  entry.name = {name, static_cast<std::size_t>(zero - name)};
  entry.id = zero + 1;
  entry.bytes = {begin, static_cast<std::size_t>(zero - begin) + 1 + hash_bytes_};
  switch (begin[mode_size - 5]) {  // 40000, 100644, 120000, 160000: the second of six digits
    case '2':
      entry.kind = EntryKind::kLink;
      break;
    case '4':
      entry.kind = EntryKind::kTree;
      break;
    case '6':
      entry.kind = EntryKind::kCommit;
      break;
    default:
      entry.kind = EntryKind::kFile;
  }
  rest_.remove_prefix(entry.bytes.size());
  return true;
}

}  // namespace vedette::formats::git
