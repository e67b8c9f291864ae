"""Why an answer has these sources: its trace as searches, what each found and what became of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from agents.answer import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A passage that was found."""

    chunk: str
    document: str
    title: str
    page: int | None
    year: int | None = None
    similarity: float | None = None
    """Cosine of the passage and the query, -1 to 1."""
    grade: float | None = None
    """The model's, 0 to 3; ``None`` where the model was not asked."""
    relevance: float | None = None
    """Probability that it is of use, from grade and search."""
    is_kept: bool = True
    """False where it was judged useless."""
    unread: tuple[int, ...] = ()
    """Numbers, from 1, of its sentences that were not read."""
    sentences: int = 0
    """That it has; 0 where that is not known."""

    @property
    def is_read_in_part(self) -> bool:
        """Whether some of it was read, and some was not."""
        return 0 < len(self.unread) < self.sentences


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What was searched for."""

    text: str
    passages: tuple[Passage, ...]
    repeated: int
    """Passages whose text had been found elsewhere already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether what was found is enough."""

    sufficiency: float
    """Probability, 0 to 1."""
    threshold: float
    is_sufficient: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """One round: its queries together, and the verdict on all that was found until then."""

    queries: tuple[Query, ...]
    removed: int
    """Passages that it found in documents that are no more in the library."""
    verdict: Verdict | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasons:
    """What the trace of an answer tells a reader."""

    standalone: str
    """The question as it was understood; empty where that is how it was asked."""
    searches: tuple[Search, ...]
    passages: tuple[Passage, ...]
    """All that was found, each once, also what goes on from another one."""
    left_out: tuple[Passage, ...]
    """Found, but none of it was read: no room, or unlikely."""
    read_in_part: tuple[Passage, ...]
    """Of which there was room for the best sentences only."""
    unverified: int
    """Chosen sentences that do not stand on their page word for word."""
    dropped: tuple[str, ...]
    """Kinds of flags for which sentences were dropped."""
    surveyed: int
    """Passages of a document that was gone through as a whole; 0 where none was."""


def find_reasons(answer: Answer) -> Reasons:
    """Read an answer's trace; what it does not hold, as in answers of earlier versions, is left empty."""
    rows = answer.trace
    passages = _read_passages(rows)
    left_out = _read_left_out(rows, passages)
    return Reasons(
        standalone=answer.standalone if answer.standalone != answer.question else "",
        searches=tuple(_read_searches(rows, passages)),
        passages=tuple(passages.values()),
        left_out=tuple(passage for passage in left_out if not passage.is_read_in_part),
        read_in_part=tuple(passage for passage in left_out if passage.is_read_in_part),
        unverified=sum(_count(row.get("dropped")) for row in _steps(rows, "verify")),
        dropped=tuple(str(kind) for row in _steps(rows, "check") for kind in _list(row, "dropped")),
        surveyed=sum(_count(row.get("passages")) for row in _steps(rows, "survey")),
    )


Row = Mapping[str, Any]


def _steps(rows: Iterable[Row], name: str) -> list[Row]:
    return [row for row in rows if row.get("step") == name]


def _read_passages(rows: Iterable[Row]) -> dict[str, Passage]:
    """Return what was found by chunk, with the last grade of each."""
    rows = list(rows)
    grades = {
        each["chunk"]: each for row in _steps(rows, "relevance_judgement") for each in _list(row, "grades")
    }
    hits = (hit for row in _steps(rows, "retrieval") for hit in _list(row, "hits") if hit["chunk"])
    return {hit["chunk"]: _read_passage({**hit, **grades.get(hit["chunk"], {})}) for hit in hits}


def _read_passage(row: Row) -> Passage:
    return Passage(
        chunk=row["chunk"],
        document=row["document"],
        title=row["title"],
        page=row["page"],
        year=row.get("year"),
        similarity=row.get("similarity"),
        grade=row.get("grade"),
        relevance=row.get("relevance"),
        is_kept=row.get("is_kept", True),
    )


def _read_searches(rows: Iterable[Row], passages: Mapping[str, Passage]) -> Iterable[Search]:
    rows = list(rows)
    verdicts = [
        Verdict(
            sufficiency=row["sufficiency"], threshold=row["threshold"], is_sufficient=row["is_sufficient"]
        )
        for row in _steps(rows, "sufficiency")
        if "sufficiency" in row
    ]
    for number, row in enumerate(each for each in _steps(rows, "retrieval") if "queries" in each):
        yield Search(
            queries=tuple(_read_query(query, passages, row) for query in row["queries"]),
            removed=_count_removed(row),
            verdict=verdicts[number] if number < len(verdicts) else None,
        )


def _read_query(query: Row, passages: Mapping[str, Passage], row: Row) -> Query:
    known = tuple(passages[chunk] for chunk in query["found"] if chunk in passages)
    # Where documents were removed since, nobody can tell what of the rest had been found elsewhere.
    repeated = 0 if _count_removed(row) else len(query["found"]) - len(known)
    return Query(text=query["query"], passages=known, repeated=repeated)


def _count_removed(row: Row) -> int:
    """Count the hits whose texts were taken away with their document, the names of their chunks too."""
    return sum(not hit["chunk"] for hit in _list(row, "hits"))


def _read_left_out(rows: Iterable[Row], passages: Mapping[str, Passage]) -> tuple[Passage, ...]:
    """Return what was not read; what was left out once may have been read after another search."""
    left: dict[str, Row] = {}
    for row in rows:
        for chunk in (*(each["chunk"] for each in _list(row, "grades")), *_list(row, "read")):
            left.pop(chunk, None)
        left |= {each["chunk"]: each for each in _list(row, "left_out")}
    found = ((passages.get(chunk) or _read_passage(each), each) for chunk, each in left.items())
    return tuple(
        replace(passage, unread=tuple(_list(each, "sentences")), sentences=_count(each.get("of")))
        for passage, each in found
    )


def _list(row: Row, name: str) -> Sequence[Any]:
    """Return the rows in a row; earlier versions kept a count where there are rows now."""
    value = row.get(name)
    return value if isinstance(value, list | tuple) else ()


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0
