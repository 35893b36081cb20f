"""Ceph's object gateway keeps its objects under keys that it fetches by KMIP: `radosgw`,
unmodified, on a cluster of one monitor and one store in memory.

The gateway (KMIP 1.0) is told a key's name by whoever puts an object, finds the key by it and gets
its 32 bytes.
"""

import contextlib
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
import uuid

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from kmip_client import AES, DECRYPT, ENCRYPT, SYMMETRIC_KEY, Kmip, attribute, named

PROGRAMS = ("ceph-mon", "ceph-osd", "ceph", "monmaptool", "radosgw", "radosgw-admin")
START_SECONDS = 90
BODY = b"what lies in the cluster is not readable" * 4096


def free_port():
    """A port that nobody has just now."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class Cluster:
    """A cluster in a folder, with a gateway; gone with everything it started at the end."""

    def __init__(self, kmip, folder):
        self.folder = pathlib.Path(folder)
        self.conf = self.folder / "ceph.conf"
        self.processes = []
        self.identifier = str(uuid.uuid4())
        self.monitor, self.gateway = free_port(), free_port()
        for name in ("mon", "osd", "rgw", "run"):
            (self.folder / name).mkdir()
        self.conf.write_text(self._configuration(kmip))

    def _configuration(self, kmip):
        folder = self.folder
        return f"""
[global]
fsid = {self.identifier}
mon host = v2:127.0.0.1:{self.monitor}
mon initial members = a
public addr = 127.0.0.1
auth cluster required = none
auth service required = none
auth client required = none
ms client mode = crc secure
ms mon client mode = crc secure
run dir = {folder}/run
admin socket = {folder}/run/$cluster-$name.asok
log file = {folder}/$name.log
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
mon allow pool size one = true
mon data avail crit = 1
osd crush chooseleaf type = 0
[mon.a]
mon data = {folder}/mon
[osd.0]
osd objectstore = memstore
memstore device bytes = 268435456
osd data = {folder}/osd
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:{self.gateway}
rgw data = {folder}/rgw
rgw crypt require ssl = false
rgw crypt s3 kms backend = kmip
rgw crypt kmip addr = {kmip["address"]}
rgw crypt kmip ca path = {kmip["ca_file"]}
rgw crypt kmip client cert = {kmip["cert_file"]}
rgw crypt kmip client key = {kmip["key_file"]}
"""

    def run(self, program, *arguments):
        """Runs a program that ends."""
        line = [program, "-c", str(self.conf), *arguments]
        done = subprocess.run(line, capture_output=True, text=True, timeout=START_SECONDS)
        assert done.returncode == 0, f"{' '.join(line)}: {done.stderr[-2000:]}"

    def start(self, program, *arguments):
        """Starts one that stays."""
        with open(self.folder / f"{program}.out", "wb") as out:
            line = [program, "-c", str(self.conf), "-f", *arguments]
            process = subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        self.processes.append(process)

    def up(self):
        """Makes it and starts it."""
        there = f"[v2:127.0.0.1:{self.monitor}]"
        monmap = str(self.folder / "monmap")
        made = ["monmaptool", "--create", "--fsid", self.identifier, "--addv", "a", there, monmap]
        subprocess.run(made, check=True, capture_output=True, timeout=START_SECONDS)
        self.run("ceph-mon", "-i", "a", "--mkfs", "--monmap", monmap)
        self.start("ceph-mon", "-i", "a")
        store = str(uuid.uuid4())
        self.run("ceph", "osd", "new", store)
        self.run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", store)
        self.start("ceph-osd", "-i", "0")
        user = ["user", "create", "--uid=one", "--display-name=one"]
        keys = ["--access-key=one", "--secret-key=of-one"]
        self.run("radosgw-admin", "-n", "client.rgw", *user, *keys)
        self.start("radosgw", "-n", "client.rgw")
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.gateway}/", timeout=5).close()
                return
            except (urllib.error.URLError, ConnectionError):
                assert time.monotonic() < end, f"the gateway does not answer: {self.said()}"
                time.sleep(0.2)

    def s3(self):
        """A client of the gateway."""
        return boto3.client(
            "s3",
            endpoint_url=f"http://127.0.0.1:{self.gateway}",
            region_name="us-east-1",
            aws_access_key_id="one",
            aws_secret_access_key="of-one",
            config=Config(
                s3={"addressing_style": "path"},
                retries={"total_max_attempts": 1},
                proxies={},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    def said(self):
        """The end of what the gateway wrote."""
        for name in ("client.rgw.log", "radosgw.out"):
            path = self.folder / name
            if path.exists() and path.stat().st_size:
                return path.read_text(errors="replace")[-3000:]
        return ""

    def down(self):
        """Ends what was started, the gateway first."""
        for process in reversed(self.processes):
            process.send_signal(signal.SIGKILL)
            process.wait(30)


@contextlib.contextmanager
def cluster(kmip):
    """A cluster that runs."""
    with tempfile.TemporaryDirectory(prefix="ceph-") as folder:
        one = Cluster(kmip, folder)
        try:
            one.up()
            yield one
        finally:
            one.down()


def refused(call, **parameters):
    """The call has no success."""
    try:
        call(**parameters)
    except ClientError as error:
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] >= 400, error
        return
    raise AssertionError("it was done")


def test_ceph_keeps_objects_under_keys_that_it_fetches(ctx):
    missing = [program for program in PROGRAMS if not shutil.which(program)]
    if missing:
        print(f"skipped: Ceph's gateway as a KMIP client: {', '.join(missing)} not installed")
        return
    connection = Kmip(ctx.kmip, (1, 4))
    attributes = [
        attribute("Cryptographic Algorithm", AES),
        attribute("Cryptographic Length", 256),
        attribute("Cryptographic Usage Mask", ENCRYPT | DECRYPT),
        named("ceph-bucket-key"),
    ]
    template = ("TemplateAttribute", attributes)
    made = connection.ask("Create", ("ObjectType", SYMMETRIC_KEY), template)
    with cluster(ctx.kmip) as ceph:
        s3 = ceph.s3()
        s3.create_bucket(Bucket="one")
        sealed = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "ceph-bucket-key"}
        try:
            s3.put_object(Bucket="one", Key="sealed", Body=BODY, **sealed)
        except ClientError as error:
            raise AssertionError(f"{error}\n{ceph.said()}") from error
        reply = s3.get_object(Bucket="one", Key="sealed")
        assert reply["Body"].read() == BODY
        assert reply["SSEKMSKeyId"] == "ceph-bucket-key", reply
        unknown = dict(sealed, SSEKMSKeyId="no-such-key")
        refused(s3.put_object, Bucket="one", Key="other", Body=BODY, **unknown)
        connection.ask("Destroy", ("UniqueIdentifier", made.get("UniqueIdentifier")))
        refused(s3.get_object, Bucket="one", Key="sealed")
