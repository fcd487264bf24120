"""Expected arrays: released with the checks, cached, or computed by the course's oracles."""
