/** A segment's code for one invocation: what it takes out of its slots, its statements, what it puts back. */

import type { Loop, Value } from '../../src/ir/program.ts';
import { componentType } from '../../src/ir/types.ts';
import { Accesses } from './access.ts';
import { wasmTypes } from './native.ts';
import type { Segment } from './regions.ts';
import { type Writing, writeOutOfFuel } from './slots.ts';
import { Statements } from './statements.ts';
import type { Values } from './values.ts';
import type { Label } from './wasm/encoder.ts';

export class Invocation {
  readonly #writing: Writing;
  readonly #values: Values;
  readonly #statements: Statements;
  #end: Label = { depth: 0 };

  /** `ghosts`: invocations outside the grid take part. */
  constructor(writing: Writing, values: Values, ghosts: boolean) {
    this.#writing = writing;
    this.#values = values;
    const { privateAddress, slots } = writing;
    const accesses = new Accesses(values, { scratch: slots.scratch, privateAddress, ghosts });
    this.#statements = new Statements(values, accesses, {
      defined: (given) => this.#keep(given),
      leave: () => this.#leave(),
      burn: (loop) => writeBurn(writing, loop),
    });
  }

  write(segment: Segment): void {
    const { code, slots, slotAddress, fuel } = this.#writing;
    this.#end = code.block();
    if (slots.returned !== undefined)
      code.get(slotAddress).memory('i32.load', slots.offset(slots.returned)).brIf(this.#end);
    if (slots.fuel !== undefined)
      code.get(slotAddress).memory('i32.load', slots.offset(slots.fuel)).set(fuel.invocation);
    for (const value of segment.reads) this.#fromSlot(value);
    this.#statements.run(segment.body);
    const gives = segment.gives.filter(({ target }) => slots.has(target));
    this.#values.assign(
      gives.map(({ target }) => target),
      gives.map(({ source }) => source),
    );
    for (const { target } of gives) this.#toSlot(target);
    code.end();
    if (slots.fuel !== undefined)
      code.get(slotAddress).get(fuel.invocation).memory('i32.store', slots.offset(slots.fuel));
  }

  #fromSlot(value: Value): void {
    const { code, slots, slotAddress } = this.#writing;
    const load = wasmTypes[componentType(value.type)] === 'f32' ? 'f32.load' : 'i32.load';
    this.#values.locals(value).forEach((local, i) => {
      code
        .get(slotAddress)
        .memory(load, slots.offset(slots.of(value) + i))
        .set(local);
    });
  }
  #toSlot(value: Value): void {
    const { code, slots, slotAddress } = this.#writing;
    const store = wasmTypes[componentType(value.type)] === 'f32' ? 'f32.store' : 'i32.store';
    this.#values.locals(value).forEach((local, i) => {
      code
        .get(slotAddress)
        .get(local)
        .memory(store, slots.offset(slots.of(value) + i));
    });
  }

  /** What was just computed is kept where a later segment wants it. */
  #keep(values: readonly Value[]): void {
    for (const value of values) if (this.#writing.slots.has(value)) this.#toSlot(value);
  }
  /** The invocation is over; where others go on to later segments, it is marked. */
  #leave(): void {
    const { code, slots, slotAddress } = this.#writing;
    if (slots.returned !== undefined) code.get(slotAddress).i32(1).memory('i32.store', slots.offset(slots.returned));
    code.br(this.#end);
  }
}

/** An iteration of a fuelled loop takes one unit of fuel; without any, the job is stopped. */
export function writeBurn({ code, fuel }: Writing, { verified }: Loop): void {
  const kind = verified?.fuel ?? 'none';
  if (kind === 'none') return;
  code.get(fuel[kind]).op('i32.eqz').if();
  writeOutOfFuel(code, verified!.id);
  code.end();
  code.get(fuel[kind]).i32(1).op('i32.sub').set(fuel[kind]);
}
