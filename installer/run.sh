#!/bin/sh
# The main job: the desktop where there is a display, else the same job on the command line.
set -eu
cd "$(dirname "$0")/.."
python=.venv/bin/python
if [ "$(uname)" != Linux ] || [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    exec "$python" -m app
fi
home=build/demo # Not the user's own library.
question="At which serum potassium is hyperkalaemia severe?"
echo "No display: indexing the sample library, then asking one question of it."
"$python" -m app --home "$home" library add resources/samples/library
echo
echo "Question: $question"
"$python" -m app --home "$home" ask --no-save "$question"
