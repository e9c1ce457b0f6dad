"""What a release says so far: a further number is let out only if none that is out already gives it away."""

from dataclasses import dataclass, field

from mmresearch.disclosure.differencing import parts_few, size, tells_few


@dataclass
class Said:
    """The groups counted and the variables summed in the release being made; filled in order of importance."""

    policy: object
    counts: set = field(default_factory=set, repr=False)
    sums: dict = field(default_factory=dict, repr=False)  # variable -> groups
    reached: dict = field(default_factory=dict, repr=False)  # (instrument, visit, group) -> how many reached something
    withheld: list = field(default_factory=list)

    def count(self, *crowds):
        """True, and noted, where the sizes of these groups may be told: none small, none another's but for few."""
        fewest = self.policy.fewest
        fine = all(size(crowd) >= fewest for crowd in crowds) and not any(
            parts_few(crowd, other, fewest) for crowd in crowds for other in self.counts | set(crowds))
        if fine:
            self.counts |= set(crowds)
        return fine

    def reach(self, told):
        """True, and noted, where how many of a group reached a threshold may be told beside another threshold's.

        told: ((instrument, visit, group), how many) of each arm. Who reaches the higher threshold reaches the lower.
        """
        fine = not any(self.policy.small(abs(count - other)) for key, count in told
                       for other in self.reached.get(key, ()))
        for key, count in told if fine else ():
            self.reached.setdefault(key, set()).add(count)
        return fine

    def sum(self, variable, *crowds):
        """True, and noted, where means or sums of that variable over these groups may be told."""
        fewest, before = self.policy.fewest, self.sums.get(variable, ())
        new = [crowd for crowd in dict.fromkeys(crowds) if crowd not in before]
        fine = all(size(crowd) >= fewest for crowd in crowds) and (
            not new or not tells_few([*before, *new], fewest))
        if fine and new:
            self.sums[variable] = (*before, *new)
        return fine
