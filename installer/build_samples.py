"""Build the three documents of the sample library from ``resources/samples/source``, and the sample ECG.

Run as ``python installer/build_samples.py``. Each source is Markdown after a block of ``key: value`` lines;
it is set as a two-column PDF, written as a docx, or written as plain Markdown, and each gets the same notice
on its first page. Every date is that of the source, so the same libraries give the same bytes again.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if __name__ == "__main__":
    # A script finds modules beside itself, not beside its package.
    sys.path.insert(0, str(ROOT))

from installer.samples.ecg import build_ecg_sample  # noqa: E402
from installer.samples.pdf import build_pdf  # noqa: E402
from installer.samples.source import Source, read_source  # noqa: E402
from installer.samples.word import build_docx  # noqa: E402

SAMPLES = ROOT / "resources" / "samples"


def build_markdown(source: Source) -> bytes:
    """Write a source as Markdown: title and notice above the body as it stands."""
    return f"# {source.title}\n\n{source.subtitle}.\n\n> {source.notice}\n\n{source.body}".encode()


BUILDERS = {
    "kidney-disease-handbook.pdf": build_pdf,
    "intensive-care-notes.docx": build_docx,
    "ecg-reading-guide.md": build_markdown,
}


def build_library(folder: Path) -> list[Path]:
    """Build every sample document into a folder and return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for name, build in BUILDERS.items():
        source = read_source(SAMPLES / "source" / f"{Path(name).stem}.md")
        file = folder / name
        file.write_bytes(build(source))
        files.append(file)
    return files


if __name__ == "__main__":
    for built in build_library(SAMPLES / "library"):
        print(f"{built.name}: {built.stat().st_size / 1024:.0f} KB")
    build_ecg_sample(SAMPLES / "ecg")
