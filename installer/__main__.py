"""The whole set-up: ``python -m installer`` from the project's folder."""

import subprocess
import sys
from pathlib import Path

from installer import system_packages
from installer.environment import Environment, default_wheels
from installer.errors import SetUpError


def main() -> int:
    """Bring everything that is missing; return the exit status."""
    root = Path(__file__).resolve().parent.parent
    environment = Environment(root, default_wheels())
    try:
        if not environment.is_current:
            missing = system_packages.missing_packages(compiles=environment.compiles)
            if missing:
                system_packages.install(missing)
            missing_data = system_packages.missing_ocr_data()
            if missing_data:
                system_packages.install_ocr_data(missing_data)
            environment.build()
            print(environment.describe(), flush=True)
    except SetUpError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped; the next set-up goes on from here.", file=sys.stderr)
        return 130
    return subprocess.run([environment.python, "-m", "installer.models"], cwd=root, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
