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
  readonly operands: () => Operands;
  readonly mode: NumericMode;
  /** What `exact` is compiled for. */
  readonly numeric?: NumericClass | undefined;
  readonly guarded?: boolean;
}

/** By line: the answers, one for each operand. */
export async function ask(
  device: Device,
  { name, lines, operands, mode, numeric, guarded }: Asked,
): Promise<Answer[][]> {
  const verified = programOf(name, lines, mode);
  const { count, words } = operands();
  const inputs = [...words, words[0]].map((list) => ({ bytes: bytesOf(list), shape: [count] }));
  const shape = [lines.length, count];
  const outputs = () => [0, 1].map(() => ({ bytes: new Uint8Array(4 * lines.length * count), shape }));

  const expected = outputs();
  interpret(verified, { args: [...inputs, ...expected], grid: [count, 1, 1] });

  const given = outputs();
  const program = await device.compile(verified, { numeric, guarded });
  const buffers = [...inputs, ...given].map(({ bytes, shape }) => ({ memory: device.alloc(bytes.length), shape }));
  try {
    for (const [i, { bytes }] of inputs.entries()) device.write(buffers[i]!.memory, 0, bytes);
    await device.submit([{ kind: 'dispatch', program, buffers, scalars: [], grid: [count, 1, 1] }]).done;
    for (const [i, { bytes }] of given.entries()) await device.read(buffers[inputs.length + i]!.memory, 0, bytes);
  } finally {
    for (const { memory } of buffers) device.free(memory);
  }

  const [givenWords, expectedWords] = [joined(given), joined(expected)];
  const [x, y, z] = words;
  return lines.map((_, row) =>
    Array.from({ length: count }, (_, i) => ({
      given: givenWords[row * count + i]!,
      expected: expectedWords[row * count + i]!,
      x: x[i]!,
      y: y[i]!,
      z: z[i]!,
    })),
  );
}

/** Each word is in one of the two; the other has 0. */
function joined(outputs: readonly { readonly bytes: Uint8Array }[]): Uint32Array {
  const [floats, integers] = outputs.map(({ bytes }) => new Uint32Array(bytes.buffer));
  return floats!.map((word, i) => (word | integers![i]!) >>> 0);
}
const bytesOf = (words: Uint32Array) => new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
