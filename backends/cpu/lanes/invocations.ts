/** A segment's code for neighbouring invocations in lanes; the counterpart of ../invocation.ts. */

import type { Loop, Value } from '../../../src/ir/program.ts';
import { componentType } from '../../../src/ir/types.ts';
import { Accesses } from '../access.ts';
import { writeBurn } from '../invocation.ts';
import { wasmTypes } from '../native.ts';
import type { Segment } from '../regions.ts';
import { type Writing, writeOutOfFuel } from '../slots.ts';
import type { Label } from '../wasm/encoder.ts';
import { LaneAccesses } from './access.ts';
import type { Interior } from './interior.ts';
import { LaneStatements } from './statements.ts';
import type { LaneValues } from './values.ts';

export class LaneInvocations {
  readonly #writing: Writing;
  readonly #values: LaneValues;
  readonly #statements: LaneStatements;
  /** Local with what is left of each lane's fuel. */
  readonly #fuel: number;
  #end: Label = { depth: 0 };

  /** `interior`: what is sure of its invocations, if they are all in the interior of a row. */
  constructor(writing: Writing, values: LaneValues, interior?: Interior) {
    this.#writing = writing;
    this.#values = values;
    this.#fuel = writing.code.local('v128');
    const { privateAddress, slots } = writing;
    // lanes are all in the grid
    const accesses = new Accesses(values.scalar, { scratch: slots.scratch, privateAddress, ghosts: false });
    const around = {
      defined: (given: readonly Value[]) => this.#keep(given),
      over: (mask: number | undefined) => this.#over(mask),
      leave: () => writing.code.br(this.#end),
      burn: (loop: Loop, mask: number | undefined) => this.#burn(loop, mask),
    };
    const laneAccesses = new LaneAccesses(values, accesses, interior?.sure);
    this.#statements = new LaneStatements(values, laneAccesses, around, interior?.assumed);
  }

  write(segment: Segment): void {
    const { code, program, slots, slotAddress, fuelled } = this.#writing;
    this.#end = code.block();
    const { returned } = slots;
    const pushHere = (): void => {
      code.get(slotAddress).memory('v128.load', slots.offset(returned!)).v128(0, 0, 0, 0).op('i32x4.eq');
    };
    if (returned !== undefined) {
      pushHere();
      code.op('v128.any_true', 'i32.eqz').brIf(this.#end);
    }
    if (slots.fuel !== undefined) code.get(slotAddress).memory('v128.load', slots.offset(slots.fuel)).set(this.#fuel);
    else if (fuelled.has('invocation')) code.i32(program.fuel).op('i32x4.splat').set(this.#fuel);
    for (const value of segment.reads) this.#fromSlot(value);
    this.#statements.run(segment.body, returned === undefined ? undefined : pushHere);
    const gives = segment.gives.filter(({ target }) => slots.has(target));
    this.#values.assign(
      gives.map(({ target }) => target),
      gives.map(({ source }) => source),
    );
    for (const { target } of gives) this.#toSlot(target);
    code.end();
    if (slots.fuel !== undefined) code.get(slotAddress).get(this.#fuel).memory('v128.store', slots.offset(slots.fuel));
  }

  // a bool in a slot is 0 or 1, whichever form put it there

  #fromSlot(value: Value): void {
    const { code, slots, slotAddress } = this.#writing;
    const type = componentType(value.type);
    this.#values.locals(value).forEach((local, i) => {
      const offset = slots.offset(slots.of(value) + i);
      code.get(slotAddress);
      if (!this.#values.varies(value)) code.memory(wasmTypes[type] === 'f32' ? 'f32.load' : 'i32.load', offset);
      else {
        code.memory('v128.load', offset);
        if (type === 'bool') code.v128(0, 0, 0, 0).op('i32x4.ne');
      }
      code.set(local);
    });
  }
  #toSlot(value: Value): void {
    const { code, slots, slotAddress } = this.#writing;
    this.#values.locals(value).forEach((_, i) => {
      code.get(slotAddress);
      this.#values.push(value, i);
      if (value.type === 'bool') code.v128(1, 1, 1, 1).op('v128.and');
      code.memory('v128.store', slots.offset(slots.of(value) + i));
    });
  }
  #keep(values: readonly Value[]): void {
    for (const value of values) if (this.#writing.slots.has(value)) this.#toSlot(value);
  }

  /** Marks lanes as over, where others go on to later segments. */
  #over(mask: number | undefined): void {
    const { code, slots, slotAddress } = this.#writing;
    if (slots.returned === undefined) return;
    const offset = slots.offset(slots.returned);
    code.get(slotAddress);
    if (mask === undefined) code.v128(-1, -1, -1, -1);
    else code.get(slotAddress).memory('v128.load', offset).get(mask).op('v128.or');
    code.memory('v128.store', offset);
  }

  /** Every lane that is here burns its own fuel. */
  #burn(loop: Loop, mask: number | undefined): void {
    const { verified } = loop;
    if (verified?.fuel !== 'invocation') {
      writeBurn(this.#writing, loop);
      return;
    }
    const { code } = this.#writing;
    code.get(this.#fuel).v128(0, 0, 0, 0).op('i32x4.eq');
    if (mask !== undefined) code.get(mask).op('v128.and');
    code.op('v128.any_true').if();
    writeOutOfFuel(code, verified.id);
    code.end();
    code.get(this.#fuel);
    if (mask === undefined) code.v128(-1, -1, -1, -1);
    else code.get(mask);
    code.op('i32x4.add').set(this.#fuel);
  }
}
