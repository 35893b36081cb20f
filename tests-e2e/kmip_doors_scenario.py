"""Who may do what by KMIP, and keys that are used by KMIP and by the AWS KMS API."""

from certificate_scenario import Certificate, register
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from kmip_client import (
    ACTIVE,
    AES,
    PRE_ACTIVE,
    RSA,
    SIGN,
    SYMMETRIC_KEY,
    VERIFY,
    Kmip,
    attribute,
    named,
)
from kmip_objects import (
    CESSATION,
    aes_256,
    attributes,
    create,
    locate,
    material,
    new_name,
    state,
    template,
    uid,
)
from run import statement


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
