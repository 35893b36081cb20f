"""PyKMIP's own server, as the benchmark runs it: in a folder of its own, with a certificate made
for it, for clients with one given certificate.

    pykmip_server.py FOLDER CLIENT_CERTIFICATE

Prints its address and serves until its standard input ends.
"""

import datetime
import ipaddress
import multiprocessing
import os
import pathlib
import socket
import sys
import threading
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from kmip.services.server import KmipServer

HOST = "127.0.0.1"


def identity(folder):
    """Paths of a certificate for the server and of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "PyKMIP")])
    now = datetime.datetime.now(datetime.timezone.utc)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "server.crt", folder / "server.key"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return map(str, paths)


def free_port():
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def announce(port):
    """Prints the address as soon as somebody listens there."""
    while True:
        try:
            socket.create_connection((HOST, port)).close()
            break
        except ConnectionRefusedError:
            time.sleep(0.01)
    print(f"{HOST}:{port}", flush=True)


def end_with_standard_input():
    """Its policies are in a process of their own, which is to end too."""
    sys.stdin.read()
    for child in multiprocessing.active_children():
        child.kill()
    os._exit(0)


def main(folder, client):
    folder = pathlib.Path(folder)
    folder.mkdir()
    certificate, key = identity(folder)
    port = free_port()
    server = KmipServer(
        hostname=HOST,
        port=port,
        certificate_path=certificate,
        key_path=key,
        ca_path=client,
        auth_suite="TLS1.2",
        config_path=None,
        log_path=str(folder / "server.log"),
        enable_tls_client_auth=True,
        logging_level="CRITICAL",
        database_path=str(folder / "database"),
    )
    server.start()
    threading.Thread(target=end_with_standard_input, daemon=True).start()
    threading.Thread(target=announce, args=[port], daemon=True).start()
    server.serve()


if __name__ == "__main__":
    main(*sys.argv[1:])
