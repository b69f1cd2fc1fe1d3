// SPDX-License-Identifier: Apache-2.0
#include "formats/archive/tar_archive.h"

#include <fmt/format.h>
#include <utility>

#include "formats/archive/libarchive.h"
#include "formats/archive/tar_reader.h"

namespace vedette::formats::archive {
namespace {

constexpr std::size_t kNameMax = 4096;  // bytes of a member's name that are shown

class TarArchive final : public ArchiveReader {
 public:
  TarArchive(std::unique_ptr<ByteStream> stored, Expansion& expansion)
      : stored_(std::move(stored)),
        reader_(*stored_),
        members_max_(expansion.limits().members_max) {}

  Result<std::optional<std::string>> next() override {
    while (members_ < members_max_) {
      ++members_;
      TRY(const TarEntry* const entry, reader_.next());
      if (entry == nullptr) return std::optional<std::string>();
      written_ = entry->written;
      if (entry->type == TarType::kFile) return std::optional<std::string>(shown_name(entry->name));
    }
    return failure(ErrorCode::kLimit,
                   fmt::format("the archive has more than {} members", members_max_));
  }

  TimeNs written() const override { return written_; }
  std::unique_ptr<ByteStream> content() override { return std::make_unique<Content>(reader_); }

 private:
  class Content final : public ByteStream {
   public:
    explicit Content(TarReader& reader) : reader_(reader) {}
    Result<std::size_t> read(char* out, std::size_t capacity) override {
      return reader_.read(out, capacity);
    }

   private:
    TarReader& reader_;  // outlives this
  };

  std::unique_ptr<ByteStream> stored_;
  TarReader reader_;
  const std::uint64_t members_max_;
  std::uint64_t members_ = 0;
  TimeNs written_ = 0;
};

}  // namespace

std::unique_ptr<ArchiveReader> open_tar(std::unique_ptr<ByteStream> stored, Expansion& expansion) {
  return std::make_unique<TarArchive>(std::move(stored), expansion);
}

std::string shown_name(std::string_view name) {
  std::string shown;
  for (const char c : name) {
    if (shown.size() >= kNameMax) break;
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) {
      shown += fmt::format("\\x{:02x}", byte);
    } else {
      shown.push_back(c);
    }
  }
  return shown.empty() ? "(no name)" : shown;
}

Result<std::unique_ptr<ArchiveReader>> ArchiveReader::create(Packing packing,
                                                             std::unique_ptr<ByteStream> stored,
                                                             Expansion& expansion) {
  if (packing == Packing::kTar) return open_tar(std::move(stored), expansion);
  return open_libarchive(packing, std::move(stored), expansion);
}

}  // namespace vedette::formats::archive
