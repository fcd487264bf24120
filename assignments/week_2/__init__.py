"""Week 2: convolution, max pooling and flatten: a convolutional network."""
