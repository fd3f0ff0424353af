"""Estimate of the remaining time of a job from its progress."""

from __future__ import annotations

from NeuroOrbitLib.sentences import sentence as _

_FIRST_FRACTION = 0.02
_FIRST_SECONDS = 1.0
_MEMORY_SECONDS = 8.0
_ASLEEP_SECONDS = 30.0


class RemainingTime:
    """Estimate of the remaining seconds of a job, smoothed so that the number counts down instead of jumping.

    The estimate assumes the mean speed since the start. A new estimate replaces the old one gradually, with the weight
    ``dt / (dt + 8 s)``, where dt is the time since the previous update.
    """

    def __init__(self) -> None:
        self._start: tuple[float, float] | None = None
        self._last_time = 0.0
        self._estimate: float | None = None

    def update(self, fraction: float, now: float) -> float | None:
        """Take the progress into account and return the remaining seconds, or ``None`` if it is too early to tell.

        :param fraction: part of the job that is done, 0 to 1.
        :param now: time in seconds, from any start.
        """
        if self._start is None:
            self._start = (now, fraction)
        elapsed, done = now - self._start[0], fraction - self._start[1]
        if elapsed < _FIRST_SECONDS or done < _FIRST_FRACTION:
            return None
        direct = elapsed * max(1.0 - fraction, 0.0) / done
        self._estimate = self._smoothed(direct, now - self._last_time)
        self._last_time = now
        return self._estimate

    def _smoothed(self, direct: float, passed: float) -> float:
        if self._estimate is None or direct == 0.0:
            return direct
        counted_down = max(self._estimate - passed, 0.0)
        return counted_down + (direct - counted_down) * passed / (passed + _MEMORY_SECONDS)


class AwakeTime:
    """Clock that stands still while the computer sleeps, for a job whose owner looks at it several times a second.

    While a computer sleeps, its owner does not look; on most systems the monotonic clock goes on.
    """

    def __init__(self) -> None:
        self._last: float | None = None
        self._asleep = 0.0

    def at(self, now: float) -> float:
        """Return the time on this clock; to be called at every look.

        :param now: time in seconds, from any start.
        """
        gap = 0.0 if self._last is None else now - self._last
        self._asleep += gap if gap > _ASLEEP_SECONDS else 0.0
        self._last = now
        return now - self._asleep


def remaining_text(seconds: float | None) -> str:
    """Return the remaining time in words, coarse enough not to flicker; empty if ``seconds`` is ``None`` (unknown)."""
    if seconds is None:
        return ""
    if seconds < 10:
        return _("a few seconds left")
    if seconds < 55:
        return _("about {seconds} s left").format(seconds=10 * round(seconds / 10))
    if seconds < 5400:
        return _("about {minutes} min left").format(minutes=max(round(seconds / 60), 1))
    return _("about {hours:.1f} h left").format(hours=seconds / 3600)
