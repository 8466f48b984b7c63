"""Checks an archive that lies in a folder: docs/spec/archive.md."""

import hashlib
import json
import pathlib
import sys

from . import audit
from .admission import Inbox
from .authority import Authority
from .digest import digest
from .encoding import Reader, Refused
from .entry import Entry


class Sequence(Reader):
    """An RFC 8742 sequence: where one item ends the next one begins. What an item says is not looked at."""

    def wires(self):
        while self.at < len(self.data):
            start = self.at
            self.value()
            yield self.data[start : self.at]


def entries_of(folder):
    for path in sorted((folder / "entries").glob("*.cborseq")):
        try:
            for place, wire in enumerate(Sequence(path.read_bytes()).wires()):
                try:
                    yield Entry(wire).verify()
                except Refused as error:
                    sys.exit(f"{path.name}, entry {place}: it is none: {error}")
        except Refused:
            sys.exit(f"{path.name} is no sequence of entries")


def command(where):
    folder = pathlib.Path(where)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    if manifest.get("althing_archive") != 1:
        sys.exit("this is no archive of format 1")
    committee = bytes.fromhex(manifest["committee"])
    inbox, faults, bare = Inbox([committee]), [], 0
    for entry in entries_of(folder):
        bare += entry.carried == "absent"
        if entry.carried == "mismatch":
            faults.append(f"{entry.id.hex()} came with another body than it was signed with")
        inbox.offer(entry)
    faults += [f"{name.hex()} is {fate}" for name, fate in inbox.fate.items() if fate != "admitted"]
    if committee not in inbox.graph:
        sys.exit("the committee's own entry is not in it")
    record = Authority(committee, inbox.graph).record
    found = {"digest": digest(record).hex(), "record": len(record), "entries": len(inbox.graph), "without_body": bare}
    for name in ("digest", "record", "entries"):
        if found[name] != manifest[name]:
            faults.append(f"{name} is {found[name]}, and the manifest says {manifest[name]}")
    attached = sorted((folder / "files").glob("*"))
    for path in attached:
        if hashlib.sha256(path.read_bytes()).hexdigest() != path.name:
            faults.append(f"files/{path.name} is another file")
    found["files"] = len(attached)
    if (folder / "log").is_dir():
        served = audit.Served(str(folder), committee)
        try:
            found["log"] = audit.audit(served, committee)
            size = found["log"]["size"]
            held, _, _ = audit.replay(audit.leaves_of(served, size), None)
            faults += [f"the signed log holds {name.hex()}, and the archive does not" for name in held - set(inbox.graph)]
        except audit.Contradiction as contradiction:
            faults.append(f"the log does not fit: {contradiction}")
    print(json.dumps({**found, "faults": faults}))
    return 1 if faults else 0
