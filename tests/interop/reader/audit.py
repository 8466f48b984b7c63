"""Replays a node's log: docs/spec/log.md."""

import json
import pathlib
import sys
import urllib.error
import urllib.request

from . import note, tree
from .digest import digest
from .encoding import Fault, Refused
from .entry import Entry, names_in, read_control, shape_of

WIDTH, LEAF = 256, 33
LARGEST = 1 << 20  # bytes of one answer: a tile has at most 8,960
JOINED, CUT, LEFT = 1, 2, 3


class Contradiction(Exception):
    """What the log says against itself, against its checkpoint, or against the entries, in words."""


class Served:
    """A log as a node serves it, or as it lies in a folder."""

    def __init__(self, where, committee):
        self.base = None
        if where.startswith(("http://", "https://")):
            self.base = f"{where.rstrip('/')}/log/{committee.hex()}"
        else:
            below = pathlib.Path(where) / "log" / committee.hex()
            self.folder = below if below.is_dir() else pathlib.Path(where)

    def read(self, path):
        """The bytes, or None where there is nothing."""
        try:
            if self.base is None:
                with open(self.folder / path, "rb") as file:
                    found = file.read(LARGEST + 1)
            else:
                with urllib.request.urlopen(f"{self.base}/{path}", timeout=60) as answer:
                    found = answer.read(LARGEST + 1)
        except FileNotFoundError:
            return None
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return None
            sys.exit(f"the node answers {error.code} for {path}")
        except (OSError, urllib.error.URLError) as error:
            sys.exit(f"cannot read {path}: {error}")
        if len(found) > LARGEST:
            raise Contradiction(f"{path} has more than {LARGEST} bytes")
        return found

    def tile(self, level, number, width):
        """A tile cut to this width; a full one serves for a partial one."""
        parts = [f"{number % 1000:03}"]
        while number >= 1000:
            number //= 1000
            parts.insert(0, f"x{number % 1000:03}")
        path = f"tile/{level}/{'/'.join(parts)}"
        found = self.read(f"{path}.p/{width}") if width < WIDTH else None
        if found is None:
            found = self.read(path)
        if found is None:
            raise Contradiction(f"{path} of width {width} is not served, and the checkpoint covers it")
        return found


def leaves_of(served, size):
    """All leaves, each compared with the hash that the log serves for it."""
    for start in range(0, size, WIDTH):
        width = min(WIDTH, size - start)
        data, hashes = (served.tile(level, start // WIDTH, width) for level in ("entries", "0"))
        for at in range(width):
            where, begin = start + at, at * (LEAF + 2)
            leaf = data[begin + 2 : begin + 2 + LEAF]
            if data[begin : begin + 2] != LEAF.to_bytes(2, "big") or len(leaf) != LEAF:
                raise Contradiction(f"leaf {where} has not {LEAF} bytes")
            if hashes[32 * at : 32 * at + 32] != tree.leaf_hash(leaf):
                raise Contradiction(f"leaf {where} is not the one whose hash is served")
            yield leaf


def check_upper_tiles(served, size):
    """Every tile above the leaves, from the one below it."""
    level, below = 0, size
    while below >= WIDTH:
        for start in range(0, below // WIDTH, WIDTH):
            width = min(WIDTH, below // WIDTH - start)
            found = served.tile(level + 1, start // WIDTH, width)
            for at in range(width):
                whole = served.tile(level, start + at, WIDTH)
                frontier = tree.Frontier()
                for hashed in tree.split(whole[: 32 * WIDTH]) or []:
                    frontier.add(hashed)
                if frontier.root() != found[32 * at : 32 * at + 32]:
                    raise Contradiction(f"hash {start + at} of level {level + 1} is not that of the tile below it")
        level, below = level + 1, below // WIDTH


def read_export(path):
    """The names in each exported entry, by its id."""
    out = {}
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    entry = Entry(bytes.fromhex(json.loads(line)["wire"])).verify()
                    header = entry.header
                    form, control = read_control(header, shape_of(header))
                except (Refused, Fault) as error:
                    sys.exit(f"line {number} of {path} is no entry: {error}")
                singles = [header[name] for name in ("prev", "cert", "doc", "space") if name in header]
                out[entry.id] = set(header["after"] + header["auth"] + singles + names_in(form, control))
    return out


def replay(leaves, entries):
    """(record, cuts, root): raises a Contradiction where the log is at odds with itself or with the entries."""
    record, cuts, frontier = set(), 0, tree.Frontier()
    for index, leaf in enumerate(leaves):
        frontier.add(tree.leaf_hash(leaf))
        sort, name = leaf[0], leaf[1:]
        if sort == JOINED:
            if name in record:
                raise Contradiction(f"leaf {index}: {name.hex()} joined, and had not left")
            if entries is not None:
                if name not in entries:
                    raise Contradiction(f"leaf {index}: {name.hex()} joined, and is not in the export")
                missing = sorted(entries[name] - record)
                if missing:
                    raise Contradiction(f"leaf {index}: {name.hex()} joined before {missing[0].hex()}, which it names")
            record.add(name)
        elif sort == LEFT:
            if name not in record:
                raise Contradiction(f"leaf {index}: {name.hex()} left, and was not there")
            record.remove(name)
        elif sort == CUT:
            cuts += 1
            found = digest(record)
            if found != name:
                raise Contradiction(f"leaf {index}: a cut of {name.hex()}, and what is before it comes to {found.hex()}")
        else:
            raise Contradiction(f"leaf {index} begins with {sort}, which means nothing")
    return record, cuts, frontier.root()


def audit(served, committee, entries=None):
    """What the log comes to, when it fits."""
    signed = served.read("checkpoint")
    if signed is None:
        sys.exit("there is no checkpoint: the node keeps no log of this committee, or has signed none yet")
    try:
        whole = note.Note(signed.decode("utf-8"))
        checkpoint = note.Checkpoint(whole.text)
    except (note.Broken, UnicodeDecodeError) as error:
        raise Contradiction(f"the checkpoint is none: {error}") from None
    origin = checkpoint.origin
    if origin.committee != committee:
        raise Contradiction(f"the checkpoint is one of the committee {origin.committee.hex()}")
    if not note.signed_by_origin(whole, origin):
        raise Contradiction("the checkpoint is not signed once by the key of its origin")
    record, cuts, root = replay(leaves_of(served, checkpoint.size), entries)
    if root != checkpoint.root:
        raise Contradiction(f"the leaves come to the root {root.hex()}, the checkpoint says {checkpoint.root.hex()}")
    check_upper_tiles(served, checkpoint.size)
    # What was exported and is not in the log may have come after the checkpoint: a number, no contradiction.
    rest = {} if entries is None else {"exported_only": len(set(entries) - record)}
    return {
        "origin": origin.text,
        "size": checkpoint.size,
        "root": root.hex(),
        "entries": len(record),
        "cuts": cuts,
        "digest": digest(record).hex(),
        "cosignatures": len(whole.signatures) - 1,
        **rest,
    }


def command(where, committee, export):
    try:
        print(json.dumps(audit(Served(where, committee), committee, read_export(export) if export else None)))
    except Contradiction as found:
        print(f"The log does not fit: {found}.", file=sys.stderr)
        return 1
    return 0
