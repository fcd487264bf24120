"""The nbgrader preprocessor that cuts solutions out of notebooks the way modules are cut.

Only nbgrader imports this, by its name in nbgrader_config.py.
"""

from __future__ import annotations

from typing import Any

from nbgrader.preprocessors import ClearSolutions

from course.markers import strip_solutions
from course.notebooks import NAME


class ClearSolutionsWithTodo(ClearSolutions):  # type: ignore[misc]
    """Replaces each SOLUTION region by its TODO and a NotImplementedError with its place."""

    def preprocess(self, nb: Any, resources: Any) -> Any:
        self.name = f"{resources['nbgrader']['assignment']}/{NAME}"
        return super().preprocess(nb, resources)

    def _replace_solution_region(self, cell: Any, language: str) -> bool:
        if cell.cell_type != "code" or self.begin_solution_delimeter not in cell.source:
            return bool(super()._replace_solution_region(cell, language))
        cell.source = strip_solutions(cell.source, self.name)
        return True
