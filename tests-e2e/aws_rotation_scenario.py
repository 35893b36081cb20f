"""A key is rotated, by boto3: what it encrypted stays readable, and what it encrypts is new."""

import concurrent.futures
import datetime

STATE = "KMSInvalidStateException"
UNSUPPORTED = "UnsupportedOperationException"
DAY = datetime.timedelta(days=1)


def new_key(ctx, **parameters):
    return ctx.kms.create_key(**parameters)["KeyMetadata"]


def material(ctx, key):
    return ctx.kms.describe_key(KeyId=key["Arn"])["KeyMetadata"]["CurrentKeyMaterialId"]


def test_what_was_encrypted_before_is_decrypted_after(ctx):
    key = new_key(ctx)
    context = {"purpose": "rotation"}
    made, materials = [], []
    for number in range(4):
        plain = f"text {number}".encode()
        sealed = ctx.kms.encrypt(KeyId=key["KeyId"], Plaintext=plain, EncryptionContext=context)
        made.append((plain, sealed["CiphertextBlob"]))
        materials.append(material(ctx, key))
        assert ctx.kms.rotate_key_on_demand(KeyId=key["KeyId"])["KeyId"] == key["Arn"]
    assert len(set(materials)) == 4
    for (plain, blob), known in zip(made, materials):
        opened = ctx.kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)
        assert opened["Plaintext"] == plain and opened["KeyId"] == key["Arn"]
        assert opened["KeyMaterialId"] == known
    # To encrypt it anew is to encrypt it under what the key is now.
    again = ctx.kms.re_encrypt(
        CiphertextBlob=made[0][1],
        SourceEncryptionContext=context,
        DestinationKeyId=key["KeyId"],
    )
    assert again["SourceKeyMaterialId"] == materials[0]
    assert again["DestinationKeyMaterialId"] == material(ctx, key)


def test_rotations_are_listed(ctx):
    key = new_key(ctx)["KeyId"]
    assert ctx.kms.list_key_rotations(KeyId=key)["Rotations"] == []
    for _ in range(3):
        ctx.kms.rotate_key_on_demand(KeyId=key)
    pages = ctx.kms.get_paginator("list_key_rotations").paginate(
        KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL", PaginationConfig={"PageSize": 2}
    )
    pages = [page["Rotations"] for page in pages]
    assert [len(page) for page in pages] == [2, 2]
    every = [entry for page in pages for entry in page]
    assert [entry["KeyMaterialState"] for entry in every] == ["NON_CURRENT"] * 3 + ["CURRENT"]
    assert "RotationDate" not in every[0]
    assert [entry["RotationType"] for entry in every[1:]] == ["ON_DEMAND"] * 3
    assert len({entry["KeyMaterialId"] for entry in every}) == 4
    assert len(ctx.kms.list_key_rotations(KeyId=key)["Rotations"]) == 3
    ctx.refused("InvalidMarkerException", ctx.kms.list_key_rotations, KeyId=key, Marker="nonsense")


def test_a_key_is_rotated_by_itself_when_that_is_asked_for(ctx):
    key = new_key(ctx)["KeyId"]
    status = ctx.kms.get_key_rotation_status(KeyId=key)
    assert not status["KeyRotationEnabled"] and "NextRotationDate" not in status
    for days, period in (({}, 365), ({"RotationPeriodInDays": 90}, 90)):
        ctx.kms.enable_key_rotation(KeyId=key, **days)
        status = ctx.kms.get_key_rotation_status(KeyId=key)
        assert status["KeyRotationEnabled"] and status["RotationPeriodInDays"] == period
        ahead = status["NextRotationDate"] - datetime.datetime.now(datetime.timezone.utc)
        assert abs(ahead - period * DAY) < DAY
    ctx.kms.disable_key_rotation(KeyId=key)
    assert not ctx.kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]


def test_only_25_rotations_are_asked_for(ctx):
    key = new_key(ctx)
    for _ in range(25):
        ctx.kms.rotate_key_on_demand(KeyId=key["KeyId"])
    try:
        ctx.kms.rotate_key_on_demand(KeyId=key["KeyId"])
    except ctx.kms.exceptions.LimitExceededException as error:
        assert error.response["message"] == (
            "The on-demand rotations limit has been reached for the given keyId. No more "
            f"on-demand rotations can be performed for this key: {key['Arn']}"
        )
    else:
        raise AssertionError("it was rotated")


def test_keys_of_other_kinds_are_not_rotated(ctx):
    others = [
        {"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"},
        {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"},
        {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
    ]
    for parameters in others:
        key = new_key(ctx, **parameters)["KeyId"]
        for method in ("enable_key_rotation", "get_key_rotation_status", "rotate_key_on_demand"):
            ctx.refused(UNSUPPORTED, getattr(ctx.kms, method), KeyId=key)


def test_a_key_is_used_by_many_while_it_is_rotated(ctx):
    key = new_key(ctx)["KeyId"]

    def use(number):
        plain = str(number).encode()
        blob = ctx.kms.encrypt(KeyId=key, Plaintext=plain)["CiphertextBlob"]
        return ctx.kms.decrypt(CiphertextBlob=blob)["Plaintext"] == plain

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        used = pool.map(use, range(400))
        for _ in range(20):
            ctx.kms.rotate_key_on_demand(KeyId=key)
        assert all(used)
