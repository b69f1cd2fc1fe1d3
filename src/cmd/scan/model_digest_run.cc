// SPDX-License-Identifier: Apache-2.0
#include "cmd/scan/model_digest_run.h"

#include <array>
#include <fmt/format.h>
#include <string_view>

#include "base/file.h"
#include "cmd/rule_flags.h"
#include "cmd/scan/package_command.h"
#include "cmd/terminal.h"
#include "output/quantity.h"
#include "output/terminal.h"

namespace vedette::cmd {
namespace {

using formats::models::DigestDifference;
using formats::models::DigestManifest;

constexpr std::array<std::string_view, 3> kWords = {"missing", "added", "changed"};
constexpr std::size_t kShardsShown = 8;

void print_difference(const DigestDifference& one, std::uint64_t shard_bytes) {
  std::string line(kWords[static_cast<std::size_t>(one.kind)]);
  line += "  ";
  output::append_terminal(one.path, 4096, line);
  for (std::size_t i = 0; i < one.shards.size() && i < kShardsShown; ++i)
    line += fmt::format("{}byte {}", i == 0 ? "  from " : ", ", one.shards[i] * shard_bytes);
  if (one.shards.size() > kShardsShown) line += " …";
  fmt::print("{}\n", line);
}

std::string speed_of(const event::ScanSummary& summary) {
  std::string text =
      fmt::format("{} files, {} read in {}", output::count_text(summary.files),
                  output::size_text(summary.bytes), output::duration_text(summary.seconds));
  if (summary.cached != 0)
    text += fmt::format("; {} unchanged since an earlier run", output::count_text(summary.cached));
  return text;
}

}  // namespace

int run_write_digests(engine::DigestOptions options, const std::string& file, bool quiet) {
  options.left_out.push_back(file);
  const auto run = engine::make_digests(options, install_stop_signal());
  if (!run) return usage_error(run.error());
  const bool lost = print_losses(run->summary, quiet);
  if (run->summary.interrupted) return kExitPartial;
  const std::string text = write_digests(run->manifest);
  if (file == "-") {
    fmt::print("{}", text);
  } else if (const Result<void> written = write_file_whole(file, text); !written) {
    return usage_error(written.error());
  }
  if (!quiet) {
    fmt::print(stderr, "sha256 root {}\n{}\n", to_hexadecimal(root_digest(run->manifest)),
               speed_of(run->summary));
  }
  return lost ? kExitPartial : kExitClean;
}

int run_check_digests(engine::DigestOptions options, const std::string& file, bool quiet) {
  const Result<std::string> text = read_file(file, DigestManifest::kBytesMax);
  if (!text) return usage_error(text.error());
  const auto expected = formats::models::read_digests(file, *text);
  if (!expected) return usage_error(expected.error());
  options.left_out.push_back(file);
  options.shard_bytes = expected->shard_bytes;
  options.cache.folder.clear();  // every byte is to be seen
  const auto run = engine::make_digests(options, install_stop_signal());
  if (!run) return usage_error(run.error());
  const bool lost = print_losses(run->summary, quiet);
  if (run->summary.interrupted) return kExitPartial;
  const auto differences = compare(*expected, run->manifest);
  for (const DigestDifference& one : differences) print_difference(one, expected->shard_bytes);
  if (!quiet) {
    fmt::print(stderr, "{} ({})\n",
               differences.empty() ? "all files are as they were" : "files are not as they were",
               speed_of(run->summary));
  }
  return !differences.empty() ? kExitBlocked : lost ? kExitPartial : kExitClean;
}

}  // namespace vedette::cmd
