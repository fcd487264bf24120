"""The README of an exercise branch: the students' own, with the current week and the next."""

from __future__ import annotations

from course.config import Course, Week
from release.branches import exercise

README = "assignments/README.md"
PLACE = "<!-- this week -->"  # the line in README for it; without one it comes at the end


def for_week(course: Course, number: int, text: str) -> str:
    """The text with what there is to do now, and the command that brings what comes after."""
    told = this_week(course, course.week(number))
    if PLACE in text:
        return text.replace(PLACE, told)
    return f"{text.rstrip()}\n\n{told}\n"


def this_week(course: Course, week: Week) -> str:
    number, topics = week.number, f": {', '.join(week.topics)}" if week.topics else ""
    parts = [
        f"## Now: week {number}, {week.title}",
        f"The handout is [assignments/week_{number}/README.md](assignments/week_{number}/README.md)"
        f"{topics}.",
        f"```\nmake grade WEEK={number}\n```",
    ]
    later = [n for n in sorted(course.weeks) if n > number]
    if later:
        parts += [
            f"Week {later[0]} comes with the following, once it is released. What you wrote stays: "
            "commit it before.",
            f"```\ngit fetch\ngit merge origin/{exercise(later[0])}\n```",
        ]
    else:
        parts.append("This is the last week.")
    return "\n\n".join(parts)
