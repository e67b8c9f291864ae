"""Words that say how a finding is (normal, raised, positive), and whether the evidence says the same.

Two checks. A value that is measured (potassium, blood pressure, QRS) may be called normal, high or low only
where a sentence of the evidence does. And where the most similar sentence of the evidence has the opposite
word (left for right, acute for chronic, reduces for increases), the answer has turned it round.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from llm.copying.clauses import find_keys, split_sentences

_WORDS: dict[str, str] = {
    "high": r"high(?:er|est)?|elevat\w+|rais(?:e|es|ed|ing)|increas\w+|ris(?:e|es|en|ing)|rose|greater"
    r"|above|exceed\w*"
    r"|(?:more|larger) than|hyper\w+|升高|增高|偏高|过高|较高|增加|上升|高[钾钠钙磷镁]|高于|大于|超过|[>≥↑]",
    "low": r"low(?:er|est|ers|ered|ering)?|decreas\w+|reduc\w+|fall(?:s|en|ing)?|fell|drop(?:s|ped)?"
    r"|declin\w+|diminish\w+"
    r"|below|(?:less|fewer|smaller) than|depress\w+|hypo\w+|降低|减低|偏低|过低|较低|减少|下降"
    r"|低[钾钠钙磷镁]|低于|小于|[<≤↓]",
    "normal": r"normal(?:ly|i[sz]\w+|ity)?|unremarkable|physiological|正常",
    "abnormal": r"abnormal\w*|异常",
    "positive": r"positiv\w+|阳性",
    "negative": r"negativ\w+|阴性",
    "start": r"start\w*|initiat\w+|begin\w*|continu\w+|resum\w+|开始|继续",
    "stop": r"stop\w*|discontinu\w+|withh[eo]ld\w*|ceas\w+|withdraw\w*|停用|停止",
    "better": r"improv\w+|改善",
    "worse": r"wors\w+|deteriorat\w+|恶化|加重",
    "acute": r"acute(?:ly)?|急性",
    "chronic": r"chronic\w*|慢性",
    "left": r"left|左",
    "right": r"right|右",
    "systolic": r"systolic|收缩压",
    "diastolic": r"diastolic|舒张压",
    "slow": r"brady\w+|过缓",
    "fast": r"tachy\w+|过速",
    "arterial": r"arterial|动脉",
    "venous": r"venous|静脉",
    "mild": r"mild(?:ly)?|轻度",
    "severe": r"severe(?:ly)?|重度",
}
_OPPOSITES: dict[str, tuple[str, ...]] = {
    "high": ("low",),
    "low": ("high",),
    "normal": ("abnormal", "high", "low"),
    "abnormal": ("normal",),
    **{
        one: (other,)
        for pair in (
            ("positive", "negative"),
            ("start", "stop"),
            ("better", "worse"),
            ("acute", "chronic"),
            ("left", "right"),
            ("systolic", "diastolic"),
            ("slow", "fast"),
            ("arterial", "venous"),
            ("mild", "severe"),
        )
        for one, other in (pair, pair[::-1])
    },
}
_LEVELS = ("high", "low", "normal", "abnormal", "positive", "negative")
"""Qualities that a measured value may only have where the evidence says so."""

_MEASURED = (
    r"potassium|k\+|kal[iae]?emi\w+|血?钾",
    r"sodium|na\+|natr[ae]?emi\w+|血?钠",
    r"calcium|calc[ae]?emi\w+|血?钙",
    r"magnesium|magnes[ae]?emi\w+|血?镁",
    r"phosphate|phosphorus|phosphat[ae]?emi\w+|血?磷",
    r"chloride|chlor[ae]?emi\w+|血?氯",
    r"bicarbonate|hco3|碳酸氢根",
    r"glucose|blood sugar|glyc[ae]?emi\w+|血糖",
    r"creatinine|肌酐",
    r"urea|bun|尿素氮?",
    r"uric acid|urate|uric[ae]?emi\w+|尿酸",
    r"albumin|albumin[ae]?emi\w+|白蛋白",
    r"ha?emoglobin|an[ae]?emi\w+|血红蛋白",
    r"platelets?|thrombocyt\w+|血小板",
    r"leu[ck]ocytes?|white (?:blood )?cells?|wbc|白细胞",
    r"lactate|lact[ae]?emi\w+|乳酸",
    r"crp|c-reactive protein|C反应蛋白",
    r"procalcitonin|降钙素原",
    r"troponin|肌钙蛋白",
    r"(?:nt-pro)?bnp|natriuretic peptide|利钠肽",
    r"ferritin|铁蛋白",
    r"pth|parathyroid hormone|parathyroidism|甲状旁腺激素",
    r"ph|acid[ae]?emi\w+|alkal[ae]?emi\w+|acidosis|alkalosis",
    r"paco2|pco2|carbon dioxide|capni\w+|二氧化碳",
    r"pao2|po2|spo2|oxygen saturation|ox[ae]?emi\w+|氧饱和度|血氧",
    r"blood pressure|tension|tensive|血压",
    r"heart rate|pulse|心率",
    r"temperature|fever|therm\w+|体温",
    r"respiratory rate|呼吸频率",
    r"e?gfr|glomerular filtration rate|(?:kidney|renal) function|肾功能|肾小球滤过率",
    r"urine output|oliguri\w+|尿量",
    r"qtc?(?: interval)?|QT间期",
    r"qrs(?: complex| duration)?",
    r"pr interval|PR间期",
    r"(?:electrical )?axis|电轴",
    r"ejection fraction|射血分数",
    r"cholesterol|胆固醇",
    r"bilirubin|胆红素",
    r"inr|prothrombin time",
    r"cultures?|培养",
    r"anca|antibod(?:y|ies)|抗体",
)
_NEAR = 40
"""Characters between a quality and the measured value that it belongs to."""
_BORDER = re.compile(r"[.;:。；：，、()（）]|,(?!\d)|\b(?:and|but|or|with|while|whereas)\b")
ALIKE = 0.6
COMMON = 3
"""Words that a sentence must share to be taken for the one that the answer's is made from."""


def _bounded(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![a-z])(?:{pattern})(?![a-z])", re.IGNORECASE)


_QUALITY = {name: _bounded(pattern) for name, pattern in _WORDS.items()}
_VALUE = tuple(
    # hyperkalaemia holds the value and its quality in one word
    re.compile(rf"(?<![a-z])(?:hyper|hypo|normo)?(?:{pattern})(?![a-z])", re.IGNORECASE)
    for pattern in _MEASURED
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sentence:
    keys: frozenset[str]
    qualities: Counter[str]
    values: frozenset[int]


def find_unattached(text: str, evidence: Sequence[str]) -> list[tuple[int, int]]:
    """Return the qualities in ``text`` that no sentence of the evidence gives to the same thing."""
    sentences = [sentence for passage in evidence for sentence in _read_passage(passage)]
    found = [*_find_unmeasured(text, sentences), *_find_reversed(text, sentences)]
    return sorted(set(found))


def _find_unmeasured(text: str, sentences: Sequence[_Sentence]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    values = [
        (match.start(), match.end(), number)
        for number, pattern in enumerate(_VALUE)
        for match in pattern.finditer(text)
    ]
    for quality in _LEVELS:
        for match in _QUALITY[quality].finditer(text):
            value = _value_of(text, match, values)
            if value is not None and not any(
                value in sentence.values and quality in sentence.qualities for sentence in sentences
            ):
                found.append(match.span())
    return found


def _value_of(text: str, quality: re.Match[str], values: Sequence[tuple[int, int, int]]) -> int | None:
    """Return the measured value that a quality belongs to: the nearest one that no border stands before."""
    near: list[tuple[int, int]] = []
    for start, end, number in values:
        first, last = (quality.end(), start) if start >= quality.end() else (end, quality.start())
        if first > last:  # in one word
            near.append((0, number))
        elif last - first <= _NEAR and not _BORDER.search(text, first, last):
            near.append((last - first, number))
    return min(near)[1] if near else None


def _find_reversed(text: str, sentences: Sequence[_Sentence]) -> list[tuple[int, int]]:
    keys = find_keys(text)
    shares = [len(keys & sentence.keys) for sentence in sentences]
    best = max(shares, default=0)
    if best < max(COMMON, ALIKE * len(keys)):
        return []
    nearest = [sentence for sentence, share in zip(sentences, shares, strict=True) if share >= best - 1]
    here = _count(text)
    turned = [
        quality
        for quality in here
        if all(_is_turned(quality, here, sentence.qualities) for sentence in nearest)
    ]
    return _locate(text, turned)


def find_turned(text: str, other: str) -> list[tuple[int, int]]:
    """Return the qualities of ``text`` in whose place ``other``, nearly the same, has its opposite."""
    here, there = _count(text), _count(other)
    return _locate(text, [quality for quality in here if _is_turned(quality, here, there)])


def measured_values(text: str) -> frozenset[str]:
    """Return which measured values a text names, in a form for comparison."""
    return frozenset(name for name, pattern in zip(_MEASURED, _VALUE, strict=True) if pattern.search(text))


def _locate(text: str, qualities: Sequence[str]) -> list[tuple[int, int]]:
    return [match.span() for quality in qualities for match in _QUALITY[quality].finditer(text)]


def _is_turned(quality: str, here: Counter[str], there: Counter[str]) -> bool:
    """Whether a quality stands here more often than there, and one of its opposites less often."""
    return here[quality] > there[quality] and any(here[other] < there[other] for other in _OPPOSITES[quality])


@lru_cache(maxsize=512)
def _read_passage(passage: str) -> tuple[_Sentence, ...]:
    return tuple(_read(passage[start:end]) for start, end in split_sentences(passage))


def _read(text: str) -> _Sentence:
    return _Sentence(
        keys=find_keys(text),
        qualities=_count(text),
        values=frozenset(number for number, pattern in enumerate(_VALUE) if pattern.search(text)),
    )


def _count(text: str) -> Counter[str]:
    return +Counter({quality: len(pattern.findall(text)) for quality, pattern in _QUALITY.items()})
