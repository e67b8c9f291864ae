"""Says what the look of copied words means, and what they were compared with."""

from collections.abc import Mapping
from html import escape

from PySide6.QtCore import QCoreApplication

from app.desktop.answer_text import render_heat
from app.desktop.copied import Copied
from app.desktop.wording import describe_count, plural
from llm.copying.heat_map import Heat


def render_legend(pages: int, tokens: Mapping[str, str]) -> str:
    """Write the legend as rich text: a sample of each look, then the pages."""
    names = {
        Heat.SHORT: _tr("1–2 words"),
        Heat.MEDIUM: _tr("3–7 words"),
        Heat.LONG: _tr("8 words and more"),
    }
    samples = " &nbsp; ".join(render_heat(name, heat, tokens) for heat, name in names.items())
    line = f'{escape(_tr("Copied in runs of"))} &nbsp; <span style="color:{tokens["text"]}">{samples}</span>'
    return f"{line}<br>{escape(_describe_context(pages))}"


def describe_copied(copied: Copied) -> str:
    """Say how much is copied in words, for whoever does not see it."""
    heats = [run.heat for runs in copied.runs for run in runs]
    return _tr("Copied runs: {long} of 8 words and more, {medium} of 3 to 7, {short} of 1 or 2.").format(
        long=describe_count(heats.count(Heat.LONG)),
        medium=describe_count(heats.count(Heat.MEDIUM)),
        short=describe_count(heats.count(Heat.SHORT)),
    )


def _describe_context(pages: int) -> str:
    if not pages:
        return _tr("The pages that this answer cites are no more in the library.")
    return plural(
        pages,
        _tr("Compared with the page that this answer cites; what stands on other pages is not marked."),
        _tr("Compared with the {n} pages that this answer cites; what stands on others is not marked."),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("CopiedLegend", text)
