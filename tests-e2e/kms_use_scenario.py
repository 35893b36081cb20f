"""What keys are used for, through boto3: encryption, data keys, random bytes, signatures, codes.

Where a public key leaves the server, OpenSSL is the second opinion.
"""

import hashlib
import pathlib
import subprocess

from kms_scenario import NOWHERE, arn_of, make
from run import statement

OAEP = {"RSA_2048": (214, 190), "RSA_3072": (342, 318), "RSA_4096": (470, 446)}
SIGNING = {
    "RSA_2048": [f"RSASSA_{way}_SHA_{n}" for way in ("PSS", "PKCS1_V1_5") for n in (256, 384, 512)],
    "ECC_NIST_P256": ["ECDSA_SHA_256"],
    "ECC_NIST_P384": ["ECDSA_SHA_384"],
    "ECC_NIST_P521": ["ECDSA_SHA_512"],
    "ECC_SECG_P256K1": ["ECDSA_SHA_256"],
    "ECC_NIST_EDWARDS25519": ["ED25519_SHA_512"],
    "ML_DSA_44": ["ML_DSA_SHAKE_256"],
    "ML_DSA_65": ["ML_DSA_SHAKE_256"],
    "ML_DSA_87": ["ML_DSA_SHAKE_256"],
}


def openssl(*arguments, given=b""):
    """What `openssl` writes, or an AssertionError with what it complains of."""
    done = subprocess.run(["openssl", *arguments], input=given, capture_output=True, timeout=60)
    assert done.returncode == 0, f"openssl {' '.join(arguments)}: {done.stderr.decode()}"
    return done.stdout


def in_file(ctx, name, content):
    path = pathlib.Path(ctx.directory) / name
    path.write_bytes(content)
    return str(path)


def public_key_file(ctx, key):
    spki = ctx.kms.get_public_key(KeyId=key)["PublicKey"]
    return in_file(ctx, f"{key}.pem", openssl("pkey", "-pubin", "-inform", "DER", given=spki))


def changed(data):
    return data[:-1] + bytes([data[-1] ^ 1])


# Encrypt, Decrypt


def test_encrypt_and_decrypt(ctx):
    key = make(ctx)
    for plaintext in (b"p", b"\0" * 33, bytes(4096)):
        sealed = ctx.kms.encrypt(KeyId=key["KeyId"], Plaintext=plaintext)
        assert (sealed["KeyId"], sealed["EncryptionAlgorithm"]) == (key["Arn"], "SYMMETRIC_DEFAULT")
        # A single byte stands in one random ciphertext of four by chance.
        assert len(plaintext) == 1 or plaintext not in sealed["CiphertextBlob"]
        opened = ctx.kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"])
        assert (opened["Plaintext"], opened["KeyId"]) == (plaintext, key["Arn"])
        assert opened["EncryptionAlgorithm"] == "SYMMETRIC_DEFAULT"
        assert opened["KeyMaterialId"] == key["CurrentKeyMaterialId"]
    blobs = {ctx.kms.encrypt(KeyId=key["KeyId"], Plaintext=b"p")["CiphertextBlob"] for _ in "abc"}
    assert len(blobs) == 3, "the same plaintext gave the same ciphertext"


def test_encrypt_takes_every_name_of_a_key(ctx):
    key = make(ctx)
    ctx.kms.create_alias(AliasName="alias/encrypts", TargetKeyId=key["KeyId"])
    for name in (key["KeyId"], key["Arn"], "alias/encrypts", arn_of(ctx, "alias/encrypts")):
        blob = ctx.kms.encrypt(KeyId=name, Plaintext=b"p")["CiphertextBlob"]
        assert ctx.kms.decrypt(CiphertextBlob=blob, KeyId=name)["Plaintext"] == b"p"


def test_a_ciphertext_is_bound_to_its_context_and_bytes(ctx):
    key = make(ctx)["KeyId"]
    context = {"purpose": "test", "name": "\u00e9"}
    sealed = ctx.kms.encrypt(KeyId=key, Plaintext=b"p", EncryptionContext=context)
    blob = sealed["CiphertextBlob"]
    opened = ctx.kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)
    assert opened["Plaintext"] == b"p"
    code, decrypt = "InvalidCiphertextException", ctx.kms.decrypt
    others = ({}, {"purpose": "test"}, {**context, "more": "x"}, {**context, "purpose": "TEST"})
    for other in others:
        ctx.refused(code, decrypt, "", CiphertextBlob=blob, EncryptionContext=other)
    for place in range(0, len(blob)):
        forged = blob[:place] + bytes([blob[place] ^ 1]) + blob[place + 1 :]
        try:
            decrypt(CiphertextBlob=forged, EncryptionContext=context)
        except ctx.kms.exceptions.ClientError as error:
            # A ciphertext that names another key is one that was not found; all else is forged.
            known = ("InvalidCiphertextException", "NotFoundException")
            assert error.response["Error"]["Code"] in known, error
        else:
            raise AssertionError(f"a ciphertext changed at byte {place} was accepted")
    for garbage in (b"x", blob[:-1], blob + b"x", b"x" * 6144):
        ctx.refused(code, decrypt, "", CiphertextBlob=garbage, EncryptionContext=context)


def test_a_ciphertext_is_of_one_key(ctx):
    one, two = make(ctx)["KeyId"], make(ctx)["KeyId"]
    blob = ctx.kms.encrypt(KeyId=one, Plaintext=b"p")["CiphertextBlob"]
    message = "The key ID in the request does not identify a CMK that can perform this operation."
    code = "IncorrectKeyException"
    ctx.refused(code, ctx.kms.decrypt, message, CiphertextBlob=blob, KeyId=two)


def test_encrypt_and_decrypt_validate(ctx):
    key = make(ctx)["KeyId"]
    encrypt, decrypt = ctx.unchecked.encrypt, ctx.unchecked.decrypt
    message = (
        "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: "
        "Member must have length less than or equal to 4096"
    )
    code = "ValidationException"
    ctx.refused(code, encrypt, message, KeyId=key, Plaintext=b"s" * 4097)
    ctx.refused(code, encrypt, "greater than or equal to 1", KeyId=key, Plaintext=b"")
    ctx.refused(code, encrypt, "2 validation errors detected: ")
    ctx.refused(code, decrypt, "at 'ciphertextBlob'", CiphertextBlob=b"x" * 6145)
    ctx.refused(code, decrypt, "at 'ciphertextBlob'")
    algorithm = {"EncryptionAlgorithm": "ROT13"}
    message = "Value 'ROT13' at 'encryptionAlgorithm'"
    ctx.refused(code, encrypt, message, KeyId=key, Plaintext=b"p", **algorithm)
    context = {"EncryptionContext": {"name": "v" * 8190}}
    ctx.refused(code, encrypt, KeyId=key, Plaintext=b"p", **context)
    ctx.refused("NotFoundException", encrypt, KeyId=NOWHERE, Plaintext=b"p")
    wrong = {"KeyId": key, "Plaintext": b"p", "EncryptionAlgorithm": "RSAES_OAEP_SHA_1"}
    ctx.refused("InvalidKeyUsageException", encrypt, "key spec SYMMETRIC_DEFAULT", **wrong)
    signer = make(ctx, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    message = f"{signer['Arn']} key usage is SIGN_VERIFY which is not valid for Encrypt."
    ctx.refused("InvalidKeyUsageException", encrypt, message, KeyId=signer["Arn"], Plaintext=b"p")


def test_encryption_needs_permission_and_may_depend_on_its_context(ctx):
    key = make(ctx)
    condition = {"StringEquals": {"kms:EncryptionContext:team": "blue"}}
    policy = statement("Allow", ["kms:Encrypt", "kms:Decrypt"], key["Arn"], Condition=condition)
    client = ctx.client_for(policy)
    blue, red = {"team": "blue"}, {"team": "red"}
    sealed = client.encrypt(KeyId=key["KeyId"], Plaintext=b"p", EncryptionContext=blue)
    blob = sealed["CiphertextBlob"]
    client.decrypt(CiphertextBlob=blob, EncryptionContext=blue)
    code = "AccessDeniedException"
    for context in (red, {}):
        given = {"KeyId": key["KeyId"], "Plaintext": b"p", "EncryptionContext": context}
        ctx.refused(code, client.encrypt, **given)
        ctx.refused(code, client.decrypt, CiphertextBlob=blob, EncryptionContext=context)
    other = {"KeyId": make(ctx)["KeyId"], "Plaintext": b"p", "EncryptionContext": blue}
    ctx.refused(code, client.encrypt, **other)


def test_a_dry_run_does_all_but_it(ctx):
    key = make(ctx)["KeyId"]
    message = "The request would have succeeded, but the DryRun option is set."
    code = "DryRunOperationException"
    ctx.refused(code, ctx.kms.encrypt, message, KeyId=key, Plaintext=b"p", DryRun=True)
    spec = {"KeyId": key, "KeySpec": "AES_256", "DryRun": True}
    ctx.refused(code, ctx.kms.generate_data_key, message, **spec)
    stranger = ctx.principal().client
    denied = {"KeyId": key, "Plaintext": b"p", "DryRun": True}
    ctx.refused("AccessDeniedException", stranger.encrypt, **denied)
    ctx.kms.disable_key(KeyId=key)
    ctx.refused("DisabledException", ctx.kms.encrypt, **denied)


def test_rsa_encryption(ctx):
    for spec, limits in OAEP.items():
        key = make(ctx, KeySpec=spec, KeyUsage="ENCRYPT_DECRYPT")["KeyId"]
        for bits, limit in zip(("1", "256"), limits):
            how = {"KeyId": key, "EncryptionAlgorithm": f"RSAES_OAEP_SHA_{bits}"}
            blob = ctx.kms.encrypt(Plaintext=b"p" * limit, **how)["CiphertextBlob"]
            opened = ctx.kms.decrypt(CiphertextBlob=blob, **how)
            assert opened["Plaintext"] == b"p" * limit
            message = (
                f"Algorithm RSAES_OAEP_SHA_{bits} and key spec {spec} cannot encrypt data "
                f"larger than {limit} bytes."
            )
            too_long = {"Plaintext": b"p" * (limit + 1), **how}
            ctx.refused("ValidationException", ctx.kms.encrypt, message, **too_long)
            code = "InvalidCiphertextException"
            ctx.refused(code, ctx.kms.decrypt, "", CiphertextBlob=changed(blob), **how)
            context = {"EncryptionContext": {"a": "b"}}
            refused = {"Plaintext": b"p", **how, **context}
            ctx.refused("ValidationException", ctx.kms.encrypt, **refused)
        nameless = {"CiphertextBlob": blob, "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}
        ctx.refused("ValidationException", ctx.kms.decrypt, **nameless)


def test_what_openssl_encrypts_is_decrypted(ctx):
    key = make(ctx, KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")["KeyId"]
    options = [
        *("-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:sha256"),
        *("-pkeyopt", "rsa_mgf1_md:sha256"),
    ]
    public = public_key_file(ctx, key)
    blob = openssl("pkeyutl", "-encrypt", "-pubin", "-inkey", public, *options, given=b"outside")
    how = {"KeyId": key, "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}
    assert ctx.kms.decrypt(CiphertextBlob=blob, **how)["Plaintext"] == b"outside"


# ReEncrypt


def test_re_encrypt(ctx):
    one, two = make(ctx), make(ctx)
    old, new = {"purpose": "old"}, {"purpose": "new"}
    sealed = ctx.kms.encrypt(KeyId=one["KeyId"], Plaintext=b"p", EncryptionContext=old)
    request = {
        "CiphertextBlob": sealed["CiphertextBlob"],
        "SourceEncryptionContext": old,
        "DestinationKeyId": two["KeyId"],
        "DestinationEncryptionContext": new,
    }
    moved = ctx.kms.re_encrypt(**request)
    assert (moved["SourceKeyId"], moved["KeyId"]) == (one["Arn"], two["Arn"])
    assert moved["SourceKeyMaterialId"] == one["CurrentKeyMaterialId"]
    assert moved["DestinationKeyMaterialId"] == two["CurrentKeyMaterialId"]
    assert moved["SourceEncryptionAlgorithm"] == "SYMMETRIC_DEFAULT"
    assert moved["DestinationEncryptionAlgorithm"] == "SYMMETRIC_DEFAULT"
    opened = ctx.kms.decrypt(CiphertextBlob=moved["CiphertextBlob"], EncryptionContext=new)
    assert (opened["Plaintext"], opened["KeyId"]) == (b"p", two["Arn"])
    wrong = {**request, "SourceEncryptionContext": new}
    ctx.refused("InvalidCiphertextException", ctx.kms.re_encrypt, "", **wrong)
    ctx.refused("IncorrectKeyException", ctx.kms.re_encrypt, SourceKeyId=two["Arn"], **request)
    missing = {**request, "DestinationKeyId": NOWHERE}
    ctx.refused("NotFoundException", ctx.kms.re_encrypt, **missing)
    ctx.refused("DryRunOperationException", ctx.kms.re_encrypt, DryRun=True, **request)
    ctx.kms.disable_key(KeyId=two["KeyId"])
    ctx.refused("DisabledException", ctx.kms.re_encrypt, **request)


def test_re_encrypt_needs_permission_on_both_keys(ctx):
    one, two = make(ctx), make(ctx)
    blob = ctx.kms.encrypt(KeyId=one["KeyId"], Plaintext=b"p")["CiphertextBlob"]
    request = {"CiphertextBlob": blob, "DestinationKeyId": two["KeyId"]}
    from_one = {"Effect": "Allow", "Action": "kms:ReEncryptFrom", "Resource": one["Arn"]}
    to_two = {"Effect": "Allow", "Action": "kms:ReEncryptTo", "Resource": two["Arn"]}
    for allowed in ([from_one], [to_two]):
        client = ctx.client_for({"Version": "2012-10-17", "Statement": allowed})
        ctx.refused("AccessDeniedException", client.re_encrypt, **request)
    client = ctx.client_for({"Version": "2012-10-17", "Statement": [from_one, to_two]})
    client.re_encrypt(**request)


# GenerateDataKey, GenerateDataKeyWithoutPlaintext


def test_data_keys(ctx):
    key = make(ctx)
    context = {"EncryptionContext": {"file": "a"}}
    sizes = [({"KeySpec": "AES_256"}, 32), ({"KeySpec": "AES_128"}, 16)]
    sizes += [({"NumberOfBytes": number}, number) for number in (1, 64, 1024)]
    for asked, length in sizes:
        made = ctx.kms.generate_data_key(KeyId=key["KeyId"], **asked, **context)
        assert made["KeyId"] == key["Arn"] and len(made["Plaintext"]) == length
        assert made["KeyMaterialId"] == key["CurrentKeyMaterialId"]
        opened = ctx.kms.decrypt(CiphertextBlob=made["CiphertextBlob"], **context)
        assert opened["Plaintext"] == made["Plaintext"]
        sealed = ctx.kms.generate_data_key_without_plaintext(KeyId=key["KeyId"], **asked, **context)
        assert "Plaintext" not in sealed and sealed["KeyId"] == key["Arn"]
        opened = ctx.kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"], **context)
        assert len(opened["Plaintext"]) == length


def test_data_key_refusals(ctx):
    key = make(ctx)["KeyId"]
    rsa = make(ctx, KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")["KeyId"]
    mac = make(ctx, KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyId"]
    stranger = ctx.principal().client
    for name in ("generate_data_key", "generate_data_key_without_plaintext"):
        make_one = getattr(ctx.unchecked, name)
        code = "ValidationException"
        message = "less than or equal to 1024"
        ctx.refused(code, make_one, message, KeyId=key, NumberOfBytes=1025)
        ctx.refused(code, make_one, KeyId=key, NumberOfBytes=0)
        ctx.refused(code, make_one, "at 'keySpec'", KeyId=key, KeySpec="AES_512")
        ctx.refused(code, make_one, KeyId=key)
        ctx.refused(code, make_one, KeyId=key, KeySpec="AES_256", NumberOfBytes=32)
        for other in (rsa, mac):
            ctx.refused("InvalidKeyUsageException", make_one, KeyId=other, KeySpec="AES_256")
        ctx.refused("NotFoundException", make_one, KeyId=NOWHERE, KeySpec="AES_256")
        denied = getattr(stranger, name)
        ctx.refused("AccessDeniedException", denied, KeyId=key, KeySpec="AES_256")


# GenerateDataKeyPair, GenerateDataKeyPairWithoutPlaintext


def test_data_key_pairs(ctx):
    key = make(ctx)
    specs = ["RSA_2048", "ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_SECG_P256K1"]
    for spec in [*specs, "ECC_NIST_EDWARDS25519"]:
        given = {"KeyId": key["KeyId"], "KeyPairSpec": spec, "EncryptionContext": {"a": "b"}}
        pair = ctx.kms.generate_data_key_pair(**given)
        assert (pair["KeyId"], pair["KeyPairSpec"]) == (key["Arn"], spec)
        private = pair["PrivateKeyPlaintext"]
        form = ("-inform", "DER", "-pubout", "-outform", "DER")
        assert openssl("pkey", *form, given=private) == pair["PublicKey"]
        for made in (pair, ctx.kms.generate_data_key_pair_without_plaintext(**given)):
            blob = made["PrivateKeyCiphertextBlob"]
            opened = ctx.kms.decrypt(CiphertextBlob=blob, EncryptionContext={"a": "b"})
            assert openssl("pkey", *form, given=opened["Plaintext"]) == made["PublicKey"]
        assert "PrivateKeyPlaintext" not in made


def test_data_key_pair_refusals(ctx):
    key = make(ctx)["KeyId"]
    stranger = ctx.principal().client
    for name in ("generate_data_key_pair", "generate_data_key_pair_without_plaintext"):
        make_one = getattr(ctx.unchecked, name)
        message = "Value 'DES' at 'keyPairSpec'"
        ctx.refused("ValidationException", make_one, message, KeyId=key, KeyPairSpec="DES")
        ctx.refused("ValidationException", make_one, "at 'keyPairSpec'", KeyId=key)
        given = {"KeyId": key, "KeyPairSpec": "ECC_NIST_P256"}
        ctx.refused("DryRunOperationException", make_one, DryRun=True, **given)
        ctx.refused("AccessDeniedException", getattr(stranger, name), **given)
        ctx.refused("NotFoundException", make_one, **{**given, "KeyId": NOWHERE})


# GenerateRandom


def test_random_bytes(ctx):
    for number in (1, 32, 1024):
        assert len(ctx.kms.generate_random(NumberOfBytes=number)["Plaintext"]) == number
    two = [ctx.kms.generate_random(NumberOfBytes=32)["Plaintext"] for _ in "ab"]
    assert two[0] != two[1]
    refused, random = ctx.refused, ctx.unchecked.generate_random
    refused("ValidationException", random, "NumberOfBytes is required.")
    message = "Value '1025' at 'numberOfBytes' failed to satisfy constraint: Member must have value"
    refused("ValidationException", random, message, NumberOfBytes=1025)
    refused("ValidationException", random, NumberOfBytes=0)
    refused("AccessDeniedException", ctx.principal().client.generate_random, NumberOfBytes=1)


# GetPublicKey, Sign, Verify


def test_get_public_key(ctx):
    key = make(ctx, KeySpec="ECC_NIST_P384", KeyUsage="SIGN_VERIFY")
    public = ctx.kms.get_public_key(KeyId=key["Arn"])
    assert (public["KeyId"], public["KeySpec"]) == (key["Arn"], "ECC_NIST_P384")
    assert public["KeyUsage"] == "SIGN_VERIFY" and public["SigningAlgorithms"] == ["ECDSA_SHA_384"]
    assert b"secp384r1" in openssl(
        *("pkey", "-pubin", "-inform", "DER", "-text", "-noout"), given=public["PublicKey"]
    )
    symmetric = make(ctx)["KeyId"]
    ctx.refused("UnsupportedOperationException", ctx.kms.get_public_key, "", KeyId=symmetric)
    ctx.refused("NotFoundException", ctx.kms.get_public_key, KeyId=NOWHERE)
    stranger = ctx.principal().client
    ctx.refused("AccessDeniedException", stranger.get_public_key, KeyId=key["KeyId"])
    ctx.kms.disable_key(KeyId=key["KeyId"])
    ctx.refused("DisabledException", ctx.kms.get_public_key, KeyId=key["KeyId"])


def test_sign_and_verify(ctx):
    for spec, algorithms in SIGNING.items():
        key = make(ctx, KeySpec=spec, KeyUsage="SIGN_VERIFY")
        for algorithm in algorithms:
            how = {"KeyId": key["KeyId"], "SigningAlgorithm": algorithm}
            message = b"m" * 4096
            made = ctx.kms.sign(Message=message, **how)
            assert (made["KeyId"], made["SigningAlgorithm"]) == (key["Arn"], algorithm)
            signature = made["Signature"]
            checked = ctx.kms.verify(Message=message, Signature=signature, **how)
            assert checked["SignatureValid"] is True and checked["KeyId"] == key["Arn"]
            code, verify = "KMSInvalidSignatureException", ctx.kms.verify
            ctx.refused(code, verify, "", Message=b"other", Signature=signature, **how)
            ctx.refused(code, verify, "", Message=message, Signature=b"x", **how)
            forged = signature[:-1] + bytes([signature[-1] ^ 1])
            ctx.refused(code, verify, "", Message=message, Signature=forged, **how)


def test_a_digest_is_signed_as_its_message_is(ctx):
    for spec, algorithm in (
        ("RSA_2048", "RSASSA_PKCS1_V1_5_SHA_256"),
        ("ECC_NIST_P384", "ECDSA_SHA_384"),
    ):
        key = make(ctx, KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyId"]
        how = {"KeyId": key, "SigningAlgorithm": algorithm}
        digest = hashlib.new(f"sha{algorithm[-3:]}", b"message").digest()
        made = ctx.kms.sign(Message=digest, MessageType="DIGEST", **how)
        ctx.kms.verify(Message=b"message", Signature=made["Signature"], **how)
        message = f"Digest is invalid length for algorithm {algorithm}."
        short = {"Message": digest[:-1], "MessageType": "DIGEST"}
        ctx.refused("ValidationException", ctx.kms.sign, message, **short, **how)


def test_openssl_verifies_our_signatures(ctx):
    for spec, algorithm in (
        ("RSA_2048", "RSASSA_PKCS1_V1_5_SHA_256"),
        ("ECC_NIST_P256", "ECDSA_SHA_256"),
        ("ECC_SECG_P256K1", "ECDSA_SHA_256"),
    ):
        key = make(ctx, KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyId"]
        made = ctx.kms.sign(KeyId=key, Message=b"message", SigningAlgorithm=algorithm)
        signature = in_file(ctx, "signature", made["Signature"])
        public = public_key_file(ctx, key)
        openssl("dgst", "-sha256", "-verify", public, "-signature", signature, given=b"message")


def test_signing_refusals(ctx):
    key = make(ctx, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    sign, how = ctx.unchecked.sign, {"KeyId": key["KeyId"], "Message": b"m"}
    wrong = {"SigningAlgorithm": "RSASSA_PSS_SHA_256", **how}
    message = "Algorithm RSASSA_PSS_SHA_256 is incompatible with key spec ECC_NIST_P256."
    ctx.refused("InvalidKeyUsageException", sign, message, **wrong)
    right = {"SigningAlgorithm": "ECDSA_SHA_256", **how}
    code = "ValidationException"
    ctx.refused(code, sign, "at 'signingAlgorithm'", SigningAlgorithm="X", **how)
    ctx.refused(code, sign, "at 'messageType'", MessageType="X", **right)
    ctx.refused(code, sign, "Value at 'message'", **{**right, "Message": b"m" * 4097})
    ctx.refused(code, ctx.unchecked.verify, "at 'signature'", **right)
    symmetric = {**right, "KeyId": make(ctx)["KeyId"]}
    message = "key usage is ENCRYPT_DECRYPT which is not valid for Sign."
    ctx.refused("InvalidKeyUsageException", sign, message, **symmetric)
    ctx.refused("NotFoundException", sign, **{**right, "KeyId": NOWHERE})
    ctx.refused("DryRunOperationException", sign, DryRun=True, **right)
    ed25519 = make(ctx, KeySpec="ECC_NIST_EDWARDS25519", KeyUsage="SIGN_VERIFY")["KeyId"]
    digest = {"Message": bytes(64), "MessageType": "DIGEST", "SigningAlgorithm": "ED25519_SHA_512"}
    ctx.refused(code, sign, "MessageType", KeyId=ed25519, **digest)
    stranger = ctx.principal().client
    ctx.refused("AccessDeniedException", stranger.sign, **right)
    ctx.refused("AccessDeniedException", stranger.verify, Signature=b"s", **right)
    ctx.kms.disable_key(KeyId=key["KeyId"])
    ctx.refused("DisabledException", sign, **right)
    ctx.refused("DisabledException", ctx.kms.verify, Signature=b"s", **right)


# GenerateMac, VerifyMac


def test_message_authentication_codes(ctx):
    for bits in (224, 256, 384, 512):
        key = make(ctx, KeySpec=f"HMAC_{bits}", KeyUsage="GENERATE_VERIFY_MAC")
        how = {"KeyId": key["KeyId"], "MacAlgorithm": f"HMAC_SHA_{bits}"}
        made = ctx.kms.generate_mac(Message=b"message", **how)
        assert len(made["Mac"]) == bits // 8 and made["KeyId"] == key["Arn"]
        assert made["MacAlgorithm"] == how["MacAlgorithm"]
        checked = ctx.kms.verify_mac(Message=b"message", Mac=made["Mac"], **how)
        assert checked["MacValid"] is True and checked["KeyId"] == key["Arn"]
        code, verify = "KMSInvalidMacException", ctx.kms.verify_mac
        ctx.refused(code, verify, "", Message=b"other", Mac=made["Mac"], **how)
        ctx.refused(code, verify, "", Message=b"message", Mac=changed(made["Mac"]), **how)
        ctx.refused(code, verify, "", Message=b"message", Mac=made["Mac"][:-1], **how)


def test_mac_refusals(ctx):
    key = make(ctx, KeySpec="HMAC_224", KeyUsage="GENERATE_VERIFY_MAC")["KeyId"]
    generate, how = ctx.unchecked.generate_mac, {"KeyId": key, "Message": b"m"}
    message = "Algorithm HMAC_SHA_256 is incompatible with key spec HMAC_224."
    ctx.refused("InvalidKeyUsageException", generate, message, MacAlgorithm="HMAC_SHA_256", **how)
    right = {"MacAlgorithm": "HMAC_SHA_224", **how}
    code = "ValidationException"
    ctx.refused(code, generate, "at 'macAlgorithm'", MacAlgorithm="HMAC_SHA_1", **how)
    ctx.refused(code, generate, "Value at 'message'", **{**right, "Message": b"m" * 4097})
    ctx.refused(code, ctx.unchecked.verify_mac, "at 'mac'", **right)
    symmetric = {**right, "KeyId": make(ctx)["KeyId"]}
    message = "key usage is ENCRYPT_DECRYPT which is not valid for GenerateMac."
    ctx.refused("InvalidKeyUsageException", generate, message, **symmetric)
    ctx.refused("NotFoundException", generate, **{**right, "KeyId": NOWHERE})
    ctx.refused("DryRunOperationException", generate, DryRun=True, **right)
    stranger = ctx.principal().client
    ctx.refused("AccessDeniedException", stranger.generate_mac, **right)
    ctx.refused("AccessDeniedException", stranger.verify_mac, Mac=b"m", **right)
    ctx.kms.disable_key(KeyId=key)
    ctx.refused("DisabledException", generate, **right)
    ctx.refused("DisabledException", ctx.kms.verify_mac, Mac=b"m", **right)
