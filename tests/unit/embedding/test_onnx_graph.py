"""What OpenVINO may do on this machine."""

import os
import subprocess
import sys
from pathlib import Path

_LOAD = """
import sys
from pathlib import Path
from rag.embedding.onnx_graph import load_graph
folder = Path(sys.argv[1])
try:
    load_graph(folder / "missing.onnx", folder, 1)
except Exception as e:
    print(type(e).__name__, "openvino" in sys.modules, sys.modules["openvino_telemetry"])
"""


def test_the_runtime_reports_nothing_and_leaves_no_files(tmp_path: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("XDG_")}
    environment |= {"HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path)}
    loading = subprocess.run(
        [sys.executable, "-c", _LOAD, tmp_path], env=environment, capture_output=True, text=True, check=True
    )
    assert loading.stdout.split() == ["RuntimeError", "True", "None"]
    assert list(tmp_path.iterdir()) == []
