/** Asking a device: runs a program of lines there and by the interpreter, and pairs the answers. */

import { interpret } from '../../ir/interpreter.ts';
import type { NumericClass } from '../../ir/numeric-class.ts';
import type { NumericMode } from '../../ir/types.ts';
import type { Device } from '../contract.ts';
import type { Operands } from './corpus.ts';
import { type Line, programOf } from './lines.ts';

/** One word of an answer, beside what it should be and the operands that led to it. */
export interface Answer {
  readonly given: number;
  readonly expected: number;
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

export interface Asked {
  readonly name: string;
  readonly lines: readonly Line[];
  readonly operands: Operands;
  readonly mode: NumericMode;
  /** What `exact` is compiled for. */
  readonly numeric?: NumericClass | undefined;
}

/** By line: the answers, one for each operand. */
export async function ask(device: Device, { name, lines, operands, mode, numeric }: Asked): Promise<Answer[][]> {
  const verified = programOf(name, lines, mode);
  const { count, words } = operands;
  const inputs = [...words, words[0]].map((list) => ({ bytes: bytesOf(list), shape: [count] }));
  const given = new Uint32Array(lines.length * count);
  const expected = new Uint32Array(lines.length * count);
  const shape = [lines.length, count];
  interpret(verified, { args: [...inputs, { bytes: bytesOf(expected), shape }], grid: [count, 1, 1] });

  const program = await device.compile(verified, { numeric });
  const memories = [...inputs.map(({ bytes }) => bytes), bytesOf(given)].map((bytes) => device.alloc(bytes.length));
  try {
    for (const [i, { bytes }] of inputs.entries()) device.write(memories[i]!, 0, bytes);
    const buffers = memories.map((memory, i) => ({ memory, shape: inputs[i]?.shape ?? shape }));
    const { done } = device.submit([{ kind: 'dispatch', program, buffers, scalars: [], grid: [count, 1, 1] }]);
    await done;
    await device.read(memories.at(-1)!, 0, bytesOf(given));
  } finally {
    for (const memory of memories) device.free(memory);
  }
  const [x, y, z] = words;
  return lines.map((_, row) =>
    Array.from({ length: count }, (_, i) => ({
      given: given[row * count + i]!,
      expected: expected[row * count + i]!,
      x: x[i]!,
      y: y[i]!,
      z: z[i]!,
    })),
  );
}

const bytesOf = (words: Uint32Array) => new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
