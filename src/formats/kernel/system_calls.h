// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace vedette::formats::kernel {

// How an argument of a call is shown, as Falco shows it.
enum class Shape : std::uint8_t {
  kResult,      // what the call returned; a failure as "-13(EACCES)" would be, in numbers
  kDescriptor,  // a number; AT_FDCWD by name
  kPath,        // the first path of the call: as given
  kAbsolute,    // the first path, made absolute
  kAbsolute2,
  kDecimal,
  kUnsigned,
  kHex,
  kUid,
  kOctal,
  kOpenFlags,
  kModeFlags,
  kUnlinkFlags,
  kLinkFlags,
  kAtFlags,
  kRenameFlags,
  kMountFlags,
  kUnmountFlags,
  kCloneFlags,
  kPtraceRequest,
  kDomain,
  kSocketType,
  kSignal,
  kBpfCommand,
  kMemfdFlags,
  kDupFlags,
  kPrctlOption,
  kKeyctlOperation,
  kData,    // the field DATA as text
  kTuple,   // the two ends of the socket
  kDevice,  // of the file
  kInode,
  kParentPid,
  kExe,
  kExeName,  // the file as given to execve
  kArguments,
  kEnvironment,
  kPid,
  kTid,
  kCwd,
  kComm,
  kExeFlags,
  kCapability,  // index 0 inheritable, 1 permitted, 2 effective
};

struct CallArgument {
  std::string_view name;  // evt.arg.NAME
  Shape shape = Shape::kUnsigned;
  std::uint8_t index = 0;  // of the call's argument, where the shape is made from one
};

struct SystemCall {
  std::uint32_t number = 0;  // on x86-64
  std::string_view name;
  std::string_view category;  // evt.category
  std::span<const CallArgument> arguments;
  bool opens = false;              // open and its variants
  std::uint8_t open_flags = 0xFF;  // which argument holds O_…; 0xFF: none
};

// Null for a call that the sensor does not report.
const SystemCall* find_call(std::uint32_t number);
const SystemCall* find_call(std::string_view name);
// Null when the call has none of that name.
const CallArgument* find_argument(const SystemCall& call, std::string_view name);
std::span<const SystemCall> system_calls();

// "ENOENT" for a call that returned -2; "" for what is no failure known by name.
std::string_view error_of(std::int64_t result);

}  // namespace vedette::formats::kernel
