"""Signals ask to stop, each but those that were ignored from the start."""

from __future__ import annotations

import os
import signal

import pytest

from safehold.operations.processes.wake import Wake


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_asks_to_stop(number: signal.Signals):
    with Wake() as wake:
        os.kill(os.getpid(), number)
        wake.wait(5)
        assert wake.asked == number


def test_what_nohup_ignores_stays_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Wake() as wake:
            os.kill(os.getpid(), signal.SIGHUP)
            wake.wait(0.1)
            assert wake.asked is None
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
