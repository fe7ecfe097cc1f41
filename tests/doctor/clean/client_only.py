"""A program that calls a deployed function; nothing of it runs in the cloud."""

import modal


def ask(prompt: str) -> str:
    generator = modal.Cls.from_name("outlines-demo", "Generator")()
    call = generator.generate.spawn(prompt)
    return call.get(timeout=120)["text"]


if __name__ == "__main__":
    print(ask("Describe Amiri."))
