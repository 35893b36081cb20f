"""MongoDB's client-side encryption with its keys here: libmongocrypt, unmodified, by way of
`pymongocrypt`. It writes and reads KMIP itself; what it wants sent is sent by this file, over a TLS
connection of its own for each message, as drivers do. No database takes part.

Two ways: the library registers a secret, fetches it for each use and encrypts data keys with it
(1.0); or, with `delegated`, it creates a key that never leaves and has the server do that (1.2).
"""

import contextlib
import os
import socket

import bson
from bson.binary import STANDARD, UUID_SUBTYPE, Binary
from bson.codec_options import CodecOptions
from kmip_client import ACTIVE, SECRET_DATA, SYMMETRIC_KEY, Enumeration, Kmip, decode, trust
from pymongocrypt.errors import MongoCryptError
from pymongocrypt.explicit_encrypter import ExplicitEncrypter
from pymongocrypt.options import MongoCryptOptions
from pymongocrypt.state_machine import MongoCryptCallback

OPTIONS = CodecOptions(uuid_representation=STANDARD)
DETERMINISTIC = "AEAD_AES_256_CBC_HMAC_SHA_512-Deterministic"
RANDOM = "AEAD_AES_256_CBC_HMAC_SHA_512-Random"
# Bytes of a data key, and of the secret that a local master key is.
KEY_LEN = 96


class Vault(MongoCryptCallback):
    """The key vault, in memory, and the way to the KMIP server."""

    def __init__(self, kmip):
        self.kmip, self.keys, self.asked = kmip, {}, []

    def kms_request(self, kms_context):
        host, port = self.kmip["address"].rsplit(":", 1)
        assert kms_context.endpoint == self.kmip["address"], kms_context.endpoint
        request = kms_context.message
        self.asked.append(decode(request))
        with contextlib.closing(socket.create_connection((host, int(port)), timeout=60)) as plain:
            with trust(self.kmip).wrap_socket(plain, server_hostname=host) as stream:
                stream.sendall(request)
                while kms_context.bytes_needed > 0:
                    piece = stream.recv(kms_context.bytes_needed)
                    assert piece, "the connection ended within an answer"
                    kms_context.feed(piece)

    def collection_info(self, database, filter):
        raise AssertionError("nothing is encrypted by itself")

    def mark_command(self, database, cmd):
        raise AssertionError("nothing is encrypted by itself")

    def fetch_keys(self, filter):
        yield from self.keys.values()

    def insert_data_key(self, data_key):
        document = bson.decode(data_key, OPTIONS)
        self.keys[document["_id"]] = data_key
        return Binary.from_uuid(document["_id"])

    def bson_encode(self, doc):
        return bson.encode(doc, codec_options=OPTIONS)

    def close(self):
        pass

    def master_key(self):
        """What the one data key says of its master key."""
        (document,) = self.keys.values()
        return bson.decode(document, OPTIONS)["masterKey"]

    def operations(self):
        """The operations that were asked for and the minor versions they were asked in; forgets
        them."""
        minor = ("RequestHeader", "ProtocolVersion", "ProtocolVersionMinor")
        asked = [(one.get("BatchItem", "Operation"), one.get(*minor)) for one in self.asked]
        self.asked.clear()
        return asked


def encrypter(vault):
    """The library, with nothing in its cache; the TLS of its messages is this file's."""
    provider = {"kmip": {"endpoint": vault.kmip["address"]}}
    return ExplicitEncrypter(vault, MongoCryptOptions(provider, bypass_encryption=True))


def encrypt(vault, value, algorithm, key):
    """What a driver's `ClientEncryption.encrypt` gives."""
    with contextlib.closing(encrypter(vault)) as library:
        document = vault.bson_encode({"v": value})
        return bson.decode(library.encrypt(document, algorithm, key_id=bytes(key)), OPTIONS)["v"]


def decrypt(vault, value):
    """The value again, by a library that has seen none of it before."""
    with contextlib.closing(encrypter(vault)) as library:
        return bson.decode(library.decrypt(vault.bson_encode({"v": value})), OPTIONS)["v"]


def data_key(vault, **master_key):
    """A new data key."""
    with contextlib.closing(encrypter(vault)) as library:
        key = library.create_data_key("kmip", master_key=master_key)
    assert key.subtype == UUID_SUBTYPE, key
    return key


def round_trip(vault, key):
    """Values come back, and the same value encrypts to the same where it should."""
    for value in ("a name", 42, {"street": "x" * 1000, "list": [1, 2.5, None, b"\x00"]}):
        hidden = encrypt(vault, value, RANDOM, key)
        assert hidden != encrypt(vault, value, RANDOM, key)
        assert decrypt(vault, hidden) == value
    assert encrypt(vault, "x", DETERMINISTIC, key) == encrypt(vault, "x", DETERMINISTIC, key)


def object_of(vault, kind):
    """The object behind the master key, which is of this kind and active."""
    connection = Kmip(vault.kmip, (1, 2))
    name = ("UniqueIdentifier", vault.master_key()["keyId"])
    asked = [("AttributeName", "State"), ("AttributeName", "Object Type")]
    found = {
        one.get("AttributeName"): one.get("AttributeValue")
        for one in connection.ask("GetAttributes", name, *asked).all("Attribute")
    }
    assert found == {"State": ACTIVE, "Object Type": kind}, found
    return connection, name


def test_mongodb_keeps_a_local_master_key_here(ctx):
    vault = Vault(ctx.kmip)
    key = data_key(vault)
    # Register, Activate, Get, in KMIP 1.0.
    did = vault.operations()
    assert did == [(0x03, 0), (0x12, 0), (0x0A, 0)], did
    assert set(vault.master_key()) == {"provider", "keyId"}, vault.master_key()
    round_trip(vault, key)
    assert set(vault.operations()) == {(0x0A, 0)}
    connection, name = object_of(vault, SECRET_DATA)
    secret = connection.ask("Get", name).get("SecretData")
    block = secret.get("KeyBlock")
    assert len(block.get("KeyValue", "KeyMaterial")) == KEY_LEN, "the seed of 96 bytes"
    assert block.get("KeyValue").names() == ["KeyMaterial"], block


def test_mongodb_has_a_delegated_master_key_used_here(ctx):
    vault = Vault(ctx.kmip)
    key = data_key(vault, delegated=True)
    # Create, Activate, Encrypt.
    did = vault.operations()
    assert did == [(0x01, 2), (0x12, 0), (0x1F, 2)], did
    assert vault.master_key()["delegated"] is True
    round_trip(vault, key)
    assert set(vault.operations()) == {(0x20, 2)}, "it is decrypted here and nothing is fetched"
    object_of(vault, SYMMETRIC_KEY)


def test_mongodb_uses_a_master_key_that_is_there(ctx):
    first = Vault(ctx.kmip)
    data_key(first, delegated=True)
    known = first.master_key()["keyId"]
    second = Vault(ctx.kmip)
    round_trip(second, data_key(second, delegated=True, keyId=known))
    assert second.master_key()["keyId"] == known
    assert (0x01, 2) not in second.operations()


def test_mongodb_brings_a_data_key_of_its_own(ctx):
    vault = Vault(ctx.kmip)
    data_key(vault)
    known = vault.master_key()["keyId"]
    material = os.urandom(KEY_LEN)
    with contextlib.closing(encrypter(vault)) as library:
        library.create_data_key("kmip", {"keyId": known}, key_material=Binary(material))
    assert len(vault.keys) == 2
    assert all(material not in document for document in vault.keys.values())


def test_mongodb_says_so_when_its_master_key_is_gone(ctx):
    for delegated in (False, True):
        vault = Vault(ctx.kmip)
        key = data_key(vault, **({"delegated": True} if delegated else {}))
        hidden = encrypt(vault, "value", RANDOM, key)
        connection, name = object_of(vault, SYMMETRIC_KEY if delegated else SECRET_DATA)
        reason = ("RevocationReason", [("RevocationReasonCode", Enumeration(4))])
        connection.ask("Revoke", name, reason)
        connection.ask("Destroy", name)
        try:
            decrypt(vault, hidden)
        except MongoCryptError as error:
            assert "KMIP" in str(error), error
        else:
            raise AssertionError("it decrypted with a key that is gone")
        try:
            data_key(vault, keyId="00000000-0000-4000-8000-000000000000")
        except MongoCryptError as error:
            assert "KMIP" in str(error), error
        else:
            raise AssertionError("there is no such master key")
