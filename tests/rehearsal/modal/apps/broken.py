"""A container that cannot start, because its enter method fails."""

import modal

app = modal.App("broken")


@app.cls()
class Stumbling:
    @modal.enter()
    def load(self) -> None:
        raise FileNotFoundError("weights are missing")

    @modal.method()
    def work(self) -> int:
        return 1


@app.local_entrypoint()
def main() -> None:
    Stumbling().work.remote()
