"""The files clinics have, read as text: the only room that opens them.

`read(source)` gives a Sheet and the SHA-256 of what was read, or raises Refusal. Text files are read here, with the
standard library. Whatever is parsed by C code of others is read in a child process with limits (`handover`, `child`).
"""

from mmresearch.formats.place import shown
from mmresearch.formats.reading import read
from mmresearch.formats.sheet import Refusal, Sheet, Source, Unready, eye_sees, looks_like_a_name, tidy

__all__ = ["Refusal", "Sheet", "Source", "Unready", "eye_sees", "looks_like_a_name", "read", "shown", "tidy"]
