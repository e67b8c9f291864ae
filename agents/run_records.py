"""What the manifests of exams and of evaluations of patients have in common."""

from collections.abc import Iterable
from importlib.metadata import version

from pydantic import BaseModel, ConfigDict

from llm.types import LoadedModel, ModelRow


class Record(BaseModel):
    """Part of what a run keeps on disk; a field that is not known is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ModelRecord(Record):
    """The model of a run."""

    name: str
    sha256: str
    quantisation: str = ""
    n_params: int = 0
    n_ctx: int = 0
    """Tokens that it was loaded for."""


def describe_model(row: ModelRow, loaded: LoadedModel) -> ModelRecord:
    """Record a model of the models folder as it was loaded."""
    return ModelRecord(
        name=row.name,
        sha256=row.sha256,
        quantisation=row.quantisation,
        n_params=row.n_params,
        n_ctx=loaded.n_ctx,
    )


def record_versions(distributions: Iterable[str]) -> dict[str, str]:
    """Return the versions of installed distributions by name."""
    return {name: version(name) for name in distributions}
