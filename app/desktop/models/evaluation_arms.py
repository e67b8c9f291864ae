"""The table of an evaluation's arms."""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from app.desktop.wording import describe_evaluation_arm

Index = QModelIndex | QPersistentModelIndex
_DASH = "—"


class EvaluationArmsModel(QAbstractTableModel):
    """One row an arm: figures with their intervals. What is shown is what ``icu evaluate --json`` prints."""

    def __init__(self, parent: object = None) -> None:
        """Nothing is shown yet."""
        super().__init__(parent)
        self._rows: tuple[tuple[str, Mapping[str, Any]], ...] = ()
        self._columns: tuple[tuple[str, Callable[[str, Mapping[str, Any]], str]], ...] = (
            (self.tr("Predicted by"), lambda name, _: describe_evaluation_arm(name)),
            (self.tr("AUROC"), lambda _, arm: _figure(arm, "auroc")),
            (self.tr("AUPRC"), lambda _, arm: _figure(arm, "auprc")),
            (self.tr("Brier"), lambda _, arm: _figure(arm, "brier")),
            (self.tr("Gap by sex"), lambda _, arm: _gap(arm, "sex")),
            (self.tr("Gap by race"), lambda _, arm: _gap(arm, "race")),
            (self.tr("Changed by sex"), lambda _, arm: _flip(arm, "sex")),
        )

    def show(self, arms: Mapping[str, Mapping[str, Any]]) -> None:
        """Show these arms."""
        self.beginResetModel()
        self._rows = tuple(arms.items())
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Count the arms."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Count the columns."""
        return 0 if parent.isValid() else len(self._columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return the columns' names, and what they mean as their tooltips."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._explain(section)
        return self._columns[section][0] if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a cell's text."""
        if not index.isValid() or role != Qt.ItemDataRole.DisplayRole:
            return None
        return self._columns[index.column()][1](*self._rows[index.row()])

    def _explain(self, section: int) -> str | None:
        return {
            1: self.tr("How well deaths are told from survivals; 0.5 is chance, 1 is perfect"),
            2: self.tr("Mean precision; the share of deaths is chance, 1 is perfect"),
            3: self.tr("Mean squared error of the probability; lower is better"),
            4: self.tr("Equalised odds at equal alert rate: 0 is none"),
            5: self.tr("Equalised odds at equal alert rate: 0 is none"),
            6: self.tr("Alerts that change when only the sex is exchanged in the prompt"),
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
