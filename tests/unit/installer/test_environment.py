"""The environment is recognised as current or not, and nothing in it overwrites our packages."""

import importlib.metadata
import shutil
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from installer import native_build
from installer.environment import Environment, default_wheels, foreign_distributions, pinned_version, size_of
from installer.errors import SetUpError

ROOT = Path(__file__).parents[3]
CONSTRAINTS = ROOT / "installer" / "constraints.txt"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the files that decide what the environment holds, and an interpreter."""
    root = tmp_path / "project"
    (root / "installer").mkdir(parents=True)
    shutil.copy(ROOT / "pyproject.toml", root)
    shutil.copy(CONSTRAINTS, root / "installer")
    python = root / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    return root


@pytest.fixture
def environment(project: Path, tmp_path: Path) -> Environment:
    """The environment of the copy, finished."""
    environment = Environment(project, tmp_path / "wheels")
    environment.mark_current()
    return environment


def test_a_finished_environment_is_current(environment: Environment) -> None:
    assert environment.is_current


def test_other_tables_of_pyproject_do_not_matter(environment: Environment, project: Path) -> None:
    with (project / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("\n[tool.unrelated]\nkey = 1\n")
    assert environment.is_current


def test_a_changed_requirement_or_version_makes_it_old(environment: Environment, project: Path) -> None:
    constraints = project / "installer" / "constraints.txt"
    constraints.write_text(constraints.read_text(encoding="utf-8") + "another==1.0\n", encoding="utf-8")
    assert not environment.is_current


def test_a_moved_project_makes_it_old(environment: Environment, project: Path, tmp_path: Path) -> None:
    moved = project.rename(tmp_path / "moved")
    assert not Environment(moved, tmp_path / "wheels").is_current


def test_a_python_that_is_gone_makes_it_old(environment: Environment, project: Path) -> None:
    (project / ".venv" / "bin" / "python").unlink()
    assert not environment.is_current


def test_a_full_disk_is_said_before_anything_is_done(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("installer.environment.BYTES_NEEDED", 1 << 60)
    with pytest.raises(SetUpError, match="GB of free disk space"):
        environment.build()


def test_a_kept_wheel_saves_the_compiler(environment: Environment, tmp_path: Path) -> None:
    assert environment.compiles
    wheels = tmp_path / "wheels" / native_build.key()
    wheels.mkdir(parents=True)
    (wheels / "llama_cpp_python-0.0.1-py3-none-linux_x86_64.whl").touch()  # Another version.
    assert environment.compiles
    version = pinned_version(CONSTRAINTS, "llama-cpp-python")
    (wheels / f"llama_cpp_python-{version}-py3-none-linux_x86_64.whl").touch()
    assert not environment.compiles


def test_wheels_are_kept_in_the_cache_of_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_wheels() == tmp_path / "bedside" / "wheels"


@pytest.mark.parametrize("name", ["llm", "OpenAI_Agents"])
def test_a_distribution_that_would_overwrite_ours_is_found(tmp_path: Path, name: str) -> None:
    metadata = tmp_path / f"{name}-1.0.dist-info" / "METADATA"
    metadata.parent.mkdir()
    metadata.write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8")
    assert foreign_distributions(tmp_path) == [name.lower().replace("_", "-")]


def test_no_installed_distribution_overwrites_ours() -> None:
    names = {canonicalize_name(each.name) for each in importlib.metadata.distributions()}
    assert names.isdisjoint({"llm", "openai-agents"})
    owners = importlib.metadata.packages_distributions()
    for package in ("app", "agents", "rag", "llm", "resources", "installer"):
        assert set(owners.get(package, ())) <= {"bedside"}, package


def test_no_second_copy_of_qt_or_opencv_is_installed() -> None:
    names = {canonicalize_name(each.name) for each in importlib.metadata.distributions()}
    unwanted = {"pyside6", "pyside6-addons", "torchvision", "opencv-python", "opencv-python-headless"}
    assert names.isdisjoint(unwanted)


def test_every_requirement_is_pinned_to_one_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    required = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    lines = [
        line for line in CONSTRAINTS.read_text(encoding="utf-8").splitlines() if not line.startswith("#")
    ]
    pins = dict(line.split("==") for line in lines)
    for text in required:
        requirement = Requirement(text)
        assert pins[canonicalize_name(requirement.name)] in requirement.specifier, text


def test_sizes_are_added_up(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "five").write_bytes(b"12345")
    (tmp_path / "two").write_bytes(b"12")
    assert size_of(tmp_path) == 7
    assert size_of(tmp_path / "not there") == 0
