/** Where the interior of a row (interior.ts) begins and ends: computed once, before the row's first invocation. */

import type { Operation, Value } from '../../../src/ir/program.ts';
import type { Accesses } from '../access.ts';
import { type Push, writeArithmetic } from '../arithmetic.ts';
import type { Values } from '../values.ts';
import type { Code } from '../wasm/encoder.ts';
import type { Courses, Requirement } from './interior.ts';

/** Locals with where it begins and where it ends, in whole vectors. It begins at -1 where there is none. */
export interface Part {
  readonly begin: number;
  readonly end: number;
}

/** Code that runs where the frame is that of a row's first invocation. */
export class RowStart {
  readonly #code: Code;
  readonly #values: Values;
  readonly #accesses: Accesses;
  readonly #courses: Courses;
  readonly #definitions: ReadonlyMap<Value, Operation>;
  /** Locals with the interval that is left; of 64 bits, so that no difference of indices and bounds wraps. */
  readonly #low: number;
  readonly #high: number;

  constructor(values: Values, accesses: Accesses, courses: Courses, definitions: ReadonlyMap<Value, Operation>) {
    this.#code = values.code;
    this.#values = values;
    this.#accesses = accesses;
    this.#courses = courses;
    this.#definitions = definitions;
    this.#low = this.#code.local('i64');
    this.#high = this.#code.local('i64');
  }

  /** Where all requirements hold, before what is in the local `last`. */
  interior(requirements: readonly Requirement[], lanes: number, last: number): Part {
    const code = this.#code;
    const [low, high] = [this.#low, this.#high];
    code.i64(0).set(low).get(last).op('i64.extend_i32_u').set(high);
    for (const requirement of requirements) this.#require(requirement);
    const [begin, end] = [code.local('i32'), code.local('i32')];
    const whole = () => code.i64(-lanes).op('i64.and');
    code
      .get(low)
      .i64(lanes - 1)
      .op('i64.add');
    whole().set(low).get(high);
    whole().tee(high).op('i32.wrap_i64').set(end);
    code.get(low).op('i32.wrap_i64').i32(-1).get(low).get(high).op('i64.lt_s', 'select').set(begin);
    return { begin, end };
  }

  #require(requirement: Requirement): void {
    const code = this.#code;
    if (requirement.kind === 'is') {
      this.#push(requirement.condition);
      if (requirement.outcome) code.op('i32.eqz');
      this.#nowhereIf();
    } else if (requirement.kind === 'compares') this.#compare(requirement);
    else {
      const { index, memory, axis } = requirement;
      const pushDimension = this.#accesses.locate(memory).dimensions[axis]!;
      this.#push(index);
      if (this.#courses.of(index) === 'same') {
        pushDimension();
        code.op('i32.ge_u');
        this.#nowhereIf();
        return;
      }
      // an index of either type: no dimension is near 2^31, so one that wraps has been out of bounds before
      const first = this.#hold('i64.extend_i32_s');
      this.#atLeast(() => code.i64(0).get(first).op('i64.sub'));
      this.#below(() => {
        pushDimension();
        code.op('i64.extend_i32_u').get(first).op('i64.sub');
      });
    }
  }
  #compare({ op, counting, bound }: Requirement & { readonly kind: 'compares' }): void {
    const code = this.#code;
    const signed = counting.type === 'i32';
    const extend = signed ? 'i64.extend_i32_s' : 'i64.extend_i32_u';
    this.#push(counting);
    const first = this.#hold(extend);
    this.#push(bound);
    const other = this.#hold(extend);
    const distance = (more: 0 | 1): Push => {
      return () => code.get(other).get(first).op('i64.sub').i64(more).op('i64.add');
    };
    if (op === 'lt') this.#below(distance(0));
    if (op === 'le' || op === 'eq') this.#below(distance(1));
    if (op === 'gt') this.#atLeast(distance(1));
    if (op === 'ge' || op === 'eq') this.#atLeast(distance(0));
    // as far as it counts without wrapping
    this.#below(() =>
      code
        .i32(signed ? 0x7fffffff : -1)
        .op(extend)
        .get(first)
        .op('i64.sub'),
    );
  }

  /** A local with the integer on the stack. */
  #hold(extend: 'i64.extend_i32_s' | 'i64.extend_i32_u'): number {
    const local = this.#code.local('i64');
    this.#code.op(extend).set(local);
    return local;
  }
  #atLeast(push: Push): void {
    this.#narrow(this.#low, 'i64.gt_s', push);
  }
  #below(push: Push): void {
    this.#narrow(this.#high, 'i64.lt_s', push);
  }
  #narrow(bound: number, narrower: 'i64.gt_s' | 'i64.lt_s', push: Push): void {
    const other = this.#code.local('i64');
    push();
    this.#code.tee(other).get(bound).get(other).get(bound).op(narrower, 'select').set(bound);
  }
  /** Takes the condition from the stack. */
  #nowhereIf(): void {
    this.#code.if();
    this.#code.i64(0).set(this.#high).end();
  }

  /** Pushes an integer as it is in the row's first invocation. */
  #push(value: Value): void {
    if (!this.#isMadeHere(value)) {
      this.#values.push(value);
      return;
    }
    const operation = this.#definitions.get(value)!;
    const operands = operation.args.map((arg) => ({ push: () => this.#push(arg), hold: () => this.#once(arg) }));
    writeArithmetic(this.#code, operation, operands, this.#values.constant(operation.args.at(-1)!));
  }
  #once(value: Value): Push {
    const local = this.#code.local('i32');
    this.#push(value);
    this.#code.set(local);
    return () => this.#code.get(local);
  }
  /** Whether the segment computes it, which has yet to run. */
  #isMadeHere(value: Value): boolean {
    return this.#courses.isInside(value) && !this.#values.isEverywhere(value);
  }
}
