"""What an evaluation keeps on disk: its manifest, and a row for each patient and arm."""

from enum import StrEnum

from pydantic import Field

from agents.run_records import ModelRecord, Record

ATTRIBUTES = ("sex", "age", "race")
"""What groups of patients are formed by."""
SWAPPED = ("sex", "race")
"""What is exchanged in the prompt to see whether the answer changes."""


class IcuArm(StrEnum):
    """What predicts."""

    PLAIN = "plain"
    """The model with the patient's table alone."""
    DEBIAS = "debias"
    """The same with rules against bias."""
    RANDOM = "random"
    """The rules, and past cases drawn by lot."""
    CAP = "cap"
    """The rules, and similar past cases that the model got wrong."""
    VOTE = "knn"
    """The share of deaths among the most similar training patients."""
    REGRESSION = "logistic"
    """Logistic regression on the training split."""
    SCORES = "scores"
    """Severity scores of the table (SAPS-I, SOFA), each an arm of its own name in the rows."""


ASKED = (IcuArm.PLAIN, IcuArm.DEBIAS, IcuArm.RANDOM, IcuArm.CAP)
"""Arms that ask the model."""
WITH_BANK = (IcuArm.RANDOM, IcuArm.CAP, IcuArm.VOTE)
"""Arms that look at the case bank."""


class EvaluationSettings(Record):
    """What is evaluated how. Equal settings, tables and model give the same rows."""

    arms: tuple[IcuArm, ...]
    patients: int = 300
    """Test patients at most, drawn by the seed."""
    training: int | None = None
    """Training patients at most of whom the case bank is made; ``None`` for all."""
    seed: int = 0
    """Of the split, the sample and the cases drawn by lot."""
    swaps: tuple[str, ...] = SWAPPED
    """Attributes that are exchanged in the prompts of the arms that ask the model."""


class SplitRecord(Record):
    """Training and test patients."""

    training: int
    training_deaths: int
    test: int
    test_deaths: int
    training_sha256: str
    """Of the ids of the training patients."""

    @property
    def prevalence(self) -> float:
        """Share of deaths among the training patients: the decision cut, and the alert rate."""
        return self.training_deaths / self.training if self.training else 0.0


class Manifest(Record):
    """All that decides the rows, written before the first prediction."""

    format: int = 1
    table: str
    """Its name."""
    shape: str
    table_sha256: str
    """Of its files."""
    settings: EvaluationSettings
    sample: tuple[str, ...]
    """Ids of the test patients that are asked, in their order."""
    split: SplitRecord
    model: ModelRecord | None
    """``None`` where no arm asks one."""
    bank_sha256: str | None
    """Of the case bank."""
    prompts: dict[str, str]
    """Fingerprints of the prompts, by name."""
    versions: dict[str, str]
    started: str
    """UTC, ISO 8601."""


class CaseRecord(Record):
    """A past case that was shown with a patient."""

    id: str
    error: str
    """Kind: a missed death, a false alarm."""
    died: bool
    text: str
    distance: float | None = None
    """To the patient; lower is nearer."""


class TokenRecord(Record):
    """Tokens read and found already read."""

    prompt: int = 0
    reused: int = 0


class PatientRow(Record):
    """One patient in one arm."""

    arm: str
    """Of :class:`IcuArm`, or the name of a severity score."""
    patient: str
    died: bool
    groups: dict[str, str]
    """Of :data:`ATTRIBUTES`, where known."""
    probability: float | None
    """Of death; ``None`` where the arm has none."""
    swapped: dict[str, float] = Field(default_factory=dict)
    """Probability with one attribute exchanged in the prompt, by attribute."""
    cases: tuple[CaseRecord, ...] = ()
    evidence: tuple[str, ...] = ()
    """Lines of the patient's table."""
    prompt: str = ""
    error: str | None = None
    """Why there is no probability, in a sentence."""
    tokens: TokenRecord = TokenRecord()
    seconds: float = 0.0
