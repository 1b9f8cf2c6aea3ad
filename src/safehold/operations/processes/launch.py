"""Become another program that dies with its parent. Run as a script, before anything is imported.

    python -I -S launch.py SIGNAL UID GID PARENT -- PROGRAM ARGUMENT…

It starts a session of its own (so that Ctrl-C at the terminal reaches the supervisor alone), gives up root where UID
isn't -1, asks Linux for SIGNAL when the parent dies (0: don't), and executes the program. A plain `preexec_fn` would do
the same inside a fork of a process that may have threads; this can't deadlock.
"""

from __future__ import annotations

import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Do it; never returns."""
    signal, uid, gid, parent = (int(word) for word in arguments[:4])
    command = arguments[5:]
    os.setsid()
    os.umask(0o077)
    if uid != -1:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if signal and sys.platform == "linux":
        # After the change of user, which would clear it.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal, 0, 0, 0)
        if os.getppid() != parent:
            sys.exit("the parent died first")
    os.execv(command[0], command)  # noqa: S606  (no shell is the point)


if __name__ == "__main__":
    main(sys.argv[1:])
