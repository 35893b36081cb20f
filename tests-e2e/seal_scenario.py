"""A sealed server, unsealing it, sealing it again, and replacing its root key under load.

Each test founds servers of its own; the one that all tests share is left alone.
"""

import hashlib
import hmac
import http.client
import json
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import urllib.parse
import urllib.request

from init_scenario import PASSPHRASE, Running, Site, lines
from kms_client import KmsClient, Refused, signing_key

ROTATIONS = 20
KILLS = 12


class Server:
    """A running server, its administrator, and what can be asked of it."""

    def __init__(self, site, ready, founded):
        self.site = site
        self.ready = ready
        self.founded = founded
        url = urllib.parse.urlsplit(ready["endpoint"])
        self.address = url.hostname, url.port
        self.trust = ssl.create_default_context(cafile=ready["ca_file"])

    def ask(self, method, path, body=None):
        """The status and the body of a request that nobody signed."""
        connection = http.client.HTTPSConnection(*self.address, context=self.trust, timeout=60)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def give(self, **given):
        """What the server says to something that may unseal it."""
        status, body = self.ask("POST", "/api/v1/unseal", json.dumps(given))
        return status, json.loads(body)

    def command(self, *arguments, given="", code=0):
        """What `strongroom` prints when the administrator runs it on this server."""
        keys = {
            "AWS_ACCESS_KEY_ID": self.founded["access_key_id"],
            "AWS_SECRET_ACCESS_KEY": self.founded["secret_access_key"],
        }
        line = [self.site.binary, *arguments, "--dir", str(self.site.data), "--output", "json"]
        done = subprocess.run(
            line, input=given, capture_output=True, text=True, timeout=120, env=keys
        )
        assert done.returncode == code, (line, done.returncode, done.stdout, done.stderr)
        return json.loads(done.stdout if code == 0 else done.stderr)

    def client(self):
        return KmsClient({**self.ready, **self.founded}, self.trust)

    def used_bytes(self):
        """How much secret memory is in use."""
        with urllib.request.urlopen(self.ready["metrics"], timeout=60) as page:
            text = page.read().decode()
        return int(re.search(r"^strongroom_secret_memory_used_bytes (\d+)$", text, re.M)[1])


def code_of(answer):
    status, body = answer
    return status, body.get("error", {}).get("code")


def assert_sealed(server):
    """Health is answered, and nothing else."""
    assert server.ask("GET", "/healthz") == (200, "ok\n")
    assert server.ask("GET", "/readyz") == (503, "sealed\n")
    paths = ("/", "/api/v1/status", "/api/v1/nothing", "/anything", "/metrics")
    for method, path in [(m, p) for m in ("GET", "POST", "PUT") for p in paths]:
        status, body = server.ask(method, path, "{}")
        assert status == 503 and "The server is sealed" in body, (method, path, status, body)
    refused = server.command("key", "list", code=1)
    assert "The server is sealed" in refused["error"]["message"], refused


def test_a_server_that_people_unseal_starts_sealed_and_proves_itself(ctx):
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as other:
        site = Site(ctx, folder, unseal="shares")
        founded = site.found(
            "--unseal", "shares", "2", "3", "--unseal", "passphrase", given=lines(PASSPHRASE)
        )
        a, b, c = founded["shares"]
        foreign = Site(ctx, other).found("--unseal", "shares", "2", "3")["shares"]
        with Running(site) as ready:
            assert ready["sealed"] is True
            server = Server(site, ready, founded)
            assert_sealed(server)
            # Its certificate is the one that `init` left: another CA does not vouch for it.
            elsewhere = ["--ca-file", str(pathlib.Path(other) / "data" / "ca.pem")]
            refused = site.unseal(*elsewhere, given=lines(a))
            assert refused.returncode == 3, (refused.returncode, refused.stderr)
            status = server.command("status")
            assert status["sealed"] is True and status["shares_given"] == 0, status
            assert [way["kind"] for way in status["ways"]] == ["passphrase", "shares"], status

            # Each holder gives one, from wherever they are.
            status, first = server.give(share=a)
            assert (status, first["sealed"], first["shares_given"]) == (200, True, 1), first
            assert code_of(server.give(share=a)) == (409, "given-already")
            typed = b[:-1] + ("a" if b[-1] != "a" else "b")
            assert code_of(server.give(share=typed)) == (400, "invalid")
            assert code_of(server.give(share="hunter2")) == (400, "invalid")
            assert code_of(server.give(share=a, passphrase="x")) == (400, "invalid")
            # A share of another server is refused and discards nothing, and nobody waits for it.
            assert code_of(server.give(share=foreign[1])) == (403, "does-not-unseal")
            done = site.unseal(given=lines(c))
            assert json.loads(done.stdout)["sealed"] is False, done
            assert server.ask("GET", "/readyz") == (200, "ready\n")
            assert code_of(server.give(share=b)) == (409, "not-sealed")
            server.client().call("CreateKey")
        (entry,) = [entry for entry in site.log() if entry["action"] == "strongroom:Unseal"]
        assert entry["resources"] == ["shares"] and entry["door"] == "api", entry
        assert entry["context"] == {"wrong-before": "1"}, entry


def names_of(server):
    """The DNS names in the certificate that the server shows."""
    with socket.create_connection(server.address, timeout=60) as plain:
        with server.trust.wrap_socket(plain, server_hostname="127.0.0.1") as connection:
            alternatives = connection.getpeercert()["subjectAltName"]
    return [name for kind, name in alternatives if kind == "DNS"]


def test_new_names_are_in_the_certificate_once_the_server_is_unsealed(ctx):
    with tempfile.TemporaryDirectory() as folder:
        site = Site(ctx, folder, unseal="passphrase")
        founded = site.found(given=lines(PASSPHRASE))
        site.configure(unseal="passphrase", names=["kms.example.org"])
        with Running(site) as ready:
            server = Server(site, ready, founded)
            # Only the CA, whose key is sealed, could vouch for another name.
            assert names_of(server) == ["localhost"]
            assert site.unseal(given=lines(PASSPHRASE)).returncode == 0
            for _ in range(100):
                if names_of(server) == ["kms.example.org"]:
                    break
                time.sleep(0.1)
            assert names_of(server) == ["kms.example.org"]
        with Running(site) as ready:
            assert names_of(Server(site, ready, founded)) == ["kms.example.org"]
        key = site.data / "tls" / "server.key"
        assert key.stat().st_mode & 0o777 == 0o600
        key.unlink()
        site.refuses("server.key is missing, by which a sealed server proves itself; put it back")


def test_a_wrong_passphrase_is_one_sentence_and_a_wait(ctx):
    with tempfile.TemporaryDirectory() as folder:
        site = Site(ctx, folder, unseal="passphrase")
        founded = site.found(given=lines(PASSPHRASE))
        secret = pathlib.Path(folder) / "passphrase"
        with Running(site) as ready:
            server = Server(site, ready, founded)
            wrong = site.unseal(given=lines("wrong horse battery"))
            assert wrong.returncode == 1, wrong
            assert json.loads(wrong.stderr)["error"]["code"] == "does-not-unseal", wrong.stderr
            assert code_of(server.give(passphrase=PASSPHRASE)) == (429, "too-many-requests")
            # Nobody guesses a key file: that there is none here is said at once.
            assert code_of(server.give(key_file="AAAA")) == (400, "invalid")
            time.sleep(2.1)
            nothing = site.unseal()
            assert nothing.returncode == 2, nothing
            secret.write_text(PASSPHRASE + "\n")
            done = site.unseal("--passphrase-file", str(secret))
            assert json.loads(done.stdout)["sealed"] is False, done
            # Once it is unsealed there is nothing to do.
            assert site.unseal().returncode == 0
            assert server.command("status")["sealed"] is False


def test_sealing_takes_every_key_out_of_a_server_at_work(ctx):
    with tempfile.TemporaryDirectory() as folder:
        site = Site(ctx, folder)
        founded = site.found()
        with Running(site) as ready:
            server = Server(site, ready, founded)
            client = server.client()
            key = client.call("CreateKey")["KeyMetadata"]["KeyId"]
            server.command("seal")
            assert_sealed(server)
            held = server.used_bytes()
            key_file = str(site.data / "unseal.key")
            for _ in range(3):
                done = site.unseal("--key-file", key_file)
                assert json.loads(done.stdout)["sealed"] is False, done
                outcomes = under_load(server, key, lambda: server.command("seal"))
                assert outcomes["sealed"] and outcomes["used"], outcomes
                assert_sealed(server)
                # Of secret memory nothing is in use but what a sealed server needs for itself.
                assert server.used_bytes() == held, (server.used_bytes(), held)
        # It is unsealed again by its key file when it starts, and all of it is in the log.
        with Running(site) as ready:
            assert "sealed" not in ready
            status = Server(site, ready, founded).command("status")
            assert status["process"]["seccomp"] == "enforced", status
            assert status["process"]["privileges"] == "dropped", status
            assert status["unseal"] == [{"name": "key-file", "kind": "key-file"}], status
        actions = [entry["action"] for entry in site.log()]
        assert actions.count("strongroom:Seal") == 4, actions
        assert actions.count("strongroom:Unseal") == 5, actions


def under_load(server, key, act):
    """Four clients use a key while something is done; how often they were answered how."""
    outcomes, stop, failures = {"used": 0, "sealed": 0}, threading.Event(), []

    def work():
        client = server.client()
        try:
            while not stop.is_set():
                try:
                    made = client.call("Encrypt", KeyId=key, Plaintext="cGxhaW4=")
                    opened = client.call("Decrypt", CiphertextBlob=made["CiphertextBlob"])
                    assert opened["Plaintext"] == "cGxhaW4=", opened
                    outcomes["used"] += 1
                except Refused as refused:
                    assert "sealed" in str(refused), refused
                    outcomes["sealed"] += 1
        except Exception as failure:  # Told by the thread that waits for this one.
            failures.append(failure)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        time.sleep(0.3)
        act()
        time.sleep(0.3)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not failures, failures
    return outcomes


def test_only_the_operators_account_may(ctx):
    """And of it only who is allowed."""
    with tempfile.TemporaryDirectory() as folder:
        site = Site(ctx, folder)
        founded = site.found()
        with Running(site) as ready:
            server = Server(site, ready, founded)
            policy = pathlib.Path(folder) / "policy.json"
            allowed = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}
            policy.write_text(json.dumps({"Version": "2012-10-17", "Statement": [allowed]}))
            server.command("principal", "create", "user", "--policy", str(policy))
            user = Server(site, ready, server.command("access-key", "create", "user"))
            for words in (["seal"], ["root-key", "rotate"], ["status"]):
                assert user.command(*words, code=1)["error"]["code"] == "denied", words
            assert server.ask("GET", "/readyz") == (200, "ready\n")


def test_the_root_key_is_replaced_under_load(ctx):
    with tempfile.TemporaryDirectory() as folder:
        site = Site(ctx, folder)
        key_file = str(site.data / "unseal.key")
        founded = site.found("--unseal", "key-file", key_file, "--unseal", "shares", "2", "3")
        with Running(site) as ready:
            server = Server(site, ready, founded)
            key = server.client().call("CreateKey")["KeyMetadata"]["KeyId"]
            made = server.client().call("Encrypt", KeyId=key, Plaintext="cGxhaW4=")

            def rotate():
                for number in range(ROTATIONS):
                    answer = server.command("root-key", "rotate")
                    assert answer == {"version": number + 2}, answer

            outcomes = under_load(server, key, rotate)
            assert outcomes["used"] and not outcomes["sealed"], outcomes
            assert server.command("status")["root_key"] == {"version": ROTATIONS + 1}
            # The same shares lead to the new root key.
            server.command("seal")
            done = site.unseal(given=lines(*founded["shares"][1:]))
            assert json.loads(done.stdout)["sealed"] is False, done
            opened = server.client().call("Decrypt", CiphertextBlob=made["CiphertextBlob"])
            assert opened["Plaintext"] == "cGxhaW4="
        # And so does the same key file.
        site.serves(founded)


def test_shares_are_replaced_and_the_old_ones_unseal_nothing(ctx):
    with tempfile.TemporaryDirectory() as folder:
        site = Site(ctx, folder, unseal="shares")
        founded = site.found("--unseal", "shares", "2", "3")
        old = founded["shares"]
        secret = pathlib.Path(folder) / "secret"
        secret.write_text(PASSPHRASE + "\n")
        with Running(site) as ready:
            server = Server(site, ready, founded)
            assert site.unseal(given=lines(*old[:2])).returncode == 0
            last = server.command("unseal-source", "remove", "shares", code=1)
            assert last["error"]["code"] == "invalid", last
            made = server.command("unseal-source", "add", "board", "--shares", "1", "2")
            words = ["unseal-source", "add", "night", "--passphrase-file", str(secret)]
            server.command(*words)
            again = server.command(*words, code=1)
            assert again["error"]["code"] == "already-exists", again
            server.command("unseal-source", "remove", "shares")
            server.command("root-key", "rotate")
            server.command("seal")
            assert code_of(server.give(share=old[2])) == (403, "does-not-unseal")
            time.sleep(1.1)
            assert json.loads(site.unseal(given=lines(made["shares"][1])).stdout)["sealed"] is False
            server.command("seal")
            assert site.unseal("--passphrase-file", str(secret)).returncode == 0
            names = [way["name"] for way in server.command("status")["unseal"]]
            assert names == ["board", "night"], names


def test_a_server_killed_while_it_replaces_its_root_key_is_whole(ctx):
    """It is replaced without a pause until the server is killed."""
    with tempfile.TemporaryDirectory() as folder:
        site = Site(ctx, folder)
        founded = site.found()
        version, key, blobs = 1, None, []
        answered, unanswered_and_done = 0, 0
        for kill in range(KILLS):
            running = Running(site)
            with running as ready:
                server = Server(site, ready, founded)
                client = server.client()
                found = server.command("status")["root_key"]["version"]
                # The one that was on its way may be done or not.
                assert found in (version, version + 1), (found, version)
                unanswered_and_done += found - version
                version = found
                key = key or client.call("CreateKey")["KeyMetadata"]["KeyId"]
                for blob in blobs:
                    assert client.call("Decrypt", CiphertextBlob=blob)["Plaintext"] == "cGxhaW4="
                made = client.call("Encrypt", KeyId=key, Plaintext="cGxhaW4=")
                blobs.append(made["CiphertextBlob"])
                striker = threading.Timer(
                    0.2 + 0.013 * kill, running.process.send_signal, (signal.SIGKILL,)
                )
                striker.start()
                try:
                    for status, answer in rotations(server):
                        assert (status, answer) == (200, {"version": version + 1}), answer
                        version += 1
                        answered += 1
                except (OSError, http.client.HTTPException):
                    pass
                striker.join()
        site.serves(founded)
        verified = [ctx.binary, "audit", "verify", "--dir", str(site.data)]
        subprocess.run(verified, check=True, capture_output=True, timeout=120)
        assert answered > KILLS, answered
        print(
            f"root key: {KILLS} kills, {answered} replacements answered, "
            f"{unanswered_and_done} of {KILLS} unanswered ones done",
            flush=True,
        )


def rotations(server):
    """Replaces the root key again and again; each answer, until the server is gone."""
    connection = http.client.HTTPSConnection(*server.address, context=server.trust, timeout=60)
    path, host = "/api/v1/root-key/rotate", f"{server.address[0]}:{server.address[1]}"
    nothing = hashlib.sha256(b"").hexdigest()
    while True:
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        scope = f"{stamp[:8]}/{server.ready['region']}/strongroom/aws4_request"
        canonical = (
            f"POST\n{path}\n\nhost:{host}\nx-amz-date:{stamp}\n\nhost;x-amz-date\n{nothing}"
        )
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        key = signing_key(
            server.founded["secret_access_key"], stamp[:8], server.ready["region"], "strongroom"
        )
        text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{digest}".encode()
        signature = hmac.new(key, text, hashlib.sha256).hexdigest()
        credential = f"{server.founded['access_key_id']}/{scope}"
        headers = {
            "Host": host,
            "X-Amz-Date": stamp,
            "Authorization": f"AWS4-HMAC-SHA256 Credential={credential}, "
            f"SignedHeaders=host;x-amz-date, Signature={signature}",
        }
        connection.request("POST", path, headers=headers)
        answer = connection.getresponse()
        yield answer.status, json.loads(answer.read())
