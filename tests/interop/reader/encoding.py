"""Limits and canonical CBOR: docs/spec/entry.md#encoding and #limits."""

import hashlib
import math
import struct

VERSION = 1
HEADER, CONTROL, BODY, SALT = 3072, 1536, 262144, 16
WIRE = HEADER + BODY + 128
AFTER, AUTH, FOUNDERS, OWNERS, DEVICES, CONTROLS = 16, 4, 24, 8, 32, 256
KIND, PART, NAME, VOUCH, DEPTH = 32, 32, 64, 1024, 16
INT = 2**53 - 1


class Refused(Exception):
    """Bytes that are no entry; carries the stable name of the reason."""


class Fault(Exception):
    """A header that can never be admitted; carries the stable name of the reason."""


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()



NESTING = 100  # where this reader stops; far beyond what any entry may hold


class Outside:
    """What the encoding can say and entries may not: null, floats, negative integers, links."""

    def __init__(self, name):
        self.name = name


class Reader:
    """Reads exactly the byte strings that `encode` writes, and the values outside the subset in their one form."""

    def __init__(self, data, at=0):
        self.data, self.at = data, at

    def take(self, count):
        if len(self.data) - self.at < count:
            raise Refused("encoding")
        self.at += count
        return self.data[self.at - count : self.at]

    def head(self):
        first = self.take(1)[0]
        major, info = first >> 5, first & 31
        if info < 24:
            return major, info, info
        if info > 27:
            raise Refused("encoding")
        size = 1 << (info - 24)
        number = int.from_bytes(self.take(size), "big")
        shortest = 24 if size == 1 else 1 << (4 * size)
        if number < shortest and major != 7:
            raise Refused("encoding")
        return major, info, number

    def value(self, nesting=0):
        if nesting > NESTING:
            raise Refused("encoding")
        major, info, number = self.head()
        if major == 0:
            return number
        if major == 1:
            return Outside("negative integer")
        if major == 2:
            return self.take(number)
        if major == 3:
            try:
                return self.take(number).decode("utf-8")
            except UnicodeDecodeError:
                raise Refused("encoding") from None
        if major == 4:
            return [self.value(nesting + 1) for _ in range(self.fitting(number))]
        if major == 5:
            return self.map(self.fitting(number), nesting)
        if major == 6:
            return self.link(number)
        if info in (20, 21):
            return info == 21
        if info == 22:
            return Outside("null")
        if info == 27 and math.isfinite(struct.unpack(">d", number.to_bytes(8, "big"))[0]):
            return Outside("float")
        raise Refused("encoding")

    def fitting(self, count):
        if count > len(self.data) - self.at:  # every item has at least one byte
            raise Refused("encoding")
        return count

    def map(self, count, nesting):
        out, last = {}, None
        for _ in range(count):
            if self.at >= len(self.data) or self.data[self.at] >> 5 != 3:
                raise Refused("encoding")
            name = self.value(nesting + 1)
            order = (len(name.encode()), name.encode())
            if last is not None and order <= last:
                raise Refused("encoding")
            last = order
            out[name] = self.value(nesting + 1)
        return out

    def link(self, tag):
        content = self.value(NESTING) if tag == 42 else None
        if not isinstance(content, bytes) or len(content) < 2 or content[0] != 0:
            raise Refused("encoding")
        return Outside("link")


def decode(data):
    reader = Reader(data)
    value = reader.value()
    if reader.at != len(data):
        raise Refused("encoding")
    return value


def head(major, number):
    if number < 24:
        return bytes([major << 5 | number])
    for info, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 1 << (8 * size):
            return bytes([major << 5 | info]) + number.to_bytes(size, "big")
    raise ValueError(number)


def encode(value):
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return head(0, value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        text = value.encode()
        return head(3, len(text)) + text
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(encode, value))
    names = sorted(value, key=lambda name: (len(name.encode()), name.encode()))
    return head(5, len(value)) + b"".join(encode(name) + encode(value[name]) for name in names)


def check_subset(value, depth=DEPTH):
    if isinstance(value, Outside) or (isinstance(value, int) and value > INT):
        raise Refused("outside_subset")
    if isinstance(value, (list, dict)):
        if depth == 0:
            raise Refused("outside_subset")
        for inner in value.values() if isinstance(value, dict) else value:
            check_subset(inner, depth - 1)
