"""What a running server has given up: dumps, debuggers, privileges, system calls.

It is looked at from outside, through /proc, and once as its own user, whom nothing but the
server itself keeps from its memory.
"""

import os
import pathlib
import shutil
import subprocess
import tempfile

from init_scenario import Running, Site

# An ordinary user that owns nothing here.
NOBODY = 65534

def skipped(why):
    print(f"skipped: {why}", flush=True)


def status(pid, thread=None):
    """The fields of a process's status, or of one of its threads."""
    place = f"/proc/{pid}/task/{thread}/status" if thread else f"/proc/{pid}/status"
    pairs = (line.split(":", 1) for line in pathlib.Path(place).read_text().splitlines())
    return {name: value.strip() for name, value in pairs}


def test_the_server_dumps_no_core_and_takes_no_debugger(ctx):
    with tempfile.TemporaryDirectory() as folder:
        site = Site(ctx, folder)
        site.found()
        server = Running(site)
        with server:
            pid = server.process.pid
            limits = pathlib.Path(f"/proc/{pid}/limits").read_text().splitlines()
            core = next(line for line in limits if line.startswith("Max core file size"))
            assert core.split()[4:6] == ["0", "0"], core
            # What a process that cannot be dumped shows of itself belongs to root.
            assert os.stat(f"/proc/{pid}/mem").st_uid == 0


def test_every_thread_has_given_up_privileges_and_system_calls(ctx):
    with tempfile.TemporaryDirectory() as folder:
        site = Site(ctx, folder)
        site.found()
        server = Running(site)
        with server:
            pid = server.process.pid
            threads = os.listdir(f"/proc/{pid}/task")
            assert len(threads) > 8, threads
            for thread in threads:
                fields = status(pid, thread)
                assert fields["NoNewPrivs"] == "1", (thread, fields["NoNewPrivs"])
                assert fields["Seccomp"] == "2", (thread, fields["Seccomp"])
                for rights in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
                    assert int(fields[rights], 16) == 0, (thread, rights, fields[rights])
                # Who is not root cannot empty this set, and gets nothing out of it.
                if os.geteuid() == 0:
                    assert int(fields["CapBnd"], 16) == 0, (thread, fields["CapBnd"])


def test_new_files_are_their_owners_alone(ctx):
    with tempfile.TemporaryDirectory() as folder:
        site = Site(ctx, folder)
        site.serves(site.found())
        for path in [site.data, *site.data.rglob("*")]:
            assert path.stat().st_mode & 0o077 == 0, path


def test_a_process_of_the_same_user_cannot_read_its_memory(ctx):
    """The server runs as a user that is not root, and so does who looks."""
    if os.geteuid() != 0:
        skipped("only root can start a server as another user")
        return
    with tempfile.TemporaryDirectory() as folder:
        binary = pathlib.Path(folder) / "strongroom"
        shutil.copy(ctx.binary, binary)
        data = pathlib.Path(folder) / "home" / "data"
        data.parent.mkdir()
        for path in (folder, data.parent):
            os.chmod(path, 0o755)
            os.chown(path, NOBODY, NOBODY)
        os.chmod(binary, 0o755)
        command = [str(binary), "quickstart", "--dir", str(data), "--listen", "127.0.0.1:0"]
        command += ["--kmip", "127.0.0.1:0"]
        who = {"user": NOBODY, "group": NOBODY, "extra_groups": []}

        def may_read(pid):
            line = ["sh", "-c", f": < /proc/{pid}/mem"]
            done = subprocess.run(line, cwd="/", capture_output=True, text=True, **who)
            assert done.returncode == 0 or "ermission denied" in done.stderr, done.stderr
            return done.returncode == 0

        other = subprocess.Popen(["sleep", "60"], cwd="/", **who)
        try:
            testable = may_read(other.pid)
        finally:
            other.kill()
            other.wait()
        if not testable:
            skipped("this machine lets no process read the memory of another of its user")
            return
        server = Running(None, command=command, cwd="/", **who)
        with server:
            assert status(server.process.pid)["Uid"].split()[1] == str(NOBODY)
            assert not may_read(server.process.pid)
