#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Leaves in a capture what one container did.

    scrub_capture.py CAPTURE CONTAINER_NAME OUTPUT

Records of other processes go, and with them whatever they say of the machine; so do the places where
the container's folders were mounted from. The machine gets another name. The layout is that of
src/formats/kernel/record_layout.h.
"""
import struct
import sys

HEADER_BYTES = 16
RECORD = struct.Struct("<IHHQIIQQqII")
KIND_HOST, KIND_STARTED, KIND_USER, KIND_GROUP, KIND_CONTAINER, KIND_CGROUP = 1, 3, 4, 5, 6, 7
NAME, HOSTNAME, CONTAINER_ID, MOUNTS = 97, 99, 128, 135


def fields_of(record):
    at = RECORD.size
    while at + 4 <= len(record):
        number, size = struct.unpack_from("<HH", record, at)
        if number == 0:
            return
        yield number, record[at + 4:at + 4 + size]
        at += 4 + (size + 3) // 4 * 4


def with_fields(record, fields):
    body = b"".join(struct.pack("<HH", number, len(value)) + value + bytes(-len(value) % 4)
                    for number, value in fields)
    body += bytes(-(RECORD.size + len(body)) % 8)
    head = list(RECORD.unpack_from(record))
    head[0] = RECORD.size + len(body)
    return RECORD.pack(*head) + body


def records_of(capture):
    at = HEADER_BYTES
    while at + RECORD.size <= len(capture):
        size = struct.unpack_from("<I", capture, at)[0]
        yield capture[at:at + size]
        at += size


def kept(record, container_id, cgroups):
    """The record as it stays, or nothing."""
    _, kind, _, _, pid, _, _, cgroup, *_ = RECORD.unpack_from(record)
    fields = list(fields_of(record))
    if kind == KIND_HOST:
        return with_fields(record, [(n, b"node-1" if n == HOSTNAME else v) for n, v in fields])
    if kind == KIND_STARTED:
        return record
    if kind in (KIND_USER, KIND_GROUP, KIND_CONTAINER):
        if dict(fields).get(CONTAINER_ID) != container_id:
            return b""
        return with_fields(record, [each for each in fields if each[0] != MOUNTS])
    if kind == KIND_CGROUP or pid != 0:
        return record if cgroup in cgroups else b""
    return b""


def main():
    source, name, output = sys.argv[1:]
    with open(source, "rb") as file:
        capture = file.read()
    named = [dict(fields_of(record)) for record in records_of(capture)
             if RECORD.unpack_from(record)[1] == KIND_CONTAINER]
    ids = {fields[CONTAINER_ID] for fields in named if fields.get(NAME) == name.encode()}
    if len(ids) != 1:
        sys.exit(f"scrub_capture: expected one container called {name}, found {len(ids)}")
    container_id = ids.pop()
    cgroups = {RECORD.unpack_from(record)[7] for record in records_of(capture)
               if RECORD.unpack_from(record)[1] == KIND_CGROUP and any(container_id in v for _, v in fields_of(record))}
    left = b"".join(kept(record, container_id, cgroups) for record in records_of(capture))
    with open(output, "wb") as file:
        file.write(capture[:HEADER_BYTES] + left)
    print(f"scrub_capture: {output}: {len(left) + HEADER_BYTES} bytes of {len(capture)}")


if __name__ == "__main__":
    main()
