"""Vector files of protocol/vectors, and what they have to agree with."""

import json
import sys

from . import anchor, bundle, ethereum, note, tree, witness
from .admission import Inbox
from .authority import Authority
from .digest import check_path, digest
from .encoding import Refused
from .entry import Entry


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


def assemble(parts, whole):
    """Bytes given as hexadecimal text and how often it stands there, or as ranges of other bytes."""
    return b"".join(whole[a:b] if isinstance(a, int) else bytes.fromhex(a) * b for a, b in parts)


def outcome(read, *arguments):
    """What is read, or the name of what is wrong."""
    try:
        return read(*arguments)
    except (bundle.Reason, ethereum.Void, witness.Void, witness.Mistake, note.Broken) as error:
        names = (getattr(error, name, None) for name in ("name", "rule", "line"))
        return next((name for name in names if name is not None), str(error))


def checkpoint_of(case):
    """What a note is, as log.json asks for it: whether its log signed it, and this cosigner."""
    signed = note.Note(case["note"])
    point = note.Checkpoint(signed.text)
    name, short, key = case["cosigner"].split("+", 2)
    key = note.from_base64(key)
    found = signed.of(name, key[1:], note.COSIGNED)
    return {
        "origin": point.origin.text,
        "size": point.size,
        "root": point.root.hex(),
        "signed": note.signed_by_origin(signed, point.origin),
        "cosigned": key[0] == note.COSIGNED
        and short == note.key_id(name, key[1:], note.COSIGNED).hex()
        and len(found) == 1
        and note.cosigned(key[1:], found[0], signed.text) is not None,
    }


def check_logs(vectors, checks):
    leaves = [bytes.fromhex(leaf) for leaf in vectors["leaves"]]
    for case in vectors["roots"]:
        checks.same(f"root of {case['size']}", tree.root(leaves[: case["size"]]).hex(), case["root"])
    for case in vectors["inclusion"]:
        leaf, root, path = (bytes.fromhex(case[name]) for name in ("leaf", "root", "proof"))
        found = tree.included(leaf, case["index"], case["size"], tree.split(path), root)
        checks.same(case["name"], found, case["holds"])
    for case in vectors["consistency"]:
        old, new, path = (bytes.fromhex(case[name]) for name in ("old_root", "new_root", "proof"))
        found = tree.consistent(case["old"], case["new"], tree.split(path), old, new)
        checks.same(case["name"], found, case["holds"])
    for case in vectors["notes"]:
        found = checkpoint_of(case)
        checks.same(case["name"], found, {name: case[name] for name in found})
    for case in vectors["receipts"]:
        found = outcome(note.Receipt, case["text"])
        holds = isinstance(found, note.Receipt)
        if holds and "note" in case:
            signed = note.Note(case["note"])
            holds = signed.text == case["text"] and note.signed_by_origin(signed, found.origin)
        checks.same(case["name"], holds, case["holds"])
    for case in vectors["requests"]:
        known = case["known"] and (case["known"]["size"], bytes.fromhex(case["known"]["root"]))
        checks.same(case["name"], witness.answer(case["request"], case["whose"], known), case["status"])
    for case in vectors["frauds"]:
        found = outcome(witness.fraud, bytes.fromhex(case["body"]), bytes.fromhex(case["committee"]))
        checks.same(case["name"], found, case["deed"] or case["error"])
    for case in vectors["policies"]:
        policy = outcome(witness.Policy, case["text"])
        if isinstance(policy, int) or "line" in case:
            checks.same(case["name"], policy, case.get("line"))
            continue
        for expected, sets in ((True, case["satisfied"]), (False, case["unsatisfied"])):
            for keys in sets:
                checks.same(f"{case['name']} with {len(keys)} keys", policy.satisfied(keys), expected)


def check_anchors(vectors, checks):
    checks.same("scope", ethereum.SCOPE.hex(), vectors["scope"])
    checks.same("event", ethereum.TOPIC.hex(), vectors["event"])
    for case in vectors["batches"]:
        root, paths = anchor.batch(case["texts"])
        found = [{"text": text, "index": place, "path": b"".join(path).hex()} for text, place, path in paths]
        checks.same(case["name"], (root.hex(), found), (case["root"], case["sorted"]))
    bodies = {}
    for case in vectors["accepted"]:
        bodies[case["name"]] = bytes.fromhex(case["body"])
        found = outcome(anchor.read, bodies[case["name"]], bytes.fromhex(case["committee"]))
        if not isinstance(found, str):
            found |= {name: "0x" + found[name].hex() for name in ("contract", "anchorer")}
            found = bundle.plain(found)
        expected = {name: case[name] for name in case if name not in ("name", "committee", "body")}
        checks.same(case["name"], found, expected)
    for case in vectors["refused"]:
        body = assemble(case["parts"], bodies[case["of"]])
        found = outcome(anchor.read, body, bytes.fromhex(case["committee"]))
        # `form` is what the table of fields asks for beyond what the kind's declaration can say: the same to a reader.
        checks.same(case["name"], found, "body" if case["error"] == "form" else case["error"])


def check_proofs(vectors, checks):
    bundles = {}
    for case in vectors["accepted"]:
        bundles[case["name"]] = bytes.fromhex(case["bundle"])
        found = outcome(bundle.verify, bundles[case["name"]])
        if not isinstance(found, str):
            found = (" ".join(found.says()), found.facts())
        checks.same(case["name"], found, (case["says"], case["facts"]))
    for case in vectors["refused"]:
        found = outcome(bundle.verify, assemble(case["parts"], bundles[case["of"]]))
        checks.same(case["name"], found if isinstance(found, str) else "accepted", case["refused"])


FILES = {
    "entry.json": check_entries,
    "admit.json": check_admission,
    "record.json": check_records,
    "authority.json": check_records,
    "effect.json": check_records,
    "digest.json": check_digests,
    "log.json": check_logs,
    "anchor.json": check_anchors,
    "proof.json": check_proofs,
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
