"""PyKMIP's client, unmodified, has keys used: what it is given, `cryptography` and Python's own
`hashlib` and `hmac` give too.
"""

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, padding
from cryptography.hazmat.primitives.asymmetric import padding as rsa_padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap, aes_key_wrap
from cryptography.hazmat.primitives.serialization import (
    load_der_private_key,
    load_der_public_key,
)
from kmip.core import objects as wire
from kmip.core.enums import (
    BlockCipherMode,
    CryptographicAlgorithm,
    DerivationMethod,
    DigitalSignatureAlgorithm,
    EncodingOption,
    KeyFormatType,
    ObjectType,
    Operation,
    PaddingMethod,
    ResultReason,
    SecretDataType,
    ValidityIndicator,
    WrappingMethod,
)
from kmip.core.messages import payloads
from kmip.pie import objects
from kmip_pykmip_scenario import (
    AES,
    MASK,
    RSA,
    SHA256,
    USING,
    VERSIONS,
    WRONG_STATE,
    WRONG_USE,
    active,
    aes,
    in_every,
    new_name,
    pair,
    refused,
)


@in_every(USING)
def test_data_are_encrypted_as_others_decrypt_them_in_cbc(peer):
    key, iv = os.urandom(32), os.urandom(16)
    identifier = active(peer, aes(key))
    cbc = {
        "cryptographic_algorithm": AES,
        "block_cipher_mode": BlockCipherMode.CBC,
        "padding_method": PaddingMethod.PKCS5,
    }
    for plain in (b"", b"x", b"a block of sixteen", os.urandom(4096)):
        came, _ = peer.encrypt(plain, identifier, cbc, iv)
        pad = padding.PKCS7(128).padder()
        cipher = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
        assert came == cipher.update(pad.update(plain) + pad.finalize()) + cipher.finalize()
        assert peer.decrypt(came, identifier, cbc, iv) == plain
    cut = (ResultReason.CRYPTOGRAPHIC_FAILURE, ResultReason.INVALID_FIELD)
    refused(cut, peer.decrypt, came[:-1], identifier, cbc, iv)


@in_every(USING)
def test_data_are_encrypted_as_others_decrypt_them_in_ctr(peer):
    key, nonce, plain = os.urandom(32), os.urandom(16), os.urandom(100)
    identifier = active(peer, aes(key))
    ctr = {"cryptographic_algorithm": AES, "block_cipher_mode": BlockCipherMode.CTR}
    came, _ = peer.encrypt(plain, identifier, ctr, nonce)
    cipher = Cipher(algorithms.AES(key), modes.CTR(nonce)).encryptor()
    assert came == cipher.update(plain) + cipher.finalize()
    assert peer.decrypt(came, identifier, ctr, nonce) == plain


@in_every(VERSIONS[4:])
def test_data_are_encrypted_as_others_decrypt_them_in_gcm(peer):
    key, iv, aad, plain = os.urandom(32), os.urandom(12), b"of this place", os.urandom(100)
    identifier = active(peer, aes(key))
    gcm = wire.CryptographicParameters(
        block_cipher_mode=BlockCipherMode.GCM, cryptographic_algorithm=AES, tag_length=16
    )
    common = {"unique_identifier": identifier, "cryptographic_parameters": gcm}
    common |= {"iv_counter_nonce": iv, "auth_additional_data": aad}
    asked = payloads.EncryptRequestPayload(data=plain, **common)
    answer = peer.proxy.send_request_payload(Operation.ENCRYPT, asked)
    assert answer.data + answer.auth_tag == AESGCM(key).encrypt(iv, plain, aad)
    asked = payloads.DecryptRequestPayload(data=answer.data, auth_tag=answer.auth_tag, **common)
    assert peer.proxy.send_request_payload(Operation.DECRYPT, asked).data == plain
    forged = bytes([answer.auth_tag[0] ^ 1]) + answer.auth_tag[1:]
    asked = payloads.DecryptRequestPayload(data=answer.data, auth_tag=forged, **common)
    wrong = (ResultReason.CRYPTOGRAPHIC_FAILURE,)
    refused(wrong, peer.proxy.send_request_payload, Operation.DECRYPT, asked)


@in_every(USING)
def test_a_key_is_not_used_before_it_is_active_nor_for_what_it_is_not_for(peer):
    cbc = {
        "cryptographic_algorithm": AES,
        "block_cipher_mode": BlockCipherMode.CBC,
        "padding_method": PaddingMethod.PKCS5,
    }
    waiting = peer.register(aes(os.urandom(16)))
    refused(WRONG_STATE, peer.encrypt, b"data", waiting, cbc, bytes(16))
    other = active(peer, aes(os.urandom(16), [MASK.DECRYPT]))
    refused(WRONG_USE, peer.encrypt, b"data", other, cbc, bytes(16))


@in_every(USING)
def test_signatures_are_made_as_others_verify_them(peer):
    key, _, pkcs8, spki = pair()
    form = KeyFormatType.PKCS_8
    private = active(peer, objects.PrivateKey(RSA, 2048, pkcs8, form, [MASK.SIGN], new_name()))
    form = KeyFormatType.X_509
    public = active(peer, objects.PublicKey(RSA, 2048, spki, form, [MASK.VERIFY], new_name()))
    message = os.urandom(1000)
    digital = DigitalSignatureAlgorithm.SHA256_WITH_RSA_ENCRYPTION
    ways = (
        ({"digital_signature_algorithm": digital}, rsa_padding.PKCS1v15()),
        (
            {
                "cryptographic_algorithm": RSA,
                "hashing_algorithm": SHA256,
                "padding_method": PaddingMethod.PKCS1v15,
            },
            rsa_padding.PKCS1v15(),
        ),
        (
            {
                "cryptographic_algorithm": RSA,
                "hashing_algorithm": SHA256,
                "padding_method": PaddingMethod.PSS,
            },
            rsa_padding.PSS(rsa_padding.MGF1(hashes.SHA256()), rsa_padding.PSS.AUTO),
        ),
    )
    for parameters, verifies in ways:
        signature = peer.sign(message, private, parameters)
        key.public_key().verify(signature, message, verifies, hashes.SHA256())
        verify = peer.signature_verify
        assert verify(message, signature, public, parameters) is ValidityIndicator.VALID
        other = message + b"x"
        assert verify(other, signature, public, parameters) is ValidityIndicator.INVALID
        try:
            key.public_key().verify(signature, other, verifies, hashes.SHA256())
        except InvalidSignature:
            continue
        raise AssertionError("the check itself is wrong")


@in_every(USING)
def test_codes_are_made_as_others_make_them(peer):
    message = os.urandom(1000)
    for algorithm, name in (
        (CryptographicAlgorithm.HMAC_SHA256, "sha256"),
        (CryptographicAlgorithm.HMAC_SHA384, "sha384"),
        (CryptographicAlgorithm.HMAC_SHA512, "sha512"),
    ):
        key = os.urandom(32)
        masks = [MASK.MAC_GENERATE, MASK.MAC_VERIFY]
        identifier = active(peer, objects.SymmetricKey(algorithm, 256, key, masks, new_name()))
        uid, code = peer.mac(message, identifier, algorithm)
        assert uid == identifier
        assert code == hmac.digest(key, message, name), algorithm


def derived(peer, source, method, parameters, bits=256):
    """The material of what is derived."""
    identifier = peer.derive_key(
        ObjectType.SYMMETRIC_KEY,
        [source],
        method,
        parameters,
        cryptographic_algorithm=AES,
        cryptographic_length=bits,
        cryptographic_usage_mask=[MASK.ENCRYPT, MASK.DECRYPT],
    )
    key = peer.get(identifier)
    assert key.cryptographic_length == bits, key
    return key.value


@in_every(VERSIONS)
def test_keys_are_derived_as_others_derive_them(peer):
    hash_only = {"hashing_algorithm": SHA256}
    for_deriving = [MASK.DERIVE_KEY]
    password = active(
        peer,
        objects.SecretData(b"a password", SecretDataType.PASSWORD, for_deriving, new_name()),
    )
    parameters = {"cryptographic_parameters": hash_only, "salt": b"salt", "iteration_count": 4096}
    value = derived(peer, password, DerivationMethod.PBKDF2, parameters)
    assert value == hashlib.pbkdf2_hmac("sha256", b"a password", b"salt", 4096, 32)
    material = os.urandom(32)
    key = active(peer, aes(material, for_deriving))
    parameters = {"cryptographic_parameters": hash_only, "derivation_data": b"label"}
    value = derived(peer, key, DerivationMethod.HMAC, parameters)
    assert value == hmac.digest(material, b"label", "sha256")
    value = derived(peer, key, DerivationMethod.HASH, {"cryptographic_parameters": hash_only}, 128)
    assert value == hashlib.sha256(material).digest()[:16]
    parameters = {
        "cryptographic_parameters": {
            "block_cipher_mode": BlockCipherMode.CBC,
            "padding_method": PaddingMethod.PKCS5,
            "cryptographic_algorithm": AES,
        },
        "derivation_data": bytes(range(32)),
        "initialization_vector": bytes(16),
    }
    value = derived(peer, key, DerivationMethod.ENCRYPT, parameters)
    cipher = Cipher(algorithms.AES(material), modes.CBC(bytes(16))).encryptor()
    assert value == cipher.update(bytes(range(32)))
    other = active(peer, aes(os.urandom(32)))
    reasons = (*WRONG_USE, ResultReason.INVALID_FIELD)
    refused(reasons, derived, peer, other, DerivationMethod.HASH, parameters)


@in_every(VERSIONS)
def test_a_key_leaves_wrapped_by_another(peer):
    wrapping = os.urandom(32)
    by = active(peer, aes(wrapping, [MASK.WRAP_KEY, MASK.UNWRAP_KEY]))
    identifier = peer.create(AES, 256, name=new_name())
    plain = peer.get(identifier).value
    specification = {
        "wrapping_method": WrappingMethod.ENCRYPT,
        "encryption_key_information": {
            "unique_identifier": by,
            "cryptographic_parameters": {"block_cipher_mode": BlockCipherMode.NIST_KEY_WRAP},
        },
        "encoding_option": EncodingOption.NO_ENCODING,
    }
    wrapped = peer.get(identifier, key_wrapping_specification=specification).value
    assert wrapped != plain and aes_key_unwrap(wrapping, wrapped) == plain


@in_every(VERSIONS)
def test_a_key_comes_wrapped_by_another(peer):
    wrapping, plain = os.urandom(32), os.urandom(32)
    by = active(peer, aes(wrapping, [MASK.UNWRAP_KEY]))
    said = {
        "wrapping_method": WrappingMethod.ENCRYPT,
        "encryption_key_information": {
            "unique_identifier": by,
            "cryptographic_parameters": {"block_cipher_mode": BlockCipherMode.NIST_KEY_WRAP},
        },
        "encoding_option": EncodingOption.NO_ENCODING,
    }

    def register(wrapped):
        return peer.register(
            objects.SymmetricKey(AES, 256, wrapped, [MASK.ENCRYPT], new_name(), said)
        )

    wrapped = aes_key_wrap(wrapping, plain)
    got = peer.get(register(wrapped))
    assert got.value == plain and not got.key_wrapping_data
    forged = wrapped[:-1] + bytes([wrapped[-1] ^ 1])
    refused((ResultReason.CRYPTOGRAPHIC_FAILURE,), register, forged)


@in_every(VERSIONS)
def test_a_pair_is_given_in_each_format(peer):
    key, _, pkcs8, spki = pair()
    form = KeyFormatType.PKCS_8
    private = peer.register(objects.PrivateKey(RSA, 2048, pkcs8, form, [MASK.SIGN], new_name()))
    form = KeyFormatType.X_509
    public = peer.register(objects.PublicKey(RSA, 2048, spki, form, [MASK.VERIFY], new_name()))

    def got(identifier, form):
        asked = payloads.GetRequestPayload(unique_identifier=identifier, key_format_type=form)
        block = peer.proxy.send_request_payload(Operation.GET, asked).secret.key_block
        assert block.key_format_type.value is form
        return block.key_value.key_material.value

    for form in (KeyFormatType.PKCS_1, KeyFormatType.PKCS_8):
        loaded = load_der_private_key(got(private, form), None)
        assert loaded.private_numbers() == key.private_numbers()
    for form in (KeyFormatType.PKCS_1, KeyFormatType.X_509):
        loaded = load_der_public_key(got(public, form))
        assert loaded.public_numbers() == key.public_key().public_numbers()
