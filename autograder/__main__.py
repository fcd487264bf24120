"""`python -m autograder`."""

from autograder.cli import start

if __name__ == "__main__":
    start()
