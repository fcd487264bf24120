"""The run of a week's checks with pytest, in the trusted process."""
