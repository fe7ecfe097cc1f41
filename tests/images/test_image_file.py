"""Image files that a person names, and what an app says of images: each problem in one sentence, with a way on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.codegen.images_part import images_part
from wizard.cli.batch_files import read_input
from wizard.core.images.image_file import KINDS, MOST_BYTES, MOST_IMAGES, image_refusal, named_files, read_images
from wizard.core.problem import Problem

PNG, JPEG, WEBP = b"\x89PNG\r\n\x1a\n...", b"\xff\xd8\xff...", b"RIFF\x00\x00\x00\x00WEBP..."


def test_the_limits_are_those_of_the_app() -> None:
    part = images_part()
    assert (part["MAX_IMAGES"], part["IMAGE_BYTES"]) == (MOST_IMAGES, MOST_BYTES)
    assert KINDS.upper().replace(" OR ", ", ").split(", ") == ["JPEG", "PNG", "WEBP", "GIF"]
    assert set(part["IMAGE_FORMATS"]) == {"JPEG", "PNG", "WEBP", "GIF"}


def test_files_are_read_in_their_order(tmp_path: Path) -> None:
    wanted = [PNG, JPEG, WEBP, b"GIF89a..."]
    for number, data in enumerate(wanted):
        (tmp_path / str(number)).write_bytes(data)
    assert read_images([tmp_path / str(number) for number in range(4)], "--image") == wanted


@pytest.mark.parametrize(
    ("content", "times", "code", "words"),
    [
        (None, 1, "file_unreadable", "cannot be read: No such file or directory."),
        (b"hello", 1, "file_not_image", "is not a JPEG, PNG, WebP or GIF file."),
        (b"%PDF-1.7", 1, "file_not_image", "is not a JPEG, PNG, WebP or GIF file."),
        (b"", 1, "file_not_image", "is not a JPEG, PNG, WebP or GIF file."),
        (PNG, 17, "images_too_many", "--image: one prompt takes up to 16 images."),
        (PNG + bytes(17 << 20), 2, "images_too_large", "--image: the images have more than 32 MiB together."),
    ],
)
def test_a_file_that_cannot_be_sent(tmp_path: Path, content: bytes | None, times: int, code: str, words: str) -> None:
    if content is not None:
        (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(Problem) as raised:
        read_images([tmp_path / "a.png"] * times, "--image")
    assert (raised.value.code, raised.value.exit_code) == (code, 2)
    assert raised.value.message.endswith(words)


def test_a_folder_is_no_image(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="cannot be read: Is a directory"):
        read_images([tmp_path], "--image")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("image 2 is not a JPEG, PNG, WEBP, GIF file that can be read", "image_refused"),
        ("10,000 images are too many: one prompt takes up to 16", "image_refused"),
        ("the images have 144 million pixels: together they may have 100 million", "image_refused"),
        ("the model does not take these images with this prompt: absolute aspect ratio", "image_refused"),
        ("Generator.respond() got an unexpected keyword argument 'images'", "model_reads_text"),
        ("CUDA out of memory while reading image 2 of 3", None),
        ("", None),
    ],
)
def test_what_an_app_says_of_images(said: str, code: str | None) -> None:
    problem = image_refusal(said)
    assert (problem.code if problem else None) == code
    if problem:
        assert problem.exit_code == 2 and problem.message.endswith(".") and problem.hint.endswith(".")


def test_a_line_of_a_batch_names_files_as_seen_from_its_own_folder(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    line = read_input(
        3, b'{"prompt": "?", "images": ["a.png", "https://example.com/b.png"], "max_tokens": 9}', tmp_path
    )
    assert line.arguments() == (["?", PNG, "https://example.com/b.png"], 9)
    assert read_input(3, b'"?"', tmp_path).arguments() == ("?",)
    gone = read_input(3, b'{"prompt": "?", "images": ["gone.png"]}', tmp_path)
    with pytest.raises(Problem, match=r"line 3: .*gone\.png cannot be read"):
        gone.arguments()
    for wrong in (b'{"prompt": "?", "images": "a.png"}', b'{"prompt": "?", "images": [7]}'):
        assert read_input(3, wrong, tmp_path).error == "line 3 cannot be used: images is a list of paths"
    many = b'{"prompt": "?", "images": [' + b",".join([b'"a.png"'] * 10_000) + b"]}"
    assert "10,000 images are too many" in read_input(3, many, tmp_path).error


@pytest.mark.parametrize("typed", ["a" * 300 + ".png", "~nobody-of-that-name/x.png"])
def test_what_can_be_no_file_is_a_name_that_is_not_there(typed: str) -> None:
    assert named_files(typed) == [Path(typed)]
    with pytest.raises(Problem, match="cannot be read"):
        read_images(named_files(typed), "image")
