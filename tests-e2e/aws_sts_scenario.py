"""The Security Token Service, as the SDKs' default credential chain knows it: nothing but a profile,
or a token in a file, and environment variables.
"""

import base64
import contextlib
import itertools
import json
import os
import pathlib
import tempfile
import time
from unittest import mock

import boto3
from audit_scenario import settled, show
from botocore.config import Config
from botocore.exceptions import ClientError
from clock_scenario import LIBRARY, Server
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from init_scenario import Site
from run import statement

NUMBERS = itertools.count(1)
AUDIENCE = "sts.amazonaws.com"
SUBJECT = "system:serviceaccount:prod:payments"
NOT_REPEATED = Config(retries={"total_max_attempts": 1}, proxies={})
USE = statement("Allow", ["kms:Encrypt", "kms:Decrypt", "kms:CreateKey"])


def in_file(ctx, name, content):
    """The path of a file with this content: a text, or what becomes JSON."""
    path = pathlib.Path(ctx.directory) / f"sts-{next(NUMBERS)}-{name}"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(path)


def trust(principal, action="sts:AssumeRole", **condition):
    """A trust policy of one statement."""
    one = {"Effect": "Allow", "Principal": principal, "Action": action}
    if condition:
        one["Condition"] = {"StringEquals": condition}
    return {"Version": "2012-10-17", "Statement": [one]}


def make_role(ctx, trusts, policy=USE, *more):
    """A new role: its name and ARN."""
    name = f"role-{next(NUMBERS)}"
    files = ["--trust", in_file(ctx, "trust.json", trusts)]
    files += ["--policy", in_file(ctx, "policy.json", policy)]
    made = json.loads(ctx.command("role", "create", name, *files, *more))
    assert made["arn"] == f"arn:aws:iam::{ctx.account}:role/{name}", made
    return name, made["arn"]


def client(ctx, service, credentials=None):
    """A client with these credentials (as STS answers them), or the administrator's."""
    given = {
        "aws_access_key_id": ctx.access_key_id,
        "aws_secret_access_key": ctx.secret_access_key,
    }
    if credentials:
        given = {
            "aws_access_key_id": credentials["AccessKeyId"],
            "aws_secret_access_key": credentials["SecretAccessKey"],
            "aws_session_token": credentials["SessionToken"],
        }
    return boto3.client(
        service,
        endpoint_url=ctx.endpoint,
        region_name=ctx.region,
        verify=ctx.ca_file,
        config=NOT_REPEATED,
        **given,
    )


@contextlib.contextmanager
def environment(ctx, **variables):
    """Nothing in the environment but this, and where the server is."""
    said = {
        "HOME": str(ctx.directory),
        "AWS_ENDPOINT_URL_STS": ctx.endpoint,
        "AWS_ENDPOINT_URL_KMS": ctx.endpoint,
        "AWS_CA_BUNDLE": ctx.ca_file,
        "AWS_DEFAULT_REGION": ctx.region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_SHARED_CREDENTIALS_FILE": "/nowhere",
        "AWS_CONFIG_FILE": "/nowhere",
        **variables,
    }
    with mock.patch.dict(os.environ, said, clear=True):
        yield


def uses_a_key(ctx, session):
    """An application that knows nothing of Strongroom: it encrypts and decrypts, and asks who it is."""
    key = ctx.kms.create_key()["KeyMetadata"]["KeyId"]
    kms = session.client("kms")
    sealed = kms.encrypt(KeyId=key, Plaintext=b"secret")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"secret"
    return session.client("sts").get_caller_identity()


def refused(code, call, **parameters):
    """Sees that a call is refused with this code; the error's message."""
    try:
        answer = call(**parameters)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
        return error.response["Error"].get("Message", "")
    raise AssertionError(f"{code} expected: {answer}")


class Issuer:
    """An OpenID Connect provider, whose keys the server has been given."""

    def __init__(self, ctx, audience=AUDIENCE):
        self.ctx = ctx
        self.address = f"oidc.example/id/{next(NUMBERS)}"
        self.arn = f"arn:aws:iam::{ctx.account}:oidc-provider/{self.address}"
        self.rotate()
        line = ["issuer", "register", f"https://{self.address}", "--audience", audience]
        registered = json.loads(ctx.command(*line, "--jwks", self.jwks))
        assert registered["arn"] == self.arn, registered

    def rotate(self):
        """New keys, which the server does not know yet."""
        self.rsa = rsa.generate_private_key(65537, 2048)
        self.ec = ec.generate_private_key(ec.SECP256R1())
        numbers, point = self.rsa.public_key().public_numbers(), self.ec.public_key().public_numbers()
        keys = [
            {"kty": "RSA", "kid": "r", "use": "sig", "alg": "RS256"}
            | {"n": b64(numbers.n.to_bytes(256)), "e": b64(numbers.e.to_bytes(3))},
            {"kty": "EC", "kid": "e", "crv": "P-256"}
            | {"x": b64(point.x.to_bytes(32)), "y": b64(point.y.to_bytes(32))},
            {"kty": "OKP", "kid": "o", "crv": "Ed25519", "x": b64(bytes(32))},
        ]
        self.jwks = in_file(self.ctx, "jwks.json", {"keys": keys})

    def token(self, alg="ES256", kid=None, **claims):
        """A token; what is said of a claim or of the algorithm is believed."""
        now = int(time.time())
        said = {"iss": f"https://{self.address}", "sub": SUBJECT, "aud": AUDIENCE}
        said |= {"iat": now, "exp": now + 600} | claims
        header = {"alg": alg, "typ": "JWT", "kid": kid or {"RS256": "r"}.get(alg, "e")}
        text = ".".join(b64(json.dumps(part).encode()) for part in (header, said))
        return f"{text}.{b64(self.sign(alg, text.encode()))}"

    def sign(self, alg, text):
        if alg == "RS256":
            return self.rsa.sign(text, padding.PKCS1v15(), hashes.SHA256())
        if alg == "none":
            return b""
        r, s = decode_dss_signature(self.ec.sign(text, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)


def b64(content):
    """In base64url, without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def federated(issuer, **claims):
    """A trust policy for whom an issuer vouches, under conditions on its claims."""
    conditions = {f"{issuer.address}:{name}": value for name, value in claims.items()}
    return trust({"Federated": issuer.arn}, "sts:AssumeRoleWithWebIdentity", **conditions)


def test_who_one_is_needs_no_permission(ctx):
    sts = client(ctx, "sts")
    who = sts.get_caller_identity()
    assert who["Account"] == ctx.account and who["Arn"].endswith(":user/admin"), who
    assert who["UserId"].startswith("AIDA"), who
    user = ctx.principal(statement("Deny", "*"))
    credentials = {"AccessKeyId": user.access_key_id, "SecretAccessKey": user.secret_access_key}
    sts = client(ctx, "sts", {**credentials, "SessionToken": None})
    assert sts.get_caller_identity()["Arn"] == user.arn
    # As older clients sign who ask AWS's one STS of all regions.
    elsewhere = boto3.client(
        "sts",
        endpoint_url=ctx.endpoint,
        region_name="us-east-1",
        verify=ctx.ca_file,
        aws_access_key_id=user.access_key_id,
        aws_secret_access_key=user.secret_access_key,
        config=NOT_REPEATED,
    )
    assert elsewhere.get_caller_identity()["Arn"] == user.arn


def test_a_profile_with_a_role_is_all_that_an_sdk_needs(ctx):
    user = ctx.principal()
    name, arn = make_role(ctx, trust({"AWS": user.arn}))
    profile = f"[profile app]\nrole_arn = {arn}\nsource_profile = base\nrole_session_name = app-1\n"
    profile += "duration_seconds = 900\n"
    keys = f"aws_access_key_id = {user.access_key_id}\n"
    keys += f"aws_secret_access_key = {user.secret_access_key}\n"
    files = {
        "AWS_CONFIG_FILE": in_file(ctx, "config", profile),
        "AWS_SHARED_CREDENTIALS_FILE": in_file(ctx, "credentials", f"[base]\n{keys}"),
    }
    with environment(ctx, AWS_PROFILE="app", **files):
        who = uses_a_key(ctx, boto3.session.Session())
    expected = f"arn:aws:sts::{ctx.account}:assumed-role/{name}/app-1"
    assert who["Arn"] == expected and who["UserId"].startswith("AROA"), who
    assert who["UserId"].endswith(":app-1"), who


def test_a_token_in_a_file_is_all_that_an_sdk_needs_in_a_pod(ctx):
    issuer = Issuer(ctx)
    name, arn = make_role(ctx, federated(issuer, sub=SUBJECT, aud=AUDIENCE))
    for alg in ("ES256", "RS256"):
        said = {
            "AWS_ROLE_ARN": arn,
            "AWS_WEB_IDENTITY_TOKEN_FILE": in_file(ctx, "token", issuer.token(alg)),
            "AWS_ROLE_SESSION_NAME": "pod-1",
        }
        with environment(ctx, **said):
            who = uses_a_key(ctx, boto3.session.Session())
        assert who["Arn"] == f"arn:aws:sts::{ctx.account}:assumed-role/{name}/pod-1", who


def test_a_session_says_what_it_is_and_the_log_who_began_it(ctx):
    first = settled(ctx)
    issuer = Issuer(ctx)
    _, arn = make_role(ctx, federated(issuer))
    begun = client(ctx, "sts").assume_role_with_web_identity(
        RoleArn=arn, RoleSessionName="told", WebIdentityToken=issuer.token(), DurationSeconds=900
    )
    assert begun["SubjectFromWebIdentityToken"] == SUBJECT and begun["Audience"] == AUDIENCE
    assert begun["Provider"] == issuer.arn
    lasts = begun["Credentials"]["Expiration"].timestamp() - time.time()
    assert 890 < lasts <= 901, lasts
    session = begun["AssumedRoleUser"]["Arn"]
    client(ctx, "kms", begun["Credentials"]).create_key()
    settled(ctx)
    entries = show(ctx, first)
    began = next(e for e in entries if e["action"] == "sts:AssumeRoleWithWebIdentity")
    assert began["principal"] == f"{issuer.arn} {SUBJECT}" and began["door"] == "sts", began
    assert set(began["resources"]) == {arn, session, begun["Credentials"]["AccessKeyId"]}, began
    used = next(e for e in entries if e.get("principal") == session)
    assert used["action"] == "kms:CreateKey", used


def test_a_role_that_is_changed_or_removed_is_so_with_the_next_request(ctx):
    name, arn = make_role(ctx, trust({"AWS": ctx.account}))
    sts = client(ctx, "sts")
    begun = sts.assume_role(RoleArn=arn, RoleSessionName="s1")["Credentials"]
    kms, key = client(ctx, "kms", begun), ctx.kms.create_key()["KeyMetadata"]["KeyId"]
    sealed = kms.encrypt(KeyId=key, Plaintext=b"p")["CiphertextBlob"]
    only = in_file(ctx, "policy.json", statement("Allow", "kms:Encrypt"))
    ctx.command("role", "change", name, "--policy", only, "--max-session", "7200")
    kms.encrypt(KeyId=key, Plaintext=b"p")
    refused("AccessDeniedException", kms.decrypt, CiphertextBlob=sealed)
    sts.assume_role(RoleArn=arn, RoleSessionName="s2", DurationSeconds=7200)
    ctx.command("role", "delete", name)
    refused("UnrecognizedClientException", kms.encrypt, KeyId=key, Plaintext=b"p")
    refused("InvalidClientTokenId", client(ctx, "sts", begun).get_caller_identity)
    refused("AccessDenied", sts.assume_role, RoleArn=arn, RoleSessionName="s3")
    # One that has its name later is another role.
    files = ["--trust", in_file(ctx, "trust.json", trust("*")), "--policy", only]
    ctx.command("role", "create", name, *files)
    refused("UnrecognizedClientException", kms.encrypt, KeyId=key, Plaintext=b"p")
    ctx.command("role", "delete", name)


def test_a_session_policy_narrows(ctx):
    _, arn = make_role(ctx, trust({"AWS": ctx.account}))
    only = json.dumps(statement("Allow", ["kms:Encrypt", "kms:DescribeKey"]))
    begun = client(ctx, "sts").assume_role(RoleArn=arn, RoleSessionName="narrow", Policy=only)
    assert 0 < begun["PackedPolicySize"] <= 100
    kms, key = client(ctx, "kms", begun["Credentials"]), ctx.kms.create_key()["KeyMetadata"]["KeyId"]
    sealed = kms.encrypt(KeyId=key, Plaintext=b"p")["CiphertextBlob"]
    refused("AccessDeniedException", kms.decrypt, CiphertextBlob=sealed)
    # And what the role may not, it does not give.
    refused("AccessDeniedException", kms.describe_key, KeyId=key)
    long = {"RoleArn": arn, "RoleSessionName": "long", "Policy": only + " " * 2048}
    sts = client(ctx, "sts")
    with mock.patch("botocore.validate.ParamValidator.validate") as unchecked:
        unchecked.return_value.has_errors.return_value = False
        refused("PackedPolicyTooLarge", sts.assume_role, **long)
    broken = {"RoleArn": arn, "RoleSessionName": "broken", "Policy": "{}"}
    refused("MalformedPolicyDocument", sts.assume_role, **broken)


def test_key_policies_name_roles_and_sessions(ctx):
    _, arn = make_role(ctx, trust({"AWS": ctx.account}), statement("Allow", "kms:ListKeys"))
    admin = statement("Allow", "kms:*", Principal={"AWS": f"arn:aws:iam::{ctx.account}:root"})

    def key(principal):
        one = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "kms:Encrypt"}
        policy = {**admin, "Statement": admin["Statement"] + [{**one, "Resource": "*"}]}
        return ctx.kms.create_key(Policy=json.dumps(policy))["KeyMetadata"]["KeyId"]

    begun = client(ctx, "sts").assume_role(RoleArn=arn, RoleSessionName="named")
    kms, session = client(ctx, "kms", begun["Credentials"]), begun["AssumedRoleUser"]["Arn"]
    kms.encrypt(KeyId=key(arn), Plaintext=b"p")
    kms.encrypt(KeyId=key(session), Plaintext=b"p")
    other = {"KeyId": key(session.replace("named", "other")), "Plaintext": b"p"}
    refused("AccessDeniedException", kms.encrypt, **other)


def test_a_trust_policy_says_who_and_how(ctx):
    user, other = ctx.principal(), ctx.principal()
    _, arn = make_role(ctx, trust({"AWS": user.arn}, **{"sts:ExternalId": "77"}))

    def sts(of):
        keys = {"AccessKeyId": of.access_key_id, "SecretAccessKey": of.secret_access_key}
        return client(ctx, "sts", {**keys, "SessionToken": None})

    asked = {"RoleArn": arn, "RoleSessionName": "ext"}
    message = refused("AccessDenied", sts(user).assume_role, **asked)
    assert message == f"User: {user.arn} is not authorized to perform: sts:AssumeRole on resource: {arn}"
    refused("AccessDenied", sts(user).assume_role, **asked, ExternalId="78")
    refused("AccessDenied", sts(other).assume_role, **asked, ExternalId="77")
    sts(user).assume_role(**asked, ExternalId="77")
    long = {**asked, "ExternalId": "77", "DurationSeconds": 3601}
    message = refused("ValidationError", sts(user).assume_role, **long)
    assert "MaxSessionDuration" in message, message
    message = refused("ValidationError", sts(user).assume_role, RoleArn=arn, RoleSessionName="a/b")
    assert "'roleSessionName' failed to satisfy constraint" in message, message


def test_tokens_that_prove_nothing_begin_no_session(ctx):
    issuer, other, sts = Issuer(ctx), Issuer(ctx), client(ctx, "sts")
    _, arn = make_role(ctx, federated(issuer, sub=SUBJECT))
    now = int(time.time())

    def tried(code, token, role=arn):
        asked = {"RoleArn": role, "RoleSessionName": "tok", "WebIdentityToken": token}
        return refused(code, sts.assume_role_with_web_identity, **asked)

    assert "audience" in tried("InvalidIdentityToken", issuer.token(aud="other"))
    tried("ExpiredTokenException", issuer.token(exp=now - 1, iat=now - 60))
    tried("InvalidIdentityToken", issuer.token(nbf=now + 600))
    tried("InvalidIdentityToken", issuer.token(iat=now + 600))
    tried("InvalidIdentityToken", issuer.token("none"))
    tried("InvalidIdentityToken", issuer.token("HS256"))
    tried("InvalidIdentityToken", issuer.token("RS256", kid="e"))
    tried("InvalidIdentityToken", issuer.token(kid="unknown"))
    head, claims, signature = issuer.token().split(".")
    tried("InvalidIdentityToken", ".".join((head, b64(b"{}"), signature)))
    forged = json.loads(base64.urlsafe_b64decode(claims + "=="))
    forged = b64(json.dumps({**forged, "sub": "admin"}).encode())
    tried("InvalidIdentityToken", ".".join((head, forged, signature)))
    tried("InvalidIdentityToken", "not.a.token")
    # An issuer of its own making, and one that signs for another.
    tried("InvalidIdentityToken", issuer.token(iss="https://elsewhere.example"))
    tried("InvalidIdentityToken", other.token(iss=f"https://{issuer.address}"))
    # Known, and not trusted.
    message = tried("AccessDenied", issuer.token(sub="another"))
    assert message == "Not authorized to perform sts:AssumeRoleWithWebIdentity", message
    tried("AccessDenied", other.token())
    tried("AccessDenied", issuer.token(), arn + "x")
    # Keys are rotated, and removed with their issuer.
    begin = {"RoleArn": arn, "RoleSessionName": "tok"}
    sts.assume_role_with_web_identity(**begin, WebIdentityToken=issuer.token())
    before = issuer.token()
    issuer.rotate()
    tried("InvalidIdentityToken", issuer.token())
    ctx.command("issuer", "change", f"https://{issuer.address}", "--jwks", issuer.jwks)
    sts.assume_role_with_web_identity(**begin, WebIdentityToken=issuer.token())
    tried("InvalidIdentityToken", before)
    ctx.command("issuer", "remove", f"https://{issuer.address}")
    tried("InvalidIdentityToken", issuer.token())


def test_forged_and_mismatched_session_tokens_are_nobodys(ctx):
    _, arn = make_role(ctx, trust({"AWS": ctx.account}))
    sts = client(ctx, "sts")
    one, two = (
        sts.assume_role(RoleArn=arn, RoleSessionName=name)["Credentials"] for name in ("one", "two")
    )
    own = {"AccessKeyId": ctx.access_key_id, "SecretAccessKey": ctx.secret_access_key}
    token = one["SessionToken"]
    forged = token[:40] + ("A" if token[40] != "A" else "B") + token[41:]
    for credentials in (
        {**one, "SessionToken": two["SessionToken"]},
        {**one, "SessionToken": forged},
        {**one, "SessionToken": "token"},
        {**one, "SessionToken": None},
        {**own, "SessionToken": token},
    ):
        refused("UnrecognizedClientException", client(ctx, "kms", credentials).list_keys)
        refused("InvalidClientTokenId", client(ctx, "sts", credentials).get_caller_identity)
    wrong = {**one, "SecretAccessKey": two["SecretAccessKey"]}
    refused("InvalidSignatureException", client(ctx, "kms", wrong).list_keys)
    refused("SignatureDoesNotMatch", client(ctx, "sts", wrong).get_caller_identity)
    client(ctx, "sts", one).get_caller_identity()


def test_a_session_outlives_a_restart_and_ends_at_its_time(ctx):
    if LIBRARY is None:
        print("skipped: aws_sts_scenario: no `libfaketime` is installed")
        return
    with tempfile.TemporaryDirectory(prefix="strongroom-sts-") as folder:
        site = Site(ctx, folder)
        founded = site.found()

        def at(**credentials):
            place = json.loads((site.data / "admin.json").read_text())
            return mock.Mock(
                endpoint=place["endpoint"],
                region=place["region"],
                account=place["account"],
                ca_file=place["ca_file"],
                access_key_id=founded["access_key_id"],
                secret_access_key=founded["secret_access_key"],
                directory=folder,
            )

        # The shortest session is as long as two clocks may be apart.
        with Server(site, founded, "-14m") as server:
            files = ["--trust", in_file(at(), "trust.json", trust({"AWS": at().account}))]
            arn = server.ask("role", "create", "brief", *files)["arn"]
            asked = {"RoleArn": arn, "RoleSessionName": "brief", "DurationSeconds": 900}
            begun = client(at(), "sts").assume_role(**asked)["Credentials"]
            client(at(), "sts", begun).get_caller_identity()
        with Server(site, founded, ""):
            client(at(), "sts", begun).get_caller_identity()
        with Server(site, founded, "+2m"):
            refused("ExpiredToken", client(at(), "sts", begun).get_caller_identity)
            refused("ExpiredTokenException", client(at(), "kms", begun).list_keys)


def test_the_aws_cli_asks_who_it_is(ctx):
    arn = f"arn:aws:iam::{ctx.account}:user/admin"
    with mock.patch.dict(os.environ, {"AWS_ENDPOINT_URL_STS": ctx.endpoint}):
        who = ctx.aws("sts", "get-caller-identity", "--endpoint-url", ctx.endpoint)
    assert who["Arn"] == arn, who


def test_the_command_line_acts_in_a_session_and_shows_roles_and_issuers(ctx):
    policy = statement("Allow", ["strongroom:ListRoles", "strongroom:GetRole"])
    name, arn = make_role(ctx, trust({"AWS": ctx.account}), policy, "--tag", "team=blue")
    begun = client(ctx, "sts").assume_role(RoleArn=arn, RoleSessionName="line")["Credentials"]
    said = {
        "AWS_ACCESS_KEY_ID": begun["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": begun["SecretAccessKey"],
        "AWS_SESSION_TOKEN": begun["SessionToken"],
    }
    with mock.patch.dict(os.environ, said):
        listed = json.loads(ctx.command("role", "list"))["roles"]
        shown = json.loads(ctx.command("role", "show", name))
    assert arn in [role["arn"] for role in listed], listed
    assert shown["trust"]["Statement"][0]["Action"] == "sts:AssumeRole", shown
    assert shown["policies"] == [policy] and shown["session_seconds_max"] == 3600, shown
    assert shown["tags"] == [{"name": "team", "value": "blue"}], shown
    issuer = Issuer(ctx)
    listed = json.loads(ctx.command("issuer", "list"))["issuers"]
    known = next(entry for entry in listed if entry["arn"] == issuer.arn)
    assert known["keys"] == ["r", "e"] and known["audiences"] == [AUDIENCE], known
