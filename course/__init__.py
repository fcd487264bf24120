"""What the grader and the release share: reading course.toml, and reading markers."""
