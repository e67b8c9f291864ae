"""The table of an evaluation's arms."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt

from app.desktop.models.rows import RowsModel
from app.desktop.wording import describe_evaluation_arm

NamedArm = tuple[str, Mapping[str, Any]]
"""An arm's name, and its figures."""
ARM, AUROC, AUPRC, BRIER, GAP_SEX, GAP_RACE, CHANGED = range(7)
_DASH = "—"


class EvaluationArmsModel(RowsModel[NamedArm]):
    """One row an arm: figures with their intervals. What is shown is what ``icu evaluate --json`` prints."""

    def __init__(self, parent: object = None) -> None:
        """Nothing is shown yet."""
        super().__init__(parent)
        self._columns = (
            (self.tr("Predicted by"), lambda row: describe_evaluation_arm(row[0])),
            (self.tr("AUROC"), lambda row: _figure(row[1], "auroc")),
            (self.tr("AUPRC"), lambda row: _figure(row[1], "auprc")),
            (self.tr("Brier"), lambda row: _figure(row[1], "brier")),
            (self.tr("Gap by sex"), lambda row: _gap(row[1], "sex")),
            (self.tr("Gap by race"), lambda row: _gap(row[1], "race")),
            (self.tr("Changed by sex"), lambda row: _flip(row[1], "sex")),
        )

    def show(self, arms: Mapping[str, Mapping[str, Any]]) -> None:
        """Show these arms."""
        self._reset(tuple(arms.items()))

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return the columns' names, and what they mean as their tooltips."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.ToolTipRole:
            return self._explain_figure(section)
        return super().headerData(section, orientation, role)

    def _explain_figure(self, section: int) -> str | None:
        return {
            AUROC: self.tr("How well deaths are told from survivals; 0.5 is chance, 1 is perfect"),
            AUPRC: self.tr("Mean precision; the share of deaths is chance, 1 is perfect"),
            BRIER: self.tr("Mean squared error of the probability; lower is better"),
            GAP_SEX: self.tr("Equalised odds at equal alert rate: 0 is none"),
            GAP_RACE: self.tr("Equalised odds at equal alert rate: 0 is none"),
            CHANGED: self.tr("Alerts that change when only the sex is exchanged in the prompt"),
        }.get(section)


def _figure(arm: Mapping[str, Any], name: str) -> str:
    return _write(arm[name], arm["intervals"][name])


def _gap(arm: Mapping[str, Any], attribute: str) -> str:
    gaps = arm["gaps"].get(attribute)
    return _write(gaps["equalised_odds"], gaps["intervals"]["equalised_odds"]) if gaps else _DASH


def _flip(arm: Mapping[str, Any], attribute: str) -> str:
    flips = arm["flips"].get(attribute)
    return _DASH if not flips or flips["rate"] is None else f"{100 * flips['rate']:.1f} %"


def _write(value: float | None, interval: list[float | None]) -> str:
    if value is None:
        return _DASH
    low, high = interval
    return f"{value:.2f}" if low is None or high is None else f"{value:.2f} ({low:.2f}–{high:.2f})"
