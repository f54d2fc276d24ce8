/**
 * What invocations keep in memory while others of their workgroup run: values that a later segment wants, what is left of their fuel,
 * whether they have returned. A slot is an array of one word per invocation, in the order of the local index, so those of neighbours
 * are neighbours. A kernel of one segment needs none.
 */

import type { LoopFuel, Program, Value } from '../../src/ir/program.ts';
import { componentCount } from '../../src/ir/types.ts';
import { type Frame, layoutScratch, type ScratchLayout } from './frame.ts';
import type { Regions } from './regions.ts';
import { stopAddress } from './steps.ts';
import type { Code } from './wasm/encoder.ts';

/** What both forms of a segment's code, one invocation at a time and in lanes, are written with. */
export interface Writing {
  readonly code: Code;
  readonly frame: Frame;
  readonly program: Program;
  readonly slots: Slots;
  /** Locals with the addresses of the invocation's words in slot 0, and of its private arrays. */
  readonly slotAddress: number;
  readonly privateAddress: number;
  /** Locals with what is left of the fuel. */
  readonly fuel: { readonly [K in Exclude<LoopFuel, 'none'>]: number };
  readonly fuelled: ReadonlySet<LoopFuel>;
}

export class Slots {
  readonly scratch: ScratchLayout;
  readonly fuel: number | undefined;
  readonly returned: number | undefined;
  readonly #invocations: number;
  readonly #first = new Map<Value, number>();

  /** `keepsFuel`: between segments; `privateSets`: invocations whose private arrays exist at once. */
  constructor(program: Program, regions: Regions, invocations: number, keepsFuel: boolean, privateSets: number) {
    this.#invocations = invocations;
    let slots = 0;
    for (const value of regions.slots) {
      this.#first.set(value, slots);
      slots += componentCount(value.type);
    }
    if (keepsFuel) this.fuel = slots++;
    if (regions.leavesEarly) this.returned = slots++;
    this.scratch = layoutScratch(program, privateSets, invocations, slots);
  }

  has(value: Value): boolean {
    return this.#first.has(value);
  }
  of(value: Value): number {
    return this.#first.get(value)!;
  }
  /** Offset of a slot from the invocation's slot address. */
  offset(slot: number): number {
    return this.scratch.slotStart + slot * this.#invocations * 4;
  }
}

/** Ends `run` where the job is to stop. */
export function writeStopIfAsked(code: Code): void {
  code.i32(stopAddress).memory('i32.atomic.load').if();
  code.op('return').end();
}

/** Ends the job, for this loop is out of fuel. */
export function writeOutOfFuel(code: Code, loop: number): void {
  code
    .i32(stopAddress)
    .i32(0)
    .i32(loop + 1)
    .memory('i32.atomic.rmw.cmpxchg')
    .op('drop', 'return');
}

/** Longest stretch that is zeroed by stores, rather than by a call. */
const fewBytes = 256;

/** Zeros so many bytes, a multiple of 4, from `offset` after the address in a local. */
export function writeZeros(code: Code, address: number, offset: number, bytes: number): void {
  if (bytes > fewBytes) {
    code.get(address).i32(offset).op('i32.add').i32(0).i32(bytes).fill();
    return;
  }
  let done = 0;
  for (; done + 16 <= bytes; done += 16)
    code
      .get(address)
      .v128(0, 0, 0, 0)
      .memory('v128.store', offset + done);
  for (; done < bytes; done += 4)
    code
      .get(address)
      .i32(0)
      .memory('i32.store', offset + done);
}
