"""What witnesses answer, what proves a fraud, and which cosigners satisfy a policy: docs/spec/log.md."""

import re

from . import note, tree
from .bundle import is_path
from .encoding import Refused, check_subset, decode
from .entry import is_int
from .note import DECIMAL

HASHES = 63  # of a consistency proof in a request
LEAF = 256  # bytes of a leaf in a fraud: one that is no leaf is a lie as well
POLICY, PARTS = 65536, 256


def answer(request, whose, known):
    """The status. `whose` is whom the witness takes the log for: members, nobodys or unfollowed; `known` is the size
    and the root that it cosigned last, or None."""
    try:
        old, path, signed, point = read_request(request)
    except note.Broken:
        return 400
    if whose == "unfollowed":
        return 404
    if whose == "nobodys" or not note.signed_by_origin(signed, point.origin):
        return 403
    size, root = known or (0, tree.root([]))
    if old != size or (old == point.size and root != point.root):
        return 409
    return 200 if tree.consistent(old, point.size, path, root, point.root) else 422


def read_request(request):
    head, found, rest = request.partition("\n\n")
    first, *hashes = head.split("\n")
    if not found or not first.startswith("old ") or len(hashes) > HASHES:
        raise note.Broken("this is no request")
    old, path = note.from_decimal(first[4:], tree.MOST), [note.from_base64(line) for line in hashes]
    signed = note.Note(rest)
    point = note.Checkpoint(signed.text)
    if any(len(hashed) != 32 for hashed in path) or old > point.size:
        raise note.Broken("a hash has not 32 bytes, or the log shrinks")
    return old, path, signed, point


# --- Fraud -------------------------------------------------------------------------------------------------------


class Void(Exception):
    """Why it is no fraud: the name of the reason."""


def ask(rule, holds):
    if not holds:
        raise Void(rule)


def is_leaf(value):
    return isinstance(value, bytes) and len(value) <= LEAF


def read_signed(text, *forms):
    """A checkpoint or receipt with the one signature of its log."""
    try:
        signed = note.Note(text)
    except note.Broken:
        raise Void("note") from None
    for form in forms:
        try:
            found = form(signed.text)
        except note.Broken:
            continue
        ask("signature", len(signed.signatures) == 1 and note.signed_by_origin(signed, found.origin))
        return found
    raise Void("note")


FIELDS = {
    "a": lambda value: isinstance(value, str),
    "b": lambda value: isinstance(value, str),
    "index": is_int,
    "leaf_a": is_leaf,
    "proof_a": is_path,
    "leaf_b": is_leaf,
    "proof_b": is_path,
}


def fraud(body, committee):
    """fork, rewrite or broken_receipt, or Void."""
    try:
        made = decode(body)
        check_subset(made)
    except Refused:
        raise Void("form") from None
    ask("form", isinstance(made, dict) and {"a", "b"} <= set(made) <= set(FIELDS))
    ask("form", all(FIELDS[name](value) for name, value in made.items()))
    one, other = read_signed(made["a"], note.Checkpoint), read_signed(made["b"], note.Checkpoint, note.Receipt)
    ask("origin", one.origin.text == other.origin.text)
    ask("committee", one.origin.committee == committee)

    def included(point, index, side):
        return tree.included(made[f"leaf_{side}"], index, point.size, tree.split(made[f"proof_{side}"]), point.root)

    rest = set(made) - {"a", "b"}
    if isinstance(other, note.Receipt):
        ask("form", rest == {"leaf_a", "proof_a"})
        ask("proof", included(one, other.index, "a"))
        ask("agree", made["leaf_a"] != b"\x01" + other.entry)
        return "broken_receipt"
    if rest:
        ask("form", rest == {"index", "leaf_a", "proof_a", "leaf_b", "proof_b"})
        ask("proof", included(one, made["index"], "a") and included(other, made["index"], "b"))
        ask("agree", made["leaf_a"] != made["leaf_b"])
        return "rewrite"
    ask("agree", one.size == other.size and one.root != other.root)
    return "fork"


# --- Policy ------------------------------------------------------------------------------------------------------


class Mistake(Exception):
    """The number of the first line that is wrong."""

    def __init__(self, line):
        super().__init__(line)
        self.line = line


class Policy:
    def __init__(self, text):
        self.parts, self.quorum = {"none": lambda keys: True}, None
        keys, lines = set(), text.split("\n")
        if lines[-1] == "":
            lines.pop()
        for number, line in enumerate(lines, 1):
            words = [word for word in re.split("[ \t]+", line.split("#")[0]) if word]
            if words and not self.take(words, keys):
                raise Mistake(number)
        if self.quorum is None or len(text.encode()) > POLICY or len(self.parts) > PARTS + 1:
            raise Mistake(len(lines) + 1)

    def take(self, words, keys):
        """Whether this line is one."""
        sort, name, *rest = words if len(words) > 1 else [None, None]
        if sort == "quorum":
            first, self.quorum = self.quorum is None, self.parts.get(name)
            return first and self.quorum is not None and not rest
        if name in self.parts or not rest:
            return False
        if sort == "witness":
            if len(rest) != 1 or not re.fullmatch("[0-9a-f]{64}", rest[0]) or rest[0] in keys:
                return False
            keys.add(rest[0])
            self.parts[name] = lambda found, key=rest[0]: key in found
            return True
        count, *members = rest
        if sort != "group" or not members or len(set(members)) < len(members):
            return False
        if "none" in members or any(member not in self.parts for member in members):
            return False
        if count in ("any", "all"):
            least = 1 if count == "any" else len(members)
        elif len(count) < 6 and DECIMAL.fullmatch(count):
            least = int(count)
        else:
            return False
        if not 1 <= least <= len(members):
            return False
        of = [self.parts[member] for member in members]
        self.parts[name] = lambda found: sum(part(found) for part in of) >= least
        return True

    def satisfied(self, keys):
        return self.quorum(set(keys))
