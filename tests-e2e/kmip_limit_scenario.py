"""A key that may protect 100 times does so 100 times, and never more, whoever asks and whatever
becomes of the server.

Sixteen connections encrypt with one key as fast as they can, until each is refused. Where the
server is killed meanwhile and started again, what it had set aside for later uses is lost: fewer
succeed in all, but never more.
"""

import pathlib
import random
import tempfile
import threading

from kill_scenario import BROKEN, House, in_threads
from kmip_client import CBC, PKCS5, Enumeration, Kmip, Long, Refused, attribute
from kmip_objects import attributes, create, uid

LIMIT = 100
CONNECTIONS = 16
ROUNDS = 5
# Calls are counted, not bytes.
OBJECT = Enumeration(2)
PARAMETERS = ("CryptographicParameters", [("BlockCipherMode", CBC), ("PaddingMethod", PKCS5)])
REQUEST = (PARAMETERS, ("Data", b"some data"), ("IVCounterNonce", bytes(16)))


class Count:
    """How often it was done, as far as clients have heard; tells when it was so many times."""

    def __init__(self, due_at=LIMIT):
        self.number, self.due_at = 0, due_at
        self.due, self.lock = threading.Event(), threading.Lock()

    def add(self):
        """Once more."""
        with self.lock:
            self.number += 1
            if self.number == self.due_at:
                self.due.set()


def limited_key(kmip):
    """A new active key that may protect as often as the limit says."""
    peer = Kmip(kmip)
    limits = [("UsageLimitsTotal", Long(LIMIT)), ("UsageLimitsUnit", OBJECT)]
    key = create(peer, attribute("Usage Limits", limits))
    peer.ask("Activate", uid(key))
    peer.close()
    return key


def left(kmip, key):
    """How often the key may still protect, as the server says it."""
    peer = Kmip(kmip)
    limits = attributes(peer, key, "Usage Limits")["Usage Limits"]
    peer.close()
    return limits.get("UsageLimitsCount")


def encrypt_until_refused(peer, key, count):
    """Encrypts until the limit is reached. Nothing else is refused."""
    for _ in range(LIMIT + 1):
        try:
            answer = peer.ask("Encrypt", uid(key), *REQUEST)
        except Refused as refused:
            assert refused.reason == "PermissionDenied", refused
            return
        assert answer.get("Data"), answer
        count.add()
    raise AssertionError(f"one connection alone was served {LIMIT + 1} times")


def encrypt_until_all_are_refused(kmip, key, count):
    """The same on all connections at once."""
    peers = [Kmip(kmip) for _ in range(CONNECTIONS)]
    in_threads(lambda peer: encrypt_until_refused(peer, key, count), peers)
    for peer in peers:
        peer.close()


def encrypt_until_killed(house, kmip, key, count):
    """The same, but the server is killed meanwhile; how many connections it left in the lurch."""
    peers = [Kmip(kmip) for _ in range(CONNECTIONS)]
    killed = threading.Event()

    def work(peer):
        try:
            encrypt_until_refused(peer, key, count)
        except (*BROKEN, AssertionError):
            # The client asserts that an answer comes, and whole.
            if not killed.is_set():
                raise
            return 1
        return 0

    def kill():
        count.due.wait(timeout=60)
        killed.set()
        house.kill()
        return 0

    jobs = [kill, *(lambda peer=peer: work(peer) for peer in peers)]
    return sum(in_threads(lambda job: job(), jobs))


def test_a_key_protects_as_often_as_it_may_and_not_once_more(ctx):
    for _ in range(ROUNDS):
        key, count = limited_key(ctx.kmip), Count()
        assert left(ctx.kmip, key) == LIMIT
        encrypt_until_all_are_refused(ctx.kmip, key, count)
        assert count.number == LIMIT, count.number
        assert left(ctx.kmip, key) == 0


def test_a_kill_gives_no_use_back(ctx):
    chance, counts, interrupted = random.Random(), [], 0
    with tempfile.TemporaryDirectory(prefix="strongroom-limit-") as directory:
        house = House(ctx.binary, pathlib.Path(directory))
        try:
            house.start()
            kmip = house.server.ready()["kmip"]
            for _ in range(ROUNDS):
                count = Count(due_at=chance.randint(1, LIMIT - CONNECTIONS))
                key = limited_key(kmip)
                interrupted += encrypt_until_killed(house, kmip, key, count)
                before = count.number
                house.start()
                kmip = house.server.ready()["kmip"]
                encrypt_until_all_are_refused(kmip, key, count)
                counts.append(f"{before} + {count.number - before}")
                assert 0 < count.number <= LIMIT, counts
                assert left(kmip, key) == 0, counts
        finally:
            house.kill()
    print(f"of {LIMIT} uses, before and after kill -9: {', '.join(counts)}", flush=True)
    assert interrupted > 0, "the server was never killed in the middle"
