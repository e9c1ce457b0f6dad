"""What can be worked out by subtracting one released number from another. Groups of patients are bits of an integer."""

from itertools import combinations

PRIME = 2_147_483_647  # ranks modulo a prime: exact, and a false zero is one in two thousand million


def size(crowd):
    return crowd.bit_count()


def parts_few(crowd, other, fewest):
    """True where one group holds the other and the rest of it is 1 to fewest - 1 patients."""
    if crowd & other not in (crowd, other):
        return False
    return 0 < size(crowd ^ other) < fewest


def close(crowd, other, fewest):
    """True where two groups differ by 1 to fewest - 1 patients, whichever way."""
    return 0 < size(crowd ^ other) < fewest


def tells_few(crowds, fewest):
    """True where sums of one variable over these groups can be combined into a sum over fewer than `fewest` patients.

    Patients whom no group tells apart form an atom; a released sum is a sum of atoms. Looked for are: two groups that
    differ by few; a small atom, or two of them, in the span of what was released; a small row of the reduced matrix.
    """
    crowds = list(dict.fromkeys(crowds))
    if any(close(one, other, fewest) for one, other in combinations(crowds, 2)):
        return True
    atoms = split(crowds)
    rows = reduce_rows([[int(bool(crowd & atom)) for atom in atoms] for crowd in crowds])
    if any(sum(size(atom) for atom, x in zip(atoms, row) if x) < fewest for row in rows):
        return True
    small = [place for place, atom in enumerate(atoms) if size(atom) < fewest]
    wanted = [(place,) for place in small] + [
        pair for pair in combinations(small, 2) if size(atoms[pair[0]]) + size(atoms[pair[1]]) < fewest]
    return any(_spanned(rows, places, signs, len(atoms)) for places in wanted
               for signs in ((1,), (1, 1), (1, PRIME - 1)) if len(signs) == len(places))


def split(crowds):
    """Return the atoms: the largest groups that lie wholly inside or outside each of the crowds."""
    everyone = 0
    for crowd in crowds:
        everyone |= crowd
    atoms = [everyone] if everyone else []
    for crowd in crowds:
        atoms = [part for atom in atoms for part in (atom & crowd, atom & ~crowd) if part]
    return atoms


def reduce_rows(rows):
    """Return the reduced row echelon form, modulo PRIME, without its rows of zeros."""
    rows, made = [list(row) for row in rows], []
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((row for row in rows if row[column]), None)
        if pivot is None:
            continue
        rows.remove(pivot)
        inverse = pow(pivot[column], PRIME - 2, PRIME)
        pivot = [x * inverse % PRIME for x in pivot]
        rows, made = ([_less(row, pivot, column) for row in part] for part in (rows, made))
        made.append(pivot)
    return made


def _less(row, pivot, column):
    factor = row[column]
    return [(x - factor * y) % PRIME for x, y in zip(row, pivot)] if factor else row


def _spanned(rows, places, signs, width):
    """True where the vector with these entries lies in the span of reduced rows."""
    vector = [0] * width
    for place, sign in zip(places, signs):
        vector[place] = sign
    for row in rows:
        vector = _less(vector, row, next(place for place, x in enumerate(row) if x))
    return not any(vector)
