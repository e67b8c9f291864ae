"""Takes the pictures of the README: every page on the sample library, light and dark, without a screen.

    python docs/take_screenshots.py [--out DIR] [--models DIR]

The pictures are of a real window: the default model answers a sample question on the sample library.
"""

import argparse
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QDeadlineTimer, QEventLoop
from PySide6.QtWidgets import QApplication

from agents.answer import Arm
from app.composition import open_bedside
from app.desktop import operations
from app.desktop.application import Desktop, make_application
from app.desktop.operations import Desk
from app.desktop.samples import SAMPLE_QUESTIONS
from app.desktop.theme import SCHEMES
from app.paths import models_folder

IMAGES = Path(__file__).parent / "images"
SEARCH = "urgent dialysis hyperkalaemia"
NOT_IN_THE_LIBRARY = "Which exercises help against low back pain?"
COLLECTIONS = {"Cardiology": slice(1), "Intensive care": slice(2), "Nephrology": slice(1, 3)}
TAGS = {"teaching": slice(1), "ward round": slice(1, 3)}
SECONDS = 600
"""Longest time for anything."""


class Photographer:
    """Uses the window as a user would, and takes a picture of each page."""

    def __init__(self, desktop: Desktop, folder: Path) -> None:
        """Wait for the open window."""
        self.desktop = desktop
        self.folder = folder
        self.wait(lambda: desktop.view is not None or bool(desktop.failure))
        if desktop.view is None:
            raise SystemExit(desktop.failure)
        self.view = desktop.view
        self.settle()

    def wait(self, is_done: Callable[[], bool]) -> None:
        """Let the window work until something is so."""
        deadline = QDeadlineTimer(SECONDS * 1000)
        while not is_done():
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
            if deadline.hasExpired():
                raise SystemExit("The window does not come to rest; see the log in its data folder.")

    def settle(self) -> None:
        """Wait until nothing runs and everything is painted."""
        self.wait(lambda: self.desktop.tasks.is_idle)
        pause = QDeadlineTimer(300)
        self.wait(pause.hasExpired)

    def take(self, name: str) -> None:
        """Keep a picture in each scheme; the light one has the plain name."""
        for scheme in SCHEMES:
            self.desktop.theme.choose(scheme)
            self.settle()
            suffix = "" if scheme == "light" else f"-{scheme}"
            path = self.folder / f"{name}{suffix}.png"
            self.desktop.window.grab().save(str(path))
        self.desktop.theme.choose(SCHEMES[0])

    def take_all(self) -> None:
        """Walk through the pages."""
        self.take("first-run")
        self.view.library.add_samples()
        self.wait(lambda: not self.view.library.adding.is_running)
        self.take_chat()
        self.view.evidence.close_panel()
        self.organise()
        self.view.show_page("library")
        self.take("documents")
        self.view.library.show_search()
        self.view.library.search.query.setText(SEARCH)
        self.view.library.search.search()
        self.take("library")
        self.view.show_page("models")
        self.wait(lambda: self.view.models.catalogue.is_complete)
        self.take("models")

    def organise(self) -> None:
        """Put the documents in order, as after some weeks of use."""
        if self.desktop.bedside is None:
            return
        organisation = self.desktop.bedside.library.organisation
        ids = [document.id for document in self.desktop.state.documents]
        for collection, documents in COLLECTIONS.items():
            organisation.put_in(organisation.create_collection(collection), ids[documents])
        for tag, documents in TAGS.items():
            organisation.add_tag(tag, ids[documents])
        operations.refresh_documents(Desk(self.desktop.bedside, self.desktop.tasks, self.desktop.state))
        self.settle()

    def take_chat(self) -> None:
        """Ask what the library holds and what it does not, and open a source."""
        self.ask(NOT_IN_THE_LIBRARY)
        self.take("abstention")
        self.view.chat.start_new()
        self.ask(SAMPLE_QUESTIONS[0])
        answer = self.view.chat.turns.turns[-1].answer_view
        if answer is not None and answer.source_rows:
            answer.source_rows[0].click()
        self.take("chat")

    def ask(self, question: str) -> None:
        """Ask the library."""
        self.view.chat.ask(question, Arm.ADDREP)
        self.wait(lambda: not self.view.chat.is_running)


def main() -> None:
    """Take all pictures."""
    parser = argparse.ArgumentParser(description="Take the pictures of the README.")
    parser.add_argument("--out", type=Path, default=IMAGES, help="folder for the pictures")
    parser.add_argument("--models", type=Path, default=models_folder(), help="the models folder")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    application = make_application(["bedside"])
    with tempfile.TemporaryDirectory() as home:
        desktop = Desktop(application, lambda: open_bedside(Path(home), arguments.models))
        desktop.start()
        Photographer(desktop, arguments.out).take_all()
        desktop.window.close()


if __name__ == "__main__":
    main()
