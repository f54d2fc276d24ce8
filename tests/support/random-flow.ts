/**
 * Random programs that are all control flow: branches, loops, early exits and barriers, on conditions that are the same in
 * all invocations or not, in every mixture. Well formed, but many have a barrier where it may not stand: they are for
 * testing who notices. Running them makes no sense.
 */

import { Builder, type Program, type Value } from '../../src/ir/index.ts';
import { Random } from './random.ts';

export function randomFlow(seed: number): Program {
  return new Flow(seed).program();
}

class Flow {
  readonly #random: Random;
  readonly #b: Builder;
  readonly #read;
  readonly #written;
  readonly #counter;
  readonly #shared;
  readonly #private;
  readonly #n;
  /** i32 values in scope. */
  readonly #values: Value[] = [];
  /** Parameters and results of the loops around. */
  readonly #loops: { readonly params: number; readonly results: number }[] = [];
  #budget = 14;

  constructor(seed: number) {
    this.#random = new Random(seed);
    this.#b = new Builder({ name: `flow${seed}`, workgroup: [8, 1, 1] });
    this.#n = this.#b.scalar('n', 'i32');
    this.#read = this.#b.buffer('read', 'read', 'i32');
    this.#written = this.#b.buffer('written', 'readWrite', 'i32');
    this.#counter = this.#b.buffer('counter', 'atomic', 'i32');
    this.#shared = this.#b.workgroupArray('shared', 'i32', 8);
    this.#private = this.#b.privateArray('own', 'i32', 4);
  }

  program(): Program {
    this.#values.push(this.#b.argument(this.#n), this.#b.id('localId', 0), this.#b.i32(3));
    this.#statements();
    if (!this.#b.ended) this.#b.store(this.#written, [this.#value()], this.#value());
    return this.#b.finish();
  }

  #value(): Value {
    return this.#random.pick(this.#values);
  }
  #some(count: number): Value[] {
    return Array.from({ length: count }, () => this.#value());
  }
  #condition(): Value {
    return this.#b.op(this.#random.pick(['lt', 'eq', 'ge'] as const), this.#value(), this.#value());
  }

  #statements(): void {
    while (this.#budget > 0 && !this.#b.ended) {
      this.#budget--;
      this.#statement();
      if (this.#random.chance(0.15)) return;
    }
  }
  /** A block of its own; its values go out of scope. */
  #inner(end: () => readonly Value[]): () => readonly Value[] {
    return () => {
      const outside = this.#values.length;
      this.#statements();
      const values = this.#b.ended ? [] : end();
      this.#values.length = outside;
      return values;
    };
  }

  #statement(): void {
    const b = this.#b;
    const kind = this.#random.weighted({
      value: 5,
      effect: 2,
      barrier: 3,
      collective: 2,
      branch: 5,
      loop: 3,
      leave: 1.5,
    });
    switch (kind) {
      case 'value':
        this.#values.push(this.#newValue());
        break;
      case 'effect':
        b.store(this.#random.pick([this.#written, this.#shared, this.#private]), [this.#value()], this.#value());
        break;
      case 'barrier':
        b.barrier();
        break;
      case 'collective':
        this.#values.push(
          this.#random.chance(0.3)
            ? b.uniformLoad(this.#shared, this.#value())
            : b.collective(this.#random.pick(['uniform', 'groupSum', 'groupScan', 'groupBroadcast']), this.#value()),
        );
        break;
      case 'branch':
        this.#branch();
        break;
      case 'loop':
        if (this.#loops.length < 3) this.#loop();
        break;
      case 'leave':
        // at the end of a block only now and then, or little would follow
        b.if(this.#condition(), () => this.#leave());
        break;
    }
  }

  #newValue(): Value {
    const b = this.#b;
    const kinds = [
      () => b.op('add', this.#value(), this.#value()),
      () => b.op('select', this.#condition(), this.#value(), this.#value()),
      () => b.load(this.#read, [this.#value()]),
      () => b.load(this.#written, [this.#value()]),
      () => b.load(this.#shared, [this.#value()]),
      () => b.load(this.#private, [this.#value()]),
      () => b.id('workgroupId', 0),
      () => b.id('globalId', 0),
      () => b.dimension(this.#read),
      () => b.i32(this.#random.below(9)),
      () => b.atomic('atomicAdd', this.#counter, [this.#value()], this.#value())!,
    ];
    return this.#random.pick(kinds)();
  }

  #branch(): void {
    const count = this.#random.below(3);
    // an arm that leaves the other way than by its end gives nothing
    const arm = () => this.#inner(() => this.#some(count));
    const accept = arm();
    const reject = arm();
    this.#values.push(...this.#b.if(this.#condition(), accept, reject));
  }

  #loop(): void {
    const b = this.#b;
    const random = this.#random;
    const carried = random.below(3);
    const results = random.below(3);
    const inits = [b.i32(0), ...this.#some(carried)];
    this.#loops.push({ params: inits.length, results });
    const broken = b.loop(
      inits,
      Array.from({ length: results }, () => 'i32' as const),
      (params) => {
        const outside = this.#values.length;
        this.#values.push(...params);
        const end = random.chance(0.7) ? random.pick([b.i32(4), this.#values[0]!]) : this.#value();
        b.if(b.op('ge', params[0]!, end), () => b.break(...this.#some(results)));
        const next = this.#inner(() => [b.op('add', params[0]!, b.i32(1)), ...this.#some(carried)])();
        this.#values.length = outside;
        return next;
      },
    );
    this.#loops.pop();
    this.#values.push(...broken);
  }

  #leave(): void {
    const loop = this.#loops.at(-1);
    const kind = this.#random.weighted({ return: 1, break: loop ? 3 : 0, continue: loop ? 2 : 0 });
    if (kind === 'return') this.#b.return();
    else if (kind === 'break') this.#b.break(...this.#some(loop!.results));
    else this.#b.continue(...this.#some(loop!.params));
  }
}
