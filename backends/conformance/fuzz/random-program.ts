/**
 * Random valid programs with arguments to run them on, the same for the same seed.
 *
 * What they compute depends on nothing but their arguments: an invocation stores only to elements of its own, the
 * workgroup exchanges data between barriers only, and atomics that meet on one element commute and return nothing that is
 * used. So any two executions must agree, however the invocations are ordered. Loops run a few times at most.
 */

import type { BufferParam, LocalArray, Program, ScalarParam, Value } from '../../../src/ir/index.ts';
import {
  type AtomicOp,
  Builder,
  componentCount,
  componentType,
  defaultWorkgroup,
  type ElementType,
  type IdOp,
  isFloat,
  isPacked,
  isScalarOp,
  isVector,
  loadedType,
  numericTypes,
  type OpName,
  opNames,
  ops,
  packedTypes,
  type ScalarOp,
  type ScalarRow,
  type ScalarType,
  type SoftwareOp,
  scalarTypes,
  type ValueType,
  vectorTypes,
} from '../../../src/ir/index.ts';
import { software } from '../../../src/ir/software/index.ts';
import { Random } from './random.ts';
import { type RandomLaunch, randomArguments, randomNumber } from './random-launch.ts';

export interface RandomProgramOptions {
  /**
   * `none`: no float types at all. `basic`: operations that every IEEE machine rounds alike, and none that shows the bits
   * of a NaN. `exact`: every operation, in a program of that mode. `all`: every operation. Default `basic`.
   */
  readonly floats?: 'none' | 'basic' | 'exact' | 'all';
  /** Also f16 values and arrays; default false. */
  readonly f16?: boolean;
  /** Barriers, workgroup memory, collectives; default true. */
  readonly barriers?: boolean;
  /** Written arrays may have packed elements; default false. */
  readonly packedStores?: boolean;
  /** About how many statements; default 25. */
  readonly size?: number;
}

export interface RandomProgram {
  readonly program: Program;
  readonly launch: RandomLaunch;
}

export function randomProgram(seed: number, options: RandomProgramOptions = {}): RandomProgram {
  return new Generator(seed, options).generate();
}

/** Operations whose float forms differ between machines, or show the bits of a NaN. */
const notBasic = new Set<OpName>(
  opNames.filter((op) => ops[op].exact === 'software' || ops[op].exact === 'composed').concat('bitcast', 'packHalf'),
);
for (const op of ['div', 'rem', 'sqrt'] as const) notBasic.delete(op);

/** Atomics of one group commute with each other. */
const atomicGroups: readonly (readonly AtomicOp[])[] = [
  ['atomicAdd', 'atomicSub'],
  ['atomicMin'],
  ['atomicMax'],
  ['atomicAnd'],
  ['atomicOr'],
  ['atomicXor'],
];
const returningAtomics: readonly AtomicOp[] = [
  ...atomicGroups.flat(),
  ...(['atomicLoad', 'atomicExchange', 'atomicCompareExchange'] as const),
];

const scalarOps = opNames.filter((op): op is ScalarOp => isScalarOp(op));
const idOps = opNames.filter((op): op is IdOp => ops[op].form === 'id');
const valueCollectives = ['groupSum', 'groupMin', 'groupMax', 'groupScan', 'groupBroadcast', 'uniform'] as const;

interface Visible {
  readonly value: Value;
  readonly uniform: boolean;
}
/** A loop around what is being built: how to go on with it, and the types of what it carries besides its counter. */
interface OpenLoop {
  readonly uniform: boolean;
  readonly carried: readonly ScalarType[];
  readonly step: () => Value;
}
/** A buffer of which each invocation has one element to itself, at `own()`. */
interface OwnedBuffer {
  readonly param: BufferParam;
  readonly own: () => Value[];
}

class Generator {
  readonly #random: Random;
  readonly #floats: 'none' | 'basic' | 'exact' | 'all';
  readonly #f16: boolean;
  readonly #barriers: boolean;
  readonly #packedStores: boolean;
  readonly #builder: Builder;
  readonly #types: readonly ScalarType[];
  readonly #gridRank: 1 | 2 | 3;
  readonly #grid: readonly [number, number, number];
  readonly #workgroup: readonly [number, number, number];

  readonly #scalars: ScalarParam[] = [];
  readonly #inputs: BufferParam[] = [];
  readonly #owned: OwnedBuffer[] = [];
  readonly #shared: { readonly param: BufferParam; readonly group: readonly AtomicOp[] }[] = [];
  readonly #private: LocalArray[] = [];
  /** One element into which blocks mix what they computed. */
  readonly #account: LocalArray;
  readonly #exchanges: LocalArray[] = [];
  readonly #counters: LocalArray[] = [];

  /** What the open block may use, outermost first. */
  readonly #visible: Visible[] = [];
  readonly #loops: OpenLoop[] = [];
  #budget: number;
  #depth = 0;
  /** Whether all invocations of the workgroup are here, or none. */
  #uniformFlow = true;
  /** Some invocations may have returned: no barrier can follow. */
  #sealed = false;

  constructor(seed: number, options: RandomProgramOptions) {
    const { floats = 'basic', f16 = false, barriers = true, packedStores = false, size = 25 } = options;
    const random = new Random(seed);
    this.#random = random;
    this.#floats = floats;
    this.#f16 = f16 && floats !== 'none';
    this.#barriers = barriers && random.chance(0.7);
    this.#packedStores = packedStores;
    this.#budget = size;
    this.#types = scalarTypes.filter((type) => this.#allows(type));
    this.#gridRank = random.pick([1, 1, 2, 3]);
    const axes = (low: number, high: number): [number, number, number] => [
      random.between(low, high),
      this.#gridRank > 1 ? random.between(low, Math.ceil(high / 3)) : 1,
      this.#gridRank > 2 ? random.between(low, 2) : 1,
    ];
    this.#grid = axes(random.chance(0.05) ? 0 : 1, 20);
    const declared = random.chance(0.6);
    this.#workgroup = declared ? axes(1, this.#gridRank === 1 && random.chance(0.2) ? 200 : 9) : defaultWorkgroup;
    this.#builder = new Builder({
      name: `random${seed}`,
      mode: floats === 'exact' ? 'exact' : 'stable',
      workgroup: declared ? this.#workgroup : undefined,
    });
    this.#account = this.#builder.privateArray('account', 'u32', 1);
  }

  generate(): RandomProgram {
    this.#declare();
    for (const param of this.#scalars) this.#exposeWhole(this.#builder.argument(param), true);
    this.#statements();
    if (!this.#builder.ended) {
      this.#settle(0);
      const account = this.#expose(this.#builder.load(this.#account, [this.#builder.i32(0)]), false);
      this.#expose(this.#builder.convert(account, 'i32'), false);
      for (const owned of this.#owned) this.#storeOwn(owned);
    }
    const program = this.#builder.finish();
    const args = randomArguments(this.#random, program.params, (param) => this.#shapeOf(param));
    return { program, launch: { grid: this.#grid, workgroup: this.#workgroup, args } };
  }

  // ---- what the program works on ----

  #allows(type: ValueType | ElementType): boolean {
    if (isPacked(type as ElementType)) return true;
    const scalar = componentType(type as ValueType);
    if (scalar === 'f16') return this.#f16;
    return scalar !== 'f32' || this.#floats !== 'none';
  }
  /** Whether floats of the program stay away from the operation. */
  #lacks(op: ScalarOp): boolean {
    if (this.#floats === 'exact') return ops[op].exact === 'software' && software[op as SoftwareOp] === undefined;
    return this.#floats !== 'all' && notBasic.has(op);
  }
  #elements(candidates: readonly ElementType[]): ElementType[] {
    return candidates.filter((element) => this.#allows(element));
  }

  #declare(): void {
    const random = this.#random;
    const b = this.#builder;
    const plain = this.#elements(numericTypes);
    const vectors = this.#elements(vectorTypes);
    const count = (most: number) => random.between(0, most);
    for (let i = 0; i < count(3); i++)
      this.#scalars.push(b.scalar(`s${i}`, random.pick([...this.#types, ...(vectors as ValueType[])])));
    for (let i = 0; i < random.between(1, 2); i++)
      this.#inputs.push(
        b.buffer(`in${i}`, 'read', random.pick([...plain, ...plain, ...vectors, ...packedTypes]), random.between(1, 4)),
      );
    for (let i = 0; i < random.between(1, 3); i++) {
      const elements = [...plain, ...plain, ...vectors, ...(this.#packedStores ? packedTypes : [])];
      const param = b.buffer(`out${i}`, random.pick(['write', 'readWrite']), random.pick(elements), this.#gridRank);
      this.#owned.push({ param, own: this.#indexMap(param) });
    }
    if (random.chance(0.4))
      this.#shared.push({
        param: b.buffer('tally', 'atomic', random.pick(['i32', 'u32'])),
        group: random.pick(atomicGroups),
      });
    if (random.chance(0.3)) {
      const param = b.buffer('cells', 'atomic', random.pick(['i32', 'u32']), this.#gridRank);
      this.#owned.push({ param, own: this.#indexMap(param) });
    }
    for (let i = 0; i < count(2); i++)
      this.#private.push(b.privateArray(`p${i}`, random.pick([...plain, ...vectors]), random.between(1, 6)));
    if (!this.#barriers) return;
    const size = this.#workgroup[0] * this.#workgroup[1] * this.#workgroup[2];
    for (let i = 0; i < random.between(1, 2); i++)
      this.#exchanges.push(
        b.workgroupArray(`w${i}`, random.pick([...plain, ...vectors]), random.pick([size, 1, size + 3])),
      );
    if (random.chance(0.5)) this.#counters.push(b.workgroupArray('c', random.pick(['i32', 'u32']), 4, true));
  }

  /** An injective map from the grid to indices of the buffer, written out afresh at each use. */
  #indexMap(param: BufferParam): () => Value[] {
    const b = this.#builder;
    const constant = this.#random.between(1, 3);
    const maps: readonly ((i: Value, axis: number) => Value)[] = [
      (i) => i,
      (i) => i,
      (i) => b.op('xor', i, b.i32(constant)),
      (i) => b.op('add', b.op('mul', i, b.i32(2)), b.i32(constant)),
      (i, axis) => b.op('sub', b.op('sub', b.dimension(param, axis), b.i32(1)), i),
      (i) => b.convert(i, 'u32'),
    ];
    const map = this.#random.pick(maps);
    return () => Array.from({ length: param.rank }, (_, axis) => map(b.id('globalId', param.rank - 1 - axis), axis));
  }

  #shapeOf(param: BufferParam): number[] {
    const random = this.#random;
    if (this.#inputs.includes(param)) return Array.from({ length: param.rank }, () => random.between(0, 7));
    if (param.name === 'tally') return [random.between(1, 5)];
    const scale = random.pick([1, 1, 2, 3]);
    const less = random.chance(0.2) ? 1 : 0;
    return Array.from({ length: param.rank }, (_, axis) =>
      Math.max(0, this.#grid[param.rank - 1 - axis]! * scale - less),
    );
  }

  // ---- values ----

  #expose(value: Value, uniform: boolean): Value {
    this.#visible.push({ value, uniform });
    return value;
  }

  /** A value of the type that can be seen from here, or a new constant. */
  #value(type: ScalarType, uniform = false): Value {
    const candidates = this.#visible.filter((v) => v.value.type === type && (v.uniform || !uniform));
    if (candidates.length > 0 && this.#random.chance(0.75)) {
      // the latest are the likeliest, so that values build on each other
      const back = Math.min(this.#random.below(candidates.length), this.#random.below(candidates.length));
      return candidates[candidates.length - 1 - back]!.value;
    }
    return this.#builder.constant(type, randomNumber(this.#random, type));
  }
  #isUniform(value: Value): boolean {
    // what is not listed is a constant just made
    return this.#visible.find((v) => v.value === value)?.uniform ?? true;
  }
  /** A value that an array of such elements, or a parameter of such a type, can take. */
  #whole(type: ValueType): Value {
    if (!isVector(type)) return this.#value(type as ScalarType);
    return this.#builder.compose(
      ...Array.from({ length: componentCount(type) }, () => this.#value(componentType(type))),
    );
  }
  /** Makes the scalars of a value visible. */
  #exposeWhole(value: Value, uniform: boolean): void {
    if (!isVector(value.type)) this.#expose(value, uniform);
    else
      for (let i = 0; i < componentCount(value.type); i++)
        if (this.#random.chance(0.6)) this.#expose(this.#builder.extract(value, i), uniform);
  }
  #condition(uniform: boolean): Value {
    const b = this.#builder;
    if (this.#random.chance(0.3)) return this.#value('bool', uniform);
    const type = this.#random.pick(['i32', 'u32'] as const);
    const condition = b.op(
      this.#random.pick(['eq', 'ne', 'lt', 'le', 'gt', 'ge'] as const),
      this.#value(type, uniform),
      this.#value(type, uniform),
    );
    return condition;
  }
  /** An index that is often in bounds. */
  #index(length: () => Value, uniform = false): Value {
    const b = this.#builder;
    const random = this.#random;
    const raw = this.#value('i32', uniform);
    const kind = random.weighted({ raw: 2, remainder: 3, mask: 2, clamped: 1, unsigned: 1, constant: 1 });
    switch (kind) {
      case 'raw':
        return raw;
      case 'remainder':
        return b.op('rem', b.convert(raw, 'u32'), b.convert(length(), 'u32'));
      case 'mask':
        return b.op('and', raw, b.i32(random.pick([0, 1, 3])));
      case 'clamped':
        return b.op('max', b.i32(0), b.op('min', raw, b.op('sub', length(), b.i32(1))));
      case 'unsigned':
        return b.convert(raw, 'u32');
      case 'constant':
        return b.i32(random.below(4));
    }
  }
  #bufferIndices(param: BufferParam, uniform = false): Value[] {
    return Array.from({ length: param.rank }, (_, axis) =>
      this.#index(() => this.#builder.dimension(param, axis), uniform),
    );
  }
  #arrayIndex(array: LocalArray, uniform = false): Value {
    return this.#index(() => this.#builder.i32(array.length), uniform);
  }

  // ---- statements ----

  /** Each kind of statement, with how often it is wanted here. */
  readonly #kinds: readonly { readonly weight: () => number; readonly build: () => void }[] = [
    { weight: () => 14, build: () => this.#scalarOperation() },
    { weight: () => 3, build: () => this.#identify() },
    { weight: () => 4, build: () => this.#loadInput() },
    { weight: () => 2, build: () => this.#loadOwn(this.#random.pick(this.#owned)) },
    { weight: () => 3, build: () => this.#storeOwn(this.#random.pick(this.#owned)) },
    { weight: () => this.#shared.length, build: () => this.#tally() },
    { weight: () => (this.#private.length > 0 ? 6 : 0), build: () => this.#usePrivate() },
    { weight: () => (this.#mayNest() ? 4 : 0), build: () => this.#branch() },
    { weight: () => (this.#mayNest() && this.#loops.length < 3 ? 3 : 0), build: () => this.#loop() },
    { weight: () => (this.#depth > 0 ? 0.5 : 0.05), build: () => this.#leave() },
    { weight: () => (this.#mayMeet() ? 1.5 : 0), build: () => this.#exchange() },
    { weight: () => (this.#mayMeet() ? this.#counters.length : 0), build: () => this.#countTogether() },
    { weight: () => (this.#mayMeet() ? 2 : 0), build: () => this.#collective() },
    { weight: () => (this.#mayMeet() ? 0.3 : 0), build: () => this.#builder.barrier() },
  ];
  #mayNest(): boolean {
    return this.#depth < 4 && this.#budget > 1;
  }
  #mayMeet(): boolean {
    return this.#barriers && this.#uniformFlow && !this.#sealed;
  }

  #statements(most = Number.POSITIVE_INFINITY): void {
    for (let i = 0; i < most && this.#budget > 0 && !this.#builder.ended; i++) {
      this.#budget--;
      const weights = Object.fromEntries(this.#kinds.map((kind, k) => [String(k), kind.weight()]));
      this.#kinds[Number(this.#random.weighted(weights))]!.build();
    }
  }

  /** A block of a few statements; `end` then chooses the values it passes on while its names can still be seen. */
  #block(end: () => readonly Value[]): readonly Value[] {
    const seen = this.#visible.length;
    this.#depth++;
    this.#statements(this.#random.between(0, 6));
    if (!this.#builder.ended && this.#random.chance(0.5)) this.#settle(seen);
    const values = this.#builder.ended ? [] : end();
    this.#depth--;
    this.#visible.length = seen;
    return values;
  }

  #scalarOperation(): void {
    const random = this.#random;
    const b = this.#builder;
    const op = random.pick(scalarOps);
    const row: ScalarRow = ops[op];
    // functions are long where a device writes them out, and drivers slow to compile them
    if (row.exact === 'software' && random.chance(0.8)) return;
    const of = row.of.filter((type) => this.#allows(type) && !(isFloat(type) && this.#lacks(op)));
    if (of.length === 0) return;
    const type = random.pick(of);
    const args = row.args.map((wanted) =>
      this.#value(wanted === 'T' ? type : wanted === 'int' ? random.pick(['i32', 'u32']) : wanted),
    );
    const uniform = args.every((arg) => this.#isUniform(arg));
    if (op === 'convert' || op === 'bitcast') {
      const to = (row.to ?? []).filter((target) => this.#allows(target));
      this.#expose(b[op](args[0]!, random.pick(to)), uniform);
    } else if (row.result === 'T' || this.#allows(row.result as ScalarType)) this.#expose(b.op(op, ...args), uniform);
  }

  #identify(): void {
    const random = this.#random;
    const op = random.pick(idOps);
    if (random.chance(0.3)) {
      const param = random.pick([...this.#inputs, ...this.#owned.map((owned) => owned.param)]);
      this.#expose(this.#builder.dimension(param, random.below(param.rank)), true);
    } else this.#expose(this.#builder.id(op, random.below(ops[op].axes)), ops[op].uniform);
  }

  #loadInput(): void {
    const param = this.#random.pick(this.#inputs);
    const uniform = this.#random.chance(0.2);
    this.#exposeWhole(this.#builder.load(param, this.#bufferIndices(param, uniform)), uniform);
  }
  #loadOwn({ param, own }: OwnedBuffer): void {
    const b = this.#builder;
    if (param.access !== 'atomic') this.#exposeWhole(b.load(param, own()), false);
    else this.#atomic(param, own());
  }
  #storeOwn({ param, own }: OwnedBuffer): void {
    const b = this.#builder;
    if (param.access === 'atomic') this.#atomic(param, own());
    else b.store(param, own(), this.#whole(loadedType(param.element)));
  }
  /** Mixes the integers that came into sight since then into the account, so that little of what is computed is for nothing. */
  #settle(seen: number): void {
    const b = this.#builder;
    const zero = b.i32(0);
    const integers = this.#visible.slice(seen).filter(({ value }) => value.type === 'i32' || value.type === 'u32');
    const mixed = integers.reduce(
      (rest, { value }) => b.op('xor', b.op('mul', rest, b.u32(31)), b.convert(value, 'u32')),
      b.load(this.#account, [zero]),
    );
    b.store(this.#account, [zero], mixed);
  }
  /** Any atomic operation, on an element that no other invocation touches. */
  #atomic(memory: BufferParam | LocalArray, indices: readonly Value[]): void {
    const type = loadedType(memory.element) as ScalarType;
    if (this.#random.chance(0.1)) {
      this.#builder.atomic('atomicStore', memory, indices, this.#value(type));
      return;
    }
    const op = this.#random.pick(returningAtomics);
    const values = Array.from({ length: ops[op].values }, () => this.#value(type));
    this.#expose(this.#builder.atomic(op, memory, indices, ...values)!, false);
  }
  /** An atomic operation that others may do to the same element; they commute, and nobody looks at what they return. */
  #tally(): void {
    const { param, group } = this.#random.pick(this.#shared);
    this.#builder.atomic(
      this.#random.pick(group),
      param,
      this.#bufferIndices(param),
      this.#value(param.element as ScalarType),
    );
  }

  #usePrivate(): void {
    const b = this.#builder;
    const array = this.#random.pick(this.#private);
    switch (this.#random.weighted({ load: 4, store: 5, clear: 1 })) {
      case 'load':
        this.#exposeWhole(b.load(array, [this.#arrayIndex(array)]), false);
        return;
      case 'store':
        b.store(array, [this.#arrayIndex(array)], this.#whole(loadedType(array.element)));
        return;
      case 'clear':
        b.clear(array);
    }
  }

  #branch(): void {
    const random = this.#random;
    const b = this.#builder;
    const uniform = random.chance(0.4);
    const condition = this.#condition(uniform);
    const types = Array.from({ length: random.below(3) }, () => random.pick(this.#types));
    const flow = this.#uniformFlow;
    this.#uniformFlow = flow && uniform;
    const arm = () => this.#block(() => types.map((type) => this.#value(type)));
    const results = random.chance(0.3) && types.length === 0 ? b.if(condition, arm) : b.if(condition, arm, arm);
    this.#uniformFlow = flow;
    for (const result of results) this.#expose(result, false);
  }

  /** A loop that counts up or down a few times, with its test in front, around its body, or hidden in a shift. */
  #loop(): void {
    const random = this.#random;
    const b = this.#builder;
    const carried = Array.from({ length: random.below(3) }, () => random.pick(this.#types));
    const flow = this.#uniformFlow;
    const uniform = flow && random.chance(0.5);
    const trips = random.chance(0.5) ? b.i32(random.below(5)) : b.op('and', this.#value('i32', uniform), b.i32(3));
    const way = random.pick(['up', 'down', 'shift'] as const);
    const start = { up: () => b.i32(0), down: () => trips, shift: () => b.op('shl', b.i32(1), trips) }[way]();
    const results = b.loop([start, ...carried.map((type) => this.#value(type))], carried, ([counter, ...values]) => {
      const i = counter!;
      const step = {
        up: () => b.op('add', i, b.i32(1)),
        down: () => b.op('sub', i, b.i32(1)),
        shift: () => b.op('shr', i, b.i32(1)),
      }[way];
      const goesOn = way === 'up' ? b.op('lt', i, trips) : b.op('gt', i, b.i32(0));
      const seen = this.#visible.length;
      this.#expose(i, uniform);
      for (const value of values) this.#expose(value, false);
      this.#uniformFlow = uniform;
      this.#loops.push({ uniform, carried, step });
      const body = () => this.#block(() => [step(), ...carried.map((type) => this.#value(type))]);
      let next: readonly Value[];
      if (random.chance(0.5)) {
        b.if(
          goesOn,
          () => {},
          () => b.break(...values),
        );
        next = body();
      } else next = b.if(goesOn, body, () => b.break(...values));
      this.#loops.pop();
      this.#visible.length = seen;
      return next;
    });
    this.#uniformFlow = flow;
    for (const result of results) this.#expose(result, false);
  }

  /** Ends the block by leaving or continuing the loop around it, or by returning, where the barriers to come allow it. */
  #leave(): void {
    const random = this.#random;
    const b = this.#builder;
    const loop = this.#loops.at(-1);
    const carried = () => (loop?.carried ?? []).map((type) => this.#value(type));
    if (loop !== undefined && (!loop.uniform || this.#uniformFlow) && random.chance(0.8)) {
      if (random.chance(0.5)) b.break(...carried());
      else b.continue(loop.step(), ...carried());
      return;
    }
    if (!this.#uniformFlow) {
      if (this.#loops.some(({ uniform }) => uniform) || (this.#mayMeetLater() && random.chance(0.7))) return;
      this.#sealed = true;
    }
    b.return();
  }
  #mayMeetLater(): boolean {
    return this.#barriers && !this.#sealed;
  }

  /** Each invocation writes its slot of a workgroup array; after a barrier all read. */
  #exchange(): void {
    const b = this.#builder;
    const array = this.#random.pick(this.#exchanges);
    const type = loadedType(array.element);
    b.store(array, [b.id('localIndex')], this.#whole(type));
    b.barrier();
    if (!isVector(type) && type !== 'f16' && this.#random.chance(0.3))
      this.#expose(b.uniformLoad(array, this.#arrayIndex(array, true)), true);
    else for (let i = 0; i < 2; i++) this.#exposeWhole(b.load(array, [this.#arrayIndex(array)]), false);
    b.barrier();
  }
  #countTogether(): void {
    const b = this.#builder;
    const array = this.#random.pick(this.#counters);
    const type = array.element as ScalarType;
    const group = this.#random.pick(atomicGroups);
    for (let i = 0; i < 2; i++) b.atomic(this.#random.pick(group), array, [this.#arrayIndex(array)], this.#value(type));
    b.barrier();
    this.#expose(b.atomic('atomicLoad', array, [this.#arrayIndex(array)])!, false);
    b.barrier();
  }
  #collective(): void {
    const op = this.#random.pick(valueCollectives);
    const type = this.#random.pick(ops[op].of.filter((candidate) => this.#allows(candidate)));
    this.#expose(this.#builder.collective(op, this.#value(type)), ops[op].uniform);
  }
}
