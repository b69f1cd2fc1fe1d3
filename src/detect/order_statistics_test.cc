// SPDX-License-Identifier: Apache-2.0
#include "detect/order_statistics.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <random>

namespace vedette::detect {
namespace {

TEST(OrderStatistics, AgreesWithASortedVector) {
  std::mt19937 random(7);
  OrderStatistics pool;
  std::vector<OrderStatistics::Root> roots(3, OrderStatistics::kEmpty);
  std::vector<std::vector<double>> sorted(3);
  for (int step = 0; step < 20'000; ++step) {
    const std::size_t which = random() % 3;
    std::vector<double>& numbers = sorted[which];
    if (random() % 2 == 0 || numbers.empty()) {
      const double number = static_cast<double>(random() % 200) / 4 - 10;
      pool.insert(roots[which], number);
      numbers.insert(std::upper_bound(numbers.begin(), numbers.end(), number), number);
    } else {
      const std::size_t k = random() % numbers.size();
      pool.erase(roots[which], numbers[k]);
      numbers.erase(numbers.begin() + static_cast<std::ptrdiff_t>(k));
    }
    ASSERT_EQ(pool.size(roots[which]), numbers.size());
    if (numbers.empty()) continue;
    const std::size_t k = random() % numbers.size();
    ASSERT_EQ(pool.smallest(roots[which], k), numbers[k]);
    ASSERT_EQ(pool.percentile(roots[which], 0), numbers.front());
    ASSERT_EQ(pool.percentile(roots[which], 100), numbers.back());
  }
}

TEST(OrderStatistics, InterpolatesBetweenNeighbours) {
  OrderStatistics pool;
  OrderStatistics::Root root = OrderStatistics::kEmpty;
  for (const double number : {10.0, 40.0, 20.0, 30.0}) pool.insert(root, number);
  EXPECT_DOUBLE_EQ(pool.percentile(root, 50), 25);
  EXPECT_DOUBLE_EQ(pool.percentile(root, 90), 37);
  EXPECT_DOUBLE_EQ(pool.percentile(root, 150), 40);
  pool.erase(root, 40);
  EXPECT_DOUBLE_EQ(pool.percentile(root, 50), 20);
}

}  // namespace
}  // namespace vedette::detect
