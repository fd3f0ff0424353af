"""A user with SmartPencil and brush, who takes the tool that improves more."""

from __future__ import annotations

from dataclasses import dataclass

from Testing.Experiments.annotation.brush import Brush, Drag
from Testing.Experiments.annotation.hand import Hand
from Testing.Experiments.annotation.pencil import Pencil, Pick
from Testing.Experiments.annotation.session import Session
from Testing.Experiments.annotation.slice_by_slice import SliceBySlice
from Testing.Experiments.annotation.view import SliceView


@dataclass(frozen=True)
class Choice:
    """A planned interaction with one of the tools."""

    tool: Brush | Pencil
    plan: Drag | Pick

    @property
    def gain(self) -> float:
        """Number of voxels that the interaction corrects."""
        return self.plan.gain


class Mending(SliceBySlice):
    """Corrects with both tools. As for every method, choosing a tool is no interaction; another size or level is."""

    def __init__(self, session: Session, view: SliceView, hand: Hand) -> None:
        super().__init__(session, view, hand)
        self.tools = (Pencil(session, view, hand), Brush(session, view, hand))

    def plan(self, k: int) -> Choice | None:
        """Return the better of both tools' interactions."""
        choices = [Choice(tool, plan) for tool in self.tools if (plan := tool.plan(k)) is not None]
        return max(choices, key=lambda choice: choice.gain, default=None)

    def perform(self, k: int, plan: Choice) -> None:
        """Perform the interaction with its tool."""
        plan.tool.perform(k, plan.plan)

    def refine(self) -> bool:
        """Return the next finer setting of the first tool that has one."""
        return any(tool.refine() for tool in self.tools)
