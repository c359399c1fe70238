"""Ed25519 keys of devices and servers, and the ids made from them."""

from __future__ import annotations

import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


class SigningKey:
    """A private key: 32 bytes, kept as 64 hexadecimal digits."""

    def __init__(self, seed: str) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed))

    @classmethod
    def new(cls) -> SigningKey:
        """Return a fresh random key."""
        return cls(Ed25519PrivateKey.generate().private_bytes_raw().hex())

    @property
    def seed(self) -> str:
        """The secret itself, for the keyring only."""
        return self._key.private_bytes_raw().hex()

    @property
    def public(self) -> bytes:
        """The 32 bytes anyone may know."""
        return self._key.public_key().public_bytes_raw()

    @property
    def id(self) -> str:
        """The id of the device or server that holds the key."""
        return key_id(self.public)

    def sign(self, data: bytes) -> bytes:
        """Return the 64 bytes that only this key can make of the data."""
        return self._key.sign(data)


def key_id(public: bytes) -> str:
    """Return the id of a public key: the first 32 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(public).hexdigest()[:32]


def verifies(public: bytes, signature: bytes, data: bytes) -> bool:
    """Say whether the signature is the key's for just these bytes; any malformed part is a no."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True
