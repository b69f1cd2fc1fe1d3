#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prepares a recorded audit log for the repository: keeps the recorded processes' records only, takes
the recording machine's path of the scratch root out of them, and names the recorded users.

    scrub.py AUDIT_LOG SCRATCH_ROOT > CLEAN_LOG
"""
import grp
import pwd
import re
import sys

USERS = {"1000": "ana", "1001": "jovyan", "65534": "nobody"}
STAMP = re.compile(r"msg=audit\(([0-9.]+:[0-9]+)\)")


def machine_names(number):
    names = {f"unknown({number})"}
    for entry in (e for e in pwd.getpwall() if e.pw_uid == number):
        names.add(entry.pw_name)
    for entry in (e for e in grp.getgrall() if e.gr_gid == number):
        names.add(entry.gr_name)
    return names


def main():
    log, root = sys.argv[1:3]
    hex_root = root.encode().hex().upper()
    events = {}
    for line in open(log, encoding="utf-8", errors="surrogateescape"):
        stamp = STAMP.search(line)
        if stamp:
            events.setdefault(stamp.group(1), []).append(line.rstrip("\n"))
    for records in events.values():
        text = "\n".join(records)
        # Only system calls carry the audit user id that was asked for; the daemon's own records do not.
        if not any(" type=SYSCALL " in f" {r}" and " auid=1000 " in r for r in records):
            continue
        text = text.replace(root, "").replace(hex_root, "")
        # ENRICHED records name ids as the recording machine knows them.
        for number, name in USERS.items():
            for known in machine_names(int(number)):
                text = text.replace(f'ID="{known}"', f'ID="{name}"')
        text = re.sub(r" dev=[0-9a-f]+:[0-9a-f]+", " dev=00:2a", text)
        print(text)


main()
