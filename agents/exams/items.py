"""An exam item, whatever file it came from."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from string import ascii_uppercase

LETTERS = ascii_uppercase
"""Names of the options as they are shown, in the order in which they are shown."""
_PICTURE = (
    r"(?:image|picture|photo(?:graph|micrograph)?|figure|exhibit|x\s?-\s?ray|radiograph|ecg|ekg|electrocardiogram|ct|mri|scan"
    r"|rhythm strip|colou?r plate|micrograph|angiogram|echocardiogram|electrophoresis|histology|smear)"
)
_IMAGE = re.compile(
    rf"\b{_PICTURE}\b[^.?!]{{0,60}}\b(?:is|are)\s+(?:as\s+)?(?:shown|given|pictured|seen|depicted|attached|displayed)"
    r"(?:\s+(?:below|above|here|in\s+the\s+\w+))?\s*(?:[.:;?]|$)"
    rf"|\b(?:shown|seen|depicted|pictured|given|displayed)\s+(?:in|on)\s+(?:the|this)\s+(?:\w+\s+)?{_PICTURE}\b"
    rf"|\b(?:shown|seen|given)\s+(?:below|above)?\s*(?:in\s+)?colou?r plate"
    rf"|\b(?:following|attached|accompanying|given)\s+(?:is\s+an?\s+)?{_PICTURE}\s*(?:[.:;?-]|is\b|shows?\b|$)"
    rf"|\b{_PICTURE}[^.?!]{{0,30}}\b(?:is\s+)?(?:given|shown|attached|provided)\s+(?:below|above)"
    r"|<img\b|!\[[^\]]*\]\(|\[image\]|如图|见图|下图|上图",
    re.IGNORECASE,
)
_LETTER = re.compile(
    r"(?:\b(?:correct\s+)?(?:ans(?:wer)?|option|key)\b\.?\s*(?:is|:|-|\.|=)*\s*)['\"(\[`]*[A-E]\b['\")\]`]*(?:\s*[.:,)-]|\s+i\.?e\.?,?)*",
    re.IGNORECASE,
)
_LETTER_ZH = re.compile(
    r"(?:(?:正确)?答案(?:是|为|选)?|(?:故|应|因此|所以)?(?:本题)?(?<!首)选(?:择|项)?)[：:\s]*[A-H]+(?![A-Za-z超型族])[。．.，,；;、\s]*"
)
_IMAGE_FLAGS = ("image", "picture", "figure")


class AnswerKind(StrEnum):
    """How an item is answered."""

    SINGLE = "single"
    """One of the options is right."""
    MULTIPLE = "multiple"
    """Any number of the options is right."""
    VERDICT = "verdict"
    """The options are yes, no and perhaps maybe."""
    FREE = "free"
    """In one's own words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExamItem:
    """One question with its right answer. Options are numbered from 0 in the order of the file."""

    id: str
    question: str
    kind: AnswerKind
    options: tuple[str, ...] = ()
    correct: tuple[int, ...] = ()
    """Numbers of the right options, ascending."""
    accepted: tuple[str, ...] = ()
    """Right answers in words, of a free item."""
    topic: str = ""
    source: str = ""
    """Where the item comes from; items of one source are not independent of each other."""
    context: tuple[str, ...] = ()
    """Texts that belong to the item, from which it can be answered."""
    gold: tuple[str, ...] = ()
    """Passages from which the right answer follows, where the file names them."""
    explanation: str = ""
    """Why the right answer is right."""
    flags: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """First 16 hexadecimal digits of the sha256 of all of it."""
        text = json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def content_key(self) -> str:
        """The same for items that differ only in case, white space, order of options or origin."""
        return content_key(self.question, self.options)

    @property
    def correct_letters(self) -> str:
        """The right options as letters in the order of the file."""
        return "".join(LETTERS[number] for number in self.correct)

    @property
    def right_answer(self) -> str:
        """The right answer in words."""
        return "; ".join(self.options[number] for number in self.correct) or (self.accepted or ("",))[0]

    @property
    def oracle(self) -> tuple[str, ...]:
        """What a perfect search would find: the gold passages, else the explanation, else the context.

        Letters of options are taken out of an explanation: they would give the answer away, or, where the
        options are shown in another order, a wrong one.
        """
        if self.gold or not self.explanation:
            return self.gold or self.context
        text = _LETTER_ZH.sub("", _LETTER.sub("", self.explanation))
        return (text.strip() or self.explanation,)

    @property
    def needs_image(self) -> bool:
        """Whether it cannot be answered without a picture, as far as its flags and its words tell."""
        is_flagged = any(word in flag.casefold() for flag in self.flags for word in _IMAGE_FLAGS)
        return is_flagged or _IMAGE.search(self.question) is not None


def content_key(question: str, options: Sequence[str]) -> str:
    """Return what two items share when they are the same question in other clothes."""
    words = [_plain(question), *sorted(map(_plain, options))]
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:16]


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.findall(r"\w+", folded))
