// SPDX-License-Identifier: Apache-2.0
// model_damage_bench FOLDER [CUTS CHANGES [SEED]]: each file below FOLDER cut at CUTS places (50)
// and changed CHANGES times (1,000), each looked through as `vedette scan model` does. Prints the
// slowest and the memory at its highest; exit code 1 when one took over a second or all together
// over 256 MiB.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fmt/format.h>
#include <random>
#include <string>
#include <sys/resource.h>
#include <vector>

#include "base/mapped_file.h"
#include "scan/models/model_scanner.h"

namespace {

namespace models = vedette::scan::models;

class Damage {
 public:
  explicit Damage(std::uint64_t seed) : chance_(seed) {}

  void take(const std::string& path, std::string_view bytes, unsigned cuts, unsigned changes) {
    look(path, bytes);
    if (bytes.empty()) return;
    for (unsigned i = 0; i < cuts; ++i) look(path, bytes.substr(0, below(bytes.size())));
    std::string changed;
    for (unsigned i = 0; i < changes; ++i) {
      changed = bytes;
      // Lengths and counts that are as large as can be, or none, break more than others.
      for (std::size_t left = 1 + below(4); left > 0; --left) {
        const std::size_t kind = below(3);
        changed[below(changed.size())] = static_cast<char>(kind < 2 ? 0xFF * kind : below(256));
      }
      look(path, changed);
    }
  }

  bool tell() const {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto peak = static_cast<double>(usage.ru_maxrss) / 1024;
    fmt::print(
        "{} looked through in {:.1f} s, {} findings; slowest {:.1f} ms ({}); peak {:.0f} MiB\n",
        count_, all_, findings_.size() + past_, slowest_ * 1e3, slowest_path_, peak);
    return slowest_ < 1 && peak < 256;
  }

 private:
  std::size_t below(std::size_t end) { return chance_() % end; }

  // Of this thread: what others do on the machine is no fault of a file.
  static double processor_seconds() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
  }

  void look(const std::string& path, std::string_view bytes) {
    const double begin = processor_seconds();
    scanner_.scan(path, bytes, findings_);
    const double seconds = processor_seconds() - begin;
    past_ += findings_.size();
    findings_.clear();
    ++count_;
    all_ += seconds;
    if (seconds <= slowest_) return;
    slowest_ = seconds;
    slowest_path_ = path;
  }

  std::mt19937_64 chance_;
  models::ModelRules rules_;
  models::ModelScanner scanner_{rules_};
  std::vector<vedette::event::Finding> findings_;
  std::size_t past_ = 0;
  std::uint64_t count_ = 0;
  double all_ = 0;
  double slowest_ = 0;
  std::string slowest_path_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const auto number = [&](int index, unsigned usual) {
    return argc > index ? static_cast<unsigned>(std::strtoul(argv[index], nullptr, 10)) : usual;
  };
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[1]))
    if (entry.is_regular_file()) paths.push_back(entry.path().string());
  std::ranges::sort(paths);
  Damage damage(number(4, 11));
  for (const std::string& path : paths) {
    const auto file = vedette::MappedFile::open(path);
    if (!file) return 2;
    damage.take(path, file->bytes(), number(2, 50), number(3, 1000));
  }
  return damage.tell() ? 0 : 1;
}
