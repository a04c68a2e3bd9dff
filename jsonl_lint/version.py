"""The version, in a module of its own: the package itself stands above all layers, so no layer may import it."""

__version__ = "0.1.0"
