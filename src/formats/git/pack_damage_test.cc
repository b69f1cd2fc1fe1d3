// SPDX-License-Identifier: Apache-2.0
// Packs and indexes as no git writes them: each read ends, in an answer or an error.
#include <limits>
#include <memory>

#include "formats/git/object_reader.h"
#include "formats/git/test_pack.h"
#include "formats/git/test_repository.h"

namespace vedette::formats::git {
namespace {

class PackDamage : public testing::Test {
 protected:
  PackDamage() { git_.init("work"); }

  void put(const std::string& pack, const std::string& index) {
    const std::string name = ".git/objects/pack/pack-1.";
    git_.write("work", name + "pack", pack);
    git_.write("work", name + "idx", index);
  }
  void put(const TestPack& pack) { put(pack.pack(), pack.index()); }

  struct Counts {
    std::size_t objects = 0;
    std::size_t read = 0;
  };
  // Reads all that there seems to be.
  Counts read_all() {
    Counts counts;
    const Repository repository = *open_repository(git_.path("work"));
    const ObjectStore store = *ObjectStore::open(repository);
    ObjectReader reader = *ObjectReader::create(store, {.object_bytes_max = 1 << 20});
    for (ObjectNumber number = 0; number < store.count(); ++number) {
      ++counts.objects;
      if (reader.read(number)) ++counts.read;
    }
    return counts;
  }
  // The error of reading one object, or its bytes.
  std::string read(ObjectId id, ErrorCode expected = ErrorCode::kInvalid) {
    const Repository repository = *open_repository(git_.path("work"));
    ObjectStore store = *ObjectStore::open(repository);
    ObjectReader reader = *ObjectReader::create(store, {});
    const ObjectNumber number = store.find(id);
    if (number == kNoObject) return "not found";
    const auto object = reader.read(number);
    if (object) return std::string(object->bytes);
    EXPECT_EQ(object.error().code, expected) << object.error().message;
    return object.error().message;
  }

  static TestPack small_pack() {
    TestPack pack;
    const std::uint64_t base = pack.end();
    pack.add(id_of(1), ObjectType::kBlob, "the base of two others, both of them deltas");
    pack.add_delta(id_of(0x80000000U), pack.end() - base, prepending_delta(43, "first "));
    pack.add_delta(id_of(0x7fffffffU), id_of(0x80000000U), prepending_delta(49, "second "));
    pack.add(id_of(0xffffffffU), ObjectType::kBlob, "");
    return pack;
  }

  TestRepositories git_;
};

TEST_F(PackDamage, AWholePackIsRead) {
  put(small_pack());
  EXPECT_EQ(read_all().read, 4);
  EXPECT_EQ(read(id_of(0x7fffffffU)), "second first the base of two others, both of them deltas");
}

TEST_F(PackDamage, FlippedBytesOfThePackCostWhatTheyHit) {
  const TestPack good = small_pack();
  for (std::size_t i = 12; i < good.pack().size() - 20; ++i) {
    std::string pack = good.pack();
    pack[i] = static_cast<char>(pack[i] ^ 0x5a);
    put(pack, good.index());
    const Counts counts = read_all();
    EXPECT_EQ(counts.objects, 4);
    EXPECT_GE(counts.read, 1) << i;
  }
}

TEST_F(PackDamage, FlippedBytesOfTheIndexDoNoHarm) {
  const TestPack good = small_pack();
  for (std::size_t i = 0; i < good.index().size(); i += i < 1032 ? 37 : 1) {
    for (const int flip : {0x80, 0x7f, 0xff}) {
      std::string index = good.index();
      index[i] = static_cast<char>(index[i] ^ flip);
      put(good.pack(), index);
      EXPECT_LE(read_all().read, 4);
    }
  }
}

TEST_F(PackDamage, CutOffFilesAreSaid) {
  const TestPack good = small_pack();
  for (std::size_t size = 0; size < good.index().size(); size += size < 1032 ? 129 : 1) {
    put(good.pack(), good.index().substr(0, size));
    EXPECT_EQ(read_all().objects, 0) << size;
  }
  for (std::size_t size = 0; size < good.pack().size() - 20; ++size) {
    put(good.pack().substr(0, size), good.index());
    EXPECT_LT(read_all().read, 4) << size;
  }
}

TEST_F(PackDamage, OffsetsBeyondThePackAreRefused) {
  TestPack pack = small_pack();
  std::uint32_t number = 100;
  for (const std::uint64_t offset :
       {std::uint64_t{0}, std::uint64_t{11}, pack.pack().size() - 20, pack.pack().size() - 1,
        pack.pack().size(), pack.pack().size() + 1, std::uint64_t{1} << 22, std::uint64_t{1} << 30,
        std::uint64_t{0x7fffffff}, std::uint64_t{1} << 40,
        std::numeric_limits<std::uint64_t>::max() - 40,
        std::numeric_limits<std::uint64_t>::max()}) {
    pack.add_row(id_of(number++), offset);
  }
  put(pack);
  EXPECT_EQ(read_all().read, 4);
}

TEST_F(PackDamage, BasesThatAreGoneAreSaid) {
  TestPack pack;
  pack.add_delta(id_of(1), id_of(2), prepending_delta(3, "x"));
  pack.add_delta(id_of(3), pack.end(), prepending_delta(3, "x"));
  pack.add_delta(id_of(4), 5, prepending_delta(3, "x"));
  put(pack);
  EXPECT_EQ(read(id_of(1), ErrorCode::kNotFound), "the object that it is a delta of is missing");
  EXPECT_EQ(read_all().read, 0);
}

TEST_F(PackDamage, CirclesOfDeltasEnd) {
  TestPack pack;
  pack.add_delta(id_of(1), id_of(2), prepending_delta(3, "x"));
  pack.add_delta(id_of(2), id_of(3), prepending_delta(3, "x"));
  pack.add_delta(id_of(3), id_of(1), prepending_delta(3, "x"));
  pack.add_delta(id_of(4), id_of(4), prepending_delta(3, "x"));
  put(pack);
  for (std::uint32_t number = 1; number <= 4; ++number) {
    EXPECT_NE(read(id_of(number), ErrorCode::kLimit).find("in a circle"), std::string::npos);
  }
}

TEST_F(PackDamage, DeltasUponDeltasAreReadDownToABound) {
  TestPack pack;
  std::uint64_t before = pack.end();
  pack.add(id_of(0), ObjectType::kBlob, "0");
  constexpr std::uint32_t kDepth = ObjectReader::kChainMax + 5;
  for (std::uint32_t i = 1; i <= kDepth; ++i) {
    const std::uint64_t here = pack.end();
    pack.add_delta(id_of(i), here - before, prepending_delta(i, "x"));
    before = here;
  }
  put(pack);
  EXPECT_EQ(read(id_of(4095)), std::string(4095, 'x') + "0");
  EXPECT_NE(read(id_of(kDepth), ErrorCode::kLimit).find("delta of a delta"), std::string::npos);
}

TEST_F(PackDamage, SizesThatAreLiesAreNotAllocated) {
  TestPack pack;
  // A blob that says it has 2^59 bytes, and a delta that makes 2^62.
  const std::string huge = "\xbf" + std::string(7, '\xff') + '\x7f';
  const std::uint64_t offset = pack.end();
  pack.add(id_of(1), ObjectType::kBlob, std::string(80, 'b'));
  pack.add_delta(id_of(2), id_of(1), delta_size(80) + delta_size(std::uint64_t{1} << 62) + "\x01x");
  std::string bytes = pack.pack();
  put(bytes, pack.index());
  EXPECT_NE(read(id_of(2), ErrorCode::kLimit).find("larger"), std::string::npos);
  put(bytes.replace(offset, 2, huge), pack.index());
  EXPECT_NE(read(id_of(1), ErrorCode::kLimit).find("more than"), std::string::npos);
}

TEST_F(PackDamage, DeltasOfAnotherBaseOrWithBadCodesAreRefused) {
  const std::string base = "0123456789";
  const std::vector<std::string> bad = {
      "",
      delta_size(10),
      delta_size(11) + delta_size(1) + "\x01x",               // of another base
      delta_size(10) + delta_size(2) + "\x01x",               // makes less than it says
      delta_size(10) + delta_size(1) + "\x02xy",              // makes more
      delta_size(10) + delta_size(5) + "\x05xy",              // ends inside of a text
      delta_size(10) + delta_size(1) + std::string(1, '\0'),  // the code that is reserved
      delta_size(10) + delta_size(11) + "\x90\x0b",           // copies from beyond the end
      delta_size(10) + delta_size(1) + "\x91\x0a\x01",        // the same with an offset
      delta_size(10) + delta_size(1) + "\xff",                // ends inside of a copy
      delta_size(10) + delta_size(0x10000) + "\x80",          // 65,536 bytes of ten
      std::string(20, '\xff'),                                // a size without end
  };
  TestPack pack;
  pack.add(id_of(0), ObjectType::kBlob, base);
  for (std::uint32_t i = 0; i < bad.size(); ++i) pack.add_delta(id_of(i + 1), id_of(0), bad[i]);
  put(pack);
  for (std::uint32_t i = 0; i < bad.size(); ++i)
    EXPECT_NE(read(id_of(i + 1), ErrorCode::kInvalid).find("delta"), std::string::npos) << i;
  EXPECT_EQ(read_all().read, 1);
}

TEST_F(PackDamage, UnknownTypesAndVersionsAreRefused) {
  TestPack pack;
  pack.add_raw(id_of(1), static_cast<ObjectType>(0), "", "text");
  pack.add_raw(id_of(2), static_cast<ObjectType>(5), "", "text");
  put(pack);
  EXPECT_EQ(read(id_of(1), ErrorCode::kInvalid), "it is of an unknown type");
  EXPECT_EQ(read(id_of(2), ErrorCode::kInvalid), "it is of an unknown type");
  const TestPack good = small_pack();
  put(good.pack().replace(4, 4, big_endian(4, 4)), good.index());
  EXPECT_EQ(read_all().objects, 0);
  put(good.pack(), good.index().replace(4, 4, big_endian(3, 4)));
  EXPECT_EQ(read_all().objects, 0);
  // Version 1 has no magic number.
  put(good.pack(), good.index().substr(8));
  EXPECT_EQ(read_all().objects, 0);
}

TEST(PackIndex, FindsEachIdHoweverTheyLie) {
  // Ids that are evenly spread, all near each other, and at both ends.
  for (const std::uint32_t step : {1U, 3U, 65536U, 4000000U}) {
    TestPack pack;
    for (std::uint32_t i = 0; i < 1000; ++i) pack.add_row(id_of(i * step), 12 + i);
    for (std::uint32_t i = 0; i < 100; ++i) pack.add_row(id_of(0xffffffffU - i), 5000 + i);
    const std::string bytes = pack.index();
    const Result<PackIndex> index = PackIndex::parse(bytes, HashKind::kSha1);
    ASSERT_TRUE(index);
    ASSERT_EQ(index->count(), 1100);
    for (std::uint32_t i = 0; i < 1000; ++i) {
      const auto found = index->find(id_of(i * step));
      ASSERT_TRUE(found) << step << " " << i;
      EXPECT_EQ(index->offset(*found), 12 + i);
      EXPECT_EQ(index->id(*found), id_of(i * step));
      EXPECT_EQ(index->find(id_of(i * step + 1)).has_value(), step == 1 && i < 999);
    }
    for (std::uint32_t i = 0; i < 100; ++i)
      EXPECT_EQ(index->offset(index->find(id_of(0xffffffffU - i)).value_or(0)), 5000 + i);
  }
}

TEST(PackIndex, ReadsOffsetsBeyondFourGigabytes) {
  TestPack pack;
  pack.add_row(id_of(1), 0x7fffffffU);
  pack.add_row(id_of(2), 0x80000000U);
  pack.add_row(id_of(3), std::uint64_t{5} << 40);
  const std::string bytes = pack.index();
  const PackIndex index = *PackIndex::parse(bytes, HashKind::kSha1);
  EXPECT_EQ(index.offset(0), 0x7fffffffU);
  EXPECT_EQ(index.offset(1), 0x80000000U);
  EXPECT_EQ(index.offset(2), std::uint64_t{5} << 40);
}

// What something else cuts off while the store is open costs what stands behind the cut.
TEST_F(PackDamage, IsCutOffWhileItIsRead) {
  TestPack pack;
  std::string noise;
  for (std::uint32_t i = 0, state = 1; i < 100'000; ++i) {
    state = state * 1664525 + 1013904223;
    noise += static_cast<char>(state >> 24);
  }
  constexpr std::uint32_t kCount = 30;
  for (std::uint32_t i = 1; i <= kCount; ++i)
    pack.add(id_of(i), ObjectType::kBlob, noise + std::to_string(i));
  put(pack);
  ObjectStore store = *ObjectStore::open(*open_repository(git_.path("work")));
  ObjectReader reader = *ObjectReader::create(store, {.cache_bytes = 0});
  EXPECT_TRUE(reader.read(store.find(id_of(kCount))));
  std::filesystem::resize_file(git_.path("work/.git/objects/pack/pack-1.pack"),
                               pack.pack().size() / 2);
  std::size_t read = 0;
  for (std::uint32_t i = 1; i <= kCount; ++i) {
    const auto object = reader.read(store.find(id_of(i)));
    read += object ? 1 : 0;
    if (object) continue;
    EXPECT_EQ(object.error().code, ErrorCode::kTruncated);
    EXPECT_EQ(object.error().message, "the pack became shorter while it was read");
  }
  EXPECT_GE(read, kCount / 2 - 1);
  EXPECT_LE(read, kCount / 2 + 1);  // the last may be at hand still
}

// Data that is read by pieces: it does not fit into one, packed or not.
TEST_F(PackDamage, LongObjectsAreReadByPieces) {
  std::string noise;
  for (std::uint32_t i = 0, state = 1; i < 3'000'000; ++i) {
    state = state * 1664525 + 1013904223;
    noise += static_cast<char>(state >> 24);
  }
  TestPack pack;
  pack.add(id_of(1), ObjectType::kBlob, noise);
  pack.add(id_of(2), ObjectType::kBlob, std::string(5'000'000, 'a'));
  put(pack);
  EXPECT_EQ(read(id_of(1)), noise);
  EXPECT_EQ(read(id_of(2)), std::string(5'000'000, 'a'));
  std::string damaged = pack.pack();
  damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 1);
  put(damaged, pack.index());
  EXPECT_EQ(read(id_of(1)), "its zlib data is damaged");
}

}  // namespace
}  // namespace vedette::formats::git
