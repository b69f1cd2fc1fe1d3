# SPDX-License-Identifier: Apache-2.0
# Run inside of the guest: each step prints a line "step NAME RESULT" for guest_test.py.
container=/sys/fs/cgroup/kubepods/pod11111111-2222-3333-4444-555555555555/$(printf 'c%.0s' $(seq 64))
said() { echo "step $1 $2"; }
try() { # NAME COMMAND…: how it ended
  name=$1
  shift
  if "$@" >/tmp/out 2>&1; then said "$name" done; else said "$name" "failed: $(tr '\n' ' ' </tmp/out)"; fi
}
exists() { if [ -e "$2" ]; then said "$1" there; else said "$1" absent; fi; }
create() { echo changed >"$1"; }

mkdir -p /planted/models
for name in forbidden allowed; do cp /bin/busybox /planted/busybox_$name; done
# Under a name that begins so, busybox does what its first argument says.
cat >/planted/trace.sh <<'END'
echo ran >/planted/trace
END
echo planted >/planted/models/old
echo planted >/planted/a.weights
ln -s busybox_forbidden /planted/busybox_other

vedette watch --rules /rules.yaml --enforce --format ndjson -o /alerts --duration 600s 2>/tmp/errors &
watcher=$!
for _ in $(seq 200); do
  /planted/busybox_forbidden true 2>/dev/null || [ $? -ne 126 ] || break
  kill -0 $watcher 2>/dev/null || break
  usleep 100000
done

try exec_forbidden /planted/busybox_forbidden sh /planted/trace.sh
try exec_other_name /planted/busybox_other sh /planted/trace.sh
exists trace_of_forbidden /planted/trace
try exec_allowed /planted/busybox_allowed sh /planted/trace.sh
exists trace_of_allowed /planted/trace

try create_model create /planted/models/new
exists model /planted/models/new
try overwrite_model create /planted/models/old
try read_model cat /planted/models/old
said content_of_model "$(cat /planted/models/old)"
try create_elsewhere create /planted/elsewhere
cp /bin/busybox /bin/busybox_trainer
try trainer_writes /bin/busybox_trainer sh -c 'echo new >/planted/models/by_trainer'
exists model_by_trainer /planted/models/by_trainer

try host_reads_weights cat /planted/a.weights
mkdir -p $container
sleep 2
try container_reads_weights sh -c "echo \$\$ >$container/cgroup.procs; exec cat /planted/a.weights"
try container_reads_model sh -c "echo \$\$ >$container/cgroup.procs; exec cat /planted/models/old"

# Each takes one connection, whichever address it came to.
for port in 8080 8082; do
  nc -l -p $port >/tmp/received_$port </dev/null &
done
sleep 1
for address in 127.0.0.2:8080 127.0.0.3:8080 127.0.0.2:8082; do
  try connect_$address sh -c "echo from $address | timeout 5 nc ${address%:*} ${address#*:}"
done
sleep 1
said received_8080 "$(cat /tmp/received_8080)"
said received_8082 "$(cat /tmp/received_8082)"

kill -INT $watcher
wait $watcher
said watch_ended $?
echo "errors begin"
cat /tmp/errors
echo "errors end"
echo "alerts begin"
cat /alerts
echo "alerts end"
