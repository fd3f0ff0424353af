"""Divisions computed in the background: kept, given up when something else is wanted, never waited for in vain."""

from __future__ import annotations

import ctypes
import sys
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


@pytest.mark.skipif(sys.platform == "win32", reason="needs the C library's usleep")
def test_the_thread_goes_on_while_the_application_keeps_pythons_lock(store):
    def in_many_steps():
        for _step in range(40):
            time.sleep(0.0001)  # lets go of the lock, as most operations of NumPy do
        return DIVISION

    wait_like_slicer = ctypes.PyDLL(None).usleep  # keeps the lock, as Slicer's main thread does between events
    store.request("a", in_many_steps)
    polls = 0
    while store.find("a") is None and polls < 100:
        wait_like_slicer(5000)
        store.let_run()
        polls += 1
    assert store.find("a") is DIVISION and polls < 15, "one step for each event would be 40"


def test_letting_the_thread_run_ends_at_once_when_nothing_is_computed(store):
    store.get("a", lambda: lambda: DIVISION)
    began = time.monotonic()
    for _time in range(20):
        store.let_run()
    assert time.monotonic() - began < 0.2


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
