// SPDX-License-Identifier: Apache-2.0
#include "formats/git/object_store.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <limits>
#include <map>
#include <set>
#include <sys/stat.h>

#include "base/file.h"

namespace vedette::formats::git {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kAlternatesMax = 64;
constexpr std::size_t kAlternateBytesMax = std::size_t{1} << 20;
constexpr std::size_t kPacksMax = 100'000;
// Files that may be open are bounded, 1,024 by default.
constexpr std::size_t kPacksReadMax = 256;
constexpr std::size_t kLooseMax = 50'000'000;

bool is_plain_file(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

void append_big_endian(std::string& text, std::uint64_t value, unsigned bytes) {
  for (unsigned i = bytes; i-- > 0;) text += static_cast<char>(value >> (8 * i) & 0xffU);
}

// The index that a pack would have alone, of what a multi-pack-index says about it.
std::string make_index(const MultiPackIndex& all, std::uint32_t pack, HashKind kind) {
  std::string ids;
  std::string offsets;
  std::string large;
  std::array<std::uint32_t, 256> counts{};
  std::uint32_t count = 0;
  for (std::uint32_t i = 0; i < all.count(); ++i) {
    const MultiPackIndex::Found found = all.at(i);
    if (found.pack != pack) continue;
    const ObjectId id = all.id(i);
    ids.append(id.bytes.data(), bytes_of(kind));
    if (found.offset < 0x80000000U) {
      append_big_endian(offsets, found.offset, 4);
    } else {
      append_big_endian(offsets, 0x80000000U | large.size() / 8, 4);
      append_big_endian(large, found.offset, 8);
    }
    ++count;
    ++counts[static_cast<std::uint8_t>(id.bytes[0])];
  }
  std::string index("\xfftOc\0\0\0\2", 8);
  std::uint32_t sum = 0;
  for (const std::uint32_t one : counts) append_big_endian(index, sum += one, 4);
  index += ids;
  index.append(std::size_t{count} * 4, '\0');  // checksums
  index += offsets;
  index += large;
  index.append(2 * bytes_of(kind), '\0');
  return index;
}

}  // namespace

Result<ObjectStore> ObjectStore::open(const Repository& repository) {
  ObjectStore store(repository.hash);
  store.folders_.push_back(repository.common_folder + "/objects");
  store.find_alternates();
  for (const std::string& folder : store.folders_) store.open_packs(folder);
  // Where most objects are is looked first.
  std::ranges::stable_sort(store.packs_, std::ranges::greater(),
                           [](const auto& pack) { return pack->index.count(); });
  std::uint64_t sum = 0;
  for (const auto& pack : store.packs_) {
    pack->first = static_cast<ObjectNumber>(sum);
    sum += pack->index.count();
    if (sum >= std::numeric_limits<std::int32_t>::max())
      return failure(ErrorCode::kLimit,
                     "the repository has more than two thousand million objects");
  }
  store.packed_ = static_cast<ObjectNumber>(sum);
  return store;
}

// Folders that `info/alternates` names, and those that they name. Each once, so that circles end.
void ObjectStore::find_alternates() {
  for (std::size_t i = 0; i < folders_.size(); ++i) {
    const std::string path = folders_[i] + "/info/alternates";
    const Result<std::string> text = read_file(path, kAlternateBytesMax);
    if (!text) continue;
    for (std::string_view rest = *text; !rest.empty();) {
      const std::size_t end = rest.find('\n');
      const std::string_view line = rest.substr(0, end);
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
      if (line.empty() || line[0] == '#') continue;
      std::string folder =
          line.starts_with('/') ? std::string(line) : folders_[i] + "/" + std::string(line);
      folder = fs::path(folder).lexically_normal().string();
      while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
      std::error_code error;
      if (!fs::is_directory(folder, error)) {
        problems_.push_back({DiagnosticKind::kError,
                             {path, 0, 0, 0},
                             fmt::format("expected a folder of objects, found none: {}", folder),
                             ""});
      } else if (folders_.size() < kAlternatesMax &&
                 std::ranges::find(folders_, folder) == folders_.end()) {
        folders_.push_back(std::move(folder));
      }
    }
  }
}

void ObjectStore::open_packs(const std::string& objects) {
  const std::string folder = objects + "/pack";
  std::error_code error;
  std::set<std::string> names;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    promised_ = promised_ || name.ends_with(".promisor");
    if (name.starts_with("pack-") && name.ends_with(".pack") && names.size() < kPacksMax)
      names.insert(name.substr(0, name.size() - 5));
  }
  std::optional<MappedFile> all_file;
  std::optional<MultiPackIndex> all;
  for (const std::string& name : names) {
    const std::string path = fmt::format("{}/{}", folder, name);
    std::string made;
    if (!is_plain_file(path + ".idx")) {
      if (!all_file) {
        Result<MappedFile> file = MappedFile::open(folder + "/multi-pack-index");
        if (!file) continue;  // a pack that is being written
        all_file = std::move(*file);
        if (Result<MultiPackIndex> parsed = MultiPackIndex::parse(all_file->bytes(), hash_))
          all = std::move(*parsed);
      }
      if (!all) continue;
      const auto listed = std::ranges::find(all->packs(), name + ".idx");
      if (listed == all->packs().end()) continue;
      made = make_index(*all, static_cast<std::uint32_t>(listed - all->packs().begin()), hash_);
    }
    if (const Result<void> opened = open_pack(path, std::move(made)); !opened) {
      problems_.push_back(
          {DiagnosticKind::kError, {path + ".pack", 0, 0, 0}, opened.error().message, ""});
    }
  }
}

Result<void> ObjectStore::open_pack(const std::string& path, std::string made_index) {
  using Access = PackFile::Access;
  const Access access = packs_.size() < kPacksReadMax ? Access::kRead : Access::kMap;
  TRY(PackFile file, PackFile::open(path + ".pack", access));
  PackWindow window;
  TRY(const std::string_view head, window.view(file, 0, kPackHeadBytes));
  TRY_VOID(check_pack_head(head));
  auto pack = std::make_unique<Pack>();
  pack->path = path + ".pack";
  pack->file = std::move(file);
  if (made_index.empty()) {
    TRY(pack->index_file, MappedFile::open(path + ".idx", copied_left_));
    const std::size_t size = pack->index_file.bytes().size();
    if (size <= copied_left_) copied_left_ -= size;
    TRY(pack->index, PackIndex::parse(pack->index_file.bytes(), hash_));
  } else {
    pack->made_index = std::move(made_index);
    TRY(pack->index, PackIndex::parse(pack->made_index, hash_));
  }
  packs_.push_back(std::move(pack));
  return {};
}

ObjectNumber ObjectStore::find_known(const ObjectId& id) const {
  const ObjectNumber packed = find_packed(id);
  if (packed != kNoObject) return packed;
  const auto loose = loose_numbers_.find(id);
  return loose == loose_numbers_.end() ? kNoObject : loose->second;
}

ObjectNumber ObjectStore::find_packed(const ObjectId& id) const {
  for (const auto& pack : packs_) {
    if (const auto position = pack->index.find(id)) return pack->first + *position;
  }
  return kNoObject;
}

ObjectNumber ObjectStore::find(const ObjectId& id) {
  const ObjectNumber packed = find_packed(id);
  return packed != kNoObject ? packed : find_loose(id);
}

ObjectNumber ObjectStore::find_loose(const ObjectId& id) {
  if (const auto known = loose_numbers_.find(id); known != loose_numbers_.end())
    return known->second;
  const std::string name = to_hexadecimal(id, hash_);
  for (std::uint32_t folder = 0; folder < folders_.size(); ++folder) {
    if (!is_plain_file(folders_[folder] + "/" + name.substr(0, 2) + "/" + name.substr(2))) continue;
    if (loose_.size() == kLooseMax) return kNoObject;
    const ObjectNumber number = count();
    loose_.push_back({id, folder});
    loose_numbers_.emplace(id, number);
    return number;
  }
  return kNoObject;
}

const Pack& ObjectStore::pack_of(ObjectNumber number) const {
  CHECK(number < packed_);
  const auto behind =
      std::ranges::upper_bound(packs_, number, {}, [](const auto& pack) { return pack->first; });
  return **(behind - 1);
}

ObjectId ObjectStore::id(ObjectNumber number) const {
  if (number >= packed_) return loose_[number - packed_].id;
  const Pack& pack = pack_of(number);
  return pack.index.id(number - pack.first);
}

std::string ObjectStore::loose_path(ObjectNumber number) const {
  if (number < packed_) return {};
  const Loose& loose = loose_[number - packed_];
  const std::string name = to_hexadecimal(loose.id, hash_);
  return folders_[loose.folder] + "/" + name.substr(0, 2) + "/" + name.substr(2);
}

void ObjectStore::find_all_loose() {
  for (const std::string& folder : folders_) {
    for (unsigned byte = 0; byte < 256; ++byte) {
      const std::string first = fmt::format("{:02x}", byte);
      std::error_code error;
      std::set<std::string> names;
      for (fs::directory_iterator it(fmt::format("{}/{}", folder, first), error), end;
           !error && it != end; it.increment(error)) {
        names.insert(it->path().filename().string());
      }
      for (const std::string& name : names) {
        if (const auto id = ObjectId::parse(first + name, hash_)) find(*id);
      }
    }
  }
}

std::vector<ObjectId> ObjectStore::find_prefix(std::string_view prefix, std::size_t most) const {
  std::vector<ObjectId> found;
  const std::size_t digits = prefix.size();
  std::string padded(prefix);
  padded.resize(2 * bytes_of(hash_), '0');
  const auto low = ObjectId::parse(padded, hash_);
  if (!low || digits < kPrefixMin || digits > padded.size()) return found;
  for (const auto& pack : packs_) {
    const std::vector<ObjectId> more = pack->index.find_prefix(*low, digits, most);
    found.insert(found.end(), more.begin(), more.end());
  }
  for (const std::string& folder : folders_) {
    std::error_code error;
    const std::string first(prefix.substr(0, 2));
    for (fs::directory_iterator it(fmt::format("{}/{}", folder, first), error), end;
         !error && it != end; it.increment(error)) {
      const std::string name = first + it->path().filename().string();
      if (!name.starts_with(prefix) || found.size() >= 2 * most) continue;
      if (const auto id = ObjectId::parse(name, hash_)) found.push_back(*id);
    }
  }
  std::ranges::sort(found);
  const auto rest = std::ranges::unique(found);
  found.erase(rest.begin(), rest.end());
  if (found.size() > most) found.resize(most);
  return found;
}

}  // namespace vedette::formats::git
