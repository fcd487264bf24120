"""Week 3: optimizers, dropout, embedding, positional encoding."""
