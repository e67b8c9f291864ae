"""In which language a model is asked: that of the question, as its script tells."""

import re

from rag.storage.segmentation import is_mostly_cjk

_NOT_CHINESE = re.compile(
    "[\u3041-\u3096\u30a1-\u30fa\u31f0-\u31ff\uff66-\uff9d\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3]"
)
"""Kana and Hangul. The dot between names and the long-vowel mark stand in Chinese texts too."""


def language_of(question: str) -> str:
    """Return the language of the prompts for a question, one of :data:`llm.prompts.LANGUAGES`.

    Japanese and Korean share characters with Chinese, but not its prompts: they are asked in English.
    """
    is_chinese = is_mostly_cjk(question) and not _NOT_CHINESE.search(question)
    return "zh" if is_chinese else "en"
