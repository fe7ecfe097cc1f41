"""The command `outlines-wizard`, and `python -m wizard`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and exit with its code."""
    try:
        from wizard.wiring import run

        sys.exit(run(sys.argv[1:]))
    except KeyboardInterrupt:  # before anything has begun
        sys.exit(130)


if __name__ == "__main__":
    main()
