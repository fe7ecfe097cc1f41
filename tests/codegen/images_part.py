"""The part of an app that reads images, by itself; as a program, it fetches what its arguments name and prints of each.

`python -m tests.codegen.images_part` is meant for a network of its own (`unshare --net --mount`): it gives a public
address to the loopback device, serves images there over HTTPS, and writes names into its own /etc/hosts.
"""

from __future__ import annotations

import asyncio
import datetime
import http.server
import importlib
import json
import os
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from tests.codegen.tiny_vision import picture
from wizard.codegen.images import MODULES
from wizard.codegen.parts import part
from wizard.core.inference.engine_registry import DEFAULT_ENGINE

PUBLIC, INSIDE = "93.184.215.14", "10.0.0.5"
HOSTS = {"public.example": [PUBLIC], "inside.example": [INSIDE], "both.example": [PUBLIC, INSIDE]}
TO = {"inside": "https://inside.example/", "loopback": "https://127.0.0.1/", "plain": "http://public.example/image"}
TO |= {"metadata": "https://169.254.169.254/latest/meta-data/", "loop": "/loop", "relative": "image?of=two words"}


def images_part(**changes: Any) -> dict[str, Any]:
    """What the part defines; `changes` are other values for its constants."""
    names: dict[str, Any] = {"asyncio": asyncio, "time": time}
    for name in MODULES:
        importlib.import_module(name)
        names[name.partition(".")[0]] = importlib.import_module(name.partition(".")[0])
    exec(part(DEFAULT_ENGINE, "images").template, names)
    names.update(changes)
    return names


class _Site(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing is written down."""

    def do_GET(self) -> None:
        name = self.path.strip("/").partition("?")[0]
        if name in TO:
            self.send_response(302)
            self.send_header("Location", TO[name])
            self.end_headers()
        elif name == "image":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(picture())
        elif name in ("large", "drip"):
            self.send_response(200)
            self.end_headers()
            for _ in range(100):
                self.wfile.write(b"x" if name == "drip" else bytes(1 << 20))
                time.sleep(0.1 if name == "drip" else 0)
        elif name == "slow-head":
            for _ in range(100):
                self.wfile.write(b"H")
                time.sleep(0.1)
        else:
            self.send_error(404)


def _certificate(folder: Path) -> Path:
    """A certificate for the names, and its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "public.example")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in HOSTS]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    text = made.public_bytes(pem) + key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (file := folder / "certificate.pem").write_bytes(text)
    return file


def _run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def main() -> None:
    """Print one JSON line for each address: how many bytes came, or why none did."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _run("ip", "link", "set", "lo", "up")
        _run("ip", "address", "add", f"{PUBLIC}/32", "dev", "lo")
        lines = [f"{address} {host}\n" for host, addresses in HOSTS.items() for address in addresses]
        (hosts := folder / "hosts").write_text("127.0.0.1 localhost\n" + "".join(lines))
        _run("mount", "--bind", str(hosts), "/etc/hosts")
        file = _certificate(folder)
        server = http.server.ThreadingHTTPServer((PUBLIC, 443), _Site)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        os.environ["SSL_CERT_FILE"] = str(file)
        names = images_part(FETCH_SECONDS=2)
        for url in sys.argv[1:]:
            started = time.monotonic()
            try:
                [found] = asyncio.run(names["image_files"]([url]))
                said: Any = len(found)
            except ValueError as error:
                said = str(error)
            sys.stdout.write(json.dumps([said, time.monotonic() - started]) + "\n")


if __name__ == "__main__":
    main()
