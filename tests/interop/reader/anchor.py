"""Batches and the bodies of anchor entries: docs/spec/anchor.md."""

from . import note, tree
from .bundle import is_bytes, is_list, is_path
from .encoding import Refused, check_subset, decode
from .entry import is_id, is_int
from .ethereum import BATCH, Void, ask, read_anchor

CHECKPOINTS, HEADS = 64, 256


def fits(*fields):
    names = {name for name, _ in fields}
    return lambda value: isinstance(value, dict) and set(value) == names and all(of(value[name]) for name, of in fields)


def is_text(value):
    return isinstance(value, str)


checkpoint = fits(("text", is_text), ("index", is_int), ("path", is_path))
head = fits(("entry", is_id), ("index", is_int), ("path", is_path))
form = fits(
    ("chain", is_int),
    ("contract", is_bytes(20, 20)),
    ("header", is_bytes(0, 4096)),
    ("index", is_int),
    ("receipt", is_list(32, fits(("node", is_bytes(0, 65536))))),
    ("event", is_int),
    ("size", lambda value: is_int(value) and value <= BATCH),
    ("checkpoints", lambda value: value != [] and is_list(CHECKPOINTS, checkpoint)(value)),
    ("heads", is_list(HEADS, head)),
)


def batch(texts):
    """(root, [(text, place, path)]) of a batch."""
    leaves = sorted({text.encode() for text in texts})
    paths = [(leaf.decode(), place, tree.proof(place, leaves)) for place, leaf in enumerate(leaves)]
    return tree.root(leaves), paths


def read(body, committee):
    """What a body proves in this committee, or Void."""
    try:
        anchor = decode(body)
        check_subset(anchor)
    except Refused:
        raise Void("body", "it is not canonical") from None
    ask("body", form(anchor), "it has not the fields of an anchor, within their bounds")
    found = read_anchor({**anchor, "receipt": [node["node"] for node in anchor["receipt"]]})
    points, seen = [], set()
    for given in anchor["checkpoints"]:
        try:
            point = note.Checkpoint(given["text"])
        except note.Broken as broken:
            raise Void("checkpoint", str(broken)) from None
        ask("committee", point.origin.committee == committee, "a checkpoint is of another committee")
        name = (point.origin.text, point.size)
        ask("twice", name not in seen, "an origin and size come twice")
        seen.add(name)
        leaf, path = given["text"].encode(), tree.split(given["path"])
        fit = tree.included(leaf, given["index"], anchor["size"], path, found["digest"])
        ask("batch", fit, "a checkpoint is not in the batch")
        points.append(point)
    for given in anchor["heads"]:
        leaf, path = b"\x01" + given["entry"], tree.split(given["path"])
        fit = tree.included(leaf, given["index"], points[0].size, path, points[0].root)
        ask("head", fit, "a head is not in the log of the first checkpoint")
    return {
        "chain": anchor["chain"],
        **found,
        "checkpoints": [{"origin": point.origin.text, "size": point.size, "root": point.root} for point in points],
        "heads": [given["entry"] for given in anchor["heads"]],
    }
