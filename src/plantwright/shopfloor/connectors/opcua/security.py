"""Security of OPC UA: which of a server's endpoints is taken, which certificates are trusted, and the collector's own."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from asyncua import ua
from asyncua.crypto import cert_gen, security_policies
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from plantwright.shopfloor.connectors import ConnectionLost

POLICIES = {
    "Aes256_Sha256_RsaPss": security_policies.SecurityPolicyAes256Sha256RsaPss,
    "Basic256Sha256": security_policies.SecurityPolicyBasic256Sha256,
    "Aes128_Sha256_RsaOaep": security_policies.SecurityPolicyAes128Sha256RsaOaep,
}
"""The policies that are taken, the best first. Basic256 and Basic128Rsa15 are broken, and are not."""

MODES = {"sign and encrypt": ua.MessageSecurityMode.SignAndEncrypt, "sign": ua.MessageSecurityMode.Sign}
NONE = security_policies.SecurityPolicyNone.URI
VALID = 3650
"""Days for which the collector's own certificate is made: nobody renews one on a shop floor every year."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """An endpoint that is taken: its policy and mode, both empty where nothing is secured."""

    policy: str = ""
    mode: str = ""
    certificate: bytes = b""

    def __str__(self) -> str:
        return f"{self.policy} {self.mode}" if self.policy else "none"


def offers(endpoints: Sequence[ua.EndpointDescription]) -> list[Chosen]:
    """What a server offers that can be taken, the best first, without security last."""
    found = []
    for mode, number in MODES.items():
        for name, policy in POLICIES.items():
            for one in endpoints:
                if one.SecurityMode == number and one.SecurityPolicyUri == policy.URI:
                    found.append(Chosen(name, mode, first_certificate(one.ServerCertificate)))
                    break
    if any(one.SecurityPolicyUri == NONE for one in endpoints):
        found.append(Chosen())
    return found


def choose(found: Sequence[Chosen], wanted: str) -> Chosen:
    """The best of what is offered that the collector's file allows. Raises ConnectionLost, saying what there is, where there is none."""
    if wanted == "none":
        allowed = [one for one in found if not one.policy]
    else:
        policy, _, mode = wanted.partition(" ")
        allowed = [
            one
            for one in found
            if one.policy and (wanted == "auto" or (one.policy == policy and mode in ("", one.mode)))
        ]
    if allowed:
        return allowed[0]
    offered = ", ".join(f"'{one}'" for one in found) or "nothing that can be taken"
    hint = (
        "; nothing would be encrypted or signed: say 'security: none' where that is meant"
        if wanted == "auto" and found
        else ""
    )
    raise ConnectionLost(f"the server offers {offered}, and 'security: {wanted}' wants other{hint}")


def first_certificate(blob: bytes | None) -> bytes:
    """The server's own certificate of a chain in DER."""
    if not blob or len(blob) < 4:
        return b""
    return blob[: int.from_bytes(blob[2:4], "big") + 4] if blob[1] == 0x82 else blob


def fingerprint(certificate: bytes) -> str:
    """SHA-256 of a certificate, as programs show it."""
    digest = hashes.Hash(hashes.SHA256())
    digest.update(certificate)
    return digest.finalize().hex(":").upper()


def check_trust(certificate: bytes, trust: Sequence[str | Path]) -> None:
    """Raises ConnectionLost where a server's certificate is neither one that is trusted nor issued by one."""
    own = fingerprint(certificate)
    try:
        parsed = x509.load_der_x509_certificate(certificate)
    except ValueError as error:
        raise ConnectionLost("the server's certificate cannot be read") from error
    for one in trust:
        if isinstance(one, str):
            if one.replace(":", "").upper() == own.replace(":", ""):
                return
            continue
        if any(
            known.public_bytes(Encoding.DER) == certificate or _issued(parsed, known) for known in _certificates(one)
        ):
            return
    where = "no certificate is trusted yet" if not trust else "it is none of those that are trusted"
    raise ConnectionLost(
        f"the server's certificate is not trusted ({where}). Its SHA-256 is {own}: compare it on the machine, then write "
        f"'trust: \"{own}\"', or name its file there"
    )


def is_fingerprint(text: str) -> bool:
    """Whether a text is a SHA-256 and no path."""
    return bool(re.fullmatch(r"(?:[0-9A-Fa-f]{2}:?){32}", text))


def _issued(certificate: x509.Certificate, by: x509.Certificate) -> bool:
    """Whether a certificate is issued by another that may issue some, and both are valid today."""
    now = datetime.now(UTC)
    if not all(one.not_valid_before_utc <= now <= one.not_valid_after_utc for one in (certificate, by)):
        return False
    try:
        if not by.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            return False
        certificate.verify_directly_issued_by(by)
    except Exception:
        return False
    return True


def _certificates(path: Path) -> list[x509.Certificate]:
    """Those of a file, or of all files in a folder."""
    try:
        files = sorted(one for one in path.iterdir() if one.is_file()) if path.is_dir() else [path]
        found = []
        for file in files:
            data = file.read_bytes()
            if b"-----BEGIN CERTIFICATE" in data:
                found += x509.load_pem_x509_certificates(data)
            elif data[:1] == b"\x30":
                found.append(x509.load_der_x509_certificate(data))
    except OSError as error:
        raise ConnectionLost(f"the certificate {path} cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise ConnectionLost(f"{path} is no certificate in PEM or DER") from error
    return found


def own_certificate(certificate: Path, key: Path) -> str:
    """The application's URI of the collector's own certificate, which is made with its key where both are missing."""
    if not certificate.exists() and not key.exists():
        _make(certificate, key)
    found = _certificates(certificate)
    try:
        names = found[0].extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        return str(names.get_values_for_type(x509.UniformResourceIdentifier)[0])
    except (IndexError, x509.ExtensionNotFound) as error:
        raise ConnectionLost(
            f"the certificate {certificate} names no application (a URI among its alternative names)"
        ) from error


def _make(certificate: Path, key: Path) -> None:
    host = socket.gethostname()
    private = cert_gen.generate_private_key()
    names = [x509.UniformResourceIdentifier(f"urn:{host}:plantwright:collector"), x509.DNSName(host)]
    made = cert_gen.generate_self_signed_app_certificate(
        private, f"Plantwright collector@{host}", {}, names, [ExtendedKeyUsageOID.CLIENT_AUTH], days=VALID
    )
    key.parent.mkdir(parents=True, exist_ok=True)
    certificate.parent.mkdir(parents=True, exist_ok=True)
    number = os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(number, "wb") as file:
        file.write(cert_gen.dump_private_key_as_pem(private))
    certificate.write_bytes(made.public_bytes(Encoding.DER))
