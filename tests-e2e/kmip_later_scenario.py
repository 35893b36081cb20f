"""What a KMIP client asks to be answered later, as the built server does it: the work goes on when
the connection ends, and its result is obtained on another one, once.
"""

import time

from kmip_client import RSA, SIGN, VERIFY, Kmip, Refused, attribute, item

PENDING = 2
CANCELED, UNABLE_TO_CANCEL, COMPLETED, FAILED, UNAVAILABLE = range(1, 6)
TAKES_IT = ("AsynchronousIndicator", True)
SECONDS = 60
AT_ONCE = 5


def pair(bits=4096):
    """A request for a key pair, which takes a while to find."""
    common = [
        attribute("Cryptographic Algorithm", RSA),
        attribute("Cryptographic Length", bits),
    ]
    return item(
        "CreateKeyPair",
        ("CommonTemplateAttribute", common),
        ("PrivateKeyTemplateAttribute", [attribute("Cryptographic Usage Mask", SIGN)]),
        ("PublicKeyTemplateAttribute", [attribute("Cryptographic Usage Mask", VERIFY)]),
    )


def submit(kmip):
    """The value under which the result of a request is polled, on a connection that ends then."""
    peer = Kmip(kmip)
    (one,) = peer.batch(pair(), header=[TAKES_IT])
    peer.close()
    assert one.get("ResultStatus") == PENDING, one
    assert "ResponsePayload" not in one.names(), one
    return one.get("AsynchronousCorrelationValue")


def value_of(value):
    """What names a request."""
    return ("AsynchronousCorrelationValue", value)


def polled(peer, value):
    """The item that a poll is answered with."""
    (one,) = peer.batch(item("Poll", value_of(value)))
    return one


def obtained(peer, value):
    """The result, once it is there."""
    end = time.monotonic() + SECONDS
    while True:
        one = polled(peer, value)
        if one.get("ResultStatus") != PENDING:
            return one
        assert one.get("AsynchronousCorrelationValue") == value, one
        assert time.monotonic() < end, "it is still not done"
        time.sleep(0.05)


def test_work_goes_on_without_its_connection_and_is_obtained_once(ctx):
    begun = time.monotonic()
    values = [submit(ctx.kmip) for _ in range(3)]
    assert len(set(values)) == len(values)
    took = time.monotonic() - begun
    peer = Kmip(ctx.kmip)
    for value in values:
        one = obtained(peer, value)
        assert one.get("ResultStatus") == 0, Refused(one)
        made = one.get("ResponsePayload").get("PrivateKeyUniqueIdentifier")
        assert peer.ask("Get", ("UniqueIdentifier", made)).get("PrivateKey"), made
        peer.refused("ItemNotFound", "Poll", value_of(value))
    peer.close()
    print(f"three pairs were asked for in {took:.2f} s", flush=True)
    assert took < AT_ONCE, took


def test_cancelling_says_what_became_of_it(ctx):
    peer = Kmip(ctx.kmip)
    cancel = lambda value: peer.ask("Cancel", value_of(value)).get("CancellationResult")
    value = submit(ctx.kmip)
    said = cancel(value)
    assert said in (CANCELED, UNABLE_TO_CANCEL, COMPLETED), said
    one = obtained(peer, value)
    assert (one.get("ResultStatus") == 0) == (said != CANCELED), Refused(one)
    assert cancel(value) == UNAVAILABLE
    (one,) = peer.batch(pair(bits=1000), header=[TAKES_IT])
    value = one.get("AsynchronousCorrelationValue")
    end = time.monotonic() + SECONDS
    while cancel(value) == UNABLE_TO_CANCEL and time.monotonic() < end:
        time.sleep(0.05)
    assert cancel(value) == FAILED
    peer.refused(("FeatureNotSupported", "InvalidField"), "Poll", value_of(value))
    peer.close()
