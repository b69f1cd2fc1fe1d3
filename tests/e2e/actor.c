// SPDX-License-Identifier: Apache-2.0
// Acts out one case of falco_cases.py or ai_workloads.py: a chain of processes with the names,
// users and arguments that the case asks for, the last of which does the case's system calls. Every
// process is this program under another name. What to do comes in the environment, because
// arguments are part of the case:
//   ACTOR_CHAIN  processes: "exe<TAB>user id<TAB>argument<TAB>…", one a line; the first is running
//   ACTOR_STEPS  steps, one a line, see kSteps
//   ACTOR_MARK   a file that the first process opens when all others are done; it then stays until
//   its
//                standard input ends
// Nothing here does harm: files are planted by the caller, connections stay on the loopback device.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

enum { kWordsMax = 32 };

static void fail(const char* what) {
  fprintf(stderr, "actor: %s: %s\n", what, strerror(errno));
  exit(70);
}

// Splits in place at tabs.
static int split(char* line, char** words) {
  int count = 0;
  for (char* at = line; at != NULL && count < kWordsMax - 1;) {
    words[count++] = at;
    at = strchr(at, '\t');
    if (at != NULL) *at++ = '\0';
  }
  words[count] = NULL;
  return count;
}

static int client_socket = -1;

static void address_loopback(const char* address) {
  const int fd = socket(AF_INET, SOCK_DGRAM, 0);
  struct ifreq request = {0};
  strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  if (ioctl(fd, SIOCSIFFLAGS, &request) != 0) fail("lo up");
  if (address != NULL) {
    strcpy(request.ifr_name, "lo:1");
    struct sockaddr_in* in = (struct sockaddr_in*)&request.ifr_addr;
    in->sin_family = AF_INET;
    inet_pton(AF_INET, address, &in->sin_addr);
    if (ioctl(fd, SIOCSIFADDR, &request) != 0) fail("address of lo");
  }
  close(fd);
}

static void step_network(char** words) {
  if (unshare(CLONE_NEWNET) != 0) fail("unshare");
  address_loopback(words[1]);
}

// connect<TAB>family<TAB>address<TAB>port: to a listener of our own.
static void step_connect(char** words) {
  const int six = strcmp(words[1], "6") == 0;
  struct sockaddr_storage address = {0};
  socklen_t size;
  if (six) {
    struct sockaddr_in6* in = (struct sockaddr_in6*)&address;
    in->sin6_family = AF_INET6;
    in->sin6_port = htons((unsigned short)atoi(words[3]));
    inet_pton(AF_INET6, words[2], &in->sin6_addr);
    size = sizeof *in;
  } else {
    struct sockaddr_in* in = (struct sockaddr_in*)&address;
    in->sin_family = AF_INET;
    in->sin_port = htons((unsigned short)atoi(words[3]));
    inet_pton(AF_INET, words[2], &in->sin_addr);
    size = sizeof *in;
  }
  const int server = socket(address.ss_family, SOCK_STREAM, 0);
  const int one = 1;
  setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(server, (struct sockaddr*)&address, size) != 0) fail("bind");
  if (listen(server, 1) != 0) fail("listen");
  client_socket = socket(address.ss_family, SOCK_STREAM, 0);
  if (connect(client_socket, (struct sockaddr*)&address, size) != 0) fail("connect");
  accept(server, NULL, NULL);
}

// NAME<TAB>path<TAB>flags<TAB>mode
static void step_open(char** words) {
  const long flags = strtol(words[2], NULL, 0);
  const long mode = strtol(words[3], NULL, 0);
  if (strcmp(words[0], "open") == 0) {
    syscall(SYS_open, words[1], flags, mode);
  } else if (strcmp(words[0], "openat") == 0) {
    syscall(SYS_openat, AT_FDCWD, words[1], flags, mode);
  } else {
    struct open_how how = {.flags = (unsigned long)flags, .mode = (unsigned long)mode};
    syscall(SYS_openat2, AT_FDCWD, words[1], &how, sizeof how);
  }
}

static void step_link(char** words) {
  if (strcmp(words[0], "link") == 0) syscall(SYS_link, words[1], words[2]);
  if (strcmp(words[0], "linkat") == 0) {
    syscall(SYS_linkat, AT_FDCWD, words[1], AT_FDCWD, words[2], 0);
  }
  if (strcmp(words[0], "symlink") == 0) syscall(SYS_symlink, words[1], words[2]);
  if (strcmp(words[0], "symlinkat") == 0) syscall(SYS_symlinkat, words[1], AT_FDCWD, words[2]);
}

static void step_dup(char** words) {
  if (strcmp(words[0], "dup2") == 0) syscall(SYS_dup2, client_socket, atoi(words[1]));
  if (strcmp(words[0], "dup3") == 0) syscall(SYS_dup3, client_socket, atoi(words[1]), 0);
}

static void step_packet(char** words) {
  (void)words;
  socket(AF_PACKET, SOCK_RAW, 0);
}

static void step_sleep(char** words) { sleep((unsigned)atoi(words[1])); }

// fileless<TAB>name: runs this program from memory.
static void step_fileless(char** words) {
  const int memory = memfd_create(words[1], MFD_CLOEXEC);
  const int self = open("/proc/self/exe", O_RDONLY);
  char buffer[65536];
  ssize_t size;
  while ((size = read(self, buffer, sizeof buffer)) > 0) {
    if (write(memory, buffer, (size_t)size) != size) fail("write");
  }
  char* const arguments[] = {words[1], NULL};
  char* const nothing[] = {NULL};
  syscall(SYS_execveat, memory, "", arguments, nothing, AT_EMPTY_PATH);
  fail("execveat");
}

static void open_and_close(const char* path, int flags) {
  const int fd = open(path, flags, 0644);
  if (fd >= 0) close(fd);
}

static void step_read(char** words) { open_and_close(words[1], O_RDONLY); }
static void step_write(char** words) { open_and_close(words[1], O_WRONLY | O_CREAT); }
static void step_empty(char** words) { open_and_close(words[1], O_WRONLY | O_TRUNC); }

static void step_rename(char** words) {
  if (rename(words[1], words[2]) != 0) fail("rename");
}

static void step_unlink(char** words) {
  if (unlink(words[1]) != 0) fail("unlink");
}

// chmod<TAB>path<TAB>octal mode
static void step_chmod(char** words) {
  if (chmod(words[1], (mode_t)strtol(words[2], NULL, 8)) != 0) fail("chmod");
}

static void step_listen(char** words) {
  const struct sockaddr_in address = {.sin_family = AF_INET,
                                      .sin_port = htons((unsigned short)atoi(words[1])),
                                      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  const int server = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(server, (const struct sockaddr*)&address, sizeof address) != 0) fail("bind");
  if (listen(server, 1) != 0) fail("listen");
}

// dns<TAB>name: asks the loopback device, where nobody answers.
static void step_dns(char** words) {
  unsigned char message[512] = {0x12, 0x34, 1, 0, 0, 1};
  size_t size = 12;
  for (char* label = strtok(words[1], "."); label != NULL; label = strtok(NULL, ".")) {
    const size_t length = strlen(label);
    if (length > 63 || size + length + 6 > sizeof message) return;
    message[size++] = (unsigned char)length;
    memcpy(message + size, label, length);
    size += length;
  }
  const unsigned char question[] = {0, 0, 1, 0, 1};
  memcpy(message + size, question, sizeof question);
  const struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(53), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  const int fd = socket(AF_INET, SOCK_DGRAM, 0);
  sendto(fd, message, size + sizeof question, 0, (const struct sockaddr*)&address, sizeof address);
  close(fd);
}

// unix<TAB>path: connects to a listener of our own.
static void step_unix(char** words) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, words[1], sizeof address.sun_path - 1);
  const int server = socket(AF_UNIX, SOCK_STREAM, 0);
  if (bind(server, (const struct sockaddr*)&address, sizeof address) != 0) fail("bind");
  if (listen(server, 1) != 0) fail("listen");
  const int client = socket(AF_UNIX, SOCK_STREAM, 0);
  if (connect(client, (const struct sockaddr*)&address, sizeof address) != 0) fail("connect");
}

// mount<TAB>device<TAB>folder<TAB>type: only tried; cases name folders that do not exist.
static void step_mount(char** words) { mount(words[1], words[2], words[3], 0, NULL); }

// setns: into the name space where it is.
static void step_setns(char** words) {
  (void)words;
  const int fd = open("/proc/self/ns/uts", O_RDONLY);
  if (setns(fd, CLONE_NEWUTS) != 0) fail("setns");
}

// unshare<TAB>user or files
static void step_unshare(char** words) {
  if (unshare(strcmp(words[1], "user") == 0 ? CLONE_NEWUSER : CLONE_FILES) != 0) fail("unshare");
}

// trace<TAB>attach or me
static void step_trace(char** words) {
  const int attach = strcmp(words[1], "attach") == 0;
  const pid_t child = fork();
  if (child == 0) {
    if (!attach) ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    if (attach) pause();
    _exit(0);
  }
  if (attach && ptrace(PTRACE_ATTACH, child, NULL, NULL) != 0) fail("ptrace");
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
}

// Calls with arguments that no kernel accepts: that they are tried is the point.
static void step_module(char** words) {
  (void)words;
  syscall(SYS_init_module, NULL, 0, "");
}

// bpf<TAB>command: 0 makes a map, 1 looks into one.
static void step_bpf(char** words) {
  char attributes[128] = {0};
  syscall(SYS_bpf, atoi(words[1]), attributes, sizeof attributes);
}

static void step_io_uring(char** words) {
  (void)words;
  char parameters[120] = {0};  // struct io_uring_params
  const long ring = syscall(SYS_io_uring_setup, 1, parameters);
  if (ring >= 0) close((int)ring);
}

static const struct {
  const char* name;
  void (*run)(char** words);
} kSteps[] = {{"network", step_network}, {"connect", step_connect},   {"open", step_open},
              {"openat", step_open},     {"openat2", step_open},      {"link", step_link},
              {"linkat", step_link},     {"symlink", step_link},      {"symlinkat", step_link},
              {"dup2", step_dup},        {"dup3", step_dup},          {"packet", step_packet},
              {"sleep", step_sleep},     {"fileless", step_fileless}, {"read", step_read},
              {"write", step_write},     {"empty", step_empty},       {"rename", step_rename},
              {"unlink", step_unlink},   {"chmod", step_chmod},       {"dns", step_dns},
              {"listen", step_listen},   {"unix", step_unix},         {"mount", step_mount},
              {"setns", step_setns},     {"unshare", step_unshare},   {"trace", step_trace},
              {"module", step_module},   {"bpf", step_bpf},           {"io_uring", step_io_uring}};

static void run_steps(const char* steps) {
  char* rest = strdup(steps);
  char* more = NULL;
  for (char* line = strtok_r(rest, "\n", &more); line != NULL; line = strtok_r(NULL, "\n", &more)) {
    char* words[kWordsMax];
    split(line, words);
    size_t i = 0;
    for (; i < sizeof kSteps / sizeof *kSteps && strcmp(words[0], kSteps[i].name) != 0; ++i) {
    }
    if (i == sizeof kSteps / sizeof *kSteps) {
      fprintf(stderr, "actor: no step is called %s\n", words[0]);
      exit(71);
    }
    kSteps[i].run(words);
  }
}

// Becomes the parent of the next process of the chain.
static int run_next(char* chain) {
  char* rest = strchr(chain, '\n');
  if (rest != NULL) *rest++ = '\0';
  char* words[kWordsMax];
  split(chain, words);
  setenv("ACTOR_CHAIN", rest == NULL ? "" : rest, 1);
  const pid_t child = fork();
  if (child == 0) {
    const uid_t user = (uid_t)atoi(words[1]);
    if (user != 0 && setresuid(user, user, user) != 0) fail("setresuid");
    words[1] = words[0];
    execve(words[0], words + 1, environ);
    fail(words[0]);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 72;
}

int main(void) {
  char* const chain = getenv("ACTOR_CHAIN");
  const char* const steps = getenv("ACTOR_STEPS");
  const char* const mark = getenv("ACTOR_MARK");
  if (mark != NULL) {
    char* const path = strdup(mark);
    unsetenv("ACTOR_MARK");
    const int code = run_next(strdup(chain));
    open_and_close(path, O_RDONLY);
    char byte;
    while (read(STDIN_FILENO, &byte, 1) > 0) {
    }
    return code;
  }
  if (chain != NULL && *chain != '\0') return run_next(strdup(chain));
  if (steps != NULL) run_steps(steps);
  return 0;
}
