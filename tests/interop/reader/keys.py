"""Keys and signatures: docs/spec/entry.md#signature."""

import sys

from .encoding import Refused

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    sys.exit("verify.py needs the Python package `cryptography`: `make setup` installs it")

P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P
ORDER = 2**252 + 27742317777372353535851937790883648493
# y of the points of order 8: the others of small order have y = 0, 1 and -1.
Y8 = int.from_bytes(bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "little")
SMALL = {0, 1, P - 1, Y8, P - Y8}


def y_of(point):
    return (int.from_bytes(point, "little") & (2**255 - 1)) % P


def is_point(point):
    y2 = pow(y_of(point), 2, P)
    x2 = (y2 - 1) * pow(D * y2 + 1, -1, P) % P
    return x2 == 0 or pow(x2, (P - 1) // 2, P) == 1


KEYS = {}


def load_key(key):
    """The key, or the name of what is wrong with it; each is looked at once."""
    if key not in KEYS:
        if not is_point(key):
            KEYS[key] = "key"
        elif y_of(key) in SMALL:
            KEYS[key] = "weak_key"
        else:
            KEYS[key] = Ed25519PublicKey.from_public_bytes(key)
    return KEYS[key]


def check_signature(key, signature, message):
    public = load_key(key)
    if isinstance(public, str):
        raise Refused(public)
    if int.from_bytes(signature[32:], "little") >= ORDER or y_of(signature[:32]) in SMALL:
        raise Refused("signature")
    try:
        public.verify(signature, message)
    except InvalidSignature:
        raise Refused("signature") from None
