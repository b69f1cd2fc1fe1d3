// SPDX-License-Identifier: Apache-2.0
#include "scan/git/revision.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

#include "formats/git/object_parser.h"

namespace vedette::scan::git {

using formats::git::kNoObject;
using formats::git::ObjectId;
using formats::git::ObjectNumber;
using formats::git::ObjectReader;
using formats::git::ObjectStore;
using formats::git::ObjectType;
using formats::git::Ref;
using formats::git::Refs;

namespace {

constexpr unsigned kTagsMax = 16;           // tags that tag tags
constexpr unsigned kStepsMax = 10'000'000;  // of ~N

std::unexpected<Error> not_found(std::string_view name) {
  return failure(ErrorCode::kNotFound,
                 fmt::format("expected a commit, branch or tag, found none named {}", name));
}

std::optional<ObjectId> find_ref(std::string_view name, const Refs& refs) {
  if (name == "HEAD" || name == "@" || name.empty())
    return refs.head.id.is_zero() ? std::nullopt : std::optional(refs.head.id);
  // In the order of gitrevisions(7).
  for (const std::string_view form : {"{}", "refs/{}", "refs/tags/{}", "refs/heads/{}",
                                      "refs/remotes/{}", "refs/remotes/{}/HEAD"}) {
    const std::string full = fmt::format(fmt::runtime(form), name);
    const auto at = std::ranges::lower_bound(refs.refs, full, {}, &Ref::name);
    if (at != refs.refs.end() && at->name == full) return at->id;
  }
  return std::nullopt;
}

Result<ObjectNumber> find_named(std::string_view name, const Refs& refs, ObjectStore& store) {
  std::optional<ObjectId> id = find_ref(name, refs);
  if (!id) {
    const std::vector<ObjectId> found = store.find_prefix(name, 3);
    if (found.size() > 1) {
      return failure(
          ErrorCode::kInvalid,
          fmt::format("expected a unique object id, found several that begin with {}", name));
    }
    if (found.empty()) return not_found(name);
    id = found.front();
  }
  const ObjectNumber number = store.find(*id);
  if (number == kNoObject) {
    return failure(ErrorCode::kNotFound, fmt::format("the object that {} names is missing", name));
  }
  return number;
}

// The parent number `which` (from 1) of a commit.
Result<ObjectNumber> parent_of(ObjectNumber number, std::size_t which, ObjectStore& store,
                               ObjectReader& reader) {
  TRY(const ObjectReader::Object object, reader.read(number));
  formats::git::Commit commit;
  TRY_VOID(parse_commit(object.bytes, store.hash(), commit));
  if (which == 0) return number;
  if (which > commit.parents.size())
    return failure(ErrorCode::kNotFound, "expected one more parent of a commit, found none");
  const ObjectNumber parent = store.find(commit.parents[which - 1]);
  if (parent == kNoObject)
    return failure(ErrorCode::kNotFound, "the parent of a commit is missing");
  return parent;
}

}  // namespace

Result<Peeled> peel(ObjectNumber number, ObjectStore& store, ObjectReader& reader) {
  for (unsigned i = 0; i < kTagsMax; ++i) {
    TRY(const ObjectReader::Object object, reader.read(number));
    if (object.type != ObjectType::kTag) return Peeled{number, object.type};
    TRY(const formats::git::Tag tag, parse_tag(object.bytes, store.hash()));
    number = store.find(tag.object);
    if (number == kNoObject)
      return failure(ErrorCode::kNotFound, "the object that a tag names is missing");
  }
  return failure(ErrorCode::kLimit, "a tag names a tag too many times");
}

Result<ObjectNumber> find_revision(std::string_view name, const Refs& refs, ObjectStore& store,
                                   ObjectReader& reader) {
  const std::size_t steps = name.find_first_of("~^");
  std::string_view rest = steps == std::string_view::npos ? "" : name.substr(steps);
  TRY(ObjectNumber number, find_named(name.substr(0, steps), refs, store));
  TRY(Peeled peeled, peel(number, store, reader));
  if (peeled.type != ObjectType::kCommit) return not_found(name);
  while (!rest.empty()) {
    const char step = rest[0];
    std::size_t count = 1;
    const auto [end, error] = std::from_chars(rest.data() + 1, rest.data() + rest.size(), count);
    if ((step != '~' && step != '^') || count > kStepsMax ||
        error == std::errc::result_out_of_range) {
      return not_found(name);
    }
    rest.remove_prefix(error == std::errc() ? static_cast<std::size_t>(end - rest.data()) : 1);
    for (std::size_t i = 0; i < (step == '~' ? count : 1); ++i) {
      TRY(peeled.number, parent_of(peeled.number, step == '~' ? 1 : count, store, reader));
    }
  }
  return peeled.number;
}

Result<void> add_range(std::string_view text, const Refs& refs, ObjectStore& store,
                       ObjectReader& reader, RevisionRange& range) {
  if (text.find("...") != std::string_view::npos) {
    return failure(
        ErrorCode::kUnsupported,
        fmt::format("expected A..B, found {}: what is on both sides has no one history", text));
  }
  const std::size_t dots = text.find("..");
  if (dots != std::string_view::npos) {
    TRY(const ObjectNumber hidden, find_revision(text.substr(0, dots), refs, store, reader));
    TRY(const ObjectNumber tip, find_revision(text.substr(dots + 2), refs, store, reader));
    range.hidden.push_back(hidden);
    range.tips.push_back(tip);
    return {};
  }
  const bool hide = text.starts_with('^');
  TRY(const ObjectNumber number, find_revision(text.substr(hide ? 1 : 0), refs, store, reader));
  (hide ? range.hidden : range.tips).push_back(number);
  return {};
}

}  // namespace vedette::scan::git
