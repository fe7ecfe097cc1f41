"""`make gpu` on the CPU, with a tiny model: so that the script works when somebody has a GPU for ten minutes."""

from __future__ import annotations

import pytest

from tests.gpu.random_model import SIZES
from tests.gpu.run import Table, run

pytest.importorskip("torch")


@pytest.mark.long
def test_the_table_has_a_row_for_everything_and_nothing_fails(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table()
    run(table, SIZES["tiny"], ["bf16"])
    printed = capsys.readouterr().out
    assert table.failed == 0, printed
    for what in ("start", "memory", "1 at once", "32 at once", "200 at once", "a stream", "not enforced", "too long"):
        assert f"transformers, bf16, {what}" in printed or what in printed
