"""The edge of the AWS door: who may speak at all, and what a request must look like.

The signer below is independent of botocore's, so that a test can sign what a client never would.
"""

import datetime
import hashlib
import hmac
import http.client
import json
import ssl
import urllib.parse
import uuid

TARGET = "TrentService.ListKeys"


def send(ctx, method="POST", path="/", body=b"{}", headers=()):
    """One request on its own connection: status, headers, body (as JSON when it is an object)."""
    place = urllib.parse.urlsplit(ctx.endpoint)
    trust = ssl.create_default_context(cafile=ctx.ca_file)
    connection = http.client.HTTPSConnection(place.hostname, place.port, context=trust, timeout=30)
    try:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in headers or [("host", place.netloc)]:
            connection.putheader(name, value)
        connection.putheader("content-length", str(len(body)))
        connection.endheaders(body)
        reply = connection.getresponse()
        content = reply.read()
        return reply.status, reply.headers, json.loads(content) if content[:1] == b"{" else content
    finally:
        connection.close()


def signed(ctx, body=b"{}", target=TARGET, minutes=0, service="kms", leave_out=(), **change):
    """Signed headers of a request, `minutes` from now, with some left out of the signature."""
    now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=minutes)
    stamp = now.strftime("%Y%m%dT%H%M%SZ")
    date = stamp[:8]
    headers = [
        ("content-type", "application/x-amz-json-1.1"),
        ("host", urllib.parse.urlsplit(ctx.endpoint).netloc),
        ("x-amz-date", stamp),
        ("x-amz-target", target),
    ]
    listed = [(name, value) for name, value in headers if name not in leave_out]
    names = ";".join(name for name, _ in listed)
    canonical = "\n".join(
        ["POST", "/", ""]
        + [f"{name}:{value}" for name, value in listed]
        + ["", names, hashlib.sha256(body).hexdigest()]
    )
    scope = f"{date}/{change.get('region', ctx.region)}/{service}/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    key = ("AWS4" + change.get("secret", ctx.secret_access_key)).encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{digest}"
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    key_id = change.get("key_id", ctx.access_key_id)
    authorization = (
        f"AWS4-HMAC-SHA256 Credential={key_id}/{scope}, SignedHeaders={names}, "
        f"Signature={signature}"
    )
    return [*headers, ("authorization", authorization)]


def answers(ctx, code, headers, status=400, **request):
    """Sends the request and has it refused with this code."""
    got, head, body = send(ctx, headers=headers, **request)
    assert (got, body.get("__type")) == (status, code), (got, body)
    assert head["content-type"] == "application/x-amz-json-1.1"
    uuid.UUID(head["x-amzn-requestid"])
    return body


def test_a_signed_request_is_answered_with_its_id(ctx):
    status, head, body = send(ctx, headers=signed(ctx))
    assert status == 200 and "Keys" in body, (status, body)
    assert head["content-type"] == "application/x-amz-json-1.1"
    uuid.UUID(head["x-amzn-requestid"])


def test_an_unsigned_request_is_refused(ctx):
    answers(ctx, "MissingAuthenticationTokenException", None)


def test_a_malformed_authorization_is_refused(ctx):
    for text in ("Basic Og==", "AWS4-HMAC-SHA256 Credential=x", "AWS4-HMAC-SHA256"):
        headers = signed(ctx)[:-1] + [("authorization", text)]
        answers(ctx, "IncompleteSignature", headers)


def test_a_changed_body_or_target_or_date_is_refused(ctx):
    headers = signed(ctx)
    answers(ctx, "InvalidSignatureException", headers, body=b'{"Limit":1}')
    other = [(n, "TrentService.ListAliases" if n == "x-amz-target" else v) for n, v in headers]
    answers(ctx, "InvalidSignatureException", other)
    later = [(n, v[:-2] + "9Z" if n == "x-amz-date" and v[-2] != "9" else v) for n, v in headers]
    if later != headers:
        answers(ctx, "InvalidSignatureException", later)


def test_a_header_outside_the_signature_is_refused(ctx):
    for name in ("host", "x-amz-target", "x-amz-date"):
        answers(ctx, "InvalidSignatureException", signed(ctx, leave_out=(name,)))


def test_an_old_or_early_signature_is_refused(ctx):
    code = "InvalidSignatureException"
    assert "expired" in answers(ctx, code, signed(ctx, minutes=-16))["message"]
    assert "not yet" in answers(ctx, code, signed(ctx, minutes=16))["message"]
    for minutes in (-14, 14):
        assert send(ctx, headers=signed(ctx, minutes=minutes))[0] == 200


def test_a_wrong_secret_is_refused(ctx):
    answers(ctx, "InvalidSignatureException", signed(ctx, secret="x" * 40))


def test_an_unknown_access_key_is_refused(ctx):
    answers(ctx, "UnrecognizedClientException", signed(ctx, key_id="AKIAXXXXXXXXXXXXXXXX"))


def test_a_scope_of_another_service_is_refused(ctx):
    answers(ctx, "InvalidSignatureException", signed(ctx, service="s3"))


def test_a_scope_of_another_region_is_refused(ctx):
    answers(ctx, "InvalidSignatureException", signed(ctx, region="xx-nowhere-9"))


def test_a_session_token_that_is_not_signed_is_refused(ctx):
    headers = signed(ctx) + [("x-amz-security-token", "token")]
    answers(ctx, "InvalidSignatureException", headers)


def test_an_unknown_operation_is_told_so(ctx):
    target = "TrentService.MakeCoffee"
    answers(ctx, "UnknownOperationException", signed(ctx, target=target))
    answers(ctx, "UnknownOperationException", signed(ctx, target="ListKeys"))


def test_identity_comes_before_content(ctx):
    body = b"this is not JSON"
    answers(ctx, "SerializationException", signed(ctx, body), body=body)
    answers(ctx, "InvalidSignatureException", signed(ctx, body, secret="x" * 40), body=body)


def test_what_is_not_json_of_the_input_is_refused(ctx):
    for body in (b"[]", b'{"Limit":"1"}', b'{"Limit":1', b'{"Limit":1.5}', b'{"A":' + b"[" * 99):
        answers(ctx, "SerializationException", signed(ctx, body), body=body)


def test_members_that_are_not_known_are_ignored(ctx):
    body = b'{"Limit":1,"Colour":{"red":[1,2]}}'
    assert send(ctx, headers=signed(ctx, body), body=body)[0] == 200


def test_only_post_is_taken(ctx):
    for method in ("GET", "PUT", "DELETE"):
        status, _, body = send(ctx, method=method, body=b"")
        assert status in (404, 405), (method, status, body)


def test_a_body_beyond_the_limit_is_refused(ctx):
    body = b'{"Limit":1,"Padding":"' + b"x" * (1 << 20) + b'"}'
    try:
        status, _, _ = send(ctx, headers=signed(ctx, body), body=body)
    except (ConnectionError, ssl.SSLError, http.client.HTTPException):
        return  # It hung up before it had all of it.
    assert status in (400, 413), status
