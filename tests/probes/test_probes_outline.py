"""What is kept of a submission's replies: objects, however large the rest is."""

from __future__ import annotations

from autograder.probes.observing import outline
from autograder.sandbox import protocol as wire
from autograder.sandbox.protocol import Ok, Raised


def kept(value: wire.Value) -> wire.Value:
    reply = outline(Ok(1, value, [], "x" * 1000))
    assert isinstance(reply, Ok)
    assert reply.printed == ""
    return reply.value


def test_objects_stay_in_their_places() -> None:
    value = wire.Tuple([wire.Float("0x1p+0"), wire.List([wire.Handle(7, "Linear", ["forward"])])])
    assert kept(value) == wire.Tuple([wire.Bool(True), wire.List([wire.Handle(7)])])
    assert kept(wire.Dict([(wire.Str("a"), wire.Handle(3))])) == wire.Dict(
        [(wire.Str("a"), wire.Handle(3))]
    )
    assert kept(wire.Null()) == wire.Null()


def test_nothing_large_is_kept() -> None:
    deep: wire.Value = wire.Handle(1)
    for _ in range(10):
        deep = wire.List([deep])
    many = wire.List([wire.Int(1)] * 1000)
    named = wire.Dict([(wire.Str("x" * 1000), wire.Handle(1))])
    for value in (
        many,
        wire.Str("x" * 1000),
        deep,
        named,
        wire.Handle(1, "x" * 1000, ["x"] * 1000),
    ):
        assert len(repr(kept(value))) < 200
    raised = outline(Raised(1, ["x" * 1000], "x" * 1000, [("x" * 1000, 1, "", "")]))
    assert raised == Raised(1, [], "", [])
