"""Week 4: a recurrent network, and the way from text to ids and back."""
