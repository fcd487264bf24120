"""`pytest assignments/week_1/checks/test_linear.py`, or an editor's test explorer, runs checks."""

pytest_plugins = ["autograder.cli.pytest_checks"]
