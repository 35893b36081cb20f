"""Keys of pairs as numbers and in the formats of others: what goes in by one and comes out by another
is the key that `cryptography` has.
"""

import os

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, padding, rsa
from kmip_client import (
    AES,
    PRIVATE_KEY,
    PUBLIC_KEY,
    RAW,
    SYMMETRIC_KEY,
    Big,
    Date,
    Enumeration,
    Kmip,
    attribute,
)
from kmip_objects import registered, template, uid

VERSIONS = ((1, 1), (1, 4))
PKCS_8, X_509 = Enumeration(4), Enumeration(5)
DSA_PRIVATE, DSA_PUBLIC, RSA_PRIVATE, RSA_PUBLIC = map(Enumeration, range(8, 12))
ECDSA_PRIVATE, ECDSA_PUBLIC = Enumeration(14), Enumeration(15)
RSA, DSA, ECDSA = Enumeration(4), Enumeration(5), Enumeration(6)
UNCOMPRESSED, COMPRESSED, HYBRID = Enumeration(1), Enumeration(2), Enumeration(4)
CURVES = {"secp256r1": 7, "secp384r1": 10, "secp521r1": 13, "secp256k1": 25}


def big(number):
    """A number as the protocol writes it."""
    length = (number.bit_length() // 64 + 1) * 8
    return Big(number.to_bytes(length, "big"))


def number(material, name):
    """A number of what came."""
    return int.from_bytes(material.get(name), "big")


def register(peer, kind, form, material, algorithm, *said):
    """Registers a key: its identifier."""
    name, mask = ("PrivateKey", 1) if kind is PRIVATE_KEY else ("PublicKey", 2)
    block = [("KeyFormatType", form), *said, ("KeyValue", [("KeyMaterial", material)])]
    attributes = [
        attribute("Cryptographic Usage Mask", mask),
        attribute("Cryptographic Algorithm", algorithm),
    ]
    made = peer.ask(
        "Register", ("ObjectType", kind), template(*attributes), (name, [("KeyBlock", block)])
    )
    return registered(made)


def got(peer, identifier, form, *compression):
    """The key block in a format."""
    asked = [("KeyFormatType", form), *(("KeyCompressionType", one) for one in compression)]
    answer = peer.ask("Get", uid(identifier), *asked)
    key = answer.get("PrivateKey") or answer.get("PublicKey")
    block = key.get("KeyBlock")
    assert block.get("KeyFormatType") == form
    return block


def material(peer, identifier, form, *compression):
    """The key material in a format."""
    return got(peer, identifier, form, *compression).get("KeyValue", "KeyMaterial")


def pkcs8(key):
    """A private key as others write it."""
    return key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def spki(key):
    """A public key as others write it."""
    return key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def in_each(test):
    """Does a test in each of the versions."""

    def in_all(ctx):
        for version in VERSIONS:
            peer = Kmip(ctx.kmip, version)
            test(peer)
            peer.close()

    return in_all


@in_each
def test_a_key_on_a_curve_comes_as_numbers_and_leaves_as_others_read_it(peer):
    for curve in (ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1(), ec.SECP256K1()):
        key = ec.generate_private_key(curve)
        named = ("RecommendedCurve", Enumeration(CURVES[curve.name]))
        d = key.private_numbers().private_value
        private = register(peer, PRIVATE_KEY, ECDSA_PRIVATE, [named, ("D", big(d))], ECDSA)
        loaded = serialization.load_der_private_key(material(peer, private, PKCS_8), None)
        assert loaded.private_numbers() == key.private_numbers()
        private = register(peer, PRIVATE_KEY, PKCS_8, pkcs8(key), ECDSA)
        told = material(peer, private, ECDSA_PRIVATE)
        assert number(told, "D") == d and told.get("RecommendedCurve") == named[1]
        public = key.public_key()
        for form, compression in (
            (serialization.PublicFormat.UncompressedPoint, UNCOMPRESSED),
            (serialization.PublicFormat.CompressedPoint, COMPRESSED),
        ):
            point = public.public_bytes(serialization.Encoding.X962, form)
            identifier = register(
                peer,
                PUBLIC_KEY,
                ECDSA_PUBLIC,
                [named, ("QString", point)],
                ECDSA,
                ("KeyCompressionType", compression),
            )
            told = material(peer, identifier, ECDSA_PUBLIC, compression)
            assert told.get("QString") == point
            for asked in ((), (UNCOMPRESSED,), (COMPRESSED,)):
                came = material(peer, identifier, X_509, *asked)
                loaded = serialization.load_der_public_key(came)
                assert loaded.public_numbers() == public.public_numbers()
            short = got(peer, identifier, X_509, COMPRESSED)
            assert short.get("KeyCompressionType") == COMPRESSED
            assert len(short.get("KeyValue", "KeyMaterial")) < len(spki(public))
            reasons = ("InvalidField", 0x11)
            asked = (("KeyFormatType", X_509), ("KeyCompressionType", HYBRID))
            peer.refused(reasons, "Get", uid(identifier), *asked)


@in_each
def test_an_rsa_key_of_any_size_comes_as_numbers_and_leaves_as_others_read_it(peer):
    for bits in (1024, 1536, 2048):
        key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
        numbers, public = key.private_numbers(), key.public_key().public_numbers()
        enough = [("Modulus", big(public.n)), ("PublicExponent", big(public.e))]
        primes = [("P", big(numbers.p)), ("Q", big(numbers.q))]
        identifier = register(peer, PRIVATE_KEY, RSA_PRIVATE, [enough[0], *primes], RSA)
        block = got(peer, identifier, PKCS_8)
        assert block.get("CryptographicLength") == bits
        loaded = serialization.load_der_private_key(block.get("KeyValue", "KeyMaterial"), None)
        assert (loaded.private_numbers().p, loaded.private_numbers().q) == (numbers.p, numbers.q)
        identifier = register(peer, PUBLIC_KEY, RSA_PUBLIC, enough, RSA)
        assert material(peer, identifier, X_509) == spki(key.public_key())
        identifier = register(peer, PRIVATE_KEY, PKCS_8, pkcs8(key), RSA)
        told = material(peer, identifier, RSA_PRIVATE)
        for name, wanted in (
            ("Modulus", public.n),
            ("PrivateExponent", numbers.d),
            ("PrimeExponentP", numbers.dmp1),
            ("PrimeExponentQ", numbers.dmq1),
            ("CRTCoefficient", numbers.iqmp),
        ):
            assert number(told, name) == wanted, name


@in_each
def test_a_dsa_key_is_kept_and_given_and_does_not_sign(peer):
    key = dsa.generate_private_key(1024)
    numbers = key.private_numbers()
    domain = numbers.public_numbers.parameter_numbers
    three = [("P", big(domain.p)), ("Q", big(domain.q)), ("G", big(domain.g))]
    wanted = {"P": domain.p, "Q": domain.q, "G": domain.g, "X": numbers.x}
    identifier = register(peer, PRIVATE_KEY, PKCS_8, pkcs8(key), DSA)
    told = material(peer, identifier, DSA_PRIVATE)
    assert {name: number(told, name) for name in told.names()} == wanted
    x, y = ("X", big(numbers.x)), ("Y", big(numbers.public_numbers.y))
    identifier = register(peer, PRIVATE_KEY, DSA_PRIVATE, [*three, x], DSA)
    block = got(peer, identifier, PKCS_8)
    assert block.get("CryptographicLength") == 1024
    assert block.get("KeyValue", "KeyMaterial") == pkcs8(key)
    identifier = register(peer, PUBLIC_KEY, DSA_PUBLIC, [*three, y], DSA)
    assert material(peer, identifier, X_509) == spki(key.public_key())
    wrong = [*three, ("Y", big(numbers.public_numbers.y + 1))]
    try:
        register(peer, PUBLIC_KEY, DSA_PUBLIC, wrong, DSA)
    except Exception as refused:
        assert "do not belong together" in str(refused), refused
    else:
        raise AssertionError("a number of no key was taken")


@in_each
def test_a_key_that_others_wrapped_for_a_private_key_comes_unwrapped(peer):
    pair, plain = rsa.generate_private_key(public_exponent=65537, key_size=2048), os.urandom(32)
    attributes = [
        attribute("Cryptographic Usage Mask", 0x20),
        attribute("Cryptographic Algorithm", RSA),
        attribute("Activation Date", Date(1)),
    ]
    block = [("KeyFormatType", PKCS_8), ("KeyValue", [("KeyMaterial", pkcs8(pair))])]
    private = ("PrivateKey", [("KeyBlock", block)])
    made = peer.ask("Register", ("ObjectType", PRIVATE_KEY), template(*attributes), private)
    oaep = [("PaddingMethod", Enumeration(2)), ("HashingAlgorithm", Enumeration(6))]
    by = [uid(registered(made)), ("CryptographicParameters", oaep)]
    data = [
        ("WrappingMethod", Enumeration(1)),
        ("EncryptionKeyInformation", by),
        ("EncodingOption", Enumeration(1)),
    ]

    def brought(wrapped):
        block = [
            ("KeyFormatType", RAW),
            ("KeyValue", wrapped),
            ("CryptographicAlgorithm", AES),
            ("CryptographicLength", 256),
            ("KeyWrappingData", data),
        ]
        mask = template(attribute("Cryptographic Usage Mask", 4))
        return ("ObjectType", SYMMETRIC_KEY), mask, ("SymmetricKey", [("KeyBlock", block)])

    way = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    wrapped = pair.public_key().encrypt(plain, way)
    identifier = registered(peer.ask("Register", *brought(wrapped)))
    value = peer.ask("Get", uid(identifier)).get("SymmetricKey", "KeyBlock", "KeyValue")
    assert value.get("KeyMaterial") == plain
    forged = bytes([wrapped[0] ^ 1]) + wrapped[1:]
    peer.refused("CryptographicFailure", "Register", *brought(forged))
