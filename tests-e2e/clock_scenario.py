"""A server whose clock is wrong when it starts, by `libfaketime`; skipped where that is not there.

The clock of this machine stays as it is: only the server's and the command line's are moved.
"""

import glob
import json
import os
import pathlib
import queue
import subprocess
import tempfile
import threading
import time

from init_scenario import Site

START_SECONDS = 120
# What moves the clock of a program that it is loaded into.
LIBRARY = next(iter(glob.glob("/usr/lib/*/faketime/libfaketime.so.1")), None)


class Server:
    """A server of a site whose clock is moved by so much, e.g. `-2h`."""

    def __init__(self, site, founded, moved):
        self.site = site
        # Time that passes goes on as it does: only what the clock says is moved.
        clock = {"LD_PRELOAD": LIBRARY, "FAKETIME": moved, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        self.environment = {
            **os.environ,
            **(clock if moved else {}),
            "AWS_ACCESS_KEY_ID": founded["access_key_id"],
            "AWS_SECRET_ACCESS_KEY": founded["secret_access_key"],
        }
        self.told = pathlib.Path(site.data).parent / "told.txt"

    def line(self, *arguments):
        """A command line."""
        return [self.site.binary, *arguments, "--output", "json"]

    def __enter__(self):
        with open(self.told, "w") as told:
            self.process = subprocess.Popen(
                self.line("server", "--config", str(self.site.config)),
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=told,
                text=True,
            )
        lines = queue.Queue()
        read = threading.Thread(target=lambda: lines.put(self.process.stdout.readline()))
        read.daemon = True
        read.start()
        if not lines.get(timeout=START_SECONDS):
            raise AssertionError(f"the server did not start: {self.told.read_text()}")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()

    def ask(self, *arguments):
        """What the command line, on the same clock, answers."""
        line = self.line(*arguments, "--dir", str(self.site.data))
        done = subprocess.run(
            line, env=self.environment, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, (line, done.stderr)
        return json.loads(done.stdout)

    def says(self, sentence):
        """Waits for a sentence on the server's standard error: one line, and said once."""
        for _ in range(100):
            text = self.told.read_text()
            if sentence in text:
                assert text.count("the clock says") == 1, text
                return
            time.sleep(0.1)
        raise AssertionError(f"{sentence!r} is not in {self.told.read_text()!r}")


def test_a_clock_that_is_wrong_at_the_start_is_told_and_destroys_nothing(ctx):
    if LIBRARY is None:
        print("skipped: clock_scenario: no `libfaketime` is installed")
        return
    with tempfile.TemporaryDirectory(prefix="strongroom-clock-") as folder:
        site = Site(ctx, folder)
        founded = site.found()
        with Server(site, founded, "") as server:
            key = server.ask("key", "create")["KeyMetadata"]["KeyId"]
            server.ask("key", "schedule-deletion", key, "--days", "7")
            clock = server.ask("status")["clock"]
            assert clock["trust"] == "steady" and "latest" not in clock, clock
            assert "the clock" not in server.told.read_text()
        with Server(site, founded, "-2h") as server:
            server.says("set it right")
            clock = server.ask("status")["clock"]
            assert clock["trust"] == "behind" and clock["latest"] > clock["time"], clock
        with Server(site, founded, "+30d") as server:
            server.says("far ahead")
            assert server.ask("status")["clock"]["trust"] == "jumped"
            described = server.ask("key", "describe", key)["KeyMetadata"]
            assert described["KeyState"] == "PendingDeletion", described
        # Neither left a trace: set right, the clock is relied on, and the key can be saved.
        with Server(site, founded, "") as server:
            assert server.ask("status")["clock"]["trust"] == "steady"
            server.ask("key", "cancel-deletion", key)
            assert "the clock" not in server.told.read_text()
