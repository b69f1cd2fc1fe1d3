// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/jars/class_shape.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <string>
#include <vector>

#include "base/hash.h"
#include "formats/packages/jars/constant_pool.h"

namespace vedette::formats::packages {
namespace {

constexpr std::uint32_t kMagic = 0xCAFEBABE;
// Set by some writers and not by others, with the same meaning: super and synthetic of classes,
// synthetic of members.
constexpr std::uint16_t kLooseClassFlags = 0x1020;
constexpr std::uint16_t kLooseMemberFlags = 0x1000;
constexpr std::size_t kCodeBytesMax = 65535;  // JVMS §4.7.3
// A class tells when it has so much of one or the other.
constexpr std::size_t kInstructionsMin = 20;
constexpr std::size_t kMembersMin = 6;

// What stands behind an opcode (JVMS §6.5).
enum class Operands : std::uint8_t {
  kUnknown,
  kNone,
  kByte,
  kHalf,
  kLocal,     // a variable in one byte, in two behind `wide`
  kOwnLocal,  // the variable is in the opcode: `base` + type * 4 + variable
  kIncrement,
  kJump,
  kWideJump,
  kTableSwitch,
  kLookupSwitch,
  kLoad,  // a constant in one byte
  kWideLoad,
  kMember,
  kInterfaceMember,
  kCallSite,
  kClass,
  kArrayOfClass,  // a class and the count of dimensions
  kWide,
};

struct OpcodeRow {
  std::uint8_t first;
  std::uint8_t last;
  Operands operands;
  std::uint8_t same_as;  // of several that mean the same, the first of that one's row
};

constexpr auto kOpcodeRows = std::to_array<OpcodeRow>({
    {0, 15, Operands::kNone, 0},
    {16, 16, Operands::kByte, 16},
    {17, 17, Operands::kHalf, 17},
    {18, 18, Operands::kLoad, 18},
    {19, 19, Operands::kWideLoad, 18},
    {20, 20, Operands::kWideLoad, 20},
    {21, 25, Operands::kLocal, 21},
    {26, 45, Operands::kOwnLocal, 21},
    {46, 53, Operands::kNone, 46},
    {54, 58, Operands::kLocal, 54},
    {59, 78, Operands::kOwnLocal, 54},
    {79, 131, Operands::kNone, 79},
    {132, 132, Operands::kIncrement, 132},
    {133, 152, Operands::kNone, 133},
    {153, 168, Operands::kJump, 153},
    {169, 169, Operands::kLocal, 169},
    {170, 170, Operands::kTableSwitch, 170},
    {171, 171, Operands::kLookupSwitch, 171},
    {172, 177, Operands::kNone, 172},
    {178, 184, Operands::kMember, 178},
    {185, 185, Operands::kInterfaceMember, 185},
    {186, 186, Operands::kCallSite, 186},
    {187, 187, Operands::kClass, 187},
    {188, 188, Operands::kByte, 188},
    {189, 189, Operands::kClass, 189},
    {190, 191, Operands::kNone, 190},
    {192, 193, Operands::kClass, 192},
    {194, 195, Operands::kNone, 194},
    {196, 196, Operands::kWide, 196},
    {197, 197, Operands::kArrayOfClass, 197},
    {198, 199, Operands::kJump, 198},
    {200, 201, Operands::kWideJump, 167},
});

constexpr std::array<const OpcodeRow*, 256> rows_by_opcode() {
  std::array<const OpcodeRow*, 256> rows = {};
  for (const OpcodeRow& row : kOpcodeRows) {
    for (std::size_t opcode = row.first; opcode <= row.last; ++opcode) rows[opcode] = &row;
  }
  return rows;
}
constexpr std::array<const OpcodeRow*, 256> kRowByOpcode = rows_by_opcode();

class Writing {
 public:
  void add(std::uint64_t value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  std::uint64_t hash() const { return hash_bytes(bytes_); }

 private:
  std::string bytes_;
};

// Of one method.
class CodeReading {
 public:
  CodeReading(std::string_view code, ConstantPool& pool, Writing& out)
      : code_(code), size_(code.size()), pool_(pool), out_(out) {}

  // False: what stands there is no instruction, or is cut.
  bool read(std::size_t& instructions) {
    while (code_.left() > 0) {
      const std::uint8_t opcode = code_.byte();
      const OpcodeRow* const row = kRowByOpcode[opcode];
      if (row == nullptr || !take(*row, opcode) || !code_.ok()) return false;
      ++instructions;
    }
    return true;
  }

 private:
  void add(const OpcodeRow& row, std::uint8_t opcode, std::uint64_t operand) {
    out_.add(std::uint64_t{row.same_as} + opcode - row.first);
    out_.add(operand);
  }

  bool take(const OpcodeRow& row, std::uint8_t opcode) {
    switch (row.operands) {
      case Operands::kNone:
        return add(row, opcode, 0), true;
      case Operands::kByte:
      case Operands::kLocal:
        return add(row, opcode, code_.byte()), true;
      case Operands::kHalf:
        return add(row, opcode, code_.half()), true;
      case Operands::kOwnLocal: {
        const unsigned own = static_cast<unsigned>(opcode - row.first);
        out_.add(row.same_as + own / 4);
        out_.add(own % 4);
        return true;
      }
      case Operands::kIncrement:
        return add(row, opcode, code_.byte()), out_.add(code_.byte()), true;
      case Operands::kJump:
        return add(row, opcode, 0), code_.half(), true;
      case Operands::kWideJump:
        return add(row, opcode, 0), code_.word(), true;
      default:
        return take_reference(row, opcode);
    }
  }

  bool take_reference(const OpcodeRow& row, std::uint8_t opcode) {
    switch (row.operands) {
      case Operands::kLoad:
        return add(row, opcode, pool_.loadable(code_.byte())), true;
      case Operands::kWideLoad:
        return add(row, opcode, pool_.loadable(code_.half())), true;
      case Operands::kMember:
        return add(row, opcode, pool_.member(code_.half())), true;
      case Operands::kInterfaceMember:
        return add(row, opcode, pool_.member(code_.half())), code_.half(), true;
      case Operands::kCallSite:
        return add(row, opcode, pool_.call_site(code_.half())), code_.half(), true;
      case Operands::kClass:
        return add(row, opcode, pool_.simple_name(code_.half())), true;
      case Operands::kArrayOfClass:
        return add(row, opcode, pool_.simple_name(code_.half())), out_.add(code_.byte()), true;
      case Operands::kWide:
        return take_wide();
      default:
        return take_switch(row, opcode);
    }
  }

  bool take_wide() {
    const std::uint8_t opcode = code_.byte();
    const OpcodeRow* const row = kRowByOpcode[opcode];
    if (row == nullptr) return false;
    if (row->operands != Operands::kLocal && row->operands != Operands::kIncrement) return false;
    add(*row, opcode, code_.half());
    if (row->operands == Operands::kIncrement) out_.add(code_.half());
    return true;
  }

  // The cases, without where they jump to; the table begins at a multiple of four.
  bool take_switch(const OpcodeRow& row, std::uint8_t opcode) {
    const std::size_t at = size_ - code_.left();
    code_.take((4 - at % 4) % 4);
    code_.word();
    const bool is_table = row.operands == Operands::kTableSwitch;
    const std::uint32_t low = is_table ? code_.word() : 0;
    const std::uint32_t count = is_table ? code_.word() - low + 1 : code_.word();
    if (count > code_.left() / (is_table ? 4 : 8)) return false;
    add(row, opcode, count);
    out_.add(low);
    for (std::uint32_t i = 0; i < count; ++i) {
      if (!is_table) out_.add(code_.word());
      code_.word();
    }
    return true;
  }

  ClassBytes code_;
  const std::size_t size_;
  ConstantPool& pool_;
  Writing& out_;
};

class ShapeReading {
 public:
  ShapeReading(ClassBytes& bytes, ConstantPool& pool) : bytes_(bytes), pool_(pool) {}

  Result<ClassShape> read() {
    Writing whole;
    ClassShape shape;
    whole.add(static_cast<std::uint64_t>(bytes_.half() & ~kLooseClassFlags));
    const std::uint16_t own = bytes_.half();
    whole.add(pool_.simple_name(own));
    shape.name = pool_.class_name(own);
    const std::uint16_t parent = bytes_.half();
    whole.add(parent == 0 ? 0 : pool_.simple_name(parent));
    for (std::uint16_t left = bytes_.half(); left > 0 && bytes_.ok(); --left)
      whole.add(pool_.simple_name(bytes_.half()));
    TRY_VOID(read_members());  // fields
    TRY_VOID(read_members());  // methods
    if (!bytes_.ok()) return failure(ErrorCode::kTruncated, "the class ends too early");
    if (!pool_.ok()) {
      return failure(ErrorCode::kInvalid,
                     "expected constants of the kinds that are referred to, found others");
    }
    // In whichever order they stand.
    std::ranges::sort(members_);
    for (const std::uint64_t member : members_) whole.add(member);
    shape.hash = whole.hash();
    shape.tells = instructions_ >= kInstructionsMin || members_.size() >= kMembersMin;
    return shape;
  }

 private:
  Result<void> read_members() {
    for (std::uint16_t left = bytes_.half(); left > 0 && bytes_.ok(); --left) {
      Writing member;
      member.add(static_cast<std::uint64_t>(bytes_.half() & ~kLooseMemberFlags));
      member.add(pool_.name(bytes_.half()));
      member.add(pool_.descriptor(bytes_.half()));
      for (std::uint16_t attributes = bytes_.half(); attributes > 0 && bytes_.ok(); --attributes) {
        const std::string_view name = pool_.text(bytes_.half());
        ClassBytes content(bytes_.take(bytes_.word()));
        if (name == "ConstantValue") member.add(pool_.loadable(content.half()));
        if (name == "Code") TRY_VOID(read_code(content, member));
      }
      members_.push_back(member.hash());
    }
    return {};
  }

  Result<void> read_code(ClassBytes content, Writing& member) {
    content.word();  // depth of the stack, count of variables: some tools reckon them anew
    const std::string_view code = content.take(content.word());
    if (code.size() > kCodeBytesMax)
      return failure(ErrorCode::kInvalid, "expected methods of less than 64 KiB, found a longer");
    if (!content.ok() || !CodeReading(code, pool_, member).read(instructions_))
      return failure(ErrorCode::kInvalid, "expected instructions, found something else");
    for (std::uint16_t left = content.half(); left > 0 && content.ok(); --left) {
      content.take(6);  // where it holds and where it leads
      const std::uint16_t caught = content.half();
      member.add(caught == 0 ? 0 : pool_.simple_name(caught));
    }
    return {};
  }

  ClassBytes& bytes_;
  ConstantPool& pool_;
  std::vector<std::uint64_t> members_;
  std::size_t instructions_ = 0;
};

}  // namespace

Result<ClassShape> class_shape(std::string_view bytes) {
  ClassBytes all(bytes);
  if (all.word() != kMagic) return failure(ErrorCode::kInvalid, "expected a class, found no magic");
  all.word();  // version
  TRY(ConstantPool pool, ConstantPool::read(all));
  return ShapeReading(all, pool).read();
}

}  // namespace vedette::formats::packages
