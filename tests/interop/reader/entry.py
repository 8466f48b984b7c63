"""Entries and the rules on a header alone: docs/spec/entry.md."""

from .encoding import (
    AFTER,
    AUTH,
    BODY,
    CONTROL,
    DEVICES,
    FOUNDERS,
    HEADER,
    INT,
    KIND,
    NAME,
    OWNERS,
    PART,
    SALT,
    VERSION,
    VOUCH,
    WIRE,
    Fault,
    Outside,
    Reader,
    Refused,
    check_subset,
    decode,
    encode,
    sha256,
)
from .keys import check_signature



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
