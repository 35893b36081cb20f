"""The command line's own ways to a key's policy and tags, and what it does without a server."""

import json
import pathlib
import subprocess
import tempfile

from run import statement

NOWHERE = "/nonexistent"


def local(ctx, *arguments):
    """Runs `strongroom` where it cannot know of a server; how it ended."""
    line = [ctx.binary, *map(str, arguments), "--output", "json"]
    return subprocess.run(line, capture_output=True, text=True, cwd="/", timeout=120)


def test_tags_are_given_listed_and_taken(ctx):
    key = ctx.kms.create_key()["KeyMetadata"]["KeyId"]
    assert json.loads(ctx.command("key", "tags", key)) == {"Tags": []}
    ctx.command("key", "tag", key, "team=build", "sign=a=b")
    ctx.command("key", "tag", key, "team=release")
    tags = ctx.kms.list_resource_tags(KeyId=key)["Tags"]
    assert sorted((tag["TagKey"], tag["TagValue"]) for tag in tags) == [
        ("sign", "a=b"),
        ("team", "release"),
    ]
    ctx.command("key", "untag", key, "sign")
    left = [{"TagKey": "team", "TagValue": "release"}]
    assert json.loads(ctx.command("key", "tags", key)) == {"Tags": left}


def test_a_policy_is_put_got_and_listed(ctx):
    key = ctx.kms.create_key()["KeyMetadata"]["KeyId"]
    assert json.loads(ctx.command("policy", "list", key)) == {"PolicyNames": ["default"]}
    root = {"Principal": {"AWS": f"arn:aws:iam::{ctx.account}:root"}}
    policy = json.dumps(statement("Allow", "kms:*", **root), indent=1)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "policy.json"
        path.write_text(policy)
        ctx.command("policy", "put", key, str(path))
    got = json.loads(ctx.command("policy", "get", key))
    assert got["Policy"] == policy
    assert ctx.kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"] == policy


def test_a_policy_is_checked_without_a_server(ctx):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "policy.json"
        path.write_text(json.dumps(statement("Allow", "kms:Decrypt")))
        done = local(ctx, "policy", "check", path, "--of", "principal", "--dir", NOWHERE)
        expected = {"file": str(path), "valid": True, "statements": 1}
        assert done.returncode == 0 and json.loads(done.stdout) == expected, done.stderr
        path.write_text(json.dumps(statement("Alow", "kms:Decrypt")))
        done = local(ctx, "policy", "check", path, "--of", "principal")
        error = json.loads(done.stderr)["error"]
        assert done.returncode == 1 and error["code"] == "failed", error
        assert error["message"].startswith(f"{path}: Statement 1: Effect"), error
        done = local(ctx, "policy", "check", path / "absent")
        assert done.returncode == 2 and "cannot read" in done.stderr, done.stderr


def test_completions_are_scripts_that_their_shell_reads(ctx):
    for shell in ("bash", "zsh", "fish"):
        done = local(ctx, "completions", shell)
        script = json.loads(done.stdout)["script"]
        assert done.returncode == 0 and "schedule-deletion" in script, done.stderr
        plain = subprocess.run([ctx.binary, "completions", shell], capture_output=True, timeout=60)
        assert plain.stdout.decode() == script
        if shell == "bash":
            read = subprocess.run(["bash", "-n"], input=plain.stdout, capture_output=True)
            assert read.returncode == 0 and not read.stderr, read.stderr
