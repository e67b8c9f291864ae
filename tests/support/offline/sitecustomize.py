"""Python runs this first in every child process of the tests: the watch on sockets is inherited."""

import runpy
from pathlib import Path

runpy.run_path(str(Path(__file__).parents[1] / "network_block.py"))["watch_sockets"]()
