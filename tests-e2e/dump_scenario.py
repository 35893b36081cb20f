"""A core dump of a server that holds keys does not hold them, and neither does swap or a child.

A server is given work, so that it holds the root key, access-key secrets and signing keys. Then
root does what it can: has a debugger write a core, has the kernel write one, and looks at how
secret memory is mapped. A process of the tests' own is the control of each check: it holds one
canary in ordinary memory and one in memory that is protected as the server's, and the first is
found and the second is not. What this machine does not allow is skipped, and says so.
"""

import base64
import datetime
import mmap
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from init_scenario import Running, Site
from kms_client import KmsClient, signing_key

PIECE = 16 << 20
# What a mapping of secret memory is: locked, not in dumps, not copied by fork.
PROTECTED = {"lo", "dd", "dc"}

HOLDER = """
import ctypes, mmap, os, sys
plain, kept = (mmap.mmap(-1, mmap.PAGESIZE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) for _ in "ab")
kept.madvise(mmap.MADV_DONTDUMP)
kept.madvise(mmap.MADV_DONTFORK)
libc = ctypes.CDLL(None, use_errno=True)
place = ctypes.addressof(ctypes.c_char.from_buffer(kept))
locked = libc.mlock(ctypes.c_void_p(place), ctypes.c_size_t(mmap.PAGESIZE)) == 0
for memory in (plain, kept):
    for at, byte in enumerate(bytes.fromhex(sys.stdin.readline())):
        memory[at] = byte ^ 255
child = os.fork()
if child == 0:
    os.read(0, 1)
    os._exit(0)
print(child, locked, flush=True)
os.read(0, 1)
"""


def skipped(why):
    print(f"skipped: dump_scenario: {why}", flush=True)


class Holder:
    """A process that holds a canary in ordinary memory and one in protected memory, and a child
    that it has forked since."""

    def __enter__(self):
        self.canaries = {"ordinary": os.urandom(32), "protected": os.urandom(32)}
        self.folder = tempfile.TemporaryDirectory(prefix="strongroom-dump-")
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLDER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=self.folder.name,
        )
        for canary in self.canaries.values():
            self.process.stdin.write(bytes(byte ^ 255 for byte in canary).hex() + "\n")
        self.process.stdin.flush()
        child, locked = self.process.stdout.readline().split()
        assert locked == "True", "the control cannot lock a page"
        self.child = int(child)
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(30)
        self.folder.cleanup()


def mappings(pid):
    """The mappings of a process: start, end, rights, name and flags of each."""
    found = []
    for line in pathlib.Path(f"/proc/{pid}/smaps").read_text().splitlines():
        head = re.match(r"([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+\s*(.*)", line)
        if head:
            start, end, rights, name = head.groups()
            found.append([int(start, 16), int(end, 16), rights, name, set()])
        elif line.startswith("VmFlags:"):
            found[-1][4] = set(line.split()[1:])
    return found


def found_in_file(path, canaries):
    """The names of the canaries (a dict of bytes by name) that are in a file."""
    names, before = set(), b""
    margin = max(map(len, canaries.values()))
    with open(path, "rb") as file:
        while piece := file.read(PIECE):
            window = before + piece
            names |= {name for name, value in canaries.items() if value in window}
            before = window[-margin:]
    return names


def found_in_memory(pid, canaries):
    """The same in the memory of a process, wherever root can read it; and where it cannot."""
    names, unreadable = set(), []
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for start, end, rights, name, _ in mappings(pid):
            if rights[0] != "r" or name in ("[vvar]", "[vsyscall]"):
                continue
            try:
                memory.seek(start)
                content = memory.read(end - start)
            except OSError:
                unreadable.append(start)
                continue
            names |= {canary for canary, value in canaries.items() if value in content}
    return names, unreadable


def debuggers_core(pid, folder):
    """The core that a debugger writes of a process; none where it may not."""
    done = subprocess.run(
        ["gcore", "-o", f"{folder}/debugger", str(pid)], capture_output=True, text=True, timeout=300
    )
    core = pathlib.Path(folder) / f"debugger.{pid}"
    return core if done.returncode == 0 and core.exists() else None


def kernels_core(process, folder):
    """The core that the kernel writes of a process that aborts; none if it writes none.

    Root allows it a core of any size with every kind of mapping, whatever it has asked for; as
    far as root here may raise the limits of others.
    """
    pid = process.pid
    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    try:
        resource.prlimit(pid, resource.RLIMIT_CORE, unlimited)
    except PermissionError:
        limits = resource.prlimit(pid, resource.RLIMIT_CORE)
        skipped(f"a core limit of any size: root may not raise this one: {limits}")
    pathlib.Path(f"/proc/{pid}/coredump_filter").write_text("0xff")
    os.kill(pid, signal.SIGABRT)
    process.wait(60)
    cores = [path for path in pathlib.Path(folder).iterdir() if path.name.startswith("core")]
    return cores[0] if cores else None


def kernel_writes_files():
    """Whether the kernel writes cores to the folder of the process, and not to a program."""
    pattern = pathlib.Path("/proc/sys/kernel/core_pattern").read_text().strip()
    return pattern.startswith("core") and "/" not in pattern


class Working:
    """A server that holds keys, and the canaries that it holds."""

    def __init__(self, ctx, folder):
        self.site = Site(ctx, folder)
        self.founded = self.site.found()
        self.running = Running(self.site, cwd=self.site.data)
        self.canaries = {}

    def __enter__(self):
        ready = self.running.__enter__()
        self.process = self.running.process
        secret = self.founded["secret_access_key"]
        who = {name: self.founded[name] for name in ("access_key_id", "secret_access_key")}
        client = KmsClient({**ready, **who})
        key = client.call("CreateKey")["KeyMetadata"]["KeyId"]
        made = client.call("GenerateDataKey", KeyId=key, KeySpec="AES_256")
        assert client.call("Decrypt", CiphertextBlob=made["CiphertextBlob"])
        client.close()
        date = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%d")
        self.canaries = {
            "the key file": (self.site.data / "unseal.key").read_bytes(),
            "the administrator's secret": secret.encode(),
            "a signing key": signing_key(secret, date, ready["region"]),
            "a data key": base64.b64decode(made["Plaintext"]),
        }
        # In ordinary memory as long as the server runs: what shows that a dump is one of it.
        self.control = {"the folder's name": str(self.site.data).encode()}
        time.sleep(2)
        return self

    def __exit__(self, *how):
        self.running.__exit__(*how)

    def judge(self, core, whose):
        """A core has the server's ordinary memory and no canary."""
        names = found_in_file(core, {**self.canaries, **self.control})
        assert names == set(self.control), f"the {whose} core of the server holds {names}"
        size = core.stat().st_size >> 20
        count = len(self.canaries)
        print(f"dump: the {whose} core: {count} canaries, {size} MiB, 0 found", flush=True)


def root_and(test):
    """Has a test run by root only."""

    def run(ctx):
        if os.geteuid() != 0:
            skipped(f"{test.__name__}: looking into a server needs root")
            return
        with tempfile.TemporaryDirectory(prefix="strongroom-dump-") as folder:
            test(ctx, folder)

    run.__name__ = test.__name__
    return run


@root_and
def test_a_debuggers_core_has_no_keys(ctx, folder):
    if not shutil.which("gcore"):
        skipped("a debugger's core: gcore is not installed")
        return
    with Holder() as holder:
        core = debuggers_core(holder.process.pid, folder)
        if not core:
            skipped("a debugger's core: this machine lets none attach")
            return
        names = found_in_file(core, holder.canaries)
        assert names == {"ordinary"}, f"the control's core holds {names}"
    with Working(ctx, folder) as server:
        core = debuggers_core(server.process.pid, folder)
        assert core, "no core of the server, though the control's could be written"
        server.judge(core, "debugger's")


@root_and
def test_the_kernels_core_has_no_keys(ctx, folder):
    if not kernel_writes_files():
        skipped("the kernel's core: it is given to a program")
        return
    with Holder() as holder:
        core = kernels_core(holder.process, holder.folder.name)
        os.kill(holder.child, signal.SIGKILL)
        if not core:
            skipped("the kernel's core: this machine writes none")
            return
        names = found_in_file(core, holder.canaries)
        assert names == {"ordinary"}, f"the control's core holds {names}"
    with Working(ctx, folder) as server:
        core = kernels_core(server.process, server.site.data)
        assert core is None, "the server left a core, though it is not dumpable"
        print("dump: the server leaves no core when it aborts", flush=True)
    if not shutil.which("gdb"):
        skipped("the kernel's core of a server made dumpable: gdb is not installed")
        return
    shutil.rmtree(server.site.data)
    with Working(ctx, folder) as server:
        pid = str(server.process.pid)
        allow = ["gdb", "-nx", "-batch", "-p", pid, "-ex", "print ((int(*)(int,long))prctl)(4, 1)"]
        done = subprocess.run(allow, capture_output=True, text=True, timeout=300)
        if "$1 = 0" not in done.stdout:
            skipped("the kernel's core of a server made dumpable: a debugger cannot make it so")
            return
        core = kernels_core(server.process, server.site.data)
        if core is None:
            skipped("the kernel's core of a server made dumpable: it writes none")
            return
        server.judge(core, "kernel's")


@root_and
def test_secret_memory_is_locked_and_left_out_of_dumps_and_children(ctx, folder):
    with Holder() as holder:
        kept = [one for one in mappings(holder.process.pid) if PROTECTED <= one[4]]
        assert [one[1] - one[0] for one in kept] == [mmap.PAGESIZE], kept
        # What the flag means: a child does not have what the parent has.
        names, _ = found_in_memory(holder.process.pid, holder.canaries)
        assert names == set(holder.canaries), f"the control holds {names}"
        names, _ = found_in_memory(holder.child, holder.canaries)
        assert names == {"ordinary"}, f"the control's child holds {names}"
    with Working(ctx, folder) as server:
        pid = server.process.pid
        kept = [one for one in mappings(pid) if PROTECTED <= one[4]]
        assert len(kept) == 1, f"not one mapping of secret memory: {kept}"
        [(start, end, _, name, _)] = kept
        fields = pathlib.Path(f"/proc/{pid}/status").read_text()
        locked = int(re.search(r"VmLck:\s+(\d+) kB", fields).group(1)) << 10
        assert locked >= end - start, f"{locked} bytes of {end - start} are locked"
        names, unreadable = found_in_memory(pid, {**server.canaries, **server.control})
        if "secretmem" in name:
            assert start in unreadable, "root reads secret memory"
            assert names == set(server.control), f"root finds {names}"
        else:
            # There is no memfd_secret here: the keys are where they belong, for root to see.
            assert "a signing key" in names, f"root finds {names}"
        print(
            f"dump: {(end - start) >> 10} KiB of secret memory ({name or 'anonymous'}): locked, "
            "not dumped, not in children",
            flush=True,
        )
    skipped("a swap file: the tests turn no swap on; that the pages are locked is looked at")
