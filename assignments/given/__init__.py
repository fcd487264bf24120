"""Complete code that every student gets: modules, data, training."""
