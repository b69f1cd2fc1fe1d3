// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace vedette::formats::advisories {

struct CvssMetric {
  std::string_view name;
  std::string_view values;  // a letter each, or "" where nothing of it is computed
  bool required = true;
};

// The values of a vector's metrics, as letters (CVSS 2's two-letter values by their first).
class CvssVector {
 public:
  // `text` without "CVSS:x/" in front. `metrics` outlives it.
  static Result<CvssVector> parse(std::string_view text, std::span<const CvssMetric> metrics);

  // 'X' where it is not there.
  char operator[](std::string_view name) const;

 private:
  explicit CvssVector(std::span<const CvssMetric> metrics)
      : metrics_(metrics), values_(metrics.size(), '\0') {}

  std::span<const CvssMetric> metrics_;
  std::vector<char> values_;
};

double cvss4_score(const CvssVector& vector);
std::span<const CvssMetric> cvss4_metrics();

}  // namespace vedette::formats::advisories
