"""What was acknowledged is there after `kill -9`, and nothing is half done.

Eight clients change and use keys of their own until the server is killed at a random moment; it is
started again on the same folder, and everything of that cycle is looked at. A request that was on
its way when the server died may be done or not, but only wholly. Every third start is killed too,
while it recovers.
"""

import base64
import http.client
import json
import os
import pathlib
import random
import signal
import ssl
import subprocess
import tempfile
import threading
import time
from collections import Counter

from kms_client import KmsClient
from run import Server

CYCLES = 100
# No new cycle begins after this long, and this many there must have been by then.
SECONDS = 150
CYCLES_MIN = 15
CLIENTS = 8
# How long the clients are left alone before the server is killed.
LIFE_SECONDS = (0.02, 0.7)
# How long a start is left alone before it is killed.
START_SECONDS = (0.0, 0.15)

BROKEN = (OSError, http.client.HTTPException)


class Subject:
    """A key, what was acknowledged of it, and what was asked last without an answer."""

    def __init__(self, number):
        self.number = number
        self.key = None
        self.known = {"description": f"new {number}", "tag": f"new {number}", "enabled": True}
        self.aliases = []
        self.ciphertexts = []
        # What the request that is on its way would make of `known`, or the alias it would make.
        self.asked = {}
        self.asked_alias = None

    def possible(self, what):
        """The values that this may have now."""
        return {self.known[what], self.asked.get(what, self.known[what])}

    def change(self, client, operation, what, value, **parameters):
        """Changes one thing."""
        self.asked = {what: value}
        client.call(operation, KeyId=self.key, **parameters)
        self.known[what] = value
        self.asked = {}


def tags(value):
    """Two tags that are always changed together."""
    return [{"TagKey": key, "TagValue": value} for key in ("one", "other")]


class Worker:
    """A client that works until the server is gone."""

    def __init__(self, name):
        self.name = name
        self.subjects = []
        self.answers = 0
        self.failure = None

    def work(self, ready, trust):
        """Everything to one key after the other."""
        client = KmsClient(ready, trust)
        try:
            while True:
                self.subject(client, Subject(f"{self.name}-{len(self.subjects)}"))
        except BROKEN:
            pass
        except Exception as failure:  # Told by the thread that waits for this one.
            self.failure = failure
        self.answers = client.answers

    def subject(self, client, subject):
        self.subjects.append(subject)
        number = subject.number
        made = client.call("CreateKey", Description=f"new {number}", Tags=tags(f"new {number}"))
        subject.key = made["KeyMetadata"]["KeyId"]
        for turn in range(3):
            text = f"{turn} of {number}"
            subject.change(client, "TagResource", "tag", text, Tags=tags(text))
            subject.change(
                client, "UpdateKeyDescription", "description", text, Description=text
            )
            subject.asked_alias = f"alias/{number}/{turn}"
            client.call("CreateAlias", AliasName=subject.asked_alias, TargetKeyId=subject.key)
            subject.aliases.append(subject.asked_alias)
            subject.asked_alias = None
            plain = base64.b64encode(text.encode()).decode()
            made = client.call("Encrypt", KeyId=subject.key, Plaintext=plain)
            subject.ciphertexts.append((made["CiphertextBlob"], plain))
            subject.change(client, "DisableKey", "enabled", False)
            if turn < 2:
                subject.change(client, "EnableKey", "enabled", True)


def check(client, subject):
    """The key is as acknowledged, or as asked; counts what was asked and was done."""
    key = subject.key
    metadata = client.call("DescribeKey", KeyId=key)["KeyMetadata"]
    assert metadata["Description"] in subject.possible("description"), (metadata, vars(subject))
    assert metadata["Enabled"] in subject.possible("enabled"), (metadata, vars(subject))
    two = client.call("ListResourceTags", KeyId=key)["Tags"]
    values = {tag["TagValue"] for tag in two}
    assert len(two) == 2 and len(values) == 1, f"half of a TagResource: {two}"
    assert values <= subject.possible("tag"), (two, vars(subject))
    listed = client.call("ListAliases", KeyId=key)["Aliases"]
    listed = {alias["AliasName"] for alias in listed}
    assert listed >= set(subject.aliases), (listed, vars(subject))
    assert listed <= {*subject.aliases, subject.asked_alias}, (listed, vars(subject))
    for alias in {*subject.aliases, subject.asked_alias} - {None}:
        check_alias(client, alias, key, alias in listed)
    if not metadata["Enabled"]:
        client.call("EnableKey", KeyId=key)
    for blob, plain in subject.ciphertexts:
        assert client.call("Decrypt", CiphertextBlob=blob)["Plaintext"] == plain, vars(subject)
    is_now = {
        "description": metadata["Description"],
        "enabled": metadata["Enabled"],
        "tag": two[0]["TagValue"],
    }
    done = subject.asked_alias in listed or any(
        is_now[what] == value != subject.known[what] for what, value in subject.asked.items()
    )
    changing = bool(subject.asked or subject.asked_alias)
    return Counter(
        {
            "ciphertexts decrypted": len(subject.ciphertexts),
            "changes unanswered": int(changing),
            "of them done": int(done),
        }
    )


def check_alias(client, alias, key, listed):
    """An alias that its key lists leads to the key; one that it does not list, nowhere."""
    try:
        found = client.call("DescribeKey", KeyId=alias)["KeyMetadata"]["KeyId"]
    except Exception as refusal:
        assert getattr(refusal, "code", None) == "NotFoundException", refusal
        found = None
    assert found == (key if listed else None), f"half of a CreateAlias: {alias}: {found}"


def check_worker(worker, ready, trust):
    """Looks at everything of a worker, and counts it."""
    client = KmsClient(ready, trust)
    try:
        counts = (check(client, subject) for subject in worker.subjects if subject.key)
        counts = sum(counts, Counter(acknowledged=worker.answers))
        counts["answers"] = worker.answers + client.answers
        return counts
    finally:
        client.close()


def pages(client, operation, member):
    """All that an operation lists."""
    more = {}
    while True:
        page = client.call(operation, **more)
        yield from page[member]
        if not page["Truncated"]:
            return
        more = {"Marker": page["NextMarker"]}


def check_lists(ready, trust, workers, keys, aliases):
    """Whatever is there was asked for, and what nobody heard of is whole. `keys` and `aliases` of
    earlier cycles; gains those of this one."""
    client = KmsClient(ready, trust)
    subjects = [subject for worker in workers for subject in worker.subjects]
    keys.update(subject.key for subject in subjects if subject.key)
    asked = {f"new {subject.number}" for subject in subjects if not subject.key}
    listed = {key["KeyId"] for key in pages(client, "ListKeys", "Keys")}
    assert keys <= listed, f"lost keys: {keys - listed}"
    for key in listed - keys:
        metadata = client.call("DescribeKey", KeyId=key)["KeyMetadata"]
        two = client.call("ListResourceTags", KeyId=key)["Tags"]
        assert metadata["Description"] in asked, metadata
        assert [tag["TagValue"] for tag in two] == [metadata["Description"]] * 2, (metadata, two)
        client.call("GetKeyPolicy", KeyId=key)
        client.call("Encrypt", KeyId=key, Plaintext="AAAA")
        asked.remove(metadata["Description"])
        keys.add(key)
    aliases.update(alias for subject in subjects for alias in subject.aliases)
    unsure = {subject.asked_alias for subject in subjects} - {None}
    there = {alias["AliasName"] for alias in pages(client, "ListAliases", "Aliases")}
    assert aliases <= there <= aliases | unsure, (aliases ^ there) - unsure
    aliases.update(there)
    client.close()


def in_threads(work, arguments):
    """What `work` gives for each of the arguments, at the same time; raises what one raised."""
    outcomes = []

    def one(argument):
        try:
            outcomes.append((work(argument), None))
        except Exception as failure:  # Raised below.
            outcomes.append((None, failure))

    threads = [threading.Thread(target=one, args=(argument,)) for argument in arguments]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for _, failure in outcomes:
        if failure:
            raise failure
    return [result for result, _ in outcomes]


class House:
    """A folder, and the server that runs on it."""

    def __init__(self, binary, folder):
        self.binary = binary
        self.folder = folder
        self.server = None

    def start(self):
        """Starts the server, and does not wait for it."""
        self.server = Server(self.binary, self.folder)

    def kill(self):
        """The end of the server, without notice."""
        if self.server is not None:
            os.killpg(self.server.process.pid, signal.SIGKILL)
            self.server.process.wait()
            self.server.log.close()
        self.server = None


def verify_audit(binary, folder, answers):
    """Has the whole log verified, where there is a command for it, and every answer found to have
    its entry; what to say of it."""
    known = subprocess.run([binary, "audit", "verify", "--help"], capture_output=True, timeout=60)
    if known.returncode != 0:
        print("skipped: audit verify: this program has no such command", flush=True)
        return "audit log not verified"
    line = [binary, "audit", "verify", "--dir", str(folder), "--output", "json"]
    done = subprocess.run(line, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"{' '.join(line)}: {done.returncode}: {done.stdout}{done.stderr}"
    report = json.loads(done.stdout)
    entries = report["entries"] + report["unsigned_entries"]
    assert entries >= answers, f"{answers} requests were answered, and the log has {entries}"
    return f"audit log verified: {entries} entries of {answers} answers"


def test_nothing_acknowledged_is_lost_and_nothing_is_half_done(ctx):
    with tempfile.TemporaryDirectory(prefix="strongroom-kill-") as directory:
        house = House(ctx.binary, pathlib.Path(directory))
        try:
            cycles(house)
        finally:
            house.kill()


def cycles(house):
    """Kills, starts and looks, as often as there is time."""
    chance = random.Random()
    house.start()
    ready = house.server.ready()
    trust = ssl.create_default_context(cafile=ready["ca_file"])
    keys, aliases = set(), set()
    totals = Counter()
    began, cycle = time.monotonic(), 0
    while cycle < CYCLES and time.monotonic() - began < SECONDS:
        workers = [Worker(f"{cycle}/{name}") for name in range(CLIENTS)]
        live_and_die(house, workers, ready, trust, chance)
        if cycle % 3 == 2:
            house.start()
            time.sleep(chance.uniform(*START_SECONDS))
            house.kill()
            totals["starts killed"] += 1
        house.start()
        ready = house.server.ready()
        totals += sum(in_threads(lambda one: check_worker(one, ready, trust), workers), Counter())
        check_lists(ready, trust, workers, keys, aliases)
        cycle += 1
    house.kill()
    audited = verify_audit(house.binary, house.folder, totals["answers"])
    shown = ("acknowledged", "changes unanswered", "of them done", "ciphertexts decrypted")
    said = ", ".join(f"{totals[what]} {what}" for what in (*shown, "starts killed"))
    print(
        f"kill -9: {cycle} cycles in {time.monotonic() - began:.0f} s: {said}, {len(keys)} keys "
        f"and {len(aliases)} aliases there; {audited}",
        flush=True,
    )
    assert cycle >= CYCLES_MIN, f"only {cycle} cycles in {SECONDS} s"
    assert totals["ciphertexts decrypted"] > 0 and totals["changes unanswered"] > 0, totals


def live_and_die(house, workers, ready, trust, chance):
    """Has the workers work until the server is killed under them."""
    threads = [threading.Thread(target=worker.work, args=(ready, trust)) for worker in workers]
    for thread in threads:
        thread.start()
    time.sleep(chance.uniform(*LIFE_SECONDS))
    house.kill()
    for thread in threads:
        thread.join()
    for worker in workers:
        if worker.failure:
            raise worker.failure
