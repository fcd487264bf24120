"""Small public cases of each class: the smallest that goes wrong is shown, and together they tell
mistakes apart.

They run after the checks, in a worker of their own that has never met a hidden input, and never
move a point.
"""
