"""Small changes of a source: what they are, and the sources that they make."""
