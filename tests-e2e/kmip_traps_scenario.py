"""What has broken KMIP clients elsewhere, and what is no message at all."""

import struct
import uuid

from kmip_client import (
    ACTIVE,
    NUMBERS,
    SYMMETRIC_KEY,
    Enumeration,
    Kmip,
    Refused,
    done,
    encode,
    item,
    message,
    named,
)
from kmip_objects import (
    NOT_THERE,
    aes_256,
    attributes,
    create,
    locate,
    new_name,
    template,
    uid,
    versions,
)

VERSIONS_1 = tuple((1, minor) for minor in range(5))
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
