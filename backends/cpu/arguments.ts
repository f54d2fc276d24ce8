/**
 * The arguments of a dispatch as compiled code finds them: 32-bit words at one address. Compiled code and the device both
 * read the layout off here.
 */

import type { BoundDispatch } from '../../src/device/index.ts';
import { bitsOf } from '../../src/ir/bits.ts';
import type { Param, Program } from '../../src/ir/program.ts';
import { componentCount, componentType } from '../../src/ir/types.ts';

/** Three words each, x, y, z. */
export const launchWords = { grid: 0, groups: 3, base: 6, count: 9 } as const;
const firstParam = 12;

export interface ArgumentLayout {
  /** First word of each parameter: of a buffer its address, then its dimensions; of a scalar its components. */
  readonly words: ReadonlyMap<Param, number>;
  readonly bytes: number;
}

export function layoutArguments({ params }: Program): ArgumentLayout {
  const words = new Map<Param, number>();
  let next = firstParam;
  for (const param of params) {
    words.set(param, next);
    next += param.kind === 'buffer' ? 1 + param.rank : componentCount(param.type);
  }
  return { words, bytes: next * 4 };
}

/** Writes the arguments of a dispatch from word `at` on; `addresses` are those of its buffers. */
export function writeArguments(
  view: Int32Array,
  at: number,
  dispatch: BoundDispatch,
  addresses: readonly number[],
): void {
  view.set(dispatch.grid, at + launchWords.grid);
  view.set(dispatch.groups, at + launchWords.groups);
  view.set(dispatch.base, at + launchWords.base);
  view.set(dispatch.count, at + launchWords.count);
  let next = at + firstParam;
  let buffer = 0;
  let scalar = 0;
  for (const param of dispatch.program.verified.program.params) {
    if (param.kind === 'buffer') {
      view[next++] = addresses[buffer]!;
      for (const length of dispatch.buffers[buffer++]!.shape) view[next++] = length;
    } else {
      const type = componentType(param.type);
      // compiled code holds an f16 as the f32 of the same value
      for (const component of dispatch.scalars[scalar++]!)
        view[next++] = bitsOf(type === 'f16' ? 'f32' : type, component);
    }
  }
}
