/** A segment's code for neighbouring invocations in lanes; the counterpart of ../invocation.ts. */

import type { Loop, Operation, Value } from '../../../src/ir/program.ts';
import { componentCount, componentType } from '../../../src/ir/types.ts';
import { Accesses } from '../access.ts';
import type { Push } from '../arithmetic.ts';
import { writeBurn } from '../invocation.ts';
import { wasmTypes } from '../native.ts';
import type { Segment } from '../regions.ts';
import { type Writing, writeOutOfFuel } from '../slots.ts';
import type { Values } from '../values.ts';
import type { Label } from '../wasm/encoder.ts';
import { LaneAccesses } from './access.ts';
import type { Interior } from './interior.ts';
import type { Lanes } from './shape.ts';
import { LaneStatements, type LaneSurroundings, type Mask } from './statements.ts';
import { assign, LaneValues, laneCount } from './values.ts';

export interface LaneOptions {
  readonly lanes: Lanes;
  readonly definitions: ReadonlyMap<Value, Operation>;
  /** Vectors that go through the code together. */
  readonly vectors: number;
  /** Whether instructions may be used whose rounding the machine chooses. */
  readonly relaxed: boolean;
  /** What is sure of the invocations, if they are all in the interior of a row. */
  readonly interior?: Interior | undefined;
}

export class LaneInvocations {
  /** Invocations that it runs at once. */
  readonly count: number;
  readonly #writing: Writing;
  readonly #vectors: readonly LaneValues[];
  readonly #statements: LaneStatements;
  /** Locals with what is left of each lane's fuel. */
  readonly #fuel: readonly number[];
  #end: Label = { depth: 0 };

  constructor(writing: Writing, scalar: Values, { lanes, definitions, vectors, relaxed, interior }: LaneOptions) {
    const { code, privateAddress, slots } = writing;
    this.count = vectors * laneCount;
    this.#writing = writing;
    this.#vectors = Array.from(
      { length: vectors },
      (_, vector) => new LaneValues(scalar, lanes, definitions, vector * laneCount, relaxed),
    );
    this.#fuel = this.#vectors.map(() => code.local('v128'));
    // lanes are all in the grid
    const accesses = new Accesses(scalar, { scratch: slots.scratch, privateAddress, ghosts: false });
    const around: LaneSurroundings = {
      defined: (given) => this.#keep(given),
      over: (mask) => this.#over(mask),
      leave: () => code.br(this.#end),
      burn: (loop, mask) => this.#burn(loop, mask),
    };
    const parts = this.#vectors.map((values) => ({
      values,
      accesses: new LaneAccesses(values, accesses, interior?.sure),
    }));
    this.#statements = new LaneStatements(parts, definitions, around, interior?.assumed);
  }

  write(segment: Segment): void {
    const { code, program, slots, fuelled } = this.#writing;
    this.#end = code.block();
    const { returned } = slots;
    const pushHere = (vector: number): void => {
      this.#pushSlots(vector, returned!);
      code.v128(0, 0, 0, 0).op('i32x4.eq');
    };
    if (returned !== undefined) {
      this.#vectors.forEach((_, vector) => {
        pushHere(vector);
        if (vector > 0) code.op('v128.or');
      });
      code.op('v128.any_true', 'i32.eqz').brIf(this.#end);
    }
    this.#fuel.forEach((local, vector) => {
      if (slots.fuel !== undefined) this.#pushSlots(vector, slots.fuel);
      else if (fuelled.has('invocation')) code.i32(program.fuel).op('i32x4.splat');
      else return;
      code.set(local);
    });
    for (const value of segment.reads) this.#fromSlot(value);
    this.#statements.run(segment.body, returned === undefined ? undefined : pushHere);
    const gives = segment.gives.filter(({ target }) => slots.has(target));
    assign(
      this.#vectors,
      gives.map(({ target }) => target),
      gives.map(({ source }) => source),
    );
    for (const { target } of gives) this.#toSlot(target);
    code.end();
    if (slots.fuel !== undefined)
      for (const [vector, local] of this.#fuel.entries()) this.#setSlots(vector, slots.fuel, () => code.get(local));
  }

  // ---- slots ----

  #pushSlots(vector: number, slot: number): void {
    const { code, slotAddress } = this.#writing;
    code.get(slotAddress).memory('v128.load', this.#offset(vector, slot));
  }
  #setSlots(vector: number, slot: number, push: Push): void {
    const { code, slotAddress } = this.#writing;
    code.get(slotAddress);
    push();
    code.memory('v128.store', this.#offset(vector, slot));
  }
  #offset(vector: number, slot: number): number {
    return this.#writing.slots.offset(slot) + 4 * this.#vectors[vector]!.first;
  }

  // a bool in a slot is 0 or 1, whichever form put it there

  #fromSlot(value: Value): void {
    const { code, slots, slotAddress } = this.#writing;
    const type = componentType(value.type);
    const varies = this.#vectors[0]!.varies(value);
    for (const [vector, values] of (varies ? this.#vectors : this.#vectors.slice(0, 1)).entries())
      for (const [i, local] of values.locals(value).entries()) {
        const slot = slots.of(value) + i;
        if (varies) this.#pushSlots(vector, slot);
        else code.get(slotAddress).memory(wasmTypes[type] === 'f32' ? 'f32.load' : 'i32.load', slots.offset(slot));
        if (varies && type === 'bool') code.v128(0, 0, 0, 0).op('i32x4.ne');
        code.set(local);
      }
  }
  #toSlot(value: Value): void {
    const { code, slots } = this.#writing;
    for (const [vector, values] of this.#vectors.entries())
      for (let i = 0; i < componentCount(value.type); i++)
        this.#setSlots(vector, slots.of(value) + i, () => {
          values.push(value, i);
          if (value.type === 'bool') code.v128(1, 1, 1, 1).op('v128.and');
        });
  }
  #keep(values: readonly Value[]): void {
    for (const value of values) if (this.#writing.slots.has(value)) this.#toSlot(value);
  }

  // ---- lanes that end, and their fuel ----

  /** Marks lanes as over, where others go on to later segments. */
  #over(mask: Mask | undefined): void {
    const { code, slots } = this.#writing;
    const { returned } = slots;
    if (returned === undefined) return;
    this.#vectors.forEach((_, vector) => {
      this.#setSlots(vector, returned, () => {
        if (mask === undefined) code.v128(-1, -1, -1, -1);
        else {
          this.#pushSlots(vector, returned);
          code.get(mask[vector]!).op('v128.or');
        }
      });
    });
  }

  /** Every lane that is here burns its own fuel. */
  #burn(loop: Loop, mask: Mask | undefined): void {
    const { verified } = loop;
    if (verified?.fuel !== 'invocation') {
      writeBurn(this.#writing, loop);
      return;
    }
    const { code } = this.#writing;
    this.#fuel.forEach((local, vector) => {
      code.get(local).v128(0, 0, 0, 0).op('i32x4.eq');
      if (mask !== undefined) code.get(mask[vector]!).op('v128.and');
      code.op('v128.any_true').if();
      writeOutOfFuel(code, verified.id);
      code.end();
      code.get(local);
      if (mask === undefined) code.v128(-1, -1, -1, -1);
      else code.get(mask[vector]!);
      code.op('i32x4.add').set(local);
    });
  }
}
