// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"

// What stays of a class when a tool moves it to another package (maven-shade and its like), so that
// it can be known again there.
//
// Such a tool writes the class anew: constants get other places, ldc becomes ldc_w or the other way
// round, frames are encoded again, names of moved packages change wherever they stand, also in
// texts. What stays, and what a shape is made of: the names of members; descriptors and names of
// classes without their packages; flags; instructions with what they refer to, but for the
// distances of jumps; numbers; what is caught. What compilers may leave out (lines, variables,
// annotations) is passed over, and so are the sizes of attributes, which those tools change.
namespace vedette::formats::packages {

struct ClassShape {
  std::string_view name;  // "com/acme/Tool$1", in the bytes
  std::uint64_t hash = 0;
  // Whether there is enough in it that an equal one is no accident: neither a marker nor three
  // lines that anybody would have written.
  bool tells = false;
};

// JVMS §4. The work is linear in the bytes: constants are followed by their kinds, so that no cycle
// can be entered. kInvalid for what is no class, or not as its own sizes say. `bytes` outlive the
// result.
Result<ClassShape> class_shape(std::string_view bytes);

}  // namespace vedette::formats::packages
