#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a large Windows event log for benchmarks.

    make_big_evtx.py FOLDER OUTPUT [MEGABYTES]

Takes the records of every .evtx file below FOLDER and writes them into full chunks of 64 KiB as
Windows does: a template or a name stands in a chunk once, where it is used first. Those chunks are
repeated, numbered anew and with right checksums, until OUTPUT has MEGABYTES (default 128).
"""
import glob
import struct
import sys
import zlib

CHUNK = 65536
HEADER = 512
FILE_HEADER = 4096
# Bytes of literal values by type; strings carry their size.
FIXED = {3: 1, 4: 1, 5: 2, 6: 2, 7: 4, 8: 4, 9: 8, 10: 8, 11: 4, 12: 8, 13: 4, 15: 16, 17: 8, 18: 16,
         20: 4, 21: 8}
BINXML = 0x21


class ChunkWriter:
    """The records of one chunk; copies binary XML token by token, since offsets change."""

    def __init__(self):
        self.out = bytearray(HEADER)
        self.starts = []
        self.names = {}
        self.templates = {}

    def add_record(self, source, at, size):
        """False, with nothing added, when the chunk is full."""
        before = (len(self.out), dict(self.names), dict(self.templates))
        self.out += source[at:at + 24]
        self.stream(source, at + 24, at + size - 4, False)
        while len(self.out) % 8 != 4:
            self.out.append(0)
        start = before[0]
        length = len(self.out) + 4 - start
        self.out += struct.pack("<I", length)
        struct.pack_into("<I", self.out, start + 4, length)
        if len(self.out) > CHUNK:
            del self.out[start:]
            self.names, self.templates = before[1:]
            return False
        self.starts.append(start)
        return True

    def copy(self, source, at, size):
        self.out += source[at:at + size]
        return at + size

    def name(self, source, at):
        offset = struct.unpack_from("<I", source, at)[0]
        count = struct.unpack_from("<H", source, offset + 6)[0]
        text = source[offset + 4:offset + 10 + 2 * count]  # hash, count, characters, NUL
        at += 4
        known = self.names.get(text)
        if known is None:
            known = self.names[text] = len(self.out) + 4
            self.out += struct.pack("<II", known, 0) + text
        else:
            self.out += struct.pack("<I", known)
        return at + 4 + len(text) if offset == at else at

    def stream(self, source, at, end, definition):
        while at < end:
            token = source[at] & ~0x40
            more = source[at] & 0x40
            at = self.copy(source, at, 1)
            if token == 0x00:
                return
            if token == 0x01:
                at = self.copy(source, at, 6 if definition else 4)
                at = self.name(source, at)
                at = self.copy(source, at, 4 if more else 0)
            elif token in (0x06, 0x09, 0x0A):
                at = self.name(source, at)
            elif token == 0x05 and source[at] == 1:
                at = self.copy(source, at, 3 + 2 * struct.unpack_from("<H", source, at + 1)[0])
            elif token == 0x05:
                at = self.copy(source, at, 1 + FIXED[source[at]])
            elif token in (0x07, 0x0B):
                at = self.copy(source, at, 2 + 2 * struct.unpack_from("<H", source, at)[0])
            elif token == 0x08:
                at = self.copy(source, at, 2)
            elif token in (0x0D, 0x0E, 0x0F):
                at = self.copy(source, at, 3)
            elif token == 0x0C:
                at = self.instance(source, at)

    def instance(self, source, at):
        definition = struct.unpack_from("<I", source, at + 5)[0]
        size = struct.unpack_from("<I", source, definition + 20)[0]
        key = source[definition + 4:definition + 24]  # GUID and size
        self.copy(source, at, 5)
        at += 9
        if key in self.templates:
            self.out += struct.pack("<I", self.templates[key])
        else:
            place = self.templates[key] = len(self.out) + 4
            self.out += struct.pack("<II", place, 0)
            self.copy(source, definition + 4, 20)
            self.stream(source, definition + 24, definition + 24 + size, True)
            struct.pack_into("<I", self.out, place + 20, len(self.out) - place - 24)
        if definition == at:
            at += 24 + size
        count = struct.unpack_from("<I", source, at)[0]
        descriptors = len(self.out) + 4
        values = self.copy(source, at, 4 + 4 * count)
        for index in range(count):
            size, kind = struct.unpack_from("<HB", source, at + 4 + 4 * index)
            before = len(self.out)
            if kind == BINXML:
                self.stream(source, values, values + size, False)
            else:
                self.copy(source, values, size)
            struct.pack_into("<H", self.out, descriptors + 4 * index, len(self.out) - before)
            values += size
        return values

    def finish(self, number):
        """The whole chunk, its first record having the given number."""
        chunk = bytearray(self.out)
        for index, start in enumerate(self.starts):
            struct.pack_into("<Q", chunk, start + 8, number + index)
        last = number + len(self.starts) - 1
        struct.pack_into("<8s4Q4I", chunk, 0, b"ElfChnk\0", number, last, number, last, 128,
                         self.starts[-1], len(chunk), zlib.crc32(chunk[HEADER:]))
        struct.pack_into("<I", chunk, 124, zlib.crc32(chunk[128:HEADER], zlib.crc32(chunk[:120])))
        return bytes(chunk).ljust(CHUNK, b"\0")


def records_of(path):
    data = open(path, "rb").read()
    for start in range(FILE_HEADER, len(data), CHUNK):
        chunk = data[start:start + CHUNK]
        if not chunk.startswith(b"ElfChnk\0"):
            continue
        at = HEADER
        free = struct.unpack_from("<I", chunk, 48)[0]
        while at + 28 <= free and chunk[at:at + 4] == b"**\0\0":
            size = struct.unpack_from("<I", chunk, at + 4)[0]
            yield chunk, at, size
            at += size


def make_chunks(folder):
    chunks = [ChunkWriter()]
    for path in sorted(glob.glob(folder + "/**/*.evtx", recursive=True)):
        for record in records_of(path):
            if not chunks[-1].add_record(*record):
                chunks.append(ChunkWriter())
                chunks[-1].add_record(*record)
    return chunks


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    folder, output = sys.argv[1:3]
    wanted = (int(sys.argv[3]) if len(sys.argv) == 4 else 128) * 1_000_000 // CHUNK + 1
    chunks = make_chunks(folder)
    number = 1
    with open(output, "wb") as file:
        file.write(bytes(FILE_HEADER))
        for index in range(wanted):
            chunk = chunks[index % len(chunks)]
            file.write(chunk.finish(number))
            number += len(chunk.starts)
        header = bytearray(FILE_HEADER)
        struct.pack_into("<8s3QI4H", header, 0, b"ElfFile\0", 0, wanted - 1, number, 128, 1, 3,
                         FILE_HEADER, wanted)
        struct.pack_into("<I", header, 124, zlib.crc32(header[:120]))
        file.seek(0)
        file.write(header)
    print(f"{output}: {number - 1} records in {wanted} chunks")


if __name__ == "__main__":
    main()
