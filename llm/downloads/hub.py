"""Finds a file on the Hugging Face hub or a mirror of it: alone in ``llm`` knows huggingface_hub."""

import re

from llm.downloads.remote import RemoteFile
from llm.errors import ModelDownloadError

_SECONDS = 15.0


def find_on_hub(repo: str, file: str, mirror: str | None) -> RemoteFile:
    """Ask the hub about a file.

    Raises:
        ModelDownloadError: it has no such file, gives it only to members, or cannot be reached.
    """
    from huggingface_hub import get_hf_file_metadata, hf_hub_url
    from huggingface_hub.errors import GatedRepoError, HfHubHTTPError

    url = hf_hub_url(repo, file, endpoint=mirror.rstrip("/") if mirror else None)
    try:
        found = get_hf_file_metadata(url, token=False, timeout=_SECONDS, endpoint=mirror)
    except GatedRepoError as e:
        raise ModelDownloadError(
            f"The hub gives {repo} only to members who have accepted its terms; please fetch {file} "
            "there yourself and add it from the disk, or choose another model."
        ) from e
    except HfHubHTTPError as e:
        status = e.response.status_code
        if status in (401, 404):
            raise ModelDownloadError(
                f"There is no public file {file} of {repo} on the hub any more; please choose another model."
            ) from e
        raise ModelDownloadError(
            f"The hub refused to answer (status {status}); please try again later."
        ) from e
    except Exception as e:  # a library over a library over the network: it can fail in any way
        raise ModelDownloadError(
            f"The hub cannot be reached ({type(e).__name__}); please check the connection or name a mirror."
        ) from e
    is_sha256 = found.etag is not None and re.fullmatch("[0-9a-f]{64}", found.etag)
    return RemoteFile(url=url, size=found.size, sha256=found.etag if is_sha256 else None)
