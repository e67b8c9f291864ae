"""What the user does to keep order in the library; each of these can be undone."""

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QObject

from app.desktop.operations import Desk, refresh_documents
from app.desktop.state import Notice
from app.desktop.tasks import Callbacks, Worker
from app.desktop.wording import plural

if TYPE_CHECKING:
    from rag.organisation import Organisation
    from rag.types import DocumentId, Metadata

Documents = Collection["DocumentId"]


def enable(desk: Desk, documents: Documents, *, is_enabled: bool) -> None:
    """Let documents be found by searches and answers, or no longer."""

    def done(changed: Documents) -> None:
        said = (
            plural(len(changed), _tr("{n} document enabled."), _tr("{n} documents enabled."))
            if is_enabled
            else plural(
                len(changed),
                _tr("{n} document disabled: searches and answers no longer find it."),
                _tr("{n} documents disabled: searches and answers no longer find them."),
            )
        )
        _tell(desk, changed, said, lambda: enable(desk, changed, is_enabled=not is_enabled))

    _change(desk, lambda library: library.enable(documents, is_enabled=is_enabled), done)


def put_in(desk: Desk, collection: str, documents: Documents) -> None:
    """Put documents into a collection."""

    def done(changed: Documents) -> None:
        said = plural(
            len(changed),
            _tr("{n} document put into “{name}”."),
            _tr("{n} documents put into “{name}”."),
            name=collection,
        )
        _tell(desk, changed, said, lambda: take_out(desk, collection, changed))

    _change(desk, lambda library: library.put_in(collection, documents), done)


def take_out(desk: Desk, collection: str, documents: Documents) -> None:
    """Take documents out of a collection; they stay in the library."""

    def done(changed: Documents) -> None:
        said = plural(
            len(changed),
            _tr("{n} document taken out of “{name}”."),
            _tr("{n} documents taken out of “{name}”."),
            name=collection,
        )
        _tell(desk, changed, said, lambda: put_in(desk, collection, changed))

    _change(desk, lambda library: library.take_out(collection, documents), done)


def add_tag(desk: Desk, tag: str, documents: Documents) -> None:
    """Tag documents."""

    def done(changed: Documents) -> None:
        said = plural(
            len(changed),
            _tr("{n} document tagged “{name}”."),
            _tr("{n} documents tagged “{name}”."),
            name=tag,
        )
        _tell(desk, changed, said, lambda: remove_tag(desk, tag, changed))

    _change(desk, lambda library: library.add_tag(tag, documents), done)


def remove_tag(desk: Desk, tag: str, documents: Documents) -> None:
    """Take a tag from documents."""

    def done(changed: Documents) -> None:
        said = plural(
            len(changed),
            _tr("Tag “{name}” taken from {n} document."),
            _tr("Tag “{name}” taken from {n} documents."),
            name=tag,
        )
        _tell(desk, changed, said, lambda: add_tag(desk, tag, changed))

    _change(desk, lambda library: library.remove_tag(tag, documents), done)


def create_collection(desk: Desk, name: str, documents: Documents = ()) -> None:
    """Make a collection and put documents into it."""

    def work(library: "Organisation") -> str:
        kept = library.create_collection(name)
        library.put_in(kept, documents)
        return kept

    def done(kept: str) -> None:
        said = _tr("Collection “{name}” created.").format(name=kept)
        _tell(desk, True, said, lambda: delete_collection(desk, kept))

    _change(desk, work, done)


def rename_collection(desk: Desk, name: str, new: str) -> None:
    """Give a collection another name."""

    def done(kept: str) -> None:
        said = _tr("Collection “{name}” is now “{new}”.").format(name=name, new=kept)
        _tell(desk, True, said, lambda: rename_collection(desk, kept, name))

    _change(desk, lambda library: library.rename_collection(name, new), done)


def delete_collection(desk: Desk, name: str) -> None:
    """Delete a collection; its documents stay."""

    def done(documents: Documents) -> None:
        said = _tr("Collection “{name}” deleted; its documents stay in the library.").format(name=name)
        _tell(desk, True, said, lambda: create_collection(desk, name, documents))

    _change(desk, lambda library: library.delete_collection(name), done)


def read_found(
    desk: Desk, owner: QObject, document: "DocumentId", on_done: "Callable[[Metadata], None]"
) -> None:
    """Read what a document says of itself."""
    desk.tasks.start(
        Worker.IO,
        lambda _: desk.bedside.library.organisation.found(document),
        owner=owner,
        callbacks=Callbacks(on_done=on_done),
    )


def edit_details(
    desk: Desk,
    document: "DocumentId",
    metadata: "Metadata",
    *,
    owner: QObject | None = None,
    on_error: Callable[[str], None] | None = None,
    on_saved: Callable[[], object] = lambda: None,
) -> None:
    """Write title, authors and year of a document; ``on_error`` is told why they cannot be kept."""

    def done(before: "Metadata") -> None:
        on_saved()
        said = _tr("Details of “{title}” changed.").format(title=metadata.title)
        _tell(desk, before != metadata, said, lambda: edit_details(desk, document, before))

    _change(desk, lambda library: library.edit(document, metadata), done, owner, on_error)


def _change(
    desk: Desk,
    work: "Callable[[Organisation], Any]",
    on_done: Callable[[Any], None],
    owner: QObject | None = None,
    on_error: Callable[[str], None] | None = None,
) -> None:
    """Change something, and read the documents again."""

    def done(result: object) -> None:
        refresh_documents(desk)
        on_done(result)

    desk.tasks.start(
        Worker.IO,
        lambda _: work(desk.bedside.library.organisation),
        owner=owner or desk.state,
        callbacks=Callbacks(on_done=done, on_error=on_error),
    )


def _tell(desk: Desk, changed: object, sentence: str, undo: Callable[[], object]) -> None:
    if changed:
        desk.state.noticed.emit(Notice(sentence, undo))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Organising", text)
