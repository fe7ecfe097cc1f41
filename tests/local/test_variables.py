"""Variables with values that nobody would choose: what is left out of the environment, and that no command breaks."""

from __future__ import annotations

import os
import random
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.many_commands import Said, run_all
from tests.support.session import nightly_beside
from wizard.core.access.verdicts import Verdict
from wizard.core.problem import ExitCode
from wizard.services.local.variables import repair_variables

NOBODY = "http://127.0.0.1:9"
COMMANDS = (
    ["check", "acme/tiny", "--json"],
    ["doctor", "--json"],
    ["list", "--json"],
    ["token", "show", "--json"],
    ["explain", "--json", "/dev/null"],
)
LINT = ["lint", "--json", "--type", "int"]
READ = re.compile(r"(?:environ(?:\.get)?|getenv|get_environ\w*|_get_environ\w*)[\[(]\s*['\"]([A-Z][A-Z0-9_]+)['\"]")
SETTING = re.compile(r"^    \"(\w+)\": _Setting\(", re.MULTILINE)
OTHERS = (
    *("HOME", "TMPDIR", "COLUMNS", "LINES", "TERM", "NO_COLOR", "FORCE_COLOR", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE"),
    *("SSL_CERT_DIR", "SSLKEYLOGFILE", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "no_proxy"),
    *("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "ACCESSIBLE", "NETRC"),
    *("PYTHON_KEYRING_BACKEND", "KEYRING_PROPERTY_SCHEME", "DBUS_SESSION_BUS_ADDRESS", "PATH", "SHELL", "USER", "CI"),
    *("OUTLINES_WIZARD_MODAL_PAGES", "WIZARD_DEPLOY_MARK", "HUGGINGFACE_TOKEN", "HF_API_TOKEN", "COLAB_RELEASE_TAG"),
)
# They ask the network at large, or make every command the same.
NOT_DRAWN = {"HUGGINGFACE_CO_STAGING", "EAGER_IMPORT", "MODAL_TOKEN_ID", "MODAL_TOKEN_SECRET"}
VALUES = (
    *("", " ", "abc", "-1", "0", "1", "1.5", "1e400", "nan", "true", "99999999999999999999", "None", "~", "~nobody/x"),
    *(
        "/",
        ".",
        "..",
        "/dev/null",
        "/nowhere",
        "relative/path",
        "a" * 5000,
        "garbage garbage",
        "\udcff\udcfe",
        "ümlaut",
    ),
    *("http://[::1", "http://127.0.0.1:port", "http://127.0.0.1:99999", "://", "http://", "ftp://x", "user:pw@host"),
    *(
        "http://127.0.0.1:9 ",
        "socks9://x",
        "${HOME}",
        "${HF_TOKEN}",
        "$(id)",
        "%s%n",
        "{}",
        "[",
        "'\"",
        "\n",
        "\x1b[31m",
    ),
    *("a:b,c", "utf-16", "xx_YY.koi8", "module.that.is:not", "os.path", "*", "=", ";", "hf_a\nb", "0x10", "１２"),
)


def names() -> list[str]:
    """Every variable that this program or a library of its reads, as the source says it."""
    found = set(OTHERS)
    for package in ("wizard", "huggingface_hub", "modal", "keyring", "textual"):
        spec = find_spec(package)
        assert spec is not None and spec.submodule_search_locations
        for path in Path(spec.submodule_search_locations[0]).rglob("*.py"):
            text = path.read_text(encoding="utf-8", errors="replace")
            found |= set(READ.findall(text))
            if path.name == "config.py" and package == "modal":
                found |= {f"MODAL_{setting.upper()}" for setting in SETTING.findall(text)}
    return sorted(found - NOT_DRAWN)


def environment(folder: Path, **more: str) -> dict[str, str]:
    """A machine without accounts, in front of a Hub and a Modal that nobody serves."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "HF_ENDPOINT": NOBODY,
        "MODAL_SERVER_URL": NOBODY,
        "HTTPS_PROXY": NOBODY,  # nothing leaves this machine, whatever is drawn
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        **more,
    }


def faults(said: Said) -> Iterator[str]:
    """What is wrong with how a command has ended."""
    if said.crash:
        yield said.crash[-600:]
    if "internal_error" in said.codes or "Traceback" in said.out + said.err:
        yield f"{said.arguments}: {said.codes} {said.err[-1500:]}"
    if said.code not in set(ExitCode):
        yield f"{said.arguments}: exit code {said.code}"


def test_a_machine_where_everything_is_wrong(tmp_path: Path) -> None:
    wrong = {
        "HF_HUB_DOWNLOAD_TIMEOUT": "abc",
        "HF_HUB_ETAG_TIMEOUT": "1.5",
        "HF_ENDPOINT": "http://127.0.0.1:9 ",
        "HF_TOKEN_PATH": "",
        "HF_HOME": "/dev/null",
        "HF_TOKEN": "${HF_TOKEN}",
        "HOME": "/dev/null",
        "XDG_CONFIG_HOME": "/dev/null",
        "XDG_CACHE_HOME": "/nowhere",
        "SSL_CERT_FILE": "/nowhere.pem",
        "COLUMNS": "abc",
        "TERM": "garbage",
        "LANG": "garbage",
        "TMPDIR": "/nowhere",
        "MODAL_LOGLEVEL": "LOUD",
        "MODAL_LOGS_TIMEOUT": "abc",
        "TEXTUAL_COLOR_SYSTEM": "many",
        "PYTHON_KEYRING_BACKEND": "no.such.Keyring",
    }
    said = run_all([*COMMANDS, ["token", "show"]], environment(tmp_path, **wrong), tmp_path)
    assert [fault for each in said for fault in faults(each)] == []
    check, doctor, *_, for_people = said
    assert check.codes[-1] == "invalid_token" and "It is a placeholder" in check.out
    for name in ("HF_HUB_DOWNLOAD_TIMEOUT", "HF_HUB_ETAG_TIMEOUT", "SSL_CERT_FILE", "MODAL_LOGLEVEL"):
        assert f"variable {name}" in doctor.out and f"{name} is ignored" in for_people.err
    assert "127.0.0.1:9 cannot be reached" in doctor.out


@pytest.mark.parametrize(
    ("endpoint", "said"),
    [("http://[::1", "not the address"), ("http://me:pass-word-9@127.0.0.1:9", "user name or password")],
)
def test_an_address_that_cannot_be_taken_apart_stops_nothing(endpoint: str, said: str, tmp_path: Path) -> None:
    check, doctor, modal = run_all(COMMANDS[:3], environment(tmp_path, HF_ENDPOINT=endpoint), tmp_path)
    assert check.codes[-1] == Verdict.HUB_UNREACHABLE and said in check.out and said in doctor.out
    assert modal.codes[-1] == "no_modal_token"
    assert "pass-word-9" not in check.out + check.err + doctor.out + doctor.err


@pytest.mark.long
@pytest.mark.parametrize("seed", nightly_beside(range(3), range(12)))
def test_no_value_of_any_variable_is_an_internal_error(seed: int, tmp_path: Path) -> None:
    draw = random.Random(seed)
    everything = names()
    found = []
    for _ in range(3):
        drawn = {name: draw.choice(VALUES) for name in draw.sample(everything, 8)}
        commands = [*COMMANDS, LINT] if draw.random() < 0.2 else COMMANDS
        for said in run_all(commands, environment(tmp_path) | drawn, tmp_path):
            found += [f"{drawn}: {fault}" for fault in faults(said)]
    assert found == []


def test_the_list_of_variables_is_read_from_the_libraries() -> None:
    known = {"HF_HUB_ETAG_TIMEOUT", "HF_TOKEN", "MODAL_LOGLEVEL", "MODAL_CONFIG_PATH", "TEXTUAL_FPS", "LOCALAPPDATA"}
    assert known <= set(names()) and len(names()) > 120


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("HF_HUB_ETAG_TIMEOUT", "10", True),
        ("HF_HUB_ETAG_TIMEOUT", " 10 ", True),
        ("HF_HUB_ETAG_TIMEOUT", "", False),
        ("HF_HUB_ETAG_TIMEOUT", "10s", False),
        ("HF_HUB_DOWNLOAD_TIMEOUT", "1.5", False),
        ("MODAL_LOGS_TIMEOUT", "1.5", True),
        ("MODAL_LOGS_TIMEOUT", "nan", False),
        ("MODAL_LOGLEVEL", "debug", True),
        ("MODAL_LOGLEVEL", "LOUD", False),
        ("MODAL_BUILD_VALIDATION", "warn", True),
        ("MODAL_BUILD_VALIDATION", "x", False),
        ("TEXTUAL_COLOR_SYSTEM", "truecolor", True),
        ("TEXTUAL_DRIVER", "textual.drivers.linux_driver:LinuxDriver", True),
        ("TEXTUAL_DRIVER", "no.such:Driver", False),
        ("TEXTUAL_DRIVER", "os", False),
        ("TEXTUAL_DRIVER", "os:PathLike", False),
        ("TEXTUAL_LOG", "/nowhere/log", False),
        ("SSL_CERT_FILE", "/nowhere", False),
        ("SSL_CERT_FILE", "/dev/null", False),
        ("HF_ENDPOINT", "http://127.0.0.1:9", True),
        ("HF_ENDPOINT", "  ", False),
        ("SOMEBODY_ELSES_TIMEOUT", "abc", True),
    ],
)
def test_what_a_library_cannot_read_is_left_out(name: str, value: str, kept: bool) -> None:
    variables = {name: value}
    ignored = repair_variables(variables)
    assert (name in variables) is kept
    assert bool(ignored) is not (kept or not value.strip())
    assert all(value not in str(each) for each in ignored if len(value) > 6), "a value may be a secret"


def test_a_file_with_certificates_stays(certificate_file: Path) -> None:
    variables = {"SSL_CERT_FILE": str(certificate_file)}
    assert repair_variables(variables) == () and variables


@given(
    st.dictionaries(
        st.sampled_from(["HF_ENDPOINT", "HF_HUB_ETAG_TIMEOUT", "MODAL_LOGLEVEL", "X"]), st.text(max_size=30)
    )
)
@settings(max_examples=150, deadline=None)
def test_repairing_again_changes_nothing(variables: dict[str, str]) -> None:
    repair_variables(variables)
    before = dict(variables)
    assert repair_variables(variables) == () and variables == before
