"""Divisions computed in the background: kept, given up when something else is wanted, never waited for in vain."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from OrbitSegmentationLib.refinement.region_store import RegionStore
from OrbitSegmentationLib.refinement.superpixels import Superpixels

DIVISION = Superpixels(np.zeros((2, 2), np.int32))


class Slow:
    """A computation that begins and ends when the test wants it."""

    def __init__(self):
        self.begun, self.may_end = threading.Event(), threading.Event()
        self.thread = None

    def __call__(self):
        self.thread = threading.current_thread()
        self.begun.set()
        assert self.may_end.wait(20)
        return DIVISION


@pytest.fixture
def store():
    made = RegionStore(capacity=3)
    yield made
    made.close()


def finished(store, key):
    deadline = time.monotonic() + 120
    while store.find(key) is None:
        assert time.monotonic() < deadline
        time.sleep(0.002)
    return store.find(key)


def test_a_requested_division_comes_from_another_thread(store):
    slow = Slow()
    store.request("a", slow)
    assert slow.begun.wait(20) and store.find("a") is None and store.busy
    slow.may_end.set()
    assert finished(store, "a") is DIVISION and store.find("a") is DIVISION
    assert slow.thread is not threading.main_thread()


def test_what_is_wanted_now_goes_before_what_was_expected(store):
    running = Slow()
    store.expect("running", running)
    assert running.begun.wait(20)
    store.expect("expected", lambda: pytest.fail("should have been given up"))
    store.request("wanted", lambda: DIVISION)
    assert "expected" not in store and "running" in store
    running.may_end.set()
    assert finished(store, "wanted") is DIVISION


def test_a_click_does_not_wait_for_other_slices(store):
    running = Slow()
    store.expect("neighbour", running)
    assert running.begun.wait(20)
    store.request("clicked", lambda: pytest.fail("computed twice"))
    assert store.get("clicked", lambda: lambda: DIVISION) is DIVISION
    running.may_end.set()


def test_the_oldest_division_is_forgotten(store):
    for key in "abc":
        store.get(key, lambda: lambda: DIVISION)
    assert store.find("a") is DIVISION  # used again: now b is the oldest
    store.get("d", lambda: lambda: DIVISION)
    assert [key in store for key in "abcd"] == [True, False, True, True]


def test_a_failure_is_told_to_who_asks(store):
    def fails():
        raise MemoryError("too large")

    store.request("a", fails)
    with pytest.raises(MemoryError, match="too large"):
        finished(store, "a")


def test_closing_ends_the_thread():
    store = RegionStore()
    store.request("a", lambda: DIVISION)
    finished(store, "a")
    threads = [thread for thread in threading.enumerate() if thread.name.startswith("regions")]
    store.close()
    for thread in threads:
        thread.join(20)
    assert threads and not any(thread.is_alive() for thread in threads)
    assert "a" not in store
