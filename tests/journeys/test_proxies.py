"""Behind a SOCKS proxy, as many networks have it: the Hub and Modal are reached through it, and only through it."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest

from tests.support.person import MODEL, Person, Serving


class SocksProxy:
    """The part of RFC 1928 that clients use: version 5, no authentication, CONNECT."""

    def __init__(self) -> None:
        self.asked: set[int] = set()  # ports
        self._server = socket.create_server(("127.0.0.1", 0))
        self.address = f"socks5://127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def end(self) -> None:
        self._server.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._connect, args=(self._server.accept()[0],), daemon=True).start()

    def _connect(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client:
            _, count = client.recv(2)
            client.recv(count)
            client.sendall(b"\x05\x00")
            _, _, _, kind = client.recv(4)
            host = socket.inet_ntoa(client.recv(4)) if kind == 1 else client.recv(client.recv(1)[0]).decode()
            port = int.from_bytes(client.recv(2), "big")
            self.asked.add(port)
            with socket.create_connection((host, port)) as server:
                client.sendall(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x00")
                threading.Thread(target=self._pump, args=(server, client), daemon=True).start()
                self._pump(client, server)

    @staticmethod
    def _pump(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)


@pytest.fixture
def proxy() -> Iterator[SocksProxy]:
    proxy = SocksProxy()
    yield proxy
    proxy.end()


def test_a_socks_proxy_leads_to_the_hub_and_to_modal(person: Person, serving: Serving, proxy: SocksProxy) -> None:
    through = {**serving.variables, "ALL_PROXY": proxy.address, "NO_PROXY": "", "no_proxy": ""}
    ports = [int(serving.variables[name].rpartition(":")[2]) for name in ("HF_ENDPOINT", "MODAL_SERVER_URL")]
    done = person.wizard("check", MODEL, "--json", **through)
    assert (done.code, done.json()["verdict"]) == (0, "ready"), done
    assert proxy.asked == {ports[0]}
    listed = person.wizard("list", "--json", **through)
    assert listed.code == 0 and not listed.stderr, listed
    assert proxy.asked == set(ports)


@pytest.mark.parametrize("command", [("check", MODEL), ("list",), ("deploy", "--model", MODEL, "--text", "--yes")])
def test_an_address_of_a_proxy_that_cannot_be_used_is_one_sentence(command: tuple[str, ...], person: Person) -> None:
    done = person.wizard(*command, HTTPS_PROXY="gopher://robin:opensesame@127.0.0.1:9")
    assert done.code == 2, done
    assert "HTTPS_PROXY" in done.said and "http://proxy.example:8080" in done.said
    assert "Traceback" not in done.said and "opensesame" not in done.said
