"""The libraries and programs of the operating system that Bedside needs, and installing them on Debian."""

import ctypes
import os
import platform
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path

from installer.errors import SetUpError

SHARED_LIBRARIES: Mapping[str, str] = {
    # What PySide6's Gui, Widgets, Pdf and its xcb and offscreen platforms are linked to and do not bring.
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
    "libbrotlidec.so.1": "libbrotli1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-glx.so.0": "libxcb-glx0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libz.so.1": "zlib1g",
    "libzstd.so.1": "libzstd1",
    # llama.cpp
    "libgomp.so.1": "libgomp1",
}
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts")
FONT_PACKAGE = "fonts-dejavu-core"
OCR_DATA_FOLDERS = (
    "/usr/share/tesseract-ocr/5/tessdata",
    "/usr/share/tesseract-ocr/4.00/tessdata",
    "/usr/share/tessdata",
)
OCR_DATA: Mapping[str, str] = {
    # What the text recognition of scanned pages reads (17 MB): English, Chinese, and how a page is turned.
    "eng.traineddata": "tesseract-ocr-eng",
    "chi_sim.traineddata": "tesseract-ocr-chi-sim",
    "osd.traineddata": "tesseract-ocr-osd",
}
COMPILERS = ("c++", "g++", "clang++")
COMPILER_PACKAGE = "build-essential"
VENV_PACKAGE = "python3-venv"


def missing_packages(*, compiles: bool) -> list[str]:
    """Return the Debian packages that are needed and not there, sorted.

    ``compiles``: whether a C++ compiler is needed, because no built wheel of llama-cpp-python is at hand.
    """
    packages: set[str] = set()
    if find_spec("ensurepip") is None:
        packages.add(VENV_PACKAGE)
    if compiles and not any(map(shutil.which, COMPILERS)):
        packages.add(COMPILER_PACKAGE)
    if platform.system() == "Linux":
        packages.update(missing_libraries(SHARED_LIBRARIES))
        if not has_font(FONT_FOLDERS):
            packages.add(FONT_PACKAGE)
    return sorted(packages)


def missing_libraries(libraries: Mapping[str, str]) -> list[str]:
    """Return the packages of the shared libraries that the loader does not find."""
    return [package for soname, package in libraries.items() if not _loads(soname)]


def missing_ocr_data(folders: Iterable[str] = OCR_DATA_FOLDERS) -> list[str]:
    """Return the packages of the language data for scanned pages that none of the folders holds."""
    if platform.system() != "Linux":
        return []
    places = [Path(folder) for folder in folders]
    return [
        package for name, package in OCR_DATA.items() if not any((place / name).is_file() for place in places)
    ]


def install_ocr_data(packages: list[str]) -> None:
    """Install the language data where this user may; without it everything but scanned pages works."""
    try:
        install(packages)
    except SetUpError:
        names = " ".join(packages)
        print(
            f"Scanned pages and pictures cannot be read until these packages are installed: {names} "
            f"(sudo apt-get install {names}); everything else works.",
            flush=True,
        )


def has_font(folders: Iterable[str]) -> bool:
    """Whether one of the folders holds an outline font; without any, Qt draws boxes for letters."""
    return any(any(Path(folder).expanduser().rglob("*.[ot]tf")) for folder in folders)


def install(packages: list[str]) -> None:
    """Install Debian packages where this user may.

    Raises:
        SetUpError: they may not be installed here, or it failed.
    """
    names = " ".join(packages)
    prefix = install_prefix(is_root=_is_root())
    if prefix is None:
        raise SetUpError(
            f"Bedside needs these system packages: {names}; please have them installed "
            f"(sudo apt-get install {names}) and run the set-up again."
        )
    print(f"Installing system packages: {names}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    options = ["-q", "-y", "--no-install-recommends"]
    try:
        subprocess.run([*prefix, "update", "-q"], check=True, env=environment)
        subprocess.run(
            [*prefix, "install", *options, *packages],
            check=True,
            env=environment,
        )
    except subprocess.CalledProcessError as error:
        raise SetUpError(
            f"These system packages could not be installed: {names}; please see apt-get's messages above."
        ) from error


def install_prefix(*, is_root: bool) -> list[str] | None:
    """Return how ``apt-get`` is called here without a question asked; ``None`` where it may not be."""
    apt_get = shutil.which("apt-get")
    if apt_get is None:
        return None
    if is_root:
        return [apt_get]
    sudo = shutil.which("sudo")
    if sudo is None or subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode != 0:
        return None
    return [sudo, "-n", apt_get]


def _loads(soname: str) -> bool:
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0
