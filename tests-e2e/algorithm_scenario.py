"""The algorithm policy: what a server refuses under each, told in the words of its API.

Each test founds a server of its own.
"""

import json
import pathlib
import tempfile

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from init_scenario import Running, Site, one_sentence

SIGNS = {"KeyUsage": "SIGN_VERIFY"}


def client(ready, founded):
    """A KMS client of the administrator."""
    return boto3.client(
        "kms",
        endpoint_url=ready["endpoint"],
        region_name=ready["region"],
        verify=ready["ca_file"],
        aws_access_key_id=founded["access_key_id"],
        aws_secret_access_key=founded["secret_access_key"],
        config=Config(retries={"total_max_attempts": 1}, proxies={}),
    )


def disallowed(call, text, **parameters):
    """The algorithm policy refuses the call, and the message says what."""
    try:
        call(**parameters)
    except ClientError as error:
        said = error.response["Error"]
        assert said["Code"] == "UnsupportedOperationException", said
        assert text in said["Message"], said
        return
    raise AssertionError(f"{text} is allowed")


def test_a_change_of_policy_refuses_new_uses_and_keeps_the_old_readable(ctx):
    with tempfile.TemporaryDirectory(prefix="strongroom-algorithms-") as folder:
        site = Site(ctx, folder)
        founded = site.found()
        with Running(site) as ready:
            kms = client(ready, founded)
            keys = {
                spec: kms.create_key(KeySpec=spec, **SIGNS)["KeyMetadata"]["KeyId"]
                for spec in ("ECC_NIST_P256", "ECC_NIST_P384", "ECC_SECG_P256K1")
            }
            message = {"Message": b"m", "SigningAlgorithm": "ECDSA_SHA_256"}
            p256, koblitz = keys["ECC_NIST_P256"], keys["ECC_SECG_P256K1"]
            signature = kms.sign(KeyId=p256, **message)["Signature"]
            koblitz_signature = kms.sign(KeyId=koblitz, **message)["Signature"]
        site.configure(algorithm_policy="cnsa2")
        with Running(site) as ready:
            kms = client(ready, founded)
            rsa = {"KeySpec": "RSA_2048", **SIGNS}
            disallowed(kms.create_key, "(cnsa2) does not allow RSA_2048", **rsa)
            disallowed(kms.sign, "ECC_NIST_P256 to make keys or protect", KeyId=p256, **message)
            assert kms.verify(KeyId=p256, Signature=signature, **message)["SignatureValid"]
            kms.sign(KeyId=keys["ECC_NIST_P384"], Message=b"m", SigningAlgorithm="ECDSA_SHA_384")
            kms.create_key(KeySpec="ML_DSA_87", **SIGNS)
            key = kms.create_key()["KeyMetadata"]["KeyId"]
            pair = {"KeyId": key, "KeyPairSpec": "ECC_NIST_P256"}
            disallowed(kms.generate_data_key_pair, "ECC_NIST_P256", **pair)
            blob = kms.encrypt(KeyId=key, Plaintext=b"p")["CiphertextBlob"]
            assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"p"
        site.configure(algorithm_policy="fips")
        with Running(site) as ready:
            kms = client(ready, founded)
            kms.sign(KeyId=p256, **message)
            disallowed(kms.sign, "(fips) does not allow ECC_SECG_P256K1", KeyId=koblitz, **message)
            verify = {"KeyId": koblitz, "Signature": koblitz_signature, **message}
            disallowed(kms.verify, "ECC_SECG_P256K1 to process", **verify)
        outcomes = [entry["outcome"] for entry in site.log() if "disallowed" in json.dumps(entry)]
        assert len(outcomes) == 5, outcomes


def test_a_policy_that_there_is_not_is_told(ctx):
    with tempfile.TemporaryDirectory(prefix="strongroom-algorithms-") as folder:
        site = Site(ctx, folder, algorithm_policy="strict")
        one_sentence(site.init(), 'algorithm-policy: is one of "default", "fips", "cnsa2"')
        assert not pathlib.Path(site.data).exists()
