"""Keeps ``None``, ``True`` and ``False`` alive under Qt bindings that were built for newer Pythons.

From Python 3.12 on these objects are immortal, and code compiled against its headers returns them without
counting the reference. PySide6 6.12 is built like that but also runs on 3.11, where every such call takes one
reference away until the interpreter ends with "deallocating None". Giving them more references than a program
can use up is what 3.12 does.
"""

import ctypes
import sys

SINGLETONS: tuple[object, ...] = (None, True, False, NotImplemented, ...)
SPARE_REFERENCES = 1 << 40


def keep_singletons() -> None:
    """Add references once, where the objects are mortal and the count is where it is expected."""
    if sys.version_info >= (3, 12) or sys.implementation.name != "cpython":
        return
    for singleton in SINGLETONS:
        count = ctypes.c_ssize_t.from_address(id(singleton))
        if 0 < count.value < SPARE_REFERENCES and abs(count.value - sys.getrefcount(singleton)) < 16:
            count.value += SPARE_REFERENCES
