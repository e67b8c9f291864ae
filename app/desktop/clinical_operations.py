"""What the user does with calculators: find one, fill it, take values out of a question."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.desktop.operations import Desk
from app.desktop.tasks import Callbacks, Worker

if TYPE_CHECKING:
    from agents.calculation import Proposal
    from rag.clinical.calculators.calculator import Calculator, Result


def read_calculators(desk: Desk, owner: QObject, on_done: "Callable[[tuple[Calculator, ...]], None]") -> None:
    """Read all calculators; what converts units is loaded meanwhile, so that the first result is quick."""

    def work() -> "tuple[Calculator, ...]":
        from rag.clinical.calculators.catalogue import CALCULATORS
        from rag.clinical.calculators.units import convert

        convert(1, "g/L", "g/dL")
        return CALCULATORS

    desk.tasks.start(Worker.IO, lambda _: work(), owner=owner, callbacks=Callbacks(on_done=on_done))


def calculate(
    desk: Desk,
    owner: QObject,
    calculator: "Calculator",
    given: Mapping[str, str],
    on_done: "Callable[[Result | str], None]",
) -> None:
    """Calculate; where there is no result a sentence says why."""

    def work() -> "Result | str":
        from rag.clinical.calculators.errors import CalculatorError

        try:
            return calculator.calculate(given)
        except CalculatorError as e:
            return str(e)

    desk.tasks.start(Worker.IO, lambda _: work(), owner=owner, callbacks=Callbacks(on_done=on_done))


def propose_calculation(
    desk: Desk, owner: QObject, question: str, on_done: "Callable[[tuple[Proposal, ...]], None]"
) -> None:
    """Find the calculators and the values that a question holds."""

    def work() -> "tuple[Proposal, ...]":
        from agents.calculation import propose

        return propose(question)

    desk.tasks.start(Worker.IO, lambda _: work(), owner=owner, callbacks=Callbacks(on_done=on_done))
