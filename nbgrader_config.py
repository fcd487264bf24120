"""nbgrader's configuration: its source is solutions/, its release is assignments/.

`release build` and `autograder gradebook` use it; `nbgrader generate_assignment week_1 --no-db`
in this folder does the same by hand.
"""

from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    ComputeChecksums,
    LockCells,
    SaveCells,
)

from release.stubs import ClearSolutionsWithTodo

c = get_config()  # noqa: F821 - nbgrader puts it there

c.CourseDirectory.directory_structure = "{nbgrader_step}/{student_id}/{assignment_id}"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "assignments"
c.CourseDirectory.submitted_directory = "grading/submitted"
c.CourseDirectory.autograded_directory = "grading/autograded"
c.CourseDirectory.feedback_directory = "grading/feedback"
c.CourseDirectory.notebook_id = "exercise"
# nbgrader copies everything that lies beside a notebook, the solutions among it: copy nothing.
c.CourseDirectory.ignore = ["*"]
# In place of nbgrader's own ClearSolutions: each stub says what is to be done, as in the modules.
c.GenerateAssignment.preprocessors = [
    LockCells,
    ClearSolutionsWithTodo,
    ClearOutput,
    CheckCellMetadata,
    ComputeChecksums,
    SaveCells,
    ClearHiddenTests,
    ClearMarkScheme,
    ComputeChecksums,
    CheckCellMetadata,
]
c.ClearSolutions.text_stub = "*Write your answer here.*"
