"""Keys and certificates of an embedded control plane, issued by its own CA."""

from __future__ import annotations

import datetime
import ipaddress
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFETIME: Final = datetime.timedelta(days=3650)
NAMES: Final = ("localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc")
# Loopback, and the first address of the Service range, at which pods reach the API server.
ADDRESSES: Final = ("127.0.0.1", "10.96.0.1")
# Common name and file name of the certificate of etcd's peer port, the only one that the port accepts.
PEER: Final = "peer"
# Python 3.13 and later rejects a CA without key usage, and certificates without key identifiers.
_CA_KEY_USAGE: Final = x509.KeyUsage(
    key_cert_sign=True,
    crl_sign=True,
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    encipher_only=False,
    decipher_only=False,
)


def ensure_certificates(folder: Path) -> None:
    """Create the CA, server, client, etcd peer and service account keys unless they exist.

    Writes `authority`, `server`, `client`, `peer` (.crt, .key) and `service-accounts` (.key, .pub).
    """
    if not (folder / "complete").exists():
        _create_certificates(folder)
    # Missing in environments that are older than it.
    if not (folder / f"{PEER}.crt").exists():
        issue_certificate(folder, folder, PEER, [ADDRESSES[0]], LIFETIME)


def _create_certificates(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    authority_key = ec.generate_private_key(ec.SECP256R1())
    authority = _certificate("embedded-authority", authority_key.public_key(), None, authority_key)
    _write(folder, "authority", authority_key, authority)
    names = [_alternative_name(text) for text in (*NAMES, *ADDRESSES)]
    for name in ("server", "client"):
        key = ec.generate_private_key(ec.SECP256R1())
        _write(folder, name, key, _certificate(name, key.public_key(), authority, authority_key, names))
    accounts = ec.generate_private_key(ec.SECP256R1())
    _write_private(folder / "service-accounts.key", accounts)
    (folder / "service-accounts.pub").write_bytes(
        accounts.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    (folder / "complete").touch()


def issue_certificate(
    folder: Path, target: Path, name: str, names: Sequence[str], lifetime: datetime.timedelta
) -> None:
    """Issue a server and client certificate: write `<name>.crt` and `<name>.key`.

    Args:
        folder: Folder of the CA that signs.
        target: Folder to write to.
        name: Common name and file name.
        names: DNS names and IP addresses of the server.
        lifetime: Validity from one hour ago.
    """
    signer = serialization.load_pem_private_key((folder / "authority.key").read_bytes(), password=None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    authority = x509.load_pem_x509_certificate((folder / "authority.crt").read_bytes())
    key = ec.generate_private_key(ec.SECP256R1())
    alternative = [_alternative_name(text) for text in names]
    certificate = _certificate(name, key.public_key(), authority, signer, alternative, lifetime)
    _write(target, name, key, certificate)


def _alternative_name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def _certificate(
    name: str,
    key: ec.EllipticCurvePublicKey,
    authority: x509.Certificate | None,
    signer: ec.EllipticCurvePrivateKey,
    names: Sequence[x509.GeneralName] = (),
    lifetime: datetime.timedelta = LIFETIME,
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    start = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=1)  # tolerates clock skew
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(authority.subject if authority else subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + lifetime)
        .add_extension(x509.BasicConstraints(ca=authority is None, path_length=None), critical=True)
    )
    signing = signer.public_key()
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing), critical=False)
    if authority is None:
        builder = builder.add_extension(_CA_KEY_USAGE, critical=True)
    else:
        usage = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        builder = builder.add_extension(x509.ExtendedKeyUsage(usage), critical=False)
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(signer, hashes.SHA256())


def _write(folder: Path, name: str, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> None:
    _write_private(folder / f"{name}.key", key)
    (folder / f"{name}.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _write_private(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    path.touch(mode=0o600)
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
