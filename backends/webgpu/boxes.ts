/** Boxes of workgroups: cut so that no axis is longer than the hardware takes and no slice longer than wanted. */

import { type Triple, triple } from '../../src/device/index.ts';

export interface Box {
  readonly base: Triple;
  readonly count: Triple;
}

export const groupsOf = ({ count }: Pick<Box, 'count'>): number => count[0] * count[1] * count[2];

/** A slice this much larger than wanted is not cut: the rest would cost a dispatch of its own. */
const tolerance = 1.25;

/**
 * Takes a first box of about `groups` workgroups at most, and at least one, off the last of `rest`; what is left of it goes
 * back. Whole layers first, then whole rows, so that few boxes cover the grid.
 */
export function takeBox(rest: Box[], groups: number, longest: number): Box {
  const whole = rest.pop()!;
  const [x, y, z] = whole.count;
  const room = groupsOf(whole) <= groups * tolerance ? groupsOf(whole) : Math.max(1, Math.floor(groups));
  const axis = z > longest ? 2 : y > longest ? 1 : x > longest ? 0 : undefined;
  if (axis !== undefined) return takeBox(cut(rest, whole, axis, longest), groups, longest);
  if (groupsOf(whole) <= room) return whole;
  if (z > 1) return takeBox(cut(rest, whole, 2, Math.max(1, Math.floor(room / (x * y)))), groups, longest);
  if (y > 1) return takeBox(cut(rest, whole, 1, Math.max(1, Math.floor(room / x))), groups, longest);
  return takeBox(cut(rest, whole, 0, room), groups, longest);
}

/** Puts back both parts of a box cut after `length` along an axis, the first part last. */
function cut(rest: Box[], { base, count }: Box, axis: 0 | 1 | 2, length: number): Box[] {
  const along = (sizes: Triple, value: number) => triple((i) => (i === axis ? value : sizes[i]));
  if (length < count[axis])
    rest.push({ base: along(base, base[axis] + length), count: along(count, count[axis] - length) });
  rest.push({ base, count: along(count, Math.min(length, count[axis])) });
  return rest;
}
