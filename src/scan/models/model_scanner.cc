// SPDX-License-Identifier: Apache-2.0
#include "scan/models/model_scanner.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <functional>
#include <utility>

#include "base/limits.h"
#include "formats/archive/archive.h"
#include "formats/archive/gzip.h"
#include "formats/archive/libarchive.h"
#include "formats/archive/tar_reader.h"
#include "formats/archive/zip_views.h"
#include "scan/models/document_judge.h"
#include "scan/models/exchange/exchange_judge.h"
#include "scan/models/folder_judge.h"
#include "scan/models/pickle_judge.h"
#include "scan/models/place.h"

namespace vedette::scan::models {
namespace {

using formats::archive::Packing;
using formats::archive::ViewStream;
using formats::archive::ZipMember;
using std::string_view_literals::operator""sv;

constexpr std::size_t kLinkMax = 4096;

std::string ending_of(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  std::string ending(dot == std::string_view::npos ? "" : name.substr(dot + 1));
  for (char& c : ending) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return ending;
}

bool is_named_as_pickle(std::string_view name) {
  constexpr auto kEndings =
      std::to_array<std::string_view>({"pkl", "pickle", "p", "pck", "dill", "joblib", "pt", "pth",
                                       "bin", "ckpt", "npy", "cloudpickle"});
  return std::ranges::find(kEndings, ending_of(name)) != kEndings.end();
}

// Bytes of a tensor in a torch zip, "archive/data/17", which are not looked at but for a pickle.
bool is_tensor(std::string_view name, std::string_view head) {
  const std::size_t slash = name.rfind('/');
  if (slash == std::string_view::npos || !name.substr(0, slash).ends_with("data")) return false;
  const std::string_view last = name.substr(slash + 1);
  const bool digits = std::ranges::all_of(last, [](char c) { return c >= '0' && c <= '9'; });
  const bool is_pickle = head.size() > 1 && head[0] == '\x80' && head[1] >= 0 && head[1] <= 5;
  return digits && !is_pickle && !head.starts_with("PK"sv);
}

// RFC 1950, 2.2: method and window, and a checksum over both bytes. Text may begin like this, too.
bool may_be_zlib(std::string_view bytes) {
  if (bytes.size() <= 6) return false;
  const auto first = static_cast<unsigned char>(bytes[0]);
  const auto second = static_cast<unsigned char>(bytes[1]);
  constexpr unsigned kDictionary = 0x20;
  return (first & 0x0FU) == 8 && first >> 4U <= 7 && (first * 256U + second) % 31 == 0 &&
         (second & kDictionary) == 0;
}

bool is_power_of_two_or_three_halves(std::uint32_t size) {
  const std::uint32_t lowest = size & (~size + 1);
  return size == lowest || size == 3 * lowest;
}

// The head of LZMA without a container: properties, window, and a size that is mostly left open.
bool may_be_lzma(std::string_view bytes) {
  constexpr unsigned kPropertiesMax = (4 * 5 + 4) * 9 + 8;
  constexpr std::uint32_t kWindowMin = 4096;
  if (bytes.size() <= 13 || static_cast<unsigned char>(bytes[0]) > kPropertiesMax) return false;
  std::uint32_t window = 0;
  for (std::size_t i = 4; i >= 1; --i) window = window << 8U | static_cast<unsigned char>(bytes[i]);
  const std::string_view size = bytes.substr(5, 8);
  const bool is_open = size.find_first_not_of('\xFF') == std::string_view::npos;
  return window >= kWindowMin && is_power_of_two_or_three_halves(window) &&
         (is_open || bytes[0] == '\x5D');
}

// Whether a path in an archive leads out of its folder.
bool leads_out(std::string_view path) {
  if (path.empty()) return false;
  const bool is_drive = path.size() > 2 && path[1] == ':' && (path[2] == '\\' || path[2] == '/');
  if (path[0] == '/' || path[0] == '\\' || is_drive) return true;
  return climbs_out(path);
}

// A root file system has links from its root on; so does an environment, to the interpreter.
bool is_of_system(std::string_view member) {
  while (member.starts_with("./")) member.remove_prefix(2);
  constexpr auto kRoots = std::to_array<std::string_view>(
      {"usr/", "etc/", "bin/", "sbin/", "lib/", "lib64/", "var/", "opt/", "proc/", "sys/", "run/",
       "dev/", "root/", "home/", "srv/", "tmp/", "mnt/"});
  const std::string_view last = member.substr(member.rfind('/') + 1);
  return last.starts_with("python") ||
         std::ranges::any_of(kRoots, [member](auto root) { return member.starts_with(root); });
}

// The pickle of an array of objects stands behind the header.
std::string_view object_array(std::string_view bytes) {
  if (!bytes.starts_with("\x93NUMPY"sv) || bytes.size() < 12) return {};
  const bool wide = bytes[6] >= 2;
  std::size_t size = static_cast<unsigned char>(bytes[8]) |
                     static_cast<std::size_t>(static_cast<unsigned char>(bytes[9])) << 8;
  if (wide) {
    size |= static_cast<std::size_t>(static_cast<unsigned char>(bytes[10])) << 16 |
            static_cast<std::size_t>(static_cast<unsigned char>(bytes[11])) << 24;
  }
  std::size_t begin = (wide ? 12 : 10) + size;
  if (begin >= bytes.size()) return {};
  // Where the header says that it is shorter than it is, its padding is left.
  constexpr std::size_t kPaddingMax = 64;
  const std::size_t end = bytes.substr(0, begin + kPaddingMax).find_first_not_of(" \n", begin);
  if (end != std::string_view::npos && bytes[end - 1] == '\n') begin = end;
  return bytes.substr(begin);
}

}  // namespace

void ModelScanner::lose(ModelLoss::Kind kind, const std::string& name, std::string message) {
  if (losses_.size() < kLossesMax) losses_.push_back({kind, name, std::move(message)});
}

void ModelScanner::lose(const std::string& name, const Error& error) {
  lose(error.code == ErrorCode::kLimit         ? ModelLoss::Kind::kLimit
       : error.code == ErrorCode::kUnsupported ? ModelLoss::Kind::kSealed
                                               : ModelLoss::Kind::kDamaged,
       name, error.message);
}

// What comes before damage is read.
std::string ModelScanner::read_all(const std::string& name, formats::archive::ByteStream& stream) {
  std::string out;
  constexpr std::size_t kStep = std::size_t{256} << 10;
  while (out.size() <= kContentBytesMax) {
    const std::size_t at = out.size();
    out.resize(at + kStep);
    const Result<std::size_t> got = stream.read(out.data() + at, kStep);
    out.resize(at + (got ? *got : 0));
    if (!got) lose(name, got.error());
    if (!got || *got == 0) return out;
  }
  lose(ModelLoss::Kind::kLimit, name,
       fmt::format("looked at up to {} MiB", kContentBytesMax >> 20));
  out.resize(kContentBytesMax);
  return out;
}

void ModelScanner::add(std::string name, std::string bytes, std::size_t depth) {
  if (bytes.empty()) return;
  if (depth > kDepthMax || contents_ >= kContentsMax ||
      unpacked_ + bytes.size() > kUnpackedBytesMax) {
    lose(ModelLoss::Kind::kLimit, name,
         depth > kDepthMax ? "contents are too deep in each other" : "the file holds too much");
    return;
  }
  ++contents_;
  unpacked_ += bytes.size();
  waiting_.push_back({std::move(name), std::move(bytes), depth});
}

void ModelScanner::take_parts(ExchangeReport& report, std::size_t depth) {
  if (report.is_cut())
    lose(ModelLoss::Kind::kLimit, std::string(report.path()),
         "a model with more in it than is looked at");
  report.clear_cut();
  for (auto& [part, content] : report.take_parts())
    add(std::move(part), std::move(content), depth + 1);
}

void ModelScanner::look_into_zip(const std::string& name, std::string_view bytes,
                                 std::size_t depth) {
  const formats::archive::ZipViews views = formats::archive::read_zip(bytes);
  bool lies = false;
  if (views.is_cut) lose(ModelLoss::Kind::kLimit, name, "the archive has too many members");
  if (depth > kDepthMax)
    return lose(ModelLoss::Kind::kLimit, name, "contents are too deep in each other");
  note_sources(name, views);
  for (const ZipMember& member : views.members) {
    judge_name(name, member.name);
    if (is_tensor(member.name, member.packed.substr(0, 2))) continue;
    const std::string inner = name + "/" + std::string(member.name);
    if (member.is_link)
      judge_link(name, member.name, member.packed.substr(0, kLinkMax), LinkKind::kSymbolic);
    const std::size_t before = found_.size();
    const bool is_plain = look_at_member(inner, member, depth);
    const bool hides = !is_plain || (!member.in_directory && views.has_directory);
    lies = lies ||
           (found_.size() > before && (hides || member.is_encrypted || !member.other_name.empty()));
  }
  judge_storages(name, views);
  if (lies) {
    found_.push_back(make_finding(rules_[ModelRule::kArchiveLies], name, 0, "",
                                  "The archive hides a file with findings from readers that trust "
                                  "its directory or its flags"));
  }
}

// PyTorch takes a tensor's numbers from where the member lies, as many as the pickle says.
void ModelScanner::judge_storages(const std::string& name,
                                  const formats::archive::ZipViews& views) {
  if (storages_.empty()) return;
  for (const ZipMember& member : views.members) {
    const auto claim = storages_.find(name + "/" + std::string(member.name));
    if (claim == storages_.end()) continue;
    const std::uint64_t there = member.method == 0 ? member.packed.size() : member.stated_size;
    if (claim->second <= there) continue;
    found_.push_back(make_finding(
        rules_[ModelRule::kBroken], claim->first, 0, "storage",
        fmt::format("A tensor takes {} bytes from {}, which has {}: PyTorch before 2.10 reads and "
                    "writes behind it (CVE-2026-24747)",
                    claim->second, member.name, there)));
    break;
  }
  storages_.clear();
}

// False where something was found only by what the header before the member says of it.
bool ModelScanner::look_at_member(const std::string& inner, const ZipMember& member,
                                  std::size_t depth) {
  // What is stored is looked at where it lies.
  std::string unpacked;
  std::string_view content = member.packed;
  if (member.method != 0) {
    unpacked = formats::archive::unpack_member(member, kContentBytesMax);
    content = unpacked;
  }
  if (unpacked.size() >= kContentBytesMax)
    lose(ModelLoss::Kind::kLimit, inner,
         fmt::format("looked at up to {} MiB", kContentBytesMax >> 20));
  if (content.empty() && !member.packed.empty() && !formats::archive::is_packed_nothing(member))
    lose(ModelLoss::Kind::kSealed, inner, "encrypted, damaged or packed in an unknown way");
  const std::size_t before = found_.size();
  // Encrypted bytes are noise; those that only say so are read.
  const bool is_numbers = !content.empty() && member.method == 0 && is_tensor(member.name, content);
  if (!is_numbers) look(inner, content, depth + 1);
  if (found_.size() > before || (!member.other_method && member.other_packed.empty())) return true;
  ZipMember other = member;
  if (member.other_method) other.method = *member.other_method;
  if (!member.other_packed.empty()) other.packed = member.other_packed;
  look(inner, formats::archive::unpack_member(other, kContentBytesMax), depth + 1);
  return found_.size() == before;
}

// TorchScript keeps its code in "code/" beside constants.pkl, torch.package has a list of the
// modules that are none of its own, TorchServe's archives a manifest.
void ModelScanner::note_sources(const std::string& name, const formats::archive::ZipViews& views) {
  constexpr std::size_t kFoldersMax = 64;
  constexpr std::string_view kScript = "constants.pkl";
  constexpr std::string_view kPackage = ".data/extern_modules";
  constexpr std::string_view kServed = "MAR-INF/MANIFEST.json";
  for (const ZipMember& member : views.members) {
    if (sources_.size() >= kFoldersMax) return;
    if (member.name == kServed) sources_.emplace_back(name + "/", SourceOrigin::kTorchServe);
    const bool is_package = member.name.ends_with(kPackage);
    if (!is_package && !member.name.ends_with(kScript)) continue;
    const std::string_view root =
        member.name.substr(0, member.name.size() - (is_package ? kPackage : kScript).size());
    if (!root.empty() && !root.ends_with('/')) continue;
    if (is_package) judge_package(name, root, views);
    sources_.emplace_back(fmt::format("{}/{}{}", name, root, is_package ? "" : "code/"),
                          is_package ? SourceOrigin::kTorchPackage : SourceOrigin::kTorchScript);
  }
}

// A module of the package's own is taken in place of one that is installed.
void ModelScanner::judge_package(const std::string& name, std::string_view root,
                                 const formats::archive::ZipViews& views) {
  constexpr auto kInstalled = std::to_array<std::string_view>(
      {"torch", "numpy", "builtins", "collections", "copyreg", "functools", "operator", "os", "sys",
       "io", "pickle", "types", "typing", "re", "math", "importlib", "subprocess"});
  for (const ZipMember& member : views.members) {
    if (!member.name.starts_with(root) || !member.name.ends_with(".py")) continue;
    const std::string_view place = member.name.substr(root.size());
    const std::string_view module = place.substr(0, place.find_first_of("/."));
    if (std::ranges::find(kInstalled, module) == kInstalled.end()) continue;
    found_.push_back(make_finding(
        rules_[ModelRule::kIndirectCall], name, 0, std::string(place),
        fmt::format("The package brings a module {} of its own ({}), which what is loaded from it "
                    "calls in place of the installed one",
                    module, place)));
    return;
  }
}

SourceOrigin ModelScanner::origin_of(std::string_view name) const {
  for (const auto& [folder, origin] : sources_) {
    if (name.starts_with(folder)) return origin;
  }
  return SourceOrigin::kBeside;
}

void ModelScanner::judge_name(const std::string& archive, std::string_view member) {
  const bool absolute =
      member.starts_with('/') || member.starts_with('\\') ||
      (member.size() > 2 && member[1] == ':' && (member[2] == '\\' || member[2] == '/'));
  const bool upwards = member.starts_with("../") || member.find("/../") != std::string_view::npos ||
                       member.find("..\\") != std::string_view::npos;
  if (!absolute && !upwards) return;
  found_.push_back(
      make_finding(rules_[ModelRule::kPathEscapes], archive, 0, std::string(member),
                   fmt::format("Unpacking the archive writes {}, outside of its folder", member)));
}

void ModelScanner::judge_link(const std::string& archive, std::string_view member,
                              std::string_view target, LinkKind kind) {
  if (is_of_system(member)) return;
  // A symbolic link leads on from the folder that it is in, a hard one from the archive's root.
  const std::size_t slash = member.rfind('/');
  const std::string folder(kind == LinkKind::kHard || slash == std::string_view::npos
                               ? std::string_view()
                               : member.substr(0, slash + 1));
  const bool is_absolute = target.starts_with('/') || target.starts_with('\\');
  if (!leads_out(is_absolute ? std::string(target) : folder + std::string(target))) return;
  found_.push_back(make_finding(
      rules_[ModelRule::kPathEscapes], archive, 0, fmt::format("{} -> {}", member, target),
      fmt::format("Unpacking the archive makes {} a link to {}, outside of its folder", member,
                  target)));
}

void ModelScanner::judge_links(const std::string& name, std::string_view bytes) {
  using formats::archive::TarType;
  ViewStream stored(bytes);
  formats::archive::TarReader reader(stored);
  for (std::size_t count = 0; count < kContentsMax; ++count) {
    const auto entry = reader.next();
    if (!entry || *entry == nullptr) return;
    const TarType type = (*entry)->type;
    if (type != TarType::kSymbolicLink && type != TarType::kHardLink) continue;
    judge_link(name, (*entry)->name, (*entry)->link.substr(0, kLinkMax),
               type == TarType::kHardLink ? LinkKind::kHard : LinkKind::kSymbolic);
  }
}

void ModelScanner::look_into_archive(const std::string& name, std::string_view bytes,
                                     std::size_t depth) {
  const Limits limits;
  formats::archive::Expansion expansion(limits);
  expansion.add_stored(bytes.size());
  const Packing packing =
      formats::archive::detect_packing(bytes.substr(0, formats::archive::kPackingHead));
  if (packing == Packing::kTar) judge_links(name, bytes);
  auto reader = formats::archive::ArchiveReader::create(
      packing, std::make_unique<ViewStream>(bytes), expansion);
  if (!reader) return lose(name, reader.error());
  for (std::size_t count = 0;; ++count) {
    const auto member = (*reader)->next();
    if (!member) return lose(name, member.error());
    if (!*member) break;
    if (count == kContentsMax)
      return lose(ModelLoss::Kind::kLimit, name, "the archive has too many members");
    const std::string inner = name + "/" + **member;
    judge_name(name, **member);
    add(inner, read_all(inner, *(*reader)->content()), depth + 1);
  }
}

void ModelScanner::unpack(const std::string& name, std::string_view bytes, std::size_t depth) {
  const Limits limits;
  formats::archive::Expansion expansion(limits);
  expansion.add_stored(bytes.size());
  const Packing packing =
      formats::archive::detect_packing(bytes.substr(0, formats::archive::kPackingHead));
  auto stream = formats::archive::unpack(packing, std::make_unique<ViewStream>(bytes), expansion);
  if (!stream) return lose(name, stream.error());
  std::string content = read_all(name, **stream);
  // What zlib refuses for its header's checksum, Python reads.
  if (content.empty() && packing == Packing::kGzip)
    content = formats::archive::ungzip_prefix(bytes, kContentBytesMax);
  add(name, std::move(content), depth + 1);
}

// What joblib uses besides, which has weak marks or is known to few.
bool ModelScanner::unpack_of_joblib(const std::string& name, std::string_view bytes,
                                    std::size_t depth) {
  // Before 0.10: the size in hexadecimal digits, filled up with blanks, and zlib.
  constexpr std::size_t kOldHead = 21;
  if (bytes.starts_with("ZF0x"sv)) {
    for (const std::size_t head : {kOldHead, kOldHead + 2})
      if (bytes.size() > head && unpack_zlib(name, bytes.substr(head), depth)) return true;
  }
  const bool is_lz4 = bytes.starts_with("\x04\x22\x4D\x18"sv);
  const bool is_lzma = may_be_lzma(bytes);
  if (!is_lz4 && !is_lzma) return false;
  const Limits limits;
  formats::archive::Expansion expansion(limits);
  expansion.add_stored(bytes.size());
  auto stored = std::make_unique<ViewStream>(bytes);
  auto stream = is_lz4 ? formats::archive::open_lz4(std::move(stored), expansion)
                       : formats::archive::open_lzma(std::move(stored), expansion);
  std::string content = stream ? read_all(name, **stream) : std::string();
  if (content.empty()) return false;
  add(name, std::move(content), depth + 1);
  return true;
}

bool ModelScanner::unpack_zlib(const std::string& name, std::string_view bytes, std::size_t depth) {
  if (!may_be_zlib(bytes)) return false;
  auto content = formats::archive::unpack_zlib(bytes, kContentBytesMax);
  if (!content) {
    look_before_damage(name, bytes, content.error(), depth);
    return false;
  }
  if (content->empty()) return false;
  add(name, std::move(*content), depth + 1);
  return true;
}

// Of what a loader reads as a stream all that comes before the damage is run. Where only the head
// is zlib's, of the writers' usual ones, that is nothing or noise.
void ModelScanner::look_before_damage(const std::string& name, std::string_view bytes,
                                      const Error& damage, std::size_t depth) {
  constexpr std::string_view kHeads = "\x01\x5E\x9C\xDA";
  constexpr std::size_t kHeadSize = 2;
  if (bytes.size() <= kHeadSize || bytes[0] != '\x78' || !kHeads.contains(bytes[1])) return;
  std::string before = formats::archive::inflate_prefix(bytes.substr(kHeadSize), kContentBytesMax);
  if (before.empty()) return;
  lose(name, damage);
  add(name, std::move(before), depth + 1);
}

namespace {

// Of a tar: the name of its first member, which it begins with, may be a pickle.
bool may_begin_as_pickle(std::string_view bytes) {
  constexpr std::size_t kNameSize = 100;
  return bytes.starts_with('\x80') ||
         bytes.substr(0, kNameSize).find('\n') != std::string_view::npos;
}

// A zip behind something else, which Python's reader finds from its end.
bool ends_as_zip(std::string_view bytes) {
  constexpr std::size_t kEndSize = 22;
  constexpr std::size_t kCommentMax = 65'535;
  const std::string_view tail =
      bytes.substr(bytes.size() - std::min(bytes.size(), kEndSize + kCommentMax));
  const std::size_t at = tail.rfind("PK\x05\x06"sv);
  if (at == std::string_view::npos || tail.size() - at < kEndSize) return false;
  const std::size_t comment = static_cast<unsigned char>(tail[at + 20]) |
                              static_cast<std::size_t>(static_cast<unsigned char>(tail[at + 21]))
                                  << 8;
  return tail.size() - at == kEndSize + comment;
}

}  // namespace

void ModelScanner::begin(std::string_view whole) {
  whole_ = whole;
  seen_.clear();
}

// Where archives lie behind each other, a member without a size holds all that follow, each of
// which is found again in it.
bool ModelScanner::was_seen(std::string_view bytes) {
  const bool is_view = std::less_equal<>()(whole_.data(), bytes.data()) &&
                       std::less<>()(bytes.data(), whole_.data() + whole_.size());
  return is_view && !seen_.emplace(bytes.data(), bytes.size()).second;
}

void ModelScanner::look(const std::string& name, std::string_view bytes, std::size_t depth) {
  if (bytes.empty() || was_seen(bytes)) return;
  const Packing packing =
      formats::archive::detect_packing(bytes.substr(0, formats::archive::kPackingHead));
  if (packing == Packing::kZip) return look_into_zip(name, bytes, depth);
  if (packing == Packing::kTar && may_begin_as_pickle(bytes)) look_at_pickles(name, bytes, depth);
  if (packing != Packing::kNone && ends_as_zip(bytes)) look_into_zip(name, bytes, depth);
  if (formats::archive::is_archive(packing)) return look_into_archive(name, bytes, depth);
  if (packing != Packing::kNone) return unpack(name, bytes, depth);
  if (unpack_zlib(name, bytes, depth)) return;
  look_at_content(name, bytes, depth);
  // A zip behind something else, which Python's reader finds from its end.
  constexpr std::size_t kCommentMax = 66'000;
  const std::string_view tail =
      bytes.substr(bytes.size() - std::min<std::size_t>(bytes.size(), kCommentMax));
  if (tail.rfind("PK\x05\x06"sv) != std::string_view::npos) look_into_zip(name, bytes, depth);
}

void ModelScanner::look_at_content(const std::string& name, std::string_view bytes,
                                   std::size_t depth) {
  ExchangeReport exchange(rules_, name, found_);
  const Claim claim = judge_exchange(bytes, exchange);
  take_parts(exchange, depth);
  if (claim == Claim::kWhole) return;
  // The size at the begin of safetensors may look like a document's first character.
  const BinaryVerdict binary = judge_binary(rules_, name, bytes, found_);
  if (binary == BinaryVerdict::kJudgedInPart)
    lose(ModelLoss::Kind::kLimit, name, "a graph with more operations than are looked at");
  if (binary != BinaryVerdict::kOther) return;
  // By its name a source; what it holds may still be a pickle.
  if (judge_source(rules_, name, bytes, origin_of(name), found_)) {
    judge_pickles(rules_, name, bytes, PickleEffort::kProbe, found_);
    return;
  }
  if (judge_shard_index(rules_, name, bytes, found_)) return;
  const bool is_document = judge_document(bytes, exchange);
  take_parts(exchange, depth);
  if (is_document) return;
  if (unpack_of_joblib(name, bytes, depth)) return;
  look_at_pickles(name, bytes, depth);
}

void ModelScanner::look_at_pickles(const std::string& name, std::string_view bytes,
                                   std::size_t depth) {
  if (const std::string_view array = object_array(bytes); !array.empty()) bytes = array;
  const bool of_torch_tar =
      depth > 0 && (name.ends_with("/storages") || name.ends_with("/tensors"));
  const PickleEffort effort = of_torch_tar                            ? PickleEffort::kTorchTar
                              : is_named_as_pickle(name) || depth > 0 ? PickleEffort::kSure
                                                                      : PickleEffort::kProbe;
  PickleVerdict verdict = judge_pickles(rules_, name, bytes, effort, found_);
  if (shown_ != nullptr && verdict.is_pickle)
    *shown_ += fmt::format("# {}\n{}", name, show_pickles(bytes));
  for (std::string& nested : verdict.nested) add(name, std::move(nested), depth + 1);
  constexpr std::string_view kPickle = "data.pkl";
  if (depth == 0 || !name.ends_with(kPickle)) return;
  const std::string folder = name.substr(0, name.size() - kPickle.size()) + "data/";
  for (const StorageClaim& claim : verdict.storages) {
    std::uint64_t& taken = storages_[folder + claim.key];
    taken = std::max(taken, claim.bytes);
  }
}

void ModelScanner::scan(std::string_view path, std::string_view bytes,
                        std::vector<event::Finding>& findings) {
  found_.clear();
  losses_.clear();
  waiting_.clear();
  sources_.clear();
  storages_.clear();
  contents_ = 0;
  unpacked_ = 0;
  begin(bytes);
  look(std::string(path), bytes, 0);
  while (!waiting_.empty()) {
    const Work work = std::move(waiting_.back());
    waiting_.pop_back();
    begin(work.bytes);
    look(work.name, work.bytes, work.depth);
  }
  std::ranges::stable_sort(found_, [](const event::Finding& a, const event::Finding& b) {
    return std::pair(std::string_view(a.place.path), a.place.offset) <
           std::pair(std::string_view(b.place.path), b.place.offset);
  });
  std::ranges::move(found_, std::back_inserter(findings));
}

std::string ModelScanner::show(std::string_view path, std::string_view bytes) {
  std::string text;
  std::vector<event::Finding> findings;
  shown_ = &text;
  scan(path, bytes, findings);
  shown_ = nullptr;
  return text;
}

}  // namespace vedette::scan::models
