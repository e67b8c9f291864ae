"""Keeps Python's lock and its garbage collector from stopping the window's thread."""

import gc
import sys

SWITCH_SECONDS = 0.0001
"""How long a thread keeps Python's lock from those that wait for it. The window's thread gives it back with
every call of Qt, so it waits some hundred times while a page is built; Python's own value is 5 ms."""


def share_lock() -> None:
    """Let threads take turns quickly."""
    sys.setswitchinterval(SWITCH_SECONDS)


def begin_loading() -> None:
    """Collect no garbage while modules are imported: a full collection among so many objects takes 0.1 s."""
    gc.disable()


def end_loading() -> None:
    """Collect garbage again, but never look again through what is imported by now."""
    gc.freeze()
    gc.enable()
