"""Certificates of tests: signed by themselves, or by an authority that a test makes up."""

from __future__ import annotations

import ipaddress
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


@contextmanager
def self_signed(folder: Path) -> Iterator[str]:
    """The address of a server whose certificate nobody has signed but itself."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(folder))
    http = _Mute(("127.0.0.1", 0), BaseHTTPRequestHandler)
    http.socket = context.wrap_socket(http.socket, server_side=True)
    thread = threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"https://127.0.0.1:{http.server_address[1]}"
    finally:
        http.shutdown()
        thread.join()
        http.server_close()


class _Mute(HTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Go on: that nobody wants to speak to it is what the test is about."""


BEGIN, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2125, 1, 1, tzinfo=UTC)


class Authority:
    """Signs certificates of servers; who trusts `path`, a file, trusts those."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("A firm's own authority")
        made = _builder(self._name, self._name, self._key, BEGIN, END).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        self.path = folder / "authority.pem"
        self.path.write_bytes(made.sign(self._key, hashes.SHA256()).public_bytes(_PEM))

    def certificate(self, host: str = "127.0.0.1", *, begin: datetime = BEGIN, end: datetime = END) -> Path:
        """A file with a server's certificate and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        made = _builder(_name(host), self._name, key, begin, end).add_extension(_alternative(host), False)
        return _written(self._folder / f"{host}.pem", key, made.sign(self._key, hashes.SHA256()))


def certificate(folder: Path) -> Path:
    """A file with a certificate of 127.0.0.1 that is signed by itself, and its key."""
    key, name = ec.generate_private_key(ec.SECP256R1()), _name("127.0.0.1")
    made = _builder(name, name, key, BEGIN, END).add_extension(_alternative("127.0.0.1"), False)
    return _written(folder / "self-signed.pem", key, made.sign(key, hashes.SHA256()))


_PEM = serialization.Encoding.PEM


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def _alternative(host: str) -> x509.SubjectAlternativeName:
    try:
        return x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))])
    except ValueError:
        return x509.SubjectAlternativeName([x509.DNSName(host)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, begin: datetime, end: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
    )


def _written(path: Path, key: ec.EllipticCurvePrivateKey, made: x509.Certificate) -> Path:
    plain = serialization.NoEncryption()
    path.write_bytes(
        key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, plain) + made.public_bytes(_PEM)
    )
    return path
