"""One program at a time on a data folder."""

from typing import TYPE_CHECKING

from app.errors import HomeInUse, HomeUnusable

if TYPE_CHECKING:
    from filelock import FileLock

    from app.paths import Home


def lock_home(layout: "Home") -> "FileLock":
    """Make a data folder, if it is not there, and take it.

    Raises:
        HomeInUse: another Bedside uses it.
        HomeUnusable: it cannot be made or written.
    """
    from filelock import FileLock, Timeout

    try:
        layout.folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(layout.lock, thread_local=False)  # the window opens and closes in different threads
        lock.acquire(timeout=0)
    except Timeout as e:
        raise HomeInUse(
            "Another Bedside uses this data folder; please close it or choose another folder with --home."
        ) from e
    except OSError as e:
        raise HomeUnusable(
            f"The data folder {layout.folder} cannot be written; please choose another one with --home."
        ) from e
    return lock
