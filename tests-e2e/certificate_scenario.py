"""Client certificates: the native API for whoever holds the key of one that is registered.

The client is Python's own `ssl` and `http.client`, on connections that stay open; certificates are
made by `openssl`.
"""

import datetime
import http.client
import itertools
import json
import pathlib
import re
import socket
import ssl
import subprocess
import time
import urllib.parse

from run import statement

STATUS = "/api/v1/status"
NUMBERS = itertools.count(1)
READS_STATUS = statement("Allow", "strongroom:ReadStatus")


def openssl(*arguments):
    """Runs `openssl` and returns what it prints."""
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, f"openssl {' '.join(arguments)}: {done.stderr}"
    return done.stdout


class Certificate:
    """A certificate in PEM and its key, in files of their own; valid from `start` to `end` seconds
    from now."""

    def __init__(self, ctx, name="client", kind="ec", start=-60, end=3600):
        self.name = f"{name}-{next(NUMBERS)}"
        folder = pathlib.Path(ctx.directory)
        self.file, self.key = folder / f"{self.name}.pem", folder / f"{self.name}.key"
        parameters = {
            "ec": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
            "rsa": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
            "ed25519": ["-algorithm", "ED25519"],
        }[kind]
        openssl("genpkey", *parameters, "-out", str(self.key))
        request = folder / f"{self.name}.csr"
        openssl("req", "-new", "-key", str(self.key), "-subj", f"/CN={self.name}", "-out", request)
        (folder / "index.txt").touch()
        config = folder / "ca.cnf"
        # Of `openssl`'s commands only `ca` takes a start and an end to the second.
        config.write_text(
            "[ca]\ndefault_ca=d\n[d]\n"
            f"database={folder}/index.txt\nnew_certs_dir={folder}\nrand_serial=yes\n"
            "default_md=sha256\npolicy=p\nunique_subject=no\nx509_extensions=v3\n"
            "[p]\ncommonName=supplied\n[v3]\nbasicConstraints=CA:FALSE\n"
        )
        now = datetime.datetime.now(datetime.timezone.utc)
        start, end = (
            (now + datetime.timedelta(seconds=seconds)).strftime("%y%m%d%H%M%SZ")
            for seconds in (start, end)
        )
        openssl(
            *("ca", "-batch", "-selfsign", "-notext", "-config", str(config)),
            *("-keyfile", str(self.key), "-in", request, "-out", str(self.file)),
            *("-startdate", start, "-enddate", end),
        )
        shown = openssl("x509", "-in", str(self.file), "-noout", "-fingerprint", "-sha256")
        self.fingerprint = shown.strip().split("=")[1]


class Connection:
    """One connection that stays open, with a client certificate or without."""

    def __init__(self, ctx, certificate=None, version=None, before=None):
        place = urllib.parse.urlsplit(ctx.endpoint)
        # A session is resumed in the context that it was made in.
        self._trust = before._trust if before else ssl.create_default_context(cafile=ctx.ca_file)
        if certificate:
            self._trust.load_cert_chain(certificate.file, certificate.key)
        if version:
            self._trust.minimum_version = self._trust.maximum_version = version
        self._connection = http.client.HTTPSConnection(
            place.hostname, place.port, context=self._trust, timeout=30
        )
        plain = socket.create_connection((place.hostname, place.port), timeout=30)
        session = before._socket.session if before else None
        self._socket = self._trust.wrap_socket(
            plain, server_hostname=place.hostname, session=session
        )
        self._connection.sock = self._socket
        self.version = self._socket.version()
        self.resumed = self._socket.session_reused

    def ask(self, path=STATUS, method="GET", body=None, headers=None):
        """Status and JSON of the answer, given on the connection that was there from the start."""
        self._connection.request(method, path, body=body, headers=headers or {})
        reply = self._connection.getresponse()
        content = reply.read()
        assert self._connection.sock is self._socket, "the connection was not kept"
        return reply.status, json.loads(content) if content else None


def register(ctx, certificate, policy=READS_STATUS):
    """A new principal whose certificate this is: its name."""
    name = f"machine-{next(NUMBERS)}"
    path = pathlib.Path(ctx.directory) / f"{name}.json"
    path.write_text(json.dumps(policy))
    ctx.command("principal", "create", name, "--policy", str(path))
    ctx.command("certificate", "register", "--principal", name, str(certificate.file))
    return name


def refused(answer, text):
    """The request is nobody's, and the sentence says why."""
    status, body = answer
    assert (status, body["error"]["code"]) == (401, "unauthenticated"), answer
    assert text in body["error"]["message"], answer


def test_the_holder_of_a_registered_certificate_is_let_in_over_tls_1_3_and_1_2(ctx):
    for kind in ("ec", "rsa", "ed25519"):
        certificate = Certificate(ctx, kind=kind)
        register(ctx, certificate)
        for version in (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2):
            connection = Connection(ctx, certificate, version)
            assert connection.version == {0x0304: "TLSv1.3", 0x0303: "TLSv1.2"}[version]
            for _ in range(2):
                status, body = connection.ask()
                assert status == 200 and body["sealed"] is False, (kind, body)


def test_policy_decides_what_it_may_do(ctx):
    certificate = Certificate(ctx)
    name = register(ctx, certificate)
    status, body = Connection(ctx, certificate).ask("/api/v1/principals")
    assert (status, body["error"]["code"]) == (403, "denied"), body
    assert Connection(ctx, certificate).ask(f"/api/v1/principals/{name}/policies")[0] == 403


def test_a_certificate_that_is_not_registered_is_nobodys(ctx):
    stranger = Certificate(ctx)
    for version in (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2):
        refused(Connection(ctx, stranger, version).ask(), "not registered")


def test_another_certificate_of_the_same_name_is_nobodys(ctx):
    registered = Certificate(ctx)
    register(ctx, registered)
    twin = Certificate(ctx)
    openssl(
        *("req", "-x509", "-key", str(twin.key), "-subj", f"/CN={registered.name}"),
        *("-days", "1", "-out", str(twin.file)),
    )
    refused(Connection(ctx, twin).ask(), "not registered")


def test_a_connection_without_a_certificate_is_told_to_sign_or_to_show_one(ctx):
    refused(Connection(ctx).ask(), "client certificate")


def test_removing_a_certificate_ends_it_on_the_connection_that_is_open(ctx):
    certificate = Certificate(ctx)
    name = register(ctx, certificate)
    for version in (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2):
        connection = Connection(ctx, certificate, version)
        assert connection.ask()[0] == 200
        ctx.command("certificate", "remove", "--principal", name, certificate.fingerprint)
        refused(connection.ask(), "not registered")
        ctx.command("certificate", "register", "--principal", name, str(certificate.file))
        assert connection.ask()[0] == 200


def test_a_session_that_is_resumed_is_of_the_same_certificate_and_no_longer_than_it(ctx):
    certificate = Certificate(ctx)
    name = register(ctx, certificate)
    for version in (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2):
        first = Connection(ctx, certificate, version)
        assert first.ask()[0] == 200 and not first.resumed
        second = Connection(ctx, before=first)
        assert second.resumed and second.ask()[0] == 200
        ctx.command("certificate", "remove", "--principal", name, certificate.fingerprint)
        third = Connection(ctx, before=second)
        assert third.resumed
        refused(third.ask(), "not registered")
        ctx.command("certificate", "register", "--principal", name, str(certificate.file))


def test_removing_the_principal_ends_it_too(ctx):
    certificate = Certificate(ctx)
    name = register(ctx, certificate)
    connection = Connection(ctx, certificate)
    assert connection.ask()[0] == 200
    ctx.command("principal", "delete", name)
    refused(connection.ask(), "not registered")


def test_a_certificate_that_expires_is_refused_on_the_connection_that_is_open(ctx):
    certificate = Certificate(ctx, end=8)
    register(ctx, certificate)
    connection = Connection(ctx, certificate)
    assert connection.ask()[0] == 200
    time.sleep(9)
    refused(connection.ask(), "expired")
    refused(Connection(ctx, certificate).ask(), "expired")


def test_a_certificate_for_later_is_registered_and_refused_until_then(ctx):
    certificate = Certificate(ctx, start=3600, end=7200)
    register(ctx, certificate)
    refused(Connection(ctx, certificate).ask(), "not valid yet")


def test_a_signature_says_who_asks_where_there_is_one(ctx):
    certificate = Certificate(ctx)
    register(ctx, certificate)
    headers = {"Authorization": "AWS4-HMAC-SHA256 Credential=x"}
    status, body = Connection(ctx, certificate).ask(headers=headers)
    assert (status, body["error"]["code"]) == (401, "unauthenticated"), body


def test_a_web_page_is_not_let_in_by_its_readers_certificate(ctx):
    certificate = Certificate(ctx)
    register(ctx, certificate)
    headers = {"Origin": "https://elsewhere.example"}
    refused(Connection(ctx, certificate).ask(headers=headers), "web page")
    # A page that only reads, an image's address for one, sends no `Origin`.
    for site in ("cross-site", "same-site", "what is yet to come"):
        asked = Connection(ctx, certificate).ask(headers={"Sec-Fetch-Site": site})
        refused(asked, "web page")
    for site in ("none", "same-origin"):
        status, _ = Connection(ctx, certificate).ask(headers={"Sec-Fetch-Site": site})
        assert status == 200, (site, status)


def test_certificates_are_registered_listed_and_removed_through_the_api(ctx):
    mine, other = Certificate(ctx), Certificate(ctx)
    everything = statement("Allow", "strongroom:*")
    name = register(ctx, mine, everything)
    connection = Connection(ctx, mine)
    path = f"/api/v1/principals/{name}/certificates"
    new = json.dumps({"certificate": other.file.read_text()})
    status, made = connection.ask(path, "POST", new)
    plain = other.fingerprint.replace(":", "").lower()
    assert (status, made["fingerprint"]) == (201, plain), made
    assert made["subject"] == f"CN={other.name}"
    assert connection.ask(path, "POST", new)[1]["error"]["code"] == "already-exists"
    status, listed = connection.ask(path)
    assert [one["fingerprint"] for one in listed["certificates"]][1:] == [plain], listed
    bad = json.dumps({"certificate": other.key.read_text()})
    assert connection.ask(path, "POST", bad)[1]["error"]["code"] == "invalid"
    for fingerprint in (other.fingerprint, plain):
        status, _ = connection.ask(f"{path}/{urllib.parse.quote(fingerprint)}", "DELETE")
        assert status in (204, 404)
    assert len(connection.ask(path)[1]["certificates"]) == 1
    description = connection.ask("/api/v1/openapi.json")[1]
    assert "post" in description["paths"]["/api/v1/principals/{name}/certificates"]


def test_the_command_line_sends_a_certificate_and_never_the_key_beside_it(ctx):
    certificate = Certificate(ctx)
    both = pathlib.Path(ctx.directory) / f"{certificate.name}-both.pem"
    both.write_text(certificate.key.read_text() + certificate.file.read_text())
    ctx.command("principal", "create", certificate.name)
    answer = ctx.command("certificate", "register", "--principal", certificate.name, str(both))
    assert json.loads(answer)["subject"] == f"CN={certificate.name}"
    listed = json.loads(ctx.command("certificate", "list", "--principal", certificate.name))
    assert re.fullmatch("[0-9a-f]{64}", listed["certificates"][0]["fingerprint"])
    line = [ctx.binary, "certificate", "register", "--principal", certificate.name]
    line += [str(certificate.key), "--dir", str(ctx.directory)]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and "no PEM certificate" in done.stderr, done
