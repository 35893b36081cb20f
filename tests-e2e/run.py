#!/usr/bin/env python3
"""Runs every scenario of this directory against a server of its own, and says how each went.

    run.py --binary PROGRAM [--only TEXT]

PROGRAM is the built `strongroom`. The server is started with `quickstart` in a new directory on
free ports of this machine, and is gone when this program ends. A scenario is a module named
`*_scenario.py`; each of its functions `test_*(ctx)` is one test, given a `Context`. Needs what
`requirements.txt` lists, and `openssl`.
"""

import argparse
import importlib
import itertools
import json
import os
import pathlib
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import traceback

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

HERE = pathlib.Path(__file__).resolve().parent
START_SECONDS = 120
COMMAND_SECONDS = 120


class Principal:
    """A user of the server's account, with a client that is signed in as that user."""

    def __init__(self, arn, client, access_key_id, secret_access_key):
        self.arn = arn
        self.client = client
        self.access_key_id = access_key_id
        self.secret_access_key = secret_access_key


class Context:
    """What a scenario works with: the server, its administrator, and ways to make others."""

    def __init__(self, binary, directory, ready):
        self.binary = binary
        self.directory = directory
        self.endpoint = ready["endpoint"]
        self.region = ready["region"]
        self.account = ready["account"]
        self.ca_file = ready["ca_file"]
        self.metrics = ready.get("metrics")
        self.kmip = ready["kmip"]
        self.access_key_id = ready["access_key_id"]
        self.secret_access_key = ready["secret_access_key"]
        self.kms = self.client(self.access_key_id, self.secret_access_key)
        # The same without boto3's own checks, so that the server's are reached.
        self.unchecked = self.client(
            self.access_key_id, self.secret_access_key, parameter_validation=False
        )
        self._numbers = itertools.count(1)

    def client(self, access_key_id, secret_access_key, region=None, **config):
        """A KMS client with these credentials. It does not repeat what fails."""
        return boto3.client(
            "kms",
            endpoint_url=self.endpoint,
            region_name=region or self.region,
            verify=self.ca_file,
            aws_access_key_id=access_key_id,
            aws_secret_access_key=secret_access_key,
            config=Config(retries={"total_max_attempts": 1}, proxies={}, **config),
        )

    def principal(self, policy=None):
        """A new user with this identity policy (a dict); with none, one that may do nothing."""
        name = f"user-{next(self._numbers)}"
        path = pathlib.Path(self.directory) / f"{name}.json"
        # An identity policy has a statement: this one allows nothing that exists.
        nothing = statement("Allow", "kms:DescribeKey", "arn:aws:kms:nowhere:000000000000:key/none")
        path.write_text(json.dumps(policy or nothing))
        self.command("principal", "create", name, "--policy", str(path))
        made = json.loads(self.command("access-key", "create", name))
        credentials = made["access_key_id"], made["secret_access_key"]
        arn = f"arn:aws:iam::{self.account}:user/{name}"
        return Principal(arn, self.client(*credentials), *credentials)

    def client_for(self, policy):
        """A KMS client of a new user with this identity policy."""
        return self.principal(policy).client

    def command(self, *arguments):
        """What `strongroom` prints when it is run with these arguments on this server."""
        line = [self.binary, *arguments, "--dir", str(self.directory), "--output", "json"]
        done = subprocess.run(line, capture_output=True, text=True, timeout=COMMAND_SECONDS)
        if done.returncode != 0:
            raise AssertionError(f"{' '.join(line)}: {done.returncode}: {done.stderr.strip()}")
        return done.stdout

    def aws(self, *arguments):
        """What `aws` prints with these arguments, as the administrator; JSON if it is any."""
        beside = pathlib.Path(sys.executable).parent / "aws"
        program = str(beside) if beside.exists() else shutil.which("aws")
        assert program, "the AWS CLI is not installed"
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(self.directory),
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ENDPOINT_URL_KMS": self.endpoint,
            "AWS_CA_BUNDLE": self.ca_file,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_MAX_ATTEMPTS": "1",
            "AWS_PAGER": "",
        }
        done = subprocess.run(
            [program, "--output", "json", *arguments],
            capture_output=True,
            text=True,
            env=environment,
            timeout=COMMAND_SECONDS,
        )
        if done.returncode != 0:
            raise AssertionError(f"aws {' '.join(arguments)}: {done.stderr.strip()}")
        return json.loads(done.stdout) if done.stdout.strip() else {}

    @staticmethod
    def refused(code, call, message=None, status=400, **parameters):
        """Makes the call, and has it refused with this code and message (a part suffices)."""
        try:
            reply = call(**parameters)
        except ClientError as error:
            said = error.response["Error"]
            assert said["Code"] == code, f"expected {code}, not {error}"
            got = error.response["ResponseMetadata"]["HTTPStatusCode"]
            assert got == status, f"expected HTTP {status}, not {got}: {error}"
            if message == "":
                assert not said.get("Message"), f"says too much: {error}"
            elif message is not None:
                assert message in said.get("Message", ""), f"expected {message!r} in {error}"
            return said
        reply.pop("ResponseMetadata", None)
        raise AssertionError(f"expected {code}, but it answered {sorted(reply)}")


def statement(effect, action, resource="*", **rest):
    """A policy document of one statement."""
    one = {"Effect": effect, "Action": action, "Resource": resource, **rest}
    return {"Version": "2012-10-17", "Statement": [one]}


class Server:
    """A server of its own directory, killed with everything it started."""

    def __init__(self, binary, directory):
        self.log = open(pathlib.Path(directory) / "server.log", "wb+")
        self.process = subprocess.Popen(
            [binary, "quickstart", "--dir", str(directory), "--listen", "127.0.0.1:0"]
            + ["--kmip", "127.0.0.1:0", "--output", "json"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self.log,
            start_new_session=True,
        )

    def ready(self):
        """The line the server prints once it answers."""
        lines = queue.Queue()

        def read():
            for line in self.process.stdout:
                lines.put(line)
            lines.put(None)

        threading.Thread(target=read, daemon=True).start()
        try:
            line = lines.get(timeout=START_SECONDS)
        except queue.Empty:
            line = None
        if line is None:
            raise SystemExit(f"the server did not start:\n{self.tail()}")
        return json.loads(line)

    def tail(self):
        """The end of what the server wrote to its standard error."""
        self.log.seek(0)
        return self.log.read()[-4000:].decode(errors="replace")

    def kill(self):
        """Ends the server and its children."""
        for number, seconds in ((signal.SIGTERM, 10), (signal.SIGKILL, 10)):
            if self.process.poll() is not None:
                return
            try:
                os.killpg(self.process.pid, number)
                self.process.wait(seconds)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                pass


def tests(only):
    """Every test of every scenario, in the order they are written: name and function."""
    for path in sorted(HERE.glob("*_scenario.py")):
        module = importlib.import_module(path.stem)
        for name, value in list(vars(module).items()):
            if name.startswith("test_") and callable(value) and only in f"{path.stem}.{name}":
                yield f"{path.stem}.{name}", value


def run(context, only, server):
    """Runs the tests; how many passed and failed."""
    passed, failed = 0, 0
    for name, test in tests(only):
        try:
            test(context)
        except Exception:  # A test that fails in any way has failed; the others still run.
            failed += 1
            print(f"{name} ... FAILED\n{traceback.format_exc()}", flush=True)
            if server.process.poll() is not None:
                print(f"the server ended:\n{server.tail()}", flush=True)
        else:
            passed += 1
            print(f"{name} ... ok", flush=True)
    return passed, failed


def main():
    """Starts the server, runs the tests, stops the server."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--binary", type=pathlib.Path, required=True, metavar="PROGRAM", help="the built strongroom"
    )
    parser.add_argument("--only", default="", metavar="TEXT", help="only tests named like this")
    arguments = parser.parse_args()
    sys.path.insert(0, str(HERE))
    # A scenario imports from here; it must be this module and not a second copy of it.
    sys.modules["run"] = sys.modules["__main__"]
    binary = str(arguments.binary.resolve())
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="strongroom-e2e-") as directory:
        server = Server(binary, directory)
        try:
            context = Context(binary, directory, server.ready())
            passed, failed = run(context, arguments.only, server)
        finally:
            server.kill()
    print(f"{passed} passed, {failed} failed", flush=True)
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
