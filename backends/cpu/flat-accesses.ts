/**
 * Addresses in loops by addition (strength reduction; Allen, Cocke, Kennedy, 1981): an access whose indices go in steps with the
 * counter of the innermost loop around it gets one index into the whole array, carried by the loop.
 *
 * `a[i, j]` costs a multiplication for every dimension but one, each time; here they are done once, before the loop. Only for accesses
 * that need no guard, since a guard asks for each index. From here on a proven load or store of a buffer may have one index whatever
 * the buffer's rank: the number of the element. Sums and products wrap, as those of addresses do.
 */

import { numberOf } from '../../src/ir/bits.ts';
import { Builder } from '../../src/ir/builder.ts';
import {
  type Block,
  type BufferParam,
  definitionsOf,
  forEachInstruction,
  type Loop,
  type Memory,
  type Operation,
  type Program,
  resultsOf,
  type Value,
} from '../../src/ir/program.ts';
import { isInteger, type ScalarType } from '../../src/ir/types.ts';
import { jumpsOf, rewrite } from '../../src/passes/rewrite.ts';

/** Arithmetic of i32 that is built where it is wanted, once for each key. */
interface Term {
  readonly key: string;
  readonly build: (b: Builder) => Value;
  /** Where it is known. */
  readonly constant?: number;
}
/** `base + slope * counter`; a missing part is zero. */
interface Linear {
  readonly base: Term | undefined;
  readonly slope: Term | undefined;
}
/** A parameter of the loop that every iteration changes by the same amount. */
interface Counter {
  readonly param: Value;
  readonly init: Value;
  readonly step: Term;
}
/** An index that a loop carries. */
interface Carried {
  readonly param: Value;
  readonly init: Term;
  readonly step: Term;
}

export function flattenAccesses(program: Program): Program {
  const definitions = definitionsOf(program.body);
  return rewrite(program, {
    loop(loop, out) {
      const plan = new Plan(loop, definitions);
      if (plan.flat.size === 0) {
        out.append(out.rebuildLoop(loop));
        return;
      }
      const b = new Builder({ name: program.name });
      b.place = loop.place;
      const carried = plan.carried.map(({ param, init, step }) => ({
        param,
        init: init.build(b),
        step: step.build(b),
      }));
      for (const instruction of b.finish().body.body) out.append(instruction);
      out.append(
        out.rebuildLoop({
          ...loop,
          params: [...loop.params, ...carried.map(({ param }) => param)],
          inits: [...loop.inits, ...carried.map(({ init }) => init)],
          body: stepped(loop.body, plan.flat, carried),
        }),
      );
    },
  });
}

/** The loop's body with its flat accesses, passing on the indices that it carries. */
function stepped(
  block: Block,
  flat: ReadonlyMap<Operation, Value>,
  carried: readonly { readonly param: Value; readonly step: Value }[],
): Block {
  const body = block.body.map((instruction) => {
    if (instruction.kind === 'loop') return instruction;
    if (instruction.kind === 'if') {
      const [accept, reject] = [instruction.accept, instruction.reject].map((arm) => stepped(arm, flat, carried));
      return { ...instruction, accept: accept!, reject: reject! };
    }
    const index = flat.get(instruction);
    if (index === undefined) return instruction;
    return { ...instruction, args: instruction.op === 'store' ? [index, instruction.args.at(-1)!] : [index] };
  });
  if (block.end.kind !== 'continue') return { body, end: block.end };
  const next = carried.map(
    ({ param, step }): Operation => ({
      kind: 'op',
      op: 'add',
      args: [param, step],
      result: { type: 'i32' },
      attribute: 0,
      reference: undefined,
    }),
  );
  const values = [...block.end.values, ...next.map(({ result }) => result!)];
  return { body: [...body, ...next], end: { ...block.end, values } };
}

/** What is to be done to one loop. */
class Plan {
  readonly flat = new Map<Operation, Value>();
  readonly #carried = new Map<string, Carried>();
  readonly #definitions: ReadonlyMap<Value, Operation>;
  readonly #inside = new Set<Value>();
  readonly #counters: readonly Counter[];
  readonly #terms = new Map<string, Value>();
  readonly #keys = new Map<object, number>();

  constructor(loop: Loop, definitions: ReadonlyMap<Value, Operation>) {
    this.#definitions = definitions;
    for (const param of loop.params) this.#inside.add(param);
    forEachInstruction(loop.body, (instruction) => {
      for (const result of resultsOf(instruction)) this.#inside.add(result);
      if (instruction.kind === 'loop') for (const param of instruction.params) this.#inside.add(param);
    });
    this.#counters = this.#countersOf(loop);
    if (this.#counters.length > 0) this.#block(loop.body);
  }

  get carried(): readonly Carried[] {
    return [...this.#carried.values()];
  }

  #block(block: Block): void {
    for (const instruction of block.body) {
      if (instruction.kind === 'op') this.#access(instruction);
      else if (instruction.kind === 'if') for (const arm of [instruction.accept, instruction.reject]) this.#block(arm);
    }
  }

  #access(operation: Operation): void {
    const { op, reference, proven } = operation;
    if ((op !== 'load' && op !== 'store') || proven !== true) return;
    const indices = op === 'load' ? operation.args : operation.args.slice(0, -1);
    for (const counter of this.#counters) {
      const index = this.#indexOf(reference as Memory, indices, counter);
      if (index === undefined) continue;
      this.flat.set(operation, index);
      return;
    }
  }

  /** The index that takes the place of these; undefined where there is nothing to gain, or they do not go with the counter. */
  #indexOf(memory: Memory, indices: readonly Value[], counter: Counter): Value | undefined {
    let number: Linear = { base: undefined, slope: undefined };
    for (const [axis, index] of indices.entries()) {
      const linear = this.#linear(index, counter);
      if (linear === undefined) return undefined;
      number =
        axis === 0 ? linear : this.#sum(this.#scaled(number, this.#dimension(memory as BufferParam, axis)), linear);
    }
    const { base, slope } = number;
    // a counter and what is added to it cost nothing
    if (slope === undefined || (indices.length === 1 && slope.constant === 1)) return undefined;
    const key = `${base?.key} + ${slope.key} * ${this.#id(counter.param)}`;
    const known = this.#carried.get(key);
    if (known !== undefined) return known.param;
    const start = this.#plus(base, this.#times(slope, this.#value(counter.init)));
    const carried: Carried = {
      param: { type: 'i32' },
      init: start ?? this.#number(0),
      step: this.#times(slope, counter.step) ?? this.#number(0),
    };
    this.#carried.set(key, carried);
    return carried.param;
  }

  /** Parameters to which every `continue` passes themselves and the same amount more. */
  #countersOf(loop: Loop): Counter[] {
    const continues = jumpsOf(loop.body).filter(({ kind }) => kind === 'continue');
    return loop.params.flatMap((param, i): Counter[] => {
      if (!isInteger(param.type)) return [];
      const steps = continues.map(({ values }) => this.#stepOf(values[i]!, param));
      const [step] = steps;
      if (step === undefined || steps.some((other) => other?.key !== step.key)) return [];
      return [{ param, init: loop.inits[i]!, step }];
    });
  }
  #stepOf(next: Value, param: Value): Term | undefined {
    const definition = this.#definitions.get(next);
    if (definition?.op !== 'add' || !definition.args.includes(param)) return undefined;
    const [x, y] = definition.args as [Value, Value];
    return this.#invariant(x === param ? y : x);
  }

  #linear(value: Value, counter: Counter, depth = 8): Linear | undefined {
    if (value === counter.param) return { base: undefined, slope: this.#number(1) };
    const invariant = this.#invariant(value);
    if (invariant !== undefined) return { base: invariant, slope: undefined };
    const definition = this.#definitions.get(value);
    if (definition === undefined || depth === 0 || !isInteger(value.type)) return undefined;
    const { op, args } = definition;
    if (op === 'convert' || op === 'bitcast')
      return isInteger(args[0]!.type) ? this.#linear(args[0]!, counter, depth - 1) : undefined;
    if (!['add', 'sub', 'mul', 'shl'].includes(op)) return undefined;
    const [x, y] = args.map((arg) => this.#linear(arg, counter, depth - 1));
    if (x === undefined || y === undefined) return undefined;
    if (op === 'add') return this.#sum(x, y);
    if (op === 'sub') return this.#sum(x, this.#scaled(y, this.#number(-1)));
    if (op === 'shl') {
      const bits = y.base?.constant;
      return y.slope === undefined && bits !== undefined ? this.#scaled(x, this.#number(1 << bits)) : undefined;
    }
    if (y.slope === undefined) return this.#scaled(x, y.base);
    return x.slope === undefined ? this.#scaled(y, x.base) : undefined;
  }

  /** What is the same in every iteration. */
  #invariant(value: Value): Term | undefined {
    const definition = this.#definitions.get(value);
    if (definition?.op === 'constant' && isInteger(value.type))
      return this.#number(numberOf(value.type as ScalarType, definition.attribute));
    return this.#inside.has(value) ? undefined : this.#value(value);
  }

  // ---- terms ----

  #id(object: object): number {
    const id = this.#keys.get(object) ?? this.#keys.size;
    this.#keys.set(object, id);
    return id;
  }
  #term(key: string, make: (b: Builder) => Value, constant?: number): Term {
    const build = (b: Builder): Value => {
      let made = this.#terms.get(key);
      if (made === undefined) this.#terms.set(key, (made = make(b)));
      return made;
    };
    return constant === undefined ? { key, build } : { key, build, constant };
  }
  #number(value: number): Term {
    const wrapped = value | 0;
    return this.#term(String(wrapped), (b) => b.i32(wrapped), wrapped);
  }
  #dimension(buffer: BufferParam, axis: number): Term {
    return this.#term(`dimension ${this.#id(buffer)} ${axis}`, (b) => b.dimension(buffer, axis));
  }
  #value(value: Value): Term {
    const known = this.#definitions.get(value);
    if (known?.op === 'constant') return this.#number(numberOf(value.type as ScalarType, known.attribute));
    return this.#term(`v${this.#id(value)}`, (b) => (value.type === 'i32' ? value : b.convert(value, 'i32')));
  }
  #sum(x: Linear, y: Linear): Linear {
    return { base: this.#plus(x.base, y.base), slope: this.#plus(x.slope, y.slope) };
  }
  #scaled({ base, slope }: Linear, by: Term | undefined): Linear {
    return { base: this.#times(base, by), slope: this.#times(slope, by) };
  }
  #plus(x: Term | undefined, y: Term | undefined): Term | undefined {
    if (x === undefined || x.constant === 0) return y;
    if (y === undefined || y.constant === 0) return x;
    if (x.constant !== undefined && y.constant !== undefined) return this.#number(x.constant + y.constant);
    return this.#term(`(${x.key} + ${y.key})`, (b) => b.op('add', x.build(b), y.build(b)));
  }
  #times(x: Term | undefined, y: Term | undefined): Term | undefined {
    if (x === undefined || y === undefined || x.constant === 0 || y.constant === 0) return undefined;
    if (x.constant === 1) return y;
    if (y.constant === 1) return x;
    if (x.constant !== undefined && y.constant !== undefined) return this.#number(Math.imul(x.constant, y.constant));
    return this.#term(`(${x.key} * ${y.key})`, (b) => b.op('mul', x.build(b), y.build(b)));
  }
}
