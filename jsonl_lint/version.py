"""The version, for whoever may not import the package itself: it stands above all layers."""

__version__ = "0.1.0"
