"""The version of the engine, and whether it is one that a course asks for."""

from __future__ import annotations

from course.errors import CourseError

VERSION = "0.2.0"  # of this package, read by pyproject.toml


def require(wanted: str) -> None:
    """Refuse to go on if the engine's version isn't one of those that a course asks for.

    Args:
        wanted: versions as pip writes them: ">=0.2" or ">=0.2,<1".
    Raises:
        CourseError: `wanted` is none, or this engine is another.
    """
    from packaging.specifiers import InvalidSpecifier, SpecifierSet  # pytest needs it as well

    place = "course.toml: [course]: "
    try:
        versions = SpecifierSet(wanted)
    except InvalidSpecifier:
        raise CourseError(f'{place}engine = "{wanted}": write it as ">=0.2".') from None
    if VERSION not in versions:
        raise CourseError(
            f'{place}engine = "{wanted}", and the engine installed here is {VERSION}. '
            "Install one of those, or change what the course asks for."
        )
