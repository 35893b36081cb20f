"""The audit log, as an auditor reads it: every operation is in it once, and tampering is found."""

import json
import pathlib
import shutil
import subprocess
import tempfile
import time
import unicodedata
import uuid

from botocore.exceptions import ClientError

SETTLE_SECONDS = 30
NOBODY = "00000000-0000-4000-8000-000000000000"
# Moves the cursor, ends a line, imitates an entry, turns the direction of writing round.
HOSTILE = '\x1b[2J\r\n{"index":0}\x7f\x9b\u202e\u2028'


def show(ctx, first, limit=1_000_000):
    """The signed entries from an index on."""
    text = ctx.command("audit", "show", "--from", str(first), "--limit", str(limit))
    return [json.loads(line) for line in text.splitlines()]


def settled(ctx):
    """How many entries there are, once all are signed."""
    end = time.monotonic() + SETTLE_SECONDS
    while True:
        before = ctx.command("audit", "checkpoint")
        report = verify(ctx, pathlib.Path(ctx.directory) / "audit")[1]
        if report["unsigned_entries"] == 0 and before == ctx.command("audit", "checkpoint"):
            assert report["sound"], report["findings"]
            return report["entries"]
        assert time.monotonic() < end, f"the entries are not signed: {report}"
        time.sleep(0.2)


def verify(ctx, log, *checkpoints):
    """Verifies the log in a folder: the exit code and the report."""
    key = pathlib.Path(ctx.directory) / "audit.pub"
    line = [ctx.binary, "audit", "verify", "--output", "json", "--log", log, "--key", key]
    for checkpoint in checkpoints:
        line += ["--checkpoint", checkpoint]
    done = subprocess.run(line, capture_output=True, text=True, timeout=120)
    assert done.returncode in (0, 1) and not done.stderr, done.stderr
    report = json.loads(done.stdout)
    assert report["sound"] == (done.returncode == 0) == (not report["findings"]), report
    return done.returncode, report


def answered(call, **parameters):
    """Makes the call; the id its answer or refusal carries."""
    try:
        reply = call(**parameters)
    except ClientError as error:
        reply = error.response
    return reply["ResponseMetadata"]["RequestId"]


def checkpoint_file(ctx, folder, name):
    """The newest checkpoint, kept in a file."""
    path = pathlib.Path(folder) / name
    path.write_text(json.loads(ctx.command("audit", "checkpoint"))["signed"])
    return path


def test_every_operation_makes_one_entry(ctx):
    nothing = ctx.client_for(None)
    stranger = ctx.client("AKIAAAAAAAAAAAAAAAAA", "s" * 40)
    before = settled(ctx)
    key = ctx.kms.create_key()
    name = {"KeyId": key["KeyMetadata"]["KeyId"]}
    context = {"EncryptionContext": {"purpose": "audit"}}
    blob = ctx.kms.encrypt(Plaintext=b"p", **name, **context)
    opened = {"CiphertextBlob": blob["CiphertextBlob"]}
    expected = [
        (key["ResponseMetadata"]["RequestId"], "kms:CreateKey", "allowed", None),
        (blob["ResponseMetadata"]["RequestId"], "kms:Encrypt", "allowed", None),
        (answered(ctx.kms.decrypt, **opened, **context), "kms:Decrypt", "allowed", None),
        (answered(ctx.kms.decrypt, **opened), "kms:Decrypt", "failed", "not-authentic"),
        (answered(ctx.kms.list_keys), "kms:ListKeys", "allowed", None),
        (answered(ctx.kms.generate_random, NumberOfBytes=1), "kms:GenerateRandom", "allowed", None),
        (answered(nothing.describe_key, **name), "kms:DescribeKey", "denied", "denied"),
        (answered(ctx.kms.describe_key, KeyId=NOBODY), "kms:DescribeKey", "failed", "not-found"),
        (answered(ctx.kms.disable_key, **name), "kms:DisableKey", "allowed", None),
        (answered(ctx.kms.encrypt, Plaintext=b"p", **name), "kms:Encrypt", "failed", "wrong-state"),
        (answered(stranger.list_keys), "strongroom:Identify", "denied", "unknown-credential"),
    ]
    after = settled(ctx)
    entries = show(ctx, before)
    made = [(e["request"], e["action"], e["outcome"], e.get("code")) for e in entries]
    assert made == expected, f"expected {expected}, not {made}"
    assert after - before == len(entries) == len(expected)
    assert [entry["index"] for entry in entries] == list(range(before, after))
    assert entries[1]["resources"] == [key["KeyMetadata"]["Arn"] + "#1"]
    assert entries[1]["context"] == {"purpose": "audit"}
    assert entries[1]["principal"] == f"arn:aws:iam::{ctx.account}:user/admin"
    assert "principal" not in entries[-1] and entries[-1]["source"] == "127.0.0.1"
    # Without a first index the newest are shown.
    newest = ctx.command("audit", "show", "--limit", "2").splitlines()
    assert [json.loads(line) for line in newest] == entries[-2:]


def test_the_native_api_is_recorded_and_the_status_is_told(ctx):
    before = settled(ctx)
    status = json.loads(ctx.command("status"))
    assert status["sealed"] is False and status["regions"] == [ctx.region]
    assert status["crypto"]["library"].startswith("AWS-LC ") and status["crypto"]["self_tests"] > 0
    memory, audit = status["secret_memory"], status["audit"]
    assert memory["protection"] in ("memfd_secret", "mlock")
    assert 0 < memory["used_bytes"] < memory["total_bytes"]
    assert audit == {"next_index": before, "synced": before, "checkpoint": before}
    settled(ctx)
    (entry,) = show(ctx, before)
    assert entry["action"] == "strongroom:ReadStatus" and entry["door"] == "api"


def test_what_a_caller_wrote_cannot_control_the_readers_terminal(ctx):
    before = settled(ctx)
    key = ctx.kms.create_key()["KeyMetadata"]["KeyId"]
    ctx.kms.encrypt(KeyId=key, Plaintext=b"p", EncryptionContext={"hostile": HOSTILE})
    settled(ctx)
    text = ctx.command("audit", "show", "--from", str(before))
    odd = [c for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")]
    assert not odd, odd
    entries = [json.loads(line) for line in text.split("\n") if line]
    assert len(entries) == 2 and entries[1]["context"] == {"hostile": HOSTILE}


def test_one_flipped_bit_is_found_and_named(ctx):
    # More than the 256 entries of a file.
    for _ in range(260 - settled(ctx)):
        ctx.kms.generate_random(NumberOfBytes=1)
    settled(ctx)
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder) / "audit"
        shutil.copytree(pathlib.Path(ctx.directory) / "audit", copy)
        assert verify(ctx, copy)[0] == 0
        tile = copy / "tile" / "entries" / "000"
        contents = bytearray(tile.read_bytes())
        # The second entry's identity, after the first entry, its length and the format.
        second = 2 + int.from_bytes(contents[:2], "big")
        contents[second + 3] ^= 1
        tile.chmod(0o600)
        tile.write_bytes(contents)
        code, report = verify(ctx, copy)
        assert code == 1 and "Entry 1 was edited." in report["findings"], report
        # For people, the same sentence on a line of its own.
        key = pathlib.Path(ctx.directory) / "audit.pub"
        line = [ctx.binary, "audit", "verify", "--log", copy, "--key", key]
        done = subprocess.run(line, capture_output=True, text=True, timeout=120)
        assert done.returncode == 1 and "Entry 1 was edited." in done.stdout.splitlines()
        # It is not shown as if it were true.
        line = [ctx.binary, "audit", "show", "--from", "0", "--log", copy, "--key", key]
        done = subprocess.run(line, capture_output=True, text=True, timeout=120)
        assert done.returncode == 1 and "entry 1 was altered" in done.stderr, done.stderr


def test_a_log_that_was_cut_back_is_found_with_a_newer_checkpoint(ctx):
    settled(ctx)
    log = pathlib.Path(ctx.directory) / "audit"
    with tempfile.TemporaryDirectory() as folder:
        older = checkpoint_file(ctx, folder, "older")
        cut = pathlib.Path(folder) / "audit"
        shutil.copytree(log, cut)
        for _ in range(3):
            ctx.kms.generate_random(NumberOfBytes=1)
        settled(ctx)
        newer = checkpoint_file(ctx, folder, "newer")
        assert newer.read_text() != older.read_text()
        assert verify(ctx, log, older, newer)[0] == 0
        # Alone it is a log that is only that long.
        assert verify(ctx, cut)[0] == 0
        code, report = verify(ctx, cut, older, newer)
        assert code == 1, report
        (finding,) = report["findings"]
        assert finding.startswith("The log was truncated:"), finding
        assert older.read_text() in finding and newer.read_text() in finding


def test_another_key_verifies_nothing(ctx):
    settled(ctx)
    log = pathlib.Path(ctx.directory) / "audit"
    with tempfile.TemporaryDirectory() as folder:
        forged = pathlib.Path(folder) / "forged"
        signed = json.loads(ctx.command("audit", "checkpoint"))["signed"]
        forged.write_text(signed.replace("\n", f"\n{uuid.uuid4().int % 10}", 1))
        code, report = verify(ctx, log, forged)
        assert code == 1, report
        assert report["findings"] == ["The given checkpoint 1 is not signed with this log's key."]
        # A folder without a log is not a log without faults.
        code, report = verify(ctx, pathlib.Path(folder))
        assert code == 1 and report["findings"][0].startswith("There is no valid checkpoint"), report
