// SPDX-License-Identifier: Apache-2.0
// database_bench FILE: 10,000 packages against a database, opening included; half of the names are
// in it. The page cache is emptied of the file before.
#include <chrono>
#include <cstdio>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "vulnerabilities/affected.h"
#include "vulnerabilities/ecosystem.h"
#include "vulnerabilities/matcher.h"

int main(int argc, char** argv) {
  namespace vulnerabilities = vedette::vulnerabilities;
  using vedette::formats::packages::Ecosystem;
  if (argc != 2) return 2;
  constexpr std::size_t kPackages = 10'000;
  std::vector<vedette::formats::packages::Package> packages(kPackages);
  {
    const auto database = vulnerabilities::Database::open(argv[1]);
    if (!database) return 2;
    const auto names = database->names_of_packages(kPackages / 2);
    for (std::size_t i = 0; i < kPackages; ++i) {
      auto& package = packages[i];
      const auto& [ecosystem, name] = names[(i / 2) % names.size()];
      package.ecosystem = vulnerabilities::ecosystem_of(ecosystem);
      package.name = i % 2 == 0 ? name : name + "-other";
      package.version = fmt::format("{}.{}.0", i % 5, i % 23);
    }
  }
  const int descriptor = ::open(argv[1], O_RDONLY | O_CLOEXEC);
  ::fsync(descriptor);
  ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
  ::close(descriptor);
  const auto milliseconds = [](auto since) {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - since)
        .count();
  };
  const auto begin = std::chrono::steady_clock::now();
  const auto database = vulnerabilities::Database::open(argv[1]);
  if (!database) return 2;
  std::size_t affected = 0;
  for (const auto& package : packages) {
    const vulnerabilities::Subject subject = vulnerabilities::subject_of(package);
    const auto records = database->affected(subject.osv.front(), subject.name);
    if (!records) return 2;
    for (const auto& record : *records)
      affected += vulnerabilities::is_affected(subject.ecosystem, subject.version, record) ? 1 : 0;
  }
  std::printf("%zu packages looked up, %zu advisories hit, %.1f ms\n", packages.size(), affected,
              milliseconds(begin));
  const auto again = std::chrono::steady_clock::now();
  vulnerabilities::Matcher matcher(*database);
  std::size_t hits = 0;
  for (const auto& package : packages) {
    const auto answer = matcher.match(package);
    if (!answer) return 2;
    hits += (*answer)->hits.size();
  }
  std::printf("answered with ratings and upgrades, %zu vulnerabilities, %.1f ms\n", hits,
              milliseconds(again));
  return 0;
}
