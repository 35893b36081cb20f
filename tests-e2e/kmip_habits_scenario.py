"""What programs that keep their keys by KMIP are known to send, message by message, each in its
version and with its habits; and what has broken such programs elsewhere.

The messages are made by hand. What is only encryption or another real client is in the other
scenarios of KMIP.
"""

import struct
import uuid

from certificate_scenario import Certificate, register
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from kmip_client import (
    ACTIVE,
    AES,
    DEACTIVATED,
    DECRYPT,
    ENCRYPT,
    NUMBERS,
    OPAQUE,
    OPERATIONS,
    PRE_ACTIVE,
    PRIVATE_KEY,
    PUBLIC_KEY,
    RAW,
    RSA,
    SECRET_DATA,
    SIGN,
    SYMMETRIC_KEY,
    VERIFY,
    Enumeration,
    Kmip,
    Refused,
    attribute,
    check,
    done,
    encode,
    item,
    message,
    named,
    post,
)
from run import statement

VERSIONS_1 = tuple((1, minor) for minor in range(5))
NOT_THERE = ("ItemNotFound", "ObjectNotFound")
CESSATION = ("RevocationReason", [("RevocationReasonCode", Enumeration(6))])
# In which version attributes came; what is not here has been there from the start.
CAME = {
    "Certificate Length": 1,
    "Digital Signature Algorithm": 1,
    "Fresh": 1,
    "X.509 Certificate Identifier": 1,
    "X.509 Certificate Issuer": 1,
    "X.509 Certificate Subject": 1,
    "Alternative Name": 2,
    "Key Value Location": 2,
    "Key Value Present": 2,
    "Original Creation Date": 2,
    "Random Number Generator": 3,
    "Always Sensitive": 4,
    "Comment": 4,
    "Description": 4,
    "Extractable": 4,
    "Never Extractable": 4,
    "PKCS#12 Friendly Name": 4,
    "Sensitive": 4,
}


def new_name(kind):
    """A name that nothing has."""
    return f"{kind}-{uuid.uuid4()}"


def uid(identifier):
    """The field that names an object."""
    return ("UniqueIdentifier", identifier)


def template(*attributes):
    """Attributes as 1.x wants them for what is made."""
    return ("TemplateAttribute", list(attributes))


def aes_256(*more, mask=ENCRYPT | DECRYPT):
    """The attributes of an AES key of 256 bits."""
    return (
        attribute("Cryptographic Algorithm", AES),
        attribute("Cryptographic Length", 256),
        attribute("Cryptographic Usage Mask", mask),
        *more,
    )


def create(peer, *more):
    """A new AES key: its identifier."""
    made = peer.ask("Create", ("ObjectType", SYMMETRIC_KEY), template(*aes_256(*more)))
    assert made.get("ObjectType") == SYMMETRIC_KEY
    return made.get("UniqueIdentifier")


def register_key(peer, material, *more):
    """Registers an AES key: its identifier."""
    made = peer.ask(
        "Register",
        ("ObjectType", SYMMETRIC_KEY),
        template(attribute("Cryptographic Usage Mask", ENCRYPT | DECRYPT), *more),
        ("SymmetricKey", [key_block(material, RAW, AES)]),
    )
    return registered(made)


def register_secret(peer, material, kind, *more):
    """Registers secret data: its identifier."""
    made = peer.ask(
        "Register",
        ("ObjectType", SECRET_DATA),
        template(*more),
        ("SecretData", [("SecretDataType", Enumeration(kind)), key_block(material, OPAQUE)]),
    )
    return registered(made)


def registered(made):
    """The identifier; the answer says nothing else."""
    assert set(made.names()) <= {"UniqueIdentifier", "TemplateAttribute"}, made
    return made.get("UniqueIdentifier")


def key_block(material, form, algorithm=None):
    """Key material as it is handed over."""
    fields = [("KeyFormatType", form), ("KeyValue", [("KeyMaterial", material)])]
    if algorithm:
        fields.append(("CryptographicAlgorithm", algorithm))
        fields.append(("CryptographicLength", len(material) * 8))
    return ("KeyBlock", fields)


def material(peer, identifier, kind="SymmetricKey"):
    """What `Get` hands over, which has no attributes beside it."""
    got = peer.ask("Get", uid(identifier))
    assert got.get("UniqueIdentifier") == identifier
    value = got.get(kind, "KeyBlock", "KeyValue")
    assert value.names() == ["KeyMaterial"], value
    return value.get("KeyMaterial")


def attributes(peer, identifier, *names):
    """Attributes by name; of several of a name the first."""
    asked = [("AttributeName", name) for name in names]
    answer = peer.ask("GetAttributes", uid(identifier), *asked)
    assert answer.get("UniqueIdentifier") == identifier
    found = {}
    for one in answer.all("Attribute"):
        found.setdefault(one.get("AttributeName"), one.get("AttributeValue"))
    return found


def state(peer, identifier):
    """The state of an object."""
    return attributes(peer, identifier, "State")["State"]


def located(answer):
    """The identifiers that a `Locate` found."""
    return [one.value for one in answer.all("UniqueIdentifier")]


def locate(peer, *fields):
    """The same, asked."""
    return located(peer.ask("Locate", *fields))


def retire(peer, identifier):
    """Ends an object's life, as all of them do."""
    peer.ask("Revoke", uid(identifier), CESSATION)
    assert state(peer, identifier) == DEACTIVATED
    peer.ask("Destroy", uid(identifier))
    peer.refused((*NOT_THERE, "ObjectDestroyed"), "Get", uid(identifier))


def versions(peer, *wanted):
    """The versions that the server says it has, of these."""
    numbers = [
        ("ProtocolVersion", [("ProtocolVersionMajor", major), ("ProtocolVersionMinor", minor)])
        for major, minor in wanted
    ]
    answer = peer.ask("DiscoverVersions", *numbers)
    return [
        (one.get("ProtocolVersionMajor"), one.get("ProtocolVersionMinor"))
        for one in answer.all("ProtocolVersion")
    ]


def query(peer, *functions):
    """What the server says of itself."""
    return peer.ask("Query", *(("QueryFunction", Enumeration(one)) for one in functions))


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


def test_no_attribute_is_told_that_the_version_does_not_have(ctx):
    key = create(Kmip(ctx.kmip, (1, 4)), named(new_name("told")))
    for version in VERSIONS_1:
        peer = Kmip(ctx.kmip, version)
        answer = peer.ask("GetAttributeList", uid(key))
        listed = {one.value for one in answer.all("AttributeName")}
        got = set(attributes(peer, key))
        for name in listed | got:
            assert CAME.get(name, 0) <= version[1], (version, name)
        assert listed == got, (version, listed ^ got)


def test_an_unknown_version_is_refused_but_versions_are_told(ctx):
    peer = Kmip(ctx.kmip)
    for version in ((9, 9), (1, 99), (0, 9), (3, 0)):
        peer.send(message(version, [item("Query", ("QueryFunction", Enumeration(1)))]))
        (refused,) = peer.answer().all("BatchItem")
        assert Refused(refused).reason == "InvalidMessage", (version, refused)
        peer.send(message(version, [item("DiscoverVersions")]))
        (one,) = peer.answer().all("BatchItem")
        told = done(one, "DiscoverVersions").all("ProtocolVersion")
        assert len(told) == 7, (version, told)
    assert versions(peer), "the connection goes on"


def test_what_an_item_makes_the_next_may_leave_out(ctx):
    peer = Kmip(ctx.kmip, (1, 2))
    name = new_name("placeholder")
    made = ("ObjectType", SYMMETRIC_KEY), template(*aes_256(named(name)))
    answers = peer.batch(
        item("Create", *made, identifier=b"1"),
        item("Activate", identifier=b"2"),
        item("Get", identifier=b"3"),
        item("GetAttributes", ("AttributeName", "State"), identifier=b"4"),
    )
    operations = ("Create", "Activate", "Get", "GetAttributes")
    payloads = [done(one, operation) for one, operation in zip(answers, operations)]
    assert len({one.get("UniqueIdentifier") for one in payloads}) == 1, payloads
    assert payloads[3].get("Attribute", "AttributeValue") == ACTIVE
    answers = peer.batch(
        item("Locate", named(name), identifier=b"1"), item("Get", identifier=b"2")
    )
    assert done(answers[1], "Get").get("UniqueIdentifier") == payloads[0].get("UniqueIdentifier")
    # It ends with the batch.
    peer.refused(("InvalidField", "ItemNotFound", "InvalidMessage"), "Get")


def test_a_batch_stops_at_what_fails_unless_it_is_to_go_on(ctx):
    peer = Kmip(ctx.kmip, (1, 2))
    key = create(peer)
    items = [
        item("Get", uid(key), identifier=b"1"),
        item("Get", uid(str(uuid.uuid4())), identifier=b"2"),
        item("Get", uid(key), identifier=b"3"),
    ]
    for option, expected in ((None, [0, 1]), (2, [0, 1]), (1, [0, 1, 0])):
        header = [("BatchErrorContinuationOption", Enumeration(option))] if option else []
        answers = peer.batch(*items, header=header)
        assert [one.get("ResultStatus") for one in answers] == expected, (option, answers)
        (failed,) = (one for one in answers if one.get("ResultStatus"))
        assert Refused(failed).reason in NOT_THERE and failed.get("UniqueBatchItemID") == b"2"


def test_an_answer_is_no_longer_than_the_client_takes(ctx):
    peer = Kmip(ctx.kmip)
    asked = item("Query", ("QueryFunction", Enumeration(1)))
    (answer,) = peer.batch(asked, header=[("MaximumResponseSize", 256)])
    assert Refused(answer).reason == "ResponseTooLarge", answer
    (answer,) = peer.batch(asked, header=[("MaximumResponseSize", 4096)])
    assert done(answer, "Query").all("Operation")


def nested(depth):
    """A structure in a structure, so many times."""
    data = b""
    for _ in range(depth):
        data = struct.pack(">IBI", NUMBERS["Attribute"], 1, len(data))[1:] + data
    return struct.pack(">IBI", NUMBERS["RequestMessage"], 1, len(data))[1:] + data


def test_what_is_no_message_harms_nobody_else(ctx):
    good = message((1, 4), [item("DiscoverVersions")])
    bystander = Kmip(ctx.kmip)
    assert versions(bystander)
    head = good[:8]
    broken = {
        "garbage": bytes(range(256)) * 4,
        "a response": b"\x42\x00\x7b" + good[3:],
        "a length that is too long": head[:4] + b"\xff\xff\xff\xff" + good[8:],
        "a length of an item beyond its structure": good[:12] + b"\x00\xff\xff\xff" + good[16:],
        "an empty message": b"\x42\x00\x78\x01\x00\x00\x00\x00",
        "nothing but depth": nested(10_000),
        "some depth": nested(64),
        "a count that is wrong": message((1, 4), []),
        "an unknown type": good.replace(b"\x42\x00\x5c\x05", b"\x42\x00\x5c\x0f"),
        "an operation of no number": good.replace(b"\x00\x00\x00\x1e", b"\x7f\xff\xff\xff"),
        "text that is none": encode("RequestMessage", [("UniqueIdentifier", "x")]).replace(
            b"x", b"\xff"
        ),
    }
    for what, data in broken.items():
        peer = Kmip(ctx.kmip)
        peer.send(data)
        answer = peer.answer()
        if answer is not None:
            assert answer.name == "ResponseMessage", (what, answer)
            statuses = [one.get("ResultStatus") for one in answer.all("BatchItem")]
            assert statuses and all(statuses), (what, answer)
        assert versions(bystander), what
        peer.close()
    for cut in (1, 7, 8, 20, len(good) - 1):
        peer = Kmip(ctx.kmip)
        peer.send(good[:cut])
        peer.close()
        assert versions(bystander), cut
    peer = Kmip(ctx.kmip)
    for place in range(8, len(good)):
        peer.send(good[:place] + bytes([good[place] ^ 0x80]) + good[place + 1 :])
        if peer.answer() is None:
            peer = Kmip(ctx.kmip)
    assert versions(bystander)


def test_a_name_is_an_objects_own_until_that_is_destroyed(ctx):
    peer = Kmip(ctx.kmip)
    name = new_name("unique")
    first = create(peer, named(name))
    made = ("ObjectType", SYMMETRIC_KEY), template(*aes_256(named(name)))
    peer.refused(("InvalidField", "NonUniqueNameAttribute"), "Create", *made)
    peer.ask("Destroy", uid(first))
    second = create(peer, named(name))
    assert locate(peer, named(name)) == [second]


def peer_with(ctx, policy, version=(1, 4)):
    """A client that may do what a policy says."""
    certificate = Certificate(ctx, name="kmip")
    register(ctx, certificate, policy)
    return Kmip(ctx.kmip, version, str(certificate.file), str(certificate.key))


def test_each_operation_is_a_right_of_its_own(ctx):
    owner = Kmip(ctx.kmip)
    key = create(owner, named(new_name("rights")))
    sees = peer_with(ctx, statement("Allow", ["kms:DescribeKey", "strongroom:Locate"]))
    assert state(sees, key) == PRE_ACTIVE
    for operation in ("Get", "Activate", "Destroy"):
        sees.refused("PermissionDenied", operation, uid(key))
    gets = peer_with(ctx, statement("Allow", "strongroom:GetKeyMaterial"))
    assert material(gets, key) == material(owner, key)
    for operation in ("GetAttributes", "Activate", "Destroy"):
        gets.refused("PermissionDenied", operation, uid(key))
    made = ("ObjectType", SYMMETRIC_KEY), template(*aes_256())
    gets.refused("PermissionDenied", "Create", *made)


def test_who_may_not_see_an_object_does_not_find_it(ctx):
    owner = Kmip(ctx.kmip)
    name = named(new_name("unseen"))
    key = create(owner, name)
    blind = peer_with(ctx, statement("Allow", "strongroom:Locate"))
    assert locate(blind, name) == []
    assert locate(owner, name) == [key]


def test_a_certificate_that_is_not_registered_is_nobodys(ctx):
    stranger = Certificate(ctx, name="stranger")
    peer = Kmip(ctx.kmip, (1, 4), str(stranger.file), str(stranger.key))
    peer.refused("AuthenticationNotSuccessful", "Locate")


def test_a_key_of_the_aws_api_is_found_and_used_and_does_not_leave(ctx):
    key = ctx.kms.create_key(Description="of the AWS API")["KeyMetadata"]["KeyId"]
    peer = Kmip(ctx.kmip)
    found = attributes(peer, key)
    assert found["Object Type"] == SYMMETRIC_KEY and found["State"] == ACTIVE, found
    assert (found["Cryptographic Algorithm"], found["Cryptographic Length"]) == (AES, 256)
    assert locate(peer, attribute("Unique Identifier", key)) == [key]
    peer.refused("PermissionDenied", "Get", uid(key))
    answer = peer.ask("Encrypt", uid(key), ("Data", b"by KMIP"))
    assert "IVCounterNonce" not in answer.names(), answer
    blob = answer.get("Data")
    assert ctx.kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"by KMIP"
    blob = ctx.kms.encrypt(KeyId=key, Plaintext=b"by the AWS API")["CiphertextBlob"]
    assert peer.ask("Decrypt", uid(key), ("Data", blob)).get("Data") == b"by the AWS API"


def test_a_key_made_by_kmip_signs_through_the_aws_api(ctx):
    peer = Kmip(ctx.kmip)
    made = peer.ask(
        "CreateKeyPair",
        (
            "CommonTemplateAttribute",
            [attribute("Cryptographic Algorithm", RSA), attribute("Cryptographic Length", 2048)],
        ),
        ("PrivateKeyTemplateAttribute", [attribute("Cryptographic Usage Mask", SIGN)]),
        ("PublicKeyTemplateAttribute", [attribute("Cryptographic Usage Mask", VERIFY)]),
    )
    private, public = made.get("PrivateKeyUniqueIdentifier"), made.get("PublicKeyUniqueIdentifier")
    for key in (private, public):
        peer.ask("Activate", uid(key))
    algorithm = "RSASSA_PKCS1_V1_5_SHA_256"
    parameters = {"KeyId": private, "Message": b"one key", "SigningAlgorithm": algorithm}
    signature = ctx.kms.sign(**parameters)["Signature"]
    halves = serialization.load_der_public_key(material(peer, public, "PublicKey"))
    halves.verify(signature, b"one key", padding.PKCS1v15(), hashes.SHA256())
    peer.ask("Revoke", uid(private), CESSATION)
    ctx.refused("KMSInvalidStateException", ctx.kms.sign, **parameters)
