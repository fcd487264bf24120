"""The mistakes of the catalogue: made, what each looks like, and which one explains a failure."""
