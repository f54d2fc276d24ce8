/** Devices by name: an id, or a prefix that only one id has. */

import { IsokernelError } from '../ir/error.ts';

export function selectDevice<T extends { readonly id: string }>(targets: readonly T[], name: string): T {
  const exact = targets.find((target) => target.id === name);
  if (exact !== undefined) return exact;
  const matches = typeof name === 'string' && name !== '' ? targets.filter((target) => target.id.startsWith(name)) : [];
  if (matches.length === 1) return matches[0]!;
  const ids = (list: readonly T[]) => list.map((target) => target.id).join(', ');
  if (matches.length > 1) {
    throw new IsokernelError('ambiguous-device', `"${name}" could be any of ${ids(matches)}`, {
      hint: 'Write more of the id.',
    });
  }
  throw new IsokernelError('unknown-device', `there is no device "${name}"`, {
    hint: targets.length === 0 ? 'There are no devices here at all.' : `The devices here are ${ids(targets)}.`,
  });
}

/** Ids that are unique in the list: `-2` is appended to a second one, `-3` to a third. */
export function uniqueIds(ids: readonly string[]): string[] {
  const taken = new Set<string>();
  return ids.map((id) => {
    let unique = id;
    for (let n = 2; taken.has(unique); n++) unique = `${id}-${n}`;
    taken.add(unique);
    return unique;
  });
}
