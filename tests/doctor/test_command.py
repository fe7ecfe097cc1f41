"""`doctor` as a person and as a script call it: the machine, a script, a change that is shown and asked about."""

from __future__ import annotations

import codecs
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.doctor.scripts import CLEAN, FAULTY, faults, read
from tests.support.person import Serving

PROJECT = Path(__file__).resolve().parents[2]
LEAKY = next(path for path in FAULTY if path.stem == "token_everywhere")
OLD = next(path for path in FAULTY if path.stem == "old_modal")
NOBODY = "http://127.0.0.1:9"


def doctor(*arguments: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, with a Hub and a Modal that nobody serves."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PYTHONPATH": str(PROJECT),
        "HF_ENDPOINT": NOBODY,
        "OUTLINES_WIZARD_TRUST_ENDPOINT": NOBODY,  # else the public Hub would be asked whose an access token is
        "MODAL_SERVER_URL": NOBODY,
        "PIP_INDEX_URL": NOBODY,
        "MODAL_CONFIG_PATH": str(folder / "modal.toml"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        **variables,
    }
    command = [sys.executable, "-m", "wizard", "doctor", *arguments]
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def by_name(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, object]]:
    """The checks of a report."""
    report = json.loads(done.stdout)
    assert set(report) >= {"checks", "healthy"}
    assert all(set(check) == {"name", "status", "detail", "hint", "line", "fixed"} for check in report["checks"])
    return {check["name"]: check for check in report["checks"]}


def test_a_machine_without_anything_is_told_what_to_do_first(tmp_path: Path) -> None:
    done = doctor("--json", folder=tmp_path)
    assert done.returncode == 1
    checks = by_name(done)
    assert json.loads(done.stdout)["healthy"] is False
    statuses = {name: check["status"] for name, check in checks.items()}
    assert statuses["python"] == statuses["library modal"] == statuses["library huggingface_hub"] == "ok"
    assert statuses["network to the Hub"] == statuses["network to Modal"] == statuses["Modal sign-in"] == "failed"
    assert statuses["access token"] == "warning"
    assert statuses["terminal"] == "warning"
    assert all(check["hint"] for check in checks.values() if check["status"] != "ok")


@pytest.mark.parametrize("held", [False, True])
def test_offline_asks_nothing_and_a_machine_without_a_network_is_ready(held: bool, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        address = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        token = {"HF_TOKEN": "hf_" + "".join(chr(97 + byte % 26) for byte in os.urandom(34))} if held else {}
        here = {"HF_ENDPOINT": address, "OUTLINES_WIZARD_TRUST_ENDPOINT": address, "MODAL_SERVER_URL": address}
        done = doctor("--offline", "--json", folder=tmp_path, **here, **token)
        nobody.settimeout(0.1)
        with pytest.raises(TimeoutError):
            nobody.accept()
    assert (done.returncode, json.loads(done.stdout)["healthy"]) == (0, True)
    checks = by_name(done)
    assert checks["network"]["detail"] == "not checked (--offline)"
    assert checks["access token"]["status"] == ("ok" if held else "warning")
    assert not any("Modal" in name or "Hub" in name for name in checks)


def test_a_token_that_hides_another_one_is_named(tmp_path: Path) -> None:
    token = "hf_" + "".join(chr(97 + byte % 26) for byte in os.urandom(34))
    done = doctor("--json", folder=tmp_path, HF_TOKEN=token, HUGGING_FACE_HUB_TOKEN=token, HF_API_TOKEN=token)
    shown = done.stdout
    assert by_name(done)
    assert "hidden by HF_TOKEN" in shown
    assert "HF_API_TOKEN" in shown
    assert token not in done.stdout + done.stderr


def test_a_machine_that_is_ready(doctored: Serving) -> None:
    done = doctored.person.wizard("doctor", "--json", **doctored.variables)
    report = done.json()
    assert (done.code, report["healthy"]) == (0, True), report
    statuses = {check["name"]: check["status"] for check in report["checks"]}
    assert statuses["access token"] == statuses["Modal sign-in"] == statuses["clock"] == "ok"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("scenario", "name", "status"),
    [
        ("revoked-token", "access token", "failed"),
        ("fine-grained-lacks-gated", "access token, gated", "warning"),
        ("hub-down", "network to the Hub", "failed"),
        ("no-modal-token", "Modal sign-in", "failed"),
    ],
)
def test_what_is_wrong_with_a_machine_is_named(doctored: Serving, scenario: str, name: str, status: str) -> None:
    done = doctored.person.wizard("doctor", "--scenario", scenario, "--json")
    checks = {check["name"]: check for check in done.json()["checks"]}
    assert checks[name]["status"] == status
    assert checks[name]["hint"]
    assert done.code == (1 if status == "failed" else 0)


@pytest.mark.parametrize("path", CLEAN[:2], ids=lambda path: path.stem)
def test_a_clean_script_is_said_to_be_well(path: Path, tmp_path: Path) -> None:
    done = doctor(str(path), "--offline", folder=tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith("✓ script")
    assert "is ready" in done.stdout


def test_findings_are_shown_with_their_lines_and_no_secret(tmp_path: Path) -> None:
    script = tmp_path / "leaky.py"
    script.write_text(read(LEAKY))
    token = script.read_text().split('login(token="')[1].split('"')[0]
    done = doctor("leaky.py", "--offline", folder=tmp_path)
    assert done.returncode == 1
    for line, name in faults(script.read_text()):
        assert re.search(rf"[✗!] line {line}  +{name}\b", done.stdout)
    assert "token_in_image" in done.stdout
    assert "https://huggingface.co/settings/tokens" in done.stdout
    assert token not in done.stdout + done.stderr
    assert script.read_text().count(token) == 1, "without --fix nothing is written"


def test_a_change_is_shown_and_asked_about_before_it_is_written(tmp_path: Path) -> None:
    script = tmp_path / "leaky.py"
    before = read(LEAKY)
    script.write_text(before)
    script.chmod(0o750)
    token = before.split('login(token="')[1].split('"')[0]
    refused = doctor("leaky.py", "--offline", "--fix", folder=tmp_path)
    assert refused.returncode == 2
    assert "--yes" in refused.stderr
    assert "+secret = modal.Secret.from_name" in refused.stderr
    assert token not in refused.stdout + refused.stderr
    assert script.read_text() == before

    done = doctor("leaky.py", "--offline", "--fix", "--yes", "--json", folder=tmp_path)
    report = json.loads(done.stdout)
    assert {check["name"] for check in report["checks"] if check["fixed"]} >= {"token_in_source", "secret_from_dict"}
    assert token not in done.stdout + done.stderr
    assert token not in script.read_text()
    assert script.stat().st_mode & 0o777 == 0o750
    assert list(tmp_path.glob(".leaky.py.*")) == []


def test_what_fixing_leaves_to_a_person_is_said_at_the_end(tmp_path: Path) -> None:
    script = tmp_path / "leaky.py"
    script.write_text(read(LEAKY))
    done = doctor("leaky.py", "--offline", "--fix", "--yes", folder=tmp_path)
    said = " ".join(done.stdout.split())
    assert said.count("→ next: Make the Modal Secret outlines-wizard-hf, which holds HF_TOKEN, once:") == 1
    assert "modal secret create outlines-wizard-hf --from-json FILE" in said
    assert "→ next: Revoke the secret that was in the file (https://huggingface.co/settings/tokens)." in said
    assert "is ready" not in done.stdout.splitlines()[-1]


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8], ids=["plain", "with a byte order mark"])
def test_windows_line_ends_and_a_link_survive_a_change(tmp_path: Path, mark: bytes) -> None:
    real = tmp_path / "real.py"
    real.write_bytes(mark + read(OLD).replace("\n", "\r\n").encode())
    link = tmp_path / "app.py"
    link.symlink_to(real)
    done = doctor("app.py", "--offline", "--fix", "--yes", "--json", folder=tmp_path)
    assert json.loads(done.stdout)["diff"]
    data = real.read_bytes()
    assert link.is_symlink()
    assert b"scaledown_window=300" in data
    assert data.count(b"\n") == data.count(b"\r\n")
    assert data.startswith(mark) and codecs.BOM_UTF8 not in data[3:]


HOSTILE: dict[str, bytes] = {
    "random bytes": os.urandom(100_000),
    "not utf-8": "app = 'é'".encode("latin-1"),
    "a syntax error": b"import modal\n\ndef f(:\n    pass\n",
    "brackets": b"x = " + b"(" * 50_000,
    "a long sum": b"x = " + b"1+" * 50_000 + b"1",
    "a long chain": b"x = a" + b".b" * 50_000,
    "nested calls": b"x = " + b"f(" * 90 + b")" * 90,
    "minus signs": b"x = " + b"-" * 50_000 + b"1",
    "null bytes": b"import modal\x00\n",
    "a notebook": b'{"cells": [{"cell_type": "code", "source": ["import modal"]}]}',
    "too large": b"# nothing\n" * 50_000,
    "another language": b"#include <stdio.h>\nint main(void) { return 0; }\n",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_is_no_script_gets_a_clear_answer_in_time(kind: str, tmp_path: Path) -> None:
    from wizard.core.problem import Problem
    from wizard.flow.doctor.script_check import read_script
    from wizard.services.scripts.source import ScriptSource

    path = tmp_path / ("a.ipynb" if kind == "a notebook" else "a.py")
    path.write_bytes(HOSTILE[kind])
    before = time.process_time()
    try:
        source, script = read_script(ScriptSource(), path)
    except Problem as problem:
        assert problem.code in ("script_not_python", "script_too_large")
        assert problem.exit_code == 2
        assert len(problem.message) < 400
    else:  # it is Python after all, with nothing of Modal in it
        assert kind in ("nested calls", "a notebook")
        assert script.source == source
    assert time.process_time() - before < 2.0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("missing.py",), "file_unreadable"), ((".",), "file_unreadable"), (("--fix",), "script_missing")],
)
def test_what_cannot_be_read_is_a_usage_error(arguments: tuple[str, ...], code: str, tmp_path: Path) -> None:
    done = doctor(*arguments, "--json", folder=tmp_path)
    assert done.returncode == 2
    assert json.loads(done.stdout)["code"] == code


def test_nothing_of_a_script_is_run(tmp_path: Path) -> None:
    (tmp_path / "bomb.py").write_text("import modal\nopen('boom', 'w').write('x')\nraise SystemExit(9)\n")
    done = doctor("bomb.py", "--offline", "--fix", "--yes", folder=tmp_path)
    assert done.returncode == 0
    assert not (tmp_path / "boom").exists()


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 5), ("", 5)])
def test_on_a_terminal_the_change_is_shown_whole_and_asked_about(
    answer: str, code: int, tmp_path: Path, on_a_terminal: Callable[..., tuple[int, str]]
) -> None:
    script = tmp_path / "old.py"
    script.write_text(
        "import modal\n\napp = modal.App('old')\n\n\n@app.function(container_idle_timeout=300)\ndef f():\n    pass\n"
    )
    ended, shown = on_a_terminal("doctor", "old.py", "--offline", "--fix", asks="[y/N]", typed=f"{answer}\n")
    assert ended == code
    assert "+@app.function(scaledown_window=300)" in shown
    assert ("scaledown_window" in script.read_text()) is (answer == "y")
