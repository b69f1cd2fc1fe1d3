// SPDX-License-Identifier: Apache-2.0
#include "formats/advisories/cvss.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

#include "formats/advisories/cvss_vector.h"

namespace vedette::formats::advisories {
namespace {

// CVSS 2.0, section 3.2. Temporal and environmental metrics are allowed, but no part of the base.
constexpr std::array kMetrics2 = {
    CvssMetric{"AV", "LAN"},      CvssMetric{"AC", "HML"},     CvssMetric{"Au", "MSN"},
    CvssMetric{"C", "NPC"},       CvssMetric{"I", "NPC"},      CvssMetric{"A", "NPC"},
    CvssMetric{"E", "", false},   CvssMetric{"RL", "", false}, CvssMetric{"RC", "", false},
    CvssMetric{"CDP", "", false}, CvssMetric{"TD", "", false}, CvssMetric{"CR", "", false},
    CvssMetric{"IR", "", false},  CvssMetric{"AR", "", false}};

// CVSS 3.1, section 7.
constexpr std::array kMetrics3 = {
    CvssMetric{"AV", "NALP"},     CvssMetric{"AC", "LH"},       CvssMetric{"PR", "NLH"},
    CvssMetric{"UI", "NR"},       CvssMetric{"S", "UC"},        CvssMetric{"C", "NLH"},
    CvssMetric{"I", "NLH"},       CvssMetric{"A", "NLH"},       CvssMetric{"E", "", false},
    CvssMetric{"RL", "", false},  CvssMetric{"RC", "", false},  CvssMetric{"CR", "", false},
    CvssMetric{"IR", "", false},  CvssMetric{"AR", "", false},  CvssMetric{"MAV", "", false},
    CvssMetric{"MAC", "", false}, CvssMetric{"MPR", "", false}, CvssMetric{"MUI", "", false},
    CvssMetric{"MS", "", false},  CvssMetric{"MC", "", false},  CvssMetric{"MI", "", false},
    CvssMetric{"MA", "", false}};

struct Weight {
  char value;
  double weight;
};

template <std::size_t N>
double weight(char value, const std::array<Weight, N>& weights) {
  const auto found = std::ranges::find(weights, value, &Weight::value);
  return found == weights.end() ? 0 : found->weight;
}

double score2(const CvssVector& vector) {
  using Weights = std::array<Weight, 3>;
  constexpr Weights kImpact = {{{'N', 0}, {'P', 0.275}, {'C', 0.660}}};
  const double impact =
      10.41 * (1 - (1 - weight(vector["C"], kImpact)) * (1 - weight(vector["I"], kImpact)) *
                       (1 - weight(vector["A"], kImpact)));
  const double exploitability =
      20 * weight(vector["AV"], Weights{{{'L', 0.395}, {'A', 0.646}, {'N', 1.0}}}) *
      weight(vector["AC"], Weights{{{'H', 0.35}, {'M', 0.61}, {'L', 0.71}}}) *
      weight(vector["Au"], Weights{{{'M', 0.45}, {'S', 0.56}, {'N', 0.704}}});
  if (impact == 0) return 0;
  return std::round((0.6 * impact + 0.4 * exploitability - 1.5) * 1.176 * 10) / 10;
}

// Appendix A of 3.1, "Roundup": to the next tenth, without the noise of floating point.
double round_up(double value) {
  const auto scaled = static_cast<std::int64_t>(std::llround(value * 100'000));
  const std::int64_t tenths = scaled / 10'000 + (scaled % 10'000 == 0 ? 0 : 1);
  return static_cast<double>(tenths) / 10;
}

double score3(const CvssVector& vector) {
  using Weights = std::array<Weight, 3>;
  constexpr Weights kImpact = {{{'N', 0}, {'L', 0.22}, {'H', 0.56}}};
  constexpr Weights kPrivileges = {{{'N', 0.85}, {'L', 0.62}, {'H', 0.27}}};
  constexpr Weights kPrivilegesChanged = {{{'N', 0.85}, {'L', 0.68}, {'H', 0.5}}};
  const bool changed = vector["S"] == 'C';
  const double base = 1 - (1 - weight(vector["C"], kImpact)) * (1 - weight(vector["I"], kImpact)) *
                              (1 - weight(vector["A"], kImpact));
  const double impact =
      changed ? 7.52 * (base - 0.029) - 3.25 * std::pow(base - 0.02, 15) : 6.42 * base;
  if (impact <= 0) return 0;
  const double exploitability =
      8.22 *
      weight(vector["AV"],
             std::array<Weight, 4>{{{'N', 0.85}, {'A', 0.62}, {'L', 0.55}, {'P', 0.2}}}) *
      weight(vector["AC"], std::array<Weight, 2>{{{'L', 0.77}, {'H', 0.44}}}) *
      weight(vector["PR"], changed ? kPrivilegesChanged : kPrivileges) *
      weight(vector["UI"], std::array<Weight, 2>{{{'N', 0.85}, {'R', 0.62}}});
  return round_up(std::min((changed ? 1.08 : 1.0) * (impact + exploitability), 10.0));
}

}  // namespace

Result<CvssVector> CvssVector::parse(std::string_view text, std::span<const CvssMetric> metrics) {
  CvssVector vector(metrics);
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find('/'));
    text.remove_prefix(std::min(pair.size() + 1, text.size()));
    const std::string_view name = pair.substr(0, pair.find(':'));
    const std::string_view value = pair.substr(std::min(name.size() + 1, pair.size()));
    const auto metric = std::ranges::find(metrics, name, &CvssMetric::name);
    if (metric == metrics.end() || value.empty()) {
      return failure(ErrorCode::kInvalid,
                     fmt::format("expected a metric of CVSS and its value, found \"{}\"", pair));
    }
    char& stored = vector.values_[static_cast<std::size_t>(metric - metrics.begin())];
    const bool known =
        metric->values.empty() || (value.size() == 1 && metric->values.contains(value[0]));
    if (!known || stored != '\0') {
      return failure(ErrorCode::kInvalid,
                     fmt::format("a metric of CVSS is unknown or there twice: \"{}\"", pair));
    }
    stored = value[0];
  }
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    if (metrics[i].required && vector.values_[i] == '\0') {
      return failure(ErrorCode::kInvalid,
                     fmt::format("the metric {} of CVSS is missing", metrics[i].name));
    }
  }
  return vector;
}

char CvssVector::operator[](std::string_view name) const {
  const auto metric = std::ranges::find(metrics_, name, &CvssMetric::name);
  if (metric == metrics_.end()) return 'X';
  const char value = values_[static_cast<std::size_t>(metric - metrics_.begin())];
  return value == '\0' ? 'X' : value;
}

Result<double> cvss_score(std::string_view vector) {
  const auto take = [&](std::string_view prefix) {
    if (!vector.starts_with(prefix)) return false;
    vector.remove_prefix(prefix.size());
    return true;
  };
  if (take("CVSS:4.0/")) {
    TRY(const CvssVector parsed, CvssVector::parse(vector, cvss4_metrics()));
    return cvss4_score(parsed);
  }
  if (take("CVSS:3.1/") || take("CVSS:3.0/")) {
    TRY(const CvssVector parsed, CvssVector::parse(vector, kMetrics3));
    return score3(parsed);
  }
  if (take("(") && vector.ends_with(')')) vector.remove_suffix(1);
  take("CVSS:2.0/");
  TRY(const CvssVector parsed, CvssVector::parse(vector, kMetrics2));
  return score2(parsed);
}

}  // namespace vedette::formats::advisories
