// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <linux/bpf.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sensor/live_test.h"

namespace vedette::sensor::live {

std::vector<std::string> Record::list(vedette_field_id id) const {
  std::vector<std::string> elements;
  std::string_view rest =
      fields.contains(id) ? std::string_view(fields.at(id)) : std::string_view();
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\0'), rest.size());
    elements.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return elements;
}

namespace {

void take_fields(std::string_view bytes, Record& record) {
  while (bytes.size() >= sizeof(vedette_field)) {
    vedette_field field;
    std::memcpy(&field, bytes.data(), sizeof(field));
    const std::size_t padded = (std::size_t{field.size} + 3) / 4 * 4;
    ASSERT_LE(sizeof(field) + padded, bytes.size()) << "field " << field.id;
    const std::string_view value = bytes.substr(sizeof(field), field.size);
    for (std::size_t i = field.size; i < padded; ++i) {
      ASSERT_EQ(bytes[sizeof(field) + i], '\0') << "field " << field.id;
    }
    if (field.id != 0) {
      ASSERT_FALSE(record.fields.contains(field.id)) << "field " << field.id << " comes twice";
      record.fields[field.id] = value;
    } else {
      ASSERT_EQ(field.size, 0);  // the zeros at the end, or where a record was extended
    }
    bytes.remove_prefix(sizeof(field) + padded);
  }
  ASSERT_TRUE(bytes.empty());
}

}  // namespace

std::vector<Record> take_apart(std::string_view bytes) {
  std::vector<Record> records;
  while (!bytes.empty()) {
    Record record;
    if (bytes.size() < sizeof(vedette_record)) {
      ADD_FAILURE() << "a record is cut";
      return records;
    }
    std::memcpy(&record.header, bytes.data(), sizeof(vedette_record));
    const std::size_t size = record.header.size;
    if (size % 8 != 0 || size < sizeof(vedette_record) || size > bytes.size()) {
      ADD_FAILURE() << "a record of kind " << record.header.kind << " has size " << size;
      return records;
    }
    take_fields(bytes.substr(sizeof(vedette_record), size - sizeof(vedette_record)), record);
    if (testing::Test::HasFatalFailure()) return records;
    records.push_back(std::move(record));
    bytes.remove_prefix(size);
  }
  return records;
}

namespace {

// Whether this kernel lets this process run a program that does nothing, at a raw tracepoint. Where
// it does and ours are refused, ours are wrong.
bool kernel_takes_programs() {
  if (access("/sys/kernel/btf/vmlinux", R_OK) != 0) return false;
  const bpf_insn nothing[] = {{BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0},
                              {BPF_JMP | BPF_EXIT, 0, 0, 0, 0}};
  const char license[] = "GPL";
  bpf_attr load = {};
  load.prog_type = BPF_PROG_TYPE_RAW_TRACEPOINT;
  load.insn_cnt = 2;
  load.insns = reinterpret_cast<__u64>(nothing);
  load.license = reinterpret_cast<__u64>(license);
  const auto program = static_cast<int>(syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof load));
  if (program < 0) return false;
  bpf_attr open = {};
  open.raw_tracepoint.name = reinterpret_cast<__u64>("sys_exit");
  open.raw_tracepoint.prog_fd = static_cast<__u32>(program);
  const auto link = static_cast<int>(syscall(SYS_bpf, BPF_RAW_TRACEPOINT_OPEN, &open, sizeof open));
  close(program);
  if (link < 0) return false;
  close(link);
  return true;
}

}  // namespace

Told::Told()
    : value_(static_cast<long*>(mmap(nullptr, sizeof(long), PROT_READ | PROT_WRITE,
                                     MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {}
Told::~Told() { munmap(value_, sizeof(long)); }

void LiveTest::SetUp() {
  std::string name = (std::filesystem::temp_directory_path() / "vedette_live_XXXXXX").string();
  ASSERT_NE(mkdtemp(name.data()), nullptr);
  folder_ = std::filesystem::canonical(name).string();
  options_.state_at_start = false;
}

void LiveTest::TearDown() {
  source_.reset();
  std::error_code error;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, error);
}

void LiveTest::start(const KernelSourceOptions& options) {
  auto source = KernelSource::create(options);
  if (!source && !kernel_takes_programs()) GTEST_SKIP() << source.error().message;
  ASSERT_TRUE(source) << source.error().message;
  source_ = std::move(*source);
}

pid_t LiveTest::run(const std::function<void()>& work) {
  const pid_t child = fork();
  if (child == 0) {
    if (chdir(folder_.c_str()) == 0) work();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return child;
}

std::vector<Record> LiveTest::drain() {
  constexpr int kQuietBatches = 8;  // of 10 ms each
  constexpr int kBatchesMax = 1000;
  std::vector<Record> records;
  event::Batch batch;
  int quiet = 0;
  for (int i = 0; i < kBatchesMax && quiet < kQuietBatches && source_->next(batch); ++i) {
    // Others on the machine are never quiet: what counts is our own.
    std::vector<Record> some = take_apart(batch.buffer.view());
    const bool ours = std::any_of(some.begin(), some.end(), [&](const Record& record) {
      return record.header.pid == static_cast<__u32>(child_);
    });
    quiet = ours ? 0 : quiet + 1;
    records.insert(records.end(), some.begin(), some.end());
  }
  return records;
}

std::vector<Record> LiveTest::watch(const std::function<void()>& work) {
  if (source_ == nullptr) return {};
  child_ = run(work);
  std::vector<Record> records = drain();
  std::erase_if(records, [&](const Record& record) {
    return record.header.pid != static_cast<__u32>(child_);
  });
  return records;
}

std::vector<Record> LiveTest::of_kind(const std::vector<Record>& records, vedette_kind kind) {
  std::vector<Record> found;
  std::copy_if(records.begin(), records.end(), std::back_inserter(found),
               [&](const Record& record) { return record.header.kind == kind; });
  return found;
}

std::vector<Record> LiveTest::of_call(const std::vector<Record>& records, long number) {
  std::vector<Record> found = of_kind(records, VEDETTE_KIND_SYSCALL);
  std::erase_if(found, [&](const Record& record) { return record.header.syscall != number; });
  return found;
}

Record LiveTest::only(const std::vector<Record>& records, long number) {
  const std::vector<Record> found = of_call(records, number);
  EXPECT_EQ(found.size(), 1U) << "records of call " << number;
  return found.size() == 1 ? found[0] : Record();
}

}  // namespace vedette::sensor::live
