// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>

namespace vedette::detect {

// The sum of numbers that come and go. Whole numbers below 2^63 are summed exactly, however long it
// runs. Others are kept as a sum and its rounding error (Knuth's TwoSum): about 106 bits, and the
// little that long coming and going leaves behind is cleared by starting over whenever `stale()`
// says so, which costs O(1) for each number over time. Numbers are finite and below kNumberMax.
class WindowSum {
 public:
  static constexpr double kNumberMax = 1e290;  // no number of them sums up to infinity

  void add(double number) {
    if (is_whole(number)) {
      whole_ += static_cast<Whole>(number);
      return;
    }
    ++parts_;
    accumulate(number);
  }

  void subtract(double number) {
    if (is_whole(number)) {
      whole_ -= static_cast<Whole>(number);
      return;
    }
    ++subtractions_;
    if (--parts_ == 0) {
      high_ = low_ = 0;
      subtractions_ = 0;
    } else {
      accumulate(-number);
    }
  }

  // Whether the numbers that are left should be added up anew: once for each window's worth of
  // subtractions.
  bool stale(std::size_t count) const { return subtractions_ > 1024 && subtractions_ > count; }

  double value() const { return static_cast<double>(whole_) + (high_ + low_); }

 private:
  __extension__ using Whole = __int128;

  static bool is_whole(double number) {
    return std::fabs(number) < 0x1p63 && number == std::trunc(number);
  }

  void accumulate(double number) {
    const double sum = high_ + number;
    const double part = sum - high_;
    low_ += (high_ - (sum - part)) + (number - part);
    high_ = sum;
  }

  Whole whole_ = 0;
  double high_ = 0;
  double low_ = 0;
  std::uint32_t parts_ = 0;
  std::uint32_t subtractions_ = 0;
};

}  // namespace vedette::detect
