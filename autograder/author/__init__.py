"""For authors of courses: verify, calibrate, and the expected values of a release."""
