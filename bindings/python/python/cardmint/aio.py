"""cardmint for asyncio.

    async with cardmint.aio.open("shop.db", keyring="keys.json") as engine:
        receipt = await engine.tenant().redeem(meta="A-1", code=code, order=order)

A change that is awaited occupies no thread; it is settled when its group is durable. One that is cancelled is withdrawn if it
was not decided yet; otherwise it stays done, and its idempotency key tells what came of it. Reads run in the loop's executor.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, AsyncIterator, Callable, Generator, Generic, TypeVar
from weakref import ReferenceType, WeakKeyDictionary, ref

from . import _native
from ._aio_operations import Operations
from ._engine import PAGE, Bound, Handle, Progress
from ._errors import error_of
from ._wire import decode, encode

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["Engine", "Job", "Stream", "Tenant", "open"]

T = TypeVar("T")


class _Calls:
    """The calls that one loop awaits. The loop holds it as what reads its descriptor, until it is closed; nothing else does."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._native = _native.Completions()
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        loop.add_reader(self._native.fileno(), self._settle)

    async def call(self, tenant: _native.Tenant, operation: str, request: bytes) -> Any:
        future = asyncio.get_running_loop().create_future()
        number = self._native.submit(tenant, operation, request)
        self._waiting[number] = future
        try:
            return await future
        finally:
            if self._waiting.pop(number, None) is not None:
                self._native.withdraw(number)

    def _settle(self) -> None:
        for number, went_well, reply in self._native.take():
            future = self._waiting.pop(number, None)
            if future is None or future.done():
                continue
            if went_well:
                future.set_result(decode(reply))
            else:
                future.set_exception(error_of(reply))


# Both weak: the calls that wait hold their loop, so that a loop which is given up with calls outstanding would stay for good.
_LOOPS: WeakKeyDictionary[asyncio.AbstractEventLoop, ReferenceType[_Calls]] = WeakKeyDictionary()


def _calls() -> _Calls:
    """The calls of the running loop, whatever their engine."""
    loop = asyncio.get_running_loop()
    known = _LOOPS.get(loop)
    calls = known() if known is not None else None
    if calls is None:
        calls = _Calls(loop)
        _LOOPS[loop] = ref(calls)
    return calls


class Engine(Handle):
    """An open engine. Loops of several threads may share it."""

    def tenant(self, name: str = "default", world: str = "live") -> Tenant:
        """Whose cards: a name, and `live` or `test`."""
        return Tenant(self._native.tenant(name, world), name, world)

    async def close(self) -> None:
        """Takes no more changes: those under way become durable, those behind them fail as `closed`. Reads still work."""
        await _elsewhere(self._native.close)

    async def __aenter__(self) -> Engine:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.close()


class Tenant(Bound, Operations):
    """A tenant's operations, to be awaited."""

    def __init__(self, native: _native.Tenant, name: str, world: str) -> None:
        self._native = native
        self._label = f"{name!r} {world}"

    def __repr__(self) -> str:
        return f"<cardmint tenant {self._label}, awaited>"

    async def call(self, operation: str, request: str) -> str:
        """The raw wire: the JSON of a request for the JSON of the reply."""
        return await _elsewhere(self._native.call, operation, request.encode("utf-8", "surrogatepass"))

    async def _change(self, operation: str, request: dict[str, Any]) -> Any:
        return await _calls().call(self._native, operation, encode(request))

    async def _read(self, operation: str, request: dict[str, Any]) -> Any:
        return decode(await _elsewhere(self._native.call, operation, encode(request)))

    def _stream(self, operation: str, request: dict[str, Any]) -> Stream[Any]:
        return Stream(self._native, operation, encode(request))

    def _job(self, operation: str, request: dict[str, Any]) -> Job[Any]:
        return Job(self._native, operation, encode(request))


async def _elsewhere(work: Callable[..., T], *args: Any) -> T:
    """Work that blocks, in the loop's executor."""
    return await asyncio.get_running_loop().run_in_executor(None, work, *args)


class _Walk(Bound):
    """A stream or a job, begun by its first step. Closing it, or forgetting it, ends it."""

    def __init__(self, tenant: _native.Tenant, operation: str, request: bytes) -> None:
        self._begin = (tenant, operation, request)
        self._cursor: _native.Cursor | None = None
        self._is_closed = False
        self._turn: asyncio.Lock | None = None
        self._under_way: asyncio.Future[str | None] | None = None

    @property
    def progress(self) -> Progress:
        """How far it has come: done, total."""
        return Progress(*self._cursor.progress()) if self._cursor else Progress(0, 0)

    async def _step(self) -> str | None:
        if self._turn is None:
            self._turn = asyncio.Lock()
        # Of two tasks that walk, each gets pages of its own.
        async with self._turn:
            if self._is_closed:
                return None
            if self._under_way is None:
                self._under_way = asyncio.get_running_loop().run_in_executor(None, self._next)
            # Not awaited itself: a page that is under way when the await is cancelled is there for the next one.
            await asyncio.wait([self._under_way])
            ended, self._under_way = self._under_way, None
            return ended.result()

    def _next(self) -> str | None:
        """Works, on a thread of the executor."""
        if self._is_closed:
            return None
        if self._cursor is None:
            tenant, operation, request = self._begin
            self._cursor = tenant.begin(operation, request)
            if self._is_closed:
                self._cursor.close()
        return self._cursor.next(PAGE)

    async def close(self) -> None:
        """Ends it."""
        self._is_closed = True
        if self._cursor is not None:
            await _elsewhere(self._cursor.close)

    async def __aenter__(self: W) -> W:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.close()


W = TypeVar("W", bound=_Walk)


class Stream(_Walk, Generic[T]):
    """Items one after another, fetched by the page."""

    async def __aiter__(self) -> AsyncIterator[T]:
        while (page := await self._step()) is not None:
            for item in decode(page):
                yield item


class Job(_Walk, Generic[T]):
    """Work in steps: iterate over it for its progress, or await it for its result."""

    _reply: T | None = None
    _is_done = False

    async def __aiter__(self) -> AsyncIterator[Progress]:
        while not self._is_done and (step := await self._step()) is not None:
            if step:
                self._reply, self._is_done = decode(step), True
            yield self.progress

    def __await__(self) -> Generator[Any, None, T]:
        return self._result().__await__()

    async def _result(self) -> T:
        async for _ in self:
            pass
        if not self._is_done:
            raise RuntimeError("the job was closed before its end")
        return self._reply  # type: ignore[return-value]


open = Engine
