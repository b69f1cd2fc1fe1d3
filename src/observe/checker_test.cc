// SPDX-License-Identifier: Apache-2.0
#include "observe/checker.h"

#include <gtest/gtest.h>
#include <vector>

#include "observe/image_names.h"
#include "observe/learner.h"
#include "observe/observe_test_support.h"

namespace vedette::observe {
namespace {

constexpr std::uint64_t kShop = 100;

Profile learned() {
  TestStream stream;
  Learner learner;
  ordinary_day(stream);
  stream.read([&](const Sighting& sighting) { learner.see(sighting); });
  return learner.profile(0);
}

// Deviations of what `act` adds to another ordinary day, as "kind value (nearest)".
std::vector<std::string> deviations(const std::function<void(TestStream&)>& act) {
  TestStream stream;
  ordinary_day(stream);
  act(stream);
  Checker checker(learned());
  std::vector<std::string> told;
  stream.read([&](const Sighting& sighting) {
    checker.look(sighting, [&](const Deviation& deviation) {
      told.push_back(std::to_string(static_cast<int>(deviation.kind)) + " " + deviation.value +
                     " (" + deviation.nearest + ")");
    });
  });
  EXPECT_EQ(checker.untold(), 0U);
  return told;
}

using Told = std::vector<std::string>;

TEST(Checker, TellsNothingOfAnotherOrdinaryDay) {
  EXPECT_EQ(deviations([](TestStream& stream) {
              stream.open(11, kShop, "/var/log/shop/2027-12-31.log", 0101);
              stream.open(11, kShop, "/etc/shadow", 0);  // reading is not judged
              stream.socket_call(11, kShop, SYS_connect, IPPROTO_TCP, 1, 0x0A000005, 5432);
            }),
            Told());
}

TEST(Checker, TellsOfProgramsAndWhoStartsThem) {
  EXPECT_EQ(deviations([](TestStream& stream) {
              stream.process(VEDETTE_KIND_FORK, 12, 11, kShop, "/usr/bin/python3.11");
              stream.run(12, 11, kShop, "/tmp/sh");
              stream.run(12, 11, kShop, "/tmp/sh");  // once is enough
              stream.run(12, 11, kShop, "/bin/sh");
            }),
            (Told{"1 /tmp/sh (/bin/sh)",
                  "2 /bin/sh started by /usr/bin/python3.11 (/bin/sh started by <runtime>)"}));
}

TEST(Checker, TellsOfFilesPortsAndEnds) {
  EXPECT_EQ(
      deviations([](TestStream& stream) {
        stream.open(11, kShop, "/etc/cron.d/job-17", 0101);
        stream.open(11, kShop, "/etc/cron.d/job-18", 0101);  // the same pattern
        stream.socket_call(11, kShop, SYS_listen, IPPROTO_TCP, 4444, 0, 0);
        stream.socket_call(11, kShop, SYS_connect, IPPROTO_TCP, 1, 0x08080808, 443);
        stream.calls_seen(kShop, {SYS_read, SYS_ptrace}, {102});
      }),
      (Told{"3 /etc/cron.d/job-17 (/var/log/shop/*.log)", "4 tcp/4444 (tcp/8080)",
            "5 tcp/8.8.8.8:443 (tcp/10.0.0.5:5432)", "6 ptrace (openat)", "6 i386 socketcall ()"}));
}

TEST(Checker, TellsOnceOfAnImageWithoutProfile) {
  EXPECT_EQ(deviations([](TestStream& stream) {
              stream.container(200, "registry.example/shop:2", "");
              stream.run(20, 1, 200, "/bin/a");
              stream.run(20, 1, 200, "/bin/b");
            }),
            Told{"0 registry.example/shop:2 (registry.example/shop:1)"});
}

TEST(Checker, ANameIsAsGoodAsItsAddress) {
  Profile profile;
  profile.images["<host>"].destinations = {{"tcp", "192.0.2.1", 443, "api.example"},
                                           {"tcp", "*", 80, ""}};
  profile.images["<host>"].executables = {"/sbin/init"};
  Checker checker(profile);
  int told = 0;
  Sighting sighting;
  sighting.kind = Sighting::Kind::kConnected;
  sighting.image = kHost;
  sighting.protocol = "tcp";
  const auto look = [&](std::string_view address, std::uint16_t port, std::string_view name) {
    told = 0;
    sighting.address = address;
    sighting.port = port;
    sighting.name = name;
    checker.look(sighting, [&](const Deviation&) { ++told; });
    return told;
  };
  EXPECT_EQ(look("192.0.2.1", 443, ""), 0);
  EXPECT_EQ(look("192.0.2.99", 443, "api.example"), 0);
  EXPECT_EQ(look("192.0.2.99", 80, ""), 0);
  EXPECT_EQ(look("192.0.2.99", 443, "evil.example"), 1);
  EXPECT_EQ(look("192.0.2.1", 444, "api.example"), 1);
}

TEST(Checker, IsBoundedAndCountsWhatItDoesNotTell) {
  Profile profile;
  profile.images["<host>"].executables = {"/bin/sh"};
  Checker checker(profile);
  Sighting sighting;
  sighting.kind = Sighting::Kind::kExecuted;
  sighting.image = kHost;
  std::size_t told = 0;
  for (std::size_t i = 0; i < Checker::kToldMax + 50; ++i) {
    const std::string path = "/bin/x" + std::to_string(i);
    sighting.path = path;
    checker.look(sighting, [&](const Deviation&) { ++told; });
  }
  EXPECT_EQ(told, Checker::kToldMax);
  EXPECT_EQ(checker.untold(), 50U);
}

TEST(Learner, ManyAddressesAtOnePortBecomeAny) {
  Learner learner;
  Sighting sighting;
  sighting.kind = Sighting::Kind::kConnected;
  sighting.image = kHost;
  sighting.protocol = "tcp";
  sighting.port = 443;
  for (std::size_t i = 0; i < 2 * Learner::kAddressesMax; ++i) {
    const std::string address = "192.0.2." + std::to_string(i);
    sighting.address = address;
    learner.see(sighting);
  }
  const std::set<Destination> any = {{"tcp", "*", 443, ""}};
  EXPECT_EQ(learner.profile(0).images.at("<host>").destinations, any);
}

TEST(Learner, WhatIsBeyondItsBoundsIsCounted) {
  Learner learner;
  Sighting sighting;
  sighting.kind = Sighting::Kind::kExecuted;
  sighting.image = kHost;
  for (std::size_t i = 0; i < Learner::kExecutablesMax + 5; ++i) {
    const std::string path = "/bin/x" + std::to_string(i);
    sighting.path = path;
    learner.see(sighting);
  }
  const Profile profile = learner.profile(0);
  EXPECT_EQ(profile.images.at("<host>").executables.size(), Learner::kExecutablesMax);
  EXPECT_EQ(profile.images.at("<host>").forgotten, 5U);
}

TEST(ImageNames, AreUniqueAndFitForFiles) {
  Profile profile;
  for (const char* image :
       {"<host>", "a/b:1", "a-b-1", "../../etc/passwd", "<container X>", "::"}) {
    profile.images[image];
  }
  const std::map<std::string, std::string> names = image_names(profile);
  const std::map<std::string, std::string> expected = {{"../../etc/passwd", "etc-passwd"},
                                                       {"::", "image"},
                                                       {"<container X>", "container-x"},
                                                       {"a-b-1", "a-b-1"},
                                                       {"a/b:1", "a-b-1-2"}};
  EXPECT_EQ(names, expected);
}

}  // namespace
}  // namespace vedette::observe
