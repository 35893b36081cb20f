"""What a server says of itself when it cannot work, and what it takes to stop it for good.

Each test has a server of its own, and looks at it as a load balancer, an operator and a client do.
"""

import os
import pathlib
import queue
import re
import resource
import socket
import ssl
import tempfile
import threading
import time
import urllib.error
import urllib.request

from init_scenario import Running, Site
from kms_client import KmsClient, Refused

# Open files that the server may have, soft and hard, and connections of somebody without credentials.
FILES = 64
IDLE = 80
SECONDS = 60


def ask(url, ca_file=None):
    """The status and the text of a page."""
    trust = ssl.create_default_context(cafile=ca_file) if ca_file else None
    try:
        with urllib.request.urlopen(url, timeout=10, context=trust) as page:
            return page.status, page.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def readiness(ready):
    return ask(f"{ready['endpoint']}/readyz", ready["ca_file"])


def metric(ready, name):
    _, text = ask(ready["metrics"])
    return int(re.search(rf"^{name} (\d+)$", text, re.M)[1])


def address(url):
    host, port = re.match(r"https?://([^/:]+):(\d+)", url).groups()
    return host, int(port)


def soon(what, *expected):
    """Waits for an answer, over refused connections."""
    end = time.monotonic() + SECONDS
    while True:
        try:
            got = what()
        except (OSError, Refused) as error:
            got = error
        if got in expected:
            return got
        assert time.monotonic() < end, (got, expected)
        time.sleep(0.2)


def first_line(stream):
    lines = queue.Queue()
    threading.Thread(target=lambda: lines.put(stream.readline()), daemon=True).start()
    return lines.get(timeout=SECONDS)


def client_of(ready, founded):
    trust = ssl.create_default_context(cafile=ready["ca_file"])
    return KmsClient({**ready, **founded}, trust)


def test_idle_connections_do_not_stop_a_server_that_may_open_few_files(ctx):
    with tempfile.TemporaryDirectory() as folder:
        site = Site(ctx, folder)
        founded = site.found()
        # A soft limit below the hard one is raised.
        few = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (FILES // 2, FILES))
        server = Running(site, preexec_fn=few)
        with server as ready:
            told = first_line(server.process.stderr)
            assert f"may have {FILES} files open" in told, told
            key = client_of(ready, founded).call("CreateKey")["KeyMetadata"]["KeyId"]
            for url in (ready["endpoint"], ready["metrics"]):
                idle = [socket.create_connection(address(url), timeout=10) for _ in range(IDLE)]
                # Long enough for the log to sync and to sign what there is, again and again.
                for _ in range(10):
                    time.sleep(0.3)
                    opened = os.listdir(f"/proc/{server.process.pid}/fd")
                    assert len(opened) < FILES - 4, sorted(opened)
                for connection in idle:
                    connection.close()
                soon(lambda: readiness(ready), (200, "ready\n"))
                assert metric(ready, "strongroom_audit_failed") == 0
                client = client_of(ready, founded)
                assert client.call("Encrypt", KeyId=key, Plaintext="cA==")["CiphertextBlob"]
                client.close()


def test_idle_connections_for_metrics_end_by_themselves(ctx):
    with tempfile.TemporaryDirectory() as folder:
        site = Site(ctx, folder)
        site.found()
        with Running(site) as ready:
            where = address(ready["metrics"])
            idle = [socket.create_connection(where, timeout=SECONDS) for _ in range(IDLE)]
            # Each is ended by the server, at once if there is no room and else in a while.
            for connection in idle:
                try:
                    assert connection.recv(1) == b""
                except ConnectionResetError:
                    pass
                connection.close()
            assert metric(ready, "strongroom_sealed") == 0


def test_a_log_that_stops_is_told_to_the_load_balancer_the_operator_and_the_metrics(ctx):
    with tempfile.TemporaryDirectory() as folder:
        site = Site(ctx, folder)
        founded = site.found()
        # A folder in the place of the file that the next checkpoint is written to.
        in_the_way = pathlib.Path(site.data) / "audit" / "checkpoint.new"
        server = Running(site)
        with server as ready:
            assert readiness(ready) == (200, "ready\n")
            assert metric(ready, "strongroom_audit_failed") == 0
            soon(lambda: in_the_way.exists(), False)
            in_the_way.mkdir()
            client = client_of(ready, founded)
            client.call("CreateKey")
            soon(lambda: readiness(ready), (503, "the audit log has stopped\n"))
            assert ask(f"{ready['endpoint']}/healthz", ready["ca_file"]) == (200, "ok\n")
            assert metric(ready, "strongroom_audit_failed") == 1
            told = first_line(server.process.stderr)
            assert "the audit log has stopped: cannot create" in told, told
            assert "before the server is started again" in told, told
            try:
                client.call("CreateKey")
            except Refused as refused:
                assert refused.status >= 500, refused
            else:
                raise AssertionError("a key was made without an entry")
        in_the_way.rmdir()
        with Running(site) as ready:
            assert readiness(ready) == (200, "ready\n")
            client_of(ready, founded).call("CreateKey")


def test_a_log_that_finds_no_descriptor_goes_on_once_there_is_one(ctx):
    with tempfile.TemporaryDirectory() as folder:
        site = Site(ctx, folder)
        founded = site.found()
        server = Running(site)
        with server as ready:
            pid = server.process.pid
            client = client_of(ready, founded)
            key = client.call("CreateKey")["KeyMetadata"]["KeyId"]
            encrypt = lambda: client.call("Encrypt", KeyId=key, Plaintext="cA==")
            encrypt()
            soft, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
            # Every number below is in use, or may not be given.
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, hard))
            encrypt()
            told = first_line(server.process.stderr)
            assert "too many files are open to write the audit log: it goes on" in told, told
            # What needs no further file is done meanwhile, on the connection that is there.
            encrypt()
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (soft, hard))
            told = first_line(server.process.stderr)
            assert "the audit log works again" in told, told
            encrypt()
            client.close()
            soon(lambda: readiness(ready), (200, "ready\n"))
        done = len([entry for entry in site.log() if entry["action"] == "kms:Encrypt"])
        assert done == 4, done
