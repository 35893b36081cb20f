"""The AWS CLI, unmodified: the lines that a person types."""

import base64
import pathlib


def test_encrypt_and_decrypt_a_file(ctx):
    key = ctx.aws("kms", "create-key", "--description", "from the CLI")["KeyMetadata"]
    assert key["Description"] == "from the CLI" and key["KeyState"] == "Enabled"
    ctx.aws("kms", "create-alias", "--alias-name", "alias/cli", "--target-key-id", key["KeyId"])
    plain = pathlib.Path(ctx.directory) / "plain"
    plain.write_bytes(bytes(range(256)))
    sealed = ctx.aws(
        *("kms", "encrypt", "--key-id", "alias/cli", "--plaintext", f"fileb://{plain}"),
        *("--encryption-context", "purpose=test,owner=cli"),
    )
    assert sealed["KeyId"] == key["Arn"]
    blob = pathlib.Path(ctx.directory) / "sealed"
    blob.write_bytes(base64.b64decode(sealed["CiphertextBlob"]))
    opened = ctx.aws(
        *("kms", "decrypt", "--ciphertext-blob", f"fileb://{blob}"),
        *("--encryption-context", "owner=cli,purpose=test"),
    )
    assert base64.b64decode(opened["Plaintext"]) == plain.read_bytes()
    assert opened["KeyId"] == key["Arn"]


def test_sign_and_verify(ctx):
    key = ctx.aws("kms", "create-key", "--key-spec", "ECC_NIST_P256", "--key-usage", "SIGN_VERIFY")
    common = ("--key-id", key["KeyMetadata"]["KeyId"], "--signing-algorithm", "ECDSA_SHA_256")
    message = pathlib.Path(ctx.directory) / "message"
    message.write_bytes(b"the message")
    signed = ctx.aws("kms", "sign", *common, "--message", f"fileb://{message}")
    signature = pathlib.Path(ctx.directory) / "signature"
    signature.write_bytes(base64.b64decode(signed["Signature"]))
    files = ("--message", f"fileb://{message}", "--signature", f"fileb://{signature}")
    assert ctx.aws("kms", "verify", *common, *files)["SignatureValid"] is True


def test_lists_and_tags(ctx):
    key = ctx.aws("kms", "create-key", "--tags", "TagKey=team,TagValue=blue")["KeyMetadata"]
    tags = ctx.aws("kms", "list-resource-tags", "--key-id", key["KeyId"])["Tags"]
    assert tags == [{"TagKey": "team", "TagValue": "blue"}]
    ids = [entry["KeyId"] for entry in ctx.aws("kms", "list-keys", "--page-size", "2")["Keys"]]
    assert key["KeyId"] in ids and len(ids) == len(set(ids))


def test_a_refusal_is_printed(ctx):
    try:
        ctx.aws("kms", "describe-key", "--key-id", "nonsense")
    except AssertionError as error:
        assert "(NotFoundException)" in str(error) and "Invalid keyId 'nonsense'" in str(error)
    else:
        raise AssertionError("it should have been refused")
