"""The KMIP profiles' own test cases, replayed over mutual TLS: every one of them but those that
`vectors/conformance/kmip.toml` names, each with the reason why.

The cases are OASIS's and not kept here: they are read from `../shared/kmip` beside the checkout.
"""

import subprocess
import tempfile

from run import HERE, Server

ROOT = HERE.parent
FOLDERS = [
    ROOT.parent / "shared" / "kmip" / version / kind
    for version in ("cases-1.4", "cases-2.1")
    for kind in ("mandatory", "optional")
]
# The runner is built first, which takes a while.
SECONDS = 900


def test_the_profiles_cases_pass_but_those_that_are_named_with_their_reasons(ctx):
    there = [folder for folder in FOLDERS if folder.is_dir()]
    if len(there) < len(FOLDERS):
        print(f"skipped: the KMIP profiles' test cases: they are not in {FOLDERS[0].parent.parent}")
        return
    # They find objects by attributes, and expect what the cases before them left: a server of
    # their own.
    with tempfile.TemporaryDirectory(prefix="strongroom-cases-") as directory:
        server = Server(ctx.binary, directory)
        try:
            ready = server.ready()
            kmip = ready["kmip"]
            runner = ["cargo", "run", "--quiet", "--package", "strongroom-bench"]
            runner += ["--bin", "kmip-cases", "--"]
            where = ["--address", kmip["address"], "--https", ready["endpoint"].split("//")[1]]
            who = ["--ca", kmip["ca_file"], "--cert", kmip["cert_file"], "--key", kmip["key_file"]]
            skips = ["--skips", str(ROOT / "vectors" / "conformance" / "kmip.toml")]
            done = subprocess.run(
                [*runner, *where, *who, *skips, *map(str, there)],
                cwd=ROOT,
                capture_output=True,
                text=True,
                timeout=SECONDS,
            )
        finally:
            server.kill()
    said = done.stdout.strip().splitlines()
    assert done.returncode == 0, f"{done.stderr}\n{done.stdout}"
    print(f"the KMIP profiles' cases: {said[-1]}")
    for line in said:
        name, _, what = line.partition(": ")
        if what.startswith("skipped"):
            print(f"skipped: KMIP case {name}: {what.partition(': ')[2]}")
