// SPDX-License-Identifier: Apache-2.0
#include "ingest/registry/attached.h"

#include <algorithm>
#include <array>
#include <atomic>

#include "formats/archive/archive.h"
#include "formats/images/image_documents.h"
#include "formats/packages/tree.h"
#include "ingest/registry/challenge.h"

namespace vedette::ingest {
namespace {

using formats::images::Descriptor;

bool holds_word(std::string_view text, std::string_view word) {
  return text.find(word) != std::string_view::npos;
}

// What may hold statements: an artefact of that type, or an envelope of which nobody knows before.
bool may_have_statements(std::string_view type) {
  constexpr auto kWords =
      std::to_array<std::string_view>({"vex", "csaf", "in-toto", "dsse", "sigstore"});
  return type.empty() || std::ranges::any_of(kWords, [type](std::string_view one) {
           return holds_word(type, one);
         });
}

// The text of the value of a key of the outermost object; the JSON was read before and is whole.
std::string_view value_of(std::string_view json, std::string_view wanted) {
  std::size_t depth = 0;
  std::size_t key_begin = 0;
  bool is_key = true;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (c == '"') {
      const std::size_t begin = i + 1;
      for (++i; i < json.size() && json[i] != '"'; ++i) {
        if (json[i] == '\\') ++i;
      }
      if (depth == 1 && is_key) {
        const std::string_view key = json.substr(begin, std::min(i, json.size()) - begin);
        is_key = false;
        key_begin = key == wanted ? json.find(':', i) + 1 : 0;
      }
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (depth > 0) --depth;
      if (depth == 1 && key_begin != 0) return json.substr(key_begin, i + 1 - key_begin);
    } else if (c == ',' && depth == 1) {
      is_key = true;
      key_begin = 0;
    }
  }
  return {};
}

class Reading {
 public:
  Reading(Registry& registry, const Limits& limits) : registry_(registry), limits_(limits) {}

  std::vector<ImageFile::Attached> take() { return std::move(found_); }

  Result<void> read_index(std::string_view manifest) {
    const auto document = registry_.referrers(manifest);
    if (!document && document.error().code == ErrorCode::kNotFound) return {};
    if (!document) return std::unexpected(document.error());
    TRY(const auto index, formats::images::read_index(document->bytes, limits_));
    for (const Descriptor& one : index.manifests) {
      if (may_have_statements(one.artifact_type)) TRY_VOID(read_manifest(one.digest));
    }
    return {};
  }

  // A tag or a digest; one that is not there has nothing.
  Result<void> read_manifest(const std::string& name) {
    const auto document = registry_.manifest(name);
    if (!document && document.error().code == ErrorCode::kNotFound) return {};
    if (!document) return std::unexpected(document.error());
    TRY(const auto manifest, formats::images::read_manifest(document->bytes, limits_));
    for (const Descriptor& layer : manifest.layers) {
      if (found_.size() >= kAttachedMax) return {};
      if (may_have_statements(layer.media_type)) TRY_VOID(read_layer(layer));
    }
    return {};
  }

 private:
  Result<void> read_layer(const Descriptor& layer) {
    formats::archive::Expansion expansion(limits_);
    const auto stream = registry_.blob(layer.digest, layer.size, {&bytes_read_, &expansion});
    std::string bytes;
    char block[1 << 14];
    while (true) {
      TRY(const std::size_t got, stream->read(block, sizeof(block)));
      if (got == 0) break;
      bytes.append(block, got);
      if (bytes.size() > kAttachedBytesMax)
        return failure(ErrorCode::kLimit,
                       layer.digest + ": expected at most 4 MiB of an attached document");
    }
    if (auto statement = statement_in(bytes, limits_))
      found_.push_back({layer.digest, std::move(*statement)});
    return {};
  }

  Registry& registry_;
  const Limits& limits_;
  std::atomic<std::uint64_t> bytes_read_ = 0;
  std::vector<ImageFile::Attached> found_;
};

}  // namespace

std::optional<std::string> statement_in(const std::string& bytes, const Limits& limits) {
  const auto tree = formats::packages::read_json("envelope", bytes, limits);
  // A bundle of sigstore's holds the envelope inside.
  const auto& bundle = tree.root["dsseEnvelope"];
  const auto& envelope = bundle.is_table() ? bundle : tree.root;
  if (!envelope["payload"].is_text() || !envelope.has("payloadType")) return bytes;
  const std::string text = base64_decoded(envelope["payload"].text);
  const auto statement = formats::packages::read_json("statement", text, limits);
  if (!statement.problems.empty()) return std::nullopt;
  const std::string_view type = statement.root["predicateType"].text;
  if (!holds_word(type, "vex") && !holds_word(type, "csaf") && !holds_word(type, "cyclonedx"))
    return std::nullopt;
  const std::string_view predicate = value_of(text, "predicate");
  return predicate.empty() ? std::nullopt : std::optional(std::string(predicate));
}

Result<std::vector<ImageFile::Attached>> attached_statements(Registry& registry,
                                                             std::string_view manifest,
                                                             const Limits& limits) {
  Reading reading(registry, limits);
  TRY_VOID(reading.read_index(manifest));
  std::string tag(manifest);
  if (const std::size_t colon = tag.find(':'); colon != std::string::npos) tag[colon] = '-';
  TRY_VOID(reading.read_manifest(tag + ".att"));
  return reading.take();
}

}  // namespace vedette::ingest
