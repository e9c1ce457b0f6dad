"""Settings every test shares."""

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)  # a deadline fails on a busy machine, not on a wrong result
settings.load_profile("unhurried")
