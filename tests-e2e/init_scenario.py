"""Founding a server with `strongroom init`, and starting it with every way to unseal it.

Each test founds servers of its own; the one that all tests share is left alone.
"""

import hashlib
import json
import pathlib
import queue
import subprocess
import tempfile
import threading

import boto3
from botocore.config import Config

START_SECONDS = 120
PASSPHRASE = "correct horse battery"


class Site:
    """A folder with a configuration file and, once it is founded, a server."""

    def __init__(self, ctx, folder, **settings):
        self.binary = ctx.binary
        self.data = pathlib.Path(folder) / "data"
        self.config = pathlib.Path(folder) / "strongroom.toml"
        self.configure(**settings)

    def configure(self, **settings):
        """Writes the configuration file anew; `_` in a name stands for `-`."""
        addresses = {name: "127.0.0.1:0" for name in ("listen", "kmip", "metrics")}
        all_of_them = {"dir": str(self.data), **addresses}
        all_of_them.update(settings)
        lines = [f"{name.replace('_', '-')} = {json.dumps(v)}" for name, v in all_of_them.items()]
        self.config.write_text("\n".join(lines) + "\n")

    def init(self, *arguments, given=""):
        """Runs `strongroom init`; how it ended."""
        line = [self.binary, "init", "--config", str(self.config), "--output", "json", *arguments]
        return subprocess.run(line, input=given, capture_output=True, text=True, timeout=120)

    def found(self, *arguments, given=""):
        """Founds the server; what its founder is told."""
        done = self.init(*arguments, given=given)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def run_server(self):
        """Runs a server that is expected to end by itself; how it ended."""
        line = [self.binary, "server", "--config", str(self.config)]
        return subprocess.run(line, input="", capture_output=True, text=True, timeout=120)

    def refuses(self, sentence):
        """Has the server refuse to start, with one sentence and exit code 1."""
        one_sentence(self.run_server(), sentence)

    def unseal(self, *arguments, given=""):
        """Runs `strongroom unseal` on the server that is running; how it ended."""
        line = [self.binary, "unseal", "--dir", str(self.data), "--output", "json", *arguments]
        return subprocess.run(line, input=given, capture_output=True, text=True, timeout=120)

    def serves(self, founded, given=""):
        """Starts the server, unseals it if need be, uses it as the administrator, stops it."""
        with Running(self) as ready:
            assert "secret_access_key" not in ready, ready.keys()
            assert ready.get("sealed", False) == (given != ""), ready
            if given:
                done = self.unseal(given=given)
                assert done.returncode == 0, done.stderr
                assert json.loads(done.stdout)["sealed"] is False, done.stdout
            kms = boto3.client(
                "kms",
                endpoint_url=ready["endpoint"],
                region_name=ready["region"],
                verify=ready["ca_file"],
                aws_access_key_id=founded["access_key_id"],
                aws_secret_access_key=founded["secret_access_key"],
                config=Config(retries={"total_max_attempts": 1}, proxies={}),
            )
            key = kms.create_key()["KeyMetadata"]["KeyId"]
            blob = kms.encrypt(KeyId=key, Plaintext=b"p")["CiphertextBlob"]
            assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"p"

    def log(self):
        """The entries of the audit log, read while the server is not running."""
        line = [self.binary, "audit", "show", "--dir", str(self.data), "--output", "json"]
        line += ["--from", "0", "--limit", "1000000"]
        done = subprocess.run(line, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return [json.loads(entry) for entry in done.stdout.splitlines()]

    def files(self):
        """The digest of every file in the folder, by path."""
        files = [path for path in sorted(self.data.rglob("*")) if path.is_file()]
        return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


class Running:
    """A server, from the line that says it is ready until it is told to stop."""

    def __init__(self, site, command=None, **how):
        line = command or [site.binary, "server", "--config", str(site.config)]
        self.process = subprocess.Popen(
            [*line, "--output", "json"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            **how,
        )

    def __enter__(self):
        lines = queue.Queue()
        read = threading.Thread(target=lambda: lines.put(self.process.stdout.readline()))
        read.daemon = True
        read.start()
        line = lines.get(timeout=START_SECONDS)
        if not line:
            raise AssertionError(f"the server did not start: {self.process.stderr.read()}")
        return json.loads(line)

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()


def one_sentence(done, sentence):
    """It failed with exit code 1 and this sentence (a part suffices) on one line."""
    assert done.returncode == 1, (done.returncode, done.stdout, done.stderr)
    assert sentence in done.stderr, done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stdout == "", done.stdout


def lines(*texts):
    return "".join(f"{text}\n" for text in texts)


def test_the_explained_configuration_founds_and_serves(ctx):
    """It reads back, and what it says holds: the key file lies in the folder."""
    with tempfile.TemporaryDirectory() as folder:
        explained = subprocess.run(
            [ctx.binary, "config", "explain"], capture_output=True, text=True, check=True
        ).stdout
        site = Site(ctx, folder)
        site.config.write_text(
            explained.replace('"./strongroom-data"', json.dumps(str(site.data)))
            .replace('"127.0.0.1:9443"', '"127.0.0.1:0"')
            .replace('"127.0.0.1:5696"', '"127.0.0.1:0"')
            .replace('"127.0.0.1:9444"', '"127.0.0.1:0"')
        )
        checked = [ctx.binary, "config", "check", str(site.config)]
        subprocess.run(checked, capture_output=True, check=True)
        founded = site.found()
        assert founded["unseal"] == ["key-file"] and founded["shares"] == []
        key_file = site.data / "unseal.key"
        assert key_file.stat().st_size == 32 and key_file.stat().st_mode & 0o777 == 0o600
        site.serves(founded)
        right = key_file.read_bytes()
        key_file.write_bytes(bytes(32))
        site.refuses("this is not the key file of this server")
        key_file.unlink()
        site.refuses("is missing: the server cannot be unsealed without it")
        key_file.write_bytes(right)
        site.serves(founded)


def test_an_unknown_setting_is_refused_with_its_line(ctx):
    with tempfile.TemporaryDirectory() as folder:
        site = Site(ctx, folder, lissten="127.0.0.1:0")
        one_sentence(site.init(), 'line 5: there is no setting "lissten"; ')
        site.refuses('line 5: there is no setting "lissten"; ')
        assert not site.data.exists()


def test_a_passphrase_unseals(ctx):
    with tempfile.TemporaryDirectory() as folder:
        site = Site(ctx, folder, unseal="passphrase")
        one_sentence(site.init(given=lines("short")), "a passphrase has 8 characters or more")
        one_sentence(site.init(), "no passphrase was given")
        founded = site.found(given=lines(PASSPHRASE))
        site.serves(founded, lines(PASSPHRASE))


def test_any_two_of_three_shares_unseal(ctx):
    with tempfile.TemporaryDirectory() as folder:
        site = Site(ctx, folder, unseal="shares")
        one_sentence(site.init(), "say how many shares there are: --unseal shares K N")
        founded = site.found("--unseal", "shares", "2", "3")
        a, b, c = founded["shares"]
        assert founded["shares_needed"] == 2
        for chosen in ((a, b), (c, a), (b, c)):
            site.serves(founded, lines(*chosen))


def test_several_ways_lead_to_one_root_key(ctx):
    with tempfile.TemporaryDirectory() as folder:
        site = Site(ctx, folder)
        key_file = pathlib.Path(folder) / "elsewhere" / "key"
        ways = ["--unseal", "key-file", str(key_file), "--unseal", "shares", "2", "2"]
        founded = site.found(*ways, "--unseal", "passphrase", given=lines(PASSPHRASE))
        assert founded["unseal"] == ["key-file", "shares", "passphrase"]
        assert not (site.data / "unseal.key").exists()
        site.configure(key_file=str(key_file))
        site.serves(founded)
        site.configure(unseal="passphrase")
        site.serves(founded, lines(PASSPHRASE))
        site.configure(unseal="shares")
        site.serves(founded, lines(*founded["shares"]))
        first = site.log()[0]
        assert first["action"] == "strongroom:Initialise", first
        assert first["resources"][1:4] == ["key-file", "shares", "passphrase"], first
        unsealed = [entry["resources"] for entry in site.log() if "Unseal" in entry["action"]]
        assert unsealed == [["key-file"], ["passphrase"], ["shares"]], unsealed


def test_a_way_that_the_server_was_not_given_is_told(ctx):
    with tempfile.TemporaryDirectory() as folder:
        site = Site(ctx, folder)
        site.found()
        site.configure(unseal="passphrase")
        site.refuses("not unsealed by a passphrase but by: key-file")


def test_a_server_that_was_not_founded_does_not_start(ctx):
    with tempfile.TemporaryDirectory() as folder:
        site = Site(ctx, folder)
        site.refuses("there is no server in")
        assert not site.data.exists()


def test_founding_again_is_refused_and_changes_nothing(ctx):
    with tempfile.TemporaryDirectory() as folder:
        site = Site(ctx, folder)
        founded = site.found()
        site.serves(founded)
        before = site.files()
        one_sentence(site.init(), "holds a server already; nothing was changed")
        one_sentence(site.init("--unseal", "shares", "2", "3"), "nothing was changed")
        assert site.files() == before
        site.serves(founded)


def test_the_quickstart_leaves_a_founded_server_alone(ctx):
    with tempfile.TemporaryDirectory() as folder:
        site = Site(ctx, folder)
        founded = site.found()
        line = [ctx.binary, "quickstart", "--dir", str(site.data), "--listen", "127.0.0.1:0"]
        line += ["--kmip", "127.0.0.1:0"]
        done = subprocess.run(line, capture_output=True, text=True, timeout=120)
        one_sentence(done, "does not say the administrator's access key")
        site.serves(founded)


def test_founding_that_fails_leaves_nothing_behind(ctx):
    """Whichever step fails: the passphrase that is asked for last, or the print of the key."""
    with tempfile.TemporaryDirectory() as folder:
        site = Site(ctx, folder)
        key_file = pathlib.Path(folder) / "elsewhere" / "key"
        ways = ["--unseal", "key-file", str(key_file), "--unseal", "shares", "2", "3"]
        one_sentence(site.init(*ways, "--unseal", "passphrase"), "no passphrase was given")
        one_sentence(
            site.init(*ways, "--unseal", "passphrase", given=lines("short")),
            "a passphrase has 8 characters or more",
        )
        line = [ctx.binary, "init", "--config", str(site.config), *ways]
        with open("/dev/full", "w") as full:
            done = subprocess.run(line, stdout=full, stderr=subprocess.PIPE, text=True, timeout=120)
        assert done.returncode == 1 and done.stderr.count("\n") == 1, done
        assert "cannot print the administrator's access key" in done.stderr, done.stderr
        left = [path for path in pathlib.Path(folder).rglob("*") if path != site.config]
        assert left == [], left
        # A folder that was there stays, with what was in it.
        site.data.mkdir()
        (site.data / "notes").write_text("mine")
        one_sentence(site.init(*ways, "--unseal", "passphrase"), "no passphrase was given")
        assert sorted(path.name for path in site.data.iterdir()) == ["founding.lock", "notes"]
        founded = site.found(*ways, "--unseal", "passphrase", given=lines(PASSPHRASE))
        site.configure(key_file=str(key_file))
        site.serves(founded)


def test_a_founding_that_was_killed_says_what_to_do(ctx):
    with tempfile.TemporaryDirectory() as folder:
        site = Site(ctx, folder)
        (site.data / "audit").mkdir(parents=True)
        (site.data / "audit" / "checkpoint").write_text("x")
        one_sentence(site.init(), "interrupted; remove the folder and start again")
        assert (site.data / "audit" / "checkpoint").exists()
