// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <fstream>
#include <linux/io_uring.h>
#include <linux/openat2.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sensor/live_test.h"

namespace vedette::sensor::live {
namespace {

class LiveFiles : public LiveTest {
 protected:
  void SetUp() override {
    LiveTest::SetUp();
    std::ofstream(folder_ + "/there") << "text\n";
    start(options_);
  }

  // What every successful open of folder_/there must have.
  void expect_opened(const Record& record, std::string_view given) const {
    EXPECT_EQ(record.text(VEDETTE_FIELD_PATH), folder_ + "/there");
    EXPECT_EQ(record.text(VEDETTE_FIELD_PATH_GIVEN), given);
    EXPECT_EQ(record.as<__s32>(VEDETTE_FIELD_FD), record.header.result);
    EXPECT_GE(record.header.result, 0);
    struct stat status = {};
    ASSERT_EQ(stat((folder_ + "/there").c_str(), &status), 0);
    const auto file = record.as<vedette_file>(VEDETTE_FIELD_FILE);
    EXPECT_EQ(file.inode, status.st_ino);
    EXPECT_EQ(file.mode, status.st_mode);
    EXPECT_EQ(file.uid, status.st_uid);
    EXPECT_EQ(file.changed, status.st_ctim.tv_sec * 1'000'000'000 + status.st_ctim.tv_nsec);
    EXPECT_EQ(file.modified, status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec);
    EXPECT_EQ(file.type, 'f');
    EXPECT_EQ(file.flags & VEDETTE_FILE_CREATED, 0U);
  }
};

TEST_F(LiveFiles, OpenOfEachFlavour) {
  const std::vector<Record> records = watch([&] {
    const std::string path = folder_ + "/there";
    syscall(SYS_open, "there", O_RDONLY);
    syscall(SYS_openat, AT_FDCWD, path.c_str(), O_RDWR);
    open_how how = {};
    how.flags = O_RDONLY;
    how.resolve = RESOLVE_NO_SYMLINKS;
    const int folder = static_cast<int>(syscall(SYS_openat, AT_FDCWD, ".", O_PATH));
    syscall(SYS_openat2, folder, "there", &how, sizeof(how));
    syscall(SYS_creat, "new", 0640);
  });
  expect_opened(only(records, SYS_open), "there");
  const std::vector<Record> opened = of_call(records, SYS_openat);
  ASSERT_EQ(opened.size(), 2U);
  expect_opened(opened[0], folder_ + "/there");
  EXPECT_EQ(opened[0].argument(2), static_cast<std::uint64_t>(O_RDWR));
  EXPECT_EQ(opened[1].text(VEDETTE_FIELD_PATH), folder_);
  EXPECT_EQ(opened[1].as<vedette_file>(VEDETTE_FIELD_FILE).type, 'd');
  const Record with_how = only(records, SYS_openat2);
  expect_opened(with_how, "there");
  EXPECT_EQ(with_how.text(VEDETTE_FIELD_DATA).size(), sizeof(open_how));
  const Record created = only(records, SYS_creat);
  EXPECT_EQ(created.text(VEDETTE_FIELD_PATH), folder_ + "/new");
  EXPECT_NE(created.as<vedette_file>(VEDETTE_FIELD_FILE).flags & VEDETTE_FILE_CREATED, 0U);
}

TEST_F(LiveFiles, FailedOpenSaysWhereItLooked) {
  const std::vector<Record> records = watch([] { open("not_there", O_RDONLY); });
  const Record record = only(records, SYS_openat);
  EXPECT_EQ(record.header.result, -ENOENT);
  EXPECT_EQ(record.text(VEDETTE_FIELD_PATH_GIVEN), "not_there");
  EXPECT_EQ(record.text(VEDETTE_FIELD_FOLDER), folder_);
  EXPECT_FALSE(record.has(VEDETTE_FIELD_PATH));
}

TEST_F(LiveFiles, OpenByHandle) {
  Told opened;
  opened.tell(-1);
  const std::vector<Record> records = watch([&] {
    alignas(file_handle) char room[sizeof(file_handle) + MAX_HANDLE_SZ] = {};
    auto* handle = reinterpret_cast<file_handle*>(room);
    handle->handle_bytes = MAX_HANDLE_SZ;
    int mount = 0;
    if (name_to_handle_at(AT_FDCWD, "there", handle, &mount, 0) != 0) return;
    opened.tell(open_by_handle_at(open(".", O_RDONLY), handle, O_RDONLY));
  });
  if (opened.value() < 0) GTEST_SKIP() << "no file handles here";
  const std::vector<Record> found = of_call(records, SYS_open_by_handle_at);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].text(VEDETTE_FIELD_PATH), folder_ + "/there");
}

TEST_F(LiveFiles, SeesCallsOf32Bits) {
  // A kernel without them ends the child with a signal: nothing is told.
  Told opened;
  opened.tell(-ENOSYS);
  const std::vector<Record> records = watch([&] {
    // The path must be below 4 GiB to be passed in 32 bits.
    auto* low = static_cast<char*>(mmap(nullptr, 4096, PROT_READ | PROT_WRITE,
                                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0));
    std::strcpy(low, "there");
    long result = 295;  // openat of i386
    asm volatile("int $0x80"
                 : "+a"(result)
                 : "b"(AT_FDCWD), "c"(low), "d"(O_RDONLY), "S"(0)
                 : "memory", "r8", "r9", "r10", "r11");
    opened.tell(static_cast<int>(result));
    std::strcpy(low, "not_there");
    result = 5;  // open
    asm volatile("int $0x80"
                 : "+a"(result)
                 : "b"(low), "c"(O_RDONLY), "d"(0)
                 : "memory", "r8", "r9", "r10", "r11");
  });
  if (opened.value() == -ENOSYS) GTEST_SKIP() << "this kernel takes no 32-bit calls";
  const std::vector<Record> found = of_call(records, SYS_openat);
  ASSERT_EQ(found.size(), 1U);
  expect_opened(found[0], "there");
  EXPECT_NE(found[0].header.flags & VEDETTE_FLAG_COMPAT, 0);
  const Record failed = only(records, SYS_open);
  EXPECT_EQ(failed.header.result, -ENOENT);
  EXPECT_NE(failed.header.flags & VEDETTE_FLAG_COMPAT, 0);
  EXPECT_EQ(failed.text(VEDETTE_FIELD_PATH_GIVEN), "not_there");
}

// One request through io_uring, without its library.
long submit_one(const io_uring_sqe& request) {
  io_uring_params parameters = {};
  const int ring = static_cast<int>(syscall(SYS_io_uring_setup, 4, &parameters));
  if (ring < 0) return -errno;
  const std::size_t size = parameters.sq_off.array + parameters.sq_entries * sizeof(__u32);
  auto* queue = static_cast<char*>(
      mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQ_RING));
  auto* entries = static_cast<io_uring_sqe*>(
      mmap(nullptr, parameters.sq_entries * sizeof(io_uring_sqe), PROT_READ | PROT_WRITE,
           MAP_SHARED, ring, static_cast<off_t>(IORING_OFF_SQES)));
  entries[0] = request;
  reinterpret_cast<__u32*>(queue + parameters.sq_off.array)[0] = 0;
  __atomic_store_n(reinterpret_cast<__u32*>(queue + parameters.sq_off.tail), 1U, __ATOMIC_RELEASE);
  const unsigned wait = (request.flags & IOSQE_CQE_SKIP_SUCCESS) != 0 ? 0 : 1;
  return syscall(SYS_io_uring_enter, ring, 1, wait, IORING_ENTER_GETEVENTS, nullptr, 0);
}

io_uring_sqe path_request(__u8 operation, const char* path) {
  io_uring_sqe request = {};
  request.opcode = operation;
  request.fd = AT_FDCWD;
  request.addr = reinterpret_cast<__u64>(path);
  return request;
}

TEST_F(LiveFiles, SeesWhatIoUringDoes) {
  Told submitted;
  submitted.tell(-1);
  const std::vector<Record> records = watch([&] {
    submitted.tell(submit_one(path_request(IORING_OP_OPENAT, "there")));
    if (submitted.value() < 0) return;
    submit_one(path_request(IORING_OP_OPENAT, "not_there"));
    io_uring_sqe quiet = path_request(IORING_OP_UNLINKAT, "there");
    quiet.flags = IOSQE_CQE_SKIP_SUCCESS;
    submit_one(quiet);
  });
  if (submitted.value() < 0) GTEST_SKIP() << "no io_uring here";
  EXPECT_FALSE(of_call(records, SYS_io_uring_setup).empty());
  const std::vector<Record> opened = of_call(records, SYS_openat);
  ASSERT_EQ(opened.size(), 2U);
  EXPECT_EQ(opened[0].text(VEDETTE_FIELD_PATH), folder_ + "/there");
  EXPECT_EQ(opened[0].text(VEDETTE_FIELD_PATH_GIVEN), "there");
  EXPECT_EQ(opened[0].header.flags, VEDETTE_FLAG_IO_URING);
  EXPECT_EQ(opened[0].as<vedette_file>(VEDETTE_FIELD_FILE).type, 'f');
  EXPECT_EQ(opened[1].header.result, -ENOENT);
  EXPECT_EQ(opened[1].text(VEDETTE_FIELD_FOLDER), folder_);
  const Record unlinked = only(records, SYS_unlinkat);
  EXPECT_EQ(unlinked.text(VEDETTE_FIELD_PATH_GIVEN), "there");
  EXPECT_EQ(unlinked.text(VEDETTE_FIELD_FOLDER), folder_);
}

TEST_F(LiveFiles, CallsWithTwoPaths) {
  const std::vector<Record> records = watch([] {
    rename("there", "elsewhere");
    symlink("target", "pointer");
    const int folder = open(".", O_RDONLY | O_DIRECTORY);
    linkat(folder, "elsewhere", folder, "again", 0);
    renameat(folder, "again", AT_FDCWD, "third");
  });
  const Record renamed = only(records, SYS_rename);
  EXPECT_EQ(renamed.text(VEDETTE_FIELD_PATH_GIVEN), "there");
  EXPECT_EQ(renamed.text(VEDETTE_FIELD_PATH2_GIVEN), "elsewhere");
  EXPECT_EQ(renamed.text(VEDETTE_FIELD_FOLDER), folder_);
  EXPECT_EQ(renamed.text(VEDETTE_FIELD_FOLDER2), folder_);
  const Record linked = only(records, SYS_symlink);
  EXPECT_EQ(linked.text(VEDETTE_FIELD_PATH_GIVEN), "target");
  EXPECT_EQ(linked.text(VEDETTE_FIELD_PATH2_GIVEN), "pointer");
  EXPECT_FALSE(linked.has(VEDETTE_FIELD_FOLDER));
  EXPECT_EQ(only(records, SYS_linkat).text(VEDETTE_FIELD_FOLDER2), folder_);
  EXPECT_EQ(only(records, SYS_renameat).text(VEDETTE_FIELD_PATH2_GIVEN), "third");
}

TEST_F(LiveFiles, CallsWithOnePath) {
  const std::vector<Record> records = watch([] {
    chmod("there", 0600);
    fchmod(open("there", O_RDONLY), 0640);
    chown("there", 0, 0);
    mkdir("inner", 0700);
    chdir("inner");
    unlink("../there");
    rmdir("../inner");
  });
  EXPECT_EQ(only(records, SYS_chmod).text(VEDETTE_FIELD_PATH_GIVEN), "there");
  EXPECT_EQ(only(records, SYS_chmod).argument(1), 0600U);
  EXPECT_EQ(only(records, SYS_fchmod).text(VEDETTE_FIELD_FD_PATH), folder_ + "/there");
  EXPECT_EQ(only(records, SYS_chown).text(VEDETTE_FIELD_FOLDER), folder_);
  EXPECT_EQ(only(records, SYS_mkdir).text(VEDETTE_FIELD_PATH_GIVEN), "inner");
  ASSERT_FALSE(of_call(records, SYS_chdir).empty());
  EXPECT_EQ(of_call(records, SYS_chdir).back().text(VEDETTE_FIELD_CWD), folder_ + "/inner");
  EXPECT_EQ(only(records, SYS_unlink).text(VEDETTE_FIELD_FOLDER), folder_ + "/inner");
  EXPECT_EQ(only(records, SYS_rmdir).header.result, 0);
}

TEST_F(LiveFiles, DescriptorsAreDuplicated) {
  const std::vector<Record> records = watch([] {
    const int file = open("there", O_RDONLY);
    dup2(file, 77);
    fcntl(file, F_DUPFD, 80);
    fcntl(file, F_GETFL);
    memfd_create("hidden", 0);
  });
  const Record copied = only(records, SYS_dup2);
  EXPECT_EQ(copied.as<__s32>(VEDETTE_FIELD_FD), 77);
  EXPECT_EQ(copied.text(VEDETTE_FIELD_FD_PATH), folder_ + "/there");
  EXPECT_EQ(only(records, SYS_fcntl).as<__s32>(VEDETTE_FIELD_FD), 80);
  const Record memory = only(records, SYS_memfd_create);
  EXPECT_EQ(memory.text(VEDETTE_FIELD_DATA), "hidden");
  EXPECT_EQ(memory.text(VEDETTE_FIELD_FD_PATH), "/memfd:hidden");
  EXPECT_EQ(memory.as<vedette_file>(VEDETTE_FIELD_FILE).type, 'm');
}

TEST_F(LiveFiles, LayersOfAnOverlayAreToldApart) {
  Told overlay;
  overlay.tell(-1);
  const std::vector<Record> records = watch([&] {
    if (unshare(CLONE_NEWNS) != 0 || mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
      return;
    }
    for (const char* name : {"lower", "upper", "work", "merged"}) mkdir(name, 0755);
    close(creat("lower/old", 0644));
    // An overlay on an overlay's files may be refused: these are on a file system of their own.
    overlay.tell(
        mount("overlay", "merged", "overlay", 0, "lowerdir=lower,upperdir=upper,workdir=work"));
    if (overlay.value() != 0) return;
    open("merged/old", O_RDONLY);
    open("merged/new", O_RDWR | O_CREAT, 0644);
  });
  if (overlay.value() != 0) GTEST_SKIP() << "no overlay here";
  const std::vector<Record> mounted = of_call(records, SYS_mount);
  ASSERT_GE(mounted.size(), 2U);
  EXPECT_EQ(mounted[1].text(VEDETTE_FIELD_DATA), "overlay");
  EXPECT_EQ(mounted[1].text(VEDETTE_FIELD_PATH2_GIVEN), "merged");
  const std::vector<Record> opened = of_call(records, SYS_openat);
  ASSERT_GE(opened.size(), 2U);
  const Record& lower = opened[opened.size() - 2];
  EXPECT_EQ(lower.text(VEDETTE_FIELD_PATH), folder_ + "/merged/old");
  EXPECT_NE(lower.as<vedette_file>(VEDETTE_FIELD_FILE).flags & VEDETTE_FILE_LOWER, 0U);
  const Record& upper = opened.back();
  EXPECT_EQ(upper.text(VEDETTE_FIELD_PATH), folder_ + "/merged/new");
  EXPECT_NE(upper.as<vedette_file>(VEDETTE_FIELD_FILE).flags & VEDETTE_FILE_UPPER, 0U);
}

TEST_F(LiveFiles, ReadsOfNoPrefixAreKeptBack) {
  KernelWishes wishes = KernelWishes::everything();
  wishes.reads = {.all = false, .path_prefixes = {folder_ + "/there"}};
  ASSERT_TRUE(source_->set_wishes(wishes));
  const std::vector<Record> records = watch([] {
    open("there", O_RDONLY);
    open(".", O_RDONLY);
    open("written", O_WRONLY | O_CREAT, 0600);
  });
  std::vector<std::string> paths;
  for (const Record& record : of_call(records, SYS_openat)) {
    paths.push_back(record.text(VEDETTE_FIELD_PATH));
  }
  EXPECT_EQ(paths, (std::vector<std::string>{folder_ + "/there", folder_ + "/written"}));
  EXPECT_GE(source_->statistics().filtered, 1U);
}

TEST_F(LiveFiles, ReadsAreToldByTheGivenPathAndByTheProgram) {
  KernelWishes wishes = KernelWishes::everything();
  wishes.reads = {.all = false, .with_parents = true, .programs = {"exactly_fifteen"}};
  wishes.failed_opens = {.all = false, .with_parents = true};
  ASSERT_TRUE(source_->set_wishes(wishes));
  const std::vector<Record> records = watch([] {
    open("there", O_RDONLY);
    open("/proc/../proc/version", O_RDONLY);
    open("a.b.c.d.e.f.g.h.i.j", O_RDONLY);
    open("../7/x..", O_RDONLY);
    open("1234567..", O_RDONLY);
    open("123456..", O_RDONLY);
    open("there", O_RDONLY | O_CREAT, 0600);  // made nothing, but asked to
    prctl(PR_SET_NAME, "exactly_fifteen");
    open("there", O_RDONLY);
    prctl(PR_SET_NAME, "other");
    open("there", O_RDONLY);
  });
  std::vector<std::string> given;
  for (const Record& record : of_call(records, SYS_openat)) {
    given.push_back(record.text(VEDETTE_FIELD_PATH_GIVEN));
  }
  EXPECT_EQ(given, (std::vector<std::string>{"/proc/../proc/version", "../7/x..", "1234567..",
                                             "123456..", "there", "there"}));
  EXPECT_GE(source_->statistics().filtered, 3U);
}

}  // namespace
}  // namespace vedette::sensor::live
