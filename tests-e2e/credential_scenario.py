"""Who gets past the doors: every way in which a credential can fail, over TLS.

Requests are signed by botocore, and changed before or after; each is sent as it is, on a connection
of its own. What the doors do for every operation and with many more changes, their own tests show.
"""

import datetime
import hashlib
import itertools
import json
import time
import urllib.parse
import uuid
from unittest import mock

from audit_scenario import settled, show
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from certificate_scenario import Certificate, Connection, register
from run import statement
from sigv4_scenario import send

AMZ_JSON = "application/x-amz-json-1.1"
NUMBERS = itertools.count(1)
# Of one address at most 20 refused claims a second have an entry each.
PAUSE_SECONDS = 0.06

MISSING = "MissingAuthenticationTokenException"
INCOMPLETE = "IncompleteSignature"
INVALID = "InvalidSignatureException"
UNKNOWN = "UnrecognizedClientException"


class Signer(SigV4Auth):
    """botocore's signer, which can leave headers out."""

    def __init__(self, *arguments, leave_out=()):
        super().__init__(*arguments)
        self._leave_out = leave_out

    def headers_to_sign(self, request):
        headers = super().headers_to_sign(request)
        for name in self._leave_out:
            del headers[name]
        return headers


class Door:
    """One of the two APIs, and a request that only reads."""

    def __init__(self, ctx, service):
        self.ctx, self.service = ctx, service
        self.method, self.path, self.body = {
            "kms": ("POST", "/", b'{"Limit":7}'),
            "strongroom": ("GET", "/api/v1/principals?limit=7", b""),
        }[service]
        self.headers = {
            "kms": {"Content-Type": AMZ_JSON, "X-Amz-Target": "TrentService.ListKeys"},
            "strongroom": {"X-Amz-Meta": "signed as all of its kind"},
        }[service]

    def request(self, **more):
        """A request without a signature."""
        url = self.ctx.endpoint + self.path
        return AWSRequest(self.method, url, data=self.body, headers={**self.headers, **more})

    def signed(
        self, who=None, minutes=0, scope=None, token=None, leave_out=(), signer=Signer, **more
    ):
        """Path, and headers as a list, of a request signed so many minutes from now."""
        ctx = self.ctx
        who = who or (ctx.access_key_id, ctx.secret_access_key)
        region, service = scope or (ctx.region, self.service)
        request = self.request(**more)
        arguments = (Credentials(*who, token), service, region)
        auth = Signer(*arguments, leave_out=leave_out) if signer is Signer else signer(*arguments)
        utc = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
        moment = utc + datetime.timedelta(minutes=minutes)
        with mock.patch("botocore.auth.get_current_datetime", lambda *_: moment):
            auth.add_auth(request)
        url = urllib.parse.urlsplit(request.url)
        path = url.path + ("?" + url.query if url.query else "")
        return path, [("Host", url.netloc), *request.headers.items()]

    def send(self, path, headers, body=None):
        """Status, headers, body."""
        time.sleep(PAUSE_SECONDS)
        body = self.body if body is None else body
        return send(self.ctx, self.method, path or self.path, body, headers)


def changed(headers, name, change):
    """The headers with the values of one of them changed; `None` takes it away."""
    values = [(n, change(v) if n.lower() == name else v) for n, v in headers]
    assert values != headers, name
    return [(n, v) for n, v in values if v is not None]


def rows(ctx, door, others):
    """What is done to a request, path, headers, body, exception, code of the entry if there is."""
    signed = door.signed
    path, right = signed()

    def row(says, code, entry=None, path=path, headers=None, body=None):
        return says, path, right if headers is None else headers, body, code, entry

    def drafted(says, code, entry=None, **draft):
        where, headers = signed(**draft)
        return row(says, code, entry, where, headers)

    def tampered(says, code, entry, name, change):
        return row(says, code, entry, headers=changed(right, name, change))

    def authorization(says, code, change, entry=None):
        return tampered(says, code, entry, "authorization", change)

    host = [("Host", urllib.parse.urlsplit(ctx.endpoint).netloc)]
    yield row("unsigned", MISSING, headers=host)
    forged = {"X-Remote-User": "admin", "X-Forwarded-For": "127.0.0.1", "X-SSL-Verify": "SUCCESS"}
    yield row("what a proxy would say", MISSING, headers=host + list(forged.items()))
    for text in ("", "Basic Og==", "Bearer x", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA512 Credential=x"):
        yield authorization(f"Authorization: {text}", INCOMPLETE, lambda _, text=text: text)
    for name in ("Credential", "SignedHeaders", "Signature"):
        without = lambda text, name=name: text.replace(f"{name}=", "Other=")
        yield authorization(f"no {name}", INCOMPLETE, without)
        empty = lambda text, name=name: text.replace(f"{name}=", f"{name}=,Other=")
        yield authorization(f"an empty {name}", INCOMPLETE, empty)
    short = lambda text: text.replace("/aws4_request", "")
    yield authorization("four parts of a credential", INCOMPLETE, short)
    yield authorization("no hexadecimal digits", INCOMPLETE, lambda text: text[:-1] + "g")
    two = right + [("Authorization", dict(right)["Authorization"])]
    yield row("two Authorization headers", INCOMPLETE, headers=two)
    yield row("the date twice", INCOMPLETE, headers=right + [("X-Amz-Date", "20000101T000000Z")])
    yield row("the host twice", INCOMPLETE, headers=right + host)
    no_date = changed(right, "x-amz-date", lambda _: None)
    yield row("no date", INCOMPLETE, headers=no_date)
    for header in ("host", "x-amz-date", *(n.lower() for n in door.headers if n.startswith("X-"))):
        yield drafted(f"{header} not signed", INVALID, leave_out=(header,))
    stated = {"X-Amz-Content-SHA256": hashlib.sha256(door.body).hexdigest()}
    left_out = ("x-amz-content-sha256",)
    yield drafted("the body's hash not signed", INVALID, leave_out=left_out, **stated)
    wrong = {"X-Amz-Content-SHA256": hashlib.sha256(b"other").hexdigest()}
    yield drafted("another body's hash", INVALID, "bad-signature", **wrong)
    unsigned = {"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"}
    yield drafted("an unsigned payload", INCOMPLETE, **unsigned)
    yield row("another body", INVALID, "bad-signature", body=door.body + b" ")
    yield row("a query", INVALID, "bad-signature", path=path + ("&" if "?" in path else "?") + "a=b")
    yield tampered("another host", INVALID, "bad-signature", "host", lambda text: "x" + text)
    for name in (name.lower() for name in door.headers):
        yield tampered(f"{name} changed", INVALID, "bad-signature", name, lambda text: text + "x")
    flip = lambda text: text[:-1] + ("0" if text[-1] != "0" else "1")
    yield authorization("a digit of the signature changed", INVALID, flip, "bad-signature")
    yield drafted("presigned", INCOMPLETE, signer=SigV4QueryAuth)
    yield drafted("a session token", UNKNOWN, "unknown-credential", token="token")
    yield drafted("16 minutes ago", INVALID, "expired", minutes=-16)
    yield drafted("in 16 minutes", INVALID, "not-yet-valid", minutes=16)
    other = {"kms": "strongroom", "strongroom": "kms"}[door.service]
    for service in (other, "s3", door.service.upper()):
        scope = (ctx.region, service)
        yield drafted(f"for {service}", INVALID, "wrong-service", scope=scope)
    scope = ("xx-nowhere-9", door.service)
    yield drafted("for another region", INVALID, "wrong-region", scope=scope)
    yesterday = lambda text: text.replace("/2", "/1", 1)
    yield authorization("another day's scope", INCOMPLETE, yesterday)
    for says, who in others.items():
        yield drafted(says, UNKNOWN, "unknown-credential", who=who)
    key_id, secret = ctx.access_key_id, ctx.secret_access_key
    for says, who in {
        "a wrong secret": (key_id, "x" * 40),
        "a secret in lower case": (key_id, secret.lower()),
        "an old secret, and a wrong one": (key_id, secret + "x"),
    }.items():
        yield drafted(says, INVALID, "bad-signature", who=who)
    wrong_and_old = {"who": (key_id, "x" * 40), "minutes": -600}
    yield drafted("a wrong secret, long ago", INVALID, "bad-signature", **wrong_and_old)


def worthless(ctx):
    """Access keys that are none, or none any more."""
    robbed, gone = (f"credential-{next(NUMBERS)}" for _ in range(2))
    keys = {}
    for name in (robbed, gone):
        ctx.command("principal", "create", name)
        made = json.loads(ctx.command("access-key", "create", name))
        keys[name] = made["access_key_id"], made["secret_access_key"]
        door = Door(ctx, "kms")
        path, headers = door.signed(who=keys[name])
        status, _, body = door.send(path, headers)
        assert body["__type"] == "AccessDeniedException", "it is known until it is removed"
    ctx.command("access-key", "delete", robbed, keys[robbed][0])
    ctx.command("principal", "delete", gone)
    return {
        "an access key that is none": ("AKIAAAAAAAAAAAAAAAAA", ctx.secret_access_key),
        "an access key in lower case": (ctx.access_key_id.lower(), ctx.secret_access_key),
        "an access key that was removed": keys[robbed],
        "an access key of a principal that was removed": keys[gone],
        "a removed key with a wrong secret": (keys[robbed][0], "x" * 40),
    }


def refusals(ctx, service):
    """Tries every row at a door; the entries that it must have left, and those that it has."""
    door, others = Door(ctx, service), worthless(ctx)
    assert door.send(*door.signed())[0] == 200, "what is right is done"
    first, expected, bodies = settled(ctx), [], {}
    for says, path, headers, body, code, entry in rows(ctx, door, others):
        status, head, answer = door.send(path, headers, body)
        if service == "kms":
            assert (status, answer.get("__type")) == (400, code), (says, status, answer)
            identifier, told = head["x-amzn-requestid"], answer["message"]
        else:
            error = answer["error"]
            assert (status, error["code"]) == (401, "unauthenticated"), (says, status, answer)
            assert head["www-authenticate"] == "AWS4-HMAC-SHA256", says
            identifier, told = head["x-request-id"], error["message"]
        uuid.UUID(identifier)
        if entry:
            expected.append((identifier, entry))
            # One answer for one reason: what else is known of the credential does not show.
            assert bodies.setdefault(entry, answer) == answer, (says, answer)
        assert "secret" not in told.lower() or entry == "bad-signature", (says, told)
    settled(ctx)
    made = [(e["request"], e["action"], e["outcome"], e["code"]) for e in show(ctx, first)]
    known = [(identifier, "strongroom:Identify", "denied", code) for identifier, code in expected]
    assert made == known, (made, known)
    assert len(known) > 20, known
    return bodies


def test_a_credential_that_fails_is_refused_and_recorded_at_the_aws_door(ctx):
    bodies = refusals(ctx, "kms")
    assert bodies["unknown-credential"]["__type"] == UNKNOWN


def test_a_credential_that_fails_is_refused_and_recorded_at_the_native_door(ctx):
    refusals(ctx, "strongroom")


def test_no_operation_is_tried_for_who_is_not_known(ctx):
    operations = ctx.kms.meta.service_model.operation_names
    assert len(operations) > 50
    wrong = (ctx.access_key_id, "x" * 40)
    before = ctx.kms.list_keys()["Keys"]
    for operation in operations:
        door = Door(ctx, "kms")
        door.headers["X-Amz-Target"] = f"TrentService.{operation}"
        _, headers = door.signed(who=wrong)
        for code, tried in ((INVALID, headers), (MISSING, headers[:1])):
            status, _, body = door.send("/", tried)
            assert (status, body["__type"]) == (400, code), (operation, status, body)
    assert ctx.kms.list_keys()["Keys"] == before


def test_who_is_not_known_reaches_health_and_unsealing_and_nothing_else(ctx):
    door = Door(ctx, "strongroom")
    door.path, door.body = "/api/v1/openapi.json", b""
    status, _, described = door.send(*door.signed())
    assert status == 200, described
    paths = {path.replace("{", "").replace("}", "") for path in described["paths"]}
    assert len(paths) > 10, paths
    paths |= {path + end for path in paths for end in ("/", "/.", "//", ";x", "%2f", "%00", ".json")}
    paths |= {path.replace("/api/v1", prefix) for path in paths for prefix in ("/API/v1", "//api/v1")}
    paths |= {"/", "/healthz", "/readyz", "/metrics", "/api", "/api/v1", "/api/v1/", "/acme", "/x"}
    paths |= {"/healthz/", "/healthz/..", "/./healthz", "/Healthz", "//healthz", "/readyz/x"}
    host = [("Host", urllib.parse.urlsplit(ctx.endpoint).netloc)]
    methods = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")
    before = settled(ctx)
    reached = set()
    for path, method in itertools.product(sorted(paths), methods):
        status, _, _ = send(ctx, method, path, b"{}" if method == "POST" else b"", host)
        assert status < 500, (method, path, status)
        if status < 400:
            reached.add((method, path))
    public = {("GET", "/healthz"), ("GET", "/readyz"), ("POST", "/api/v1/unseal")}
    assert reached == public, reached
    assert settled(ctx) == before, "nothing was done, and nothing is to be told"


def test_what_an_account_does_not_have_is_denied_alike_whether_it_is_there(ctx):
    key = ctx.kms.create_key()["KeyMetadata"]["KeyId"]
    nothing = statement("Allow", "kms:ListKeys")
    limited = ctx.client_for(nothing)
    said = []
    for name in (key, str(uuid.uuid4()), "alias/nothing-here"):
        for call in (limited.describe_key, limited.get_public_key):
            said.append(ctx.refused("AccessDeniedException", call, KeyId=name)["Message"])
    assert len(set(said)) == 2, said


def test_a_client_certificate_is_no_credential_at_the_aws_door(ctx):
    certificate = Certificate(ctx)
    register(ctx, certificate, statement("Allow", "*"))
    connection = Connection(ctx, certificate)
    assert connection.ask()[0] == 200, "it is one at the native door"
    headers = {"Content-Type": AMZ_JSON, "X-Amz-Target": "TrentService.ListKeys"}
    status, body = connection.ask("/", "POST", "{}", headers)
    assert (status, body["__type"]) == (400, MISSING), body
    wrong = (ctx.access_key_id, "x" * 40)
    door = Door(ctx, "kms")
    status, body = connection.ask("/", "POST", door.body, dict(door.signed(who=wrong)[1]))
    assert (status, body["__type"]) == (400, INVALID), body
