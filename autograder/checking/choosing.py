"""Which checks are asked for by a word: those of a module or of a class, or a single one."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import PurePath

from autograder.checking.names import is_named_for
from autograder.options import InputError
from autograder.results import CheckResult, Todo
from course.config import Week
from course.errors import did_you_mean


def chosen(asked: str, week: Week, checks: list[CheckResult]) -> frozenset[str]:
    """The ids of the checks that `asked` means; capitals don't count.

    Args:
        asked: a module ("linear", "linear.py"), a class ("ReLU"), or a check by its name or title.
    Raises:
        InputError: it means none; the message has the nearest word.
    """
    word = asked.strip().casefold()
    word = PurePath(word).stem if word.endswith(".py") else word
    classes = [name for names in week.modules.values() for name in names]
    for check in checks:
        if word in (check.title.casefold(), name_of(check).casefold(), check.id.casefold()):
            return frozenset({check.id})
    found = [check.id for check in checks if word == check.module.casefold()]
    for name in classes:
        if word == name.casefold():
            found += [check.id for check in checks if is_named_for(name_of(check), name)]
    if not found:
        raise InputError(unknown(asked, week, classes, checks))
    return frozenset(found)


def todos_of(checks: Collection[CheckResult], todos: Iterable[Todo]) -> list[Todo]:
    """The stubs that these checks wait for: of their classes, or else of their modules."""
    files = {f"{check.module}.py": check for check in checks}
    names = [name_of(check) for check in checks]
    near = [todo for todo in todos if PurePath(todo.file).name in files]
    classes = {todo.name.partition(".")[0] for todo in near}
    own = {one for one in classes if any(is_named_for(name, one) for name in names)}
    return [todo for todo in near if not own or todo.name.partition(".")[0] in own]


def unknown(asked: str, week: Week, classes: list[str], checks: list[CheckResult]) -> str:
    modules = list(dict.fromkeys(check.module for check in checks))
    nearest = nearest_word(asked, [*classes, *modules, *words_of(checks)])
    return (
        f'week {week.number} has no module, class or check "{asked}".{nearest} '
        f"Its classes: {', '.join(classes)}. Its modules: {', '.join(modules)}"
    )


def words_of(checks: list[CheckResult]) -> list[str]:
    """What a check may be called: its name or its title."""
    return [*(name_of(check) for check in checks), *(check.title for check in checks)]


def nearest_word(asked: str, words: list[str]) -> str:
    """A question that has the nearest word, or nothing; capitals don't count."""
    nearest = did_you_mean(asked.casefold(), {word.casefold() for word in words}, 0.5)
    by_folded = {word.casefold(): word for word in reversed(words)}
    for folded, word in by_folded.items():
        nearest = nearest.replace(f'"{folded}"', f'"{word}"')
    return nearest


def name_of(check: CheckResult) -> str:
    """test_relu_forward"""
    return check.id.partition("::")[2]
