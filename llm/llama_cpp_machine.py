"""What this machine has for a model: memory, cores, graphics processors."""

import ctypes

import llama_cpp
import psutil
from llama_cpp._ggml import libggml

from llm.runtime_options import Machine

_GPU_TYPES = (1, 2)
"""Graphics processors with memory of their own, and those that share the machine's."""


def look_at_machine() -> Machine:
    """Look at what is free now."""
    # Cores that this process may use: a container or a batch system gives fewer than there are.
    usable = len(psutil.Process().cpu_affinity()) if hasattr(psutil.Process, "cpu_affinity") else None
    n_cores = psutil.cpu_count(logical=False) or 1
    return Machine(
        available=psutil.virtual_memory().available,
        n_cores=min(n_cores, usable or n_cores),
        gpu_available=_gpu_available() if llama_cpp.llama_supports_gpu_offload() else 0,
    )


def has_tile_kernels() -> bool:
    """Whether the runtime was compiled to use the tiles (AMX) of the newest server processors.

    GCC before 13 leaves out most of what describes the tiles to the processor, because its own header names
    only the first eight bytes as read. The first matrix then ends the process.
    """
    return b"AMX_INT8 = 1" in llama_cpp.llama_print_system_info()


def _gpu_available() -> int:
    """Return the free bytes of all graphics processors. llama-cpp-python has no functions for these."""
    libggml.ggml_backend_dev_count.restype = ctypes.c_size_t
    libggml.ggml_backend_dev_get.restype = ctypes.c_void_p
    libggml.ggml_backend_dev_get.argtypes = [ctypes.c_size_t]
    libggml.ggml_backend_dev_type.argtypes = [ctypes.c_void_p]
    libggml.ggml_backend_dev_memory.argtypes = [ctypes.c_void_p, *[ctypes.POINTER(ctypes.c_size_t)] * 2]
    available = 0
    for index in range(libggml.ggml_backend_dev_count()):
        device = libggml.ggml_backend_dev_get(index)
        if libggml.ggml_backend_dev_type(device) in _GPU_TYPES:
            free, total = ctypes.c_size_t(), ctypes.c_size_t()
            libggml.ggml_backend_dev_memory(device, ctypes.byref(free), ctypes.byref(total))
            available += free.value
    return available
