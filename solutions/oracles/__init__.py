"""Expected arrays, computed by torch: one function per file, of the same name.

Each is pure: arrays and plain values in, a dictionary of arrays out. They are imported only
when a value isn't cached, because importing torch costs seconds. All compute in float64, on one
thread, and return float64; the caller casts to what it expects.
"""
