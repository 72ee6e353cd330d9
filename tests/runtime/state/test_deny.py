"""No replay writes, saves, spawns, connects, loops or exits; the user's checkpoints stay theirs."""

import atexit
import contextlib
import gc
import logging
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from jaxtyping import Float
from torch import Tensor, nn

from shapecheck.core.evidence import Skipped, Trial
from shapecheck.runtime.replay import replay
from shapecheck.runtime.state import deny
from shapecheck.runtime.state.snapshot import Snapshot
from shapecheck.runtime.watchdog import Watchdog

WRITERS: dict[str, Callable[[Path, Tensor], object]] = {}
HANDLES: dict[str, Any] = {}


def writer(function: Callable[[Path, Tensor], object]) -> Callable[[Path, Tensor], object]:
    WRITERS[function.__name__] = function
    return function


# Each reaches its effect through getattr, so that no name in the code gives it away: only what
# happens at run time can stop it.


@writer
def torch_save(path: Path, x: Tensor) -> None:
    getattr(torch, "sa" + "ve")(x, path)


@writer
def torch_save_to_a_handle(path: Path, x: Tensor) -> None:
    with path.open("rb+") as handle:
        getattr(torch, "sa" + "ve")(x, handle)


@writer
def torch_save_as_before_1_6(path: Path, x: Tensor) -> None:
    getattr(torch, "sa" + "ve")(x, path, _use_new_zipfile_serialization=False)


@writer
def checkpoint_of_an_optimiser(path: Path, x: Tensor) -> None:
    weight = nn.Parameter(x.clone())
    optimiser = torch.optim.Adam([weight])
    weight.sum().backward()
    optimiser.step()
    torch_save(path, {"optimiser": optimiser.state_dict()})


@writer
def script_module_save(path: Path, x: Tensor) -> None:
    getattr(HANDLES["scripted"].module, "sa" + "ve")(str(path))


@writer
def script_function_save(path: Path, x: Tensor) -> None:
    getattr(HANDLES["scripted"].function, "sa" + "ve")(str(path))


@writer
def torchs_own_writer(path: Path, x: Tensor) -> None:
    getattr(torch._C, "PyTorch" + "FileWriter")(str(path)).write_end_of_file()


@writer
def jit_save(path: Path, x: Tensor) -> None:
    getattr(torch.jit, "sa" + "ve")(x, str(path))


@writer
def numpy_save(path: Path, x: Tensor) -> None:
    getattr(np, "sa" + "ve")(path, x.numpy())


@writer
def numpy_savez(path: Path, x: Tensor) -> None:
    getattr(np, "sa" + "vez")(path.with_suffix(".npz"), x.numpy())


@writer
def numpy_savez_compressed(path: Path, x: Tensor) -> None:
    getattr(np, "sa" + "vez_compressed")(path.with_suffix(".npz"), x.numpy())


@writer
def numpy_savetxt(path: Path, x: Tensor) -> None:
    getattr(np, "sa" + "vetxt")(path, x.numpy())


@writer
def numpy_memmap(path: Path, x: Tensor) -> None:
    getattr(np, "mem" + "map")(path, np.float32, "r+", shape=(2,))[:] = 1


@writer
def from_file(path: Path, x: Tensor) -> None:
    getattr(torch, "from_" + "file")(str(path), shared=True, size=2).fill_(1)


@writer
def storage_from_file(path: Path, x: Tensor) -> None:
    getattr(torch.UntypedStorage, "from_" + "file")(str(path), shared=True, nbytes=8).fill_(1)


@writer
def os_write(path: Path, x: Tensor) -> None:
    getattr(os, "wri" + "te")(os.open(path, os.O_RDONLY), b"x")


@writer
def open_for_writing(path: Path, x: Tensor) -> None:
    with path.open("w") as handle:
        handle.write("x")


@writer
def array_tofile(path: Path, x: Tensor) -> None:
    getattr(x.numpy(), "to" + "file")(path)


@writer
def removal(path: Path, x: Tensor) -> None:
    path.unlink()


@writer
def rename(path: Path, x: Tensor) -> None:
    path.rename(path.with_suffix(".other"))


@writer
def process(path: Path, x: Tensor) -> None:
    subprocess.run(["true"], check=True)


@writer
def system(path: Path, x: Tensor) -> None:
    os.system("true")


@writer
def fork(path: Path, x: Tensor) -> None:
    if os.fork() == 0:
        os._exit(0)


@writer
def thread(path: Path, x: Tensor) -> None:
    threading.Thread(target=int).start()


@writer
def connection(path: Path, x: Tensor) -> None:
    with socket.socket() as plug:
        plug.connect(("127.0.0.1", 9))


class EventWriter:
    """What TensorBoard's SummaryWriter does: events go to a thread that has the file."""

    def __init__(self, folder: Path) -> None:
        self.events: queue.Queue[str] = queue.Queue()
        self.file = getattr(folder.joinpath("events"), "op" + "en")("w")
        self.thread = threading.Thread(target=self.events.get, daemon=True)
        self.thread.start()


@writer
def summary_writer(path: Path, x: Tensor) -> None:
    made = EventWriter(path.parent)
    made.events.put("")
    made.thread.join()
    made.file.close()


@writer
def environment(path: Path, x: Tensor) -> None:
    os.environ["SHAPECHECK_TEST"] = "1"


@writer
def hard_exit(path: Path, x: Tensor) -> None:
    os._exit(3)


@writer
def at_exit(path: Path, x: Tensor) -> None:
    atexit.register(print)


@writer
def signal_handler(path: Path, x: Tensor) -> None:
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)


class Kept:
    """Handed on as it is, though a replay would refuse to copy what it holds."""

    __module__ = "shapecheck.tests"


def doubled(x: Tensor) -> Tensor:
    return x * 2


@pytest.fixture(scope="module", autouse=True)
def warm() -> None:
    """What can be saved is there, and an optimiser's first step has imported what it needs."""
    kept: Any = Kept()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        kept.module, kept.function = torch.jit.script(nn.Linear(3, 2)), torch.jit.script(doubled)
    HANDLES["scripted"] = kept
    weight = nn.Parameter(torch.ones(1))
    weight.sum().backward()
    torch.optim.Adam([weight]).step()


PATH = [Path()]
WHICH = [""]


def quiet_at_first(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
    """Writes in replays only, so that the watch over the first call cannot know."""
    if HANDLES["armed"].is_set():
        WRITERS[WHICH[0]](PATH[0], x)
    return x * 2


class Flag:
    """Not copied along: the same in every replay, so that a test can turn it."""

    __module__ = "shapecheck.tests"

    def __init__(self) -> None:
        self.on = False

    def is_set(self) -> bool:
        return self.on


@pytest.fixture
def replayed(call: Any) -> Any:
    def run(function: Any, *args: Any, seconds: float = 1.0) -> Any:
        asked = call(function, *args)
        watchdog = Watchdog()
        try:
            return replay(Snapshot(asked, 1 << 28), asked.outputs, watchdog, seconds)
        finally:
            watchdog.close()

    return run


@pytest.mark.parametrize("name", WRITERS)
def test_a_replay_is_stopped_before_it_writes(name: str, call: Any, tmp_path: Path) -> None:
    file = tmp_path / "checkpoint.pt"
    torch.save(torch.ones(2), file)  # warm: a second save raises no event
    before, environment = file.read_bytes(), dict(os.environ)
    handler = signal.getsignal(signal.SIGUSR1)
    HANDLES["armed"] = flag = Flag()
    PATH[0], WHICH[0] = file, name
    asked = call(quiet_at_first, torch.randn(2, 3))
    snapshot = Snapshot(asked, 1 << 28)
    flag.on = True
    threads = threading.active_count()
    watchdog = Watchdog()
    try:
        done = replay(snapshot, asked.outputs, watchdog, 5.0)
    finally:
        watchdog.close()
        flag.on = False
    assert done.denied
    assert not done.ok
    assert file.read_bytes() == before
    assert [f.name for f in tmp_path.iterdir()] == ["checkpoint.pt"]
    assert dict(os.environ) == environment
    assert threading.active_count() <= threads
    assert signal.getsignal(signal.SIGUSR1) == handler


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", sorted(set(WRITERS) - {"hard_exit", "fork"}))
def test_nothing_stays_denied_after_a_replay(name: str, tmp_path: Path) -> None:
    """The same calls do what they do once no replay runs (or fail for reasons of their own)."""
    with deny.denied():
        pass
    file = tmp_path / "checkpoint.pt"
    torch.save(torch.ones(2), file)
    handler, variables = signal.getsignal(signal.SIGUSR1), dict(os.environ)
    try:
        WRITERS[name](file, torch.ones(2))
    except (OSError, RuntimeError, AttributeError):
        pass
    finally:
        signal.signal(signal.SIGUSR1, handler)
        os.environ.pop("SHAPECHECK_TEST", None)
        atexit.unregister(print)
    assert dict(os.environ) == variables


def test_another_thread_writes_while_a_replay_runs(tmp_path: Path) -> None:
    errors: list[BaseException] = []

    def write() -> None:
        try:
            for i in range(20):
                torch.save(torch.ones(2), tmp_path / f"{i}.pt")
                np.save(tmp_path / f"{i}.npy", np.ones(2))
                sys.stdout.write("said by the other thread")
        except BaseException as error:
            errors.append(error)

    begin = threading.Event()
    thread = threading.Thread(target=lambda: (begin.wait(), write()))
    thread.start()
    with deny.denied():  # the other thread is at work inside of it
        begin.set()
        thread.join()
    assert errors == []
    assert len(list(tmp_path.iterdir())) == 40


def test_a_call_that_writes_is_never_replayed(probe: Any, tmp_path: Path) -> None:
    written: list[int] = []

    def saves(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
        with (tmp_path / "log").open("a") as handle:
            handle.write("x")
        written.append(1)
        return x

    found = probe(saves, torch.randn(4, 3))
    assert (tmp_path / "log").read_text() == "x"
    assert all(isinstance(t, Skipped) for t in found)
    assert len(found) == 1


@pytest.mark.parametrize("name", ["removal", "process", "thread", "environment", "summary_writer"])
def test_a_call_with_any_other_effect_is_never_replayed(
    name: str, probe: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHAPECHECK_TEST", "0")
    file = tmp_path / "checkpoint.pt"
    file.touch()
    HANDLES["armed"] = flag = Flag()
    flag.on = True
    PATH[0], WHICH[0] = file, name
    (only,) = probe(quiet_at_first, torch.randn(4, 3))
    assert only.reason.startswith("the call ")


def named_save(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
    if x.sum() > 1e9:
        torch.save(x, "never.pt")
    return x


def test_a_call_that_names_a_save_is_never_replayed(probe: Any) -> None:
    (only,) = probe(named_save, torch.randn(4, 3))
    assert "save" in only.reason


def test_printing_logging_and_warning_happen_once(
    probe: Any, capsys: Any, caplog: Any, recwarn: Any
) -> None:
    def talks(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
        sys.stdout.write("out\n")
        sys.stderr.write("err\n")
        logging.getLogger("mine").warning("logged")
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn("warned", stacklevel=1)
        return x

    found = probe(talks, torch.randn(4, 3))
    assert any(isinstance(t, Trial) and t.outcome == "held" for t in found)
    assert capsys.readouterr() == ("out\n", "err\n")
    assert caplog.messages == ["logged"]
    assert [str(warning.message) for warning in recwarn] == ["warned"]


def loops(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
    while HANDLES["armed"].is_set():
        with contextlib.suppress(BaseException):  # swallows what it can
            time.monotonic()
    return x


def test_a_replay_that_loops_is_ended(call: Any) -> None:
    HANDLES["armed"] = flag = Flag()
    asked = call(loops, torch.randn(2, 3))
    snapshot = Snapshot(asked, 1 << 28)
    flag.on = True
    watchdog = Watchdog()
    try:
        done = replay(snapshot, asked.outputs, watchdog, 0.1)
    finally:
        watchdog.close()
    assert done.error.startswith("TooLong")


def exits(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
    if HANDLES["armed"].is_set():
        sys.exit(3)
    return x


class Panic(BaseException):
    """What nobody expects."""

    def __str__(self) -> str:
        raise ValueError("it does not even say what it is")


def panics(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
    if x.size(0) != 4:
        raise Panic
    return x


def test_a_replay_that_raises_anything_goes_no_further(probe: Any) -> None:
    found = probe(panics, torch.randn(4, 3))
    assert {t.outcome for t in found} >= {"fixed", "held"}


def test_a_replay_that_exits_goes_no_further(call: Any) -> None:
    HANDLES["armed"] = flag = Flag()
    asked = call(exits, torch.randn(2, 3))
    snapshot = Snapshot(asked, 1 << 28)
    flag.on = True
    watchdog = Watchdog()
    try:
        done = replay(snapshot, asked.outputs, watchdog, 1.0)
    finally:
        watchdog.close()
    assert done.error == "SystemExit: 3"


class Unlinks:
    """Garbage that removes a file when it is collected, as a TemporaryDirectory does."""

    def __init__(self, path: Path) -> None:
        self.path, self.itself = path, self

    def __del__(self) -> None:
        self.path.unlink()


def litters(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
    kept = [[] for _ in range(100_000)]
    return x + len(kept)


def test_garbage_is_not_finalised_inside_a_replay(call: Any, tmp_path: Path) -> None:
    file = tmp_path / "temporary"
    asked = call(litters, torch.randn(2, 3))
    snapshot, watchdog = Snapshot(asked, 1 << 28), Watchdog()
    gc.collect()
    file.touch()
    Unlinks(file)
    try:
        assert replay(snapshot, asked.outputs, watchdog, 5.0).ok
    finally:
        watchdog.close()
    assert gc.isenabled()
    gc.collect()
    assert not file.exists()


class Saving(nn.Module):
    """Has a save() of its own that forward does not call."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 2)

    def save(self, path: Path) -> None:
        torch.save(self.state_dict(), path)

    def forward(self, x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch 2"]:
        return self.linear(x)


def test_a_save_that_is_not_called_stops_nothing(probe: Any) -> None:
    found = probe(Saving(), torch.randn(4, 3))
    assert [t.outcome for t in found if isinstance(t, Trial) and t.kind == "disturbance"] == [
        "held"
    ]
