"""Proof bundles: docs/spec/proof.md."""

import binascii
import datetime
import json
import struct
import sys

from . import ethereum, note, tree
from .encoding import NESTING, SALT, Fault, Refused, check_subset, decode, encode, head, sha256
from .entry import Entry, is_int, names_in, read_control, shape_of

MOST = 2 * 1024 * 1024
PEOPLE, HASHES, HEADER, NODES, NODE = 64, 80, 4096, 32, 65536
MEMBERS = ("proof.cbor", "body.cbor", "verify.html")
LOCAL, CENTRAL, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
DATE = 0x21


class Reason(Exception):
    """Why a bundle is refused: the stable name of the check, and what it found."""

    def __init__(self, name, why):
        super().__init__(f"{name}: {why}")
        self.name, self.why = name, why


# --- The zip -----------------------------------------------------------------------------------------------------


def pack(members):
    """The one zip of these (name, bytes)."""
    out, central = b"", b""
    for name, data in members:
        common = struct.pack("<HHHHIIIHH", 0, 0, 0, DATE, binascii.crc32(data), len(data), len(data), len(name), 0)
        central += CENTRAL + struct.pack("<HH", 20, 20) + common
        central += struct.pack("<HHHII", 0, 0, 0, 0, len(out)) + name.encode()
        out += LOCAL + struct.pack("<H", 20) + common + name.encode() + data
    end = struct.pack("<HHHHIIH", 0, 0, len(members), len(members), len(central), len(out), 0)
    return out + central + END + end


def unpack(data):
    """Members by name. Reads the local headers alone, and then asks for exactly the zip that `pack` makes of them."""
    members, at = [], 0
    while data[at : at + 4] == LOCAL and len(data) >= at + 30:
        size, named = struct.unpack_from("<I", data, at + 22)[0], struct.unpack_from("<H", data, at + 26)[0]
        name = data[at + 30 : at + 30 + named]
        if len(data) < at + 30 + named + size or len(members) == len(MEMBERS):
            raise Reason("zip", "a member is cut off, or there are too many")
        members.append((name.decode("latin-1"), data[at + 30 + named : at + 30 + named + size]))
        at += 30 + named + size
    names = [name for name, _ in members]
    if names != [name for name in MEMBERS if name in names] or "proof.cbor" not in names:
        raise Reason("zip", "the members are not proof.cbor, body.cbor and verify.html, in this order")
    if pack(members) != data:
        raise Reason("zip", "it was altered, or repacked by another program")
    return dict(members)


# --- proof.cbor --------------------------------------------------------------------------------------------------


def is_bytes(least, most):
    return lambda value: isinstance(value, bytes) and least <= len(value) <= most


def is_path(value):
    return isinstance(value, bytes) and len(value) % 32 == 0 and len(value) <= 32 * HASHES


def is_signed(value):
    return isinstance(value, list) and len(value) == 2 and all(map(is_bytes(0, MOST), value)) and len(value[1]) == 64


def is_list(most, of):
    return lambda value: isinstance(value, list) and len(value) <= most and all(map(of, value))


ANCHOR = {
    "chain": is_int,
    "contract": is_bytes(20, 20),
    "header": is_bytes(0, HEADER),
    "index": is_int,
    "receipt": is_list(NODES, is_bytes(0, NODE)),
    "event": is_int,
    "size": lambda value: is_int(value) and value <= ethereum.BATCH,
    "place": is_int,
    "path": is_path,
}


def fits(value, fields, optional=()):
    if not isinstance(value, dict) or not set(fields) - set(optional) <= set(value) <= set(fields):
        return False
    return all(fields[name](inner) for name, inner in value.items())


PROOF = {
    "v": lambda value: is_int(value) and value == 1,
    "entry": is_signed,
    "people": is_list(PEOPLE, is_signed),
    "note": lambda value: isinstance(value, str),
    "index": is_int,
    "path": is_path,
    "anchor": lambda value: fits(value, ANCHOR),
}


def read_proof(data):
    try:
        proof = decode(data)
        check_subset(proof, NESTING)
    except Refused:
        raise Reason("encoding", "proof.cbor is not canonical") from None
    if not fits(proof, PROOF, {"anchor"}):
        raise Reason("encoding", "proof.cbor has not exactly the fields of a proof, within their bounds")
    return proof


class Signed:
    """An entry without its body, whose signature holds and whose header keeps the rules on it alone."""

    def __init__(self, pair):
        decode(pair[0])  # one value, or what follows it could pass for a signature
        wire = head(4, 3) + pair[0] + encode(pair[1]) + b"\xf6"
        entry = Entry(wire).verify()
        self.id, self.header, self.by = entry.id, entry.header, entry.header["by"]
        self.shape = shape_of(self.header)
        self.form, self.control = read_control(self.header, self.shape)
        singles = [self.header[name] for name in ("prev", "cert", "doc", "space") if name in self.header]
        self.names = self.header["after"] + self.header["auth"] + singles + names_in(self.form, self.control)
        self.space = self.header.get("space", self.id)


def read_signed(pair, reason, what):
    try:
        return Signed(pair)
    except Refused as error:
        raise Reason(reason, f"{what} is none: {error}") from None
    except Fault as fault:
        raise Reason(reason, f"{what} could never be admitted: {fault}") from None


# --- People ------------------------------------------------------------------------------------------------------


class People:
    """Whose keys these are. Remembers which entries were needed to tell."""

    def __init__(self, pairs):
        self.entries, self.needed, named = {}, set(), {}
        self.sound = {}  # identities' roots and the `rotate` entries that follow from them: what each follows
        for number, pair in enumerate(pairs):
            entry = read_signed(pair, "people", f"number {number} of the people")
            if entry.id in self.entries:
                raise Reason("people", f"number {number} of the people is there twice")
            if entry.id in named:
                what = f"comes after number {named[entry.id]}, which names it"
                raise Reason("people", f"number {number} of the people {what}")
            named |= {name: number for name in entry.names}
            before = self.follows(entry)
            self.entries[entry.id] = entry
            if entry.shape == "identity" or before:
                self.sound[entry.id] = before

    def is_identity(self, name):
        return name in self.entries and self.entries[name].shape == "identity"

    def follows(self, act):
        """What a `rotate` after all the people here follows: the first sound entry that committed to its key."""
        if act.form != "rotate" or "cert" in act.header:
            return None
        commitment = sha256(b"althing/key/1\0", act.by)
        sound = (self.entries[name] for name in self.sound if self.entries[name].space == act.space)
        return next((entry.id for entry in sound if entry.control["next"] == commitment), None)

    def root_key(self, identity, key):
        """Whether this is a root key of the identity; what shows it is needed."""
        sound = (self.entries[name] for name in self.sound if self.entries[name].space == identity)
        shown = next((entry.id for entry in sound if entry.by == key), None)
        self.need(shown)
        return shown is not None

    def need(self, name):
        while name is not None:
            self.needed.add(name)
            name = self.sound.get(name)

    def enrolled(self, name, key, use=None):
        """The identity whose root key enrolled this key in the entry of this name, or None."""
        act = self.entries.get(name)
        if act is None or act.form != "enroll" or act.control["key"] != key or use not in (None, act.control["use"]):
            return None
        if "cert" in act.header or act.header["doc"] != act.space:
            return None
        if not self.is_identity(act.space) or not self.root_key(act.space, act.by):
            return None
        self.needed.add(name)
        return act.space

    def node(self, key):
        """The identity that enrolled this key for a node, or None."""
        found = (self.enrolled(name, key, "node") for name in self.entries)
        return next((identity for identity in found if identity), None)

    def author(self, entry):
        if "cert" in entry.header:
            return self.enrolled(entry.header["cert"], entry.by)
        if entry.shape == "identity":
            return entry.id
        if not self.is_identity(entry.space):
            return None
        if self.root_key(entry.space, entry.by):
            return entry.space
        before = self.follows(entry)
        self.need(before)
        return None if before is None else entry.space


# --- Checks ------------------------------------------------------------------------------------------------------


class Bundle:
    """A bundle that passed every check."""

    def __init__(self, data):
        if len(data) > MOST:
            raise Reason("size", f"the file has {len(data)} bytes, at most {MOST} are allowed")
        members = unpack(data)
        proof = read_proof(members["proof.cbor"])
        self.entry = read_signed(proof["entry"], "entry", "the entry")
        self.people = People(proof["people"])
        self.author = self.people.author(self.entry)
        if self.author is None:
            raise Reason("author", "nothing here shows whose key signed the entry")
        self.body = self.read_body(members.get("body.cbor"))
        self.read_note(proof)
        self.index = proof["index"]
        path = tree.split(proof["path"])
        if not tree.included(b"\x01" + self.entry.id, self.index, self.checkpoint.size, path, self.checkpoint.root):
            raise Reason("log", "the entry is not at this place in the log of the checkpoint")
        unused = [name.hex() for name in self.people.entries if name not in self.people.needed]
        if unused:
            raise Reason("unused", f"nothing needs {', '.join(unused)} of the people")
        self.anchor = self.read_anchor(proof.get("anchor"))

    def read_body(self, data):
        if data is None:
            return None
        header = self.entry.header
        try:
            body = decode(data)
        except Refused:
            raise Reason("body", "body.cbor is not canonical") from None
        if not isinstance(body, list) or len(body) != 2 or not all(isinstance(part, bytes) for part in body):
            raise Reason("body", "body.cbor is not a salt and bytes")
        fit = header["len"] == len(body[1]) and sha256(b"althing/body/1\0", *body) == header["body_hash"]
        if header["len"] == 0 or len(body[0]) != SALT or not fit:
            raise Reason("body", "this is not the body that the entry was signed with")
        return body[1]

    def read_note(self, proof):
        try:
            signed = note.Note(proof["note"])
            self.checkpoint = note.Checkpoint(signed.text)
        except note.Broken as broken:
            raise Reason("note", str(broken)) from None
        origin = self.checkpoint.origin
        # What stands in an identity's space, or begins it, any committee's log may have.
        own = self.entry.shape == "identity" or self.people.is_identity(self.entry.space)
        if not own and origin.committee != self.entry.space:
            raise Reason("note", "the log is that of another committee")
        if not note.signed_by_origin(signed, origin):
            raise Reason("log_key", "the checkpoint is not signed once by the key of its origin")
        self.keeper = self.people.node(origin.key)
        if self.keeper is None:
            raise Reason("log_key", "nothing here shows whose node keeps this log")
        self.cosigners = self.read_cosigners(signed, origin)

    def read_cosigners(self, signed, origin):
        out = []
        own = note.key_id(origin.text, origin.key, note.PLAIN)
        for name, short, data in signed.signatures:
            if (name, short) == (origin.text, own):
                continue
            prefix, digits = name[:13], name[13:]
            key = bytes.fromhex(digits) if len(digits) == 64 and set(digits) <= set("0123456789abcdef") else b""
            if prefix != "althing/node/" or not key or short != note.key_id(name, key, note.COSIGNED):
                raise Reason("cosigners", f"{name[:100]!r} is no cosigning node")
            if key == origin.key or any(key == other["key"] for other in out):
                raise Reason("cosigners", f"{name} is there twice")
            identity = self.people.node(key)
            if identity is None:
                raise Reason("cosigners", f"nothing here shows whose node {name} is")
            time = note.cosigned(key, data, signed.text)
            if time is None:
                raise Reason("cosigners", f"the cosignature of {name} does not hold")
            out.append({"key": key, "identity": identity, "time": time})
        return out

    def read_anchor(self, anchor):
        if anchor is None:
            return None
        try:
            found = ethereum.read_anchor(anchor)
        except ethereum.Void as void:
            raise Reason("anchor", void.why) from None
        path, text = tree.split(anchor["path"]), self.checkpoint.text.encode()
        if not tree.included(text, anchor["place"], anchor["size"], path, found["digest"]):
            raise Reason("anchor", "the checkpoint is not in the batch that was anchored")
        return {"chain": anchor["chain"], **found}

    # --- What it says ---

    def says(self):
        """The sentences."""
        origin, block, before = self.checkpoint.origin, self.anchor, self.entry.header.get("not_before")

        def which(of):
            return f"block {of['height']} (0x{of['hash'].hex()}) of chain {of['chain']}"

        who = f"Entry {self.entry.id.hex()}, signed by a key of identity {self.author.hex()}, existed"
        if block:
            when = f"no later than {which(block)}, made at {moment(block['time'])}, if that is a block of that chain."
        else:
            when = "when this log had it; nothing here says when that was."
        count = len(self.cosigners)
        out = [f"{who} {when}"]
        if before:
            out.append(f"It was signed no earlier than {which(before)}, if that is a block of that chain.")
        out.append(
            f"It is leaf {self.index} of a log of node {origin.key.hex()} (identity {self.keeper.hex()}), whose "
            f"checkpoint of {self.checkpoint.size} leaves {count} other node{'' if count == 1 else 's'} cosigned."
        )
        return [*out, "This says that it existed: not that it counts, nor that what it says is true."]

    def facts(self):
        """What the sentences are made of, and more, with hashes as hexadecimal digits."""
        header, point = self.entry.header, self.checkpoint
        out = {
            "entry": self.entry.id,
            "kind": header["kind"],
            "key": self.entry.by,
            "identity": self.author,
            "claimed": header["time"],
            "body": "none" if not header["len"] else "absent" if self.body is None else "here",
            "committee": point.origin.committee,
            "node": point.origin.key,
            "keeper": self.keeper,
            "generation": point.origin.generation,
            "index": self.index,
            "size": point.size,
            "root": point.root,
            "cosigners": self.cosigners,
        }
        if self.anchor:
            addresses = {name: "0x" + self.anchor[name].hex() for name in ("contract", "anchorer")}
            out["anchor"] = {**self.anchor, **addresses}
        if "not_before" in header:
            out["not_before"] = header["not_before"]
        return plain(out)


def moment(seconds):
    """In UTC; past the year 9999 the bare number."""
    if seconds > 253402300799:
        return f"{seconds} seconds after 1970"
    start = datetime.datetime(1970, 1, 1)
    return (start + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%d %H:%M:%S UTC")


def plain(value):
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list) else value


def verify(data):
    """The bundle, or a Reason."""
    return Bundle(data)


def command(path, as_json):
    try:
        with open(path, "rb") as file:
            bundle = verify(file.read(MOST + 1))
    except OSError as error:
        sys.exit(f"cannot read {path}: {error.strerror}")
    except Reason as reason:
        if as_json:
            print(json.dumps({"ok": False, "reason": reason.name, "why": reason.why}))
        print(f"Refused ({reason.name}): {reason.why}.", file=sys.stderr)
        return 1
    if as_json:
        print(json.dumps({"ok": True, "says": bundle.says(), "facts": bundle.facts()}))
    else:
        print("\n".join(bundle.says()))
    return 0
