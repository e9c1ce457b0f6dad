"""Whether a run's sources are still what they were when it began: what rests on two states is not published."""

import sys

from mmresearch.cli.sources import PACKAGE, notebook_files, study_files
from mmresearch.errors import DataError
from mmresearch.study import read_study


def check_unchanged(jobs, snapshot):
    """Raise DataError where a study's files are not what they were when the run began: its pages may rest on either.

    Where mmresearch itself was changed, that is told: it happens to those who work on it.
    """
    changed, ours = snapshot.changed(), set(notebook_files())
    files = [f"{path.parent.name}/{path.name}" for path in changed
             if path not in ours and not path.is_relative_to(PACKAGE)]
    found = files + [f"{job.folder.name}: what its database holds" for job in jobs if _differs(job)]
    if found:
        raise DataError("run", "the data changed while it ran, so that its pages may rest on two states of them", found,
                        "Nothing was published; a report that stood there is unchanged. "
                        "Give the same command when nobody writes to these files.")
    if changed:
        print("mmresearch itself was changed while it ran: pages executed since then are not kept, and the report may "
              "rest on both states. Give the same command again.", file=sys.stderr)


def _differs(job):
    """Whether a study with content from elsewhere, such as a database server, reads differently now."""
    return not study_files(job.folder)[1] and read_study(job.folder).sha256 != job.dataset.sha256
