// SPDX-License-Identifier: Apache-2.0
#include "formats/archive/libarchive.h"

#include <algorithm>
#include <archive.h>
#include <archive_entry.h>
#include <array>
#include <cerrno>
#include <cstdio>
#include <fmt/format.h>
#include <limits>

#include "base/shared_library.h"
#include "formats/archive/tar_archive.h"

// The one file that knows libarchive. It is given a stream and never a path, one format and one
// filter at most, so what it was not asked for cannot be reached from input.
namespace vedette::formats::archive {
namespace {

// It is loaded when it is first wanted: it brings eight libraries along, ICU among them, which make
// every start of every program 1.6 ms longer.
struct Library {
  decltype(&::archive_entry_filetype) entry_filetype = nullptr;
  decltype(&::archive_entry_hardlink) entry_hardlink = nullptr;
  decltype(&::archive_entry_is_data_encrypted) entry_is_data_encrypted = nullptr;
  decltype(&::archive_entry_mtime) entry_mtime = nullptr;
  decltype(&::archive_entry_mtime_is_set) entry_mtime_is_set = nullptr;
  decltype(&::archive_entry_pathname) entry_pathname = nullptr;
  decltype(&::archive_entry_pathname_utf8) entry_pathname_utf8 = nullptr;
  decltype(&::archive_error_string) error_string = nullptr;
  decltype(&::archive_format_name) format_name = nullptr;
  decltype(&::archive_read_data) read_data = nullptr;
  decltype(&::archive_read_free) read_free = nullptr;
  decltype(&::archive_read_new) read_new = nullptr;
  decltype(&::archive_read_next_header) read_next_header = nullptr;
  decltype(&::archive_read_open) read_open = nullptr;
  decltype(&::archive_read_set_seek_callback) read_set_seek_callback = nullptr;
  decltype(&::archive_read_support_filter_bzip2) read_support_filter_bzip2 = nullptr;
  decltype(&::archive_read_support_filter_lz4) read_support_filter_lz4 = nullptr;
  decltype(&::archive_read_support_filter_lzma) read_support_filter_lzma = nullptr;
  decltype(&::archive_read_support_filter_none) read_support_filter_none = nullptr;
  decltype(&::archive_read_support_format_7zip) read_support_format_7zip = nullptr;
  decltype(&::archive_read_support_format_empty) read_support_format_empty = nullptr;
  decltype(&::archive_read_support_format_raw) read_support_format_raw = nullptr;
  decltype(&::archive_read_support_format_zip_streamable) read_support_format_zip_streamable =
      nullptr;
  decltype(&::archive_set_error) set_error = nullptr;
};

bool load(Library& library) {
  // The name of the interface since 2013.
  const SharedLibrary from("libarchive.so.13");
  return from.resolve("archive_entry_filetype", library.entry_filetype) &&
         from.resolve("archive_entry_hardlink", library.entry_hardlink) &&
         from.resolve("archive_entry_is_data_encrypted", library.entry_is_data_encrypted) &&
         from.resolve("archive_entry_mtime", library.entry_mtime) &&
         from.resolve("archive_entry_mtime_is_set", library.entry_mtime_is_set) &&
         from.resolve("archive_entry_pathname", library.entry_pathname) &&
         from.resolve("archive_entry_pathname_utf8", library.entry_pathname_utf8) &&
         from.resolve("archive_error_string", library.error_string) &&
         from.resolve("archive_format_name", library.format_name) &&
         from.resolve("archive_read_data", library.read_data) &&
         from.resolve("archive_read_free", library.read_free) &&
         from.resolve("archive_read_new", library.read_new) &&
         from.resolve("archive_read_next_header", library.read_next_header) &&
         from.resolve("archive_read_open", library.read_open) &&
         from.resolve("archive_read_set_seek_callback", library.read_set_seek_callback) &&
         from.resolve("archive_read_support_filter_bzip2", library.read_support_filter_bzip2) &&
         from.resolve("archive_read_support_filter_lz4", library.read_support_filter_lz4) &&
         from.resolve("archive_read_support_filter_lzma", library.read_support_filter_lzma) &&
         from.resolve("archive_read_support_filter_none", library.read_support_filter_none) &&
         from.resolve("archive_read_support_format_7zip", library.read_support_format_7zip) &&
         from.resolve("archive_read_support_format_empty", library.read_support_format_empty) &&
         from.resolve("archive_read_support_format_raw", library.read_support_format_raw) &&
         from.resolve("archive_read_support_format_zip_streamable",
                      library.read_support_format_zip_streamable) &&
         from.resolve("archive_set_error", library.set_error);
}

// Null where it is not installed. Any thread; stays until the end.
const Library* find_library() {
  static const std::unique_ptr<const Library> kLoaded = []() -> std::unique_ptr<const Library> {
    auto library = std::make_unique<Library>();
    if (!load(*library)) return nullptr;
    return library;
  }();
  return kLoaded.get();
}

// Only asked for where find_library() found it: whoever opens something asks first.
const Library& library() { return *find_library(); }

std::unexpected<Error> no_library() {
  return failure(ErrorCode::kUnsupported, "libarchive is not installed (package libarchive13)");
}

constexpr std::size_t kInputBytes = std::size_t{64} << 10;

struct FreeArchive {
  void operator()(::archive* handle) const { library().read_free(handle); }
};

// What the read callback needs: an address that stays.
struct Feed {
  std::unique_ptr<ByteStream> stored;
  std::unique_ptr<char[]> bytes = std::make_unique_for_overwrite<char[]>(kInputBytes);
  std::uint64_t taken = 0;
  la_int64_t position = 0;
  std::optional<Error> error;
};

la_ssize_t read_stored(::archive* handle, void* data, const void** bytes) {
  Feed& feed = *static_cast<Feed*>(data);
  Result<std::size_t> got = feed.stored->read(feed.bytes.get(), kInputBytes);
  if (!got) {
    feed.error = std::move(got).error();
    library().set_error(handle, EIO, "%s", feed.error->message.c_str());
    return -1;
  }
  feed.taken += *got;
  feed.position += static_cast<la_int64_t>(*got);
  *bytes = feed.bytes.get();
  return static_cast<la_ssize_t>(*got);
}

la_int64_t seek_stored(::archive* handle, void* data, la_int64_t offset, int whence) {
  Feed& feed = *static_cast<Feed*>(data);
  const auto size = static_cast<la_int64_t>(feed.stored->size().value_or(0));
  const la_int64_t base = whence == SEEK_SET ? 0 : (whence == SEEK_END ? size : feed.position);
  la_int64_t wanted = 0;
  const bool good = !__builtin_add_overflow(base, offset, &wanted) && wanted >= 0 &&
                    wanted <= size && feed.stored->seek(static_cast<std::uint64_t>(wanted));
  if (!good) {
    library().set_error(handle, EINVAL, "it points outside of itself");
    return ARCHIVE_FATAL;
  }
  feed.position = wanted;
  return wanted;
}

class Handle {
 public:
  Handle(std::unique_ptr<ByteStream> stored, Expansion& expansion)
      : expansion_(expansion), handle_(library().read_new()) {
    feed_.stored = std::move(stored);
  }

  ::archive* get() const { return handle_.get(); }

  void set_made_max(std::uint64_t bytes) { made_max_ = bytes; }
  void allow_seeks() { library().read_set_seek_callback(get(), seek_stored); }

  Result<void> open() {
    if (library().read_open(get(), &feed_, nullptr, read_stored, nullptr) == ARCHIVE_OK) return {};
    return std::unexpected(error());
  }

  // Of the entry that is open.
  Result<std::size_t> read(char* out, std::size_t capacity) {
    if (over_) return std::unexpected(*over_);
    if (failed_) return std::unexpected(error());
    const la_ssize_t got = library().read_data(get(), out, capacity);
    if (got < 0) {
      failed_ = true;
      return std::unexpected(error());
    }
    const auto count = static_cast<std::size_t>(got);
    made_ += count;
    if (made_ > made_max_) {
      over_ = Error{
          ErrorCode::kLimit,
          fmt::format("unpacking stopped: more than {} bytes came out of a 7z archive", made_max_)};
      return std::unexpected(*over_);
    }
    if (const Result<void> within = expansion_.add_made(count, feed_.taken, made_); !within) {
      over_ = within.error();
      return std::unexpected(*over_);
    }
    return count;
  }

  // A limit was reached, after which nothing is unpacked.
  const std::optional<Error>& over() const { return over_; }
  // The next member may be good.
  void forgive() { failed_ = false; }

  // The stream's own error where that is the cause, else libarchive's sentence.
  Error error() const {
    if (feed_.error) return *feed_.error;
    const char* text = library().error_string(get());
    // What libarchive cannot do it says in words alone.
    for (const std::string_view word : {"ncrypted", "assphrase", "nsupported", "not supported"}) {
      if (text != nullptr && std::string_view(text).find(word) != std::string_view::npos)
        return {ErrorCode::kUnsupported, fmt::format("the archive cannot be unpacked: {}", text)};
    }
    return {ErrorCode::kInvalid, fmt::format("the archive is damaged or ends too early: {}",
                                             text != nullptr ? text : "no reason given")};
  }

 private:
  Feed feed_;
  Expansion& expansion_;  // outlives this
  std::uint64_t made_ = 0;
  std::uint64_t made_max_ = std::numeric_limits<std::uint64_t>::max();
  std::optional<Error> over_;
  bool failed_ = false;
  std::unique_ptr<::archive, FreeArchive> handle_;  // last: its end may look at the others
};

class FilterStream final : public ByteStream {
 public:
  explicit FilterStream(std::unique_ptr<Handle> handle) : handle_(std::move(handle)) {}
  Result<std::size_t> read(char* out, std::size_t capacity) override {
    return handle_ == nullptr ? 0 : handle_->read(out, capacity);
  }

 private:
  std::unique_ptr<Handle> handle_;  // null: an empty stream
};

Result<std::unique_ptr<ByteStream>> open_filter(std::unique_ptr<ByteStream> stored,
                                                Expansion& expansion,
                                                int (*Library::*support_filter)(::archive*)) {
  if (find_library() == nullptr) return no_library();
  auto handle = std::make_unique<Handle>(std::move(stored), expansion);
  // ARCHIVE_WARN: libarchive would start an external program, which we never want.
  if (handle->get() == nullptr || (library().*support_filter)(handle->get()) != ARCHIVE_OK) {
    return failure(ErrorCode::kUnsupported, "this build of libarchive lacks this compression");
  }
  library().read_support_format_raw(handle->get());
  library().read_support_format_empty(handle->get());
  TRY_VOID(handle->open());
  archive_entry* entry = nullptr;
  const int code = library().read_next_header(handle->get(), &entry);
  if (code == ARCHIVE_EOF) return std::make_unique<FilterStream>(nullptr);
  if (code != ARCHIVE_OK) return std::unexpected(handle->error());
  return std::make_unique<FilterStream>(std::move(handle));
}

// Methods of members in a zip whose memory does not depend on what the archive says. For LZMA it
// asks for up to 4 GiB, and libarchive grants that.
constexpr std::string_view kStored = "(uncompressed)";
constexpr std::array kBoundedMethods = {kStored, std::string_view("(deflation)"),
                                        std::string_view("(bzip)")};

// Of the member at hand; libarchive tells the method of one in a zip in no other way.
bool has_method(::archive* handle, std::string_view method) {
  const char* const name = library().format_name(handle);
  return name != nullptr && std::string_view(name).ends_with(method);
}

bool has_bounded_method(::archive* handle) {
  return std::ranges::any_of(kBoundedMethods,
                             [&](std::string_view method) { return has_method(handle, method); });
}

// What a 7z unpacks to goes through a window as large as it likes, so this bounds memory, too.
constexpr std::uint64_t kSevenZipBytesMax = std::uint64_t{256} << 20;

std::string name_of(archive_entry* entry) {
  const char* name = library().entry_pathname_utf8(entry);
  if (name == nullptr) name = library().entry_pathname(entry);
  return shown_name(name == nullptr ? std::string_view() : name);
}

struct FormatRow {
  Packing packing;
  int (*Library::*support)(::archive*);
  bool seeks;
  // Whether the library passes over what was not read of a member by unpacking it, uncounted.
  bool unpacks_to_skip;
};
constexpr std::array kFormatRows = {
    FormatRow{Packing::kZip, &Library::read_support_format_zip_streamable, false, true},
    FormatRow{Packing::kSevenZip, &Library::read_support_format_7zip, true, true},
};

class LibarchiveReader final : public ArchiveReader {
 public:
  LibarchiveReader(const FormatRow& format, std::unique_ptr<ByteStream> stored,
                   Expansion& expansion)
      : format_(format),
        members_max_(expansion.limits().members_max),
        handle_(std::move(stored), expansion) {}

  Result<void> open() {
    if (handle_.get() == nullptr || (library().*format_.support)(handle_.get()) != ARCHIVE_OK ||
        library().read_support_filter_none(handle_.get()) != ARCHIVE_OK) {
      return failure(ErrorCode::kUnsupported, "libarchive cannot start");
    }
    if (format_.seeks) handle_.allow_seeks();
    if (format_.packing == Packing::kSevenZip) handle_.set_made_max(kSevenZipBytesMax);
    return handle_.open();
  }

  Result<std::optional<std::string>> next() override {
    TRY_VOID(leave_member());
    while (members_ < members_max_) {
      ++members_;
      archive_entry* entry = nullptr;
      const int code = library().read_next_header(handle_.get(), &entry);
      if (code == ARCHIVE_EOF) return std::optional<std::string>();
      // ARCHIVE_RETRY and worse: the header is broken; behind it no member can be found with
      // certainty.
      if (code != ARCHIVE_OK && code != ARCHIVE_WARN) return std::unexpected(handle_.error());
      enter_member(entry);
      // 7z may tell of no type: what is no folder is a file then.
      const auto type = library().entry_filetype(entry);
      const bool is_file =
          (type == AE_IFREG || type == 0) && library().entry_hardlink(entry) == nullptr;
      if (is_file) return std::optional<std::string>(name_of(entry));
      TRY_VOID(leave_member());
    }
    return failure(ErrorCode::kLimit,
                   fmt::format("the archive has more than {} members", members_max_));
  }

  TimeNs written() const override { return written_; }
  std::unique_ptr<ByteStream> content() override { return std::make_unique<Content>(*this); }

 private:
  class Content final : public ByteStream {
   public:
    explicit Content(LibarchiveReader& reader) : reader_(reader) {}
    Result<std::size_t> read(char* out, std::size_t capacity) override {
      if (reader_.sealed_ != nullptr) return failure(ErrorCode::kUnsupported, reader_.sealed_);
      Result<std::size_t> got = reader_.handle_.read(out, capacity);
      if (!got || *got == 0) reader_.in_member_ = false;
      return got;
    }

   private:
    LibarchiveReader& reader_;  // outlives this
  };

  void enter_member(archive_entry* entry) {
    written_ = library().entry_mtime_is_set(entry) != 0
                   ? time_of_seconds(library().entry_mtime(entry))
                   : 0;
    sealed_ = nullptr;
    const bool is_zip = format_.packing == Packing::kZip;
    // To pass over such a member the library may unpack it, so nothing behind it is read.
    is_last_ = is_zip && !has_bounded_method(handle_.get());
    if (is_last_) sealed_ = "the member is packed by a method that is not unpacked here";
    if (library().entry_is_data_encrypted(entry) == 1) sealed_ = "the member is encrypted";
    in_member_ = format_.unpacks_to_skip && sealed_ == nullptr &&
                 !(is_zip && has_method(handle_.get(), kStored));
  }

  // Passes over the rest of the member at hand under the same limits as for reading it.
  Result<void> leave_member() {
    if (is_last_) {
      return failure(ErrorCode::kUnsupported, fmt::format("{}, nor is what follows it", sealed_));
    }
    if (in_member_) {
      const auto unread = std::make_unique_for_overwrite<char[]>(kInputBytes);
      Result<std::size_t> got = 1;
      while (got && *got != 0) got = handle_.read(unread.get(), kInputBytes);
    }
    in_member_ = false;
    handle_.forgive();
    if (handle_.over()) return std::unexpected(*handle_.over());
    return {};
  }

  const FormatRow& format_;
  const std::uint64_t members_max_;
  Handle handle_;
  std::uint64_t members_ = 0;
  TimeNs written_ = 0;            // the member at hand
  const char* sealed_ = nullptr;  // why it is not unpacked; null: it is
  bool is_last_ = false;          // that can be read
  bool in_member_ = false;        // and is to be read to its end
};

}  // namespace

Result<std::unique_ptr<ByteStream>> open_bzip2(std::unique_ptr<ByteStream> stored,
                                               Expansion& expansion) {
  return open_filter(std::move(stored), expansion, &Library::read_support_filter_bzip2);
}

Result<std::unique_ptr<ByteStream>> open_lz4(std::unique_ptr<ByteStream> stored,
                                             Expansion& expansion) {
  return open_filter(std::move(stored), expansion, &Library::read_support_filter_lz4);
}

Result<std::unique_ptr<ByteStream>> open_lzma(std::unique_ptr<ByteStream> stored,
                                              Expansion& expansion) {
  return open_filter(std::move(stored), expansion, &Library::read_support_filter_lzma);
}

Result<std::unique_ptr<ArchiveReader>> open_libarchive(Packing packing,
                                                       std::unique_ptr<ByteStream> stored,
                                                       Expansion& expansion) {
  if (find_library() == nullptr) return no_library();
  for (const FormatRow& row : kFormatRows) {
    if (row.packing != packing) continue;
    auto reader = std::make_unique<LibarchiveReader>(row, std::move(stored), expansion);
    TRY_VOID(reader->open());
    return reader;
  }
  return failure(ErrorCode::kUnsupported, "this is not an archive");
}

}  // namespace vedette::formats::archive
