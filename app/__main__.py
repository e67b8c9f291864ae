"""Entry point: no command opens the desktop, anything else is the command line."""

import multiprocessing
import sys


def main() -> int:
    """Run Bedside; returns the exit status."""
    multiprocessing.freeze_support()
    from app.cli.parser import build_parser
    from app.cli.run import run_command

    return run_command(build_parser().parse_args())


if __name__ == "__main__":
    sys.exit(main())
