"""Whether a passphrase opens a stack's encrypted values, without starting the engine."""

import base64
import binascii
import hashlib

from common.problems import Problem

_KEY = "PULUMI_CONFIG_PASSPHRASE"
# As in the engine (`sdk/go/common/resource/config/crypt.go`): a stretched key encrypts a known word.
_ITERATIONS = 1_000_000
_KEY_BYTES = 32
_KNOWN_WORD = b"pulumi"


def opens(encryption_salt: str, passphrase: str) -> bool:
    """Whether the passphrase is the one that made `encryptionsalt`; takes about half a second.

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
    """What is wrong with the passphrase of a stack file.

    Nothing to check where the file has no `encryptionsalt`, because another secrets provider encrypts its values, or
    where the passphrase is None, which means unknown: the engine will ask for it.
    """
    if encryption_salt is None or passphrase is None:
        return []
    try:
        right = opens(str(encryption_salt), passphrase)
    except ValueError:
        return [Problem("encryptionsalt", "a text that the engine did not write", "the line that `pulumi` wrote there")]
    return [] if right else [Problem(_KEY, "another passphrase", "the passphrase that encrypted this stack's values")]
