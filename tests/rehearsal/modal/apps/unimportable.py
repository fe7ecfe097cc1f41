"""A container that cannot start, because its module cannot be imported there."""

import modal

app = modal.App("unimportable")

if not modal.is_local():
    import a_module_that_is_not_there  # noqa: F401


@app.function()
def unreachable() -> int:
    return 1


@app.local_entrypoint()
def main() -> None:
    unreachable.remote()
