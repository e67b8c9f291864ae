"""How llama.cpp is compiled: for the processor it runs on, but for what a compiler is known to get wrong."""

import hashlib
import json
import shlex
from collections.abc import Mapping
from pathlib import Path

CPUINFO = Path("/proc/cpuinfo")
TILE_FLAGS = "-mno-amx-tile -mno-amx-int8 -mno-amx-bf16"
"""GCC 12 takes the configuration of the tiles (AMX) for eight bytes and drops the stores of the other 56, so
that the first matrix ends the process. Without tiles the weights are kept in an order that suits AVX."""


def features(cpuinfo: Path = CPUINFO) -> frozenset[str]:
    """Return what the processor can do; nothing where the system does not say."""
    try:
        lines = cpuinfo.read_text(encoding="utf-8").splitlines()
    except OSError:
        return frozenset()
    # "flags" on x86, "Features" on ARM.
    named = (line.partition(":")[2] for line in lines if line.startswith(("flags", "Features")))
    return frozenset(next(named, "").split())


def options(cpuinfo: Path = CPUINFO) -> list[str]:
    """Return options for CMake. Only a processor with tiles gets flags: older compilers do not know them."""
    if "amx_tile" not in features(cpuinfo):
        return []
    return [f"-DCMAKE_{language}_FLAGS={TILE_FLAGS}" for language in ("C", "CXX")]


def environment(variables: Mapping[str, str], cpuinfo: Path = CPUINFO) -> dict[str, str]:
    """Return the variables to compile the wheel under; what the user asks of CMake comes last and wins."""
    asked = (shlex.join(options(cpuinfo)), variables.get("CMAKE_ARGS", ""))
    return {**variables, "CMAKE_ARGS": " ".join(filter(None, asked))}


def key(cpuinfo: Path = CPUINFO) -> str:
    """Name this way of compiling on this processor; the wheel of another one may hold what this cannot do."""
    recipe = {"options": options(cpuinfo), "features": sorted(features(cpuinfo))}
    return hashlib.sha256(json.dumps(recipe).encode()).hexdigest()[:12]
