"""Image files that go into a prompt: what is told of them before anything is sent, and of the app's own refusals.

The limits are those of the generated app (`codegen/shared/images.py.txt`), which looks at the images once more.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable
from pathlib import Path

from wizard.core.access_token import clean_line
from wizard.core.problem import Problem, usage

MOST_IMAGES = 16
MOST_BYTES = 32 << 20  # of all images of a prompt
KINDS = "JPEG, PNG, WebP or GIF"
_STARTS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")
_REFUSED = re.compile(r"(?:image \d+|the images|[\d,]+ images|the model does not take these images) .+")
_TAKES_NONE = "unexpected keyword argument 'images'"  # of an app that was made for a model that reads text only


def named_files(text: str) -> list[Path]:
    """The files that a line names. A terminal writes the name of a file that is dropped on it as a shell would."""
    whole = text.strip()
    if not whole:
        return []
    try:
        words = [whole] if os.path.isfile(os.path.expanduser(whole)) else shlex.split(whole)
    except ValueError:  # a quotation mark that is never closed, or one that is part of a name
        words = [whole]
    return [Path(os.path.expanduser(word)) for word in words]


def read_images(paths: Iterable[Path], what: str) -> list[bytes]:
    """The files of the images of one prompt; `what` names whatever named them. Raises Problem (exit code 2)."""
    files: list[bytes] = []
    for path in paths:
        if len(files) == MOST_IMAGES:
            raise usage("images_too_many", f"{what}: one prompt takes up to {MOST_IMAGES} images.", "Leave some out.")
        files.append(read_image(path, what))
        if sum(map(len, files)) > MOST_BYTES:
            words = f"{what}: the images have more than {MOST_BYTES >> 20} MiB together."
            raise usage("images_too_large", words, "Make them smaller.")
    return files


def read_image(path: Path, what: str) -> bytes:
    """One image file, of a kind that is sent, and not too large. Raises Problem (exit code 2)."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise usage("file_unreadable", f"{what}: {path} cannot be read: {error.strerror}.") from error
    if not (data.startswith(_STARTS) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP")):
        hint = "Save each page as an image." if data.startswith(b"%PDF") else f"Save it as {KINDS}."
        raise usage("file_not_image", f"{what}: {path} is not a {KINDS} file.", hint)
    return data


def is_address(image: str) -> bool:
    """Whether an image is given by an address, which the app looks at, and not as a file of this machine."""
    return image[:8].lower().startswith(("https://", "http://", "data:"))


def reads_text_only(model: str) -> Problem:
    """The Problem (exit code 2) of images for a model that takes none."""
    hint = "Leave the images out, or deploy a model that sees."
    return usage("model_reads_text", f"{model} reads text only: it takes no images.", hint)


def image_refusal(message: str) -> Problem | None:
    """What an app said of the images of a call, as a Problem (exit code 2); None where it is about something else."""
    if _TAKES_NONE in message:
        hint = "Leave the images out, deploy a model that sees, or deploy this one again where it was made earlier."
        return usage("model_reads_text", "This function takes no images.", hint)
    last = clean_line(message.strip().splitlines()[-1], 300) if message.strip() else ""
    if not _REFUSED.fullmatch(last):
        return None
    return usage("image_refused", f"{last[0].upper()}{last[1:]}.", "Leave it out, or choose another image.")
