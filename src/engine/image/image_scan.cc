// SPDX-License-Identifier: Apache-2.0
#include "engine/image/image_scan.h"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <iterator>
#include <mutex>
#include <numeric>
#include <thread>
#include <utility>

#include "base/digest.h"
#include "engine/image/image_layer.h"
#include "engine/image/image_merge.h"
#include "engine/image/image_source.h"
#include "engine/image/layer_cache.h"
#include "engine/scan/skip_report.h"
#include "formats/archive/archive.h"
#include "scan/secrets/masked_text.h"

namespace vedette::engine {
namespace {

using formats::archive::ByteStream;
using formats::archive::Packing;
using scan::secrets::SecretScanner;

constexpr std::string_view kConfigPath = "image configuration";
constexpr std::size_t kInstructionMax = 400;

// Passes bytes on and makes their digest.
class DigestStream final : public ByteStream {
 public:
  DigestStream(std::unique_ptr<ByteStream> stored, Sha256Stream& digest)
      : stored_(std::move(stored)), digest_(digest) {}

  Result<std::size_t> read(char* out, std::size_t capacity) override {
    TRY(const std::size_t got, stored_->read(out, capacity));
    digest_.add({out, got});
    return got;
  }
  std::string_view lend(std::size_t size_max) override {
    const std::string_view lent = stored_->lend(size_max);
    digest_.add(lent);
    return lent;
  }
  std::optional<std::string_view> kept(std::uint64_t position, std::uint64_t size) override {
    return stored_->kept(position, size);
  }

 private:
  std::unique_ptr<ByteStream> stored_;
  Sha256Stream& digest_;  // outlives this
};

// To its end, with nothing kept. What comes after an error is not asked for.
void drain(ByteStream& stream) {
  std::string unread(std::size_t{64} << 10, '\0');
  Result<std::size_t> got = 1;
  while (got && *got != 0) got = stream.read(unread.data(), unread.size());
}

// What a layer is packed by is seen by its bytes, whatever its media type says.
Result<std::unique_ptr<ByteStream>> unpacked(std::unique_ptr<ByteStream> stored,
                                             formats::archive::Expansion& expansion) {
  std::string head(formats::archive::kPackingHead, '\0');
  std::size_t size = 0;
  while (size < head.size()) {
    TRY(const std::size_t got, stored->read(head.data() + size, head.size() - size));
    if (got == 0) break;
    size += got;
  }
  head.resize(size);
  const Packing packing = formats::archive::detect_packing(head);
  auto whole =
      std::make_unique<formats::archive::PrefixedStream>(std::move(head), std::move(stored));
  if (packing == Packing::kNone || formats::archive::is_archive(packing)) return whole;
  return formats::archive::unpack(packing, std::move(whole), expansion);
}

// Of an instruction all secrets are masked, as in a finding.
std::string without_secrets(std::string_view text, SecretScanner* scanner) {
  text = text.substr(0, kInstructionMax);
  if (scanner == nullptr) return std::string(text);
  return scan::secrets::masked_text(text, kConfigPath, *scanner);
}

// Environment, labels, commands and history as lines, each as in the file that it was built from.
std::string text_of(const formats::images::ImageConfig& config) {
  std::string text;
  for (const std::string& one : config.environment) text += fmt::format("ENV {}\n", one);
  for (const std::string& one : config.labels) text += fmt::format("LABEL {}\n", one);
  for (const std::string& one : config.commands) text += fmt::format("CMD {}\n", one);
  for (const formats::images::Instruction& one : config.history) text += one.text + "\n";
  return text;
}

class Scan {
 public:
  Scan(const ImageScanOptions& options, ImageSource& source,
       std::shared_ptr<const rules::secret::SecretProgram> program,
       const scan::models::ModelRules* models, const std::atomic<bool>& stop)
      : options_(options), source_(source), program_(std::move(program)), stop_(stop) {
    layer_options_.models = models;
    layer_options_.packages = options.packages;
    layer_options_.files = options.files;
    layer_options_.jars = options.jars.get();
    layer_options_.secrets = options.secrets;
    layer_options_.file_bytes_max = options.file_bytes_max;
    layer_options_.limits = options.limits;
    layer_options_.large = &large_;
    cache_ = LayerCache::open(
        options.cache, layer_options_, options.scanner, program_,
        [this] { return document_rules(); }, source_.problems);
  }

  void run(ImageScan& scan) {
    layers_.resize(source_.layers.size());
    order_.resize(layers_.size());
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::ranges::stable_sort(order_, std::ranges::less(), [this](std::size_t layer) {
      return source_.file->position_of(source_.layers[layer].part);
    });
    const unsigned wanted = options_.threads != 0
                                ? options_.threads
                                : std::max(1U, std::thread::hardware_concurrency());
    const std::size_t threads =
        source_.file->opens_many() ? std::min<std::size_t>(wanted, layers_.size()) : 1;
    {
      std::vector<std::jthread> workers;
      for (std::size_t i = 1; i < threads; ++i) workers.emplace_back([this] { work(); });
      work();
    }
    describe_layers(scan);
    scan_config(scan);
    merge_layers(layers_, scan);
    conclude(scan);
  }

 private:
  std::unique_ptr<SecretScanner> make_scanner() const {
    if (program_ == nullptr) return nullptr;
    return std::make_unique<SecretScanner>(program_, options_.scanner);
  }

  // Nobody asked for secrets, perhaps, and so nobody is told of these rules.
  LayerCache::SharedProgram document_rules() const {
    if (program_ != nullptr) return program_;
    event::ScanSummary untold;
    return load_secret_rules(options_.rules, untold).value_or(nullptr);
  }

  void work() {
    const std::unique_ptr<SecretScanner> scanner = make_scanner();
    LayerScanner layer_scanner(layer_options_, scanner.get());
    while (!stop_.load(std::memory_order_relaxed)) {
      const std::size_t next = next_.fetch_add(1, std::memory_order_relaxed);
      if (next >= order_.size()) return;
      const std::size_t layer = order_[next];
      WorkTurn turn(options_.slots);
      if (Result<void> done = read_layer(layer, layer_scanner, turn); !done)
        tell(layer, std::move(done).error().message);
    }
  }

  void tell(std::size_t layer, std::string message) {
    layers_[layer].problems.push_back(
        {DiagnosticKind::kError, {layer_name(layer), 0, 0, 0}, std::move(message), ""});
  }

  std::string layer_name(std::size_t layer) const {
    const std::string& digest = source_.layers[layer].digest;
    return digest.empty() ? source_.layers[layer].part : "layer " + digest;
  }

  Result<void> read_layer(std::size_t layer, LayerScanner& scanner, WorkTurn& turn) {
    const ImageSource::Layer& from = source_.layers[layer];
    const std::optional<std::uint64_t> size = source_.file->size_of(from.part);
    if (cache_ != nullptr && !from.digest.empty()) {
      if (std::optional<LayerScan> known = cache_->find(from.digest, size)) {
        layers_[layer] = std::move(*known);
        cached_.fetch_add(layers_[layer].files_read, std::memory_order_relaxed);
        return {};
      }
    }
    TRY(ingest::ImageFile::Part part, source_.file->open_part(from.part));
    Sha256Stream digest;
    std::unique_ptr<ByteStream> stream = std::move(part.stream);
    ByteStream* hashed = nullptr;  // ends with `stream`
    const auto hash = [&] {
      stream = std::make_unique<DigestStream>(std::move(stream), digest);
      hashed = stream.get();
    };
    if (from.of_stored) hash();
    TRY(stream, unpacked(std::move(stream), *part.expansion));
    if (!from.of_stored) hash();
    layers_[layer] = scanner.scan(layer_name(layer), *stream, stop_, &turn);
    if (stop_.load(std::memory_order_relaxed)) return {};
    drain(*hashed);
    const std::string found = "sha256:" + to_hexadecimal(digest.finish());
    if (!source_.file->is_exact(from.part)) {
      layers_[layer].problems.push_back(
          {DiagnosticKind::kWarning,
           {layer_name(layer), 0, 0, 0},
           "the store does not say how the layer was packed, so that its digest is not checked",
           ""});
    } else if (from.digest.empty()) {
      source_.layers[layer].digest = found;
    } else if (found != from.digest) {
      tell(layer, fmt::format("expected bytes of {}, found {}: the layer is not the one that the "
                              "image names",
                              from.digest, found));
    } else if (cache_ != nullptr) {
      cache_->put(found, size, layers_[layer]);
    }
    return {};
  }

  void describe_layers(ImageScan& scan) {
    const std::unique_ptr<SecretScanner> scanner = make_scanner();
    scan.base = source_.config.base;
    const std::size_t base_layers = source_.config.base_layers();
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      scan.layers.push_back({source_.layers[i].digest,
                             without_secrets(source_.config.instruction_of(i), scanner.get()),
                             layers_[i].entries, layers_[i].bytes, i < base_layers});
    }
  }

  void scan_config(ImageScan& scan) {
    const std::unique_ptr<SecretScanner> scanner = make_scanner();
    LayerScanner text_scanner(layer_options_, scanner.get());
    const std::string text = text_of(source_.config);
    text_scanner.scan_text(kConfigPath, text, scan.findings);
    for (event::Finding& finding : scan.findings) finding.place.object = source_.config_digest;
    if (scanner != nullptr) counts_ += scanner->counts();
  }

  void conclude(ImageScan& scan) {
    event::ScanSummary& summary = scan.summary;
    std::ranges::move(source_.problems, std::back_inserter(summary.problems));
    ingest::SkipTally skipped;
    for (LayerScan& layer : layers_) {
      std::ranges::move(layer.problems, std::back_inserter(summary.problems));
      skipped.add(layer.skipped);
      counts_ += layer.counts;
      summary.files += layer.files_read;
      summary.bytes += layer.bytes;
    }
    summary.findings = scan.findings.size();
    summary.allowed = counts_.allowed;
    summary.below_confidence = counts_.below_confidence;
    summary.cached = cached_.load(std::memory_order_relaxed);
    if (cache_ != nullptr) {
      if (std::optional<Diagnostic> problem = cache_->close())
        summary.problems.push_back(std::move(*problem));
    }
    append_skipped(skipped, options_.file_bytes_max, summary);
  }

  const ImageScanOptions& options_;
  ImageSource& source_;
  const std::shared_ptr<const rules::secret::SecretProgram> program_;
  const std::atomic<bool>& stop_;
  std::mutex large_;
  std::unique_ptr<LayerCache> cache_;
  std::atomic<std::uint64_t> cached_ = 0;  // files
  LayerScanOptions layer_options_;
  std::vector<LayerScan> layers_;
  std::vector<std::size_t> order_;  // in which layers are read
  std::atomic<std::size_t> next_ = 0;
  scan::ScanCounts counts_;
};

}  // namespace

Result<ImageScan> scan_image(const ImageScanOptions& options, const std::atomic<bool>& stop) {
  ImageScan scan;
  scan.summary.scanner = "image";
  scan.summary.targets = 1;
  const auto begin = std::chrono::steady_clock::now();
  TRY(ImageSource source,
      open_image(options.target, {options.platform, options.name, options.origin, &stop},
                 options.limits));
  std::shared_ptr<const rules::secret::SecretProgram> program;
  if (options.secrets) {
    TRY(program, load_secret_rules(options.rules, scan.summary));
    scan.summary.rule_set = program;
  }
  std::shared_ptr<const scan::models::ModelRules> models;
  if (options.models && program != nullptr) {
    models = std::make_shared<const scan::models::ModelRules>();
    scan.summary.rules_loaded += models->size();
    scan.summary.rule_set =
        std::make_shared<std::pair<std::shared_ptr<const void>, std::shared_ptr<const void>>>(
            program, models);
  }
  scan.from_kind = source.from_kind;
  scan.from_place = source.from_place;
  scan.name = source.name;
  scan.platform = source.config.platform;
  scan.config_digest = source.config_digest;
  scan.manifest_digest = source.manifest_digest;
  Scan(options, source, program, models.get(), stop).run(scan);
  if (options.attached) {
    TRY(auto attached, source.file->attached_statements(source.manifest_digest));
    for (auto& one : attached)
      scan.attached.push_back({one.name + ", attached to the image", std::move(one.bytes)});
  }
  scan.summary.interrupted = stop.load(std::memory_order_relaxed);
  scan.summary.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return scan;
}

}  // namespace vedette::engine
