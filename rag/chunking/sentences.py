"""Splits text into sentences by rules that know medical prose.

``sentencex`` 1.0 was tried first: it takes the unit in "5.8 mmol/L. Na+ was low." for an initial.
"""

import re

_END = re.compile(
    r"""
    [.!?…]+ ["'”’»)\]]*
    (?: \[\d[\d,;\ –-]*\] | \d{1,3}(?:[,–-]\d{1,3})* )?   # a citation's number behind the full stop
    (?= \s | $ )
    | [。！？｡]+ ["'”’」』）】]*
    """,
    re.VERBOSE,
)
_CITATION_NUMBER = re.compile(r"\d$")
_LINE = re.compile(r"[^\n]+")
_LIST_NUMBER = re.compile(r"\(?(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,4})$")
_DOTTED = re.compile(r"(?:[A-Za-z]\.)+[A-Za-z]$")
_MIXED_CASE = re.compile(r"[a-zα-ω]{1,3}[A-Z]")
_WINDOW = 80
"""Characters around a full stop that decide what it is: longer than any word that matters."""
_CAPTION = re.compile(r"\s*(?:table|figure|fig\.?|box|chart|panel|exhibit)\s\S+$", re.IGNORECASE)
"""A line that begins with the number of a table or figure."""
_AFTER_LEADER = ".0123456789"
_OPENING = "([{\"'“‘«"

_NEVER_LAST = re.compile(
    r"e\.g|i\.e|eg|ie|cf|al|vs|viz|figs?|tab|eqs?|refs?|sect?|chap|vol|pp|approx|ca|drs?|prof|mrs?|ms|st|suppl"
    r"|eds?|incl|resp|spp|subsp|var|nos?|nr|op|cit"
)
"""Abbreviations behind which a sentence goes on, in lower case, without the last full stop."""
_ONLY_BEFORE_NUMBERS = re.compile(r"nos?|nr|tab|ed|sec|op|st")
"""Those that are words as well."""
_LETTERED = re.compile(
    r"vitamin|hepatitis|grade|class|group|type|stage|factor|category|level|arm|protein|influenza|schedule|table"
    r"|figure|panel|appendix|part|section|box|child-pugh|immunoglobulin|cystatin|troponin|lead|step|phase"
)
"""Words that a single letter follows: "hepatitis C." may end a sentence, "K." of a name may not."""
_STARTERS = re.compile(
    r"the|this|that|these|those|there|its?|in|on|at|for|from|with(?:out)?|we|our|they|their|s?he|an?|as|after"
    r"|before|if|when|while|although|however|moreover|furthermore|therefore|thus|but|and|or|all|any|most|some"
    r"|not?|patients|by|to|of|both|each|such|since|because|during|between|among"
)
"""Words that seldom are somebody's name, in lower case."""


def split_sentences(text: str) -> list[tuple[int, int]]:
    """Return the sentences' offsets: ascending, without overlap, together all of ``text`` but white space.

    A line feed always ends a sentence: rows of a table and items of a list stand on lines of their own.
    """
    sentences: list[tuple[int, int]] = []
    for line in _LINE.finditer(text):
        start = line.start()
        for end in _find_ends(line[0]):
            _append_trimmed(sentences, text, start, line.start() + end)
            start = line.start() + end
        _append_trimmed(sentences, text, start, line.end())
    return sentences


def _append_trimmed(sentences: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    content = piece.strip()
    if content:
        first = start + len(piece) - len(piece.lstrip())
        sentences.append((first, first + len(content)))


def _find_ends(line: str) -> list[int]:
    return [match.end() for match in _END.finditer(line) if _is_end(line, match)]


def _is_end(line: str, match: re.Match[str]) -> bool:
    rest = line[match.end() : match.end() + _WINDOW].lstrip()
    if not rest or match[0][0] in "。！？｡":
        return True
    following = rest.lstrip(_OPENING)
    if following[:1].islower() and not _MIXED_CASE.match(following):
        return False
    before = line[max(0, match.start() - _WINDOW) : match.start()]
    if _CITATION_NUMBER.search(match[0]):
        return before[-1:].isalpha() or before.endswith((")", "]", "%", '"', "”"))
    if match[0].startswith("....") or (before[-1:].isspace() and rest[0] in _AFTER_LEADER):
        return False  # the dots of a table of contents
    return match[0][0] in "!?…" or _is_full_stop(before, following)


def _is_full_stop(before: str, following: str) -> bool:
    """Tell a full stop from the point of an abbreviation, an initial or a list's number."""
    token = before.rpartition(" ")[2].rpartition("\t")[2]
    if _LIST_NUMBER.match(token) and (_stands_first(before, token) or _CAPTION.match(before)):
        return False
    word = token.lstrip(_OPENING).lower()
    starts_sentence = _STARTERS.fullmatch(re.split(r"[^\w-]", following, maxsplit=1)[0].lower()) is not None
    if _NEVER_LAST.fullmatch(word):
        is_word = _ONLY_BEFORE_NUMBERS.fullmatch(word) is not None
        return is_word and not following[:1].isdigit() and not _is_name(word, following)
    if _DOTTED.match(word):
        return starts_sentence or token.lstrip(_OPENING).islower()
    if len(word) == 1 and word.isalpha() and token[-1].isupper():
        return starts_sentence or _LETTERED.fullmatch(_previous_word(before, token)) is not None
    return True


def _stands_first(before: str, token: str) -> bool:
    """Whether the token begins the line, or is a number behind the end of a sentence."""
    earlier = before[: len(before) - len(token)].rstrip()
    return not earlier or (token.isdigit() and earlier[-1] in ".!?:;")


def _is_name(word: str, following: str) -> bool:
    """Whether "St." belongs to a name such as St. John's wort."""
    return word == "st" and following[:1].isupper()


def _previous_word(before: str, token: str) -> str:
    return before[: len(before) - len(token)].rstrip().rpartition(" ")[2].lower()
