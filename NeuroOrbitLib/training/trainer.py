"""The training engine: steps, validation, early stopping, logs, and checkpoints that resume exactly."""

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
    """Length and manner of a training.

    :param steps: total number of optimiser steps.
    :param checkpoint_steps: largest number of steps between checkpoints.
    :param checkpoint_minutes: largest number of minutes between checkpoints.
    :param validation_steps: number of steps between validations.
    :param patience: number of validations without a better score after which to stop; 0 never stops early.
    :param log_steps: number of steps between losses written to TensorBoard.
    :param largest_gradient: largest norm of the gradient over all weights; a longer gradient is scaled down to it, so
        that a single batch with an enormous loss cannot undo what was learned. None for no limit.
    :param bf16: whether to compute the network in bfloat16 (autocast) where the device supports it natively.
    :param workers: number of processes that prepare batches; 0 prepares them in the training process.
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
    """Prepare the working folder of a training, which is new or holds the training to be continued.

    :param folder: the working folder; created if it does not exist.
    :param plan: plain data that determines the training (configuration, cases); it is written into the folder.
    :param resume: whether the user asked to continue.
    :param may_change: names of settings in ``plan["config"]`` that may differ when a training is continued.
    :return: whether the folder had been prepared for the same plan before.
    :raises Problem: if it holds a training and ``resume`` is false, or it holds a training with another plan.
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
    """Return the plan of an earlier training; None if there is none or it is damaged, which counts as another plan."""
    try:
        plan = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return plan if isinstance(plan, dict) else None


def require_checkpoint(folders: Sequence[Path]) -> None:
    """Make sure that at least one of the trainings to be resumed has been started.

    :param folders: working folders of the trainings; the message names the first.
    :raises Problem: if no folder holds a checkpoint.
    """
    if not any(has_checkpoint(folder / CHECKPOINT_NAME) for folder in folders):
        raise Problem(f"There is no checkpoint in {folders[0]}, so there is nothing to resume. Check the output "
                      "folder, or start anew without --resume.")


def _without(plan: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    config = {key: value for key, value in plan.get("config", {}).items() if key not in names}
    return {**plan, "config": config}


@dataclass(frozen=True)
class Outcome:
    """The end of a training.

    :param steps: number of steps taken, including those before the training was resumed.
    :param best_score: best validation score; None without validation.
    :param best_step: step after which the best score was reached.
    :param stopped_early: whether the training ended because the score no longer improved.
    """

    steps: int
    best_score: float | None
    best_step: int
    stopped_early: bool


class Trainer:
    """Training of a network on batches, which writes checkpoint, best weights and TensorBoard logs into a folder.

    :param network: network to train, already on its device.
    :param loss: function that maps (logits, target) to the loss, a tensor with one element.
    :param optimizer: optimiser of the network's parameters.
    :param batches: training batches by step.
    :param settings: length and manner of the training.
    :param folder: folder into which everything is written.
    :param scheduler: learning-rate scheduler, advanced after every optimiser step; None keeps the rate constant.
    :param validate: function that returns the validation score of the network (higher is better), on patients who are
        not in ``batches``; None trains without validation.
    :raises ModelProblem: if the installed PyTorch cannot read its checkpoints safely.
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
        """Train from the current step to the end; a cancelled training can be resumed where it stopped."""
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
        """Take one optimiser step on a batch and return the loss before the step.

        :param inputs: input of the network with the batch as first axis, or several inputs by name.
        :param target: reference for the loss, with the batch as first axis.
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
        """Write the checkpoint; only the leader of a team does so."""
        if self.team.leads:
            save_checkpoint(self._state(), self.folder / CHECKPOINT_NAME)

    def resume(self) -> bool:
        """Restore the state of the checkpoint in the folder, or of its predecessor if it is damaged.

        :return: whether there was a checkpoint.
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
        """Load the weights with the best validation score into the network, which else keeps those of the last step."""
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
        """Return the writer of TensorBoard logs, or a context that yields None in a process that does not lead."""
        if not self.team.leads:
            return nullcontext()
        from torch.utils.tensorboard import SummaryWriter

        return SummaryWriter(str(self.folder / "logs"), purge_step=self.step + 1 if self.step else None)

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
    """Return the newest complete checkpoint; if it is not the latest, log a warning."""
    state, notice = load_newest(path)
    if notice:
        logging.getLogger(__name__).warning(notice)
    return state
