"""What programs that keep their keys by KMIP are known to send, message by message, each in its
version and with its habits.

The messages are made by hand. Clients that are there to be run are in scenarios of their own.
"""

import uuid

from cryptography.hazmat.primitives import serialization
from kmip_client import (
    ACTIVE,
    AES,
    DECRYPT,
    ENCRYPT,
    OPERATIONS,
    PRE_ACTIVE,
    PRIVATE_KEY,
    PUBLIC_KEY,
    RSA,
    SECRET_DATA,
    SIGN,
    SYMMETRIC_KEY,
    VERIFY,
    Enumeration,
    Kmip,
    attribute,
    check,
    done,
    item,
    message,
    named,
    post,
)
from kmip_objects import (
    attributes,
    create,
    locate,
    located,
    material,
    new_name,
    query,
    register_key,
    register_secret,
    retire,
    state,
    template,
    uid,
    versions,
)


def test_fortios_locates_four_names_in_one_message(ctx):
    maker = Kmip(ctx.kmip, (1, 0))
    names = [new_name("vpn") for _ in range(4)]
    keys = [create(maker, named(name)) for name in names[:3]]
    who = [("Username", "fortigate"), ("Password", "of no use here")]
    credential = [("CredentialType", Enumeration(1)), ("CredentialValue", who)]
    header = [("Authentication", [("Credential", credential)]), ("BatchOrderOption", True)]
    peer = Kmip(ctx.kmip, (1, 0))
    asked = [
        item("Locate", ("MaximumItems", 1), template(named(name)), identifier=bytes([number]))
        for number, name in enumerate(names)
    ]
    answers = peer.batch(*asked, header=header)
    assert [one.get("UniqueBatchItemID") for one in answers] == [bytes([n]) for n in range(4)]
    found = [located(done(one, "Locate")) for one in answers]
    assert found == [[keys[0]], [keys[1]], [keys[2]], []], found
    assert len(material(peer, keys[0])) == 32


def test_vcenter_makes_a_key_and_notes_its_own_attributes_on_it(ctx):
    peer = Kmip(ctx.kmip, (1, 1))
    assert versions(peer) == [(2, 1), (2, 0), (1, 4), (1, 3), (1, 2), (1, 1), (1, 0)]
    assert versions(peer, (1, 1), (1, 0)) == [(1, 1), (1, 0)]
    answer = query(peer, 1, 2, 3)
    operations = {one.value for one in answer.all("Operation")}
    for operation in ("Create", "Get", "GetAttributes", "AddAttribute", "Locate", "Destroy"):
        assert OPERATIONS[operation] in operations, operation
    assert OPERATIONS["Encrypt"] not in operations, "1.1 has no such operation"
    assert SYMMETRIC_KEY in {one.value for one in answer.all("ObjectType")}
    assert answer.get("VendorIdentification")
    key = create(peer)
    found = attributes(peer, key)
    assert found["State"] == PRE_ACTIVE and found["Cryptographic Length"] == 256, found
    custom = {
        "x-Product_Version": "8.0.2 build-22617221",
        "x-Vendor": "VMware, Inc.",
        "x-Product": "VMware vSphere",
    }
    for name, value in custom.items():
        answer = peer.ask("AddAttribute", uid(key), attribute(name, value))
        assert answer.get("UniqueIdentifier") == key
        added = answer.get("Attribute")
        assert (added.get("AttributeName"), added.get("AttributeValue")) == (name, value), added
    assert attributes(peer, key, *custom) == custom
    assert len(material(peer, key)) == 32
    assert locate(peer, attribute("x-Product", "VMware vSphere")).count(key) == 1
    assert material(Kmip(ctx.kmip, (1, 1)), key) == material(peer, key)


def test_veeam_makes_a_key_pair_and_fetches_both_halves(ctx):
    peer = Kmip(ctx.kmip, (1, 4))
    name = new_name("veeam")
    assert locate(peer, named(name)) == []
    made = peer.ask(
        "CreateKeyPair",
        (
            "CommonTemplateAttribute",
            [attribute("Cryptographic Algorithm", RSA), attribute("Cryptographic Length", 2048)],
        ),
        (
            "PrivateKeyTemplateAttribute",
            [named(f"{name}-private"), attribute("Cryptographic Usage Mask", SIGN | DECRYPT)],
        ),
        (
            "PublicKeyTemplateAttribute",
            [named(name), attribute("Cryptographic Usage Mask", VERIFY | ENCRYPT)],
        ),
    )
    private, public = made.get("PrivateKeyUniqueIdentifier"), made.get("PublicKeyUniqueIdentifier")
    for key in (private, public):
        peer.ask("Activate", uid(key))
    assert locate(peer, ("MaximumItems", 1), named(name)) == [public]
    read = serialization.load_der_private_key(material(peer, private, "PrivateKey"), None)
    numbers = serialization.load_der_public_key(material(peer, public, "PublicKey"))
    assert read.public_key().public_numbers() == numbers.public_numbers()
    assert read.key_size == 2048
    for kind, key in ((PRIVATE_KEY, private), (PUBLIC_KEY, public)):
        assert attributes(peer, key, "Object Type") == {"Object Type": kind}
        peer.refused(("PermissionDenied", "WrongKeyLifecycleState"), "Destroy", uid(key))
        retire(peer, key)
    assert locate(peer, named(name)) == []


def test_synology_keeps_a_passphrase_and_renames_it(ctx):
    peer = Kmip(ctx.kmip, (1, 2))
    assert (1, 2) in versions(peer)
    for function in (1, 2, 3, 4):
        query(peer, function)
    first, second = new_name("syno"), new_name("syno")
    assert locate(peer, named(first)) == []
    secret = register_secret(
        peer,
        b"a passphrase of a volume",
        1,
        attribute("Operation Policy Name", "default"),
        attribute("Cryptographic Usage Mask", 0),
        named(first),
    )
    answer = peer.ask("ModifyAttribute", uid(secret), named(second))
    assert answer.get("Attribute", "AttributeValue", "NameValue") == second
    assert (locate(peer, named(first)), locate(peer, named(second))) == ([], [secret])
    peer.ask("Activate", uid(secret))
    listed = [one.value for one in peer.ask("GetAttributeList", uid(secret)).all("AttributeName")]
    assert {"Name", "State", "Object Type", "Operation Policy Name"} <= set(listed), listed
    found = attributes(peer, secret, *listed)
    assert set(found) == set(listed), "what is listed is there"
    assert found["Operation Policy Name"] == "default" and found["State"] == ACTIVE
    assert material(peer, secret, "SecretData") == b"a passphrase of a volume"
    retire(peer, secret)


def test_percona_registers_a_key_finds_it_and_polls_its_state(ctx):
    for version in ((1, 0), (1, 4)):
        name, value = new_name("percona"), uuid.uuid4().bytes * 2
        key = register_key(
            Kmip(ctx.kmip, version),
            value,
            attribute("Cryptographic Algorithm", AES),
            attribute("Cryptographic Length", 256),
            named(name),
        )
        # A connection for each call, as pg_tde does.
        peer = Kmip(ctx.kmip, version)
        kind = attribute("Object Type", SYMMETRIC_KEY)
        assert locate(peer, ("MaximumItems", 16), kind, named(name)) == [key]
        other = attribute("Object Type", SECRET_DATA)
        assert locate(peer, ("MaximumItems", 16), other, named(name)) == []
        assert material(Kmip(ctx.kmip, version), key) == value
        Kmip(ctx.kmip, version).ask("Activate", uid(key))
        for _ in range(3):
            assert state(Kmip(ctx.kmip, version), key) == ACTIVE
        retire(Kmip(ctx.kmip, version), key)
        secret = register_secret(Kmip(ctx.kmip, version), b"password", 1, named(new_name("pw")))
        assert material(peer, secret, "SecretData") == b"password"


def test_percona_pages_through_a_group(ctx):
    peer = Kmip(ctx.kmip, (1, 4))
    group = attribute("Object Group", new_name("group"))
    keys = {register_key(peer, bytes([n]) * 32, named(new_name("key")), group) for n in range(5)}
    found = []
    for offset in (0, 2, 4, 6):
        page = locate(peer, ("MaximumItems", 2), ("OffsetItems", offset), group)
        assert len(page) == min(2, max(0, 5 - offset)), (offset, page)
        found += page
    assert len(found) == 5 and set(found) == keys, "each is on one page"


def test_mysql_and_mongodb_make_a_key_use_it_and_end_it(ctx):
    for version in ((1, 1), (1, 2), (1, 0)):
        peer = Kmip(ctx.kmip, version)
        name = new_name("keyring")
        key = create(peer, named(name))
        peer.ask("Activate", uid(key))
        assert state(peer, key) == ACTIVE
        value = material(peer, key)
        assert locate(peer, named(name)) == [key]
        assert material(Kmip(ctx.kmip, version), key) == value and len(value) == 32
        retire(peer, key)


class Posting:
    """A client of 1.4 that posts its messages to the HTTPS port, each on its own connection."""

    def __init__(self, ctx):
        self.ctx = ctx

    def ask(self, operation, *payload):
        """The payload of the answer."""
        status, answer = post(self.ctx, message((1, 4), [item(operation, *payload)]))
        assert status == 200, status
        check(answer, (1, 4))
        return done(answer.get("BatchItem"), operation)

    refused = Kmip.refused


def test_vast_posts_its_messages_and_replaces_keys(ctx):
    peer = Posting(ctx)
    name, group = new_name("vast"), new_name("tenant")
    key = create(peer)
    for added in (
        named(name),
        attribute("Object Group", group),
        attribute("Operation Policy Name", "default"),
    ):
        peer.ask("AddAttribute", uid(key), added)
    peer.ask("Activate", uid(key))
    assert locate(peer, attribute("Object Group", group)) == [key]
    old = material(peer, key)
    new = peer.ask("ReKey", uid(key)).get("UniqueIdentifier")
    assert new != key and material(peer, new) != old
    # The name goes over to the new key (1.4 section 4.4), and each points at the other.
    assert locate(peer, named(name)) == [new]
    assert set(locate(peer, attribute("Object Group", group))) == {key, new}
    assert material(peer, key) == old
    for one in (key, new):
        assert "Link" in attributes(peer, one, "Link"), one
    retire(peer, key)
    assert len(material(peer, new)) == 32
