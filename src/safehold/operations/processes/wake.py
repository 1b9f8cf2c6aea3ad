"""Waiting for signals without a race: each one wakes `wait` through a pipe, and a request to stop is remembered."""

from __future__ import annotations

import contextlib
import os
import select
import signal
from types import FrameType, TracebackType
from typing import Self

__all__ = ["Wake"]

_STOPS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Wake:
    """Inside `with`, signals to stop set `asked`, and they and the end of a child cut `wait` short.

    A signal that was ignored from the start stays ignored: nohup means that the terminal may close.
    """

    def __init__(self) -> None:
        self.asked: int | None = None

    def __enter__(self) -> Self:
        self._read, self._write = os.pipe()
        for end in (self._read, self._write):
            os.set_blocking(end, False)
        self._wakeup = signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        stops = [number for number in _STOPS if signal.getsignal(number) is not signal.SIG_IGN]
        self._before = {number: signal.signal(number, self._ask) for number in stops}
        self._before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, _ignore)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup)
        os.close(self._read)
        os.close(self._write)

    def wait(self, seconds: float) -> None:
        """Sleep, but not through a signal."""
        with contextlib.suppress(InterruptedError):
            select.select([self._read], [], [], seconds)
        with contextlib.suppress(BlockingIOError):
            os.read(self._read, 4096)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.asked = number


def _ignore(number: int, frame: FrameType | None) -> None:
    """A handler at all is what makes the signal wake us."""
