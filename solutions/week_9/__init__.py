"""Week 9: a generative adversarial network."""
