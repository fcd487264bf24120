"""From the solutions to what students get: assignments, their proof, and exercise branches."""
