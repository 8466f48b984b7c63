#!/usr/bin/env python3
"""A second reader of Althing's entries, written from docs/spec and from nothing else.

    verify.py check FOLDER                     every vector file in FOLDER (protocol/vectors)
    verify.py export FILE --committee ID       what the exported entries of a committee come to

An export has one JSON object per line, {"id": hex, "wire": hex}: entries of one committee and of the identities that
they need, in any order. The answer is {"digest", "entries", "made", "members", "effective", "holders", "parameters",
"effects"}: the root over the record, how many entries it holds, the ids of the made acts, of the members and of the
effective grants, who holds which role by which grant, the parameters, and what authority and keys say of every entry
of the record that does not simply count. What a body or a document's rules say is not looked at.

It shares no code with the nodes: canonical CBOR, the strict checks of keys and signatures, admission, authority, the
record and the digest are all written anew. Only SHA-256 and the plain Ed25519 equation come from libraries.
"""

import argparse
import hashlib
import json
import math
import pathlib
import struct
import sys
from bisect import bisect_left

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    sys.exit("verify.py needs the Python package `cryptography`: `make setup` installs it")

# --- Limits: docs/spec/entry.md#limits ---------------------------------------------------------------------------

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


# --- Canonical CBOR: docs/spec/entry.md#encoding -----------------------------------------------------------------

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


# --- Keys and signatures: docs/spec/entry.md#signature -----------------------------------------------------------

P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P
ORDER = 2**252 + 27742317777372353535851937790883648493
# y of the points of order 8: the others of small order have y = 0, 1 and -1.
Y8 = int.from_bytes(bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "little")
SMALL = {0, 1, P - 1, Y8, P - Y8}


def y_of(point):
    return (int.from_bytes(point, "little") & (2**255 - 1)) % P


def is_point(point):
    y2 = pow(y_of(point), 2, P)
    x2 = (y2 - 1) * pow(D * y2 + 1, -1, P) % P
    return x2 == 0 or pow(x2, (P - 1) // 2, P) == 1


KEYS = {}


def load_key(key):
    """The key, or the name of what is wrong with it; each is looked at once."""
    if key not in KEYS:
        if not is_point(key):
            KEYS[key] = "key"
        elif y_of(key) in SMALL:
            KEYS[key] = "weak_key"
        else:
            KEYS[key] = Ed25519PublicKey.from_public_bytes(key)
    return KEYS[key]


def check_signature(key, signature, message):
    public = load_key(key)
    if isinstance(public, str):
        raise Refused(public)
    if int.from_bytes(signature[32:], "little") >= ORDER or y_of(signature[:32]) in SMALL:
        raise Refused("signature")
    try:
        public.verify(signature, message)
    except InvalidSignature:
        raise Refused("signature") from None


# --- Entries: docs/spec/entry.md ---------------------------------------------------------------------------------


def is_id(value):
    return isinstance(value, bytes) and len(value) == 32


def is_int(value):
    return isinstance(value, int) and not isinstance(value, bool)


def is_ids(value):
    return isinstance(value, list) and all(map(is_id, value))


def is_block(value):
    if not isinstance(value, dict) or set(value) != {"chain", "height", "hash"}:
        return False
    return is_int(value["chain"]) and is_int(value["height"]) and is_id(value["hash"])


REQUIRED = {
    "v": is_int,
    "by": is_id,
    "seq": is_int,
    "after": is_ids,
    "auth": is_ids,
    "time": is_int,
    "kind": lambda value: isinstance(value, str),
    "len": is_int,
    "body_hash": is_id,
}
OPTIONAL = {
    "space": is_id,
    "doc": is_id,
    "cert": is_id,
    "prev": is_id,
    "not_before": is_block,
    "control": lambda value: not (isinstance(value, Outside) and value.name == "null"),
}


class Entry:
    """A decoded and verified entry. `carried` says what became of the body."""

    def __init__(self, wire):
        if len(wire) > WIRE:
            raise Refused("entry_too_large")
        reader = Reader(wire)
        try:
            parts = self.read(reader, wire)
        except Refused:
            raise
        self.header, self.header_bytes, self.signature, body = parts
        if len(self.header_bytes) > HEADER:
            raise Refused("header_too_large")
        if body is not None and len(body[1]) > BODY:
            raise Refused("body_too_large")
        self.check_integers()
        assert encode(self.header) == self.header_bytes, "the strict reader lets through what the writer would not write"
        self.id = sha256(b"althing/entry/1\0", self.header_bytes)
        self.body = body
        self.carried = self.judge_body(body)

    @staticmethod
    def read(reader, wire):
        major, _, count = reader.head()
        if major != 4 or count == 0:
            raise Refused("encoding")
        start = reader.at
        header = reader.value(1)
        header_bytes = wire[start : reader.at]
        if isinstance(header, dict) and is_int(header.get("v")) and header["v"] != VERSION:
            decode(wire)
            raise Refused("version")
        rest = [reader.value(1) for _ in range(count - 1)]
        if reader.at != len(wire) or count != 3 or not Entry.fits(header):
            raise Refused("encoding")
        signature, body = rest
        if not isinstance(signature, bytes) or len(signature) != 64:
            raise Refused("encoding")
        if isinstance(body, Outside) and body.name == "null":
            return header, header_bytes, signature, None
        if not isinstance(body, list) or len(body) != 2 or not all(isinstance(part, bytes) for part in body):
            raise Refused("encoding")
        if len(body[0]) != SALT:
            raise Refused("encoding")
        return header, header_bytes, signature, body

    @staticmethod
    def fits(header):
        if not isinstance(header, dict) or not set(REQUIRED) <= set(header) <= set(REQUIRED) | set(OPTIONAL):
            return False
        return all((REQUIRED | OPTIONAL)[name](value) for name, value in header.items())

    def check_integers(self):
        block = self.header.get("not_before", {"chain": 0, "height": 0})
        numbers = [self.header[name] for name in ("seq", "time", "len")] + [block["chain"], block["height"]]
        if any(number > INT for number in numbers):
            raise Refused("integer")
        if "control" in self.header:
            check_subset(self.header["control"])

    def judge_body(self, body):
        length = self.header["len"]
        if body is None:
            return "absent" if length else "bodiless"
        digest = sha256(b"althing/body/1\0", body[0], body[1])
        return "here" if length and length == len(body[1]) and digest == self.header["body_hash"] else "mismatch"

    def verify(self):
        check_signature(self.header["by"], self.signature, b"althing/sign/1\0" + self.header_bytes)
        return self


# --- Admission: docs/spec/entry.md#admission ---------------------------------------------------------------------

ACTS = {"grant", "revoke", "set_parameter"}
NEEDS = {"take_up": None, "vouch": None, "label": "moderator"}  # the role that a kind needs; None: any
AUTHORITY = ACTS | {"cosign"}
KEY_ACTS = {"enroll", "retire", "rotate"}
READ = AUTHORITY | KEY_ACTS | {"vouch"}


def is_name(text, most):
    return 1 <= len(text) <= most and all(c == "_" or "a" <= c <= "z" for c in text)


def ascending(items):
    return all(a < b for a, b in zip(items, items[1:]))


def shape_of(header):
    """committee, identity, document or entry."""
    if not is_name(header["kind"], KIND):
        raise Fault("kind")
    for name, most in (("after", AFTER), ("auth", AUTH)):
        if len(header[name]) > most or not ascending(header[name]):
            raise Fault("list")
    if header["len"] > BODY or (header["len"] == 0) != (header["body_hash"] == bytes(32)):
        raise Fault("body")
    if (header["seq"] == 0) != ("prev" not in header):
        raise Fault("shape_prev")
    root = header["kind"] if header["kind"] in ("committee", "identity") else None
    if "space" not in header:
        first = header["seq"] == 0 and not header["after"] and not header["auth"] and "doc" not in header
        if root is None or not first or (root == "committee") != ("cert" in header):
            raise Fault("space_root")
        return root
    if root is not None:
        raise Fault("root_in_space")
    return "entry" if "doc" in header else "document"


FORMS = {
    "identity": ({"next": is_id}, {}),
    "committee": ({"founders": is_ids, "threshold": is_int}, {}),
    "document": ({"owners": lambda value: isinstance(value, list) and all(map(is_owner, value))}, {}),
    "enroll": ({"key": is_id, "use": lambda value: value in ("person", "node", "bot")}, {}),
    "retire": ({"key": is_id, "last": is_ids}, {}),
    "rotate": ({"next": is_id, "keep": is_ids}, {}),
    "grant": ({"role": lambda value: isinstance(value, str), "to": is_id}, {"scope": is_id}),
    "revoke": ({"grant": is_id}, {}),
    "cosign": ({"entry": is_id}, {}),
    "vouch": ({"identity": is_id, "quota": is_int}, {}),
    "set_parameter": ({"name": lambda value: isinstance(value, str), "value": is_int}, {}),
}


def is_owner(value):
    if not isinstance(value, list) or not 1 <= len(value) <= 2 or not is_id(value[0]):
        return False
    return len(value) == 1 or isinstance(value[1], str)


def read_control(header, shape):
    """(form, control): the form is None when nothing is read."""
    control = header.get("control")
    if control is not None and len(encode(control)) > CONTROL:
        raise Fault("control_too_large")
    form = header["kind"] if shape == "entry" else shape
    if form not in FORMS or (shape == "entry" and form not in READ) or (form == "document" and control is None):
        return None, None
    needed, allowed = FORMS[form]
    if not isinstance(control, dict) or not set(needed) <= set(control) <= set(needed) | set(allowed):
        raise Fault("control_shape")
    if not all((needed | allowed)[name](value) for name, value in control.items()):
        raise Fault("control_shape")
    check_control(form, control)
    return form, control


def check_control(form, control):
    lists = {"committee": ("founders", 1, FOUNDERS), "document": ("owners", 1, OWNERS)}
    lists |= {"retire": ("last", 0, CONTROL), "rotate": ("keep", 0, DEVICES)}
    if form in lists:
        name, least, most = lists[form]
        if not least <= len(control[name]) <= most or not ascending(control[name]):
            raise Fault("control_list")
    within = {
        "committee": lambda: 1 <= control["threshold"] <= len(control["founders"]),
        "document": lambda: all(is_name(owner[1], PART) for owner in control["owners"] if len(owner) == 2),
        "grant": lambda: is_name(control["role"], NAME),
        "vouch": lambda: 1 <= control["quota"] <= VOUCH,
        "set_parameter": lambda: is_name(control["name"], NAME),
    }
    if not within.get(form, lambda: True)():
        raise Fault("control_bounds")


def names_in(form, control):
    return {
        "committee": lambda: control["founders"],
        "document": lambda: [owner[0] for owner in control["owners"]],
        "rotate": lambda: control["keep"],
        "grant": lambda: [control["to"]] + ([control["scope"]] if "scope" in control else []),
        "revoke": lambda: [control["grant"]],
        "cosign": lambda: [control["entry"]],
        "vouch": lambda: [control["identity"]],
    }.get(form, list)()


class Node:
    """An admitted entry."""

    def __init__(self, entry, shape, form, control, names, graph):
        header = entry.header
        self.id, self.header, self.control, self.names = entry.id, header, control, names
        self.key, self.seq, self.cert = header["by"], header["seq"], header.get("cert")
        # What the protocol makes of it: committee, identity, document, or the form of its control, or nothing.
        self.sort = shape if shape != "entry" else form
        self.space, self.doc = header.get("space", entry.id), header.get("doc", entry.id)
        self.depth = 1 + max((graph[name].depth for name in names), default=0)
        self.author = graph[self.cert].space if self.cert else self.space

    @property
    def rank(self):
        return self.depth, self.id


class Graph(dict):
    """Admitted entries by id. The verdict on a header is a function of it and its past."""

    def __init__(self):
        super().__init__()
        self.pasts = {}  # of entries in identities' spaces: the key acts in their past, themselves included

    def judge(self, entry, rejected):
        """("admitted", node), ("waiting", missing) or ("rejected", name)."""
        header = entry.header
        try:
            shape = shape_of(header)
            form, control = read_control(header, shape)
            singles = [header[name] for name in ("prev", "cert", "doc", "space") if name in header]
            listed = header["after"] + header["auth"] + singles + names_in(form, control)
            names = list(dict.fromkeys(listed))
            if any(name in rejected for name in names):
                raise Fault("rejected_name")
            missing = [name for name in names if name not in self]
            if missing:
                return "waiting", missing
            self.check_names(header, shape, form, control)
            self.check_place(header)
            self.check_cert(header, form)
            past = self.check_identity(header, shape, form, control, names)
        except Fault as fault:
            return "rejected", str(fault)
        node = Node(entry, shape, form, control, names, self)
        self[entry.id] = node
        if past is not None:
            self.pasts[entry.id] = past | {entry.id} if form in KEY_ACTS else past
        return "admitted", node

    def check_names(self, header, shape, form, control):
        if "space" in header:
            space = self[header["space"]]
            if space.sort not in ("committee", "identity"):
                raise Fault("space")
            committee = space.sort == "committee"
            self.check_doc(header, shape, space, committee)
            if any(self[name].space != space.id for name in header["after"]):
                raise Fault("after")
            if any(self[name].space != space.id or self[name].sort not in AUTHORITY for name in header["auth"]):
                raise Fault("auth")
            if form in KEY_ACTS and committee:
                raise Fault("kind_place")
            if form in AUTHORITY | {"vouch"} and not (committee and header.get("doc") == space.id):
                raise Fault("kind_place")
        self.check_control_names(header, form, control)

    def check_doc(self, header, shape, space, committee):
        if shape == "document":
            if not committee:
                raise Fault("doc")
        elif header["doc"] != space.id:
            doc = self[header["doc"]]
            if not committee or doc.space != space.id or doc.sort != "document":
                raise Fault("doc")

    def check_control_names(self, header, form, control):
        def here(name):
            return self[name].space == header.get("space")

        identities = {"committee", "document", "vouch"}
        names = names_in(form, control)
        fits = True
        if form in identities:
            fits = all(self[name].sort == "identity" for name in names)
        elif form == "rotate":
            fits = all(here(name) and self[name].sort == "enroll" for name in names)
        elif form == "grant":
            scope = control.get("scope")
            fits = self[control["to"]].sort == "identity"
            fits = fits and (scope is None or (here(scope) and self[scope].sort == "document"))
        elif form == "revoke":
            fits = here(control["grant"]) and self[control["grant"]].sort == "grant"
        elif form == "cosign":
            fits = here(control["entry"])
        if not fits:
            raise Fault("control_name")

    def check_place(self, header):
        if "prev" not in header:
            return
        prev = self[header["prev"]]
        if prev.space != header.get("space") or prev.seq + 1 != header["seq"] or prev.key != header["by"]:
            raise Fault("prev")
        if prev.cert != header.get("cert"):
            raise Fault("cert_changed")

    def check_cert(self, header, form):
        in_identity = "space" in header and self[header["space"]].sort == "identity"
        if "cert" not in header:
            if not in_identity and form != "identity":
                raise Fault("cert_missing")
            return
        cert = self[header["cert"]]
        if cert.sort != "enroll":
            raise Fault("cert_not_enroll")
        if in_identity and cert.space != header["space"]:
            raise Fault("cert_stranger")
        if form in KEY_ACTS:
            raise Fault("cert_root_only")
        if cert.control["key"] != header["by"]:
            raise Fault("cert_other_key")

    def check_identity(self, header, shape, form, control, names):
        """The key acts in the past, for entries of an identity's space."""
        if shape == "identity":
            return frozenset()
        if "space" not in header or self[header["space"]].sort != "identity":
            return None
        pasts = {self.pasts[name] for name in names if name in self.pasts}
        past = max(pasts, key=len)
        for other in pasts:
            if not other <= past:
                past = past | other
        roots = {self[header["space"]]} | {self[act] for act in past if self[act].sort == "rotate"}
        commitment = sha256(b"althing/key/1\0", header["by"])
        if form == "rotate":
            if any(root.key == header["by"] for root in roots):
                raise Fault("rotated_twice")
            if all(root.control["next"] != commitment for root in roots):
                raise Fault("not_committed")
        elif "cert" not in header:
            known = {sha256(b"althing/key/1\0", root.key) for root in roots}
            if not any(root.key == header["by"] and root.control["next"] not in known for root in roots):
                raise Fault("not_root")
        if len(past) + (form in KEY_ACTS) > CONTROLS:
            raise Fault("identity_controls")
        if form == "enroll" and self.devices(past) >= DEVICES:
            raise Fault("devices")
        return past

    def devices(self, past):
        acts = [self[act] for act in past]
        retired = {act.control["key"] for act in acts if act.sort == "retire"}
        rotations = [act for act in acts if act.sort == "rotate"]

        def lives(enroll):
            dropped = any(
                enroll.id in self.pasts[act.id] and enroll.id not in act.control["keep"] for act in rotations
            )
            return enroll.control["key"] not in retired and not dropped

        return sum(lives(act) for act in acts if act.sort == "enroll")


class Inbox:
    """Entries in any order: waiting for what they name, without any budgets."""

    def __init__(self, followed):
        self.graph, self.followed = Graph(), set(followed)
        self.rejected, self.waiting, self.wanted_by = set(), {}, {}
        self.fate = {}  # what became of entries, also later on

    def offer(self, entry):
        outcome = self.settle(entry)
        open_ids = [entry.id]
        while open_ids:
            done = open_ids.pop()
            if self.fate[done].split(":")[0] not in ("admitted", "rejected"):
                continue
            for waiter in self.wanted_by.pop(done, []):
                if waiter in self.waiting:
                    waited, missing = self.waiting[waiter]
                    missing.discard(done)
                    if not missing or done in self.rejected:
                        del self.waiting[waiter]
                        self.settle(waited)
                        open_ids.append(waiter)
        return outcome

    def settle(self, entry):
        if entry.id in self.graph:
            return "known"
        self.fate[entry.id] = self.judge(entry)
        return self.fate[entry.id]

    def judge(self, entry):
        header = entry.header
        if "space" not in header:
            stranger = header["kind"] == "committee" and entry.id not in self.followed
        else:
            space = self.graph.get(header["space"])
            stranger = header["space"] not in self.followed and space is not None and space.sort == "committee"
        if stranger:
            return "refused:not_followed"
        outcome, what = self.graph.judge(entry, self.rejected)
        if outcome == "rejected":
            self.rejected.add(entry.id)
            return f"rejected:{what}"
        if outcome == "waiting":
            self.waiting[entry.id] = (entry, set(what))
            for name in what:
                self.wanted_by.setdefault(name, []).append(entry.id)
        return outcome


# --- Authority and record: docs/spec/record.md -------------------------------------------------------------------


class Committee:
    """What a set of admitted entries comes to for one committee."""

    def __init__(self, root, graph):
        self.root, self.graph = root, graph
        control = graph[root].control
        self.founders, self.threshold = set(control["founders"]), control["threshold"]
        own = [node for node in graph.values() if node.space == root]
        self.acts = {node.id: node for node in own if node.sort in ACTS}
        self.signatures = {act: {} for act in self.acts}  # valid ones: act -> signature -> identity
        self.revocations = {}
        for act in self.acts.values():
            if act.sort == "revoke":
                self.revocations.setdefault(act.control["grant"], []).append(act.id)
        self.grounds, self.pasts = {}, {}
        for node in sorted((node for node in own if node.sort in AUTHORITY), key=lambda node: node.rank):
            act = node.control["entry"] if node.sort == "cosign" else node.id
            self.grounds[node.id] = grounds = self.find_grounds(node, "steward", [])
            if act in self.acts and (grounds or node.author in self.founders):
                self.signatures[act][node.id] = node.author
        self.made = {act for act in self.acts if self.is_made(act)}
        self.members = self.founders | {
            act.control["to"] for act in self.acts.values() if act.sort == "grant" and self.is_held(act)
        }
        self.record = self.close(self.reasons(own))

    def is_made(self, act, within=None):
        signed = self.signatures[act]
        return len({who for s, who in signed.items() if within is None or s in within}) >= self.threshold

    def is_held(self, grant):
        return grant.id in self.made and not self.made.intersection(self.revocations.get(grant.id, []))

    def past(self, entry):
        if entry not in self.pasts:
            self.pasts[entry] = self.close(self.graph[entry].names)
        return self.pasts[entry]

    def find_grounds(self, node, role, documents):
        """The grants of a role (any if none is named) to its author that were made in its past, and not revoked there."""
        grants = [
            act.id
            for act in self.acts.values()
            if act.sort == "grant"
            and act.control["to"] == node.author
            and role in (None, act.control["role"])
            and act.control.get("scope") in (None, *documents)
            and self.is_made(act.id)
        ]
        if not grants:
            return []  # made within a past implies made
        past = self.past(node.id)
        return [
            grant
            for grant in grants
            if self.is_made(grant, past) and not any(self.is_made(r, past) for r in self.revocations.get(grant, []))
        ]

    def reasons(self, own):
        reasons = {self.root} | self.made
        reasons |= {node.id for node in own if node.author in self.members}
        for act in self.made:
            lowest = {}
            for signature, who in self.signatures[act].items():
                rank = self.graph[signature].rank
                lowest[who] = min(lowest.get(who, rank), rank)
            reasons |= {signature for _, signature in lowest.values()}
        for node in self.graph.values():
            if node.sort in KEY_ACTS and node.space in self.members:
                reasons.add(node.id)
        return reasons

    def close(self, ids):
        seen, open_ids = set(), list(ids)
        while open_ids:
            name = open_ids.pop()
            if name not in seen:
                seen.add(name)
                open_ids += self.graph[name].names
        return seen


# --- Effect of authority and keys: docs/spec/authority.md --------------------------------------------------------


class Authority(Committee):
    """What a committee's acts and its people's keys let count."""

    def __init__(self, root, graph):
        super().__init__(root, graph)
        self.effective = self.find_effective()
        self.holders = sorted(
            (act.control["role"], act.control["to"], act.id)
            for act in self.acts.values()
            if act.id in self.effective and self.is_held(act)
        )
        self.settings, self.parameters, self.keys = {}, {}, {}
        self.find_parameters()

    def cut(self, grant):
        return [r for r in self.revocations.get(grant, []) if r in self.made]

    def stands(self, entry, grounds):
        """Whether one of these grants still carries an entry, as (kept by no revocation, effective)."""
        kept = [grant for grant in grounds if all(entry in self.past(r) for r in self.cut(grant))]
        return bool(kept), any(grant in self.effective for grant in kept)

    def counts(self, signature):
        founder = self.graph[signature].author in self.founders
        return founder or self.stands(signature, self.grounds[signature])[1]

    def find_effective(self):
        self.effective = set()
        while True:
            found = {
                act.id
                for act in self.acts.values()
                if act.sort == "grant"
                and len({who for s, who in self.signatures[act.id].items() if self.counts(s)}) >= self.threshold
            }
            if found == self.effective:
                return found
            self.effective = found

    def find_parameters(self):
        names = {}
        for act in self.acts.values():
            if act.sort == "set_parameter" and act.id in self.made:
                names.setdefault(act.control["name"], []).append(act)
        for name, acts in names.items():
            last = self.last(acts)
            for act in acts:
                self.settings[act.id] = "overtaken" if act not in last else "contested" if len(last) > 1 else None
            if len(last) > 1:
                common = set.intersection(*(self.past(act.id) for act in last))
                last = self.last([act for act in acts if self.is_made(act.id, common)])
            self.parameters[name] = last[0].control["value"] if len(last) == 1 else None

    def last(self, acts):
        seen = set().union(*(self.past(act.id) for act in acts))
        return [act for act in acts if not self.is_made(act.id, seen)]

    def may(self, node, role):
        """None if it counts under the role, else why not."""
        if node.author in self.founders and role in (None, "steward"):
            return None
        grants = [
            act.id
            for act in self.acts.values()
            if act.sort == "grant"
            and act.control["to"] == node.author
            and role in (None, act.control["role"])
            and act.control.get("scope") in (None, node.doc)
        ]
        past = self.past(node.id) if grants else set()
        seen = [grant for grant in grants if self.is_made(grant, past)]
        grounds = self.find_grounds(node, role, [node.doc])
        if not grounds:
            return "role_taken" if any(self.cut(grant) for grant in seen) else "no_role"
        kept, effective = self.stands(node.id, grounds)
        return None if effective else "role_shaky" if kept else "role_taken"

    def ruling(self, node):
        """(effect, cause) as far as authority and keys have a say."""
        effective = ("effective", None)
        if node.sort in ACTS:
            if node.id not in self.made:
                return "unauthorised", "open"
            if node.sort == "grant":
                if node.id not in self.effective:
                    return "unauthorised", "shaky"
                return ("superseded", "revoked") if self.cut(node.id) else effective
            setting = self.settings.get(node.id)
            return {"overtaken": ("superseded", setting), "contested": ("conflict", setting)}.get(setting, effective)
        if node.sort == "cosign":
            valid = node.author in self.founders or bool(self.grounds[node.id])
            if not valid:
                return "unauthorised", self.may(node, "steward") or "no_role"
            if node.control["entry"] not in self.acts:
                return "void", "no_act"
            if self.graph[node.control["entry"]].sort != "grant" or self.counts(node.id):
                return effective
            return "unauthorised", "role_shaky" if self.stands(node.id, self.grounds[node.id])[0] else "role_taken"
        # Founding is an act of authority: the founder's keys play no part.
        fallen = None if node.sort == "committee" else Keys.of(self, node.author).fallen(node)
        if fallen:
            return "unauthorised", fallen
        if node.header["kind"] in NEEDS and node.sort != "document":
            lost = self.may(node, NEEDS[node.header["kind"]])
            if lost:
                return "unauthorised", lost
        return effective

    def effects(self):
        own = (self.graph[entry] for entry in self.record)
        rulings = {node.id: self.ruling(node) for node in own if node.space == self.root}
        return {entry: ruling for entry, ruling in rulings.items() if ruling[0] != "effective"}


class Keys:
    """What became of an identity's keys, as far as the record tells."""

    @staticmethod
    def of(committee, identity):
        if identity not in committee.keys:
            committee.keys[identity] = Keys(committee, identity)
        return committee.keys[identity]

    def __init__(self, committee, identity):
        self.graph, self.committee, self.root = committee.graph, committee, committee.graph[identity]
        acts = [committee.graph[e] for e in committee.record if committee.graph[e].space == identity]
        self.rotations = [act for act in acts if act.sort == "rotate"]
        self.dead = len({act.key for act in self.rotations}) < len(self.rotations)
        self.retirements = [act for act in acts if act.sort == "retire" and not self.superseded(act)]

    def superseded(self, node):
        """Whether a rotation that had not seen it replaced the root key that signed it."""
        roots = [root for root in (self.root, *self.rotations) if root.key == node.key]
        committed = {root.control["next"] for root in roots}
        later = [act for act in self.rotations if sha256(b"althing/key/1\0", act.key) in committed]
        return any(node.id != act.id and node.id not in self.committee.past(act.id) for act in later)

    def fallen(self, node):
        if self.dead:
            return "dead_identity"
        if not node.cert:
            return "key_dropped" if self.superseded(node) else None
        for act in self.rotations:
            if node.cert not in act.control["keep"] and act.id not in self.committee.past(node.cert):
                return "key_dropped"
        if any(act.control["key"] == node.key and not self.covers(act, node) for act in self.retirements):
            return "key_retired"
        return None

    def covers(self, retirement, node):
        for name in retirement.control["last"]:
            last = self.graph.get(name)
            if name not in self.committee.record or (last.key, last.space) != (node.key, node.space):
                continue
            while last.seq > node.seq:
                last = self.graph[last.header["prev"]]
            if last.id == node.id:
                return True
        return False


# --- Digest: docs/spec/digest.md ---------------------------------------------------------------------------------


def bit(key, depth):
    return key[depth >> 3] >> (7 - (depth & 7)) & 1


def digest(ids):
    return subtree(sorted(ids), 0, 0, len(ids))


def subtree(ids, depth, start, end):
    if start == end:
        return bytes(32)
    if end - start == 1:
        return sha256(b"\x02", ids[start])
    prefix = int.from_bytes(ids[start], "big") >> (256 - depth) if depth else 0
    middle = bisect_left(ids, ((prefix << 1 | 1) << (255 - depth)).to_bytes(32, "big"), start, end)
    return sha256(b"\x03", subtree(ids, depth + 1, start, middle), subtree(ids, depth + 1, middle, end))


def check_path(path, root, key):
    """present or absent, or the name of the error."""
    if len(path) > 1 + 34 + 3 + 32 * 256:
        return "length"
    try:
        parts = decode(path)
    except Refused:
        return "encoding"
    if not isinstance(parts, list) or len(parts) != 2 or not all(isinstance(part, bytes) for part in parts):
        return "encoding"
    end, siblings = parts[0], [parts[1][at : at + 32] for at in range(0, len(parts[1]), 32)]
    if len(end) not in (0, 32) or len(parts[1]) % 32 or len(siblings) > 256:
        return "length"
    if end and any(bit(end, depth) != bit(key, depth) for depth in range(len(siblings))):
        return "off_the_way"
    if siblings and siblings[-1] == bytes(32):
        return "too_deep"
    here = sha256(b"\x02", end) if end else bytes(32)
    for depth in reversed(range(len(siblings))):
        pair = (siblings[depth], here) if bit(key, depth) else (here, siblings[depth])
        here = sha256(b"\x03", *pair)
    if here != root:
        return "root"
    return "present" if end == key else "absent"


# --- Vector files ------------------------------------------------------------------------------------------------


class Checks:
    """Counts what agreed and keeps what did not."""

    def __init__(self):
        self.passed, self.failures = 0, []

    def same(self, where, found, expected):
        if found == expected:
            self.passed += 1
        else:
            self.failures.append(f"{where}: found {found}, the vector says {expected}")


def wire_of(case):
    if "wire" in case:
        return bytes.fromhex(case["wire"])
    return b"".join(bytes.fromhex(text) * times for text, times in case["parts"])


def plain(value):
    """A header or control as the vectors show it."""
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    return value


def plain_header(header):
    def text(value):
        if isinstance(value, bytes):
            return value.hex()
        if isinstance(value, list):
            return [text(item) for item in value]
        return {name: text(item) for name, item in value.items()} if isinstance(value, dict) else value

    return {name: plain(value) if name == "control" else text(value) for name, value in header.items()}


def check_entries(vectors, checks):
    for case in vectors["accepted"]:
        try:
            entry = Entry(wire_of(case)).verify()
        except Refused as error:
            checks.same(case["name"], str(error), "accepted")
            continue
        found = {"id": entry.id.hex(), "header": plain_header(entry.header), "carried": entry.carried}
        if entry.carried == "here":
            found["body"] = {"salt": entry.body[0].hex(), "bytes": entry.body[1].hex()}
        checks.same(case["name"], found, {name: case[name] for name in found})
    for case in vectors["refused"]:
        try:
            Entry(wire_of(case)).verify()
            found = "accepted"
        except Refused as error:
            found = str(error)
        checks.same(case["name"], found, case["error"])


def read_book(vectors, checks):
    """The entries of a file by name, and names by id."""
    book = {name: Entry(bytes.fromhex(entry["wire"])).verify() for name, entry in vectors["entries"].items()}
    for name, entry in book.items():
        checks.same(name, entry.id.hex(), vectors["entries"][name]["id"])
    return book


def check_admission(vectors, checks):
    book = read_book(vectors, checks)
    for case in vectors["cases"]:
        inbox = Inbox(book[name].id for name in case["follow"])
        for name in case["setup"]:
            checks.same(f"{case['name']}: {name}", inbox.offer(book[name]), "admitted")
        for name, expected in case["offer"]:
            checks.same(f"{case['name']}: {name}", inbox.offer(book[name]), expected)
        for name, expected in case.get("end", {}).items():
            checks.same(f"{case['name']}: {name} in the end", inbox.fate[book[name].id], expected)


def check_records(vectors, checks):
    book = read_book(vectors, checks)
    names = {entry.id: name for name, entry in book.items()}
    for case in vectors["cases"]:
        for order in (case["set"], case["set"][::-1]):
            root = book[case["committee"]].id
            inbox = Inbox([root])
            for name in order:
                inbox.offer(book[name])
            found = Authority(root, inbox.graph)
            answer = {
                "effective": sorted(names[act] for act in found.effective),
                "holders": sorted([role, names[to], names[grant]] for role, to, grant in found.holders),
                "parameters": found.parameters,
                "effects": {names[entry]: list(ruling) for entry, ruling in found.effects().items()},
                "members": sorted(names[member] for member in found.members),
                "made": sorted(names[act] for act in found.made),
                "record": sorted(names[entry] for entry in found.record),
                "digest": digest(found.record).hex(),
            }
            checks.same(case["name"], answer, {name: case[name] for name in answer})
            waiting = sorted(names[entry] for entry in inbox.waiting)
            checks.same(f"{case['name']}: waiting", waiting, case.get("waiting", []))


def check_digests(vectors, checks):
    sets = {}
    for case in vectors["sets"]:
        root = bytes.fromhex(case["root"])
        sets[case["name"]] = root
        checks.same(case["name"], digest([bytes.fromhex(name) for name in case["ids"]]), root)
    for case in vectors["paths"]:
        found = check_path(bytes.fromhex(case["path"]), sets[case["set"]], bytes.fromhex(case["id"]))
        checks.same(f"{case['id']} in {case['set']}", found, case["presence"])
    for case in vectors["failing"]:
        found = check_path(*(bytes.fromhex(case[name]) for name in ("path", "root", "id")))
        checks.same(case["why"], found, case["error"])


FILES = {
    "entry.json": check_entries,
    "admit.json": check_admission,
    "record.json": check_records,
    "authority.json": check_records,
    "effect.json": check_records,
    "digest.json": check_digests,
}


def check(folder):
    failed = False
    for name, run in FILES.items():
        checks = Checks()
        run(json.loads((folder / name).read_text()), checks)
        for failure in checks.failures:
            print(f"{name}: {failure}", file=sys.stderr)
        print(f"{name}: {checks.passed} agree, {len(checks.failures)} do not")
        failed = failed or bool(checks.failures) or not checks.passed
    return 1 if failed else 0


# --- Exports -----------------------------------------------------------------------------------------------------


def export(path, committee):
    inbox = Inbox([committee])
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            said = json.loads(line)
            try:
                entry = Entry(bytes.fromhex(said["wire"])).verify()
            except Refused as error:
                sys.exit(f"line {number}: {said['id']} is no entry: {error}")
            if entry.id.hex() != said["id"]:
                sys.exit(f"line {number}: the entry {said['id']} is in truth {entry.id.hex()}")
            inbox.offer(entry)
    for name, fate in inbox.fate.items():
        if fate != "admitted":
            sys.exit(f"the export does not stand on its own: {name.hex()} is {fate}")
    if committee not in inbox.graph:
        sys.exit(f"the export lacks the root of the committee {committee.hex()}")
    found = Authority(committee, inbox.graph)
    answer = {
        "digest": digest(found.record).hex(),
        "effective": sorted(act.hex() for act in found.effective),
        "effects": {entry.hex(): list(ruling) for entry, ruling in sorted(found.effects().items())},
        "entries": len(found.record),
        "holders": sorted([role, to.hex(), grant.hex()] for role, to, grant in found.holders),
        "made": sorted(act.hex() for act in found.made),
        "members": sorted(member.hex() for member in found.members),
        "parameters": found.parameters,
    }
    print(json.dumps(answer))
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    of_vectors = commands.add_parser("check", help="check every vector file of a folder")
    of_vectors.add_argument("folder", type=pathlib.Path)
    of_export = commands.add_parser("export", help="recompute what exported entries come to")
    of_export.add_argument("file")
    of_export.add_argument("--committee", required=True, type=bytes.fromhex, help="the id of the committee's root")
    arguments = parser.parse_args()
    sys.setrecursionlimit(10_000)
    if arguments.command == "check":
        return check(arguments.folder)
    return export(arguments.file, arguments.committee)


if __name__ == "__main__":
    sys.exit(main())
