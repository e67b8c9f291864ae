#!/bin/sh
# Finds a Python that is new enough and hands over to the installer. Quick when everything is there.
set -eu
cd "$(dirname "$0")/.."
for name in python3 python3.14 python3.13 python3.12 python3.11; do
    if command -v "$name" >/dev/null && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
        exec "$name" -m installer "$@"
    fi
done
echo "Bedside needs Python 3.11 or newer; please install it (on Debian: apt-get install python3 python3-venv) and try again." >&2
exit 1
