"""Everything wrong with a study, gathered until all of it is known; sentences with counts, never a patient's value."""

from mmresearch.errors import DataError, PrivacyError, counted

DATA_REMEDY = "Correct study.toml or the export, then: mmresearch check {where}"
PRIVACY_REMEDY = (
    "Nothing was kept. Replace every date by days since that patient's baseline, names by pseudonyms, leave out or "
    "unmap identifying columns, write ages above 89 as 90+ (`mmresearch anonymize` will do this one day), "
    "then: mmresearch check {where}"
)


class Findings:
    """Collects what is wrong (`wrong`), what identifies (`identifies`) and what a reader should know (`note`)."""

    def __init__(self):
        self.data, self.privacy, self.notes, self.unread = [], [], [], {}

    def wrong(self, where, what):
        self._add(self.data, where, what)

    def identifies(self, where, what):
        self._add(self.privacy, where, what)

    def note(self, where, what):
        self._add(self.notes, where, what)

    def raise_all(self, where):
        """Raise one PrivacyError or DataError with all findings; return when there are none."""
        if self.privacy:
            what = f"{counted(len(self.privacy), 'finding')} of identifying data"
            what += f" and {len(self.data)} further" if self.data else ""
            raise PrivacyError(where, what, [*self.privacy, *self.data], PRIVACY_REMEDY.format(where=where))
        if self.data:
            raise DataError(
                where, f"{counted(len(self.data), 'thing')} to correct", self.data, DATA_REMEDY.format(where=where)
            )

    @staticmethod
    def _add(heap, where, what):
        sentence = f"{where}: {what}" if where else what
        if sentence not in heap:
            heap.append(sentence)
