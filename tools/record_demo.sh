#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Records the demonstration case: runs harmless imitations of attack steps, then ordinary work, in a
# throw-away root file system while the kernel's audit system logs them, and leaves two audit logs.
#
#   sudo tools/record_demo.sh [FOLDER]        default: tests/e2e/recording
#
# What runs is in record_demo/attack.sh and record_demo/benign.sh. It sees a copy of nothing: /usr is
# mounted read-only, every other folder is made for it, its network has a loopback and no more, and it
# has process, mount and host name spaces of its own. The audit rules follow only the audit user id
# that these processes carry, and are removed at the end.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here/../tests/e2e/recording}
audit_uid=1000

need() {
  for tool in "$@"; do
    command -v "$tool" >/dev/null || { echo "record_demo: $tool is missing; install it first" >&2; exit 2; }
  done
}
need auditctl auditd unshare chroot setpriv nsenter ip ps ss curl tar gcc make python3 dpkg-deb gzip
[ "$(id -u)" = 0 ] || { echo "record_demo: must run as root (audit rules, name spaces)" >&2; exit 2; }
[ "$(auditctl -s | sed -n 's/^pid //p')" = 0 ] ||
  { echo "record_demo: an audit daemon is running; stop it first" >&2; exit 2; }

work=$(mktemp -d /tmp/vedette-record.XXXXXX)
root=$work/root
auditd_pid=

clean_up() {
  auditctl -D >/dev/null 2>&1 || true
  auditctl -e 0 >/dev/null 2>&1 || true
  [ -z "$auditd_pid" ] || kill "$auditd_pid" 2>/dev/null || true
  mountpoint -q "$root/usr" && umount "$root/usr"
  mountpoint -q "$root/usr" || rm -rf --one-file-system "$work"
}
trap clean_up EXIT

make_root() {
  mkdir -p "$root"/{usr,proc,dev,tmp,run,root,home,etc/cron.d,etc/alternatives,opt,models,srv,var/log,var/tmp,var/spool/cron/crontabs,var/lib/dpkg/{info,updates,triggers}} \
    "$root/dev/shm"
  for link in bin sbin lib lib64; do ln -s "usr/$link" "$root/$link"; done
  cp -a /etc/alternatives/. "$root/etc/alternatives/"
  cp /etc/ld.so.cache "$root/etc/"
  printf '%s\n' 'root:x:0:0:root:/root:/bin/bash' 'ana:x:1000:1000:Ana:/home/ana:/bin/bash' \
    'jovyan:x:1001:1001::/home/jovyan:/bin/bash' 'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin' \
    > "$root/etc/passwd"
  printf '%s\n' 'root:x:0:' 'ana:x:1000:' 'jovyan:x:1001:' 'nogroup:x:65534:' > "$root/etc/group"
  printf 'root:*:19700:0:99999:7:::\n' > "$root/etc/shadow"
  chmod 640 "$root/etc/shadow"
  printf '127.0.0.1 localhost notebook-0\n' > "$root/etc/hosts"
  printf 'passwd: files\ngroup: files\nhosts: files\n' > "$root/etc/nsswitch.conf"
  : > "$root/var/lib/dpkg/status"
  chmod 1777 "$root/tmp" "$root/var/tmp" "$root/dev/shm"
  mknod -m 666 "$root/dev/null" c 1 3
  mknod -m 666 "$root/dev/zero" c 1 5
  mknod -m 666 "$root/dev/urandom" c 1 9
  ln -s /proc/self/fd "$root/dev/fd"
  mount --bind /usr "$root/usr"
  mount -o remount,bind,ro "$root/usr"
  cp "$here"/record_demo/*.sh "$root/srv/"
  bash "$here/record_demo/plant.sh" "$root"
  chmod 755 "$root"/opt/venv/bin/* "$root"/srv/*.sh
  chmod 700 "$root/home/ana" "$root/home/jovyan" "$root/root"
  chown -R 1001:1001 "$root/home/jovyan"
  chown -R 1000:1000 "$root/home/ana"
}

start_audit() {  # $1: where the daemon writes
  mkdir -m 750 "$1"
  cat > "$1/auditd.conf" <<CONF
local_events = yes
write_logs = yes
log_file = $1/audit.log
log_group = root
log_format = ENRICHED
flush = NONE
max_log_file = 200
max_log_file_action = IGNORE
name_format = USER
name = notebook-0
space_left = 2
admin_space_left = 1
space_left_action = IGNORE
admin_space_left_action = IGNORE
disk_full_action = IGNORE
disk_error_action = IGNORE
CONF
  chmod 640 "$1/auditd.conf"
  auditd -n -c "$1" >"$1/auditd.out" 2>&1 &
  auditd_pid=$!
  sleep 1
  kill -0 "$auditd_pid" 2>/dev/null || { echo "record_demo: auditd did not start; run auditd -f -c $1" >&2; auditd_pid=; exit 1; }
  auditctl -D >/dev/null
  auditctl -b 8192 >/dev/null
  rule() { auditctl -a always,exit -F arch=b64 -F auid=$audit_uid "$@" >/dev/null; }
  rule -S execve,execveat -F success=1 -k exec
  rule -S connect -F exit!=-ENOENT -k net
  rule -S ptrace,process_vm_readv,process_vm_writev -k ptrace
  rule -S mount,umount2,pivot_root,move_mount,open_tree,fsopen -k mount
  rule -S setns,unshare -k namespace
  rule -S chmod,fchmod,fchmodat,chown,fchownat -F success=1 -k perm
  rule -S unlink,unlinkat,rename,renameat,renameat2,truncate -k delete
  rule -S init_module,finit_module,delete_module -k module
  rule -S memfd_create,bpf -k memory
  for folder in root home etc models run/secrets var/spool/cron var/log tmp/cgroup; do
    auditctl -a always,exit -F arch=b64 -F auid=$audit_uid -F dir="$root/$folder" -F perm=wa -k file >/dev/null
  done
  for folder in root/.aws root/.ssh home/ana/.ssh home/jovyan/.cache home/jovyan/notebooks run/secrets models; do
    auditctl -a always,exit -F arch=b64 -F auid=$audit_uid -F dir="$root/$folder" -F perm=r -k read >/dev/null
  done
  rule -S openat -F exit=-EACCES -k denied
  rule -S openat -F exit=-EPERM -k denied
  rule -S openat -F exit=-EROFS -k denied
  auditctl -e 1 >/dev/null
}

stop_audit() {
  sleep 1
  auditctl -D >/dev/null
  auditctl -e 0 >/dev/null
  kill "$auditd_pid"
  wait "$auditd_pid" || true
  auditd_pid=
}

record() {  # $1: attack or benign
  start_audit "$work/$1"
  # The shell inside takes the audit user id first; from then on everything is logged.
  unshare --mount --pid --net --uts --ipc --fork --kill-child \
    bash -c 'mount -t proc proc "$1/proc"; mount --bind "$1/proc/sys" "$1/proc/sys"
             mount -o remount,bind,ro "$1/proc/sys"; ip link set lo up; hostname notebook-0
             exec chroot "$1" /usr/bin/env -i PATH=/opt/venv/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
               USER=root LANG=C TERM=dumb bash "/srv/$2.sh" "$3"' \
    _ "$root" "$1" $audit_uid >"$work/$1.out" 2>&1 </dev/null || true
  stop_audit
  python3 "$here/record_demo/scrub.py" "$work/$1/audit.log" "$root" > "$out/$1.log"
  echo "record_demo: $out/$1.log: $(grep -c . "$out/$1.log") records, $(wc -c < "$out/$1.log") bytes"
}

mkdir -p "$out"
make_root
record attack
umount "$root/usr"
rm -rf --one-file-system "$root"
make_root
record benign
