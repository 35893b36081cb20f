"""Files encrypted where they are: they come back whole or not at all, in little memory."""

import hashlib
import json
import os
import pathlib
import subprocess
import tempfile
import time

from run import statement

SECONDS = 120
# A file many times longer than what the command may take.
LARGE_LEN = 300 << 20
MEMORY_KIB_MAX = 40 << 10
CHUNK_LEN = 64 << 10
TAG_LEN = 16
BOUND = ("--context", "host=db1", "--context", "purpose=backup")


def key_of(ctx):
    """The id of a new symmetric key."""
    return ctx.kms.create_key()["KeyMetadata"]["KeyId"]


def command(ctx, *arguments, given=None, output="json", who=None):
    """Runs `strongroom`, as `who` if it is somebody; how it ended, its output in bytes."""
    line = [ctx.binary, *map(str, arguments), "--dir", str(ctx.directory), "--output", output]
    environment = dict(os.environ)
    if who:
        environment["AWS_ACCESS_KEY_ID"] = who.access_key_id
        environment["AWS_SECRET_ACCESS_KEY"] = who.secret_access_key
    return subprocess.run(
        line, input=given or b"", capture_output=True, env=environment, timeout=SECONDS
    )


def fails(done, code, sentence, exit_code=1):
    """Has a command have failed with this code, these words and this exit code."""
    assert done.returncode == exit_code, (done.returncode, done.stderr)
    error = json.loads(done.stderr)["error"]
    assert error["code"] == code and sentence in error["message"], error


def encrypted(ctx, key, folder, content):
    """A file with this content, encrypted: its path."""
    path = pathlib.Path(folder) / "encrypted"
    done = command(ctx, "encrypt", key, "--out", path, *BOUND, given=content)
    assert done.returncode == 0, done.stderr
    return path


def digest(path):
    """The SHA-256 of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def peak(ctx, *arguments):
    """Runs `strongroom` and has it succeed; the most memory that it had, in KiB, as last seen."""
    line = [ctx.binary, *map(str, arguments), "--dir", str(ctx.directory), "--output", "json"]
    most = 0
    with subprocess.Popen(line, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL) as process:
        # Not the resource usage that the kernel reports at the end: that begins before `exec`.
        while process.poll() is None:
            status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
            seen = [row.split()[1] for row in status.splitlines() if row.startswith("VmHWM:")]
            most = max([most, *map(int, seen)])
            time.sleep(0.005)
    assert process.returncode == 0 and most > 0, process.returncode
    return most


def test_a_large_file_comes_back_in_little_memory(ctx):
    key = key_of(ctx)
    with tempfile.TemporaryDirectory() as folder:
        plain, sealed, opened = (pathlib.Path(folder) / name for name in ("a", "b", "c"))
        with open(plain, "wb") as file:
            file.truncate(LARGE_LEN)
            file.seek(LARGE_LEN // 3)
            file.write(os.urandom(1 << 20))
        memory = peak(ctx, "encrypt", key, plain, "--out", sealed, *BOUND)
        assert memory < MEMORY_KIB_MAX, f"{memory} KiB to encrypt"
        chunks = LARGE_LEN // CHUNK_LEN
        head = sealed.stat().st_size - LARGE_LEN - chunks * TAG_LEN
        assert 0 < head < 1000, head
        memory = peak(ctx, "decrypt", sealed, "--out", opened, *BOUND)
        assert memory < MEMORY_KIB_MAX, f"{memory} KiB to decrypt"
        assert digest(opened) == digest(plain)
        assert opened.stat().st_mode & 0o777 == sealed.stat().st_mode & 0o777 == 0o600
        # What is long enough to be broken off does so at its first bad byte, and leaves nothing.
        opened.unlink()
        os.truncate(sealed, head + (chunks - 1) * (CHUNK_LEN + TAG_LEN))
        done = command(ctx, "decrypt", sealed, "--out", opened)
        fails(done, "failed", "altered, cut short or extended; nothing is written")
        assert sorted(os.listdir(folder)) == ["a", "b"]


def test_standard_input_and_output_carry_the_bytes_and_nothing_else(ctx):
    key = key_of(ctx)
    arn = ctx.kms.describe_key(KeyId=key)["KeyMetadata"]["Arn"]
    for content in (b"", b"\x00hello\n", os.urandom(3 * CHUNK_LEN)):
        done = command(ctx, "encrypt", key, "-", *BOUND, given=content)
        assert done.returncode == 0 and done.stdout.startswith(b"SRMFILE\x01"), done.stderr
        context = {"host": "db1", "purpose": "backup"}
        reply = {"file": "-", "bytes": len(content), "key": arn, "context": context}
        assert json.loads(done.stderr) == reply, done.stderr
        done = command(ctx, "decrypt", given=done.stdout)
        assert done.returncode == 0 and done.stdout == content
        assert json.loads(done.stderr) == reply, done.stderr
    # For people the bytes are enough.
    done = command(ctx, "encrypt", key, given=b"x", output="table")
    assert done.returncode == 0 and done.stderr == b"", done.stderr


def test_a_file_says_what_was_done_in_both_forms(ctx):
    with tempfile.TemporaryDirectory() as folder:
        sealed = encrypted(ctx, key_of(ctx), folder, b"content")
        opened = pathlib.Path(folder) / "opened"
        done = command(ctx, "decrypt", sealed, "--out", opened, output="table")
        assert done.stdout.decode() == f"Decrypted 7 bytes to {opened}.\n", done
        assert opened.read_bytes() == b"content"
        done = command(ctx, "decrypt", sealed, "--out", opened, "--force")
        assert json.loads(done.stdout)["file"] == str(opened) and done.stderr == b""


def test_what_is_altered_or_cut_is_never_released_as_a_whole(ctx):
    with tempfile.TemporaryDirectory() as folder:
        content = os.urandom(2 * CHUNK_LEN + 1000)
        sealed = encrypted(ctx, key_of(ctx), folder, content)
        file = sealed.read_bytes()
        head = len(file) - len(content) - 3 * TAG_LEN
        chunk = CHUNK_LEN + TAG_LEN
        one, two = file[head : head + chunk], file[head + chunk : head + 2 * chunk]
        last = file[head + 2 * chunk :]
        flipped = bytearray(file)
        flipped[head + chunk + 5] ^= 1
        # The nonce and the context, in the open within the header.
        nonce, context = bytearray(file), file.replace(b"db1", b"db2")
        nonce[12] ^= 1
        out = pathlib.Path(folder) / "out"
        for name, bad, released in (
            ("a flipped bit", bytes(flipped), 1),
            ("cut at a chunk's end", file[: head + 2 * chunk], 1),
            ("cut within a chunk", file[:-1], 2),
            ("without chunks", file[:head], 0),
            ("in another order", file[:head] + two + one + last, 0),
            ("extended", file + b"x", 2),
            ("twice the last", file + last, 2),
            ("another nonce", bytes(nonce), 0),
        ):
            done = command(ctx, "decrypt", "--out", out, given=bad)
            fails(done, "failed", "altered, cut short or extended; nothing is written")
            assert os.listdir(folder) == ["encrypted"], name
            # To standard output goes what is authentic, and the exit code says it is not all.
            done = command(ctx, "decrypt", given=bad)
            fails(done, "failed", "what was written is authentic, but not all of it")
            assert done.stdout == content[: released * CHUNK_LEN], name
        done = command(ctx, "decrypt", given=context)
        fails(done, "InvalidCiphertextException", "data key does not open")
        for foreign in (b"", b"#!/bin/sh\n", file[: head - 1]):
            fails(command(ctx, "decrypt", given=foreign), "failed", "is not a file that strongroom")


def test_another_context_key_or_person_opens_nothing(ctx):
    key, other = key_of(ctx), key_of(ctx)
    with tempfile.TemporaryDirectory() as folder:
        sealed = encrypted(ctx, key, folder, b"content")
        for wrong in ("host=db2", "absent="):
            done = command(ctx, "decrypt", sealed, "--context", wrong)
            fails(done, "failed", f"is not bound to the context {wrong}")
            assert done.stdout == b""
        fails(command(ctx, "decrypt", sealed, "--key", other), "IncorrectKeyException", "")
        assert command(ctx, "decrypt", sealed, "--key", key).stdout == b"content"
        # A policy that asks for the context decides over files as over any other use.
        allowed = {"Condition": {"StringEquals": {"kms:EncryptionContext:host": "db1"}}}
        fine = ctx.principal(statement("Allow", "kms:Decrypt", **allowed))
        assert command(ctx, "decrypt", sealed, who=fine).stdout == b"content"
        denied = {"Condition": {"StringEquals": {"kms:EncryptionContext:host": "db2"}}}
        wrong = ctx.principal(statement("Allow", "kms:Decrypt", **denied))
        done = command(ctx, "decrypt", sealed, who=wrong)
        fails(done, "AccessDeniedException", "")
        assert done.stdout == b""
        # And no new file without the right to a data key.
        out = pathlib.Path(folder) / "out"
        done = command(ctx, "encrypt", key, "--out", out, given=b"x", who=fine)
        fails(done, "AccessDeniedException", "")
        ctx.kms.disable_key(KeyId=key)
        fails(command(ctx, "decrypt", sealed, "--out", out), "DisabledException", "")
        assert os.listdir(folder) == ["encrypted"]


def test_what_is_there_is_replaced_by_force_alone(ctx):
    with tempfile.TemporaryDirectory() as folder:
        sealed = encrypted(ctx, key_of(ctx), folder, b"content")
        there = pathlib.Path(folder) / "there"
        there.write_bytes(b"precious")
        done = command(ctx, "decrypt", sealed, "--out", there)
        fails(done, "usage", "is there already; --force replaces it", exit_code=2)
        assert there.read_bytes() == b"precious"
        # Not even by force, when it turns out that there is nothing to replace it with.
        done = command(ctx, "decrypt", "--out", there, "--force", given=sealed.read_bytes()[:-1])
        fails(done, "failed", "nothing is written")
        assert there.read_bytes() == b"precious"
        done = command(ctx, "decrypt", sealed, "--out", there, "--force")
        assert done.returncode == 0 and there.read_bytes() == b"content"
        done = command(ctx, "decrypt", sealed, "--out", folder, "--force")
        fails(done, "usage", "is not a plain file", exit_code=2)
        assert sorted(os.listdir(folder)) == ["encrypted", "there"]
        # A name that leads nowhere, and an input that is not there.
        done = command(ctx, "decrypt", sealed, "--out", there / "x")
        assert done.returncode in (1, 2) and "there/x" in done.stderr.decode(), done.stderr
        done = command(ctx, "decrypt", pathlib.Path(folder) / "absent", "--out", there, "--force")
        fails(done, "usage", "cannot read", exit_code=2)


def test_a_command_that_is_killed_leaves_nothing(ctx):
    key = key_of(ctx)
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "out"
        line = [ctx.binary, "encrypt", key, "--out", str(out), "--dir", str(ctx.directory)]
        for end in (subprocess.Popen.terminate, subprocess.Popen.kill):
            with subprocess.Popen(line, stdin=subprocess.PIPE) as process:
                # More than the pipe and both buffers hold: when it is in, chunks were written.
                process.stdin.write(bytes(1 << 20))
                process.stdin.flush()
                time.sleep(0.1)
                assert process.poll() is None and not out.exists()
                end(process)
                process.wait(SECONDS)
            assert process.returncode < 0 and os.listdir(folder) == [], os.listdir(folder)
