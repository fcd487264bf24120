"""The only code that imports a submission: answers the grader's calls, knows nothing of checks.

It runs as a script in the sandbox, with Python's standard library and NumPy and nothing else
of the grader. Requests come in on what was standard input, replies go out on what was standard
output; the submission's own prints go to a capped buffer that is sent along with each reply.

Nothing here is trusted: the submission shares this process and can change all of it. All that
it can reach that way is to send other arrays than its functions return, which are then judged.

A frame is: length of the header (4 bytes), length of the payload (8), header (JSON), payload
(raw array bytes one after another). `autograder.sandbox.protocol` is the other end.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import json
import math
import os
import signal
import struct
import sys
import traceback
import warnings
from functools import lru_cache
from types import ModuleType
from typing import Any, BinaryIO

LENGTHS = struct.Struct("<IQ")
DTYPES = {f"<{kind}" for kind in ("f2", "f4", "f8", "i2", "i4", "i8", "u2", "u4", "u8")}
DTYPES |= {"|i1", "|u1", "|b1"}
LIMIT_BYTES = 64 << 20  # of all arrays in one reply
LIMIT_ITEMS = 100_000  # of all lists and dictionaries in one reply
LIMIT_TEXT = 1 << 20  # of one string
LIMIT_PRINTED = 8_192  # characters of printed output in one reply
PR_SET_PDEATHSIG = 1  # of prctl(2)
TO_JSON = json.JSONEncoder(ensure_ascii=False).encode


class TimeIsUp(BaseException):
    """Raised in the submission's own line, when what the grader gives a check is used up."""


def stop(*_: object) -> None:
    raise TimeIsUp


def stop_after(seconds: float) -> None:
    """Raise TimeIsUp after so many seconds; never for 0, when nobody set a limit. The grader keeps
    its own clock, and kills."""
    if hasattr(signal, "setitimer"):  # not on Windows
        signal.setitimer(signal.ITIMER_REAL, seconds)


class BreakpointReached(Exception):
    """`breakpoint()` in a submission: there is no terminal here to debug at."""


def reach_breakpoint(*_: Any, **__: Any) -> None:
    raise BreakpointReached


class Printed(io.TextIOBase):
    """What the submission prints, up to a limit; the rest is dropped."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        room = LIMIT_PRINTED - self.size
        if room > 0:
            self.parts.append(text[:room])
            self.size += len(self.parts[-1])
        return len(text)

    def take(self) -> str:
        text = "".join(self.parts)
        self.parts.clear()
        self.size = 0
        return text


class Encoder:
    """Turns a value into JSON and arrays; what can be neither stays here, behind a handle."""

    def __init__(self, np: Any, handles: list[Any]) -> None:
        self.np, self.handles = np, handles
        self.arrays: list[Any] = []
        self.done: list[dict[str, Any]] = []  # what steps gave, and how many arrays it takes
        self.arrays_done = 0
        self.bytes = self.items = 0

    def step(self, value: Any, stays: bool) -> None:
        """What a step gave."""
        self.done.append(self.handle(value) if stays else self.encode(value))
        self.arrays_done = len(self.arrays)

    def failed(self, error: dict[str, Any]) -> None:
        """A step raised."""
        self.drop()
        self.done.append({**error, "t": "failed"})

    def drop(self) -> None:
        """Forget the arrays of a step that raised before all of it was encoded."""
        del self.arrays[self.arrays_done :]

    def encode(self, value: Any, depth: int = 0) -> dict[str, Any]:
        if value is None:
            return {"t": "null"}
        kind = type(value)
        if kind is bool:
            return {"t": "bool", "v": value}
        if kind is int and abs(value) < 1 << 63:
            return {"t": "int", "v": value}
        if kind is float:
            return {"t": "float", "v": value.hex()}
        if isinstance(value, str) and len(value) <= LIMIT_TEXT:
            return {"t": "str", "v": value}
        if isinstance(value, (self.np.ndarray, self.np.generic)):
            return self.array(value)
        if isinstance(value, (list, tuple)) and depth < 20:
            self.count(len(value))
            name = "tuple" if isinstance(value, tuple) else "list"
            return {"t": name, "v": [self.encode(item, depth + 1) for item in value]}
        if isinstance(value, dict) and depth < 20:
            self.count(2 * len(value))
            pairs = [[self.encode(part, depth + 1) for part in pair] for pair in value.items()]
            return {"t": "dict", "v": pairs}
        return self.handle(value)

    def array(self, value: Any) -> dict[str, Any]:
        plain = self.np.array(value, subok=False, order="C")
        if plain.dtype.byteorder == ">":
            plain = plain.astype(plain.dtype.newbyteorder("<"))
        if plain.dtype.str not in DTYPES:
            return self.handle(value, f"array of dtype {plain.dtype}")
        self.bytes += plain.nbytes
        if self.bytes > LIMIT_BYTES:
            raise ValueError(f"returned more than {LIMIT_BYTES >> 20} MB of arrays")
        self.arrays.append(plain)
        return {"t": "array", "v": len(self.arrays) - 1}

    def count(self, items: int) -> None:
        self.items += items
        if self.items > LIMIT_ITEMS:
            raise ValueError(f"returned more than {LIMIT_ITEMS} items in lists and dictionaries")

    def handle(self, value: Any, name: str | None = None) -> dict[str, Any]:
        self.handles.append(value)
        kind: Any = type(value)
        name = str(name or kind.__name__)[:100]
        return {
            "t": "handle",
            "v": len(self.handles) - 1,
            "name": name,
            "methods": methods_of(kind),
        }


@lru_cache(maxsize=256)
def methods_of(kind: type) -> list[str]:
    """The names of a class's methods that a check may call."""
    return [m for m in dir(kind) if m[0] != "_" and callable(getattr(kind, m, None))][:200]


class Decoder:
    """Turns JSON and a payload back into the arguments of a call."""

    def __init__(
        self, np: Any, handles: list[Any], specs: list[dict[str, Any]], payload: bytes
    ) -> None:
        self.handles = handles
        self.results: list[Any] = []  # of the steps before this one
        self.arrays: list[Any] = []
        offset = 0
        for spec in specs:
            dtype, shape = np.dtype(spec["dtype"]), tuple(spec["shape"])
            count = math.prod(shape)
            flat = np.frombuffer(payload, dtype, count, offset)
            offset += flat.nbytes
            self.arrays.append(lay_out(np, flat.reshape(shape), spec["layout"]))

    def decode(self, value: dict[str, Any]) -> Any:
        kind: str = value["t"]
        content: Any = value.get("v")
        if kind in ("list", "tuple"):
            items = [self.decode(item) for item in content]
            return tuple(items) if kind == "tuple" else items
        if kind == "dict":
            return {self.decode(key): self.decode(item) for key, item in content}
        if kind == "float":
            return float.fromhex(content)
        if kind == "array":
            return self.arrays[content]
        return self.held(content) if kind == "handle" else content

    def held(self, handle: int) -> Any:
        """An object that stayed here: of an earlier request, or below zero of an earlier step."""
        return self.handles[handle] if handle >= 0 else self.results[~handle]


def lay_out(np: Any, array: Any, layout: str) -> Any:
    """A writable copy with the memory layout that the check asked for."""
    if layout == "F":
        return np.array(array, order="F")
    if layout == "strided":  # every second element of a longer last axis
        wide = np.zeros((*array.shape[:-1], 2 * array.shape[-1]), array.dtype)
        wide[..., ::2] = array
        return wide[..., ::2]
    return np.array(array, order="C")


class Server:
    """Carries out one request after another until standard input ends."""

    def __init__(self, np: Any, root: str, requests: BinaryIO, replies: BinaryIO) -> None:
        self.np, self.root, self.requests, self.replies = np, root, requests, replies
        self.handles: list[Any] = []
        self.printed = Printed()
        self.warned: set[str] = set()  # in this request

    def serve(self) -> None:
        sys.stdout = sys.stderr = self.printed
        sys.breakpointhook = reach_breakpoint
        if hasattr(signal, "SIGALRM"):  # not on Windows
            signal.signal(signal.SIGALRM, stop)
        warnings.simplefilter("always", RuntimeWarning)
        warnings.showwarning = self.show_warning
        while (request := self.read()) is not None:
            encoder = Encoder(self.np, self.handles)
            try:
                stop_after(request[0]["seconds"])
                try:
                    value = self.answer(*request, encoder)
                finally:
                    stop_after(0)
                reply: dict[str, Any] = {"status": "ok", "value": value}
            except BaseException as error:  # SystemExit and KeyboardInterrupt are the submission's
                encoder.arrays.clear()
                reply = self.describe(error)
            reply["id"], reply["printed"] = request[0]["id"], self.printed.take()
            self.warned.clear()
            self.write(reply, encoder.arrays)

    def read(self) -> tuple[dict[str, Any], bytes] | None:
        lengths = self.requests.read(LENGTHS.size)
        if len(lengths) < LENGTHS.size:
            return None
        header, payload = (self.requests.read(length) for length in LENGTHS.unpack(lengths))
        return json.loads(header), payload

    def write(self, reply: dict[str, Any], arrays: list[Any]) -> None:
        reply["arrays"] = [{"dtype": a.dtype.str, "shape": list(a.shape)} for a in arrays]
        # text may hold lone surrogates, which JSON has no room for
        header = TO_JSON(reply).encode("utf-8", "replace")
        self.replies.write(LENGTHS.pack(len(header), sum(a.nbytes for a in arrays)) + header)
        for array in arrays:
            self.replies.write(array.data)  # which is as it goes over the pipe, see `array`
        self.replies.flush()

    def answer(self, request: dict[str, Any], payload: bytes, encoder: Encoder) -> dict[str, Any]:
        """What is asked for, or what the first step gives of several and each one behind it."""
        decoder = Decoder(self.np, self.handles, request["arrays"], payload)
        several = request["op"] == "together"
        for step in request["steps"] if several else [request]:
            result = None
            try:
                result = self.carry_out(step, decoder)
                encoder.step(result, step["op"] in ("keep", "make"))
            except TimeIsUp:
                raise
            except BaseException as error:
                if not several:
                    raise
                encoder.failed(self.describe(error))
            decoder.results.append(result)
        return {"t": "list", "v": encoder.done} if several else encoder.done[0]

    def carry_out(self, request: dict[str, Any], decoder: Decoder) -> Any:
        operation = request["op"]
        if operation == "keep":
            return decoder.decode(request["args"][0])
        target = self.target(request["target"], request["attributes"], decoder)
        args = [decoder.decode(arg) for arg in request["args"]]
        if operation == "get":
            return target
        if operation == "set":
            setattr(target, request["name"], args[0])
            return None
        return target(*args, **{k: decoder.decode(v) for k, v in request["kwargs"].items()})

    def target(self, target: str | int, attributes: list[str], decoder: Decoder) -> Any:
        named = isinstance(target, str)
        found: Any = importlib.import_module(str(target)) if named else decoder.held(int(target))
        for name in attributes:
            listed = name.isdigit() and isinstance(found, (list, tuple))  # "layers.0.weight"
            found = found[int(name)] if listed else getattr(found, name)
        return found

    def show_warning(
        self,
        message: Warning | str,
        category: type[Warning],  # noqa: ARG002  # as `warnings` calls it
        filename: str,
        lineno: int,
        *_: object,
        **__: object,
    ) -> None:
        """A line such as `week_1/losses.py:41: divide by zero encountered in log`; once a call."""
        name = os.path.relpath(filename, self.root) if filename.startswith(self.root) else filename
        text = f"{name}:{lineno}: {message}\n"
        if text not in self.warned:
            self.warned.add(text)
            self.printed.write(text)

    def describe(self, error: BaseException) -> dict[str, Any]:
        """The exception in words, and the submission's own lines in its traceback."""
        frames: list[list[Any]] = []
        with contextlib.suppress(BaseException):
            for frame in traceback.extract_tb(error.__traceback__)[-50:]:
                if frame.filename.startswith(self.root):
                    name = os.path.relpath(frame.filename, self.root)
                    frames.append([name, frame.lineno or 0, frame.name, (frame.line or "")[:200]])
            if isinstance(error, SyntaxError) and str(error.filename).startswith(self.root):
                name = os.path.relpath(str(error.filename), self.root)
                frames.append([name, error.lineno or 0, "", (error.text or "").strip()[:200]])
        try:
            message = error.msg if isinstance(error, SyntaxError) else str(error)
            message = message[:2000]
        except TimeIsUp:
            raise
        except BaseException:
            message = "(its message can't be shown)"
        try:
            kinds = [kind.__name__[:100] for kind in type(error).__mro__ if kind is not object]
        except TimeIsUp:
            raise
        except BaseException:
            kinds = ["Exception"]  # a class that doesn't tell its name
        return {"status": "raised", "kinds": kinds[:20], "message": message, "frames": frames[-8:]}


def limit_resources(limits: dict[str, int]) -> None:
    """Bound this process before it loads the submission; what a system lacks is left out."""
    try:
        import resource
    except ImportError:  # Windows
        return
    for name, value in limits.items():
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(getattr(resource, name), (value, value))


def end_with_parent() -> None:
    """Let the kernel end this process with the grader's: bubblewrap does the same for itself."""
    if sys.platform == "linux":
        import ctypes  # NumPy imports it anyway

        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def leave_out_docstrings() -> None:
    """NumPy's compiled functions get theirs from two modules when it is imported, which takes a
    tenth of that time. Nobody reads them here."""
    for name in ("numpy._core._add_newdocs", "numpy._core._add_newdocs_scalars"):
        sys.modules[name] = ModuleType(name)


def main() -> None:
    end_with_parent()
    root, numpy_folder, limits = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
    sys.path.insert(0, numpy_folder)
    gc.disable()  # importing makes no garbage worth a search, and what it makes stays
    leave_out_docstrings()
    import numpy as np

    gc.freeze()
    gc.enable()
    sys.path.pop(0)  # numpy is loaded; what lies beside it can't be imported
    sys.path.append(root)  # last: a submission can't take the place of a standard module
    sys.dont_write_bytecode = True
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    limit_resources(limits)
    server = Server(np, root, requests, replies)
    # Whatever goes wrong until here is not the submission's doing, and the grader must know.
    server.write({"status": "ok", "id": 0, "value": {"t": "null"}}, [])
    server.serve()
    os._exit(0)  # nothing of the submission is called on the way out


if __name__ == "__main__":
    main()
