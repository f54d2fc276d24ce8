/**
 * A program as closures, without `eval`.
 *
 * A workgroup runs in lockstep: an instruction becomes a `Step`, a function that does it for a list of lanes (the invocations of
 * the workgroup that are there at the time) and returns those that go on behind it. A value is a column, a number for
 * each lane, which the closures hold. So a barrier is nothing at all: all that lanes did before it is done.
 *
 * Columns belong to the compiled program: it runs one launch at a time.
 */

import {
  type AtomicOp,
  type Block,
  componentCount,
  type End,
  type Form,
  type IdOp,
  type If,
  type Instruction,
  type LocalArray,
  type Loop,
  type LoopFuel,
  type Memory,
  numberOf,
  type Operation,
  operandType,
  outOfFuel,
  type Param,
  type Program,
  rankOf,
  rowOf,
  type ScalarFunction,
  type ScalarOp,
  type ScalarRow,
  type ScalarType,
  scalarFunction,
  type Value,
} from '../../src/ir/index.ts';
import { layoutOf, type Region } from './elements.ts';

export type Triple = readonly [number, number, number];

/** What closures look up as they run. */
export interface Launch {
  readonly grid: Triple;
  /** Workgroups of the whole grid. */
  readonly groups: Triple;
  /** By parameter; undefined where it is the other kind. */
  readonly buffers: readonly (Region | undefined)[];
  readonly scalars: readonly (readonly number[] | undefined)[];
}

/** Invocations of a workgroup, by local index. */
type Lanes = readonly number[];
type Step = (lanes: Lanes, launch: Launch) => Lanes;
type Column = Float64Array;
const nobody: Lanes = [];

/** A step that every lane goes on behind. */
function each(run: (lane: number, launch: Launch) => void): Step {
  return (lanes, launch) => {
    for (let i = 0; i < lanes.length; i++) run(lanes[i]!, launch);
    return lanes;
  };
}
const nothing: Step = (lanes) => lanes;

/** Where the end of a block leads. */
interface Targets {
  /** Results of the `if` whose arm it is. */
  readonly yield: readonly Value[];
  readonly loop?: LoopTargets;
}
interface LoopTargets {
  /** What takes the values that are passed on. */
  readonly values: { readonly break: readonly Value[]; readonly continue: readonly Value[] };
  /** Lanes that left the body, in the iteration that runs (`continue`) or in any (`break`). */
  readonly lanes: { break: Lanes; continue: Lanes };
}

/** A program compiled for one workgroup. */
export class Closures {
  readonly #program: Program;
  readonly #workgroup: Triple;
  /** Ghosts run too: the lanes beyond the grid, which barriers wait for. */
  readonly #ghosts: boolean;
  readonly #size: number;
  readonly #columns = new Map<Value, readonly Column[]>();
  readonly #params: ReadonlyMap<Param, number>;
  readonly #locals: ReadonlyMap<LocalArray, Region>;
  readonly #body: Step;
  // of the workgroup that runs
  #group: Triple = [0, 0, 0];
  readonly #local: readonly [Column, Column, Column];
  readonly #inGrid: Uint8Array;
  readonly #fuel: { readonly [F in Exclude<LoopFuel, 'none'>]: Column };

  constructor(program: Program, workgroup: Triple, ghosts: boolean) {
    const size = workgroup[0] * workgroup[1] * workgroup[2];
    this.#program = program;
    this.#workgroup = workgroup;
    this.#ghosts = ghosts;
    this.#size = size;
    this.#params = new Map(program.params.map((param, i) => [param, i]));
    this.#locals = new Map(
      program.locals.map((local) => {
        const arrays = local.space === 'private' ? size : 1;
        const bytes = arrays * local.length * layoutOf(local.element).bytes;
        return [local, { view: new DataView(new ArrayBuffer(bytes)), shape: [local.length] }];
      }),
    );
    const [x, y] = workgroup;
    this.#local = [
      this.#column((lane) => lane % x),
      this.#column((lane) => Math.floor(lane / x) % y),
      this.#column((lane) => Math.floor(lane / (x * y))),
    ];
    this.#inGrid = new Uint8Array(size);
    this.#fuel = { invocation: new Float64Array(size), workgroup: new Float64Array(size) };
    this.#body = this.#block(program.body, { yield: [] });
  }

  /** Runs one workgroup. Throws `out-of-fuel`. */
  run(group: Triple, launch: Launch): void {
    this.#group = group;
    for (const { view } of this.#locals.values()) new Uint8Array(view.buffer).fill(0);
    for (const fuel of Object.values(this.#fuel)) fuel.fill(this.#program.fuel);
    const lanes: number[] = [];
    for (let lane = 0; lane < this.#size; lane++) {
      const inside = [0, 1, 2].every((axis) => this.#global(lane, axis) < launch.grid[axis]!);
      this.#inGrid[lane] = inside ? 1 : 0;
      if (inside || this.#ghosts) lanes.push(lane);
    }
    this.#body(lanes, launch);
  }

  #global(lane: number, axis: number): number {
    return this.#group[axis]! * this.#workgroup[axis]! + this.#local[axis]![lane]!;
  }
  #column(value: (lane: number) => number): Column {
    return Float64Array.from({ length: this.#size }, (_, lane) => value(lane));
  }
  /** One for each component. */
  #columnsOf(value: Value): readonly Column[] {
    const known = this.#columns.get(value);
    if (known !== undefined) return known;
    const columns = Array.from({ length: componentCount(value.type) }, () => new Float64Array(this.#size));
    this.#columns.set(value, columns);
    return columns;
  }
  #columnOf(value: Value | undefined): Column {
    return value === undefined ? this.#local[0] : this.#columnsOf(value)[0]!;
  }

  #block({ body, end }: Block, targets: Targets): Step {
    const steps = body.map((instruction) => this.#instruction(instruction, targets)).filter((it) => it !== nothing);
    steps.push(this.#end(end, targets));
    return (lanes, launch) => {
      for (const step of steps) {
        if (lanes.length === 0) break;
        lanes = step(lanes, launch);
      }
      return lanes;
    };
  }

  #instruction(instruction: Instruction, targets: Targets): Step {
    if (instruction.kind === 'if') return this.#if(instruction, targets);
    if (instruction.kind === 'loop') return this.#loop(instruction);
    return this.#forms[rowOf(instruction.op).form](instruction);
  }

  #if({ condition, accept, reject, results }: If, targets: Targets): Step {
    const test = this.#columnOf(condition);
    const yes = this.#block(accept, { ...targets, yield: results });
    const no = this.#block(reject, { ...targets, yield: results });
    return (lanes, launch) => {
      const taken = lanes.filter((lane) => test[lane] !== 0);
      if (taken.length === lanes.length) return yes(lanes, launch);
      if (taken.length === 0) return no(lanes, launch);
      const others = lanes.filter((lane) => test[lane] === 0);
      return [...yes(taken, launch), ...no(others, launch)];
    };
  }

  #loop({ params, inits, body, results, verified }: Loop): Step {
    const enter = this.#move(inits, params);
    const loop: LoopTargets = {
      values: { break: results, continue: params },
      lanes: { break: nobody, continue: nobody },
    };
    const iterate = this.#block(body, { yield: [], loop });
    const burn = this.#burn(verified);
    return (lanes, launch) => {
      loop.lanes.break = nobody;
      for (let running = enter(lanes, launch); running.length > 0; running = loop.lanes.continue) {
        loop.lanes.continue = nobody;
        iterate(burn(running, launch), launch);
      }
      return loop.lanes.break;
    };
  }

  /** Takes an iteration of fuel. */
  #burn(verified: Loop['verified']): Step {
    if (verified === undefined || verified.fuel === 'none') return nothing;
    const fuel = this.#fuel[verified.fuel];
    return each((lane) => {
      if (fuel[lane]!-- <= 0) throw outOfFuel(this.#program, verified.id);
    });
  }

  #end(end: End, targets: Targets): Step {
    if (end.kind === 'return' || end.kind === 'unreachable') return () => nobody;
    const { kind, values } = end;
    if (kind === 'yield') return this.#move(values, targets.yield);
    const loop = targets.loop!;
    const pass = this.#move(values, loop.values[kind]);
    return (lanes, launch) => {
      loop.lanes[kind] = [...loop.lanes[kind], ...pass(lanes, launch)];
      return nobody;
    };
  }

  /** Copies values, all at once: a loop may swap its parameters. */
  #move(from: readonly Value[], to: readonly Value[]): Step {
    const sources = from.flatMap((value) => this.#columnsOf(value));
    const targets = to.flatMap((value) => this.#columnsOf(value));
    if (sources.length === 0) return nothing;
    const held = new Float64Array(sources.length);
    return each((lane) => {
      for (let i = 0; i < sources.length; i++) held[i] = sources[i]![lane]!;
      for (let i = 0; i < sources.length; i++) targets[i]![lane] = held[i]!;
    });
  }

  /** What each form of operation becomes. The op table's keys type it, so a form that is missing does not compile. */
  readonly #forms: { readonly [F in Form]: (operation: Operation) => Step } = {
    scalar: ({ op, args, result }) => {
      const type = operandType(rowOf(op) as ScalarRow, args)!;
      const compute = scalarFunction(op as ScalarOp, type, result!.type as ScalarType);
      const [x, y, z] = [args[0], args[1], args[2]].map((arg) => this.#columnOf(arg)) as [Column, Column, Column];
      const out = this.#columnOf(result);
      return each((lane) => {
        out[lane] = compute(x[lane]!, y[lane]!, z[lane]!);
      });
    },
    constant: ({ result, attribute }) => {
      this.#columnOf(result).fill(numberOf(result!.type as ScalarType, attribute));
      return nothing;
    },
    argument: ({ result, reference }) => {
      const outs = this.#columnsOf(result!);
      const param = this.#params.get(reference as Param)!;
      return each((lane, { scalars }) => {
        outs.forEach((out, c) => {
          out[lane] = scalars[param]![c]!;
        });
      });
    },
    id: ({ op, result, attribute }) => {
      const id = this.#ids[op as IdOp];
      const out = this.#columnOf(result);
      return each((lane, launch) => {
        out[lane] = id(lane, attribute, launch);
      });
    },
    dimension: ({ result, reference, attribute }) => {
      const out = this.#columnOf(result);
      const param = this.#params.get(reference as Param)!;
      return each((lane, { buffers }) => {
        out[lane] = buffers[param]!.shape[attribute]!;
      });
    },
    // a vector is its components' columns, so neither moves anything
    compose: ({ args, result }) => {
      this.#columns.set(
        result!,
        args.map((arg) => this.#columnOf(arg)),
      );
      return nothing;
    },
    extract: ({ args, result, attribute }) => {
      this.#columns.set(result!, [this.#columnsOf(args[0]!)[attribute]!]);
      return nothing;
    },
    load: (operation) => this.#load(operation),
    store: (operation) => {
      const memory = operation.reference as Memory;
      const { write, step, bytes } = layoutOf(memory.element);
      const [region, locate] = [this.#regionOf(memory), this.#locator(operation)];
      const inputs = this.#columnsOf(operation.args.at(-1)!);
      return each((lane, launch) => {
        const element = locate(lane, launch);
        if (element < 0 || this.#drops(lane, memory)) return;
        const { view } = region(launch);
        for (let c = 0; c < inputs.length; c++) write(view, element * bytes + c * step, inputs[c]![lane]!);
      });
    },
    clear: ({ reference }) => {
      const { element, length } = reference as LocalArray;
      const bytes = length * layoutOf(element).bytes;
      const all = new Uint8Array(this.#locals.get(reference as LocalArray)!.view.buffer);
      return each((lane) => {
        all.fill(0, lane * bytes, (lane + 1) * bytes);
      });
    },
    atomic: (operation) => {
      const { op, args, result, reference } = operation;
      const memory = reference as Memory;
      const { read, write, bytes } = layoutOf(memory.element);
      const [region, locate] = [this.#regionOf(memory), this.#locator(operation)];
      const update = atomics[op as AtomicOp](memory.element as ScalarType);
      const rank = rankOf(memory);
      const [x, y] = [this.#columnOf(args[rank]), this.#columnOf(args[rank + 1])];
      const out = result && this.#columnOf(result);
      return each((lane, launch) => {
        const element = this.#drops(lane, memory) ? -1 : locate(lane, launch);
        const { view } = region(launch);
        const old = element < 0 ? 0 : read(view, element * bytes);
        if (element >= 0) write(view, element * bytes, update(old, x[lane]!, y[lane]!));
        if (out !== undefined) out[lane] = old;
      });
    },
    barrier: () => nothing,
    // the pipeline writes out all but `uniformLoad`: a load between two barriers
    collective: (operation) => this.#load(operation),
  };

  #load(operation: Operation): Step {
    const memory = operation.reference as Memory;
    const { read, step, bytes } = layoutOf(memory.element);
    const [region, locate] = [this.#regionOf(memory), this.#locator(operation)];
    const outs = this.#columnsOf(operation.result!);
    return each((lane, launch) => {
      const element = locate(lane, launch);
      const { view } = region(launch);
      for (let c = 0; c < outs.length; c++) outs[c]![lane] = element < 0 ? 0 : read(view, element * bytes + c * step);
    });
  }

  #regionOf(memory: Memory): (launch: Launch) => Region {
    if (memory.kind === 'buffer') {
      const param = this.#params.get(memory)!;
      return ({ buffers }) => buffers[param]!;
    }
    const local = this.#locals.get(memory)!;
    return () => local;
  }
  /** The element that an access means, by its number in the region; -1 where it is out of bounds. */
  #locator({ args, reference }: Operation): (lane: number, launch: Launch) => number {
    const memory = reference as Memory;
    const region = this.#regionOf(memory);
    const indices = args.slice(0, rankOf(memory)).map((arg) => this.#columnOf(arg));
    const own = memory.kind === 'local' && memory.space === 'private' ? memory.length : 0;
    return (lane, launch) => {
      const { shape } = region(launch);
      let element = 0;
      for (let axis = 0; axis < indices.length; axis++) {
        const index = indices[axis]![lane]!;
        if (!(index >= 0 && index < shape[axis]!)) return -1;
        element = element * shape[axis]! + index;
      }
      return element + lane * own;
    };
  }
  /** A ghost changes no buffer. */
  #drops(lane: number, memory: Memory): boolean {
    return memory.kind === 'buffer' && this.#inGrid[lane] === 0;
  }

  readonly #ids: { readonly [N in IdOp]: (lane: number, axis: number, launch: Launch) => number } = {
    globalId: (lane, axis) => this.#global(lane, axis),
    localId: (lane, axis) => this.#local[axis]![lane]!,
    workgroupId: (_, axis) => this.#group[axis]!,
    numWorkgroups: (_, axis, { groups }) => groups[axis]!,
    workgroupSize: (_, axis) => this.#workgroup[axis]!,
    localIndex: (lane) => lane,
    inGrid: (lane) => this.#inGrid[lane]!,
  };
}

/** What an atomic leaves in memory, of the old value and its operands. */
const atomics: { readonly [N in AtomicOp]: (type: ScalarType) => ScalarFunction } = {
  atomicLoad: () => (old) => old,
  atomicStore: () => (_, x) => x,
  atomicAdd: (type) => scalarFunction('add', type, type),
  atomicSub: (type) => scalarFunction('sub', type, type),
  atomicMin: (type) => scalarFunction('min', type, type),
  atomicMax: (type) => scalarFunction('max', type, type),
  atomicAnd: (type) => scalarFunction('and', type, type),
  atomicOr: (type) => scalarFunction('or', type, type),
  atomicXor: (type) => scalarFunction('xor', type, type),
  atomicExchange: () => (_, x) => x,
  atomicCompareExchange: () => (old, expected, x) => (old === expected ? x : old),
};
