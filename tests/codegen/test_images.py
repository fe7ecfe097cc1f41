"""Images as an app reads them: what is one, how large, and that none is fetched from where only a container gets to."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest

from tests.codegen.images_part import images_part
from tests.codegen.tiny_vision import data_url, picture

PIL = pytest.importorskip("PIL.Image")
PART = images_part()
HERE = Path(__file__).resolve().parents[2]


def files(*images: Any) -> list[bytes]:
    found: list[bytes] = asyncio.run(PART["image_files"](list(images)))
    return found


def bomb(width: int, height: int) -> bytes:
    """A small PNG that says that it is large, and would be."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 10_000_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_an_image_comes_as_bytes_or_as_a_data_url(kind: str) -> None:
    file = picture(kind=kind)
    address = f"data:image/{kind.lower()};base64,{base64.b64encode(file).decode()}"
    assert files(file, bytearray(file), address, address.replace("data:", "DATA:")) == [file] * 4


NOT_READ = "is not a JPEG, PNG, WEBP, GIF file that can be read"
REFUSED = {
    "a PDF": (b"%PDF-1.7\n", f"image 1 {NOT_READ}"),
    "an SVG": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", f"image 1 {NOT_READ}"),
    "a TIFF": (picture(kind="TIFF"), f"image 1 {NOT_READ}"),
    "PostScript, which Pillow would run a program for": (picture(kind="EPS"), f"image 1 {NOT_READ}"),
    "nothing": (b"", f"image 1 {NOT_READ}"),
    "a bomb": (bomb(60_000, 60_000), "image 1 has more than 100 million pixels"),
    "a smaller bomb": (bomb(12_000, 12_000), "the images have 144 million pixels: together they may have 100 million"),
    "a file that is too large": (bytes(40 << 20), "the images have 40 MiB: together they may have 32"),
    "a path": ("/etc/passwd", "image 1 is neither bytes nor a data URL nor an https:// address"),
    "a file address": ("file:///etc/passwd", "image 1 is neither bytes nor a data URL nor an https:// address"),
    "no TLS": ("http://example.com/a.png", "image 1 is neither bytes nor a data URL nor an https:// address"),
    "a number": (7, "image 1 is neither bytes nor a data URL nor an https:// address"),
    "text as data": ("data:text/plain,hello", "image 1 cannot be fetched: its data URL is not base64"),
    "credentials": (
        "https://user:word@example.com/",
        "image 1 cannot be fetched: it leads to something other than a plain https:// address",
    ),
    "no host": (
        "https:///a.png",
        "image 1 cannot be fetched: it leads to something other than a plain https:// address",
    ),
}


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_image_is_refused_in_one_sentence(name: str) -> None:
    image, words = REFUSED[name]
    with pytest.raises(ValueError) as raised:
        files(image)
    assert str(raised.value) == words


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0.0.0.0", "10.0.0.5", "192.168.1.1", "172.16.0.1",
     "169.254.169.254", "100.100.100.200", "168.63.129.16", "224.0.0.1", "255.255.255.255", "192.0.2.1", "[::1]",
     "[::]", "[::ffff:10.0.0.5]", "[fe80::1]", "[fd00:ec2::254]", "[64:ff9b::a00:5]", "[2002:a00:5::1]",
     "[2001:db8::1]"],
)  # fmt: skip
def test_an_address_inside_a_network_is_refused_before_anything_is_sent(host: str) -> None:
    with pytest.raises(ValueError, match=r"^image 1 cannot be fetched: \S+ is not on the public internet$"):
        files(f"https://{host}/latest/meta-data/")


@pytest.mark.parametrize("address", ["93.184.215.14", "1.1.1.1", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_an_address_of_the_public_internet_is_one(address: str) -> None:
    assert PART["is_public"](address)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_there_are_too_many() -> None:
    with pytest.raises(ValueError, match=r"^10,000 images are too many: one prompt takes up to 16$"):
        files(*["https://127.0.0.1/"] * 10_000)
    with pytest.raises(ValueError, match="the images have 108 million pixels"):
        files(*[bomb(3000, 3000)] * 12)


def test_an_image_is_decoded_upright_on_white_and_whole() -> None:
    image = PIL.new("RGBA", (4, 2), (255, 0, 0, 0))
    image.putpixel((0, 0), (0, 0, 255, 255))
    exif = PIL.Exif()
    exif[0x0112] = 6  # turn it clockwise
    image.save(file := io.BytesIO(), "PNG", exif=exif)
    read = PART["decode_image"](1, file.getvalue())
    assert (read.mode, read.size, read.getpixel((1, 0)), read.getpixel((0, 0))) == (
        "RGB", (2, 4), (0, 0, 255), (255, 255, 255),
    )  # fmt: skip
    with pytest.raises(ValueError, match=r"^image 3 cannot be read: "):
        PART["decode_image"](3, picture(kind="JPEG")[:-200])


def test_where_images_go_in_a_conversation() -> None:
    place = PART["place_images"]
    mark, text = {"type": "image"}, {"type": "text", "text": "Q"}
    told = [{"role": "user", "content": "Q"}]
    assert place("Q", None, None) == ("Q", told, [])
    assert place("Q", told, None) == ("Q", told, []), "without images nothing changes"
    seen = [{"role": "user", "content": [mark, mark, text]}]
    assert place("Q", None, [b"1", b"2"]) == ("Q", seen, [b"1", b"2"])
    assert place("Q", None, b"1")[2] == [b"1"], "one image needs no list"
    assert place(["Q", b"1", b"2"], None, None) == ("Q", seen, [b"1", b"2"])
    own = [{"role": "user", "content": [text, {"type": "image", "image": b"3"}]}, *told]
    _, placed, found = place("", own, [b"4"])
    assert placed == [{"role": "user", "content": [text, mark]}, {"role": "user", "content": [mark, text]}]
    assert found == [b"3", b"4"]
    for wrong in ([{"role": "user", "content": [7]}], [{"role": "user", "content": [{"type": "image"}]}], ["Q"], [{}]):
        with pytest.raises(TypeError, match="a message is a text, or a list of parts"):
            place("Q", wrong, [b"1"])


FETCHED: dict[str, int | str] = {
    "https://public.example/image": len(picture()),
    "https://public.example/relative": len(picture()),
    "https://public.example/inside": "inside.example is not on the public internet",
    "https://public.example/loopback": "127.0.0.1 is not on the public internet",
    "https://public.example/metadata": "169.254.169.254 is not on the public internet",
    "https://public.example/plain": "it leads to something other than a plain https:// address",
    "https://public.example/loop": "it is redirected more than 3 times",
    "https://both.example/image": "both.example is not on the public internet",
    "https://public.example/large": "it has more than 32 MiB",
    "https://public.example/drip": "it takes longer than 2 seconds",
    "https://public.example/absent": "it answers with status 404",
}


def test_redirects_are_looked_at_and_nothing_is_waited_for() -> None:
    """In a network of its own, where a public address and its names lead to this process."""
    enter = ["unshare", "--net", "--mount"]
    try:
        allowed = subprocess.run([*enter, "ip", "link"], capture_output=True, timeout=20, check=False).returncode == 0
    except OSError:
        allowed = False
    if not allowed:
        pytest.skip("this person may not make a network namespace")
    hosts = [*FETCHED, "https://public.example/slow-head", "https://93.184.215.14/image"]
    command = [*enter, sys.executable, "-m", "tests.codegen.images_part", *hosts]
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    said = dict(zip(hosts, map(json.loads, done.stdout.splitlines()), strict=True))
    wanted = {url: f"image 1 cannot be fetched: {s}" if isinstance(s, str) else s for url, s in FETCHED.items()}
    assert {url: said[url][0] for url in FETCHED} == wanted
    assert "certificate" in said["https://93.184.215.14/image"][0]
    assert isinstance(said["https://public.example/slow-head"][0], str)
    assert all(seconds < 4 for _, seconds in said.values()), said
    assert files(data_url(picture())) == [picture()]
