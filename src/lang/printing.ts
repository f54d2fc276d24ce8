/** Whether a kernel prints, and where to; light, since every kernel is asked. */

import type { BufferParam } from '../ir/program.ts';
import type { FunctionDefinition } from './definition.ts';

/** Words of the buffer before its first record. */
export const headerWords = 2;
/** Words of the buffer that a launch prints to: 1 MiB. */
export const printWords = 2 ** 18;

/** The buffer that a kernel prints to: the last parameter of its program, and none of the author's. */
export const printParam: BufferParam = { kind: 'buffer', name: '$print', access: 'atomic', element: 'u32', rank: 1 };

/** Whether a body, or a function that it uses, has the word: then it may print. */
export function mayPrint(
  { body, uses }: Pick<FunctionDefinition, 'body' | 'uses'>,
  seen = new Set<unknown>(),
): boolean {
  if (seen.has(body)) return false;
  seen.add(body);
  return /\bprint\b/.test(body.toString()) || Object.values(uses).some((used) => mayPrint(used, seen));
}
