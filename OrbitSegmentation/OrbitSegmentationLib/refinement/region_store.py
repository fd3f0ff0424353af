"""Divisions into regions that are computed in the background, kept, and ready when the mouse comes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor

from OrbitSegmentationLib.refinement.superpixels import Superpixels

Compute = Callable[[], Superpixels]

#: Divisions that are kept: of 512 x 512 pixels each has 1 MB.
CAPACITY = 48


class RegionStore:
    """Keeps the divisions used last. One thread computes, and what is asked for last goes first.

    The thread gets functions that know arrays alone; nothing of the application is touched by it.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._futures: OrderedDict[Hashable, Future[Superpixels]] = OrderedDict()
        self._thread: ThreadPoolExecutor | None = None

    def __contains__(self, key: Hashable) -> bool:
        return key in self._futures

    def find(self, key: Hashable) -> Superpixels | None:
        """The division, if it is ready.

        :raises Exception: what its computation raised.
        """
        future = self._futures.get(key)
        if future is None or not future.done():
            return None
        self._futures.move_to_end(key)
        return future.result()

    def request(self, key: Hashable, compute: Compute) -> None:
        """Compute a division next; other waiting ones are dropped."""
        if key in self._futures:
            return
        for other in [other for other, future in self._futures.items() if not future.done() and future.cancel()]:
            del self._futures[other]
        self.expect(key, compute)

    def expect(self, key: Hashable, compute: Compute) -> None:
        """Let a division be computed when there is nothing more urgent."""
        if key in self._futures:
            return
        if self._thread is None:
            self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="regions")
        self._keep(key, self._thread.submit(compute))

    def get(self, key: Hashable, compute: Callable[[], Compute]) -> Superpixels:
        """The division, at once: by waiting for the thread if that has begun, else computed here.

        :param compute: gives the function that computes it.
        :raises Exception: what its computation raised.
        """
        future = self._futures.get(key)
        if future is None or future.cancel():
            future = Future()
            future.set_result(compute()())
            self._keep(key, future)
        self._futures.move_to_end(key)
        return future.result()

    @property
    def busy(self) -> bool:
        """Whether anything is computed or waiting."""
        return any(not future.done() for future in self._futures.values())

    def close(self) -> None:
        """Forget everything and end the thread; a computation under way ends by itself."""
        if self._thread is not None:
            self._thread.shutdown(wait=False, cancel_futures=True)
            self._thread = None
        self._futures.clear()

    def _keep(self, key: Hashable, future: Future[Superpixels]) -> None:
        self._futures[key] = future
        while len(self._futures) > self._capacity:
            self._futures.popitem(last=False)[1].cancel()
