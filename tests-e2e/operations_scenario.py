"""Every operation, in every state of its key and with every permission missing but one.

The states are those of AWS's table "key states of KMS keys"; an operation that is not in
`OPERATIONS` below fails the first test, so the sweeps leave none out.
"""

import itertools

from kms_scenario import delegation, make, tags

OK, DISABLED, STATE = None, "DisabledException", "KMSInvalidStateException"
NUMBERS = itertools.count(1)
KINDS = {
    "symmetric": {},
    "signing": {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"},
    "mac": {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
    "agreeing": {"KeySpec": "ECC_NIST_P256", "KeyUsage": "KEY_AGREEMENT"},
    "encapsulating": {"KeySpec": "ML_KEM_768", "KeyUsage": "ENCAPSULATE_DECAPSULATE"},
}


class Subject:
    """A new key of a kind, with what it made while it was enabled."""

    def __init__(self, ctx, kind):
        self.key = make(ctx, Tags=tags(team="red"), **KINDS[kind])["KeyId"]
        self.other = make(ctx, **KINDS[kind])["KeyId"]
        number = next(NUMBERS)
        self.new_alias = f"alias/sweep/new-{number}"
        self.alias = f"alias/sweep/own-{number}"
        self.other_alias = f"alias/sweep/other-{number}"
        ctx.kms.create_alias(AliasName=self.alias, TargetKeyId=self.key)
        ctx.kms.create_alias(AliasName=self.other_alias, TargetKeyId=self.other)
        self.policy = delegation(ctx)
        if kind == "symmetric":
            self.blob = ctx.kms.encrypt(KeyId=self.key, Plaintext=b"p")["CiphertextBlob"]
        elif kind == "signing":
            self.signature = ctx.kms.sign(KeyId=self.key, **SIGNED)["Signature"]
        elif kind == "agreeing":
            self.peer = ctx.kms.get_public_key(KeyId=self.other)["PublicKey"]
        elif kind == "encapsulating":
            made = ctx.kms.encapsulate(KeyId=self.key, **KEM)
            self.encapsulation = made["SharedSecretCiphertextBlob"]
        else:
            self.code = ctx.kms.generate_mac(KeyId=self.key, **CODED)["Mac"]


SIGNED = {"Message": b"m", "SigningAlgorithm": "ECDSA_SHA_256"}
CODED = {"Message": b"m", "MacAlgorithm": "HMAC_SHA_256"}
ECDH = {"KeyAgreementAlgorithm": "ECDH"}
KEM = {"EncapsulationAlgorithm": "ML_KEM"}
AES = {"KeySpec": "AES_256"}
PAIR = {"KeyPairSpec": "ECC_NIST_P256"}


def on_key(**more):
    """Parameters that are the subject's key and these."""
    return lambda subject: {"KeyId": subject.key, **more}


def without_key(**all_of_them):
    """Parameters that have nothing to do with the subject."""
    return lambda subject: all_of_them


# The method, its kind of key, its parameters, and what it answers of a key that is disabled and of
# one that waits to be deleted.
OPERATIONS = [
    ("create_key", "symmetric", without_key(), OK, OK),
    ("list_keys", "symmetric", without_key(), OK, OK),
    ("generate_random", "symmetric", without_key(NumberOfBytes=1), OK, OK),
    ("describe_key", "symmetric", on_key(), OK, OK),
    ("update_key_description", "symmetric", on_key(Description="d"), OK, STATE),
    ("enable_key", "symmetric", on_key(), OK, STATE),
    ("disable_key", "symmetric", on_key(), OK, STATE),
    ("schedule_key_deletion", "symmetric", on_key(), OK, STATE),
    ("cancel_key_deletion", "symmetric", on_key(), STATE, OK),
    (
        *("create_alias", "symmetric"),
        lambda subject: {"AliasName": subject.new_alias, "TargetKeyId": subject.key},
        *(OK, STATE),
    ),
    (
        *("update_alias", "symmetric"),
        lambda subject: {"AliasName": subject.other_alias, "TargetKeyId": subject.key},
        *(OK, STATE),
    ),
    ("delete_alias", "symmetric", lambda subject: {"AliasName": subject.alias}, OK, OK),
    ("list_aliases", "symmetric", on_key(), OK, OK),
    ("tag_resource", "symmetric", on_key(Tags=tags(team="blue")), OK, STATE),
    ("untag_resource", "symmetric", on_key(TagKeys=["team"]), OK, STATE),
    ("list_resource_tags", "symmetric", on_key(), OK, OK),
    ("get_key_policy", "symmetric", on_key(), OK, OK),
    (
        *("put_key_policy", "symmetric"),
        lambda subject: {
            "KeyId": subject.key,
            "Policy": subject.policy,
            "BypassPolicyLockoutSafetyCheck": True,
        },
        *(OK, OK),
    ),
    ("list_key_policies", "symmetric", on_key(), OK, OK),
    ("encrypt", "symmetric", on_key(Plaintext=b"p"), DISABLED, STATE),
    (
        *("decrypt", "symmetric"),
        lambda subject: {"CiphertextBlob": subject.blob},
        *(DISABLED, STATE),
    ),
    (
        *("re_encrypt", "symmetric"),
        lambda subject: {"CiphertextBlob": subject.blob, "DestinationKeyId": subject.other},
        *(DISABLED, STATE),
    ),
    ("generate_data_key", "symmetric", on_key(**AES), DISABLED, STATE),
    ("generate_data_key_without_plaintext", "symmetric", on_key(**AES), DISABLED, STATE),
    ("generate_data_key_pair", "symmetric", on_key(**PAIR), DISABLED, STATE),
    ("generate_data_key_pair_without_plaintext", "symmetric", on_key(**PAIR), DISABLED, STATE),
    ("get_public_key", "signing", on_key(), DISABLED, STATE),
    ("sign", "signing", on_key(**SIGNED), DISABLED, STATE),
    (
        *("verify", "signing"),
        lambda subject: {"KeyId": subject.key, "Signature": subject.signature, **SIGNED},
        *(DISABLED, STATE),
    ),
    ("generate_mac", "mac", on_key(**CODED), DISABLED, STATE),
    (
        *("verify_mac", "mac"),
        lambda subject: {"KeyId": subject.key, "Mac": subject.code, **CODED},
        *(DISABLED, STATE),
    ),
    (
        *("derive_shared_secret", "agreeing"),
        lambda subject: {"KeyId": subject.key, "PublicKey": subject.peer, **ECDH},
        *(DISABLED, STATE),
    ),
    ("encapsulate", "encapsulating", on_key(**KEM), DISABLED, STATE),
    (
        *("decapsulate", "encapsulating"),
        lambda subject: {
            "KeyId": subject.key,
            "SharedSecretCiphertextBlob": subject.encapsulation,
            **KEM,
        },
        *(DISABLED, STATE),
    ),
    ("enable_key_rotation", "symmetric", on_key(), DISABLED, STATE),
    ("disable_key_rotation", "symmetric", on_key(), DISABLED, STATE),
    ("get_key_rotation_status", "symmetric", on_key(), OK, OK),
    ("list_key_rotations", "symmetric", on_key(), OK, OK),
    ("rotate_key_on_demand", "symmetric", on_key(), DISABLED, STATE),
]

# Where AWS asks for other rights than the one that has the operation's name.
RIGHTS = {"ReEncrypt": ["kms:ReEncryptFrom", "kms:ReEncryptTo"]}


def rights(ctx, method):
    """The actions that an operation needs."""
    name = ctx.kms.meta.method_to_api_mapping[method]
    return RIGHTS.get(name, [f"kms:{name}"])


def expect(ctx, code, client, method, parameters):
    if code is None:
        getattr(client, method)(**parameters)
    else:
        ctx.refused(code, getattr(client, method), **parameters)


def test_the_sweeps_leave_no_operation_out(ctx):
    """What the server does not know, it says so; all else is swept."""
    swept = {method for method, *_ in OPERATIONS}
    for method in ctx.kms.meta.method_to_api_mapping:
        if method not in swept:
            unchecked = getattr(ctx.unchecked, method)
            ctx.refused("UnknownOperationException", unchecked)


def test_every_operation_on_an_enabled_key(ctx):
    for method, kind, parameters, _, _ in OPERATIONS:
        expected = STATE if method == "cancel_key_deletion" else OK
        expect(ctx, expected, ctx.kms, method, parameters(Subject(ctx, kind)))


def test_every_operation_on_a_disabled_key(ctx):
    for method, kind, parameters, expected, _ in OPERATIONS:
        subject = Subject(ctx, kind)
        ctx.kms.disable_key(KeyId=subject.key)
        expect(ctx, expected, ctx.kms, method, parameters(subject))


def test_every_operation_on_a_key_that_waits_to_be_deleted(ctx):
    for method, kind, parameters, _, expected in OPERATIONS:
        subject = Subject(ctx, kind)
        ctx.kms.schedule_key_deletion(KeyId=subject.key, PendingWindowInDays=7)
        expect(ctx, expected, ctx.kms, method, parameters(subject))


def test_an_alias_can_leave_a_key_that_waits_to_be_deleted(ctx):
    subject = Subject(ctx, "symmetric")
    ctx.kms.schedule_key_deletion(KeyId=subject.key, PendingWindowInDays=7)
    ctx.kms.update_alias(AliasName=subject.alias, TargetKeyId=subject.other)


def test_each_right_allows_its_operation_and_nothing_else_does(ctx):
    for method, kind, parameters, _, _ in OPERATIONS:
        subject = Subject(ctx, kind)
        if method == "cancel_key_deletion":
            ctx.kms.schedule_key_deletion(KeyId=subject.key, PendingWindowInDays=7)
        needed = rights(ctx, method)
        only = {"Effect": "Allow", "Action": needed, "Resource": "*"}
        others = {"Effect": "Allow", "NotAction": needed, "Resource": "*"}
        without = ctx.client_for({"Version": "2012-10-17", "Statement": [others]})
        given = parameters(subject)
        ctx.refused("AccessDeniedException", getattr(without, method), **given)
        allowed = ctx.client_for({"Version": "2012-10-17", "Statement": [only]})
        expect(ctx, OK, allowed, method, given)


def test_an_explicit_deny_wins(ctx):
    allow = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}
    deny = {**allow, "Effect": "Deny"}
    client = ctx.client_for({"Version": "2012-10-17", "Statement": [allow, deny]})
    for method, kind, parameters, _, _ in OPERATIONS:
        given = parameters(Subject(ctx, kind))
        ctx.refused("AccessDeniedException", getattr(client, method), **given)
