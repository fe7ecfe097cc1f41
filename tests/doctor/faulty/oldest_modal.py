"""Modal as it was written in 2022: nothing of this starts any more."""

import modal

stub = modal.Stub("oldest", image=modal.Image.debian_slim().pip_install(["requests==2.32.0"]))  # fault: removed_api
shared = modal.NetworkFileSystem.from_name("shared")  # fault: deprecated_api
kept = modal.NetworkFileSystem.persisted("kept")  # fault: removed_api


@stub.cls(network_file_systems={"/shared": shared})
class Greeter:
    def __enter__(self):  # fault: removed_api
        self.word = "hello"

    @modal.method()
    def greet(self, name: str) -> str:
        return f"{self.word} {name}"


class Loose:
    @stub.function(cpu=2)  # fault: removed_api
    def shout(self, text: str) -> str:
        return text.upper()


@stub.function  # fault: removed_api
def names() -> list[str]:
    return ["Ada", "Grace"]


def hook(item: dict) -> dict:
    return item


stub.webhook(method="POST")(hook)  # fault: removed_api

if __name__ == "__main__":
    with stub.run():
        for name in names.call():  # fault: removed_api
            print(Greeter().greet.call(name))  # fault: removed_api
