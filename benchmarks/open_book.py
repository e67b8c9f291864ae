"""The "open book" of the exam figures: a library that holds the evidence of some items among much else.

    python benchmarks/open_book.py --data DIR --out FOLDER [--topic NAME ...]

Below DIR, ``exams/all/*.jsonl`` are all items and ``exams/topics/NAME.core.dev.jsonl`` those of a topic (by
default nephrology, icu and ecg). Writes into FOLDER:

- ``texts/ID.txt``: explanation and context of each item that has any, without the letters of options that
  would give the answer away; add this folder and ``DIR/docs`` to a library of their own,
- ``core.jsonl``: the items of the topics, pooled, each once, the topic named, in an order drawn by a fixed
  seed: a run that is ended early has asked a random part of them,
- ``with-evidence.txt``: the ids of those whose text is in ``texts``, for ``exam report --with-evidence``.

Running it again changes nothing. Prints how many of each there are as a JSON object.
"""

import argparse
import json
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random

from agents.exams.importing import import_exam, read_records, write_items
from agents.exams.items import AnswerKind, ExamItem

SEED = 5
TOPICS = ("nephrology", "icu", "ecg")


def main() -> None:
    """Write texts, items and ids."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--topic", action="append", default=[])
    arguments = parser.parse_args()
    exams = arguments.data / "exams"
    texts = {
        name: text for file in sorted((exams / "all").glob("*.jsonl")) for name, text in read_texts(file)
    }
    folder = arguments.out / "texts"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"{clean(name)}.txt").write_text(text + "\n", encoding="utf-8")
    items = pool(exams / "topics", arguments.topic or TOPICS)
    found = [item.id for item in items if item.id in texts]
    write_items(items, arguments.out / "core.jsonl")
    (arguments.out / "with-evidence.txt").write_text("\n".join(found) + "\n", encoding="utf-8")
    print(json.dumps({"texts": len(texts), "items": len(items), "with_evidence": len(found)}))  # noqa: T201


def read_texts(file: Path) -> Iterator[tuple[str, str]]:
    """Yield the id and the text of each item that has one, of those too that an exam would leave out."""
    for place, record in read_records(file):
        if record is None:
            continue
        paragraphs = record.get("context") or ()
        item = ExamItem(
            id=str(record.get("id", place)),
            question="",
            kind=AnswerKind.FREE,
            explanation=str(record.get("explanation") or ""),
        )
        parts = [*item.oracle, *((paragraphs,) if isinstance(paragraphs, str) else paragraphs)]
        if text := "\n\n".join(part.strip() for part in parts if part.strip()):
            yield item.id, text


def pool(folder: Path, topics: list[str] | tuple[str, ...]) -> list[ExamItem]:
    """Return the items of some topics, each once, under the first topic that has it."""
    items: dict[str, ExamItem] = {}
    for topic in topics:
        for item in import_exam(folder / f"{topic}.core.dev.jsonl").items:
            items.setdefault(item.content_key, item)
    pooled = list(items.values())
    Random(SEED).shuffle(pooled)  # noqa: S311  # nothing is kept secret by it
    return pooled


def clean(name: str) -> str:
    """Make an id a file's name."""
    return re.sub(r"[^\w.-]", "_", name)


if __name__ == "__main__":
    main()
