#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Runs inside the scratch root of record_demo.sh. Ordinary work of the same kind of machine: no rule of
# ours may match any of it.
echo "$1" > /proc/self/loginuid || exit 1
[ -d /srv/project ] && [ ! -e /etc/machine-id ] || { echo "not in the scratch root" >&2; exit 1; }
mkfifo -m 666 /tmp/pause
exec 9<> /tmp/pause
pause() { read -rt "${1:-0.3}" -u 9; }
user() { setpriv --reuid "$1" --regid "$1" --clear-groups --bounding-set=-all env HOME="/home/$2" PYTHONPATH=/opt/venv/lib "${@:3}"; }
export TMPDIR=/var/tmp

# 1. A compile and its tests.
chown -R 1000:1000 /srv/project
(cd /srv/project && user 1000 ana make && user 1000 ana ./sum && user 1000 ana make clean)
pause

# 2. A package is built and installed, with its maintainer script; a wheel's files are unpacked.
mkdir -p /var/tmp/pkg/DEBIAN /var/tmp/pkg/opt/greet /var/tmp/pkg/etc/cron.daily
printf 'Package: greet\nVersion: 1.0\nArchitecture: all\nMaintainer: ana\nDescription: greets\n' > /var/tmp/pkg/DEBIAN/control
printf '#!/bin/sh\nset -e\nchmod 755 /opt/greet/greet\n' > /var/tmp/pkg/DEBIAN/postinst
chmod 755 /var/tmp/pkg/DEBIAN/postinst
printf '#!/bin/sh\necho hello\n' > /var/tmp/pkg/opt/greet/greet
printf '#!/bin/sh\n[ -x /opt/greet/greet ] || exit 0\n' > /var/tmp/pkg/etc/cron.daily/greet
dpkg-deb --build /var/tmp/pkg /var/tmp/greet.deb
dpkg --force-depends -i /var/tmp/greet.deb
/opt/greet/greet
python3 - <<'PY'
import sys, zipfile
with zipfile.ZipFile("/var/tmp/tiny-1.0-py3-none-any.whl", "w") as wheel:
    wheel.writestr("tiny/__init__.py", "answer = 42\n")
    wheel.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
    wheel.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    wheel.writestr("tiny-1.0.dist-info/RECORD", "")
PY
python3 -m pip install --no-index --no-deps --target /opt/venv/site /var/tmp/tiny-1.0-py3-none-any.whl
pause

# 3. A training run writes a checkpoint; the notebook server looks at it and shows a plot.
chown 1001:1001 /models
user 1001 jovyan python3 /srv/train/train.py
user 1001 jovyan cp -r /models/run-12 /models/best
user 1001 jovyan ls -l /models
printf '%s\n' '!ls /models/best' '!pwd' '!df -h /models' '!python3 --version' 'import json; print(json.dumps({"loss": 0.1}))' > /home/jovyan/notebooks/cells.txt
chmod 644 /home/jovyan/notebooks/cells.txt
(cd /home/jovyan/notebooks && user 1001 jovyan /opt/venv/bin/jupyter-lab --no-browser cells.txt)
pause

# 4. Operations: health checks, log rotation by cron, a backup, an edited shell profile.
python3 -m http.server 8000 --bind 127.0.0.1 --directory /srv/www >/dev/null 2>&1 &
web=$!
pause 1
user 1000 ana curl -fsS http://127.0.0.1:8000/ -o /dev/null
user 1000 ana curl -fsS http://127.0.0.1:8000/update.sh -o /home/ana/update.sh
kill $web
run-parts /etc/cron.daily
mv /var/log/app.log /var/log/app.log.1
gzip /var/log/app.log.1
touch /var/log/app.log
chmod 640 /var/log/app.log
find /var/log -name '*.gz' -mtime +30 -delete
tar -czf /srv/backup.tgz -C /srv project train
user 1000 ana ps -ef
user 1000 ana ss -tln
user 1000 ana id
user 1000 ana sh -c 'echo "export EDITOR=vi" >> ~/.profile'
user 1000 ana git --version
rm -f /var/tmp/greet.deb
echo aGVsbG8K | base64 -d > /var/tmp/hello.txt
