"""Engines and tenants that block."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Callable, Generic, Iterator, NamedTuple, TypeVar, Union

from . import _native
from ._operations import Operations
from ._wire import decode, encode, instant_text

if TYPE_CHECKING:
    from datetime import datetime
    from types import TracebackType

T = TypeVar("T")
H = TypeVar("H", bound="Handle")
Path = Union[str, "os.PathLike[str]"]
Keyring = Union[Path, Callable[[], str]]

# Items that a stream takes over the border at once.
PAGE = 1_000

# Rows of an Arrow batch.
ROWS = 10_000

# The columns of each stream's items, by operation. Each may be null.
COLUMNS: dict[str, list[tuple[str, str]]] = {
    "backtest_orders": [
        ("order", "text"),
        ("placed_at", "instant"),
        ("store", "text"),
        ("channel", "text"),
        ("before_minor", "integer"),
        ("discount_minor", "integer"),
        ("tender_minor", "integer"),
        ("payable_minor", "integer"),
        ("offers_minor", "integers"),
    ],
    "export_codes": [("serial", "integer"), ("code", "text")],
}


class Progress(NamedTuple):
    """How far a stream or a job has come, in its own unit: serials, cards."""

    done: int
    total: int


class Bound:
    """What is bound to its process."""

    def __reduce__(self) -> Any:
        raise TypeError("handles are neither pickled nor copied: each process opens its own")


class Handle(Bound):
    """An open engine, whichever way its calls are waited for."""

    def __init__(
        self,
        path: Path,
        *,
        keyring: Keyring | None = None,
        now: datetime | str | None = None,
        create: bool | None = None,
        durability: str | None = None,
        busy_timeout_ms: int | None = None,
        formats: list[dict[str, Any]] | None = None,
        queue_max: int | None = None,
        group_max: int | None = None,
        control_lag_ms: int | None = None,
        deadline_ms: int | None = None,
    ) -> None:
        """Opens a SQLite file, or `:memory:`.

        keyring: the keyring's file, or a function that returns a keyring's JSON; without, the handle is read-only and keyless.
        now: a clock that stands there until `set_now` moves it, for tests and replays; the machine's by default.
        create: whether a missing database is made; true.
        durability: `full` (survives a loss of power; the default) or `normal` (survives a crash of the process).
        busy_timeout_ms: how long a call waits for another process that holds the file.
        formats: code formats beside or instead of the four plain ones.
        queue_max, group_max: most calls that wait at once; most that become durable together.
        control_lag_ms: how long a cached control row may be behind another process.
        deadline_ms: how long a change may wait to be decided; 0 for as long as it takes. A change may name its own in its meta.
        """
        self._path = os.fspath(path)
        options = {
            "path": self._path,
            "keyring": _keyring_option(keyring),
            "now": now,
            "create": create,
            "durability": durability,
            "busy_timeout_ms": busy_timeout_ms,
            "formats": formats,
            "queue_max": queue_max,
            "group_max": group_max,
            "control_lag_ms": control_lag_ms,
            "deadline_ms": deadline_ms,
        }
        self._native = _native.open(encode({name: option for name, option in options.items() if option is not None}))

    def __repr__(self) -> str:
        keys = "without keys" if self.keyless else "with keys"
        return f"<cardmint engine {self._path!r} {keys}>"

    @property
    def keyless(self) -> bool:
        """Whether it was opened without keys, for reading only."""
        return self._native.keyless

    def set_now(self, now: datetime | str) -> None:
        """Moves the clock of an engine that was opened with `now`."""
        self._native.set_now(instant_text("now", now))

    def reopen(self: H) -> H:
        """Another engine from the same options: in a forked child, where this one answers `forked`, or once it is closed."""
        again = self.__class__.__new__(self.__class__)
        again._path = self._path
        again._native = self._native.reopen()
        return again


def _keyring_option(keyring: Keyring | None) -> dict[str, str] | None:
    if keyring is None:
        return None
    return {"json": keyring()} if callable(keyring) else {"file": os.fspath(keyring)}


class Engine(Handle):
    """An open engine. Threads may share it."""

    def tenant(self, name: str = "default", world: str = "live") -> Tenant:
        """Whose cards: a name, and `live` or `test`."""
        return Tenant(self._native.tenant(name, world), name, world)

    def close(self) -> None:
        """Takes no more changes: those under way become durable, those behind them fail as `closed`. Reads still work."""
        self._native.close()

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class Tenant(Bound, Operations):
    """A tenant's operations; each blocks until its reply is there, durable where it is a change. Threads may share it."""

    def __init__(self, native: _native.Tenant, name: str, world: str) -> None:
        self._native = native
        self._label = f"{name!r} {world}"

    def __repr__(self) -> str:
        return f"<cardmint tenant {self._label}>"

    def call(self, operation: str, request: str) -> str:
        """The raw wire: the JSON of a request for the JSON of the reply."""
        return self._native.call(operation, request.encode("utf-8", "surrogatepass"))

    def _call(self, operation: str, request: dict[str, Any]) -> Any:
        return decode(self._native.call(operation, encode(request)))

    def _stream(self, operation: str, request: dict[str, Any]) -> Stream[Any]:
        return Stream(self._native.begin(operation, encode(request)), COLUMNS[operation])

    def _job(self, operation: str, request: dict[str, Any]) -> Job[Any]:
        return Job(self._native.begin(operation, encode(request)))


class Walk(Bound):
    """A stream or a job on its way. Closing it, or forgetting it, ends it."""

    def __init__(self, cursor: _native.Cursor) -> None:
        self._cursor = cursor

    @property
    def progress(self) -> Progress:
        """How far it has come: done, total."""
        return Progress(*self._cursor.progress())

    def close(self) -> None:
        """Ends it."""
        self._cursor.close()

    def __enter__(self: W) -> W:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


W = TypeVar("W", bound=Walk)


class Stream(Walk, Generic[T]):
    """Items one after another, fetched by the page."""

    def __init__(self, cursor: _native.Cursor, columns: list[tuple[str, str]]) -> None:
        super().__init__(cursor)
        self._columns = columns
        self._items: Iterator[T] = iter(())

    def __iter__(self) -> Stream[T]:
        return self

    def __next__(self) -> T:
        for item in self._items:
            return item
        page = self._cursor.next(PAGE)
        if page is None:
            raise StopIteration
        self._items = iter(decode(page))
        return next(self._items)

    def arrow(self, rows: int = ROWS) -> _native.ArrowStream:
        """What was not fetched yet as Arrow, `rows` of it at a time (1 to 100,000), for `polars.DataFrame`, `pyarrow.table` and others.

        It is read once, and as it is read the work is done. Instants are milliseconds in UTC. The stream itself has nothing left.
        """
        return self._cursor.arrow(self._columns, rows)


class Job(Walk, Generic[T]):
    """Work in steps: iterate over it for its progress, or ask for its result at once."""

    _reply: T | None = None
    _is_done = False

    def __iter__(self) -> Job[T]:
        return self

    def __next__(self) -> Progress:
        step = None if self._is_done else self._cursor.next(PAGE)
        if step is None:
            raise StopIteration
        if step:
            self._reply, self._is_done = decode(step), True
        return self.progress

    def result(self) -> T:
        """Works to the end and returns the reply."""
        for _ in self:
            pass
        if not self._is_done:
            raise RuntimeError("the job was closed before its end")
        return self._reply  # type: ignore[return-value]
