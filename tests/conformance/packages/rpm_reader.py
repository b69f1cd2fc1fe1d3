# SPDX-License-Identifier: Apache-2.0
"""rpm's three databases read a second way: what `rpm -qa` would tell, as (name, version, architecture, licence)."""
import sqlite3
import struct

TAGS = {1000: "name", 1001: "version", 1002: "release", 1003: "epoch", 1014: "license", 1022: "arch"}


def header(blob):
    count, size = struct.unpack_from(">II", blob)
    data = blob[8 + 16 * count:8 + 16 * count + size]
    found = {}
    for i in range(count):
        tag, kind, offset, _ = struct.unpack_from(">IIII", blob, 8 + 16 * i)
        if tag in TAGS and kind == 4:
            found[TAGS[tag]] = struct.unpack_from(">I", data, offset)[0]
        elif tag in TAGS:
            found[TAGS[tag]] = data[offset:data.index(b"\0", offset)].decode()
    epoch = f"{found['epoch']}:" if "epoch" in found else ""
    return found["name"], f"{epoch}{found['version']}-{found['release']}", found.get("arch", ""), found.get("license", "")


def sqlite_blobs(path):
    connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    yield from (blob for blob, in connection.execute("select blob from Packages order by hnum"))
    connection.close()


def ndb_blobs(path):
    with open(path, "rb") as file:
        data = file.read()
    slots = [struct.unpack_from("<4sIII", data, at) for at in range(32, 4096 * struct.unpack_from("<I", data, 12)[0], 16)]
    for _, number, block, _ in sorted(slots, key=lambda slot: slot[1]):
        if number:
            size, = struct.unpack_from("<I", data, block * 16 + 12)
            yield data[block * 16 + 16:block * 16 + 16 + size]


def berkeley_blobs(path):
    with open(path, "rb") as file:
        data = file.read()
    page, = struct.unpack_from("<I", data, 20)
    for begin in range(page, len(data), page):
        count, = struct.unpack_from("<H", data, begin + 20)
        if data[begin + 25] not in (2, 13):
            continue
        for i in range(1, count, 2):
            at = begin + struct.unpack_from("<H", data, begin + 26 + 2 * i)[0]
            if data[at] != 3:
                continue
            number, size = struct.unpack_from("<II", data, at + 4)
            blob = b""
            while number:
                used, = struct.unpack_from("<H", data, number * page + 22)
                blob += data[number * page + 26:number * page + 26 + used]
                number, = struct.unpack_from("<I", data, number * page + 16)
            assert len(blob) == size
            yield blob


READERS = {"rpmdb.sqlite": sqlite_blobs, "Packages.db": ndb_blobs, "Packages": berkeley_blobs}


def packages(path, name):
    return [header(blob) for blob in READERS[name](path)]
