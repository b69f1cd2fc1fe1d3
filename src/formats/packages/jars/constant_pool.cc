// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/jars/constant_pool.h"

#include <algorithm>
#include <fmt/format.h>
#include <string>

#include "base/hash.h"

namespace vedette::formats::packages {
namespace {

std::uint64_t mixed(std::uint64_t a, std::uint64_t b, std::uint64_t c) {
  const std::uint64_t all[] = {a, b, c};
  return hash_bytes({reinterpret_cast<const char*>(all), sizeof all});
}

std::string_view last_part(std::string_view name, std::string_view marks) {
  return name.substr(name.find_last_of(marks) + 1);  // npos + 1 is 0
}

// Jakarta EE is Java EE in other packages, which nobody moved there: they are two things.
std::string simple_class(std::string_view name) {
  const bool is_jakarta = name.starts_with("jakarta/") || name.contains("/jakarta/");
  return (is_jakarta ? "jakarta/" : "") + std::string(last_part(name, "/"));
}

// "(Lcom/acme/Tool;[I)V" as "(LTool;[I)V".
std::string without_packages(std::string_view descriptor) {
  std::string out;
  while (!descriptor.empty()) {
    const std::size_t begin = std::min(descriptor.find('L'), descriptor.size() - 1) + 1;
    out += descriptor.substr(0, begin);
    descriptor.remove_prefix(begin);
    const std::size_t end =
        out.back() == 'L' ? std::min(descriptor.find(';'), descriptor.size()) : std::size_t{0};
    out += simple_class(descriptor.substr(0, end));
    descriptor.remove_prefix(end);
  }
  return out;
}

// Moving also changes texts that begin with the name of a moved package, in either notation; what
// stands behind its last part stays. No name begins with a digit.
std::string_view without_package(std::string_view text) {
  const bool is_number = !text.empty() && text.front() >= '0' && text.front() <= '9';
  return is_number ? text : last_part(text, "./");
}

}  // namespace

Result<ConstantPool> ConstantPool::read(ClassBytes& bytes) {
  ConstantPool pool;
  const std::uint16_t count = bytes.half();
  pool.constants_.resize(std::max<std::size_t>(count, 1));
  for (std::size_t i = 1; i < count && bytes.ok(); ++i) {
    Constant& constant = pool.constants_[i];
    const std::uint8_t tag = bytes.byte();
    constant.tag = static_cast<Tag>(tag);
    switch (constant.tag) {
      case Tag::kUtf8:
        constant.bytes = bytes.take(bytes.half());
        break;
      case Tag::kInteger:
      case Tag::kFloat:
        constant.bytes = bytes.take(4);
        break;
      case Tag::kLong:
      case Tag::kDouble:
        constant.bytes = bytes.take(8);
        ++i;  // takes two places
        break;
      case Tag::kClass:
      case Tag::kString:
      case Tag::kMethodType:
      case Tag::kModule:
      case Tag::kPackage:
        constant.first = bytes.half();
        break;
      case Tag::kMethodHandle:
        constant.first = bytes.byte();
        constant.second = bytes.half();
        break;
      case Tag::kFieldref:
      case Tag::kMethodref:
      case Tag::kInterfaceMethodref:
      case Tag::kNameAndType:
      case Tag::kDynamic:
      case Tag::kInvokeDynamic:
        constant.first = bytes.half();
        constant.second = bytes.half();
        break;
      default:
        if (!bytes.ok()) break;
        return failure(ErrorCode::kInvalid,
                       fmt::format("expected a constant of a known kind, found kind {}", tag));
    }
  }
  if (!bytes.ok())
    return failure(ErrorCode::kTruncated, "the class ends within its table of constants");
  return pool;
}

const ConstantPool::Constant& ConstantPool::at(std::uint16_t index, Tag tag) {
  const bool right = index < constants_.size() && constants_[index].tag == tag;
  ok_ = ok_ && right;
  return constants_[right ? index : 0];
}

std::uint64_t ConstantPool::hash(std::uint16_t index, Reading reading) {
  if (at(index, Tag::kUtf8).tag != Tag::kUtf8) return 0;
  Constant& constant = constants_[index];
  std::uint64_t& hash = constant.hashes[static_cast<std::size_t>(reading)];
  if (hash != 0) return hash;
  const std::string_view text = constant.bytes;
  switch (reading) {
    case Reading::kName:
      hash = hash_bytes(text);
      break;
    case Reading::kDescriptor:
      hash = hash_bytes(without_packages(text));
      break;
    case Reading::kClass:
      hash = text.starts_with('[') ? hash_bytes(without_packages(text))
                                   : hash_bytes(simple_class(text));
      break;
    case Reading::kString:
      hash = hash_bytes(without_package(text));
      break;
  }
  return hash;
}

std::uint64_t ConstantPool::name(std::uint16_t index) { return hash(index, Reading::kName); }

std::uint64_t ConstantPool::descriptor(std::uint16_t index) {
  return hash(index, Reading::kDescriptor);
}

std::uint64_t ConstantPool::simple_name(std::uint16_t index) {
  return hash(at(index, Tag::kClass).first, Reading::kClass);
}

std::uint64_t ConstantPool::name_and_type(std::uint16_t index) {
  const Constant& both = at(index, Tag::kNameAndType);
  return mixed(0, name(both.first), descriptor(both.second));
}

std::uint64_t ConstantPool::member(std::uint16_t index) {
  Tag tag = index < constants_.size() ? constants_[index].tag : Tag::kNone;
  if (tag != Tag::kFieldref && tag != Tag::kInterfaceMethodref) tag = Tag::kMethodref;
  const Constant& reference = at(index, tag);
  return mixed(static_cast<std::uint64_t>(tag), simple_name(reference.first),
               name_and_type(reference.second));
}

std::uint64_t ConstantPool::call_site(std::uint16_t index) {
  const bool is_dynamic = index < constants_.size() && constants_[index].tag == Tag::kDynamic;
  const Tag tag = is_dynamic ? Tag::kDynamic : Tag::kInvokeDynamic;
  return mixed(static_cast<std::uint64_t>(tag), 0, name_and_type(at(index, tag).second));
}

std::uint64_t ConstantPool::loadable(std::uint16_t index) {
  const Tag tag = index < constants_.size() ? constants_[index].tag : Tag::kNone;
  const auto kind = static_cast<std::uint64_t>(tag);
  switch (tag) {
    case Tag::kInteger:
    case Tag::kFloat:
    case Tag::kLong:
    case Tag::kDouble:
      return mixed(kind, 0, hash_bytes(constants_[index].bytes));
    case Tag::kString:
      return mixed(kind, 0, hash(constants_[index].first, Reading::kString));
    case Tag::kClass:
      return mixed(kind, 0, simple_name(index));
    case Tag::kMethodType:
      return mixed(kind, 0, descriptor(constants_[index].first));
    case Tag::kMethodHandle:
      return mixed(kind, constants_[index].first, member(constants_[index].second));
    case Tag::kDynamic:
      return call_site(index);
    default:
      ok_ = false;
      return 0;
  }
}

std::string_view ConstantPool::text(std::uint16_t index) { return at(index, Tag::kUtf8).bytes; }

std::string_view ConstantPool::class_name(std::uint16_t index) {
  return text(at(index, Tag::kClass).first);
}

}  // namespace vedette::formats::packages
