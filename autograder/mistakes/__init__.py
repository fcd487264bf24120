"""The catalogue of mistakes: what each looks like, and which one explains a failure."""
