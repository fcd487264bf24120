"""The exercise branches: what they hold, and how one continues the other."""

from __future__ import annotations

from course.config import ANSWERS, Course
from course.errors import CourseError
from release import branches, trees
from release.branches import Published
from release.git import Git
from release.readme import README, for_week
from release.trees import Tree

# What an exercise branch holds beside assignments/, of what the course's repository holds: a course
# whose engine is installed has no packages.
PACKAGES = ("autograder", "course")
ROOT_FILES = (
    "Makefile",
    "pyproject.toml",
    "constraints.txt",
    "course.toml",
    "LICENSE",
    ".gitignore",
    "docs/grading.md",
)
STUDENTS = "students"  # a folder with what lies at the top of a student's checkout


def publish(course: Course, number: int, branch: str = "") -> Published:
    """Commit what students get for weeks 1 to `number`, on top of all that was published before.

    Raises:
        CourseError: something is missing, or the branch is checked out.
    """
    branch = branch or branches.exercise(number)
    return branches.point(Git(course.root), branch, prepare(course, number, branch))


def prepare(course: Course, number: int, branch: str) -> str:
    """The commit that is to be published: it belongs to no branch yet, so it can be proven first.

    Raises:
        CourseError: something is missing, or the branch is checked out.
    """
    git = Git(course.root)
    branches.refuse(git, branch)
    earlier = [n for n in sorted(course.weeks) if n < number]
    tree = contents(course, git, number)
    before: list[str | None] = [branches.tip(git, branches.exercise(n)) for n in earlier]
    for n in earlier:
        if given := branches.tip(git, branches.answer(n)):
            tree |= trees.read(git, given, f"{ANSWERS}/week_{n}")
            before.append(given)
    message = f"Week {number}: {course.week(number).title}"
    return branches.commit(git, branch, trees.write(git, tree), before, message)


def behind(course: Course, number: int) -> list[str]:
    """Exercise branches of later weeks that don't hold yet what was published of this one."""
    git = Git(course.root)
    own = branches.tip(git, branches.exercise(number))
    later = [branches.exercise(n) for n in sorted(course.weeks) if n > number]
    there = [(name, branches.tip(git, name)) for name in later]
    return [
        name
        for name, end in there
        if own and end and not git.succeeds("merge-base", "--is-ancestor", own, end)
    ]


def contents(course: Course, git: Git, number: int) -> Tree:
    """What an exercise branch holds, answers apart: everything that git doesn't ignore."""
    built = [f"assignments/week_{n}" for n in sorted(course.weeks) if n <= number]
    sources = (course.solutions / "given", course.fixtures)
    built += [f"assignments/{source.name}" for source in sources if source.exists()]
    missing = [name for name in built if not (course.root / name).exists()]
    if missing:
        raise CourseError(*(f"{name}: missing. An exercise branch needs it." for name in missing))
    beside = [n for n in (*PACKAGES, *ROOT_FILES, STUDENTS) if (course.root / n).exists()]
    listed = git.paths(
        "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *built, *beside
    )
    files = {
        path.removeprefix(f"{STUDENTS}/"): course.root / path
        for path in sorted(set(listed))
        if (course.root / path).exists() or (course.root / path).is_symlink()
    }
    tree = trees.from_disk(git, files)
    if (course.root / README).is_file():
        text = for_week(course, number, (course.root / README).read_text(encoding="utf-8"))
        tree |= trees.from_bytes(git, {"README.md": text.encode()})
    return tree
