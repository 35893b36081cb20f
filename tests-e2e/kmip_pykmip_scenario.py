"""PyKMIP's client, unmodified, does its work: every kind of object it knows, in every version that
it speaks, 1.0 to 2.0.

Keys are read with `cryptography`. How keys are used is in `kmip_pykmip_use_scenario.py`.
"""

import contextlib
import logging
import os
import uuid

from certificate_scenario import openssl
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from kmip.core import exceptions as core
from kmip.core import objects as wire
from kmip.core.attributes import Name
from kmip.core.enums import (
    AttributeType,
    CryptographicAlgorithm,
    CryptographicUsageMask,
    HashingAlgorithm,
    KeyFormatType,
    KMIPVersion,
    NameType,
    ObjectType,
    OpaqueDataType,
    Operation,
    QueryFunction,
    ResultReason,
    RevocationReasonCode,
    SecretDataType,
    SplitKeyMethod,
    State,
)
from kmip.core.factories.attributes import AttributeFactory
from kmip.pie import objects
from kmip.pie.client import ProxyKmipClient
from kmip.pie.exceptions import KmipOperationFailure

# It tells of each configuration file that is not there, and of each refusal.
logging.getLogger("kmip").addHandler(logging.NullHandler())

VERSIONS = tuple(KMIPVersion)
# Encrypt and its like came with 1.2.
USING = VERSIONS[2:]
MASK = CryptographicUsageMask
ATTRIBUTES = AttributeFactory()
SHA256 = HashingAlgorithm.SHA_256
AES = CryptographicAlgorithm.AES
RSA = CryptographicAlgorithm.RSA
# What is not there, and what one may not do with what is, in the words of 1.x and of 2.0.
NOT_THERE = (ResultReason.ITEM_NOT_FOUND, ResultReason.OBJECT_NOT_FOUND)
DESTROYED = (ResultReason.ITEM_NOT_FOUND, ResultReason.OBJECT_DESTROYED)
WRONG_STATE = (ResultReason.PERMISSION_DENIED, ResultReason.WRONG_KEY_LIFECYCLE_STATE)
WRONG_USE = (
    ResultReason.PERMISSION_DENIED,
    ResultReason.INCOMPATIBLE_CRYPTOGRAPHIC_USAGE_MASK,
)


@contextlib.contextmanager
def client(ctx, version):
    """A client that is connected."""
    host, port = ctx.kmip["address"].rsplit(":", 1)
    peer = ProxyKmipClient(
        hostname=host,
        port=int(port),
        cert=ctx.kmip["cert_file"],
        key=ctx.kmip["key_file"],
        ca=ctx.kmip["ca_file"],
        kmip_version=version,
    )
    with peer:
        yield peer


def in_every(versions):
    """Does a test in each of the versions, and says in which it failed."""

    def decorate(test):
        def in_each(ctx):
            for version in versions:
                try:
                    with client(ctx, version) as peer:
                        test(peer)
                except Exception as error:
                    raise AssertionError(f"in {version.name}: {error!r}") from error

        in_each.__name__ = test.__name__
        return in_each

    return decorate


def refused(reasons, call, *arguments, **parameters):
    """The call fails for one of these reasons."""
    try:
        answer = call(*arguments, **parameters)
    except (KmipOperationFailure, core.OperationFailure) as error:
        assert error.reason in reasons, f"expected {reasons}, not {error.reason}: {error}"
        return
    raise AssertionError(f"expected {reasons}, but it answered {answer}")


def new_name(kind="pykmip"):
    """A name that nothing has."""
    return f"{kind}-{uuid.uuid4()}"


def attribute(name, value):
    """An attribute to locate by or to set."""
    return ATTRIBUTES.create_attribute(name, value)


def attributes_of(peer, identifier, *names):
    """The values of these attributes by name; the first of several."""
    uid, values = peer.get_attributes(identifier, list(names))
    assert uid == identifier, (uid, identifier)
    return {one.attribute_name.value: one.attribute_value for one in reversed(values)}


def state(peer, identifier):
    """The state of an object."""
    return attributes_of(peer, identifier, "State")["State"].value


def aes(value, masks=(MASK.ENCRYPT, MASK.DECRYPT), name=None):
    """A key to register."""
    return objects.SymmetricKey(AES, len(value) * 8, value, list(masks), name or new_name())


def active(peer, managed):
    """Registers an object and activates it."""
    identifier = peer.register(managed)
    peer.activate(identifier)
    return identifier


@in_every(VERSIONS)
def test_a_key_is_created_found_fetched_used_up_and_destroyed(peer):
    name = new_name()
    # It is stored and not consulted; 2.0 has none.
    policy = "default" if peer.kmip_version in VERSIONS[:5] else None
    identifier = peer.create(AES, 256, name=name, operation_policy_name=policy)
    assert peer.locate(attributes=[attribute(AttributeType.NAME, name)]) == [identifier]
    key = peer.get(identifier)
    assert isinstance(key, objects.SymmetricKey), key
    assert (key.cryptographic_algorithm, key.cryptographic_length) == (AES, 256)
    assert len(key.value) == 32 and len(set(key.value)) > 8, "it is random"
    assert peer.get(identifier).value == key.value
    assert state(peer, identifier) is State.PRE_ACTIVE
    peer.activate(identifier)
    assert state(peer, identifier) is State.ACTIVE
    refused(WRONG_STATE, peer.destroy, identifier)
    refused(WRONG_STATE, peer.activate, identifier)
    peer.revoke(RevocationReasonCode.CESSATION_OF_OPERATION, identifier, "not needed")
    assert state(peer, identifier) is State.DEACTIVATED
    peer.destroy(identifier)
    refused(DESTROYED, peer.get, identifier)
    assert peer.locate(attributes=[attribute(AttributeType.NAME, name)]) == []


@in_every(VERSIONS)
def test_a_compromised_key_is_destroyed_without_more(peer):
    identifier = peer.create(AES, 128, name=new_name())
    peer.revoke(RevocationReasonCode.KEY_COMPROMISE, identifier, compromise_occurrence_date=6)
    assert state(peer, identifier) is State.COMPROMISED
    peer.destroy(identifier)


@in_every(VERSIONS)
def test_what_is_not_there_is_not_found(peer):
    for unknown in (str(uuid.uuid4()), "no-identifier-of-ours", "0"):
        refused(NOT_THERE, peer.get, unknown)
        refused(NOT_THERE, peer.activate, unknown)
        refused(NOT_THERE, peer.destroy, unknown)
        refused(NOT_THERE, peer.get_attribute_list, unknown)


@in_every(VERSIONS)
def test_keys_of_each_length_are_created(peer):
    for algorithm, lengths in (
        (AES, (128, 192, 256)),
        (CryptographicAlgorithm.HMAC_SHA256, (256,)),
        (CryptographicAlgorithm.HMAC_SHA512, (512,)),
    ):
        for length in lengths:
            identifier = peer.create(algorithm, length, name=new_name())
            assert len(peer.get(identifier).value) * 8 == length, (algorithm, length)
            peer.destroy(identifier)
    for algorithm, length in ((AES, 257), (AES, 64), (AES, 8)):
        reasons = (ResultReason.INVALID_FIELD, ResultReason.CRYPTOGRAPHIC_FAILURE)
        refused(reasons, peer.create, algorithm, length, name=new_name())


def certificate():
    """A certificate in DER."""
    made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "/dev/null"]
    pem = openssl(*made, "-subj", "/CN=kept by KMIP", "-days", "1")
    return x509.load_pem_x509_certificate(pem.encode()).public_bytes(serialization.Encoding.DER)


CERTIFICATE = []
PAIRS = []


def pair():
    """An RSA key that is made once, and its halves in DER: PKCS #1, PKCS #8, SPKI."""
    if not PAIRS:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        plain = serialization.NoEncryption()
        der = serialization.Encoding.DER
        forms = serialization.PrivateFormat
        PAIRS.append(
            (
                key,
                key.private_bytes(der, forms.TraditionalOpenSSL, plain),
                key.private_bytes(der, forms.PKCS8, plain),
                key.public_key().public_bytes(der, serialization.PublicFormat.SubjectPublicKeyInfo),
            )
        )
    return PAIRS[0]


@in_every(VERSIONS)
def test_every_kind_of_object_is_registered_and_comes_back_as_it_was(peer):
    _, pkcs1, pkcs8, spki = pair()
    if not CERTIFICATE:
        CERTIFICATE.append(certificate())
    registered = [
        aes(os.urandom(16)),
        aes(os.urandom(32)),
        objects.PublicKey(RSA, 2048, spki, KeyFormatType.X_509, [MASK.VERIFY], new_name()),
        objects.PrivateKey(RSA, 2048, pkcs8, KeyFormatType.PKCS_8, [MASK.SIGN], new_name()),
        objects.PrivateKey(RSA, 2048, pkcs1, KeyFormatType.PKCS_1, [MASK.SIGN], new_name()),
        objects.X509Certificate(CERTIFICATE[0], [MASK.VERIFY], new_name()),
        objects.SecretData(b"open sesame", SecretDataType.PASSWORD, [MASK.VERIFY], new_name()),
        objects.SecretData(os.urandom(96), SecretDataType.SEED, None, new_name()),
        objects.OpaqueObject(b"whatever it is", OpaqueDataType.NONE, new_name()),
        objects.SplitKey(
            cryptographic_algorithm=AES,
            cryptographic_length=128,
            key_value=os.urandom(16),
            cryptographic_usage_masks=[MASK.ENCRYPT],
            name=new_name(),
            split_key_parts=3,
            key_part_identifier=1,
            split_key_threshold=2,
            split_key_method=SplitKeyMethod.XOR,
        ),
    ]
    for managed in registered:
        identifier = peer.register(managed)
        back = peer.get(identifier)
        assert type(back) is type(managed), (type(managed), type(back))
        assert back.value == managed.value, type(managed)
        for name in ("cryptographic_length", "key_format_type", "data_type", "split_key_parts"):
            assert getattr(back, name, None) == getattr(managed, name, None), (managed, name)
        named = attribute(AttributeType.NAME, managed.names[0])
        kind = attribute(AttributeType.OBJECT_TYPE, managed.object_type)
        assert peer.locate(attributes=[named, kind]) == [identifier], managed
        peer.destroy(identifier)


@in_every(VERSIONS)
def test_a_triple_des_key_has_the_length_that_was_said(peer):
    # With or without its bits of parity; the client takes the first alone.
    des = CryptographicAlgorithm.TRIPLE_DES
    key = objects.SymmetricKey(des, 192, os.urandom(24), [MASK.ENCRYPT], new_name())
    for identifier in (peer.register(key), peer.create(des, 192, name=new_name())):
        back = peer.get(identifier)
        assert (back.cryptographic_length, len(back.value)) == (192, 24), back


@in_every(VERSIONS)
def test_a_key_pair_is_created_and_its_halves_are_a_pair(peer):
    public, private = peer.create_key_pair(
        RSA,
        2048,
        public_name=new_name("public"),
        public_usage_mask=[MASK.VERIFY],
        private_name=new_name("private"),
        private_usage_mask=[MASK.SIGN],
    )
    assert public != private
    read_public = serialization.load_der_public_key(peer.get(public).value)
    read_private = serialization.load_der_private_key(peer.get(private).value, None)
    assert read_private.public_key().public_numbers() == read_public.public_numbers()
    assert read_public.key_size == 2048
    for identifier in (public, private):
        peer.destroy(identifier)


@in_every(VERSIONS)
def test_objects_are_located_by_what_they_have(peer):
    group = str(uuid.uuid4())
    one, two = (peer.create(AES, length, name=f"{group}-{length}") for length in (128, 256))
    by_name = attribute(AttributeType.NAME, f"{group}-128")
    assert peer.locate(attributes=[by_name]) == [one]
    by_length = attribute(AttributeType.CRYPTOGRAPHIC_LENGTH, 256)
    assert peer.locate(attributes=[by_name, by_length]) == []
    by_kind = attribute(AttributeType.OBJECT_TYPE, ObjectType.SYMMETRIC_KEY)
    by_algorithm = attribute(AttributeType.CRYPTOGRAPHIC_ALGORITHM, AES)
    found = peer.locate(attributes=[by_kind, by_algorithm, by_length])
    assert two in found and one not in found
    by_state = attribute(AttributeType.STATE, State.ACTIVE)
    assert one not in peer.locate(attributes=[by_kind, by_state])
    peer.activate(one)
    assert one in peer.locate(attributes=[by_kind, by_state])
    assert len(peer.locate(maximum_items=1, attributes=[by_kind])) == 1


@in_every(VERSIONS)
def test_attributes_say_what_an_object_is(peer):
    name = new_name()
    identifier = peer.create(AES, 256, name=name, cryptographic_usage_mask=[MASK.WRAP_KEY])
    listed = peer.get_attribute_list(identifier)
    for expected in ("Name", "State", "Object Type", "Cryptographic Length", "Initial Date"):
        assert expected in listed, (expected, listed)
    found = attributes_of(peer, identifier, "Name", "Cryptographic Usage Mask")
    assert found["Name"].name_value.value == name
    assert found["Cryptographic Usage Mask"].value == 4 | 8 | 0x10
    found = attributes_of(peer, identifier, "Cryptographic Algorithm", "Cryptographic Length")
    assert found["Cryptographic Algorithm"].value is AES
    assert found["Cryptographic Length"].value == 256
    asked = attributes_of(peer, identifier, "State", "Activation Date", "Contact Information")
    assert set(asked) == {"State"}, f"what it does not have is left out: {asked}"
    peer.destroy(identifier)


@in_every(VERSIONS[:1])
def test_every_attribute_that_is_listed_is_one_of_the_version(peer):
    identifier = peer.create(AES, 256, name=new_name())
    later = {"Fresh", "Original Creation Date", "Random Number Generator", "Sensitive"}
    listed = set(peer.get_attribute_list(identifier))
    assert not listed & later, listed & later


@in_every(VERSIONS[:5])
def test_a_name_is_changed_and_removed_in_1_x(peer):
    identifier = peer.create(AES, 256, name=new_name())
    name = new_name()
    changed = attribute(AttributeType.NAME, name)
    peer.modify_attribute(identifier, attribute=changed)
    assert peer.locate(attributes=[changed]) == [identifier]
    _, deleted = peer.delete_attribute(identifier, attribute_name="Name", attribute_index=0)
    assert deleted.attribute_value.name_value.value == name
    assert peer.locate(attributes=[changed]) == []


@in_every(VERSIONS[5:])
def test_attributes_are_set_changed_and_removed_in_2_0(peer):
    first, second = new_name(), new_name()
    identifier = peer.create(AES, 256, name=first)
    assert peer.set_attribute(identifier, attribute_name="Sensitive", attribute_value=True)
    assert attributes_of(peer, identifier, "Sensitive")["Sensitive"].value is True
    before, after = (
        Name.create(text, NameType.UNINTERPRETED_TEXT_STRING) for text in (first, second)
    )
    peer.modify_attribute(
        identifier,
        current_attribute=wire.CurrentAttribute(attribute=before),
        new_attribute=wire.NewAttribute(attribute=after),
    )
    assert peer.locate(attributes=[attribute(AttributeType.NAME, second)]) == [identifier]
    peer.delete_attribute(identifier, current_attribute=wire.CurrentAttribute(attribute=after))
    assert peer.locate(attributes=[attribute(AttributeType.NAME, second)]) == []
    reasons = (
        ResultReason.READ_ONLY_ATTRIBUTE,
        ResultReason.ATTRIBUTE_READ_ONLY,
        ResultReason.PERMISSION_DENIED,
        ResultReason.INVALID_FIELD,
    )
    attempt = {"attribute_name": "Cryptographic Length", "attribute_value": 128}
    refused(reasons, peer.set_attribute, identifier, **attempt)


@in_every(VERSIONS)
def test_a_key_is_replaced_and_its_name_goes_with_it(peer):
    name = new_name()
    old = peer.create(AES, 256, name=name)
    peer.activate(old)
    new = peer.rekey(old)
    assert new != old
    assert peer.get(new).value != peer.get(old).value
    assert peer.locate(attributes=[attribute(AttributeType.NAME, name)]) == [new]


@in_every(VERSIONS)
def test_a_use_is_checked_beforehand(peer):
    identifier = peer.create(AES, 256, name=new_name())
    peer.activate(identifier)
    assert peer.check(identifier, cryptographic_usage_mask=[MASK.ENCRYPT]) == identifier


@in_every(VERSIONS)
def test_the_server_says_what_it_can(peer):
    asked = [QueryFunction.QUERY_OPERATIONS, QueryFunction.QUERY_OBJECTS]
    asked.append(QueryFunction.QUERY_SERVER_INFORMATION)
    answer = peer.proxy.query(query_functions=asked)
    assert answer.result_status.value.value == 0, answer.result_message
    operations = set(answer.operations)
    assert {Operation.CREATE, Operation.GET, Operation.LOCATE, Operation.DESTROY} <= operations
    assert ObjectType.SYMMETRIC_KEY in answer.object_types
    assert answer.vendor_identification
    if peer.kmip_version is not KMIPVersion.KMIP_1_0:
        answer = peer.proxy.discover_versions()
        known = {(one.major, one.minor) for one in answer.protocol_versions}
        assert {(1, 0), (1, 1), (1, 2), (1, 3), (1, 4), (2, 0)} <= known, known
