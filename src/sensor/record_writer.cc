// SPDX-License-Identifier: Apache-2.0
#include "sensor/record_writer.h"

#include <cstring>
#include <time.h>

namespace vedette::sensor {
namespace {

constexpr std::size_t kSlack = 16;  // the next field's header, the end's zeros

}  // namespace

RecordWriter::RecordWriter(std::string& out, vedette_kind kind) : out_(out), start_(out.size()) {
  out_.resize(start_ + sizeof(vedette_record));
  vedette_record& made = header();
  made.kind = static_cast<__u16>(kind);
  made.syscall = VEDETTE_NO_SYSCALL;
  timespec now = {};
  clock_gettime(CLOCK_BOOTTIME, &now);
  made.time = static_cast<__u64>(now.tv_sec) * 1'000'000'000U + static_cast<__u64>(now.tv_nsec);
}

vedette_record& RecordWriter::header() {
  return *reinterpret_cast<vedette_record*>(out_.data() + start_);
}

void RecordWriter::bytes(vedette_field_id id, std::string_view value) {
  const std::size_t used = out_.size() - start_;
  const std::size_t room = used + sizeof(vedette_field) + kSlack > VEDETTE_RECORD_SIZE_MAX
                               ? 0
                               : VEDETTE_RECORD_SIZE_MAX - used - sizeof(vedette_field) - kSlack;
  if (value.size() > room) {
    header().flags |= VEDETTE_FLAG_CUT;
    value = value.substr(0, room);
    if (room == 0) return;
  }
  const vedette_field field = {static_cast<__u16>(id), static_cast<__u16>(value.size())};
  out_.append(reinterpret_cast<const char*>(&field), sizeof(field));
  out_.append(value);
  out_.append((4 - value.size() % 4) % 4, '\0');
}

void RecordWriter::finish() {
  out_.append((8 - (out_.size() - start_) % 8) % 8, '\0');
  header().size = static_cast<__u32>(out_.size() - start_);
}

}  // namespace vedette::sensor
