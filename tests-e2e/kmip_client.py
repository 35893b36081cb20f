"""A small KMIP client for conversations that are made by hand: messages in and out of bytes, and a
TLS connection that shows a certificate.

An item is a pair of the tag's name and a value, whose Python type says what it is on the wire: a
list is a Structure, `str` a Text String, `bytes` a Byte String, `bool` a Boolean, `int` an Integer,
and `Enumeration`, `Date`, `Interval`, `Long` and `Big` what they are called. It checks nothing of
what it sends, and of what comes that it is well-formed.

The encoding is that of KMIP 1.4, section 9.1.
"""

import http.client
import socket
import ssl
import struct
import urllib.parse

SECONDS = 60


class Enumeration(int):
    """One of a list of choices, by its number."""


class Date(int):
    """Seconds since 1970."""


class Interval(int):
    """Seconds."""


class Long(int):
    """64 bits."""


class Big(bytes):
    """A number of any length, two's complement, a multiple of 8 bytes."""


KINDS = {list: 1, int: 2, Long: 3, Big: 4, Enumeration: 5, bool: 6, str: 7, bytes: 8, Date: 9}
KINDS[Interval] = 10

TAGS = {
    0x420001: "ActivationDate",
    0x420002: "ApplicationData",
    0x420003: "ApplicationNamespace",
    0x420004: "ApplicationSpecificInformation",
    0x420006: "AsynchronousCorrelationValue",
    0x420007: "AsynchronousIndicator",
    0x420008: "Attribute",
    0x420009: "AttributeIndex",
    0x42000A: "AttributeName",
    0x42000B: "AttributeValue",
    0x42000C: "Authentication",
    0x42000D: "BatchCount",
    0x42000E: "BatchErrorContinuationOption",
    0x42000F: "BatchItem",
    0x420010: "BatchOrderOption",
    0x420011: "BlockCipherMode",
    0x420012: "CancellationResult",
    0x42001F: "CommonTemplateAttribute",
    0x420023: "Credential",
    0x420024: "CredentialType",
    0x420025: "CredentialValue",
    0x420027: "CRTCoefficient",
    0x420028: "CryptographicAlgorithm",
    0x42002A: "CryptographicLength",
    0x42002B: "CryptographicParameters",
    0x42002C: "CryptographicUsageMask",
    0x42002E: "D",
    0x420036: "EncryptionKeyInformation",
    0x420037: "G",
    0x420038: "HashingAlgorithm",
    0x42003D: "IVCounterNonce",
    0x420040: "KeyBlock",
    0x420041: "KeyCompressionType",
    0x420042: "KeyFormatType",
    0x420043: "KeyMaterial",
    0x420045: "KeyValue",
    0x420046: "KeyWrappingData",
    0x42004F: "MaximumItems",
    0x420050: "MaximumResponseSize",
    0x420051: "MessageExtension",
    0x420052: "Modulus",
    0x420053: "Name",
    0x420054: "NameType",
    0x420055: "NameValue",
    0x420056: "ObjectGroup",
    0x420057: "ObjectType",
    0x42005B: "OpaqueObject",
    0x42005C: "Operation",
    0x42005D: "OperationPolicyName",
    0x42005E: "P",
    0x42005F: "PaddingMethod",
    0x420060: "PrimeExponentP",
    0x420061: "PrimeExponentQ",
    0x420063: "PrivateExponent",
    0x420064: "PrivateKey",
    0x420065: "PrivateKeyTemplateAttribute",
    0x420066: "PrivateKeyUniqueIdentifier",
    0x420069: "ProtocolVersion",
    0x42006A: "ProtocolVersionMajor",
    0x42006B: "ProtocolVersionMinor",
    0x42006C: "PublicExponent",
    0x42006D: "PublicKey",
    0x42006E: "PublicKeyTemplateAttribute",
    0x42006F: "PublicKeyUniqueIdentifier",
    0x420071: "Q",
    0x420072: "QString",
    0x420074: "QueryFunction",
    0x420075: "RecommendedCurve",
    0x420077: "RequestHeader",
    0x420078: "RequestMessage",
    0x420079: "RequestPayload",
    0x42007A: "ResponseHeader",
    0x42007B: "ResponseMessage",
    0x42007C: "ResponsePayload",
    0x42007D: "ResultMessage",
    0x42007E: "ResultReason",
    0x42007F: "ResultStatus",
    0x420081: "RevocationReason",
    0x420082: "RevocationReasonCode",
    0x420085: "SecretData",
    0x420086: "SecretDataType",
    0x420088: "ServerInformation",
    0x42008D: "State",
    0x42008F: "SymmetricKey",
    0x420091: "TemplateAttribute",
    0x420092: "TimeStamp",
    0x420093: "UniqueBatchItemID",
    0x420094: "UniqueIdentifier",
    0x420095: "UsageLimits",
    0x420096: "UsageLimitsCount",
    0x420097: "UsageLimitsTotal",
    0x420098: "UsageLimitsUnit",
    0x420099: "Username",
    0x42009D: "VendorIdentification",
    0x42009E: "WrappingMethod",
    0x42009F: "X",
    0x4200A0: "Y",
    0x4200A1: "Password",
    0x4200A3: "EncodingOption",
    0x4200A4: "ExtensionInformation",
    0x4200AE: "DigitalSignatureAlgorithm",
    0x4200B0: "DeviceSerialNumber",
    0x4200C2: "Data",
    0x4200C3: "SignatureData",
    0x4200C5: "RandomIV",
    0x4200D4: "OffsetItems",
    0x4200D5: "LocatedItems",
    0x420105: "ClientCorrelationValue",
    0x420106: "ServerCorrelationValue",
    0x420125: "Attributes",
}
NUMBERS = {name: number for number, name in TAGS.items()}

OPERATIONS = {
    "Create": 0x01,
    "CreateKeyPair": 0x02,
    "Register": 0x03,
    "ReKey": 0x04,
    "Locate": 0x08,
    "Get": 0x0A,
    "GetAttributes": 0x0B,
    "GetAttributeList": 0x0C,
    "AddAttribute": 0x0D,
    "ModifyAttribute": 0x0E,
    "DeleteAttribute": 0x0F,
    "Activate": 0x12,
    "Revoke": 0x13,
    "Destroy": 0x14,
    "Query": 0x18,
    "Cancel": 0x19,
    "Poll": 0x1A,
    "DiscoverVersions": 0x1E,
    "Encrypt": 0x1F,
    "Decrypt": 0x20,
    "Sign": 0x21,
    "Hash": 0x27,
}
REASONS = {
    0x01: "ItemNotFound",
    0x02: "ResponseTooLarge",
    0x03: "AuthenticationNotSuccessful",
    0x04: "InvalidMessage",
    0x05: "OperationNotSupported",
    0x06: "MissingData",
    0x07: "InvalidField",
    0x08: "FeatureNotSupported",
    0x09: "OperationCanceledByRequester",
    0x0A: "CryptographicFailure",
    0x0B: "IllegalOperation",
    0x0C: "PermissionDenied",
    0x16: "Sensitive",
    0x29: "IncompatibleCryptographicUsageMask",
    0x35: "NonUniqueNameAttribute",
    0x36: "ObjectDestroyed",
    0x37: "ObjectNotFound",
    0x43: "WrongKeyLifecycleState",
    0x100: "GeneralFailure",
}
PRE_ACTIVE, ACTIVE, DEACTIVATED, COMPROMISED, DESTROYED = map(Enumeration, range(1, 6))
CERTIFICATE, SYMMETRIC_KEY, PUBLIC_KEY, PRIVATE_KEY = map(Enumeration, range(1, 5))
SECRET_DATA = Enumeration(7)
AES, RSA = Enumeration(3), Enumeration(4)
RAW, OPAQUE, PKCS_1, PKCS_8 = map(Enumeration, range(1, 5))
SIGN, VERIFY, ENCRYPT, DECRYPT = 1, 2, 4, 8
CBC, GCM = Enumeration(1), Enumeration(9)
PKCS5 = Enumeration(3)


def encode(name, value):
    """The bytes of an item. A tag that has no name here is given by its number."""
    number = NUMBERS[name] if isinstance(name, str) else name
    kind = KINDS[type(value)]
    if kind == 1:
        content = b"".join(encode(*item) for item in value)
    elif kind == 7:
        content = value.encode()
    elif kind in (4, 8):
        content = bytes(value)
    elif kind in (2, 5, 10):
        content = struct.pack(">i" if kind == 2 else ">I", value)
    else:
        content = struct.pack(">q", value)
    padding = b"" if kind == 1 else b"\x00" * (-len(content) % 8)
    return struct.pack(">IBI", number, kind, len(content))[1:] + content + padding


class Item:
    """An item that came: the name of its tag, the number of its type, and its value; that of a
    structure is the list of its items."""

    def __init__(self, name, kind, value):
        self.name, self.kind, self.value = name, kind, value

    def all(self, name):
        """The items of this name in this structure."""
        return [item for item in self.value if item.name == name]

    def get(self, *path, otherwise=None):
        """The value of the first item on this path, if there is one."""
        here = self
        for name in path:
            found = here.all(name)
            if not found:
                return otherwise
            here = found[0]
        return here if here.kind == 1 else here.value

    def names(self):
        """The names of what is in this structure, in order."""
        return [item.name for item in self.value]

    def everywhere(self):
        """This item and all within it."""
        yield self
        for item in self.value if self.kind == 1 else ():
            yield from item.everywhere()

    def __repr__(self):
        return f"{self.name}={self.value!r}"


def decode(data):
    """The one item that these bytes are."""
    item, rest = _item(data)
    assert not rest, f"{len(rest)} bytes too many"
    return item


def _item(data):
    assert len(data) >= 8, "an item is cut short"
    number, kind = int.from_bytes(data[:3], "big"), data[3]
    length = int.from_bytes(data[4:8], "big")
    end = 8 + length + (0 if kind == 1 else -length % 8)
    assert len(data) >= end, "an item is cut short"
    content = data[8 : 8 + length]
    assert not any(data[8 + length : end]), "padding is not zero"
    if kind == 1:
        value = []
        while content:
            item, content = _item(content)
            value.append(item)
    elif kind == 7:
        value = content.decode()
    elif kind in (4, 8):
        value = content
    elif kind in (2, 5, 10):
        assert length == 4, f"{length} bytes of type {kind}"
        value = int.from_bytes(content, "big", signed=kind == 2)
    else:
        assert length == 8 and kind in (3, 6, 9), f"{length} bytes of type {kind}"
        value = int.from_bytes(content, "big", signed=True)
        value = bool(value) if kind == 6 else value
    return Item(TAGS.get(number, f"{number:06x}"), kind, value), data[end:]


def attribute(name, value):
    """An attribute as versions 1.x have it."""
    return ("Attribute", [("AttributeName", name), ("AttributeValue", value)])


def named(text):
    """The attribute `Name`, as text that is not interpreted."""
    return attribute("Name", [("NameValue", text), ("NameType", Enumeration(1))])


def item(operation, *payload, identifier=None):
    """An item of a batch."""
    before = [("UniqueBatchItemID", identifier)] if identifier else []
    operation = Enumeration(OPERATIONS[operation])
    return ("BatchItem", [("Operation", operation), *before, ("RequestPayload", list(payload))])


def message(version, items, *header):
    """The bytes of a request with these items; `header` stands between version and count."""
    major, minor = version
    numbers = [("ProtocolVersionMajor", major), ("ProtocolVersionMinor", minor)]
    top = [("ProtocolVersion", numbers), *header, ("BatchCount", len(items))]
    return encode("RequestMessage", [("RequestHeader", top), *items])


class Refused(Exception):
    """An item failed: the name of its reason, and what was said."""

    def __init__(self, batch_item):
        number = batch_item.get("ResultReason")
        self.reason = REASONS.get(number, number)
        super().__init__(f"{self.reason}: {batch_item.get('ResultMessage')}")


def trust(kmip, cert_file=None, key_file=None):
    """A TLS context for a server that says `kmip` of itself, and a client's certificate."""
    context = ssl.create_default_context(cafile=kmip["ca_file"])
    context.load_cert_chain(cert_file or kmip["cert_file"], key_file or kmip["key_file"])
    return context


class Kmip:
    """A client of one version, on one connection that stays open."""

    def __init__(self, kmip, version=(1, 4), cert_file=None, key_file=None, header=()):
        self.version, self.header = version, header
        host, port = kmip["address"].rsplit(":", 1)
        plain = socket.create_connection((host, int(port)), timeout=SECONDS)
        context = trust(kmip, cert_file, key_file)
        self.socket = context.wrap_socket(plain, server_hostname=host)

    def send(self, data):
        """Sends bytes as they are."""
        self.socket.sendall(data)

    def answer(self):
        """The next message that comes; none if the connection ends instead."""
        head = self._exactly(8)
        if head is None:
            return None
        rest = self._exactly(int.from_bytes(head[4:], "big"))
        assert rest is not None, "the connection ended within a message"
        return decode(head + rest)

    def _exactly(self, count):
        came = b""
        while len(came) < count:
            try:
                piece = self.socket.recv(count - len(came))
            except (ConnectionResetError, ssl.SSLEOFError):
                piece = b""
            if not piece:
                assert not came, f"the connection ended after {came!r}"
                return None
            came += piece
        return came

    def batch(self, *items, header=()):
        """The items of the answer to these; each stands for what it is an answer to."""
        self.send(message(self.version, items, *header, *self.header))
        response = self.answer()
        check(response, self.version)
        return response.all("BatchItem")

    def ask(self, operation, *payload):
        """The payload of the answer; `Refused` if there is none."""
        (one,) = self.batch(item(operation, *payload))
        return done(one, operation)

    def refused(self, reason, operation, *payload):
        """Has the operation refused for this reason, or one of these."""
        reasons = (reason,) if isinstance(reason, str) else reason
        try:
            answer = self.ask(operation, *payload)
        except Refused as refused:
            assert refused.reason in reasons, f"expected {reason}, not {refused}"
            return str(refused)
        raise AssertionError(f"expected {reason}, but {operation} answered {answer.value}")

    def close(self):
        """Hangs up."""
        self.socket.close()


def done(one, operation):
    """The payload of an item that succeeded; `Refused` if it did not."""
    if one.get("ResultStatus") != 0:
        raise Refused(one)
    assert one.get("Operation") == OPERATIONS[operation], one
    return one.get("ResponsePayload")


def check(response, version):
    """What holds for every answer."""
    assert response is not None, "the connection ended without an answer"
    assert response.name == "ResponseMessage", response
    header = response.get("ResponseHeader")
    numbers = header.get("ProtocolVersion")
    echoed = numbers.get("ProtocolVersionMajor"), numbers.get("ProtocolVersionMinor")
    assert echoed == version, f"{version} was answered as {echoed}"
    assert header.get("BatchCount") == len(response.all("BatchItem")), response
    assert header.get("TimeStamp"), "an answer says when it was given"
    if version < (1, 4):
        assert "ServerCorrelationValue" not in header.names(), header


def post(ctx, data, media_type="application/octet-stream"):
    """Status and message that `/kmip` on the HTTPS port answers to bytes."""
    place = urllib.parse.urlsplit(ctx.endpoint)
    connection = http.client.HTTPSConnection(
        place.hostname, place.port, context=trust(ctx.kmip), timeout=SECONDS
    )
    connection.request("POST", "/kmip", body=data, headers={"Content-Type": media_type})
    reply = connection.getresponse()
    content = reply.read()
    connection.close()
    return reply.status, decode(content) if reply.status == 200 else None
