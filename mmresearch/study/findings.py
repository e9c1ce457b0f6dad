"""Everything wrong with a study, gathered until all of it is known; sentences with counts, never a patient's value."""

from mmresearch.errors import DataError, PrivacyError, counted
from mmresearch.study.decisions import lines_to_paste

DATA_REMEDY = "Correct study.toml or the export, then: mmresearch check {where}"
PRIVACY_REMEDY = (
    "Nothing was kept. Replace every date by days since that patient's baseline, names by pseudonyms, leave out or "
    "unmap identifying columns, write ages above 89 as 90+ (`mmresearch anonymize` does all of it), "
    "then: mmresearch check {where}"
)
DECIDE = "Where a column that is asked about may stand, decide so at the end of study.toml (docs/anonymity.md):"
MISTAKEN = "Where a finding is mistaken, a decision in study.toml lifts it (docs/anonymity.md)"


class Findings:
    """Collects what is wrong (`wrong`), what identifies (`identifies`) and what a reader should know (`note`)."""

    def __init__(self, decisions=()):
        self.data, self.privacy, self.notes, self.unread = [], [], [], {}
        self.decisions, self.asked, self.blocked, self.lifted = decisions, {}, {}, []

    def wrong(self, where, what):
        self._add(self.data, where, what)

    def identifies(self, where, what, liftable=None, ask=False):
        """Add what identifies. liftable: (file, column, rule) where a decision of the study may lift it.

        ask: it may well be harmless, so that the message holds the lines of such a decision
        """
        deciding = [each for each in self.decisions if liftable and each.covers(*liftable)]
        self.lifted += deciding
        if not deciding:
            self._add(self.privacy, where, what)
            if liftable:
                (self.asked if ask else self.blocked).setdefault(liftable)

    def note(self, where, what):
        self._add(self.notes, where, what)

    def raise_all(self, where):
        """Raise one PrivacyError or DataError with all findings; return when there are none."""
        if self.privacy:
            what = f"{counted(len(self.privacy), 'finding')} of identifying data"
            what += f" and {len(self.data)} further" if self.data else ""
            remedy = PRIVACY_REMEDY.format(where=where)
            if self.asked:
                remedy += f"\n{DECIDE}\n{lines_to_paste(self.asked)}"
            elif self.blocked:
                rules = ", ".join(dict.fromkeys(f'"{rule}"' for _, _, rule in self.blocked))
                remedy += f"\n{MISTAKEN}: lifts = {rules}."
            raise PrivacyError(where, what, [*self.privacy, *self.data], remedy)
        if self.data:
            raise DataError(
                where, f"{counted(len(self.data), 'thing')} to correct", self.data, DATA_REMEDY.format(where=where)
            )

    @staticmethod
    def _add(heap, where, what):
        sentence = f"{where}: {what}" if where else what
        if sentence not in heap:
            heap.append(sentence)
