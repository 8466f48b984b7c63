"""What is admitted beside its past: docs/spec/entry.md#admission."""

from .encoding import CONTROLS, DEVICES, Fault, sha256
from .entry import AUTHORITY, KEY_ACTS, names_in, read_control, shape_of


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
