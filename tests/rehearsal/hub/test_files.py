"""Bytes over the wire: ranges, headers, large files that hold nothing, and faults half-way."""

from __future__ import annotations

import hashlib
import http.client
import json
import socket
import struct
import time
from pathlib import Path

import pytest

from tests.rehearsal.hub.running_hub import MODEL, RunningHub
from wizard.rehearsal.faults import Fault
from wizard.rehearsal.fixtures import model_folder
from wizard.rehearsal.hub.content import weights

WEIGHTS = f"/{MODEL}-open/resolve/main/model.safetensors"
LARGE = "/Qwen/Qwen2.5-72B-Instruct/resolve/main/model-00001-of-00037.safetensors"


def test_a_large_file_has_the_headers_of_one(hub: RunningHub) -> None:
    data = (model_folder() / "model.safetensors").read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    head = hub.ask("HEAD", WEIGHTS)
    assert (head.status, head.body) == (200, b"")
    assert head.headers["Content-Length"] == head.headers["X-Linked-Size"] == str(len(data))
    assert head.headers["ETag"] == head.headers["X-Linked-Etag"] == f'"{digest}"'
    assert head.headers["X-Repo-Commit"] == hub.hub.commit(f"{MODEL}-open")
    assert head.headers["Accept-Ranges"] == "bytes"
    assert not any(name.lower().startswith("x-xet") for name in head.headers)
    assert hub.ask("GET", WEIGHTS).body == data


def test_a_small_file_is_named_by_git(hub: RunningHub) -> None:
    data = (model_folder() / "config.json").read_bytes()
    oid = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
    answer = hub.ask("GET", f"/{MODEL}-open/resolve/{hub.hub.commit(f'{MODEL}-open')}/config.json")
    assert (answer.status, answer.body) == (200, data)
    assert answer.headers["ETag"] == f'"{oid}"' and "X-Linked-Size" not in answer.headers
    assert 'filename="config.json";' in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [("bytes=0-99", 0, 100), ("bytes=100-", 100, None), ("bytes=-10", -10, None), ("bytes=5-99999999", 5, None)],
)
def test_ranges(hub: RunningHub, asked: str, start: int, stop: int | None) -> None:
    data = (model_folder() / "model.safetensors").read_bytes()
    answer = hub.ask("GET", WEIGHTS, headers={"Range": asked})
    assert answer.status == 206 and answer.body == data[start:stop]
    first = start % len(data)
    assert answer.headers["Content-Range"] == f"bytes {first}-{first + len(answer.body) - 1}/{len(data)}"
    assert answer.headers["Content-Length"] == str(len(answer.body))


def test_ranges_that_cannot_be(hub: RunningHub) -> None:
    answer = hub.ask("GET", WEIGHTS, headers={"Range": "bytes=99999999-"})
    assert answer.status == 416
    assert answer.headers["Content-Range"].startswith("bytes */")
    assert hub.ask("GET", WEIGHTS, headers={"Range": "lines=1-2"}).status == 200


def test_a_made_up_file_of_gigabytes_is_read_where_one_likes(hub: RunningHub) -> None:
    size = int(hub.ask("HEAD", LARGE).headers["Content-Length"])
    assert size > 3 * 10**9
    tail = hub.ask("GET", LARGE, headers={"Range": f"bytes={size - 1000}-"})
    assert tail.status == 206 and tail.body == bytes(1000)
    head = hub.ask("GET", LARGE, headers={"Range": "bytes=0-4095"}).body
    length = int.from_bytes(head[:8], "little")
    assert json.loads(head[8 : 8 + length])["__metadata__"] == {"format": "pt"}


def test_a_reader_that_leaves_is_no_error(hub: RunningHub, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(3):
        with socket.create_connection(("127.0.0.1", int(hub.url.rpartition(":")[2])), timeout=10) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # close with a reset
            connection.sendall(f"GET {LARGE} HTTP/1.1\r\nHost: {hub.url.partition('//')[2]}\r\n\r\n".encode())
            assert connection.recv(1)
        time.sleep(0.1)
    assert hub.ask("GET", f"/{MODEL}-open/raw/main/config.json").status == 200
    assert "Error handling request" not in caplog.text


def test_raw_shows_the_pointer_of_a_large_file(hub: RunningHub) -> None:
    text = hub.ask("GET", f"/{MODEL}-open/raw/main/model.safetensors").text
    assert text.startswith("version https://git-lfs.github.com/spec/v1\noid sha256:")
    assert hub.ask("GET", f"/{MODEL}-open/raw/main/config.json").body == (model_folder() / "config.json").read_bytes()


def test_revisions_with_a_slash(hub: RunningHub) -> None:
    assert hub.ask("GET", f"/{MODEL}-open/resolve/refs%2Ftags%2Fv1.0/config.json").status == 200
    assert hub.ask("GET", f"/api/models/{MODEL}-open/revision/refs%2Fheads%2Fmain").status == 200


def test_one_connection_serves_many_requests(hub: RunningHub) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", int(hub.url.rpartition(":")[2]), timeout=10)
    for method, path in (("HEAD", WEIGHTS), ("GET", WEIGHTS), ("GET", f"/api/models/{MODEL}"), ("GET", "/no/such")):
        connection.request(method, path)
        kept = connection.sock
        connection.getresponse().read()
        assert connection.sock is kept, "the server closed the connection"
    connection.close()


def test_split_spreads_the_weights_evenly() -> None:
    path = model_folder() / "model.safetensors"
    listing = weights.split(path, 3)
    names = [name for name in listing if name.endswith(".safetensors")]
    assert names == [f"model-0000{number}-of-00003.safetensors" for number in (1, 2, 3)]
    with pytest.raises(ValueError, match="fewer"):
        weights.split(path, 10_000)


def test_not_a_safetensors_file(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"nothing of the kind")
    with pytest.raises(ValueError, match="not a safetensors file"):
        weights.read_header(tmp_path / "model.safetensors")


def test_fault_delay(hub: RunningHub) -> None:
    hub.hub.faults.arm(Fault("hub:GET /api/whoami-v2", "delay", seconds=0.2, times=1))
    began = time.monotonic()
    assert hub.ask("GET", "/api/whoami-v2", "read").status == 200
    assert time.monotonic() - began >= 0.2


def test_fault_throttle(hub: RunningHub) -> None:
    hub.hub.faults.arm(Fault("hub:HEAD /*", "throttle", seconds=7, times=1))
    answer = hub.ask("HEAD", WEIGHTS)
    assert (answer.status, answer.headers["Retry-After"]) == (429, "7")
    assert answer.headers["RateLimit"] == '"resolvers";r=0;t=7'


def test_fault_disconnect(hub: RunningHub) -> None:
    hub.hub.faults.arm(Fault("hub:GET /api/whoami-v2", "disconnect", times=1))
    with pytest.raises((ConnectionError, http.client.RemoteDisconnected)):
        hub.ask("GET", "/api/whoami-v2", "read")
    assert hub.hub.seen[-1].status == 0
    hub.hub.faults.arm(Fault("hub:GET */model.safetensors", "disconnect", times=1))
    with pytest.raises((ConnectionError, http.client.IncompleteRead)):
        hub.ask("GET", WEIGHTS)
    assert hub.ask("GET", WEIGHTS).status == 200


def test_fault_status(hub: RunningHub) -> None:
    hub.hub.faults.arm(Fault("hub:* /api/models/*", status=403, message="The moon is in the wrong house."))
    answer = hub.ask("GET", f"/api/models/{MODEL}")
    assert (answer.status, answer.headers["X-Error-Message"]) == (403, "The moon is in the wrong house.")
