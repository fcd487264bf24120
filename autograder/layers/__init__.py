"""For courses on neural networks: what every layer promises, and training. Nothing imports it."""
