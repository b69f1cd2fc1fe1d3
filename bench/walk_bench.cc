// SPDX-License-Identifier: Apache-2.0
// What a scan costs before anything is looked for: walk_bench list|read THREADS PATH...
// One line: files, bytes, seconds, CPU seconds, ns a byte of CPU.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fmt/format.h>
#include <string>
#include <sys/resource.h>
#include <thread>
#include <vector>

#include "ingest/content_reader.h"
#include "ingest/file_walk.h"

namespace {

using vedette::ingest::ContentPiece;
using vedette::ingest::ContentReader;
using vedette::ingest::FileWalk;

struct Sum {
  std::atomic<std::uint64_t> files = 0;
  std::atomic<std::uint64_t> bytes = 0;
};

void work(FileWalk& walk, bool read, ContentReader::Shared& shared, Sum& sum) {
  ContentReader reader({}, shared);
  FileWalk::Chunk chunk;
  ContentPiece piece;
  while (walk.take(chunk)) {
    sum.files += chunk.entries.size();
    if (!read) continue;
    for (FileWalk::Entry& entry : chunk.entries) {
      for (reader.open(chunk, entry); reader.next(piece);) sum.bytes += piece.bytes.size();
      entry.folder = nullptr;
    }
  }
}

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fputs("usage: walk_bench list|read THREADS PATH...\n", stderr);
    return 2;
  }
  const bool read = std::strcmp(argv[1], "read") == 0;
  vedette::ingest::IgnoreOptions options;
  options.git = std::getenv("NO_IGNORE") == nullptr;
  auto walk = FileWalk::create(std::vector<std::string>(argv + 3, argv + argc), options);
  if (!walk) {
    fmt::print(stderr, "walk_bench: {}\n", walk.error().message);
    return 2;
  }
  const auto begin = std::chrono::steady_clock::now();
  ContentReader::Shared shared;
  Sum sum;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < std::atoi(argv[2]); ++i)
      threads.emplace_back([&] { work(**walk, read, shared, sum); });
  }
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  fmt::print("{} {} {:.4f} {:.4f} {:.3f}\n", sum.files.load(), sum.bytes.load(), seconds,
             cpu_seconds(),
             sum.bytes == 0 ? 0.0 : cpu_seconds() * 1e9 / static_cast<double>(sum.bytes.load()));
}
