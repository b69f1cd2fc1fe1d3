// SPDX-License-Identifier: Apache-2.0
#include "scan/secrets/masked_text.h"

#include <vector>

#include "scan/mask.h"

namespace vedette::scan::secrets {

std::string masked_text(std::string_view text, std::string_view path, SecretScanner& scanner) {
  Content content;
  content.path = path;
  content.bytes = text;
  std::vector<ByteRange> ranges;
  scanner.find_ranges(content, ranges);
  std::string shown;
  std::size_t at = 0;
  for (const ByteRange& range : ranges) {
    shown += text.substr(at, range.begin - at);
    shown += mask(text.substr(range.begin, range.size));
    at = range.begin + range.size;
  }
  return shown.append(text.substr(at));
}

}  // namespace vedette::scan::secrets
