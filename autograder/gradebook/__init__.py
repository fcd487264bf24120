"""nbgrader's gradebook, for grading written answers by hand."""
