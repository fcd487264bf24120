"""Week 1: activations, losses and the linear layer."""
