"""The command line's help imports nothing heavy; that is what keeps it under half a second."""

import subprocess
import sys

HEAVY = [
    *("PySide6", "chromadb", "langgraph", "llama_cpp", "numpy", "pydantic", "pymupdf"),
    *("sentence_transformers", "sqlalchemy", "torch"),
]


def test_help_imports_no_heavy_library() -> None:
    program = (
        "import sys; sys.argv = ['bedside', '--help']\n"
        "from app.__main__ import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert finished.stdout.splitlines()[-1] == "[]"
    assert "library" in finished.stdout
