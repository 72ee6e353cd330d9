"""Side effects: seen while the user's call runs, stopped while a replay does.

Python's audit hook sees files opened, processes, sockets, threads. It cannot be removed, so it is
installed at the first use and lies dormant while nothing is watched. What it cannot see (a warm
`torch.save`, `from_file`, writes to handles that are open) is replaced for the replaying thread.
"""

from __future__ import annotations

import _thread
import atexit
import builtins
import contextlib
import logging
import os
import signal
import sys
import threading
from _thread import get_ident
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import numpy as np
import torch
from torch.jit._script import RecursiveScriptModule

from shapecheck.runtime.state.mute import muted

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_EFFECTS = {
    "os.remove": "removes a file",
    "os.rename": "renames a file",
    "os.mkdir": "makes a folder",
    "os.rmdir": "removes a folder",
    "os.truncate": "truncates a file",
    "os.link": "links a file",
    "os.symlink": "links a file",
    "os.chmod": "changes a file's mode",
    "os.chown": "changes a file's owner",
    "os.chflags": "changes a file's flags",
    "os.utime": "changes a file's time",
    "os.setxattr": "changes a file's attributes",
    "os.removexattr": "changes a file's attributes",
    "os.chdir": "changes the working directory",
    "os.putenv": "changes the environment",
    "os.unsetenv": "changes the environment",
    "os.kill": "sends a signal",
    "os.killpg": "sends a signal",
    "signal.pthread_kill": "sends a signal",
    "mmap.__new__": "maps a file",
    "sqlite3.connect": "opens a database",
    "_thread.start_new_thread": "starts a thread",
    "webbrowser.open": "opens a browser",
    "sys.settrace": "sets a tracer",
    "sys.setprofile": "sets a profiler",
    "sys.addaudithook": "adds an audit hook",
}
_FAMILIES = {
    "subprocess.": "starts a process",
    "os.system": "starts a process",
    "os.exec": "starts a process",
    "os.fork": "starts a process",
    "os.posix_spawn": "starts a process",
    "os.spawn": "starts a process",
    "os.startfile": "starts a process",
    "pty.": "starts a process",
    "socket.": "uses the network",
    "urllib.": "uses the network",
    "http.": "uses the network",
    "ftplib.": "uses the network",
    "smtplib.": "uses the network",
    "imaplib.": "uses the network",
    "poplib.": "uses the network",
    "shutil.": "moves files",
    "tempfile.": "makes a temporary file",
    "fcntl.": "locks a file",
    "syslog.": "writes to the system log",
    "winreg.": "uses the registry",
    "msvcrt.": "locks a file",
}


class DeniedError(BaseException):
    """A side effect that was stopped during a replay. No `except Exception` swallows it."""


class Watch:
    """What one thread did that a replay must not do again; `seen` is the first of it."""

    def __init__(self) -> None:
        self.seen = ""
        self.denies = False
        self.thread = get_ident()


_watches: list[Watch] = []
_installed: list[bool] = []


def _hook(event: str, args: tuple[Any, ...]) -> None:
    if not _watches:
        return
    me = get_ident()
    for watch in _watches:
        if watch.thread == me:
            effect = _effect(event, args)
            if effect and (watch.denies or not _importing()):
                watch.seen = watch.seen or effect
                if watch.denies:
                    raise DeniedError(effect)


def _effect(event: str, args: tuple[Any, ...]) -> str:
    if event == "open":
        return _opened(*args)
    if event in _EFFECTS:
        return _EFFECTS[event]
    return next((text for start, text in _FAMILIES.items() if event.startswith(start)), "")


def _opened(path: Any, mode: Any, flags: Any) -> str:
    writes = any(c in mode for c in "wax+") if isinstance(mode, str) else bool(flags & _WRITING)
    if not writes or path == os.devnull:
        return ""
    return "writes a file"


def _importing() -> bool:
    """True inside an import, whose byte code is written beside the module."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


def start_watch() -> Watch:
    """Begin to watch this thread; end it with `end_watch`."""
    if not _installed:
        _installed.append(True)
        sys.addaudithook(_hook)
    watch = Watch()
    _watches.append(watch)
    return watch


def end_watch(watch: Watch) -> None:
    """Stop watching; ending twice is no error."""
    if watch in _watches:
        _watches.remove(watch)


@contextlib.contextmanager
def denied() -> Iterator[Watch]:
    """Side effects of this thread raise DeniedError; what it prints, logs and warns is dropped."""
    watch = start_watch()
    watch.denies = True
    replaced: list[tuple[Any, str, Any]] = []
    try:
        for owner, name, make in _REPLACED:
            held = vars(owner).get(name, _INHERITED)
            original = getattr(owner, name) if held is _INHERITED else held
            replaced.append((owner, name, held))
            replacement = make(watch, original, _SAID.get(name, f"calls {name}"))
            setattr(owner, name, staticmethod(replacement) if held is _INHERITED else replacement)
        with muted(watch.thread):
            yield watch
    finally:
        for owner, name, original in reversed(replaced):
            if original is _INHERITED:
                delattr(owner, name)
            else:
                setattr(owner, name, original)
        end_watch(watch)


_INHERITED = object()  # the class has the name from a base class written in C
_Replacement = Callable[[Watch, Any, str], Any]


def _stopped(watch: Watch, original: Any, effect: str) -> Any:
    called = original.__func__ if isinstance(original, (staticmethod, classmethod)) else original

    def stopped(*args: Any, **kwargs: Any) -> Any:
        if get_ident() == watch.thread:
            watch.seen = watch.seen or effect
            raise DeniedError(effect)
        return called(*args, **kwargs)

    return type(original)(stopped) if called is not original else stopped


def _silent(watch: Watch, original: Any, effect: str) -> Any:
    def silent(*args: Any, **kwargs: Any) -> Any:
        return None if get_ident() == watch.thread else original(*args, **kwargs)

    return silent


_SAID = {
    "start": "starts a thread",
    "start_new_thread": "starts a thread",
    "_start_new_thread": "starts a thread",
    "PyTorchFileWriter": "writes a file",
    "_exit": "ends the process",
    "abort": "ends the process",
    "input": "reads from the keyboard",
    "breakpoint": "starts a debugger",
}
_OS = (
    "_exit", "abort", "write", "pwrite", "writev", "pwritev", "sendfile", "ftruncate",
    "truncate", "fsync", "dup2", "close",
)  # fmt: skip
_REPLACED: tuple[tuple[Any, str, _Replacement], ...] = (
    (torch, "save", _stopped),
    (torch, "from_file", _stopped),
    (torch.serialization, "save", _stopped),
    (torch.serialization, "_open_zipfile_writer", _stopped),
    (torch.serialization, "_save", _stopped),
    (torch.serialization, "_legacy_save", _stopped),
    (torch._C, "PyTorchFileWriter", _stopped),
    (torch.jit, "save", _stopped),
    (torch.jit.ScriptModule, "save", _stopped),
    (RecursiveScriptModule, "save", _stopped),
    (RecursiveScriptModule, "_save_for_lite_interpreter", _stopped),
    (torch.jit.ScriptFunction, "save", _stopped),
    (torch.UntypedStorage, "from_file", _stopped),
    (torch.TypedStorage, "from_file", _stopped),
    *((np, name, _stopped) for name in ("save", "savez", "savez_compressed", "savetxt")),
    # Before it is listed among the threads that are about to begin, and stays there.
    (threading.Thread, "start", _stopped),
    (_thread, "start_new_thread", _stopped),
    (threading, "_start_new_thread", _stopped),
    (np.memmap, "__new__", _stopped),
    (np.memmap, "flush", _stopped),
    *((os, name, _stopped) for name in _OS),
    (builtins, "input", _stopped),
    (builtins, "breakpoint", _stopped),
    (signal, "signal", _stopped),
    (signal, "raise_signal", _stopped),
    (signal, "setitimer", _stopped),
    (signal, "alarm", _stopped),
    (atexit, "register", _stopped),
    (logging.Logger, "callHandlers", _silent),
)
