// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

// Text of others in a comment of a pull or merge request, where it must stay text: no markup, no
// cell or line of its own, no mention, no reference to another request, no link.
namespace vedette::output {

// At most this many bytes of a text are shown, before they are escaped.
inline constexpr std::size_t kMarkdownBytesMax = 200;

std::string markdown_text(std::string_view text);

// What may be copied, as commands: a code span; as markdown_text() where it cannot be one.
std::string markdown_code(std::string_view text);

// "[host](url)" of an address with https; empty: it is none that is safe to show as a link.
std::string markdown_link(std::string_view url);

}  // namespace vedette::output
