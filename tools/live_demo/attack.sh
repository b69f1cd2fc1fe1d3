# SPDX-License-Identifier: Apache-2.0
# What an intruder does who got into a notebook: imitated, in a container without a network. The key,
# tokens and weights are planted, the miner is a shell under its name, no device is there to mount.
pause() { /bin/usleep 150000; }
echo 'ssh-ed25519 AAAAC3planted intruder' >> /root/.ssh/authorized_keys
pause
/bin/cat /run/secrets/kubernetes.io/serviceaccount/token /root/.aws/credentials >/dev/null
pause
/bin/cat /proc/1/environ >/dev/null
pause
/bin/tar czf /tmp/w.tgz /models/llama.safetensors 2>/dev/null
pause
/bin/cp /bin/busybox /dev/shm/xmrig
/dev/shm/xmrig -o stratum+tcp://127.0.0.1:3333 2>/dev/null
pause
/bin/mount -t ext4 /dev/vda1 /mnt 2>/dev/null
pause
/bin/cat /proc/1/root/etc/passwd >/dev/null
/bin/rm /root/.bash_history
exit 0
