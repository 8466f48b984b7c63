"""One hash over a set: docs/spec/digest.md."""

from bisect import bisect_left

from .encoding import Refused, decode, sha256


def bit(key, depth):
    return key[depth >> 3] >> (7 - (depth & 7)) & 1


def digest(ids):
    return subtree(sorted(ids), 0, 0, len(ids))


def subtree(ids, depth, start, end):
    if start == end:
        return bytes(32)
    if end - start == 1:
        return sha256(b"\x02", ids[start])
    prefix = int.from_bytes(ids[start], "big") >> (256 - depth) if depth else 0
    middle = bisect_left(ids, ((prefix << 1 | 1) << (255 - depth)).to_bytes(32, "big"), start, end)
    return sha256(b"\x03", subtree(ids, depth + 1, start, middle), subtree(ids, depth + 1, middle, end))


def check_path(path, root, key):
    """present or absent, or the name of the error."""
    if len(path) > 1 + 34 + 3 + 32 * 256:
        return "length"
    try:
        parts = decode(path)
    except Refused:
        return "encoding"
    if not isinstance(parts, list) or len(parts) != 2 or not all(isinstance(part, bytes) for part in parts):
        return "encoding"
    end, siblings = parts[0], [parts[1][at : at + 32] for at in range(0, len(parts[1]), 32)]
    if len(end) not in (0, 32) or len(parts[1]) % 32 or len(siblings) > 256:
        return "length"
    if end and any(bit(end, depth) != bit(key, depth) for depth in range(len(siblings))):
        return "off_the_way"
    if siblings and siblings[-1] == bytes(32):
        return "too_deep"
    here = sha256(b"\x02", end) if end else bytes(32)
    for depth in reversed(range(len(siblings))):
        pair = (siblings[depth], here) if bit(key, depth) else (here, siblings[depth])
        here = sha256(b"\x03", *pair)
    if here != root:
        return "root"
    return "present" if end == key else "absent"
