"""Keccak-256, RLP and what a receipt proves: docs/spec/anchor.md."""

from .encoding import INT, sha256

# --- Keccak-256, with the padding from before SHA-3 ---------------------------------------------------------------

MASK = 2**64 - 1
RATE = 136


def round_constants():
    """Bits of the linear feedback shift register x^8 + x^6 + x^5 + x^4 + 1."""
    out, state = [], 1
    for _ in range(24):
        constant = 0
        for power in range(7):
            if state & 1:
                constant |= 1 << (1 << power) - 1
            state <<= 1
            if state & 0x100:
                state ^= 0x171
        out.append(constant)
    return out


ROUNDS = round_constants()


def rotate(lane, by):
    return (lane << by | lane >> 64 - by) & MASK if by else lane


def permute(lanes):
    """Keccak-f[1600]; lane (x, y) is lanes[x + 5 * y]."""
    for constant in ROUNDS:
        columns = [lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20] for x in range(5)]
        mixed = [columns[(x + 4) % 5] ^ rotate(columns[(x + 1) % 5], 1) for x in range(5)]
        lanes = [lane ^ mixed[at % 5] for at, lane in enumerate(lanes)]
        x, y, moved = 1, 0, lanes[1]
        for step in range(24):
            x, y = y, (2 * x + 3 * y) % 5
            lanes[x + 5 * y], moved = rotate(moved, (step + 1) * (step + 2) // 2 % 64), lanes[x + 5 * y]
        lanes = [
            lanes[at] ^ (~lanes[at // 5 * 5 + (at + 1) % 5] & MASK & lanes[at // 5 * 5 + (at + 2) % 5])
            for at in range(25)
        ]
        lanes[0] ^= constant
    return lanes


def keccak256(data):
    padded = bytearray(data) + bytes(RATE - len(data) % RATE)
    padded[len(data)] ^= 0x01
    padded[-1] ^= 0x80
    lanes = [0] * 25
    for start in range(0, len(padded), RATE):
        for at in range(RATE // 8):
            lanes[at] ^= int.from_bytes(padded[start + 8 * at : start + 8 * at + 8], "little")
        lanes = permute(lanes)
    return b"".join(lane.to_bytes(8, "little") for lane in lanes[:4])


# --- RLP ---------------------------------------------------------------------------------------------------------


class Broken(Exception):
    """Why a receipt proves nothing, in words."""


class Item:
    """One item: its whole bytes, what is in it, and whether that is a list. Lists are opened one level at a time, so
    that nothing nests deeper than what is read."""

    def __init__(self, data, start, end):
        first = data[start]
        if first < 0x80:
            size, begin = 1, start
        else:
            self_long, short = (first - 0xF7, first - 0xC0) if first >= 0xC0 else (first - 0xB7, first - 0x80)
            begin = start + 1 + max(self_long, 0)
            if begin > end:
                raise Broken("an RLP length is cut off")
            size = short
            if self_long > 0:
                size = int.from_bytes(data[start + 1 : begin], "big")
                if data[start + 1] == 0 or size < 56:
                    raise Broken("an RLP length is longer than it need be")
        if size > end - begin:
            raise Broken("an RLP item is cut off")
        self.list, self.inner, self.raw = first >= 0xC0, data[begin : begin + size], data[start : begin + size]
        if first == 0x81 and self.inner[0] < 0x80:
            raise Broken("an RLP byte is longer than it need be")

    def items(self):
        if not self.list:
            raise Broken("there is an RLP string where a list belongs")
        return sequence(self.inner)

    def text(self):
        if self.list:
            raise Broken("there is an RLP list where a string belongs")
        return self.inner

    def number(self):
        text = self.text()
        if len(text) > 7 or text[:1] == b"\0":
            raise Broken("there is no number where one belongs")
        found = int.from_bytes(text, "big")
        if found > INT:
            raise Broken("a number is too great")
        return found


def sequence(data):
    out, at = [], 0
    while at < len(data):
        out.append(Item(data, at, len(data)))
        at += len(out[-1].raw)
    return out


def one(data):
    found = sequence(data)
    if len(found) != 1:
        raise Broken("there is not exactly one RLP item")
    return found[0]


def rlp_number(number):
    text = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return text if len(text) == 1 and text[0] < 0x80 else bytes([0x80 + len(text)]) + text


# --- Merkle-Patricia proofs --------------------------------------------------------------------------------------


def nibbles(data):
    return [half for byte in data for half in (byte >> 4, byte & 15)]


def unpack(path):
    """(whether it ends here, nibbles) of the path of a leaf or an extension."""
    halves = nibbles(path)
    if not halves or halves[0] > 3 or (not halves[0] & 1 and halves[1]):
        raise Broken("the path of a node is malformed")
    return halves[0] >= 2, halves[1:] if halves[0] & 1 else halves[2:]


def proved(root, key, nodes):
    """The value under this key, which these nodes and no others prove."""
    left = nibbles(key)
    rest = list(nodes)
    if not rest:
        raise Broken("there is no node")
    here = rest.pop(0)
    if keccak256(here) != root:
        raise Broken("the first node is not the one that the block names")
    while True:
        items = one(here).items()
        if len(items) == 17:
            if not left:
                raise Broken("the nodes end within a branch")
            child = items[left.pop(0)]
        elif len(items) == 2:
            ends, path = unpack(items[0].text())
            if not ends and not path:
                raise Broken("an extension has no path")
            if left[: len(path)] != path or (ends and len(left) != len(path)):
                raise Broken("the nodes lead to another key")
            left = left[len(path) :]
            if ends:
                value = items[1].text()
                break
            child = items[1]
        else:
            raise Broken("a node has neither 2 nor 17 items")
        if child.list:
            if len(child.raw) >= 32:
                raise Broken("a node of 32 bytes or more stands within another")
            here = child.raw
            continue
        if len(child.inner) != 32:
            raise Broken("there is nothing under this key")
        if not rest or len(rest[0]) < 32 or keccak256(rest[0]) != child.inner:
            raise Broken("the next node is not the one that is named")
        here = rest.pop(0)
    if rest:
        raise Broken("there are nodes that prove nothing")
    return value


# --- Anchors -----------------------------------------------------------------------------------------------------

TOPIC = keccak256(b"Anchored(address,bytes32,bytes32)")
SCOPE = sha256(b"althing/anchor/1\0")
BATCH = 1024  # checkpoints in a batch


class Void(Exception):
    """The rule that an anchor breaks, by its name, and how."""

    def __init__(self, rule, why):
        super().__init__(f"{rule}: {why}")
        self.rule, self.why = rule, why


def under(rule, read, *arguments):
    """What is read, or the rule that it breaks."""
    try:
        return read(*arguments)
    except Broken as broken:
        raise Void(rule, str(broken)) from None


def ask(rule, holds, why):
    if not holds:
        raise Void(rule, why)


def read_block(header):
    """(hash, number, time, receipts root): rule 1."""
    fields = one(header).items()
    if len(fields) < 12:
        raise Broken("a block's header has at least 12 fields")
    receipts = fields[5].text()
    if len(receipts) != 32:
        raise Broken("the receipts root has not 32 bytes")
    return keccak256(header), fields[8].number(), fields[11].number(), receipts


def read_receipt(receipt):
    """(status, logs): the shape that rule 2 asks for."""
    fields = one(receipt[1:] if receipt[:1] < b"\x80" else receipt).items()
    if len(fields) != 4:
        raise Broken("a receipt has four fields")
    return fields[0].text(), fields[3].items()


def read_log(log):
    """(address, topics, data)."""
    parts = log.items()
    if len(parts) != 3:
        raise Broken("a log has three parts")
    return parts[0].text(), [topic.text() for topic in parts[1].items()], parts[2].text()


def read_anchor(anchor):
    """What the fields that an anchor entry and a proof share come to: rules 1 to 3."""
    block, number, time, receipts = under("header", read_block, anchor["header"])
    receipt = under("trie", proved, receipts, rlp_number(anchor["index"]), anchor["receipt"])
    status, logs = under("receipt", read_receipt, receipt)
    ask("status", status == b"\x01", "the transaction failed")
    ask("event", anchor["event"] < len(logs), "the receipt has not so many logs")
    address, topics, data = under("event", read_log, logs[anchor["event"]])
    ask("contract", address == anchor["contract"], "the log is of another contract")
    ask("topics", len(topics) == 3 and topics[0] == TOPIC, "the log is of another event")
    ask("topics", topics[2] == SCOPE, "the log is of another scope")
    ask("topics", len(topics[1]) == 32 and not any(topics[1][:12]), "the log names no caller")
    ask("data", len(data) == 32, "the log's data is no digest")
    fixed = {"contract": anchor["contract"], "anchorer": topics[1][12:], "digest": data}
    return {"height": number, "hash": block, "time": time, **fixed}
