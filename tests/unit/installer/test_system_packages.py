"""What is missing is found by really looking, and said or installed depending on what this user may do."""

import subprocess
from pathlib import Path

import pytest

from installer import system_packages
from installer.errors import SetUpError

ROOT = Path(__file__).parents[3]


def write_program(folder: Path, name: str, script: str) -> Path:
    """Write an executable shell script."""
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return program


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on the search path: empty."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def test_a_library_that_the_loader_does_not_find_is_missing() -> None:
    libraries = {"libc.so.6": "libc6", "libnobody-has-this.so.9": "libnobody9"}
    assert system_packages.missing_libraries(libraries) == ["libnobody9"]


def test_language_data_is_missing_where_no_folder_holds_it(tmp_path: Path) -> None:
    (tmp_path / "eng.traineddata").touch()
    missing = system_packages.missing_ocr_data([str(tmp_path), str(tmp_path / "nowhere")])
    assert missing == ["tesseract-ocr-chi-sim", "tesseract-ocr-osd"]


def test_language_data_that_may_not_be_installed_does_not_stop_the_set_up(
    programs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    system_packages.install_ocr_data(["tesseract-ocr-eng"])
    assert "apt-get install tesseract-ocr-eng" in capsys.readouterr().out


def test_a_compiler_is_missing_only_where_something_is_compiled(programs: Path) -> None:
    assert "build-essential" in system_packages.missing_packages(compiles=True)
    assert "build-essential" not in system_packages.missing_packages(compiles=False)
    write_program(programs, "clang++", "exit 0")
    assert "build-essential" not in system_packages.missing_packages(compiles=True)


def test_a_font_is_looked_for_in_sub_folders(tmp_path: Path) -> None:
    folders = [str(tmp_path / "not there"), str(tmp_path)]
    assert not system_packages.has_font(folders)
    (tmp_path / "truetype").mkdir()
    (tmp_path / "truetype" / "Serif.ttf").touch()
    assert system_packages.has_font(folders)


def test_without_apt_get_one_sentence_names_the_packages(programs: Path) -> None:
    with pytest.raises(SetUpError, match=r"these system packages: libegl1 libgl1; .*install libegl1 libgl1"):
        system_packages.install(["libegl1", "libgl1"])


def test_without_rights_there_is_no_way_to_install(programs: Path) -> None:
    apt_get = write_program(programs, "apt-get", "exit 0")
    assert system_packages.install_prefix(is_root=True) == [str(apt_get)]
    assert system_packages.install_prefix(is_root=False) is None
    sudo = write_program(programs, "sudo", "exit 1")  # Wants a password.
    assert system_packages.install_prefix(is_root=False) is None
    sudo = write_program(programs, "sudo", "exit 0")
    assert system_packages.install_prefix(is_root=False) == [str(sudo), "-n", str(apt_get)]


@pytest.fixture
def calls(programs: Path, tmp_path: Path) -> Path:
    """An ``apt-get`` that writes down how it was called; a ``sudo`` that lets everything pass."""
    record = tmp_path / "calls"
    write_program(programs, "apt-get", f'echo "$*" >> "{record}"')
    write_program(programs, "sudo", 'shift; exec "$@"')
    write_program(programs, "true", "exit 0")
    return record


def test_missing_packages_are_installed_where_that_is_allowed(calls: Path) -> None:
    system_packages.install(["libegl1", "libgl1"])
    update, install = calls.read_text().splitlines()
    assert update.startswith("update")
    assert install.endswith("libegl1 libgl1")
    assert "-y" in install.split()


def test_a_failing_installation_is_said(calls: Path, programs: Path) -> None:
    write_program(programs, "apt-get", "exit 100")
    with pytest.raises(SetUpError, match="could not be installed: libegl1"):
        system_packages.install(["libegl1"])


def run_set_up(programs: Path) -> subprocess.CompletedProcess[str]:
    """Run the first step with only these programs on the search path."""
    command = ["/bin/sh", str(ROOT / "installer" / "setup.sh")]
    return subprocess.run(
        command, env={"PATH": str(programs)}, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.fixture
def dirname(programs: Path) -> None:
    """The one program besides Python that the first step calls."""
    (programs / "dirname").symlink_to("/usr/bin/dirname")


@pytest.mark.usefixtures("dirname")
def test_an_old_python_only_is_one_sentence(programs: Path) -> None:
    write_program(programs, "python3", "exit 1")  # What 3.10 answers to the question for its version.
    done = run_set_up(programs)
    assert done.returncode == 1
    assert done.stderr == (
        "Bedside needs Python 3.11 or newer; please install it "
        "(on Debian: apt-get install python3 python3-venv) and try again.\n"
    )


@pytest.mark.usefixtures("dirname")
def test_a_newer_python_beside_an_old_one_is_found(programs: Path) -> None:
    write_program(programs, "python3", "exit 1")
    write_program(programs, "python3.12", '[ "$1" = -c ] && exit 0; echo "runs $*"')
    done = run_set_up(programs)
    assert (done.returncode, done.stdout) == (0, "runs -m installer\n")


def test_every_library_is_found_once_the_set_up_is_through() -> None:
    assert system_packages.missing_packages(compiles=False) == []
