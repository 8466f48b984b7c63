"""Signed notes, checkpoints, cosignatures and receipts: docs/spec/log.md, C2SP signed-note and tlog-cosignature."""

import base64
import binascii
import re

from .encoding import INT, Refused, sha256
from .keys import check_signature
from .tree import MOST

PLAIN, COSIGNED = 1, 4  # types of signatures
SIGNATURES = 64  # of one note
ORIGIN = re.compile(r"althing/1/([0-9a-f]{64})/([0-9a-f]{64})/(0|[1-9][0-9]*)")
DECIMAL = re.compile(r"0|[1-9][0-9]*")


class Broken(Exception):
    """What is wrong with a note, in words."""


def from_base64(text):
    """The bytes, if this is their one encoding."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise Broken(f"{text[:80]!r} is not base64") from None
    if base64.b64encode(data).decode() != text:
        raise Broken(f"{text[:80]!r} is not the base64 of anything")
    return data


def from_decimal(text, most):
    if len(text) > 20 or not DECIMAL.fullmatch(text) or int(text) > most:
        raise Broken(f"{text[:80]!r} is not a number up to {most}")
    return int(text)


class Note:
    """A signed note as read, with nothing verified yet."""

    def __init__(self, whole):
        if any(ord(char) < 0x20 and char != "\n" for char in whole):
            raise Broken("there are control characters in the note")
        cut = whole.rfind("\n\n")
        if cut < 0:
            raise Broken("no empty line parts the text from its signatures")
        self.text, lines = whole[: cut + 1], whole[cut + 2 :]
        if self.text == "\n" or not lines.endswith("\n"):
            raise Broken("the text is empty, or the last line has no end")
        if lines.count("\n") > SIGNATURES:
            raise Broken(f"there are more than {SIGNATURES} signatures")
        self.signatures = [self.signature(line) for line in lines[:-1].split("\n")]

    @staticmethod
    def signature(line):
        """(name, key id, bytes)."""
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != "\u2014" or not parts[1]:
            raise Broken(f"{line[:80]!r} is no line of a signature")
        if "+" in parts[1] or any(char.isspace() for char in parts[1]):
            raise Broken(f"{parts[1][:80]!r} is no name of a key")
        data = from_base64(parts[2])
        if len(data) < 5:
            raise Broken(f"the signature of {parts[1][:80]!r} is too short")
        return parts[1], data[:4], data[4:]

    def of(self, name, key, sort):
        """What is signed under this name by this key, as far as its short id tells."""
        wanted = key_id(name, key, sort)
        return [data for who, short, data in self.signatures if who == name and short == wanted]


def key_id(name, key, sort):
    return sha256(name.encode(), b"\n", bytes([sort]), key)[:4]


def holds(key, signature, message):
    if len(signature) != 64:
        return False
    try:
        check_signature(key, signature, message)
    except Refused:
        return False
    return True


def cosigned(key, data, text):
    """The time of a cosignature, or None when it does not hold."""
    if len(data) != 72:
        return None
    time = int.from_bytes(data[:8], "big")
    message = f"cosignature/v1\ntime {time}\n{text}".encode()
    return time if time < 2**63 and holds(key, data[8:], message) else None


class Origin:
    def __init__(self, text):
        found = ORIGIN.fullmatch(text)
        if not found:
            raise Broken(f"{text[:200]!r} is no origin of a log")
        self.text = text
        self.committee, self.key = bytes.fromhex(found[1]), bytes.fromhex(found[2])
        self.generation = from_decimal(found[3], INT)


class Checkpoint:
    """The three lines."""

    def __init__(self, text):
        lines = text.split("\n")
        if len(lines) != 4 or lines[3]:
            raise Broken("a checkpoint has three lines")
        self.text, self.origin = text, Origin(lines[0])
        self.size, self.root = from_decimal(lines[1], MOST), from_base64(lines[2])
        if len(self.root) != 32:
            raise Broken("the root has not 32 bytes")


class Receipt:
    """What a node answers to who posts an entry."""

    def __init__(self, text):
        lines = text.split("\n")
        if len(lines) != 5 or lines[0] != "althing/receipt/1" or lines[4]:
            raise Broken("a receipt has four lines, the first is `althing/receipt/1`")
        self.text, self.origin = text, Origin(lines[1])
        self.index = from_decimal(lines[2], MOST - 1)
        if not re.fullmatch("[0-9a-f]{64}", lines[3]):
            raise Broken("the last line of a receipt is an entry's id")
        self.entry = bytes.fromhex(lines[3])


def signed_by_origin(note, origin):
    """Whether the log's key signed this note, exactly once."""
    found = note.of(origin.text, origin.key, PLAIN)
    return len(found) == 1 and holds(origin.key, found[0], note.text.encode())
