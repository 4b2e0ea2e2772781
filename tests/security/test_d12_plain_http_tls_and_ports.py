"""D12: outside a test network only https with a certificate that holds, and no port but 443."""

import datetime
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

import activitypub.wire
from activitypub.http import Refused, Unreachable
from tests.loopback import always, egress, loopback, reply, watched_connections

NOW = datetime.datetime.now(datetime.UTC)
DAY = datetime.timedelta(days=1)


def certify(folder: Path, host: str, *, until: datetime.datetime) -> ssl.SSLContext:
    """A server context with a certificate for `host` that has signed itself, also written to `folder`."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - 9 * DAY)
        .not_valid_after(until)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "trusted.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "server.pem").write_bytes(pem + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context


@pytest.fixture
def trust_read_anew() -> Iterator[None]:
    """The process has read whom it trusts already, and keeps it."""
    activitypub.wire._tls.cache_clear()
    yield
    activitypub.wire._tls.cache_clear()


@pytest.mark.usefixtures("trust_read_anew")
@pytest.mark.parametrize(
    ("host", "days", "trusted", "reached"),
    [
        ("town.example", 9, True, True),
        ("town.example", 9, False, False),
        ("town.example", -1, True, False),
        ("other.example", 9, True, False),
    ],
    ids=["holds", "self-signed", "expired", "of another host"],
)
async def test_certificates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str, days: int, *, trusted: bool, reached: bool
) -> None:
    context = certify(tmp_path, host, until=NOW + days * DAY)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "trusted.pem"))
    async with (
        loopback(always(reply(200, b"Moin")), tls=context) as server,
        egress(known={"town.example": ["127.0.0.1"]}) as client,
    ):
        url = server.url(host="town.example", scheme="https")
        if reached:
            assert (await client.get(url, accept="*/*")).body == b"Moin"
        else:
            with pytest.raises(Unreachable):
                await client.get(url, accept="*/*")
            assert server.requests == []


@pytest.mark.parametrize(
    "url",
    ["http://town.example/", "http://town.example:443/"]
    + [f"https://town.example:{port}/" for port in (0, 22, 25, 80, 444, 6379, 8443, 65536)],
)
async def test_refused_outside_a_test_network(url: str) -> None:
    async with egress(allow_http=False, known={"town.example": ["127.0.0.1"]}) as client:
        with watched_connections() as connections, pytest.raises(Refused):
            await client.get(url, accept="*/*")
        assert connections == []


async def test_https_to_port_443_is_what_remains() -> None:
    async with egress(allow_http=False, known={"town.example": ["127.0.0.66"]}) as client:
        for url in ("https://town.example/", "https://TOWN.example:443/"):
            with watched_connections() as connections, pytest.raises(Unreachable):
                await client.get(url, accept="*/*")
            assert connections == [("127.0.0.66", 443)]
