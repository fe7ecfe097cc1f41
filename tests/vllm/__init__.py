"""vLLM itself, on this machine's CPU: `make vllm` installs it into an environment of its own and runs what is here."""
