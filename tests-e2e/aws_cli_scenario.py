"""The AWS CLI, unmodified: every operation, with what it answers and what it refuses.

What is needed beforehand is made by boto3, so that every line of the table stands for itself and
several run at the same time. Each operation works, is denied to whoever may not, and is refused for
its key's state, for what it was given or for a limit.
"""

import base64
import concurrent.futures
import copy
import itertools
import json
import pathlib
import shlex

from kms_scenario import NOWHERE, delegation, make, tags
from kms_use_scenario import changed, in_file
from operations_scenario import OPERATIONS

AT_ONCE = 4
NUMBERS = itertools.count(1)
SIGNING = {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}
CODES = {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}
STATE = "KMSInvalidStateException"
# What the CLI that is installed is too old to know.
UNKNOWN_TO_THE_CLI = {"encapsulate", "decapsulate"}


class Ground:
    """Keys, aliases and what keys made: what the lines of the table are about."""

    def __init__(self, ctx):
        self.ctx = ctx
        self.key, self.other, self.disabled, self.pending = (self.new() for _ in range(4))
        # One key for each line that changes its key.
        self.enables, self.disables, self.leaves, self.stays = (self.new() for _ in range(4))
        self.signs, self.codes = self.new(**SIGNING), self.new(**CODES)
        self.rotates = self.new()
        self.number = next(NUMBERS)
        self.moved, self.removed = self.alias("moved"), self.alias("removed")
        for name in (self.moved, self.removed):
            ctx.kms.create_alias(AliasName=name, TargetKeyId=self.key)
        ctx.kms.tag_resource(KeyId=self.key, Tags=tags(team="red", stage="test"))
        sealed = ctx.kms.encrypt(KeyId=self.key, Plaintext=b"p")["CiphertextBlob"]
        self.sealed, self.forged = self.file("sealed", sealed), self.file("forged", changed(sealed))
        spent = ctx.kms.encrypt(KeyId=self.disabled, Plaintext=b"p")["CiphertextBlob"]
        self.sealed_by_disabled = self.file("spent", spent)
        how = {"KeyId": self.signs, "Message": b"m", "SigningAlgorithm": "ECDSA_SHA_256"}
        self.signature = self.file("signature", ctx.kms.sign(**how)["Signature"])
        how = {"KeyId": self.codes, "Message": b"m", "MacAlgorithm": "HMAC_SHA_256"}
        self.code = self.file("code", ctx.kms.generate_mac(**how)["Mac"])
        self.agrees = self.new(KeySpec="ECC_NIST_P256", KeyUsage="KEY_AGREEMENT")
        self.peer = self.file("peer", ctx.kms.get_public_key(KeyId=self.agrees)["PublicKey"])
        self.policy = self.file("policy", delegation(ctx).encode(), "file")
        self.long_policy = self.file("long", delegation(ctx).encode() + b" " * 32_768, "file")
        for name in (self.disabled, self.enables):
            ctx.kms.disable_key(KeyId=name)
        for name in (self.pending, self.stays):
            ctx.kms.schedule_key_deletion(KeyId=name, PendingWindowInDays=7)

    def new(self, **parameters):
        return make(self.ctx, **parameters)["KeyId"]

    def alias(self, name):
        return f"alias/cli/{name}-{self.number}"

    def file(self, name, content, scheme="fileb"):
        """How the CLI is told to read this content from a file."""
        return f"{scheme}://{in_file(self.ctx, f'cli-{name}-{self.number}', content)}"

    def arn(self, key):
        return f"arn:aws:kms:{self.ctx.region}:{self.ctx.account}:key/{key}"


def keys_and_names(on):
    """The first half of the table: a command, its arguments, a part of its answer, and other
    arguments with the exceptions that they get."""
    key, pending = f"--key-id {on.key}", f"--key-id {on.pending}"
    nowhere = f"--key-id {NOWHERE}"
    two_of_a = "TagKey=a,TagValue=1 TagKey=a,TagValue=2"
    return [
        (
            *("create-key", "--key-spec HMAC_256 --key-usage GENERATE_VERIFY_MAC"),
            {"KeyMetadata": {"KeySpec": "HMAC_256", "KeyState": "Enabled"}},
            ("--key-spec AES_1", "ValidationException"),
            ("--origin EXTERNAL", "UnsupportedOperationException"),
            (f"--tags {two_of_a}", "TagException"),
        ),
        (
            *("describe-key", key, {"KeyMetadata": {"Arn": on.arn(on.key)}}),
            (nowhere, "NotFoundException"),
            (f"{key} --grant-tokens token", "InvalidGrantTokenException"),
        ),
        (
            *("list-keys", "--limit 1", {"Truncated": True}),
            ("--limit 1001", "ValidationException"),
            ("--marker nonsense", "InvalidMarkerException"),
        ),
        (
            *("update-key-description", f"{key} --description after", {}),
            (f"{pending} --description after", STATE),
            (f"{key} --description {'d' * 8193}", "ValidationException"),
        ),
        ("enable-key", f"--key-id {on.enables}", {}, (pending, STATE)),
        ("disable-key", f"--key-id {on.disables}", {}, (pending, STATE)),
        (
            *("schedule-key-deletion", f"--key-id {on.leaves} --pending-window-in-days 7"),
            {"KeyId": on.arn(on.leaves), "KeyState": "PendingDeletion"},
            (pending, STATE),
            (f"{key} --pending-window-in-days 31", "ValidationException"),
        ),
        (
            *("cancel-key-deletion", f"--key-id {on.stays}", {"KeyId": on.arn(on.stays)}),
            (key, STATE),
        ),
        (
            *("create-alias", f"--alias-name {on.alias('new')} --target-key-id {on.key}", {}),
            (f"--alias-name {on.moved} --target-key-id {on.other}", "AlreadyExistsException"),
            (f"--alias-name alias/aws/a --target-key-id {on.key}", "InvalidAliasNameException"),
            (f"--alias-name alias/cli/late --target-key-id {on.pending}", STATE),
        ),
        (
            *("update-alias", f"--alias-name {on.moved} --target-key-id {on.other}", {}),
            (f"--alias-name alias/not-there --target-key-id {on.key}", "NotFoundException"),
        ),
        (
            *("delete-alias", f"--alias-name {on.removed}", {}),
            ("--alias-name alias/not-there", "NotFoundException"),
        ),
        ("list-aliases", "--limit 1", {"Truncated": True}, (nowhere, "NotFoundException")),
        (
            *("tag-resource", f"{key} --tags TagKey=team,TagValue=blue", {}),
            (f"{key} --tags TagKey=aws:a,TagValue=b", "TagException"),
            (f"{pending} --tags TagKey=a,TagValue=b", STATE),
        ),
        (
            *("untag-resource", f"{key} --tag-keys stage", {}),
            (f"{pending} --tag-keys stage", STATE),
        ),
        (
            *("list-resource-tags", pending, {"Tags": []}),
            ("--key-id alias/a", "NotFoundException"),
        ),
        (
            *("get-key-policy", key, {"PolicyName": "default"}),
            (f"{key} --policy-name other", "NotFoundException"),
        ),
        (
            *("put-key-policy", f"{key} --policy {on.policy}", {}),
            (f"{key} --policy nonsense", "MalformedPolicyDocumentException"),
            (f"{key} --policy {on.long_policy}", "LimitExceededException"),
        ),
        (
            *("list-key-policies", key, {"PolicyNames": ["default"]}),
            (nowhere, "NotFoundException"),
        ),
        (
            *("enable-key-rotation", f"--key-id {on.rotates} --rotation-period-in-days 90", {}),
            (f"--key-id {on.disabled}", "DisabledException"),
            (f"--key-id {on.signs}", "UnsupportedOperationException"),
        ),
        ("disable-key-rotation", f"--key-id {on.other}", {}, (pending, STATE)),
        (
            *("get-key-rotation-status", f"--key-id {on.other}", {"KeyRotationEnabled": False}),
            (f"--key-id {on.codes}", "UnsupportedOperationException"),
        ),
        (
            *("list-key-rotations", f"--key-id {on.other}", {"Rotations": []}),
            (nowhere, "NotFoundException"),
        ),
        (
            *("rotate-key-on-demand", f"--key-id {on.rotates}", {"KeyId": on.arn(on.rotates)}),
            (pending, STATE),
            (f"--key-id {on.signs}", "UnsupportedOperationException"),
        ),
    ]


def uses(on):
    """The second half of the table."""
    key, disabled = f"--key-id {on.key}", f"--key-id {on.disabled}"
    pending, signs, codes = f"--key-id {on.pending}", f"--key-id {on.signs}", f"--key-id {on.codes}"
    plain = base64.b64encode(b"p").decode()
    own, to_other = {"KeyId": on.arn(on.key)}, f"--destination-key-id {on.other}"
    signing, coding = "--message m --signing-algorithm", "--message m --mac-algorithm"
    agrees, ecdh = f"--key-id {on.agrees}", "--key-agreement-algorithm ECDH"
    ecdsa, hmac = f"{signing} ECDSA_SHA_256", f"{coding} HMAC_SHA_256"
    rows = [
        (
            *("encrypt", f"{key} --plaintext p", {**own, "CiphertextBlob": str}),
            (f"{disabled} --plaintext p", "DisabledException"),
            (f"{pending} --plaintext p", STATE),
            (f"{codes} --plaintext p", "InvalidKeyUsageException"),
            (f"{key} --plaintext {'p' * 4097}", "ValidationException"),
        ),
        (
            *("decrypt", f"--ciphertext-blob {on.sealed}", {**own, "Plaintext": plain}),
            (f"--ciphertext-blob {on.forged}", "InvalidCiphertextException"),
            (f"--ciphertext-blob {on.sealed_by_disabled}", "DisabledException"),
            (f"--ciphertext-blob {on.sealed} --key-id {on.other}", "IncorrectKeyException"),
        ),
        (
            *("re-encrypt", f"--ciphertext-blob {on.sealed} {to_other}"),
            {"SourceKeyId": on.arn(on.key), "KeyId": on.arn(on.other), "CiphertextBlob": str},
            (f"--ciphertext-blob {on.forged} {to_other}", "InvalidCiphertextException"),
            (f"--ciphertext-blob {on.sealed_by_disabled} {to_other}", "DisabledException"),
        ),
        (
            *("generate-random", "--number-of-bytes 32", {"Plaintext": str}),
            ("--number-of-bytes 1025", "ValidationException"),
        ),
        (
            *("get-public-key", signs, {"PublicKey": str, "KeySpec": "ECC_NIST_P256"}),
            (key, "UnsupportedOperationException"),
        ),
        (
            *("sign", f"{signs} {ecdsa}", {"KeyId": on.arn(on.signs), "Signature": str}),
            (f"{signs} {signing} RSASSA_PSS_SHA_256", "InvalidKeyUsageException"),
            (f"{signs} {signing} ROT13", "ValidationException"),
        ),
        (
            *("verify", f"{signs} {ecdsa} --signature {on.signature}", {"SignatureValid": True}),
            (f"{signs} {ecdsa} --signature forged", "KMSInvalidSignatureException"),
        ),
        (
            *("generate-mac", f"{codes} {hmac}", {"KeyId": on.arn(on.codes), "Mac": str}),
            (f"{codes} {coding} HMAC_SHA_512", "InvalidKeyUsageException"),
        ),
        (
            *("verify-mac", f"{codes} {hmac} --mac {on.code}", {"MacValid": True}),
            (f"{codes} {hmac} --mac forged", "KMSInvalidMacException"),
        ),
        (
            *("derive-shared-secret", f"{agrees} {ecdh} --public-key {on.peer}"),
            {"KeyId": on.arn(on.agrees), "SharedSecret": str},
            (f"{signs} {ecdh} --public-key {on.peer}", "InvalidKeyUsageException"),
            (f"{agrees} {ecdh} --public-key nonsense", "ValidationException"),
        ),
    ]
    size, pair = "--number-of-bytes", "--key-pair-spec"
    for without, plaintext in (("", str), ("-without-plaintext", None)):
        rows += [
            (
                *(f"generate-data-key{without}", f"{key} {size} 32"),
                {**own, "CiphertextBlob": str, "Plaintext": plaintext},
                (f"{key} {size} 1025", "ValidationException"),
                (f"{disabled} {size} 32", "DisabledException"),
            ),
            (
                *(f"generate-data-key-pair{without}", f"{key} {pair} ECC_NIST_P256"),
                {**own, "PrivateKeyCiphertextBlob": str, "PrivateKeyPlaintext": plaintext},
                (f"{key} {pair} DES", "ValidationException"),
                (f"{pending} {pair} ECC_NIST_P256", STATE),
            ),
        ]
    return rows


def table(ctx):
    """The ground and the table about it."""
    on = Ground(ctx)
    return on, keys_and_names(on) + uses(on)


def wrong_answer(ctx, command, arguments, expected):
    """What is wrong with the answer to a line, if anything is. `expected` is a part of the answer
    or the name of an exception."""
    name = "".join(word.capitalize() for word in command.split("-"))
    refusal = f"({expected}) when calling the {name} operation"
    try:
        answer = ctx.aws("kms", command, *shlex.split(arguments))
    except AssertionError as error:
        return None if refusal in str(error) else f"expected {expected}: {str(error)[-600:]}"
    if isinstance(expected, dict) and holds(expected, answer):
        return None
    return f"aws kms {command} {arguments[:300]}: expected {expected}, but it said {answer}"


def holds(part, whole):
    """Whether every member of `part` is in `whole`. A type stands for any value of it, `None` for
    a member that must not be there, and no members at all for an empty answer."""
    if isinstance(part, type):
        return isinstance(whole, part)
    if part and isinstance(part, dict) and isinstance(whole, dict):
        return all(holds(value, whole.get(name)) for name, value in part.items())
    return part == whole


def check(ctx, lines):
    """Runs lines of a command, arguments and what is expected, several at the same time."""
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        wrong = list(pool.map(lambda line: wrong_answer(ctx, *line), lines))
    assert not any(wrong), "\n".join(filter(None, wrong))


def test_every_operation_works(ctx):
    on, rows = table(ctx)
    swept = {method for method, *_ in OPERATIONS} - UNKNOWN_TO_THE_CLI
    assert {command.replace("-", "_") for command, *_ in rows} == swept
    check(ctx, [(command, arguments, part) for command, arguments, part, *_ in rows])
    # Most of those that change something answer nothing.
    described = {
        name: ctx.kms.describe_key(KeyId=name)["KeyMetadata"]
        for name in (on.key, on.enables, on.disables, on.leaves, on.stays, on.moved)
    }
    states = [described[key]["KeyState"] for key in (on.enables, on.disables, on.leaves, on.stays)]
    assert states == ["Enabled", "Disabled", "PendingDeletion", "Disabled"]
    assert described[on.key]["Description"] == "after" and described[on.moved]["KeyId"] == on.other
    left = {alias["AliasName"] for alias in ctx.kms.list_aliases(KeyId=on.key)["Aliases"]}
    assert left == {on.alias("new")}
    assert ctx.kms.list_resource_tags(KeyId=on.key)["Tags"] == tags(team="blue")
    policy = ctx.kms.get_key_policy(KeyId=on.key)["Policy"]
    assert json.loads(policy) == json.loads(delegation(ctx))


def test_every_operation_is_denied_to_who_may_not(ctx):
    principal = ctx.principal()
    stranger = copy.copy(ctx)
    stranger.access_key_id = principal.access_key_id
    stranger.secret_access_key = principal.secret_access_key
    _, rows = table(ctx)
    denied = "AccessDeniedException"
    check(stranger, [(command, arguments, denied) for command, arguments, *_ in rows])


def test_every_operation_refuses_what_it_documents(ctx):
    on, rows = table(ctx)
    full = on.new()
    for number in range(50):
        ctx.kms.create_alias(AliasName=on.alias(f"full/{number}"), TargetKeyId=full)
    one_more = f"--alias-name {on.alias('one-more')} --target-key-id {full}"
    lines = [("create-alias", one_more, "LimitExceededException")]
    for command, _, _, *refusals in rows:
        assert refusals, f"{command} refuses nothing"
        lines += [(command, *refusal) for refusal in refusals]
    check(ctx, lines)


def test_encrypt_and_decrypt_a_file(ctx):
    key = ctx.aws("kms", "create-key", "--description", "from the CLI")["KeyMetadata"]
    plain = pathlib.Path(ctx.directory) / "plain"
    plain.write_bytes(bytes(range(256)))
    sealed = ctx.aws(
        *("kms", "encrypt", "--key-id", key["KeyId"], "--plaintext", f"fileb://{plain}"),
        *("--encryption-context", "purpose=test,owner=cli"),
    )
    blob = pathlib.Path(ctx.directory) / "sealed"
    blob.write_bytes(base64.b64decode(sealed["CiphertextBlob"]))
    opened = ctx.aws(
        *("kms", "decrypt", "--ciphertext-blob", f"fileb://{blob}"),
        *("--encryption-context", "owner=cli,purpose=test"),
    )
    assert base64.b64decode(opened["Plaintext"]) == plain.read_bytes()
    assert opened["KeyId"] == key["Arn"]


def test_lists_are_read_to_the_end(ctx):
    made = {make(ctx)["KeyId"] for _ in range(3)}
    ids = [entry["KeyId"] for entry in ctx.aws("kms", "list-keys", "--page-size", "2")["Keys"]]
    assert made <= set(ids) and len(ids) == len(set(ids))


def test_a_refusal_is_printed(ctx):
    try:
        ctx.aws("kms", "describe-key", "--key-id", "nonsense")
    except AssertionError as error:
        assert "(NotFoundException)" in str(error) and "Invalid keyId 'nonsense'" in str(error)
    else:
        raise AssertionError("it should have been refused")
