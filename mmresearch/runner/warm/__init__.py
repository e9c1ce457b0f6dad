"""Warm kernels: what notebooks import is imported once, in a template process; each kernel is forked from it.

A fork costs a fraction of a start with its imports, and is a fresh process all the same: no notebook runs
in the template, so nothing leaks from one to the next. `provisioner` is Jupyter's side, `template` the process.
"""

from mmresearch.runner.warm.registration import KERNEL, SPECS, possible, register

__all__ = ["KERNEL", "SPECS", "possible", "register"]
