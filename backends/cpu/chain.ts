/** What a submission runs: its commands as steps; and a chain of these in the linear memory, for workers to follow. */

import type { BoundCommand } from '../../src/device/index.ts';
import type { Range } from './allocator.ts';
import { writeArguments } from './arguments.ts';
import type { CpuProgram } from './device.ts';
import type { Executable } from './executable.ts';
import type { LinearMemory } from './memory.ts';
import { blockBytes, moveArgumentBytes, moveWords } from './moves.ts';
import { stepBytes, stepWords } from './steps.ts';

/** A list of steps that runs again and again: its chain stays in the memory, and goes with this object. */
export interface Repeated {
  /** Steps whose arguments differ from run to run. */
  readonly slotted: ReadonlySet<number>;
}

/** Bytes that are moved while a basic operation is done. */
const bytesPerOperation = 8;

export type Moves = Readonly<Record<'copy' | 'fill', Executable>>;

export class Step {
  readonly command: BoundCommand;
  readonly executable: Executable;
  readonly argumentBytes: number;
  /** Workgroups of a dispatch, blocks of a copy or fill; may be 0. */
  readonly units: number;
  /** Of the command's memories. */
  readonly #addresses: readonly number[];

  constructor(command: BoundCommand, addresses: readonly number[], moves: Moves) {
    this.command = command;
    this.#addresses = addresses;
    if (command.kind === 'dispatch') {
      const program = command.program as CpuProgram;
      this.executable = program.executable;
      this.argumentBytes = program.argumentBytes;
      this.units = command.count[0] * command.count[1] * command.count[2];
    } else {
      this.executable = moves[command.kind];
      this.argumentBytes = moveArgumentBytes;
      this.units = Math.ceil(command.bytes / blockBytes);
    }
  }

  /** Basic operations at most; `limit`, or more, where there are more. */
  weight(limit: number): number {
    const { command } = this;
    return command.kind === 'dispatch'
      ? (command.program as CpuProgram).weight.of(command, limit)
      : command.bytes / bytesPerOperation;
  }

  /** Writes the arguments as its code finds them. */
  writeArguments(words: Int32Array, address: number): void {
    const { command } = this;
    const addresses = this.#addresses;
    const at = address >>> 2;
    if (command.kind === 'dispatch') {
      writeArguments(words, at, command, addresses);
      return;
    }
    const copies = command.kind === 'copy';
    words[at + moveWords.from] = copies ? addresses[0]! + command.fromOffset : 0;
    words[at + moveWords.to] = copies ? addresses[1]! + command.toOffset : addresses[0]! + command.offset;
    words[at + moveWords.bytes] = command.bytes;
  }
}

/** Steps in the memory. */
export class Chain {
  readonly first: number;
  readonly range: Range;
  readonly #places: readonly { readonly index: number; readonly step: number; readonly arguments: number }[];

  /** Of steps with units, at least one, whose executables are in the memory. Throws `out-of-memory`. */
  constructor(linear: LinearMemory, steps: readonly Step[]) {
    let end = 0;
    const place = (bytes: number): number => {
      const start = end;
      end += Math.ceil(bytes / 16) * 16;
      return start;
    };
    const offsets = steps.flatMap(({ units, argumentBytes }, index) =>
      units === 0 ? [] : [{ index, step: place(stepBytes), arguments: place(argumentBytes) }],
    );
    this.range = linear.take(end);
    const { start } = this.range;
    this.#places = offsets.map(({ index, ...at }) => ({
      index,
      step: start + at.step,
      arguments: start + at.arguments,
    }));
    this.first = this.#places[0]!.step;
    this.#places.forEach((at, i) => {
      const { units, executable } = steps[at.index]!;
      const word = at.step / 4;
      linear.words[word + stepWords.total] = units;
      linear.words[word + stepWords.next] = this.#places[i + 1]?.step ?? 0;
      linear.words[word + stepWords.program] = executable.in(linear)!.address;
      linear.words[word + stepWords.arguments] = at.arguments;
    });
    this.write(linear, steps);
  }

  /** Writes the arguments of the steps, or of those where `changed`. */
  write(linear: LinearMemory, steps: readonly Step[], changed?: ReadonlySet<number>): void {
    for (const { index, arguments: address } of this.#places)
      if (changed?.has(index) ?? true) steps[index]!.writeArguments(linear.words, address);
  }

  /** Which of the steps is at this address. */
  indexOf(address: number): number | undefined {
    return this.#places.find(({ step }) => step === address)?.index;
  }
  /** Fraction done, 0 to 1, every step counted alike. */
  progress(address: number, done: number, steps: readonly Step[]): number {
    const at = this.#places.findIndex(({ step }) => step === address);
    if (at < 0) return 0;
    return (at + done / steps[this.#places[at]!.index]!.units) / this.#places.length;
  }
}
