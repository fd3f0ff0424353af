"""Divisions into regions, computed in the background and kept, so that they are ready for the mouse."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from OrbitSegmentationLib.refinement.superpixels import Superpixels

Compute = Callable[[], Superpixels]

#: Number of divisions that are kept; one of 512 x 512 pixels takes 1 MB.
CAPACITY = 48
#: Time (s) for which :meth:`RegionStore.let_run` gives way to the thread: short enough for the mouse to stay smooth.
TURN = 0.015


class RegionStore:
    """Keeps the divisions used last. One thread computes, and the last request is served first.

    The functions that the thread runs use arrays only; they do not touch the application.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._futures: OrderedDict[Hashable, Future[Superpixels]] = OrderedDict()
        self._thread: ThreadPoolExecutor | None = None

    def __contains__(self, key: Hashable) -> bool:
        return key in self._futures

    def find(self, key: Hashable) -> Superpixels | None:
        """Return the division, or ``None`` if it is not ready.

        :raises Exception: any exception that its computation raised.
        """
        future = self._futures.get(key)
        if future is None or not future.done():
            return None
        self._futures.move_to_end(key)
        return future.result()

    def request(self, key: Hashable, compute: Compute) -> None:
        """Compute a division next, and drop all others that are waiting."""
        if key in self._futures:
            return
        for other in [other for other, future in self._futures.items() if not future.done() and future.cancel()]:
            del self._futures[other]
        self.expect(key, compute)

    def expect(self, key: Hashable, compute: Compute) -> None:
        """Compute a division after those that are waiting already."""
        if key in self._futures:
            return
        if self._thread is None:
            self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="regions")
        self._keep(key, self._thread.submit(compute))

    def get(self, key: Hashable, compute: Callable[[], Compute]) -> Superpixels:
        """Return the division without delay: wait for the thread if it has begun, else compute it here.

        :param key: key of the division.
        :param compute: function that returns the function that computes the division.
        :raises Exception: any exception that its computation raised.
        """
        future = self._futures.get(key)
        if future is None or future.cancel():
            future = Future()
            future.set_result(compute()())
            self._keep(key, future)
        self._futures.move_to_end(key)
        return future.result()

    def let_run(self) -> None:
        """Let the thread run for a moment, or until a division is ready; to be called again and again while it works.

        Slicer's main thread keeps Python's lock while it waits for events. Without this, each time that the thread lets
        go of the lock, as NumPy does for most operations, it stands still until the next event that runs Python code.
        """
        wait([future for future in self._futures.values() if not future.done()], TURN, FIRST_COMPLETED)

    @property
    def busy(self) -> bool:
        """Whether any division is being computed or waiting."""
        return any(not future.done() for future in self._futures.values())

    def close(self) -> None:
        """Drop all divisions and end the thread once the computation under way is done."""
        if self._thread is not None:
            self._thread.shutdown(wait=False, cancel_futures=True)
            self._thread = None
        self._futures.clear()

    def _keep(self, key: Hashable, future: Future[Superpixels]) -> None:
        self._futures[key] = future
        while len(self._futures) > self._capacity:
            self._futures.popitem(last=False)[1].cancel()
