// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "formats/advisories/cvss_vector.h"

// CVSS 4.0, section 8. Vectors are put into 270 classes ("macro vectors") by six equivalences, EQ1
// to EQ6, of which EQ3 and EQ6 depend on each other and so make five levels together. Experts gave
// each class a score, for its worst vector. A vector's own score lies below it by its mean distance
// to the worst vector on the way to the next lower class of each equivalence.
namespace vedette::formats::advisories {
namespace {

constexpr std::array kMetrics4 = {CvssMetric{"AV", "NALP"},
                                  CvssMetric{"AC", "LH"},
                                  CvssMetric{"AT", "NP"},
                                  CvssMetric{"PR", "NLH"},
                                  CvssMetric{"UI", "NPA"},
                                  CvssMetric{"VC", "HLN"},
                                  CvssMetric{"VI", "HLN"},
                                  CvssMetric{"VA", "HLN"},
                                  CvssMetric{"SC", "HLN"},
                                  CvssMetric{"SI", "HLN"},
                                  CvssMetric{"SA", "HLN"},
                                  CvssMetric{"E", "XAPU", false},
                                  CvssMetric{"CR", "XHML", false},
                                  CvssMetric{"IR", "XHML", false},
                                  CvssMetric{"AR", "XHML", false},
                                  CvssMetric{"MAV", "XNALP", false},
                                  CvssMetric{"MAC", "XLH", false},
                                  CvssMetric{"MAT", "XNP", false},
                                  CvssMetric{"MPR", "XNLH", false},
                                  CvssMetric{"MUI", "XNPA", false},
                                  CvssMetric{"MVC", "XHLN", false},
                                  CvssMetric{"MVI", "XHLN", false},
                                  CvssMetric{"MVA", "XHLN", false},
                                  CvssMetric{"MSC", "XHLN", false},
                                  CvssMetric{"MSI", "XSHLN", false},
                                  CvssMetric{"MSA", "XSHLN", false},
                                  CvssMetric{"S", "", false},
                                  CvssMetric{"AU", "", false},
                                  CvssMetric{"R", "", false},
                                  CvssMetric{"V", "", false},
                                  CvssMetric{"RE", "", false},
                                  CvssMetric{"U", "", false}};

// In tenths, by EQ1, EQ2, EQ3 and EQ6, EQ4, EQ5.
constexpr std::array<std::uint8_t, 270> kScores = {
    100, 98, 95, 100, 93, 91, 93, 89, 81, 99, 95, 92, 96, 87, 81, 90, 80, 68, 98, 95, 90, 93, 89,
    81,  88, 78, 69,  95, 92, 84, 92, 81, 65, 80, 70, 48, 92, 82, 72, 79, 69, 50, 69, 55, 27, 99,
    95,  92, 95, 90,  84, 92, 82, 72, 97, 92, 85, 91, 83, 71, 81, 71, 53, 95, 92, 85, 92, 80, 70,
    84,  71, 50, 93,  85, 73, 82, 72, 59, 70, 52, 30, 86, 75, 52, 71, 52, 29, 63, 29, 17, 98, 94,
    91,  94, 86, 77,  87, 74, 63, 95, 87, 81, 89, 74, 64, 75, 63, 49, 94, 88, 76, 86, 74, 59, 72,
    57,  52, 89, 77,  67, 76, 58, 50, 57, 52, 25, 83, 70, 54, 65, 58, 26, 53, 21, 13, 95, 88, 76,
    90,  75, 61, 77,  68, 52, 90, 76, 70, 77, 62, 53, 66, 59, 30, 89, 76, 62, 74, 57, 47, 61, 57,
    24,  78, 67, 58,  59, 57, 23, 52, 29, 16, 71, 59, 30, 58, 26, 15, 23, 13, 6,  93, 86, 75, 86,
    74,  56, 70, 52,  40, 87, 72, 58, 74, 61, 34, 54, 40, 22, 85, 74, 62, 72, 55, 46, 53, 34, 19,
    75,  55, 51, 57,  41, 19, 36, 19, 8,  64, 51, 20, 47, 21, 11, 24, 9,  4,  88, 73, 60, 73, 59,
    41,  54, 45, 20,  75, 53, 50, 55, 40, 20, 43, 22, 11, 75, 58, 40, 61, 48, 20, 46, 17, 8,  55,
    45,  21, 51, 18,  9,  18, 7,  2,  53, 24, 14, 24, 12, 5,  10, 3,  1};
constexpr std::array<int, 5> kLevels = {3, 2, 5, 3, 3};
using Levels = std::array<int, 5>;

// What counts: the modified metric where there is one, the worst where nothing is said.
class Metrics {
 public:
  explicit Metrics(const CvssVector& vector) : vector_(vector) {}

  char operator[](std::string_view name) const {
    constexpr std::string_view kModified = "MAVMACMATMPRMUIMVCMVIMVAMSCMSIMSA";
    for (std::size_t i = 0; i < kModified.size(); i += 3) {
      if (kModified.substr(i + 1, 2) != name) continue;
      const char modified = vector_[kModified.substr(i, 3)];
      if (modified != 'X') return modified;
    }
    const char value = vector_[name];
    if (value != 'X') return value;
    return name == "E" ? 'A' : 'H';
  }

 private:
  const CvssVector& vector_;  // outlives this
};

int level_of_access(const Metrics& m) {
  const bool network = m["AV"] == 'N';
  const bool no_privileges = m["PR"] == 'N';
  const bool no_user = m["UI"] == 'N';
  if (network && no_privileges && no_user) return 0;
  if ((network || no_privileges || no_user) && m["AV"] != 'P') return 1;
  return 2;
}

int level_of_impact(const Metrics& m) {
  const bool high_c = m["VC"] == 'H';
  const bool high_i = m["VI"] == 'H';
  const bool high_a = m["VA"] == 'H';
  const bool required =
      (m["CR"] == 'H' && high_c) || (m["IR"] == 'H' && high_i) || (m["AR"] == 'H' && high_a);
  if (high_c && high_i) return required ? 0 : 1;
  if (high_c || high_i || high_a) return required ? 2 : 3;
  return 4;
}

int level_of_others(const Metrics& m) {
  if (m["SI"] == 'S' || m["SA"] == 'S') return 0;
  return m["SC"] == 'H' || m["SI"] == 'H' || m["SA"] == 'H' ? 1 : 2;
}

Levels levels_of(const Metrics& m) {
  const int complexity = m["AC"] == 'L' && m["AT"] == 'N' ? 0 : 1;
  const int maturity = m["E"] == 'A' ? 0 : (m["E"] == 'P' ? 1 : 2);
  return {level_of_access(m), complexity, level_of_impact(m), level_of_others(m), maturity};
}

std::optional<double> score_of(const Levels& levels) {
  std::size_t index = 0;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    if (levels[i] >= kLevels[i]) return std::nullopt;
    index = index * static_cast<std::size_t>(kLevels[i]) + static_cast<std::size_t>(levels[i]);
  }
  return kScores[index] / 10.0;
}

// The next lower class by one equivalence; of two, the one with the higher score.
std::optional<double> lower_score(Levels levels, std::size_t equivalence) {
  if (equivalence != 2) {
    ++levels[equivalence];
    return score_of(levels);
  }
  // EQ3 and EQ6: 00 to 01 or 10, 01 and 10 to 11, 11 to 21.
  switch (levels[2]) {
    case 0: {
      levels[2] = 1;
      const std::optional<double> by_requirement = score_of(levels);
      levels[2] = 2;
      return std::max(by_requirement, score_of(levels));
    }
    case 1:
    case 2:
      levels[2] = 3;
      return score_of(levels);
    case 3:
      levels[2] = 4;
      return score_of(levels);
    default:
      return std::nullopt;
  }
}

// How many steps `to` is better than `from`.
int steps(std::string_view values, char from, char to) {
  return static_cast<int>(values.find(to)) - static_cast<int>(values.find(from));
}

// The values of a metric from worst to best.
struct Scale {
  std::string_view metric;
  std::string_view values;
};
constexpr std::array<Scale, 3> kAccess = {Scale{"AV", "NALP"}, Scale{"PR", "NLH"},
                                          Scale{"UI", "NPA"}};
constexpr std::array<Scale, 2> kComplexity = {Scale{"AC", "LH"}, Scale{"AT", "NP"}};
constexpr std::array<Scale, 6> kImpact = {Scale{"VC", "HLN"}, Scale{"VI", "HLN"},
                                          Scale{"VA", "HLN"}, Scale{"CR", "HML"},
                                          Scale{"IR", "HML"}, Scale{"AR", "HML"}};
constexpr std::array<Scale, 3> kOthers = {Scale{"SC", "SHLN"}, Scale{"SI", "SHLN"},
                                          Scale{"SA", "SHLN"}};

// A level of an equivalence: its worst vectors, as one letter for each of its metrics, and how many
// steps it is deep. Exploit maturity has one vector a level, so no distance.
struct Level {
  std::string_view worst;  // parted by blanks
  int depth;
};
constexpr std::array<Level, 3> kAccessLevels = {Level{"NNN", 1}, Level{"ANN NLN NNP", 4},
                                                Level{"PNN ALP", 5}};
constexpr std::array<Level, 2> kComplexityLevels = {Level{"LN", 1}, Level{"HN LP", 2}};
constexpr std::array<Level, 5> kImpactLevels = {
    Level{"HHHHHH", 7}, Level{"HHLMMH HHHMMM", 6}, Level{"LHHHHH HLHHHH", 8},
    Level{"LHLHMH LHHHMM HLHMHM HLLMHH LLHHHM", 8}, Level{"LLLHHH", 10}};
constexpr std::array<Level, 3> kOthersLevels = {Level{"HSS", 6}, Level{"HHH", 5}, Level{"LLL", 4}};

// From the first worst vector that is nowhere better than this one, as a share of the level.
double distance(const Metrics& m, std::span<const Scale> scales, const Level& level) {
  for (std::string_view rest = level.worst; rest.size() >= scales.size();
       rest.remove_prefix(std::min(scales.size() + 1, rest.size()))) {
    int sum = 0;
    bool reachable = true;
    for (std::size_t i = 0; i < scales.size(); ++i) {
      const int part = steps(scales[i].values, rest[i], m[scales[i].metric]);
      reachable = reachable && part >= 0;
      sum += part;
    }
    if (reachable) return static_cast<double>(sum) / level.depth;
  }
  return 0;
}

double distance(const Metrics& m, const Levels& levels, std::size_t equivalence) {
  const auto level = static_cast<std::size_t>(levels[equivalence]);
  switch (equivalence) {
    case 0:
      return distance(m, kAccess, kAccessLevels[level]);
    case 1:
      return distance(m, kComplexity, kComplexityLevels[level]);
    case 2:
      return distance(m, kImpact, kImpactLevels[level]);
    case 3:
      return distance(m, kOthers, kOthersLevels[level]);
    default:
      return 0;
  }
}

}  // namespace

std::span<const CvssMetric> cvss4_metrics() { return kMetrics4; }

double cvss4_score(const CvssVector& vector) {
  const Metrics m(vector);
  constexpr std::array<std::string_view, 6> kImpacts = {"VC", "VI", "VA", "SC", "SI", "SA"};
  if (std::ranges::all_of(kImpacts, [&](std::string_view name) { return m[name] == 'N'; })) {
    return 0;
  }
  const Levels levels = levels_of(m);
  const double worst = score_of(levels).value_or(0);
  double sum = 0;
  int count = 0;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const std::optional<double> lower = lower_score(levels, i);
    if (!lower) continue;
    sum += (worst - *lower) * distance(m, levels, i);
    ++count;
  }
  const double score = std::clamp(count == 0 ? worst : worst - sum / count, 0.0, 10.0);
  // Half up; the small number takes back the noise of floating point.
  return std::floor((score + 1e-6) * 10 + 0.5) / 10;
}

}  // namespace vedette::formats::advisories
