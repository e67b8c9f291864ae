"""Draws a hit of a search in the conversations: its title, and the words in their place."""

from html import escape

from PySide6.QtWidgets import QWidget

from agents.conversation_search import ConversationHit
from app.desktop.models.conversation_hits import HIT_ROLE
from app.desktop.theme import Theme
from app.desktop.views.hit_delegate import mark
from app.desktop.views.rich_text_delegate import RichTextDelegate


class ConversationHitDelegate(RichTextDelegate):
    """The words are marked."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        """``parent`` is the list, whose width the hits fill."""
        super().__init__(
            theme,
            parent,
            render=lambda index: render_conversation_hit(index.data(HIT_ROLE), theme.tokens),
            margin=8,
            inner=2,
        )


def render_conversation_hit(hit: ConversationHit, tokens: dict[str, str]) -> str:
    """Write a hit as rich text; what was asked and answered is escaped."""
    title = f"<div>{escape(hit.conversation.title)}</div>"
    if not hit.text:
        return title
    style = f"color:{tokens['text']}; background-color:{tokens['accent_soft']}; font-weight:600"
    small = f"color:{tokens['muted']}; font-size:{tokens['font_small']}; margin-top:2px"
    return f'{title}<div style="{small}">{mark(hit.text, hit.marks, style)}</div>'
