"""In which language a model is asked: that of the question, as its script tells."""

from rag.storage.segmentation import is_mostly_cjk


def language_of(question: str) -> str:
    """Return the language of the prompts for a question, one of :data:`llm.prompts.LANGUAGES`."""
    return "zh" if is_mostly_cjk(question) else "en"
