"""Rules for client certificates: who holds one that a trusted authority issued to certain names.

The clients are Python's own `ssl`, PyKMIP unmodified, and KMIP messages made by hand; authorities
and certificates are made by `openssl`.
"""

import itertools
import json
import pathlib
import ssl
import subprocess

from certificate_scenario import Connection, openssl, refused
from kmip.core.enums import CryptographicAlgorithm
from kmip.pie.client import ProxyKmipClient
from kmip.pie.exceptions import KmipOperationFailure
from kmip_client import Enumeration, Kmip
from run import statement

NUMBERS = itertools.count(1)
ALL = statement("Allow", "*")
URI = "spiffe://example/payments"


class Holder:
    """Who has a key and a certificate that says so, issued by itself or by another. `file` has the
    certificate first and then those of the authorities between it and the topmost."""

    def __init__(self, ctx, *says, by=None, authority=False):
        folder = pathlib.Path(ctx.directory)
        self.name = f"holder-{next(NUMBERS)}"
        self.alone, self.file, self.key, request, says_file = (
            folder / f"{self.name}{end}" for end in (".one.pem", ".pem", ".key", ".csr", ".ext")
        )
        curve = ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
        openssl("genpkey", *curve, "-out", str(self.key))
        subject = ("-subj", f"/O=Example/CN={self.name}")
        openssl("req", "-new", "-key", self.key, *subject, "-out", request)
        usual = (
            ("basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign")
            if authority
            else ("basicConstraints=CA:FALSE", "extendedKeyUsage=clientAuth")
        )
        says_file.write_text("\n".join((*usual, *says)) + "\n")
        signer = ("-signkey", self.key)
        if by:
            signer = ("-CA", by.alone, "-CAkey", by.key, "-CAcreateserial")
        openssl(
            *("x509", "-req", "-in", request, *signer, "-days", "2", "-sha256"),
            *("-extfile", says_file, "-out", self.alone),
        )
        self.is_topmost = by is None
        above = "" if by is None or by.is_topmost else by.file.read_text()
        self.file.write_text(self.alone.read_text() + above)
        shown = openssl("x509", "-in", self.alone, "-noout", "-fingerprint", "-sha256")
        self.fingerprint = shown.strip().split("=")[1]


def authority(ctx, by=None):
    return Holder(ctx, by=by, authority=True)


def principal(ctx, policy=ALL):
    """A new principal's name."""
    name = f"ruled-{next(NUMBERS)}"
    path = pathlib.Path(ctx.directory) / f"{name}.json"
    path.write_text(json.dumps(policy))
    ctx.command("principal", "create", name, "--policy", str(path))
    return name


def trust(ctx, name, ca, *says):
    """A new rule: its id."""
    shown = ctx.command("certificate", "trust", "--principal", name, "--ca", str(ca.alone), *says)
    return json.loads(shown)["id"]


def let_in(connection):
    status, body = connection.ask()
    assert status == 200, (status, body)


def pykmip(ctx, holder, **more):
    host, port = ctx.kmip["address"].rsplit(":", 1)
    files = {"cert": str(holder.file), "key": str(holder.key), "ca": ctx.kmip["ca_file"]}
    return ProxyKmipClient(hostname=host, port=int(port), **files, **more)


def test_a_certificate_of_a_trusted_authority_is_let_in_until_the_rule_is_removed(ctx):
    ca = authority(ctx)
    mine, others = Holder(ctx, f"subjectAltName=URI:{URI}", by=ca), Holder(ctx, by=ca)
    name = principal(ctx)
    for version in (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2):
        refused(Connection(ctx, mine, version).ask(), "not registered")
        rule = trust(ctx, name, ca, "--san-uri", URI)
        connection = Connection(ctx, mine, version)
        let_in(connection)
        refused(Connection(ctx, others, version).ask(), "not registered")
        listed = json.loads(ctx.command("certificate", "list", "--principal", name))
        assert listed["rules"][0]["names"] == [{"kind": "uri", "value": URI}], listed
        ctx.command("certificate", "remove", "--principal", name, rule)
        refused(connection.ask(), "not registered")


def test_every_kind_of_name_can_be_asked_for(ctx):
    ca, name = authority(ctx), principal(ctx)
    names = "DNS:Pay.Example,URI:urn:a,email:pay@example.org,IP:192.0.2.7,IP:2001:db8::7"
    holder = Holder(ctx, f"subjectAltName={names}", by=ca)
    subject = openssl("x509", "-in", holder.alone, "-noout", "-subject", "-nameopt", "RFC2253")
    for says in (
        ("--san-dns", "pay.example"),
        ("--san-uri", "urn:a"),
        ("--san-email", "pay@example.org"),
        ("--san-ip", "192.0.2.7"),
        ("--san-ip", "2001:db8::7"),
        ("--subject", subject.strip().removeprefix("subject=")),
        ("--san-dns", "pay.example", "--san-ip", "192.0.2.7", "--san-uri", "urn:a"),
        ("--any",),
    ):
        rule = trust(ctx, name, ca, *says)
        let_in(Connection(ctx, holder))
        ctx.command("certificate", "remove", "--principal", name, rule)
    for says in (
        ("--san-dns", "example"),
        ("--san-dns", "pay.example", "--san-uri", "urn:b"),
        ("--subject", f"CN={holder.name}"),
    ):
        rule = trust(ctx, name, ca, *says)
        refused(Connection(ctx, holder).ask(), "not registered")
        ctx.command("certificate", "remove", "--principal", name, rule)


def test_authorities_between_are_sent_along(ctx):
    ca, name = authority(ctx), principal(ctx)
    between = authority(ctx, by=ca)
    holder = Holder(ctx, by=between)
    trust(ctx, name, ca, "--any")
    let_in(Connection(ctx, holder))
    holder.file = holder.alone
    refused(Connection(ctx, holder).ask(), "not registered")


def test_a_certificate_and_what_it_issued_can_be_blocked_on_connections_that_are_open(ctx):
    ca, name = authority(ctx), principal(ctx)
    between = authority(ctx, by=ca)
    holder, direct = Holder(ctx, by=between), Holder(ctx, by=ca)
    trust(ctx, name, ca, "--any")
    connection, other = Connection(ctx, holder), Connection(ctx, direct)
    for blocked in (holder, between):
        let_in(connection)
        ctx.command("certificate", "block", "--principal", name, blocked.fingerprint)
        refused(connection.ask(), "blocked")
        let_in(other)
        ctx.command("certificate", "unblock", "--principal", name, blocked.fingerprint)
    let_in(connection)


def test_a_certificate_of_two_principals_is_refused(ctx):
    ca, one, two = authority(ctx), principal(ctx), principal(ctx)
    holder = Holder(ctx, f"subjectAltName=URI:{URI}", by=ca)
    trust(ctx, one, ca, "--any")
    connection = Connection(ctx, holder)
    let_in(connection)
    rule = trust(ctx, two, ca, "--san-uri", URI)
    refused(connection.ask(), "several principals")
    ctx.command("certificate", "remove", "--principal", two, rule)
    let_in(connection)


def test_pykmip_works_with_a_certificate_that_no_one_registered(ctx):
    ca, name = authority(ctx), principal(ctx)
    holder = Holder(ctx, f"subjectAltName=URI:{URI}", by=ca)
    trust(ctx, name, ca, "--san-uri", URI)
    with pykmip(ctx, holder) as peer:
        key = peer.create(CryptographicAlgorithm.AES, 256)
        assert len(peer.get(key).value) == 32


def shown(kind, names, values):
    """A request's header that shows this credential."""
    value = [(name, value) for name, value in zip(names, values, strict=True)]
    credential = [("CredentialType", Enumeration(kind)), ("CredentialValue", value)]
    return [("Authentication", [("Credential", credential)])]


def test_where_a_credential_is_asked_for_each_message_has_to_show_it(ctx):
    ca, name = authority(ctx), principal(ctx)
    holder = Holder(ctx, by=ca)
    trust(ctx, name, ca, "--any", "--with-credential")
    made = json.loads(ctx.command("access-key", "create", name))
    mine = made["access_key_id"], made["secret_access_key"]
    user, device = ("Username", "Password"), ("DeviceSerialNumber", "Password")
    for version in ((1, 1), (1, 4), (2, 1)):
        peer = Kmip(ctx.kmip, version, holder.file, holder.key)
        for kind, names in ((1, user), (2, device)):
            peer.header = shown(kind, names, mine)
            peer.ask("Query", ("QueryFunction", Enumeration(1)))
            stranger = ctx.access_key_id, ctx.secret_access_key
            for wrong in ((mine[0], "wrong"), ("payments", mine[1]), stranger):
                peer.header = shown(kind, names, wrong)
                text = peer.refused("AuthenticationNotSuccessful", "Locate")
                assert not any(told in text for told in wrong)
        peer.header = ()
        peer.refused("AuthenticationNotSuccessful", "Locate")
        peer.header = shown(1, user, mine)
        peer.ask("Query", ("QueryFunction", Enumeration(1)))
        peer.close()
    # Where there is no header, the certificate is not enough.
    refused(Connection(ctx, holder).ask(), "for KMIP only")
    with pykmip(ctx, holder, username=mine[0], password=mine[1]) as peer:
        assert len(peer.get(peer.create(CryptographicAlgorithm.AES, 128)).value) == 16
    with pykmip(ctx, holder, username=mine[0], password="wrong") as peer:
        try:
            peer.create(CryptographicAlgorithm.AES, 128)
        except KmipOperationFailure as failure:
            assert failure.reason.name == "AUTHENTICATION_NOT_SUCCESSFUL", failure
        else:
            raise AssertionError("a wrong password was taken")


def test_the_command_line_wants_to_know_whom_it_trusts(ctx):
    ca, name = authority(ctx), principal(ctx)
    client = Holder(ctx, by=ca)

    def fails(code, text, *arguments):
        line = [ctx.binary, "certificate", "trust", "--principal", name, *arguments]
        line += ["--dir", str(ctx.directory)]
        done = subprocess.run(line, capture_output=True, text=True, timeout=60)
        assert done.returncode == code and text in done.stderr, (done.returncode, done.stderr)

    fails(2, "--any", "--ca", ca.alone)
    fails(2, "cannot be used with", "--ca", ca.alone, "--any", "--san-dns", "a.example")
    fails(1, "not the certificate of an authority", "--ca", client.alone, "--any")
    fails(1, "wildcard", "--ca", ca.alone, "--san-dns", "*.example")
    trust(ctx, name, ca, "--any")
    fails(1, "already", "--ca", ca.alone, "--any")
    line = ["certificate", "list", "--principal", name, "--dir", str(ctx.directory)]
    done = subprocess.run([ctx.binary, *line], capture_output=True, text=True, timeout=60)
    assert f"any of CN={ca.name},O=Example" in done.stdout, done.stdout
