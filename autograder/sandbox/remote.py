"""Objects of a submission, as checks hold them: calls and attributes go over the pipe.

What comes back is a plain array, number, string or a collection of these, copied; anything
else stays in the worker and comes back as a `Remote`. Checks read like code:

    layer = student.linear.Linear(3, 4)
    output = layer.forward(x)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.sandbox import protocol as wire
from autograder.sandbox.protocol import Array, ArraySpec, ProtocolError, Request, Value
from autograder.sandbox.session import Session


class StaleObject(Exception):
    """A check uses an object of a worker that has ended: the check is written wrongly."""


class Outgoing:
    """Turns the arguments of a call into a message."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.specs: list[ArraySpec] = []
        self.arrays: list[Array] = []

    def encode(self, value: Any) -> Value:
        if value is None:
            return wire.Null()
        if isinstance(value, bool):
            return wire.Bool(value)
        if isinstance(value, int):
            return wire.Int(value)
        if isinstance(value, float) and not isinstance(value, np.generic):
            return wire.Float(value.hex())
        if isinstance(value, str):
            return wire.Str(value)
        if isinstance(value, (np.ndarray, np.generic)):
            return self.array(np.asarray(value))
        if isinstance(value, tuple):
            return wire.Tuple([self.encode(item) for item in value])
        if isinstance(value, list):
            return wire.List([self.encode(item) for item in value])
        if isinstance(value, dict):
            return wire.Dict([(self.encode(k), self.encode(v)) for k, v in value.items()])
        if isinstance(value, Remote):
            return wire.Handle(handle_of(value))
        raise TypeError(f"a check can't send a {type(value).__name__} to a submission")

    def array(self, array: Array) -> wire.ArrayRef:
        if array.dtype.str not in wire.DTYPES:
            raise TypeError(f"a check can't send an array of dtype {array.dtype}")
        layout = "C" if array.flags.c_contiguous else "F" if array.flags.f_contiguous else "strided"
        self.specs.append(ArraySpec(array.dtype.str, list(array.shape), layout))
        self.arrays.append(array)
        return wire.ArrayRef(len(self.arrays) - 1)


def send(session: Session, request: Request, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Fill in the arguments, ask, and turn the answer into a value."""
    out = Outgoing(session)
    request.args = [out.encode(arg) for arg in args]
    request.kwargs = {name: out.encode(arg) for name, arg in kwargs.items()}
    request.arrays = out.specs
    reply, arrays = session.ask(request, out.arrays)
    try:
        return incoming(session, reply.value, [*arrays])
    except RecursionError:
        raise ProtocolError("a value nested too deeply") from None


def incoming(session: Session, value: Value, arrays: list[Array | None]) -> Any:
    """A validated value as a check sees it.

    Raises:
        ProtocolError: a reference to nothing, or a second one to the same array: few bytes would
            become many.
    """
    if isinstance(value, wire.Null):
        return None
    if isinstance(value, wire.Float):
        try:
            return float.fromhex(value.v)
        except (ValueError, OverflowError):
            raise ProtocolError("a number that is none") from None
    if isinstance(value, wire.ArrayRef):
        if not 0 <= value.v < len(arrays):
            raise ProtocolError("a reference to an array that wasn't sent")
        array, arrays[value.v] = arrays[value.v], None
        if array is None:
            raise ProtocolError("an array in two places")
        return array
    if isinstance(value, wire.Handle):
        return Remote(session, value)
    if isinstance(value, (wire.List, wire.Tuple)):
        items = [incoming(session, item, arrays) for item in value.v]
        return tuple(items) if isinstance(value, wire.Tuple) else items
    if isinstance(value, wire.Dict):
        return pairs(session, value, arrays)
    if isinstance(value, wire.Failed):
        raise ProtocolError("an exception where there can't be one")
    return value.v


def pairs(session: Session, value: wire.Dict, arrays: list[Array | None]) -> dict[Any, Any]:
    result = {}
    for key, item in value.v:
        if not isinstance(key, (wire.Null, wire.Bool, wire.Int, wire.Float, wire.Str)):
            raise ProtocolError("a dictionary with a key that is neither text nor number")
        result[incoming(session, key, arrays)] = incoming(session, item, arrays)
    return result


class Remote:
    """An object that stays in the worker."""

    def __init__(self, session: Session, handle: wire.Handle) -> None:
        methods = frozenset(handle.methods)
        name = wire.clean(handle.name, 100)
        self.__dict__.update(_session=session, _generation=session.generation)
        self.__dict__.update(_handle=handle.v, _methods=methods, _name=name)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # pytest and copy look for such names: never the submission's
            raise AttributeError(name)
        if name in self._methods:
            return Function(self._session, self, (name,))
        return self.read(name)

    def read(self, path: str) -> Any:
        """The value of a dotted attribute: `layer.read("weight.grad")` is one round trip."""
        request = Request(0, "get", target=handle_of(self), attributes=path.split("."))
        return send(self._session, request, (), {})

    def __setattr__(self, name: str, value: Any) -> None:
        send(self._session, Request(0, "set", target=handle_of(self), name=name), (value,), {})

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return Function(self._session, self, ())(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<{wire.with_article(self._name)} of the submission>"


def handle_of(remote: Remote) -> int:
    if remote._generation != remote._session.generation:
        raise StaleObject(f"{remote!r} ended with its worker")
    return int(remote._handle)


class Function:
    """Something of the submission that can be called: a class, a function, a method.

    What a class makes stays in the worker, also where it is a kind of list, dict or array.
    """

    def __init__(self, session: Session, target: str | Remote, attributes: tuple[str, ...]) -> None:
        self.session, self.target, self.attributes = session, target, attributes

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        makes = isinstance(self.target, str) and self.attributes[-1][0].isupper()
        return self.ask(makes, args, kwargs)

    def ask(self, makes: bool, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call it. What it returns stays in the worker, whatever it is, if it `makes` that."""
        target = self.target if isinstance(self.target, str) else handle_of(self.target)
        request = Request(
            0, "make" if makes else "call", target=target, attributes=list(self.attributes)
        )
        result = send(self.session, request, args, kwargs)
        if makes and not isinstance(result, Remote):
            raise ProtocolError("no object from a call whose result stays")
        return result


class Module:
    """A module in the worker: its attributes are things to call."""

    def __init__(self, session: Session, name: str) -> None:
        self._session, self._name = session, name

    def __getattr__(self, name: str) -> Function:
        if name.startswith("_"):
            raise AttributeError(name)
        return Function(self._session, self._name, (name,))


class Package:
    """A package in the worker, `week_1` or `given`: its attributes are modules."""

    def __init__(self, session: Session, name: str) -> None:
        self._session, self._name = session, name

    def __getattr__(self, name: str) -> Module:
        if name.startswith("_"):
            raise AttributeError(name)
        return Module(self._session, f"{self._name}.{name}")
