#!/usr/bin/env python3
"""Makes the keys and signatures of protocol/src/vectors/entry.rs that no signing library would make.

    craft.py key                 a public key of mixed order: a known one plus a point of order 8
    craft.py mixed HEADER        signatures under that key over a header: one for which the torsion cancels out, one for
                                 which only the equation times 8 holds
    craft.py small_r HEADER      a signature by Alice's device whose R is the point of order 1

Nonces are counted up from 1, so a run makes the same bytes every time. Never sign anything real with this.
"""

import hashlib
import sys

from reader.keys import D, ORDER, P, Y8

SEED = hashlib.sha256(b"althing/test/key\0alice/device").digest()
DOMAIN = b"althing/sign/1\0"


def add(one, other):
    (x1, y1), (x2, y2) = one, other
    cross = D * x1 * x2 * y1 * y2
    return (
        (x1 * y2 + x2 * y1) * pow(1 + cross, -1, P) % P,
        (y1 * y2 + x1 * x2) * pow(1 - cross, -1, P) % P,
    )


def times(number, point):
    out = (0, 1)
    while number:
        if number & 1:
            out = add(out, point)
        point, number = add(point, point), number >> 1
    return out


def x_of(y):
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    assert x * x % P == square
    return min(x, P - x, key=lambda root: root & 1)


def encode(point):
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


BASE_Y = 4 * pow(5, -1, P) % P
BASE = (x_of(BASE_Y), BASE_Y)
TORSION = (x_of(Y8), Y8)
DIGEST = bytearray(hashlib.sha512(SEED).digest()[:32])
DIGEST[0] &= 248
DIGEST[31] = DIGEST[31] & 127 | 64
SECRET = int.from_bytes(DIGEST, "little")
MIXED = add(times(SECRET, BASE), TORSION)


def challenge(r, key, header):
    return int.from_bytes(hashlib.sha512(r + key + DOMAIN + header).digest(), "little") % ORDER


def sign_mixed(header, cancels):
    for nonce in range(1, 1000):
        r = encode(times(nonce, BASE))
        k = challenge(r, encode(MIXED), header)
        if (k % 8 == 0) == cancels:
            return r + ((nonce + k * SECRET) % ORDER).to_bytes(32, "little")
    raise AssertionError("a nonce in eight does it")


def small_r(header):
    r = encode((0, 1))
    k = challenge(r, encode(times(SECRET, BASE)), header)
    return r + (k * SECRET % ORDER).to_bytes(32, "little")


def main():
    command, *rest = sys.argv[1:] or [""]
    header = bytes.fromhex(rest[0]) if rest else b""
    assert times(8, TORSION) == (0, 1) != times(4, TORSION)
    if command == "key":
        print(encode(MIXED).hex())
    elif command == "mixed":
        print("good", sign_mixed(header, True).hex())
        print("bad ", sign_mixed(header, False).hex())
    elif command == "small_r":
        print(small_r(header).hex())
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
