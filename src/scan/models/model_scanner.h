// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"
#include "event/finding.h"
#include "formats/archive/byte_stream.h"
#include "formats/archive/zip_views.h"
#include "scan/models/document_judge.h"
#include "scan/models/exchange/exchange_report.h"
#include "scan/models/model_rules.h"

namespace vedette::scan::models {

// What was not looked at, and why.
struct ModelLoss {
  enum class Kind : std::uint8_t { kLimit, kDamaged, kSealed };
  Kind kind = Kind::kLimit;
  std::string path;
  std::string message;
};

// Looks through one model file and all that is packed in it: pickles, NumPy arrays, archives. One
// object a thread; same content, same findings.
class ModelScanner {
 public:
  static constexpr std::size_t kDepthMax = 16;
  static constexpr std::size_t kContentsMax = 10'000;                       // in one file
  static constexpr std::size_t kContentBytesMax = std::size_t{64} << 20;    // of one, unpacked
  static constexpr std::size_t kUnpackedBytesMax = std::size_t{512} << 20;  // of one file
  static constexpr std::size_t kLossesMax = 100;

  explicit ModelScanner(const ModelRules& rules) : rules_(rules) {}

  // Appends what it finds. `path` is FindingPlace::path.
  void scan(std::string_view path, std::string_view bytes, std::vector<event::Finding>& findings);

  // Of the last scan(), at most kLossesMax.
  const std::vector<ModelLoss>& losses() const { return losses_; }

  // Python-like text of all pickles in it.
  std::string show(std::string_view path, std::string_view bytes);

 private:
  enum class LinkKind : std::uint8_t { kSymbolic, kHard };
  struct Work {
    std::string name;
    std::string bytes;
    std::size_t depth = 0;
  };

  void look(const std::string& name, std::string_view bytes, std::size_t depth);
  void look_at_content(const std::string& name, std::string_view bytes, std::size_t depth);
  void look_at_pickles(const std::string& name, std::string_view bytes, std::size_t depth);
  void take_parts(ExchangeReport& report, std::size_t depth);
  void note_sources(const std::string& name, const formats::archive::ZipViews& views);
  void judge_package(const std::string& name, std::string_view root,
                     const formats::archive::ZipViews& views);
  SourceOrigin origin_of(std::string_view name) const;
  void judge_name(const std::string& archive, std::string_view member);
  void judge_link(const std::string& archive, std::string_view member, std::string_view target,
                  LinkKind kind);
  void judge_links(const std::string& name, std::string_view bytes);
  void look_into_zip(const std::string& name, std::string_view bytes, std::size_t depth);
  bool look_at_member(const std::string& inner, const formats::archive::ZipMember& member,
                      std::size_t depth);
  void judge_storages(const std::string& name, const formats::archive::ZipViews& views);
  void look_into_archive(const std::string& name, std::string_view bytes, std::size_t depth);
  void unpack(const std::string& name, std::string_view bytes, std::size_t depth);
  void begin(std::string_view whole);
  bool was_seen(std::string_view bytes);
  bool unpack_zlib(const std::string& name, std::string_view bytes, std::size_t depth);
  void look_before_damage(const std::string& name, std::string_view bytes, const Error& damage,
                          std::size_t depth);
  bool unpack_of_joblib(const std::string& name, std::string_view bytes, std::size_t depth);
  std::string read_all(const std::string& name, formats::archive::ByteStream& stream);
  void lose(ModelLoss::Kind kind, const std::string& name, std::string message);
  void lose(const std::string& name, const Error& error);
  void add(std::string name, std::string bytes, std::size_t depth);

  const ModelRules& rules_;
  std::string* shown_ = nullptr;  // of show(), while it is at work
  std::vector<event::Finding> found_;
  std::vector<ModelLoss> losses_;
  std::vector<Work> waiting_;
  std::vector<std::pair<std::string, SourceOrigin>> sources_;  // folders of code in archives
  // Members of the zip at hand, and how many bytes pickles beside them take from each.
  std::unordered_map<std::string, std::uint64_t> storages_;
  std::string_view whole_;  // the content at hand, of which members of archives are views
  std::set<std::pair<const char*, std::size_t>> seen_;  // views of it that were looked at
  std::size_t contents_ = 0;
  std::size_t unpacked_ = 0;
};

}  // namespace vedette::scan::models
