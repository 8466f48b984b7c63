"""Merkle trees over lists: docs/spec/log.md#tree (RFC 6962, RFC 9162)."""

from .encoding import sha256

MOST = 2**40  # leaves of a log


def leaf_hash(leaf):
    return sha256(b"\x00", leaf)


def node_hash(left, right):
    return sha256(b"\x01", left, right)


class Frontier:
    """The root of a list that only grows: complete subtrees, the largest first."""

    def __init__(self):
        self.size, self.peaks = 0, []

    def add(self, hashed):
        at = self.size
        while at & 1:
            hashed = node_hash(self.peaks.pop(), hashed)
            at >>= 1
        self.peaks.append(hashed)
        self.size += 1

    def root(self):
        if not self.peaks:
            return sha256()
        here = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            here = node_hash(peak, here)
        return here


def root(leaves):
    frontier = Frontier()
    for leaf in leaves:
        frontier.add(leaf_hash(leaf))
    return frontier.root()


def split(hashes):
    """Hashes on end, as a list; None when they do not come out even."""
    if len(hashes) % 32:
        return None
    return [hashes[at : at + 32] for at in range(0, len(hashes), 32)]


def included(leaf, index, size, path, expected):
    """RFC 9162, section 2.1.3.2."""
    if not 0 <= index < size:
        return False
    at, last, here = index, size - 1, leaf_hash(leaf)
    for sibling in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            here = node_hash(sibling, here)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            here = node_hash(here, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and here == expected


def consistent(old, new, path, old_root, new_root):
    """RFC 9162, section 2.1.4.2; an empty tree is part of every other, and one of the same size is the same."""
    if not 0 <= old <= new:
        return False
    if old == 0:
        return not path and old_root == sha256() and (new > 0 or new_root == sha256())
    if old == new:
        return not path and old_root == new_root
    path = ([old_root] if old & (old - 1) == 0 else []) + path
    if not path:
        return False
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            after = node_hash(after, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root


def proof(index, leaves):
    """The inclusion proof of a leaf, by the recursion of RFC 6962, section 2.1.1."""
    if len(leaves) == 1:
        return []
    half = 1 << (len(leaves) - 1).bit_length() - 1
    if index < half:
        return proof(index, leaves[:half]) + [root(leaves[half:])]
    return proof(index - half, leaves[half:]) + [root(leaves[:half])]
