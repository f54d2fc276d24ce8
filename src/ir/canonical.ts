/**
 * The canonical order in which a workgroup combines values: it fixes the bits of float sums, on every device.
 *
 * A block is up to 1,024 elements in linear order, which is also the largest workgroup. Lane l of 64 folds elements l,
 * l + 64, … in order, starting from its first; then halves are folded onto each other, left operand first. A scan goes by
 * rows of 64.
 */

const lanes = 64;

/** One combined value of a block of at least one element. */
export function combineBlock<V>(elements: readonly V[], combine: (left: V, right: V) => V): V {
  const folded = elements.slice(0, lanes);
  for (let i = lanes; i < elements.length; i++) folded[i % lanes] = combine(folded[i % lanes]!, elements[i]!);
  for (let half = lanes / 2; half >= 1; half /= 2)
    for (let l = 0; l < half && l + half < folded.length; l++) folded[l] = combine(folded[l]!, folded[l + half]!);
  return folded[0]!;
}

/** Inclusive scan of a block: within a row by doubling; the totals of the rows before, left to right, come first. */
export function scanBlock<V>(elements: readonly V[], combine: (left: V, right: V) => V): V[] {
  const results: V[] = [];
  let before: V | undefined;
  for (let start = 0; start < elements.length; start += lanes) {
    let row = elements.slice(start, start + lanes);
    for (let d = 1; d < lanes; d *= 2) row = row.map((own, i) => (i < d ? own : combine(row[i - d]!, own)));
    for (const own of row) results.push(before === undefined ? own : combine(before, own));
    const total = row[row.length - 1]!;
    before = before === undefined ? total : combine(before, total);
  }
  return results;
}
