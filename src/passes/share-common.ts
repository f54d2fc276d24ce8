/**
 * Common subexpressions: a value already computed, and visible here, is not computed again.
 *
 * Blocks nest, so what dominates a place is what stands before it in its own block and the blocks around it: a table
 * with scopes. Pure operations are the same where operation, type, attribute, reference and operands are; loads of
 * memory that is written are too, while nothing may have written it in between. Constants stay where they are used: they
 * cost nothing there, and read better. Opaque ones are each one of its own: that is what they are for.
 */

import { type OpName, ops } from '../ir/ops.ts';
import { forEachInstruction, type Loop, type Operation, type Program, type Value } from '../ir/program.ts';
import { isPure } from './effects.ts';
import { rewrite } from './rewrite.ts';

/** Operations whose operands may be swapped. min and max are not among them: they tell -0 from +0, and NaN. */
const commutative = new Set<OpName>(['add', 'mul', 'mulHigh', 'and', 'or', 'xor', 'eq', 'ne']);

export function shareCommon(program: Program): Program {
  const known = new Scopes();
  const identities = new Identities();
  const memory = new MemoryVersions();

  const keyOf = (operation: Operation): string | undefined => {
    const { op, args, attribute, reference, result } = operation;
    const pure = isPure(operation);
    if (op === 'constant' || op === 'opaque' || !(pure || ops[op].form === 'load')) return undefined;
    const operands = args.map((arg) => identities.of(arg));
    if (commutative.has(op)) operands.sort();
    const version = pure ? '' : memory.version(reference!);
    return [op, result!.type, attribute, reference && identities.of(reference), version, ...operands].join(' ');
  };

  return rewrite(program, {
    operation(operation, out) {
      identities.note(operation);
      const key = keyOf(operation);
      const seen = key && known.get(key);
      if (seen) {
        out.replace(operation.result!, seen);
        return;
      }
      if (key !== undefined) known.set(key, operation.result!);
      memory.after(operation);
      out.append(operation);
    },
    loop(loop, out) {
      memory.enter(loop);
      out.append(out.rebuildLoop(loop));
    },
    enter: () => known.enter(),
    leave: () => known.leave(),
  });
}

/** A table whose entries last as long as the block that made them. Inner blocks never redefine what outer ones know. */
class Scopes {
  readonly #values = new Map<string, Value>();
  readonly #made: string[][] = [];

  get(key: string): Value | undefined {
    return this.#values.get(key);
  }
  set(key: string, value: Value): void {
    this.#values.set(key, value);
    this.#made.at(-1)!.push(key);
  }
  enter(): void {
    this.#made.push([]);
  }
  leave(): void {
    for (const key of this.#made.pop()!) this.#values.delete(key);
  }
}

/** A short name for each thing; equal constants have the same. */
class Identities {
  readonly #names = new Map<object, string>();

  note({ op, result, attribute }: Operation): void {
    if (op === 'constant') this.#names.set(result!, `${result!.type}:${attribute}`);
  }
  of(thing: object): string {
    const name = this.#names.get(thing) ?? `#${this.#names.size}`;
    this.#names.set(thing, name);
    return name;
  }
}

/** Counts, for each memory, the places where it may have changed. Counts only grow, so no two places share one. */
class MemoryVersions {
  readonly #changes = new Map<object, number>();
  /** Changes of all memory that other invocations can write. */
  #meetings = 0;

  version(reference: NonNullable<Operation['reference']>): string {
    const shared = reference.kind === 'local' && reference.space === 'private' ? 0 : this.#meetings;
    return `${this.#changes.get(reference) ?? 0}.${shared}`;
  }
  after({ op, reference }: Operation): void {
    const { form } = ops[op];
    if (form === 'barrier' || form === 'collective') this.#meetings++;
    if (form === 'store' || form === 'clear' || form === 'atomic')
      this.#changes.set(reference!, (this.#changes.get(reference!) ?? 0) + 1);
  }
  /** Whatever a loop changes anywhere may have changed wherever its body begins. */
  enter(loop: Loop): void {
    forEachInstruction(loop.body, (instruction) => {
      if (instruction.kind === 'op') this.after(instruction);
    });
  }
}
