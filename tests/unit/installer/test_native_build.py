"""llama.cpp is compiled for this processor, without what compilers get wrong, and kept for no other one."""

import subprocess
from pathlib import Path

import pytest

from installer import native_build

CPUINFO = (
    "processor\t: 0\nmodel name\t: Some\nflags\t\t: fpu avx2 {}\n\nprocessor\t: 1\nflags\t\t: fpu avx2 {}\n"
)


def cpuinfo(folder: Path, feature: str = "") -> Path:
    file = folder / f"cpuinfo{feature}"
    file.write_text(CPUINFO.format(feature, feature), encoding="utf-8")
    return file


def test_tiles_are_left_out_only_where_there_are_some(tmp_path: Path) -> None:
    """A compiler that is older than tiles does not know the flags."""
    assert native_build.options(cpuinfo(tmp_path)) == []
    assert any("-mno-amx-tile" in option for option in native_build.options(cpuinfo(tmp_path, "amx_tile")))


def test_a_wheel_is_kept_for_one_processor(tmp_path: Path) -> None:
    files = [
        cpuinfo(tmp_path),
        cpuinfo(tmp_path, "avx512f"),
        cpuinfo(tmp_path, "amx_tile"),
        tmp_path / "none",
    ]
    assert len({native_build.key(file) for file in files}) == len(files)
    assert native_build.key(files[0]) == native_build.key(files[0])


def test_features_are_read_on_arm_too_and_may_be_unknown(tmp_path: Path) -> None:
    arm = tmp_path / "arm"
    arm.write_text("processor\t: 0\nFeatures\t: fp asimd i8mm\n", encoding="utf-8")
    assert native_build.features(arm) == {"fp", "asimd", "i8mm"}
    assert native_build.features(tmp_path / "none") == frozenset()


def test_what_the_user_asks_of_cmake_comes_last(tmp_path: Path) -> None:
    tiles = cpuinfo(tmp_path, "amx_tile")
    asked = native_build.environment({"CMAKE_ARGS": "-DGGML_CUDA=on", "HOME": "h"}, tiles)
    assert asked["HOME"] == "h"
    assert asked["CMAKE_ARGS"].endswith(" -DGGML_CUDA=on")
    assert asked["CMAKE_ARGS"].count("-mno-amx-tile") == 2
    assert native_build.environment({}, cpuinfo(tmp_path))["CMAKE_ARGS"] == ""


@pytest.mark.skipif("amx_tile" not in native_build.features(), reason="this processor has no tiles")
def test_the_compiler_takes_the_flags(tmp_path: Path) -> None:
    source = tmp_path / "tiles.c"
    source.write_text("#ifdef __AMX_TILE__\n#error tiles\n#endif\n", encoding="utf-8")
    command = [
        "cc",
        "-march=native",
        *native_build.TILE_FLAGS.split(),
        "-c",
        source,
        "-o",
        tmp_path / "tiles.o",
    ]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
