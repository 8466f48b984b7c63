"""Vector files of protocol/vectors, and what they have to agree with."""

import json
import sys

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
