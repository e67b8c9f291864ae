"""Numbers as they are written: figures in any form of Unicode, English and Chinese words."""

import re
from decimal import Decimal

_SAME = str.maketrans(
    {
        **{chr(0xFF10 + digit): str(digit) for digit in range(10)},
        **dict.fromkeys("\u2010\u2011\u2212\ufe63\uff0d", "-"),
        **dict.fromkeys("\u2012\u2014\u2015", "\u2013"),
        **dict.fromkeys("\u00a0\u2002\u2003\u2007\u2009\u200a\u202f\u3000", " "),
        **dict.fromkeys("≦⩽≲", "≤"),
        **dict.fromkeys("≧⩾≳", "≥"),
        **dict.fromkeys("≈∼～〜", "~"),
        "＜": "<",
        "＞": ">",
        "％": "%",
        "／": "/",
        "．": ".",
        "μ": "µ",
    }
)
"""One character for another, so that offsets stay."""

_TEENS = "thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()  # noqa: SIM905
_SMALL = [*"two three four five six seven eight nine ten eleven twelve".split(), *_TEENS]  # noqa: SIM905
_DECADES = "twenty thirty forty fifty sixty seventy eighty ninety".split()  # noqa: SIM905
_WORDS = {word: value for value, word in enumerate(_SMALL, 2)} | {"one": 1}
_TENS = {word: 10 * value for value, word in enumerate(_DECADES, 2)}
_POWERS = {
    "hundred": 100,
    "thousand": 1000,
    "million": 10**6,
    "billion": 10**9,
    "千": 1000,
    "万": 10**4,
    "亿": 10**8,
}
_CHINESE = {character: value for value, character in enumerate("一二三四五六七八九", 1)} | {"两": 2}

_FIGURES = r"\d{1,3}(?:[, ]\d{3})+(?![\d])(?:\.\d+)?|\d+(?:[.·]\d+)?|(?<![\d.])\.\d+"
_ONES = "|".join(["one", *_SMALL[:8]])
_WHOLE = "|".join([*_TENS, *reversed(_SMALL), "one"])
_SPELLED = rf"(?i:(?:{'|'.join(_TENS)})[- ](?:{_ONES})|{_WHOLE})"
_HAN = r"[一二三四五六七八九两]?十[一二三四五六七八九]?|[一二三四五六七八九两]"
NUMBER = re.compile(
    rf"(?<![^\W\d_\u3400-\u9fff])(?P<figures>{_FIGURES})"
    rf"|(?<![^\W_])(?<![^\W_]-)(?P<spelled>{_SPELLED})(?![^\W_])"
    rf"|(?P<han>{_HAN})"
)
"""``figures``, ``spelled`` or ``han`` holds what is found; letters before figures make them a name."""
_POWER = re.compile(r"\s?(?:(?i:(hundred|thousand|million|billion))\b|([千万亿])(?![克米帕瓦赫卡]))")


def even_characters(text: str) -> str:
    """Write digits, signs and spaces in one form; the length stays."""
    return text.translate(_SAME)


def read_number(found: re.Match[str]) -> tuple[Decimal, int]:
    """Return the value of what :data:`NUMBER` matched, with a "million" behind it, and where it ends."""
    value, end = _value(found), found.end()
    if power := _POWER.match(found.string, end):
        value *= _POWERS[(power[1] or power[2]).lower()]
        end = power.end()
    return value, end


def _value(found: re.Match[str]) -> Decimal:
    if found["figures"]:
        return Decimal(re.sub(r"[, ]", "", found["figures"]).replace("·", "."))
    if found["spelled"]:
        words = re.split(r"[- ]", found["spelled"].lower())
        return Decimal(sum(_TENS.get(word) or _WORDS[word] for word in words))
    tens, ten, ones = found["han"].rpartition("十")
    return Decimal((10 * _CHINESE.get(tens, 1) if ten else 0) + _CHINESE.get(ones, 0))
