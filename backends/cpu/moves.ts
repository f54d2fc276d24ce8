/**
 * Copies and fills as programs like any other: what runs steps needs to know of dispatches only. A unit is a block of bytes.
 */

import { runParameters } from './frame.ts';
import { Code, encodeModule, type MemoryImport } from './wasm/encoder.ts';

/** Bytes that one unit moves; the last one may be less. */
export const blockBytes = 1 << 18;

/** Words of the arguments. */
export const moveWords = { to: 0, from: 1, bytes: 2 } as const;
export const moveArgumentBytes = 12;

/** `run` of the module copies, or fills with zeros, the blocks from `first` on. */
export function encodeMove(kind: 'copy' | 'fill', memory: MemoryImport): Uint8Array<ArrayBuffer> {
  const code = new Code(Object.keys(runParameters).length);
  const { first, count } = runParameters;
  const argument = (name: keyof typeof moveWords): Code =>
    code.get(runParameters.arguments).memory('i32.load', moveWords[name] * 4);
  // first becomes the offset, count the length
  code.get(first).i32(blockBytes).op('i32.mul').set(first);
  code.get(count).i32(blockBytes).op('i32.mul').set(count);
  const left = code.local('i32');
  argument('bytes')
    .get(first)
    .op('i32.sub')
    .tee(left)
    .get(count)
    .get(left)
    .get(count)
    .op('i32.lt_u', 'select')
    .set(count);
  argument('to').get(first).op('i32.add');
  if (kind === 'copy') argument('from').get(first).op('i32.add').get(count).copy();
  else code.i32(0).get(count).fill();
  const body = code.finish();
  return encodeModule([{ parameters: ['i32', 'i32', 'i32', 'i32'], results: [], body, exported: 'run' }], memory);
}
