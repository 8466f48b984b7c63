#!/usr/bin/env python3
"""A second reader of Althing's entries, logs, anchors and proofs, written from docs/spec and from nothing else.

    verify.py bundle FILE [--json]             what a proof bundle says, or why it says nothing
    verify.py check FOLDER                     every vector file in FOLDER (protocol/vectors)
    verify.py export FILE --committee ID       what the exported entries of a committee come to
    verify.py archive FOLDER                   whether an unpacked archive holds what it says
    verify.py audit LOG --committee ID         whether a node's log fits its checkpoint and each of its own cuts

An export has one JSON object per line, {"id": hex, "wire": hex}: entries of one committee and of the identities that
they need, in any order. The answer is {"digest", "entries", "made", "members", "effective", "holders", "parameters",
"effects"}: the root over the record, how many entries it holds, the ids of the made acts, of the members and of the
effective grants, who holds which role by which grant, the parameters, and what authority and keys say of every entry
of the record that does not simply count. What a body or a document's rules say is not looked at.

LOG is a node's address (http://127.0.0.1:8420) or a folder with the files that it serves below /log/COMMITTEE.

It shares no code with the nodes: canonical CBOR, the strict checks of keys and signatures, admission, authority, the
record, the digest, trees, notes, cosignatures, Keccak-256, RLP and Merkle-Patricia proofs are all written anew. Only
SHA-256 and the plain Ed25519 equation come from libraries.
"""

import argparse
import json
import pathlib
import sys

from reader import archive, audit, bundle, vectors
from reader.admission import Inbox
from reader.authority import Authority
from reader.digest import digest
from reader.encoding import Refused
from reader.entry import Entry


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
    of_bundle = commands.add_parser("bundle", help="check a proof bundle")
    of_bundle.add_argument("file", type=pathlib.Path)
    of_bundle.add_argument("--json", action="store_true", help="print the facts as one JSON object")
    of_vectors = commands.add_parser("check", help="check every vector file of a folder")
    of_vectors.add_argument("folder", type=pathlib.Path)
    of_export = commands.add_parser("export", help="recompute what exported entries come to")
    of_export.add_argument("file")
    of_archive = commands.add_parser("archive", help="check an unpacked archive")
    of_archive.add_argument("folder")
    of_audit = commands.add_parser("audit", help="replay a node's log")
    of_audit.add_argument("log", help="a node's address, or a folder with what it serves")
    of_audit.add_argument("--entries", help="an export of the committee: the log's entries are looked up there")
    for command in (of_export, of_audit):
        command.add_argument("--committee", required=True, type=bytes.fromhex, help="the id of the committee's root")
    arguments = parser.parse_args()
    sys.setrecursionlimit(10_000)
    if arguments.command == "bundle":
        return bundle.command(arguments.file, arguments.json)
    if arguments.command == "check":
        return vectors.check(arguments.folder)
    if arguments.command == "archive":
        return archive.command(arguments.folder)
    if arguments.command == "audit":
        return audit.command(arguments.log, arguments.committee, arguments.entries)
    return export(arguments.file, arguments.committee)


if __name__ == "__main__":
    sys.exit(main())
