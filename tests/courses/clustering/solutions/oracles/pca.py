"""Principal components from the eigenvectors of the covariance matrix."""

import numpy as np


def pca(x, n_components):
    """components (n_components, D), variances (n_components,), projected (N, n_components)."""
    variances, vectors = np.linalg.eigh(np.cov(x, rowvar=False))
    components = vectors.T[::-1][:n_components]
    largest = np.abs(components).argmax(axis=1)
    components = components * np.sign(components[range(n_components), largest])[:, None]
    return {
        "components": components,
        "variances": variances[::-1][:n_components],
        "projected": (x - x.mean(axis=0)) @ components.T,
    }
