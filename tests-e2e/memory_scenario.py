"""Secrets that have done their work are not in the server's memory.

Known secrets (canaries) are given to a server of its own or taken from it; then every private
mapping of the process that can be read is searched for their bytes. Secret memory itself
(`memfd_secret`, or locked pages that are left out of dumps) is where keys belong, and is not
searched. Needs root, which is who could read another process's memory at all.
"""

import base64
import datetime
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import boto3
from kms_client import KmsClient, Refused, signing_key
from run import Server, statement

IDLE_SECONDS = 2
PIECE = 16 << 20

# What is found today, and why. A name that is no longer seen is printed, and leaves this list.
KNOWN_EXCEPTIONS = {
    # The body of a request: in the buffers of the HTTP and TLS libraries, which are neither wiped
    # nor shared with us. They go when they are used again.
    "the plaintext of Encrypt in base64",
    # What `quickstart` reads from its folder and prints when it starts.
    "the administrator's secret",
}

HOLDER = """
import sys
canary = bytes(byte ^ 255 for byte in bytes.fromhex(sys.stdin.readline()))
print("ready", flush=True)
sys.stdin.readline()
"""


def mappings(pid):
    """The private, readable mappings that are not secret memory: start, end, name."""
    found, current = [], None
    for line in pathlib.Path(f"/proc/{pid}/smaps").read_text().splitlines():
        head = re.match(r"([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+\s*(.*)", line)
        if head:
            start, end, rights, name = head.groups()
            kernels = name in ("[vvar]", "[vsyscall]")
            readable = rights[0] == "r" and rights[3] == "p" and not kernels
            current = (int(start, 16), int(end, 16), f"{rights} {name or 'anonymous'}")
            if readable:
                found.append(current)
        elif line.startswith("VmFlags:"):
            flags = line.split()[1:]
            if {"lo", "dd"} <= set(flags) and found and found[-1] is current:
                found.pop()
    return found


class Sighting:
    """A canary in memory: where, and the text around it with the canary itself left out."""

    def __init__(self, name, address, mapping, around):
        self.name = name
        self.text = f"{name} at {address:#x} in {mapping}: {around}"


def search(pid, canaries):
    """Every sighting of the canaries (a dict of bytes by name), and the bytes that were read."""
    sightings, searched = [], 0
    margin = max(map(len, canaries.values())) + 96
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for start, end, name in mappings(pid):
            before = b""
            for at in range(start, end, PIECE):
                try:
                    memory.seek(at)
                    piece = memory.read(min(PIECE, end - at))
                except OSError:
                    before = b""
                    continue
                searched += len(piece)
                window = before + piece
                for canary, value in canaries.items():
                    for match in re.finditer(re.escape(value), window):
                        if match.end() > len(before):
                            first, last = match.span()
                            around = window[max(first - 48, 0) : first], window[last : last + 48]
                            address = at - len(before) + first
                            sightings.append(Sighting(canary, address, name, around))
                before = window[-margin:]
    return sightings, searched


def forms(name, value):
    """A canary as it is, and as it is written in JSON."""
    # The last group of base64 depends on what follows; three whole bytes never do.
    whole = value[: len(value) // 3 * 3]
    return {name: value, f"{name} in base64": base64.b64encode(whole)}


def refused(call, *arguments, **parameters):
    """Makes the call, which must be refused."""
    try:
        call(*arguments, **parameters)
    except Refused:
        return
    raise AssertionError("it was not refused")


def control():
    """A process that holds a canary is found to hold it, by the same search."""
    canary = os.urandom(32)
    child = subprocess.Popen(
        [sys.executable, "-c", HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        child.stdin.write(bytes(byte ^ 255 for byte in canary).hex() + "\n")
        child.stdin.flush()
        assert child.stdout.readline() == "ready\n"
        sightings, searched = search(child.pid, {"held": canary, "not held": os.urandom(32)})
        names = {sighting.name for sighting in sightings}
        assert names == {"held"}, f"the search found {names} in {searched} bytes"
    finally:
        child.communicate("\n")


def work(client, stranger, plain):
    """Uses keys with the plaintext, in order and wrongly; gives the secrets that came out."""
    text = base64.b64encode(plain).decode()
    key = client.call("CreateKey")["KeyMetadata"]["KeyId"]
    other = client.call("CreateKey")["KeyMetadata"]["KeyId"]
    made = client.call("GenerateDataKey", KeyId=key, KeySpec="AES_256")
    pair = client.call("GenerateDataKeyPair", KeyId=key, KeyPairSpec="ECC_NIST_P256")
    drawn = client.call("GenerateRandom", NumberOfBytes=48)
    blob = client.call("Encrypt", KeyId=key, Plaintext=text)["CiphertextBlob"]
    assert client.call("Decrypt", CiphertextBlob=blob)["Plaintext"] == text
    opened = client.call("Decrypt", CiphertextBlob=made["CiphertextBlob"])
    assert opened["Plaintext"] == made["Plaintext"]
    client.call("ReEncrypt", CiphertextBlob=blob, DestinationKeyId=other)
    # And where it goes wrong after the plaintext has come in or out.
    encrypt = {"KeyId": key, "Plaintext": text}
    refused(client.call, "Encrypt", **encrypt, DryRun=True)
    refused(client.call, "Encrypt", **encrypt, EncryptionAlgorithm="NONE")
    refused(client.call, "Encrypt", **{**encrypt, "KeyId": "alias/none"})
    long = base64.b64encode(plain + bytes(5000)).decode()
    refused(client.call, "Encrypt", **{**encrypt, "Plaintext": long})
    refused(client.send, "Encrypt", json.dumps(encrypt).encode()[:-1])
    refused(stranger.call, "Encrypt", **encrypt)
    refused(stranger.call, "Decrypt", CiphertextBlob=made["CiphertextBlob"])
    client.call("DisableKey", KeyId=other)
    refused(client.call, "Encrypt", **{**encrypt, "KeyId": other})
    refused(client.call, "ReEncrypt", CiphertextBlob=blob, DestinationKeyId=other)
    refused(
        client.call, "Decrypt", CiphertextBlob=made["CiphertextBlob"], EncryptionContext={"a": "b"}
    )
    # The scalar of P-256 in PKCS #8, and one byte so that its base64 is whole.
    private = base64.b64decode(pair["PrivateKeyPlaintext"])
    return {
        "a data key": base64.b64decode(made["Plaintext"]),
        "random bytes": base64.b64decode(drawn["Plaintext"]),
        "the private key of a pair": private[36:69],
    }


def test_secrets_are_not_left_in_memory(ctx):
    if os.geteuid() != 0:
        print("skipped: memory_scenario: reading the server's memory needs root", flush=True)
        return
    control()
    with tempfile.TemporaryDirectory(prefix="strongroom-memory-") as directory:
        server = Server(ctx.binary, directory)
        try:
            ready = server.ready()
            look(server.process.pid, pathlib.Path(directory), ready, user_of(ctx.binary, directory))
        finally:
            server.kill()


def user_of(binary, directory):
    """A user whose secret the server has made and given away after its start: id and secret."""
    policy = pathlib.Path(directory) / "all.json"
    policy.write_text(json.dumps(statement("Allow", "kms:*")))
    user = ["user", "--dir", directory, "--output", "json"]
    run = {"capture_output": True, "text": True, "check": True, "timeout": 120}
    subprocess.run([binary, "principal", "create", *user, "--policy", str(policy)], **run)
    made = json.loads(subprocess.run([binary, "access-key", "create", *user], **run).stdout)
    trust = pathlib.Path(directory) / "trust.json"
    one = {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}
    trust.write_text(json.dumps({"Version": "2012-10-17", "Statement": [one]}))
    role = ["role", "create", "remembered", "--trust", str(trust), *user[1:]]
    subprocess.run([binary, *role], **run)
    return {name: made[name] for name in ("access_key_id", "secret_access_key")}


def session_of(ready):
    """The secret of a new session of a role, which has been used."""
    place = {"endpoint_url": ready["endpoint"], "verify": ready["ca_file"]}
    place["region_name"] = ready["region"]
    keys = {"aws_access_key_id": ready["access_key_id"]}
    keys["aws_secret_access_key"] = ready["secret_access_key"]
    role = f"arn:aws:iam::{ready['account']}:role/remembered"
    asked = {"RoleArn": role, "RoleSessionName": "memory"}
    made = boto3.client("sts", **place, **keys).assume_role(**asked)["Credentials"]
    keys = {"aws_access_key_id": made["AccessKeyId"]}
    keys["aws_secret_access_key"] = made["SecretAccessKey"]
    keys["aws_session_token"] = made["SessionToken"]
    boto3.client("sts", **place, **keys).get_caller_identity()
    return made["SecretAccessKey"]


def look(pid, folder, ready, user):
    """Works, waits and searches; twice, so that what was freed has been used again."""
    date = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%d")
    plain = os.urandom(48)
    canaries = {
        **forms("the key file", (folder / "unseal.key").read_bytes()),
        **forms("the plaintext of Encrypt", plain),
        "the administrator's secret": ready["secret_access_key"].encode(),
        "a user's secret": user["secret_access_key"].encode(),
        "a derived signing key": signing_key(user["secret_access_key"], date, ready["region"]),
    }
    seen = set()
    for turn in range(2):
        client = KmsClient({**ready, **user})
        stranger = KmsClient({**ready, **user, "secret_access_key": "x" * 40})
        for name, value in work(client, stranger, plain).items():
            canaries |= forms(f"{name} ({turn})", value)
        session = session_of(ready)
        canaries |= {
            f"a session's secret ({turn})": session.encode(),
            f"a session's signing key ({turn})": signing_key(session, date, ready["region"], "sts"),
        }
        for doing in ("idle", "hung up"):
            time.sleep(IDLE_SECONDS)
            seen |= judge(pid, canaries, f"turn {turn}, {doing}")
            client.close()
            stranger.close()
    for name in sorted(KNOWN_EXCEPTIONS - seen):
        print(f"memory: no longer seen, so no longer an exception: {name}", flush=True)
    core_dumps(pid)


def judge(pid, canaries, when):
    """Searches; fails for what must not be there, and gives what is known to be."""
    sightings, searched = search(pid, canaries)
    assert searched > 1 << 20, f"{when}: only {searched} bytes could be read"
    wrong = [one.text for one in sightings if one.name not in KNOWN_EXCEPTIONS]
    assert not wrong, "\n".join([f"{when}:", *wrong])
    print(
        f"memory: {when}: {len(canaries)} canaries, {searched >> 20} MiB searched, "
        f"{len(sightings)} known exceptions",
        flush=True,
    )
    return {one.name for one in sightings}


def core_dumps(pid):
    """Whether the server may leave its memory in a file."""
    for line in pathlib.Path(f"/proc/{pid}/limits").read_text().splitlines():
        if line.startswith("Max core file size"):
            limits = line.split()[4:6]
            if limits == ["0", "0"]:
                print("memory: the server leaves no core dumps", flush=True)
            else:
                print(f"memory: core dumps are not off: soft and hard limit {limits}", flush=True)
