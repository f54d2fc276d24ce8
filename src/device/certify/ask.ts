/** Asking a device: runs a program of lines there and by the interpreter, and pairs the answers. */

import { interpret } from '../../ir/interpreter.ts';
import type { NumericMode } from '../../ir/types.ts';
import type { Verified } from '../../ir/verified.ts';
import type { CompileOptions, Device } from '../contract.ts';
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

export interface Asked extends Pick<CompileOptions, 'numeric' | 'guarded'> {
  readonly name: string;
  readonly lines: readonly Line[];
  readonly operands: () => Operands;
  readonly mode: NumericMode;
}

/** By line: the answers, one for each operand. */
export async function ask(device: Device, { name, lines, operands, mode, ...options }: Asked): Promise<Answer[][]> {
  const { count, words } = operands();
  const bytes = 4 * lines.length * count;
  const { given, expected } = await run(device, programOf(name, lines, mode), {
    inputs: [...words, words[0]].map((list) => ({ bytes: bytesOf(list), shape: [count] })),
    outputs: [0, 1].map(() => ({ bytes, shape: [lines.length, count] })),
    count,
    options,
  });
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

interface Launch {
  readonly inputs: readonly { readonly bytes: Uint8Array; readonly shape: readonly number[] }[];
  readonly outputs: readonly { readonly bytes: number; readonly shape: readonly number[] }[];
  readonly count: number;
  readonly options: CompileOptions;
}

/** Runs a program, whose outputs follow its inputs, on the device and by the interpreter: what each makes of the outputs. */
export async function run(
  device: Device,
  verified: Verified,
  { inputs, outputs, count, options }: Launch,
): Promise<{ readonly given: readonly Uint8Array[]; readonly expected: readonly Uint8Array[] }> {
  const grid = [count, 1, 1] as const;
  const expected = outputs.map(({ bytes, shape }) => ({ bytes: new Uint8Array(bytes), shape }));
  interpret(verified, { args: [...inputs, ...expected], grid });

  const given = outputs.map(({ bytes }) => new Uint8Array(bytes));
  const program = await device.compile(verified, options);
  const sizes = [...inputs.map(({ bytes }) => bytes.length), ...given.map(({ length }) => length)];
  const memories = sizes.map((size) => device.alloc(size));
  try {
    for (const [i, { bytes }] of inputs.entries()) device.write(memories[i]!, 0, bytes);
    const buffers = [...inputs, ...outputs].map(({ shape }, i) => ({ memory: memories[i]!, shape }));
    await device.submit([{ kind: 'dispatch', program, buffers, scalars: [], grid }]).done;
    for (const [i, bytes] of given.entries()) await device.read(memories[inputs.length + i]!, 0, bytes);
  } finally {
    for (const memory of memories) device.free(memory);
  }
  return { given, expected: expected.map(({ bytes }) => bytes) };
}

/** Each word is in one of the two; the other has 0. */
function joined(outputs: readonly Uint8Array[]): Uint32Array {
  const [floats, integers] = outputs.map(({ buffer }) => new Uint32Array(buffer));
  return floats!.map((word, i) => (word | integers![i]!) >>> 0);
}
const bytesOf = (words: Uint32Array) => new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
