"""What is asked of objects by messages that are made by hand, as versions 1.x have it."""

import uuid

from kmip_client import (
    AES,
    DEACTIVATED,
    DECRYPT,
    ENCRYPT,
    OPAQUE,
    RAW,
    SECRET_DATA,
    SYMMETRIC_KEY,
    Enumeration,
    attribute,
)

NOT_THERE = ("ItemNotFound", "ObjectNotFound")
CESSATION = ("RevocationReason", [("RevocationReasonCode", Enumeration(6))])


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
