// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "formats/archive/archive.h"

namespace vedette::ingest {

// The parts of a stored image by name: the members of an archive (of `docker save` or an OCI
// layout, plain or compressed) or the files of a folder. Nothing is unpacked to the disk, and no
// name leads out of the archive or folder.
class ImageFile {
 public:
  // Small parts of a compressed archive are kept in memory, up to these.
  static constexpr std::uint64_t kKeptPartMax = std::uint64_t{4} << 20;
  static constexpr std::uint64_t kKeptMax = std::uint64_t{32} << 20;
  static constexpr std::size_t kPartsMax = 100'000;

  // An Error where there is no such file or it is no archive. `limits` outlives this.
  static Result<std::unique_ptr<ImageFile>> open(const std::string& path, const Limits& limits);
  virtual ~ImageFile() = default;

  virtual bool has(std::string_view name) const = 0;
  // All of a small part.
  Result<std::string> read(std::string_view name, std::size_t bytes_max);

  // One part as a stream, with the count against bombs for what is put on top of it.
  struct Part {
    std::unique_ptr<formats::archive::Expansion> expansion;
    std::unique_ptr<formats::archive::ByteStream> stream;
  };
  virtual Result<Part> open_part(std::string_view name) = 0;
  // Of a part as it is stored; nothing where that is not known without asking for it.
  virtual std::optional<std::uint64_t> size_of(std::string_view /*name*/) const {
    return std::nullopt;
  }
  // Whether a part is byte by byte what its digest is of, and not only has the same files. Any
  // thread.
  virtual bool is_exact(std::string_view /*name*/) const { return true; }
  // Where a part begins; parts are best opened in this order.
  virtual std::uint64_t position_of(std::string_view name) const = 0;
  // Whether several parts may be open at once, by several threads. Else the one that was opened
  // last is the only one that may be read.
  virtual bool opens_many() const = 0;
  // Documents with statements about vulnerabilities (VEX) that are attached to the manifest of that
  // digest. None where the place has no such thing.
  struct Attached {
    std::string name;  // "registry.example/app@sha256:…"
    std::string bytes;
  };
  virtual Result<std::vector<Attached>> attached_statements(std::string_view /*manifest*/) {
    return std::vector<Attached>();
  }
  // Of all parts; may be asked from any thread.
  std::uint64_t bytes_read() const { return bytes_read_.load(std::memory_order_relaxed); }

 protected:
  explicit ImageFile(const Limits& limits) : limits_(limits) {}

  const Limits& limits_;
  std::atomic<std::uint64_t> bytes_read_ = 0;
};

}  // namespace vedette::ingest
