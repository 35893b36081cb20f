"""KMIP on the wire: TLS with a client certificate, messages one after the other, and HTTPS.

The client is Python's own `ssl`; its messages are written by hand, byte by byte.
"""

import contextlib
import http.client
import os
import pathlib
import resource
import socket
import ssl
import struct
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request

from certificate_scenario import openssl
from init_scenario import Running, Site, one_sentence

VERSIONS = (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2)
REQUEST_MESSAGE, RESPONSE_MESSAGE = 0x420078, 0x42007B
# Longest message that is taken, in bytes.
MESSAGE_LEN_MAX = 1 << 20
# More connections than a server takes.
FLOOD = 1100


def structure(tag, *items):
    content = b"".join(items)
    return tag.to_bytes(3, "big") + b"\x01" + struct.pack(">I", len(content)) + content


def number(tag, value, kind=2):
    """An Integer, or with kind 5 an Enumeration."""
    return tag.to_bytes(3, "big") + bytes([kind]) + struct.pack(">IIi", 4, value, 0)


def discover_versions(padding=0):
    """The request that every client may make; with a vendor extension of so many bytes."""
    version = structure(0x420069, number(0x42006A, 1), number(0x42006B, 4))
    header = structure(0x420077, version, number(0x42000D, 1))
    extension = []
    if padding:
        blob = b"\x42\x00\x7d\x08" + struct.pack(">I", padding) + b"x" * padding
        extension = [structure(0x42009C, blob)]
    item = structure(0x42000F, number(0x42005C, 0x1E, 5), structure(0x420079), *extension)
    return structure(REQUEST_MESSAGE, header, item)


class Connection:
    """A TLS connection to the KMIP port, with the certificate of the first client or without."""

    def __init__(self, kmip, certificate=True, version=None, before=None):
        host, port = kmip["address"].rsplit(":", 1)
        # A session is resumed in the context that it was made in.
        self.trust = before.trust if before else ssl.create_default_context(cafile=kmip["ca_file"])
        if certificate and not before:
            self.trust.load_cert_chain(kmip["cert_file"], kmip["key_file"])
        if version:
            self.trust.minimum_version = self.trust.maximum_version = version
        plain = socket.create_connection((host, int(port)), timeout=60)
        session = before.socket.session if before else None
        self.socket = self.trust.wrap_socket(plain, server_hostname=host, session=session)

    def send(self, message):
        self.socket.sendall(message)

    def answer(self):
        """The next message that comes, whole."""
        head = self._exactly(8)
        assert int.from_bytes(head[:3], "big") == RESPONSE_MESSAGE and head[3] == 1, head
        return head + self._exactly(int.from_bytes(head[4:], "big"))

    def ask(self, message=None):
        self.send(message or discover_versions())
        return self.answer()

    def end(self):
        """What comes until the server ends the connection."""
        came = b""
        while True:
            try:
                piece = self.socket.recv(4096)
            except (ConnectionResetError, ssl.SSLEOFError):
                piece = b""
            if not piece:
                return came
            came += piece

    def _exactly(self, count):
        came = b""
        while len(came) < count:
            piece = self.socket.recv(count - len(came))
            assert piece, f"it ended after {came!r}"
            came += piece
        return came


def is_success(answer):
    """Whether a response says ResultStatus Success."""
    return number(0x42007F, 0, 5) in answer


def test_the_quickstart_names_the_first_clients_certificate_and_key(ctx):
    assert sorted(ctx.kmip) == ["address", "ca_file", "cert_file", "key_file"], ctx.kmip
    for name in ("cert_file", "key_file"):
        assert os.stat(ctx.kmip[name]).st_mode & 0o777 == 0o600, name
    certified = openssl("x509", "-in", ctx.kmip["cert_file"], "-noout", "-pubkey")
    assert certified == openssl("pkey", "-in", ctx.kmip["key_file"], "-pubout")
    purposes = openssl("x509", "-in", ctx.kmip["cert_file"], "-noout", "-purpose")
    assert "SSL client : Yes" in purposes and "SSL server : No" in purposes, purposes
    listed = ctx.command("certificate", "list", "--principal", "kmip")
    assert "CN=kmip" in listed, listed


def test_a_server_without_a_first_client_says_where_it_listens(ctx):
    with tempfile.TemporaryDirectory() as folder:
        site = Site(ctx, folder)
        site.found()
        with Running(site) as ready:
            assert sorted(ready["kmip"]) == ["address", "ca_file"], ready["kmip"]


def test_a_client_without_a_certificate_is_turned_away_in_the_handshake(ctx):
    for version in VERSIONS:
        try:
            connection = Connection(ctx.kmip, certificate=False, version=version)
            # In TLS 1.3 the client is done before the server has looked.
            connection.ask()
        except (ssl.SSLError, ConnectionError):
            continue
        raise AssertionError(f"{version}: it was let in")


def test_messages_are_answered_in_tls_1_2_and_1_3_one_after_the_other_on_one_connection(ctx):
    for version in VERSIONS:
        connection = Connection(ctx.kmip, version=version)
        for _ in range(3):
            assert is_success(connection.ask()), version


def test_a_session_is_resumed_with_the_same_certificate(ctx):
    for version in VERSIONS:
        first = Connection(ctx.kmip, version=version)
        assert is_success(first.ask()) and not first.socket.session_reused
        second = Connection(ctx.kmip, before=first)
        assert second.socket.session_reused, version
        assert is_success(second.ask())


def test_messages_that_are_sent_ahead_are_answered_in_order(ctx):
    connection = Connection(ctx.kmip)
    # Of two lengths: each answer is to its own.
    wrong = structure(REQUEST_MESSAGE)
    connection.send(discover_versions() + discover_versions() + discover_versions()[:20])
    assert is_success(connection.answer()) and is_success(connection.answer())
    connection.send(discover_versions()[20:] + wrong)
    assert is_success(connection.answer())
    assert not is_success(connection.answer())


def test_a_message_may_come_byte_by_byte(ctx):
    connection = Connection(ctx.kmip)
    for byte in discover_versions():
        connection.send(bytes([byte]))
    assert is_success(connection.answer())


def test_a_message_that_is_none_ends_the_connection(ctx):
    too_long = REQUEST_MESSAGE.to_bytes(3, "big") + b"\x01" + struct.pack(">I", MESSAGE_LEN_MAX)
    for bytes_ in (b"GET / HTTP/1.1\r\n\r\n", b"\x00", b"\x42\x00\x7b\x01", too_long):
        connection = Connection(ctx.kmip)
        connection.send(bytes_)
        came = connection.end()
        assert not came or came[:3] == RESPONSE_MESSAGE.to_bytes(3, "big"), came
        assert not is_success(came)
    assert is_success(Connection(ctx.kmip).ask())


def test_a_peer_that_stops_within_a_message_is_hung_up_on_and_one_that_is_idle_is_not(ctx):
    idle, slow = Connection(ctx.kmip), Connection(ctx.kmip)
    assert is_success(idle.ask())
    slow.send(discover_versions()[:20])
    start = time.monotonic()
    assert slow.end() == b""
    assert 25 < time.monotonic() - start < 50
    assert is_success(idle.ask())


def test_a_connection_that_is_idle_does_not_hold_up_the_end(ctx):
    with tempfile.TemporaryDirectory() as folder:
        line = [ctx.binary, "quickstart", "--dir", str(pathlib.Path(folder) / "data")]
        line += ["--listen", "127.0.0.1:0", "--kmip", "127.0.0.1:0"]
        server = Running(None, command=line)
        with server as ready:
            idle, fresh = Connection(ready["kmip"]), Connection(ready["kmip"])
            assert is_success(idle.ask())
            start = time.monotonic()
            server.process.terminate()
            assert idle.end() == b"" and fresh.end() == b""
            server.process.wait(timeout=60)
            assert time.monotonic() - start < 8


def test_a_flood_from_one_address_ends_no_connection_of_a_registered_client_and_keeps_none_out(ctx):
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as open_:
        line = [ctx.binary, "quickstart", "--dir", str(pathlib.Path(folder) / "data")]
        line += ["--listen", "127.0.0.1:0", "--kmip", "127.0.0.1:0"]
        kmip = open_.enter_context(Running(None, command=line))["kmip"]
        host, port = kmip["address"].rsplit(":", 1)
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        open_.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        idle = Connection(kmip)
        assert is_success(idle.ask())
        start = time.monotonic()
        for count in range(FLOOD):
            open_.enter_context(socket.create_connection((host, int(port)), timeout=60))
            if count % 100 == 0:
                assert is_success(idle.ask()), count
        for _ in range(3):
            assert is_success(Connection(kmip).ask())
        assert is_success(idle.ask())
        # Before those of the flood are too slow for a handshake, and leave by themselves.
        assert time.monotonic() - start < 8


def test_an_address_that_is_in_use_is_told_in_one_sentence(ctx):
    with tempfile.TemporaryDirectory() as folder, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        line = [ctx.binary, "quickstart", "--dir", str(pathlib.Path(folder) / "data")]
        line += ["--listen", "127.0.0.1:0", "--kmip", address]
        done = subprocess.run(line, capture_output=True, text=True, timeout=120)
        one_sentence(done, f"{address} is in use by another program; choose another address")
        assert "`kmip`" in done.stderr, done.stderr


def post(ctx, body, media_type, method="POST", **headers):
    """Status, media type and body of what `/kmip` answers on the HTTPS port."""
    place = urllib.parse.urlsplit(ctx.endpoint)
    trust = ssl.create_default_context(cafile=ctx.ca_file)
    trust.load_cert_chain(ctx.kmip["cert_file"], ctx.kmip["key_file"])
    connection = http.client.HTTPSConnection(place.hostname, place.port, context=trust, timeout=60)
    if media_type:
        headers["Content-Type"] = media_type
    connection.request(method, "/kmip", body=body, headers=headers)
    reply = connection.getresponse()
    return reply.status, reply.getheader("Content-Type"), reply.read()


def test_the_same_message_is_answered_over_https(ctx):
    status, media_type, answer = post(ctx, discover_versions(), "application/octet-stream")
    assert (status, media_type) == (200, "application/octet-stream"), status
    assert is_success(answer)
    xml = """<RequestMessage><RequestHeader><ProtocolVersion>
        <ProtocolVersionMajor type="Integer" value="1"/>
        <ProtocolVersionMinor type="Integer" value="4"/></ProtocolVersion>
        <BatchCount type="Integer" value="1"/></RequestHeader>
        <BatchItem><Operation type="Enumeration" value="DiscoverVersions"/><RequestPayload/>
        </BatchItem></RequestMessage>"""
    for sent in ("text/xml", "application/xml; charset=utf-8"):
        status, media_type, answer = post(ctx, xml, sent)
        assert (status, media_type) == (200, "text/xml") and b"Success" in answer, answer


def test_https_takes_kmip_by_post_and_in_its_media_types_alone(ctx):
    assert post(ctx, None, None, method="GET")[0] == 405
    for media_type in (None, "text/plain", "application/x-www-form-urlencoded"):
        assert post(ctx, discover_versions(), media_type)[0] == 415, media_type
    octets = "application/octet-stream"
    too_long = {"Content-Length": str(MESSAGE_LEN_MAX + 1)}
    assert post(ctx, None, octets, **too_long)[0] == 413
    assert post(ctx, discover_versions(600_000), octets)[0] == 200


def test_messages_are_counted(ctx):
    def counted():
        with urllib.request.urlopen(ctx.metrics, timeout=60) as page:
            lines = dict(line.rsplit(" ", 1) for line in page.read().decode().splitlines())
        names = ("connections", "requests", "handshakes_failed")
        return [int(lines[f"strongroom_kmip_{name}_total"]) for name in names]

    before = counted()
    connection = Connection(ctx.kmip)
    connection.ask()
    connection.ask()
    assert counted() == [before[0] + 1, before[1] + 2, before[2]]
