"""Check of a stack's passphrase without starting the engine."""

import base64
import binascii
import hashlib
from typing import Final

from common.problems import Problem

_KEY: Final = "PULUMI_CONFIG_PASSPHRASE"
# As in the engine (`sdk/go/common/resource/config/crypt.go`): a key derived from the passphrase encrypts a known word.
_ITERATIONS: Final = 1_000_000
_KEY_BYTES: Final = 32
_KNOWN_WORD: Final = b"pulumi"


def is_correct_passphrase(encryption_salt: str, passphrase: str) -> bool:
    """Return whether `encryptionsalt` was written with this passphrase; takes about half a second.

    Raises ValueError for a salt that the engine did not write.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    parts = encryption_salt.split(":")
    if len(parts) != 5 or parts[0] != "v1" or parts[2] != "v1":
        raise ValueError("encryptionsalt")
    try:
        salt, nonce, encrypted = (base64.b64decode(part, validate=True) for part in (parts[1], parts[3], parts[4]))
    except binascii.Error as error:
        raise ValueError("encryptionsalt") from error
    key = hashlib.pbkdf2_hmac("sha256", passphrase.encode(), salt, _ITERATIONS, _KEY_BYTES)
    try:
        return AESGCM(key).decrypt(nonce, encrypted, None) == _KNOWN_WORD
    except InvalidTag:
        return False


def passphrase_problems(encryption_salt: object, passphrase: str | None) -> list[Problem]:
    """Return the problem of a wrong passphrase or of a damaged salt.

    Nothing is checked without a salt, because another secrets provider encrypts the values, or with a passphrase of
    None, for which the engine will prompt.
    """
    if encryption_salt is None or passphrase is None:
        return []
    try:
        is_correct = is_correct_passphrase(str(encryption_salt), passphrase)
    except ValueError:
        return [Problem("encryptionsalt", "a damaged value", "the line that `pulumi` wrote")]
    if is_correct:
        return []
    return [Problem(_KEY, "the wrong passphrase", "the passphrase that encrypted this stack's values")]
