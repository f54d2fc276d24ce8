/** Where the interpreter keeps a program's values and memories: by slot, and by number. */

import type { LocalArray, Param, Program, Value } from '../program.ts';
import { componentCount } from '../types.ts';

export class Layout {
  readonly program: Program;
  readonly #memories = new Map<Param | LocalArray, number>();
  readonly #slots = new Map<Value, number>();
  /** Slots given out. */
  size = 0;

  constructor(program: Program) {
    this.program = program;
    for (const memory of [...program.params, ...program.locals]) this.#memories.set(memory, this.#memories.size);
  }

  /** The first slot of a value; a vector's components follow each other. */
  slot(value: Value): number {
    let slot = this.#slots.get(value);
    if (slot === undefined) {
      slot = this.size;
      this.#slots.set(value, slot);
      this.size += componentCount(value.type);
    }
    return slot;
  }
  /** The slots of all components of values, in order. */
  slots(values: readonly Value[]): number[] {
    return values.flatMap((value) =>
      Array.from({ length: componentCount(value.type) }, (_, c) => this.slot(value) + c),
    );
  }
  /** Its index among the parameters, or after them among the local arrays. */
  memory(reference: Param | LocalArray | undefined): number {
    return this.#memories.get(reference!)!;
  }
}
