"""mmresearch: test what is claimed of medical massage against a study's session outcomes."""

__version__ = "0.1.0"
