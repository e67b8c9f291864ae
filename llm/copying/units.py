"""Units of measurement in one spelling, English and Chinese: µmol/L, umol/l, micromoles per litre, 微摩尔/升.

Nothing is converted: 24 h is not 1 day here and mEq/L is not mmol/L, because a guard has to see the change.
Symbols are those of UCUM and of the SI brochure; spelled names those of the AMA Manual of Style.
"""

import re
from functools import lru_cache

_NAMES: dict[str, str] = {
    "%": "% percent",
    "pp": "",
    "g": "g gram grams gm gms 克",
    "mg": "mg milligram milligrams mgs 毫克",
    "ug": "ug µg mcg microgram micrograms 微克",
    "ng": "ng nanogram nanograms 纳克",
    "pg": "pg picogram picograms 皮克",
    "kg": "kg kgs kilogram kilograms kilo 千克 公斤",
    "lb": "lb lbs pound pounds",
    "oz": "oz ounce ounces",
    "l": "l L litre litres liter liters 升",
    "dl": "dl decilitre decilitres deciliter deciliters 分升",
    "ml": "ml cc millilitre millilitres milliliter milliliters 毫升",
    "ul": "ul µl mcl microlitre microlitres microliter microliters 微升",
    "fl": "fl",
    "mol": "mol mole moles 摩尔",
    "mmol": "mmol mmols millimole millimoles 毫摩尔",
    "umol": "umol µmol mcmol micromol micromole micromoles 微摩尔",
    "nmol": "nmol nanomole nanomoles 纳摩尔",
    "pmol": "pmol picomole picomoles 皮摩尔",
    "mm": "mm millimetre millimetres millimeter millimeters 毫米",
    "um": "um µm micron microns micrometre micrometres micrometer micrometers 微米",
    "nm": "nm",
    "cm": "cm centimetre centimetres centimeter centimeters 厘米",
    "m": "m metre metres meter meters 米",
    "m2": "m2 m² m^2 平方米",
    "km": "km kilometre kilometres kilometer kilometers 公里",
    "mmhg": "mmhg 毫米汞柱",
    "cmh2o": "cmh2o cmh₂o 厘米水柱",
    "kpa": "kpa 千帕",
    "bar": "mbar",
    "meq": "meq milliequivalent milliequivalents 毫当量",
    "mosm": "mosm mosmol milliosmole milliosmoles 毫渗",
    "u": "U iu IU unit units 单位",
    "mu": "mU miu",
    "mv": "mv millivolt millivolts 毫伏",
    "uv": "uv µv",
    "hz": "hz hertz 赫兹",
    "kcal": "kcal kilocalories 千卡",
    "kj": "kj",
    "j": "joule joules 焦耳",
    "w": "watt watts 瓦",
    "mgy": "mgy",
    "msv": "msv",
    "ms": "ms msec msecs millisecond milliseconds 毫秒",
    "s": "s sec secs second seconds 秒 秒钟",
    "min": "min mins minute minutes 分钟 分",
    "h": "h hr hrs hour hours hourly 小时",
    "d": "d day days daily 天 日",
    "week": "week weeks wk wks weekly 周 星期",
    "month": "month months mo monthly 月 个月",
    "year": "year years yr yrs yearly annum 年 岁",
    "beat": "beat beats 次",
    "breath": "breath breaths",
    "bpm": "bpm",
    "fold": "fold 倍",
    "times": "times",
    "drop": "drop drops",
    "tablet": "tablet tablets 片",
    "capsule": "capsule capsules 粒",
    "puff": "puff puffs",
    "cell": "cell cells",
    "degc": "°c ℃ 摄氏度",
    "degf": "°f ℉",
    "deg": "° degree degrees 度",
    "stage": "期",
    "grade": "级",
    "type": "型",
}
_ALIASES = {name: unit for unit, names in _NAMES.items() for name in names.split()}
_OWN_CASE = frozenset("g l L m s h d U mo cc fl mU nm um min sec bar".split())  # noqa: SIM905
"""Short symbols that are letters or words as well in another case."""
_PHRASES = {
    "percentage points": "pp",
    "percentage point": "pp",
    "per cent": "%",
    "degrees celsius": "degc",
    "° c": "degc",
    "degrees fahrenheit": "degf",
    "° f": "degf",
    "mm hg": "mmhg",
    "millimetres of mercury": "mmhg",
    "millimeters of mercury": "mmhg",
    "cm h2o": "cmh2o",
    "cm h₂o": "cmh2o",
    "international units": "u",
}
_PER_MINUTE = ("beat/min", "breath/min")


def _alternatives() -> str:
    names = sorted({*_ALIASES, *_PHRASES}, key=len, reverse=True)
    latin = "|".join(
        re.escape(name) if name in _OWN_CASE else f"(?i:{re.escape(name)})"
        for name in names
        if _is_latin(name)
    )
    other = "|".join(re.escape(name) for name in names if not _is_latin(name))
    # A Latin symbol ends where a word ends; a minus sign and a figure behind it are its exponent.
    return rf"(?:(?:{latin})(?![^\W\d_\u3400-\u9fff])(?!\d)|{other})"


def _is_latin(name: str) -> bool:
    return (name[-1].isascii() and name[-1].isalpha()) or name in ("m2", "m^2", "cmh2o", "cm h2o")


_ATOM = _alternatives()
_AREA = r"1[.,]73\s?(?:m2|m²|m\^2|平方米|m\b)"
_COUNT = r"(?:[x×*]\s?)?10\s?(?:\^|\*\*)?\s?(?:[³⁶⁹]|[369](?!\d)|¹²|12(?!\d))"
"""10^9, ×10⁹; printed flat it is 10 9 or 109."""
_PER = r"(?:\s?/\s?|\s+per\s+|\s?[·∙.]\s?(?=[^\W\d]+\s?[-⁻]\s?[12¹²])|\s(?=[^\W\d]+\s?[-⁻]\s?[1¹]))"
_EXPONENT = r"(?:\s?[-⁻]\s?[12¹²](?![\d.]))"
_FIRST = rf"(?:{_COUNT}|{_ATOM})"
_NEXT = rf"(?:{_AREA}|(?:24|48)\s?(?:h|hours?)\b|{_ATOM})"
UNIT = re.compile(rf"(?:{_FIRST}{_EXPONENT}?(?:{_PER}{_NEXT}{_EXPONENT}?)*|/\s?{_ATOM})")
"""A whole unit as it is written behind a number."""
_PIECE = re.compile(
    rf"(?P<area>{_AREA})|(?P<count>{_COUNT})|(?P<day>(?:24|48)\s?(?:h|hours?)\b)|(?P<atom>{_ATOM})"
)
_FLAT = str.maketrans("³⁶⁹¹²", "36912")


@lru_cache(maxsize=4096)
def normalise_unit(text: str) -> str:
    """Return one spelling for a unit that :data:`UNIT` matched, such as ``ml/min/1.73m2``."""
    pieces = [_spell(piece) for piece in _PIECE.finditer(text)]
    unit = ("/" if text.lstrip().startswith("/") else "") + "/".join(pieces)
    if unit in _PER_MINUTE or unit == "/min":
        return "bpm"
    return unit


def _spell(piece: re.Match[str]) -> str:
    if piece["area"]:
        return "1.73m2"
    if piece["count"]:
        tail = piece["count"].translate(_FLAT).replace(" ", "")
        return "10^" + ("12" if tail.endswith("12") else tail[-1])
    if piece["day"]:
        return piece["day"][:2] + "h"
    name = piece["atom"]
    return _PHRASES.get(name.lower()) or _ALIASES.get(name) or _ALIASES[name.lower()]
