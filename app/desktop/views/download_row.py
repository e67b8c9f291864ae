"""One download: how far it is and how fast, with the buttons to pause it, go on with it, or give it up."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from app.desktop import models_operations
from app.desktop.dialogs.confirm import confirm
from app.desktop.operations import Desk
from app.desktop.theme import Theme
from app.desktop.views.buttons import make_button
from app.desktop.views.labels import make_label
from app.desktop.views.surface import Surface
from app.desktop.wording import describe_bytes, describe_seconds

if TYPE_CHECKING:
    from app.desktop.downloads import Download
    from llm.catalogue import Offer

STEPS = 1000


class DownloadRow(Surface):
    """A model that is on its way, or a part of it that waits."""

    def __init__(self, desk: Desk, theme: Theme, offer: "Offer", parent: QWidget | None = None) -> None:
        """Show ``offer`` as it is now."""
        super().__init__(theme, "quiet", parent)
        self._desk = desk
        self._offer = offer
        title = offer.model.title
        self.sentence = make_label("", "muted")
        self.sentence.setAccessibleName(self.tr("Progress of {title}").format(title=title))
        self.bar = QProgressBar(maximum=STEPS, textVisible=False)
        self.bar.setAccessibleName(self.tr("Download of {title}").format(title=title))
        self.pause = make_button(
            self.tr("Pause"), lambda: models_operations.pause_download(desk, offer.file.name)
        )
        self.resume = make_button(
            self.tr("Resume"), lambda: models_operations.download_model(desk, self._offer)
        )
        self.discard = make_button(self.tr("Discard…"), self._ask_to_discard, "quiet")
        for button in (self.pause, self.resume, self.discard):
            button.setAccessibleDescription(title)
        self._lay_out(title)
        self.show_offer(offer)

    def show_offer(self, offer: "Offer") -> None:
        """Show how far it is now."""
        self._offer = offer
        download = self._desk.state.downloads.get(offer.file.name)
        done, total = (download.done, download.total) if download else (offer.done, offer.file.size)
        self.bar.setValue(round(STEPS * done / total) if total else 0)
        self.sentence.setText(self._describe(download))
        self._move_focus(is_running=download is not None)
        self.pause.setVisible(download is not None)
        self.resume.setVisible(download is None)
        self.discard.setVisible(download is None)

    def _describe(self, download: "Download | None") -> str:
        if download is None:
            return self.tr("Paused; {done} of {total} are here.").format(
                done=describe_bytes(self._offer.done), total=describe_bytes(self._offer.file.size)
            )
        amounts = self.tr("{done} of {total}").format(
            done=describe_bytes(download.done), total=describe_bytes(download.total)
        )
        if download.is_pausing:
            return self.tr("{amounts}; pausing…").format(amounts=amounts)
        if download.done == download.total:
            return self.tr("{amounts}; checking that it came whole…").format(amounts=amounts)
        if download.speed is None or download.seconds_left is None:
            return amounts
        return self.tr("{amounts}, {speed} a second, about {time} left").format(
            amounts=amounts,
            speed=describe_bytes(round(download.speed)),
            time=describe_seconds(download.seconds_left),
        )

    def _move_focus(self, *, is_running: bool) -> None:
        """Keep the focus in the row when the button that has it goes."""
        going, coming = (self.resume, self.pause) if is_running else (self.pause, self.resume)
        if going.hasFocus():
            coming.show()
            coming.setFocus()

    def _ask_to_discard(self) -> None:
        confirm(
            self.window(),
            title=self.tr("Discard this download?"),
            text=self.tr("What came of “{title}” so far ({done}) is deleted.").format(
                title=self._offer.model.title, done=describe_bytes(self._offer.done)
            ),
            action=self.tr("Discard"),
            on_confirmed=lambda: models_operations.discard_download(self._desk, self._offer),
        )

    def _lay_out(self, title: str) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(make_label(title, "strong", wraps=False), 1)
        for button in (self.discard, self.pause, self.resume):
            head.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(15, 10, 15, 12)
        layout.setSpacing(6)
        layout.addLayout(head)
        layout.addWidget(self.bar)
        layout.addWidget(self.sentence)
