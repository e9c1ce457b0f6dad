"""Warm kernels: what notebooks import is imported once, in a template process; each kernel is forked from it.

A fork costs a fraction of a start with its imports, and is a fresh process all the same: no notebook runs
in the template, so nothing leaks from one to the next. The study a page reads is read there too, once for all
its pages; a kernel takes it over while the files hold the same bytes. `provisioner` is Jupyter's side,
`template` the process.
"""

from mmresearch.runner.warm.registration import AHEAD, KERNEL, SPECS, possible, register

__all__ = ["AHEAD", "KERNEL", "SPECS", "possible", "register"]
