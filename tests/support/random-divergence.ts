/**
 * Random programs in which invocations part: branches, loops, `break`, `continue` and `return` on conditions of their own, in every
 * nesting. Every invocation writes elements of its own only and every loop ends, so they can be run by anyone in any order.
 */

import { Builder, type Program, type Value } from '../../src/ir/index.ts';
import { Random } from './random.ts';

/** Parameters: `read`, i32 of any length; `written`, i32, `perInvocation` for each; the scalar `n`. Workgroups of 8. */
export function randomDivergence(seed: number): Program {
  return new Divergence(seed).program();
}
export const perInvocation = 4;

class Divergence {
  readonly #random: Random;
  readonly #b: Builder;
  readonly #read;
  readonly #written;
  readonly #own;
  readonly #n;
  /** i32 values in scope. */
  readonly #values: Value[] = [];
  /** Each loop around: its counter, and how many values it carries beside it and leaves with. */
  readonly #loops: { readonly counter: Value; readonly carried: number; readonly results: number }[] = [];
  #budget = 30;

  constructor(seed: number) {
    this.#random = new Random(seed);
    this.#b = new Builder({ name: `divergence${seed}`, workgroup: [8, 1, 1] });
    this.#read = this.#b.buffer('read', 'read', 'i32');
    this.#written = this.#b.buffer('written', 'readWrite', 'i32', 2);
    this.#n = this.#b.scalar('n', 'i32');
    this.#own = this.#b.privateArray('own', 'i32', 4);
  }

  program(): Program {
    const b = this.#b;
    const i = b.id('globalId', 0);
    this.#values.push(b.argument(this.#n), i, b.i32(3), b.load(this.#read, [i]));
    while (this.#budget > 0 && !b.ended) this.#statements();
    if (!b.ended) this.#write(3);
    return b.finish();
  }

  #value(): Value {
    // what was made last is what the rest should depend on
    const { length } = this.#values;
    return this.#random.chance(0.5)
      ? this.#values[length - 1 - this.#random.below(Math.min(4, length))]!
      : this.#random.pick(this.#values);
  }
  #some(count: number): Value[] {
    return Array.from({ length: count }, () => this.#value());
  }
  #condition(): Value {
    const b = this.#b;
    if (this.#random.chance(0.4))
      return b.op('eq', b.op('and', this.#value(), b.i32(this.#random.pick([1, 2, 3]))), b.i32(1));
    return b.op(this.#random.pick(['lt', 'eq', 'ge'] as const), this.#value(), this.#value());
  }
  #write(slot: number): void {
    const b = this.#b;
    const place = [b.id('globalId', 0), b.i32(slot)];
    b.store(this.#written, place, b.op('add', b.op('mul', b.load(this.#written, place), b.i32(31)), this.#value()));
  }

  #statements(): void {
    do {
      this.#budget--;
      this.#statement();
    } while (this.#budget > 0 && !this.#b.ended && !this.#random.chance(0.15));
  }
  /** A block of its own; its values go out of scope. */
  #inner(end: () => readonly Value[]): readonly Value[] {
    const outside = this.#values.length;
    this.#statements();
    if (!this.#b.ended && this.#random.chance(0.15)) this.#leave();
    const values = this.#b.ended ? [] : end();
    this.#values.length = outside;
    return values;
  }

  #statement(): void {
    const b = this.#b;
    const kind = this.#random.weighted({
      value: 5,
      effect: 3,
      branch: 5,
      loop: this.#loops.length < 3 ? 3 : 0,
      leave: 3,
    });
    if (kind === 'value') this.#values.push(this.#newValue());
    else if (kind === 'effect') {
      if (this.#random.chance(0.4)) b.store(this.#own, [b.op('and', this.#value(), b.i32(7))], this.#value());
      else if (this.#random.chance(0.1)) b.clear(this.#own);
      else this.#write(this.#random.below(3));
    } else if (kind === 'branch') {
      const count = this.#random.below(3);
      const arm = () => this.#inner(() => this.#some(count));
      this.#values.push(...b.if(this.#condition(), arm, arm));
      if (!b.ended && this.#loops.length === 0) this.#write(0);
    } else if (kind === 'loop') this.#loop();
    else b.if(this.#condition(), () => this.#leave());
  }

  #newValue(): Value {
    const b = this.#b;
    const kinds = [
      () => b.op('add', this.#value(), this.#value()),
      () => b.op('sub', this.#value(), this.#value()),
      () => b.op('rem', this.#value(), this.#value()),
      () => b.op('select', this.#condition(), this.#value(), this.#value()),
      () => b.load(this.#read, [this.#value()]),
      () => b.load(this.#own, [b.op('and', this.#value(), b.i32(7))]),
      () => b.i32(this.#random.below(9)),
    ];
    return this.#random.pick(kinds)();
  }

  #loop(): void {
    const b = this.#b;
    const carried = this.#random.below(3);
    const results = this.#random.below(3);
    const broken = b.loop(
      [b.i32(0), ...this.#some(carried)],
      Array.from({ length: results }, () => 'i32' as const),
      (params) => {
        const outside = this.#values.length;
        const counter = params[0]!;
        this.#values.push(...params);
        this.#loops.push({ counter, carried, results });
        b.if(b.op('ge', counter, b.i32(this.#random.between(2, 6))), () => b.break(...this.#some(results)));
        const next = this.#inner(() => this.#next());
        this.#loops.pop();
        this.#values.length = outside;
        return next;
      },
    );
    this.#values.push(...broken);
  }
  #next(): Value[] {
    const { counter, carried } = this.#loops.at(-1)!;
    const step = this.#random.chance(0.7)
      ? this.#b.i32(1)
      : this.#b.op('add', this.#b.op('and', this.#value(), this.#b.i32(1)), this.#b.i32(1));
    return [this.#b.op('add', counter, step), ...this.#some(carried)];
  }

  #leave(): void {
    const loop = this.#loops.at(-1);
    const kind = this.#random.weighted({ return: 1, break: loop ? 3 : 0, continue: loop ? 4 : 0 });
    this.#write(this.#random.below(3));
    if (kind === 'return') this.#b.return();
    else if (kind === 'break') this.#b.break(...this.#some(loop!.results));
    else this.#b.continue(...this.#next());
  }
}
