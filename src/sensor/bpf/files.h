// SPDX-License-Identifier: Apache-2.0
#pragma once

// Files and their paths, as the kernel holds them.

#include "sensor/bpf/tasks.h"

enum { PATH_STEPS_MAX = 160 };
enum { FILESYSTEM_OVERLAY = 0x794c7630, FILESYSTEM_SOCKETS = 0x534F434B };
enum { FILESYSTEM_ANONYMOUS = 0x09041934 };
enum { MODE_TYPE = 0xF000, MODE_FIFO = 0x1000, MODE_CHARACTERS = 0x2000, MODE_FOLDER = 0x4000 };
enum { MODE_BLOCKS = 0x6000, MODE_FILE = 0x8000, MODE_SOCKET = 0xC000 };
enum { FMODE_CREATED = 0x100000 };
enum { AT_FDCWD = -100 };

static __always_inline struct file* file_of(struct task_struct* task, __s32 descriptor) {
  struct files_struct* files = GET(task, files);
  struct fdtable* table = GET(files, fdt);
  if (descriptor < 0 || (__u32)descriptor >= GET(table, max_fds)) return 0;
  struct file** slots = GET(table, fd);
  struct file* file = 0;
  bpf_probe_read_kernel(&file, sizeof(file), slots + descriptor);
  return file;
}

// On the way from a file to the root.
struct walk {
  struct scratch* scratch;
  struct dentry* dentry;
  struct mount* mount;
  struct dentry* root;
  struct mount* root_mount;
  __u32 at;  // where in scratch->path the path begins so far
  __u32 complete;
};

static __always_inline struct mount* mount_of(struct vfsmount* mount) {
  return (void*)mount - __builtin_preserve_field_info(((struct mount*)0)->mnt, 0);
}

static __always_inline bool prepend_name(struct walk* walk, struct dentry* dentry) {
  __u32 length = GET(dentry, d_name.len);
  if (length > 255 || walk->at < length + 1) return false;
  __u32 at = walk->at - length - 1;
  struct scratch* s = walk->scratch;
  s->path[at & (PATH_ROOM - 1)] = '/';
  bpf_probe_read_kernel(&s->path[(at + 1) & (PATH_ROOM - 1)], length & 0xFF,
                        GET(dentry, d_name.name));
  walk->at = at;
  return true;
}

static long step_up(__u32 step, struct walk* walk) {
  struct dentry* dentry = walk->dentry;
  struct mount* mount = walk->mount;
  if (dentry == walk->root && mount == walk->root_mount) {
    walk->complete = 1;
    return 1;
  }
  struct dentry* parent = GET(dentry, d_parent);
  if (dentry == GET(mount, mnt.mnt_root)) {
    struct mount* above = GET(mount, mnt_parent);
    if (!above || above == mount) {
      walk->complete = 1;
      return 1;
    }
    walk->dentry = GET(mount, mnt_mountpoint);
    walk->mount = above;
    return 0;
  }
  if (!prepend_name(walk, dentry)) return 1;
  if (!parent || parent == dentry) {  // of no folder: a memfd, a pipe …
    walk->complete = 1;
    return 1;
  }
  walk->dentry = parent;
  return 0;
}

// The path of `dentry` in `mount` as seen from the root of `task`, or for 0 from the root of the
// mount namespace, goes to the end of s->path. Returns its length; 0 for that root itself. A path
// too long keeps its end.
__noinline int walk_path(struct scratch* s, __u64 mount, __u64 dentry, __u64 task_address) {
  if (!s) return 0;
  struct walk walk = {.scratch = s,
                      .dentry = (struct dentry*)dentry,
                      .mount = mount_of((struct vfsmount*)mount),
                      .at = PATH_ROOM};
  if (task_address) {
    struct fs_struct* fs = GET((struct task_struct*)task_address, fs);
    walk.root = GET(fs, root.dentry);
    walk.root_mount = mount_of(GET(fs, root.mnt));
  }
  bpf_loop(PATH_STEPS_MAX, step_up, &walk, 0);
  if (!walk.complete) cut(s);
  return PATH_ROOM - walk.at;
}

// As walk_path(), as a field. Returns the length of what was put, 0: nothing was.
__noinline int put_path(struct scratch* s, __u32 id, __u64 mount, __u64 dentry,
                        __u64 task_address) {
  if (!s || !mount || !dentry) return 0;
  __u32 length = walk_path(s, mount, dentry, task_address);
  __u8* room = field_room(s, PUT_MAX);
  if (!room) return 0;
  if (length == 0) {
    room[sizeof(struct vedette_field)] = '/';
    end_text(s, room, id, 1);
    return 1;
  }
  if (length > PUT_MAX) return 0;
  bpf_probe_read_kernel(room + sizeof(struct vedette_field), length,
                        s->path + ((PATH_ROOM - length) & (PATH_ROOM - 1)));
  end_text(s, room, id, length);
  return length;
}

static __always_inline int put_file_path(struct scratch* s, __u32 id, struct file* file,
                                         struct task_struct* task) {
  return put_path(s, id, address(GET(file, f_path.mnt)), address(GET(file, f_path.dentry)),
                  address(task));
}

static __always_inline void put_cwd(struct scratch* s, __u32 id, struct task_struct* task) {
  struct fs_struct* fs = GET(task, fs);
  if (!fs) return;
  put_path(s, id, address(GET(fs, pwd.mnt)), address(GET(fs, pwd.dentry)), address(task));
}

// ROOT, unless it is "/".
static __always_inline void put_root(struct scratch* s, struct task_struct* task) {
  struct fs_struct* fs = GET(task, fs);
  if (!fs) return;
  __u32 used = s->used;
  if (put_path(s, VEDETTE_FIELD_ROOT, address(GET(fs, root.mnt)), address(GET(fs, root.dentry)),
               0) <= 1) {
    s->used = used;
  }
}

static __always_inline void set_times(struct vedette_file* to, struct inode* inode) {
  struct timespec64 changed, modified;
  if (bpf_core_field_exists(inode->i_ctime_sec)) {
    to->changed = GET(inode, i_ctime_sec) * 1000000000LL + GET(inode, i_ctime_nsec);
    to->modified = GET(inode, i_mtime_sec) * 1000000000LL + GET(inode, i_mtime_nsec);
    return;
  }
  if (bpf_core_field_exists(((struct inode___private_times*)inode)->__i_mtime)) {
    bpf_core_read(&changed, sizeof(changed), &((struct inode___private_times*)inode)->__i_ctime);
    bpf_core_read(&modified, sizeof(modified), &((struct inode___private_times*)inode)->__i_mtime);
  } else if (bpf_core_field_exists(((struct inode___private_ctime*)inode)->__i_ctime)) {
    bpf_core_read(&changed, sizeof(changed), &((struct inode___private_ctime*)inode)->__i_ctime);
    bpf_core_read(&modified, sizeof(modified), &((struct inode___private_ctime*)inode)->i_mtime);
  } else {
    bpf_core_read(&changed, sizeof(changed), &((struct inode___plain_times*)inode)->i_ctime);
    bpf_core_read(&modified, sizeof(modified), &((struct inode___plain_times*)inode)->i_mtime);
  }
  to->changed = changed.tv_sec * 1000000000LL + changed.tv_nsec;
  to->modified = modified.tv_sec * 1000000000LL + modified.tv_nsec;
}

// Of an inode that only has a name: eventfd, epoll …
static __always_inline char anonymous_type(struct dentry* dentry) {
  char name[12] = {};
  bpf_probe_read_kernel_str(name, sizeof(name), GET(dentry, d_name.name));
  if (name[0] == 'i') return 'i';  // inotify
  if (name[0] == 'b') return 'b';  // bpf-map …
  if (name[0] != '[') return 'o';
  if (name[1] == 'e' && name[6] == 'p') return 'l';  // [eventpoll]
  if (name[1] == 'e') return 'e';                    // [eventfd]
  if (name[1] == 's') return 's';                    // [signalfd]
  if (name[1] == 't') return 't';                    // [timerfd]
  if (name[1] == 'i' && name[4] == 'u') return 'r';  // [io_uring]
  return 'o';
}

static __always_inline bool is_memfd(struct dentry* dentry) {
  char name[8] = {};
  bpf_probe_read_kernel_str(name, sizeof(name), GET(dentry, d_name.name));
  return name[0] == 'm' && name[1] == 'e' && name[2] == 'm' && name[3] == 'f' && name[4] == 'd' &&
         name[5] == ':';
}

static __always_inline char socket_type(struct file* file) {
  struct socket* socket = GET(file, private_data);
  struct sock* sk = GET(socket, sk);
  switch (GET(sk, __sk_common.skc_family)) {
    case 1:
      return 'u';
    case 2:
      return '4';
    case 10:
      return '6';
    case 16:
      return 'n';
    default:
      return 'o';
  }
}

static __always_inline char type_of(struct vedette_file* to, unsigned long system,
                                    struct file* file, struct dentry* dentry) {
  switch (to->mode & MODE_TYPE) {
    case MODE_FILE:
      return to->flags & VEDETTE_FILE_MEMFD ? 'm' : 'f';
    case MODE_FOLDER:
      return 'd';
    case MODE_FIFO:
      return 'p';
    case MODE_CHARACTERS:
    case MODE_BLOCKS:
      return 'f';
    case MODE_SOCKET:
      return system == FILESYSTEM_SOCKETS ? socket_type(file) : 'u';
    case 0:
      return system == FILESYSTEM_ANONYMOUS ? anonymous_type(dentry) : 'o';
    default:
      return 'o';
  }
}

static __always_inline __u32 layer_of(struct inode* inode, unsigned long system) {
  if (system != FILESYSTEM_OVERLAY) return 0;
  // struct ovl_inode may be of a module, without type information: what holds the inode is
  // followed by the dentry of the upper layer, in all versions.
  void* upper = 0;
  bpf_probe_read_kernel(&upper, sizeof(upper), (void*)inode + bpf_core_type_size(struct inode));
  return upper ? VEDETTE_FILE_UPPER : VEDETTE_FILE_LOWER;
}

static __always_inline bool may_write(struct vedette_file* file, struct inode* inode,
                                      struct cred* cred) {
  __u32 user = GET(cred, fsuid.val);
  if (user == 0 || file->mode & 0002) return true;
  if (user == file->uid) return file->mode & 0200;
  return GET(cred, fsgid.val) == GET(inode, i_gid.val) && file->mode & 0020;
}

// Returns the file's type, 0 when nothing was put.
__noinline int put_file(struct scratch* s, __u32 id, __u64 file_address, __u64 task_address) {
  if (!s || !file_address) return 0;
  struct file* file = (struct file*)file_address;
  struct inode* inode = GET(file, f_inode);
  struct dentry* dentry = GET(file, f_path.dentry);
  struct super_block* system = GET(inode, i_sb);
  if (!system) return 0;
  struct vedette_file* to = put_struct(s, id, sizeof(struct vedette_file));
  if (!to) return 0;
  unsigned long magic = GET(system, s_magic);
  to->inode = GET(inode, i_ino);
  to->device = GET(system, s_dev);
  to->mode = GET(inode, i_mode);
  set_times(to, inode);
  to->uid = GET(inode, i_uid.val);
  to->open_flags = GET(file, f_flags);
  __u32 flags = layer_of(inode, magic);
  if (GET(inode, i_nlink) == 0) flags |= VEDETTE_FILE_UNLINKED;
  if (GET(file, f_mode) & FMODE_CREATED) flags |= VEDETTE_FILE_CREATED;
  if (flags & VEDETTE_FILE_UNLINKED && is_memfd(dentry)) flags |= VEDETTE_FILE_MEMFD;
  to->flags = flags;
  struct cred* cred = GET((struct task_struct*)task_address, cred);
  if (may_write(to, inode, cred)) to->flags |= VEDETTE_FILE_WRITABLE;
  *(__u32*)&to->type = 0;
  to->type = type_of(to, magic, file, dentry);
  return to->mode & MODE_TYPE;
}
