"""The training engine: steps, validation, early stop, logs and checkpoints that resume exactly."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from NeuroOrbitLib.files.safe import write_json
from NeuroOrbitLib.jobs.progress import Cancelled, Progress, silent
from NeuroOrbitLib.models.device import supports_fast_bfloat16
from NeuroOrbitLib.models.torch_release import require_safe_unpickling
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.training.batches import ShuffledBatches, moved
from NeuroOrbitLib.training.checkpoint import (
    has_checkpoint,
    load_newest,
    random_state,
    remove_checkpoint,
    restore_random_state,
    save_checkpoint,
)
from NeuroOrbitLib.training.team import current_team

CHECKPOINT_NAME = "checkpoint.pt"
BEST_NAME = "best.pt"
PLAN_NAME = "plan.json"


@dataclass(frozen=True)
class TrainerSettings:
    """How long and how to train.

    :param steps: optimiser steps in all.
    :param checkpoint_steps: largest number of steps between checkpoints.
    :param checkpoint_minutes: largest number of minutes between checkpoints.
    :param validation_steps: number of steps between validations.
    :param patience: number of validations without a better score after which to stop; 0 never stops early.
    :param log_steps: number of steps between losses written to TensorBoard.
    :param largest_gradient: a longer gradient (norm over all weights) is shortened to this, so that a single batch with
        an enormous loss cannot undo what was learned; None for as long as it is.
    :param bf16: compute the network in bfloat16 (autocast) where the device does so natively.
    :param workers: processes that prepare batches.
    """

    steps: int
    checkpoint_steps: int = 500
    checkpoint_minutes: float = 10.0
    validation_steps: int = 500
    patience: int = 0
    log_steps: int = 10
    largest_gradient: float | None = None
    bf16: bool = False
    workers: int = 0


def prepare_folder(folder: Path, plan: Mapping[str, Any], resume: bool, may_change: Sequence[str] = ()) -> bool:
    """Get the working folder of a training ready: it is new, or holds the training to be continued.

    :param plan: what decides about the training; kept in the folder.
    :param resume: whether the user asked to continue.
    :param may_change: settings in ``plan["config"]`` that may change on the way.
    :return: whether the folder was prepared for the same plan before.
    :raises Problem: when it holds a training and ``resume`` was not asked for, or holds another one.
    """
    plan, path = json.loads(json.dumps(plan)), folder / PLAN_NAME
    started = has_checkpoint(folder / CHECKPOINT_NAME)
    if started and not resume:
        raise Problem(f"{folder} holds a training. Add --resume to go on with it, or choose another folder.")
    before = _plan_in(path)
    same = before is not None and _without(before, may_change) == _without(plan, may_change)
    if started and not same:
        raise Problem(f"The training in {folder} had another configuration or other cases. Choose another folder.")
    if not started:
        remove_checkpoint(folder / BEST_NAME)
    folder.mkdir(parents=True, exist_ok=True)
    write_json(path, plan)
    return same


def _plan_in(path: Path) -> dict[str, Any] | None:
    """The plan of an earlier training; None where there is none, or it is damaged: then it is not the same."""
    try:
        plan = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return plan if isinstance(plan, dict) else None


def require_checkpoint(folders: Sequence[Path]) -> None:
    """Make sure that at least one of the trainings that are to be resumed was started.

    :raises Problem: when no folder holds a checkpoint.
    """
    if not any(has_checkpoint(folder / CHECKPOINT_NAME) for folder in folders):
        raise Problem(f"There is no checkpoint in {folders[0]}, so there is nothing to resume. Check the output "
                      "folder, or start anew without --resume.")


def _without(plan: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    config = {key: value for key, value in plan.get("config", {}).items() if key not in names}
    return {**plan, "config": config}


@dataclass(frozen=True)
class Outcome:
    """How a training ended.

    :param steps: steps taken in all, over every resumption.
    :param best_score: best validation score, or None without validation.
    :param best_step: after which step it was reached.
    :param stopped_early: whether patience ended it.
    """

    steps: int
    best_score: float | None
    best_step: int
    stopped_early: bool


class Trainer:
    """Train ``network`` on ``batches`` and leave checkpoint, best weights and TensorBoard logs in ``folder``.

    :param network: already on its device.
    :param loss: of (logits, target).
    :param optimizer: of the network's parameters.
    :param batches: training batches by step.
    :param settings: how long and how to train.
    :param folder: where everything is written.
    :param scheduler: stepped after every optimiser step.
    :param validate: score of the network, higher is better; its patients must not be in ``batches``.
    :raises ModelProblem: if the installed PyTorch does not read its checkpoints safely.
    """

    def __init__(
        self,
        network: nn.Module,
        loss: Callable[[Tensor, Tensor], Tensor],
        optimizer: Optimizer,
        batches: ShuffledBatches,
        settings: TrainerSettings,
        folder: Path,
        scheduler: LRScheduler | None = None,
        validate: Callable[[nn.Module], float] | None = None,
    ) -> None:
        require_safe_unpickling(Path(folder) / CHECKPOINT_NAME)
        self.network, self.loss, self.optimizer = network, loss, optimizer
        self.team = current_team()
        self.forward = self.team.parallel(network)
        self.batches, self.settings, self.folder = batches, settings, Path(folder)
        self.scheduler, self.validate = scheduler, validate
        self.device = next(network.parameters()).device
        self.bf16 = settings.bf16 and supports_fast_bfloat16(self.device)
        self.step = 0
        self.best_score: float | None = None
        self.best_step = 0
        self.without_progress = 0

    def run(self, progress: Progress = silent) -> Outcome:
        """Train from the current step to the end; a cancelled training can be resumed from where it was."""
        saved_at = time.monotonic()
        with self._log_writer() as writer:
            for inputs, target in self.batches.stream(self.step, self.settings.steps, self.settings.workers):
                if self._out_of_patience():
                    break
                loss = self.take_step(inputs, target)
                self._log(writer, loss)
                self._validate(writer)
                if self._checkpoint_is_due(saved_at):
                    self.save()
                    saved_at = time.monotonic()
                self._report(progress, loss)
        self.save()
        return Outcome(self.step, self.best_score, self.best_step, self._out_of_patience())

    def take_step(self, inputs: Tensor, target: Tensor) -> float:
        """Learn from one batch; the loss before the step.

        :raises FloatingPointError: if the loss is not a number.
        """
        self.network.train()
        inputs, target = moved(inputs, self.device), target.to(self.device)
        self.optimizer.zero_grad(set_to_none=True)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
            logits = self.forward(inputs)
        loss = self.loss(logits.float(), target)
        value = loss.item()
        if value != value:
            raise FloatingPointError(
                f"The loss is not a number at step {self.step + 1}. Use a smaller learning rate, or check the images."
            )
        loss.backward()
        if self.settings.largest_gradient is not None:
            nn.utils.clip_grad_norm_(self.network.parameters(), self.settings.largest_gradient)
        self.optimizer.step()
        if self.scheduler is not None:
            self.scheduler.step()
        self.step += 1
        return value

    def save(self) -> None:
        """Write the checkpoint."""
        if self.team.leads:
            save_checkpoint(self._state(), self.folder / CHECKPOINT_NAME)

    def resume(self) -> bool:
        """Go back to the checkpoint in the folder, or to the one before if it is damaged; False when there is none.

        :raises Problem: if neither can be read.
        """
        path = self.folder / CHECKPOINT_NAME
        if not has_checkpoint(path):
            return False
        state = _newest(path)
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        if self.scheduler is not None:
            self.scheduler.load_state_dict(state["scheduler"])
        self.step, self.best_step = state["step"], state["best_step"]
        self.best_score, self.without_progress = state["best_score"], state["without_progress"]
        restore_random_state(state["random"])
        return True

    def load_best(self) -> None:
        """Put the weights of the best validation (or the last ones without validation) into the network."""
        self.team.wait()
        path = self.folder / BEST_NAME
        if has_checkpoint(path):
            self.network.load_state_dict(_newest(path)["network"])

    def _state(self) -> dict[str, Any]:
        return {
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scheduler": None if self.scheduler is None else self.scheduler.state_dict(),
            "step": self.step,
            "best_score": self.best_score,
            "best_step": self.best_step,
            "without_progress": self.without_progress,
            "random": random_state(),
        }

    def _log(self, writer: Any, loss: float) -> None:
        if writer is not None and (self.step % self.settings.log_steps == 0 or self.step == 1):
            writer.add_scalar("loss/training", loss, self.step)
            writer.add_scalar("learning_rate", self.optimizer.param_groups[0]["lr"], self.step)

    def _validate(self, writer: Any) -> None:
        due = self.step % self.settings.validation_steps == 0 or self.step == self.settings.steps
        if self.validate is None or not due:
            return
        score = self.team.agreed(self._score() if self.team.leads else 0.0)
        if writer is not None:
            writer.add_scalar("score/validation", score, self.step)
        if self.best_score is None or score > self.best_score:
            self.best_score, self.best_step, self.without_progress = score, self.step, 0
            if self.team.leads:
                save_checkpoint({"network": self.network.state_dict(), "step": self.step}, self.folder / BEST_NAME)
        else:
            self.without_progress += 1

    def _score(self) -> float:
        self.network.eval()
        with torch.no_grad():
            return self.validate(self.network)

    def _log_writer(self) -> Any:
        """TensorBoard's logs, or nothing in a process that does not lead."""
        if not self.team.leads:
            return nullcontext()
        from torch.utils.tensorboard import SummaryWriter

        return SummaryWriter(str(self.folder / "logs"), purge_step=self.step or None)

    def _out_of_patience(self) -> bool:
        return 0 < self.settings.patience <= self.without_progress

    def _checkpoint_is_due(self, saved_at: float) -> bool:
        minutes = (time.monotonic() - saved_at) / 60
        return self.step % self.settings.checkpoint_steps == 0 or minutes >= self.settings.checkpoint_minutes

    def _report(self, progress: Progress, loss: float) -> None:
        try:
            progress(self.step / self.settings.steps, f"Step {self.step} of {self.settings.steps}, loss {loss:.4f}")
        except Cancelled:
            self.save()
            raise


def _newest(path: Path) -> dict[str, Any]:
    """The newest whole checkpoint; a notice in the log says if it is not the last one."""
    state, notice = load_newest(path)
    if notice:
        logging.getLogger(__name__).warning(notice)
    return state
