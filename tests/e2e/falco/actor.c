// SPDX-License-Identifier: Apache-2.0
// Acts out one case of falco_cases.py: a chain of processes with the names, users and arguments that
// the case asks for, the last of which does the case's system calls. Every process is this program
// under another name. What to do comes in the environment, because arguments are part of the case:
//   ACTOR_CHAIN  processes: "exe<TAB>user id<TAB>argument<TAB>…", one a line; the first is running
//   ACTOR_STEPS  steps, one a line, see kSteps
// Nothing here does harm: files are planted by the caller, connections stay on the loopback device.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
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

static const struct {
  const char* name;
  void (*run)(char** words);
} kSteps[] = {{"network", step_network},   {"connect", step_connect}, {"open", step_open},
              {"openat", step_open},       {"openat2", step_open},    {"link", step_link},
              {"linkat", step_link},       {"symlink", step_link},    {"symlinkat", step_link},
              {"dup2", step_dup},          {"dup3", step_dup},        {"packet", step_packet},
              {"sleep", step_sleep},       {"fileless", step_fileless}};

static void run_steps(const char* steps) {
  char* rest = strdup(steps);
  for (char* line = strtok(rest, "\n"); line != NULL; line = strtok(NULL, "\n")) {
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
  if (chain != NULL && *chain != '\0') return run_next(strdup(chain));
  if (steps != NULL) run_steps(steps);
  return 0;
}
