"""Record, authority and keys: docs/spec/record.md and docs/spec/authority.md."""

from .encoding import sha256
from .entry import ACTS, AUTHORITY, KEY_ACTS, NEEDS


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
