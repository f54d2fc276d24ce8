/**
 * A program, expanded for WebAssembly, to a module.
 *
 * The module has one function, `run(arguments, scratch, first, count)`: for each workgroup of its chunk, the regions of the kernel; for each
 * segment of these, a loop over the invocations: in lanes along x as far as whole vectors of them are in the grid, so lanes need no mask for
 * the tail and touch nothing beyond it; the rest one by one. V8 replaces its first quick code by optimised code only when a function is entered
 * again, so the loops are in the function that is called per chunk, and chunks begin small.
 *
 * The job's stop word ends `run` early: set by whoever cancels, and here when a fuelled loop has used up its fuel.
 */

import { definitionsOf, forEachInstruction, type LoopFuel, type Program, type Value } from '../../src/ir/program.ts';
import { uniformValues } from '../../src/ir/uniformity.ts';
import { Accesses } from './access.ts';
import { type Axes, type Frame, openFrame, runParameters } from './frame.ts';
import { inlineValues } from './inline.ts';
import { Invocation, writeBurn } from './invocation.ts';
import { LaneInvocations } from './lanes/invocations.ts';
import { analyseLanes } from './lanes/shape.ts';
import { LaneValues, laneCount } from './lanes/values.ts';
import { type Region, type RegionBlock, type Regions, type Segment, splitRegions } from './regions.ts';
import { Slots, type Writing } from './slots.ts';
import { stopAddress } from './steps.ts';
import { isEverywhere, Values } from './values.ts';
import { Code, encodeModule, type Label, type Mark, type MemoryImport } from './wasm/encoder.ts';

/** Invocations that run in lockstep along x: 1 leaves out the vector form. */
export type LaneCount = 1 | typeof laneCount;

export interface Emitted {
  readonly module: Uint8Array<ArrayBuffer>;
  /** Scratch memory that each thread needs. */
  readonly scratchBytes: number;
  /** For people: names of the locals of `run`, and the places its code comes from. */
  readonly names: ReadonlyMap<number, string>;
  readonly marks: readonly Mark[];
}

/** `program.workgroup` is set; `barriers`: ghosts take part. */
export function emit(program: Program, barriers: boolean, memory: MemoryImport, lanes: LaneCount): Emitted {
  const emitter = new Emitter(program, barriers, lanes);
  const body = emitter.run();
  const functions = [{ parameters: ['i32', 'i32', 'i32', 'i32'], results: [], body, exported: 'run' } as const];
  const { scratchBytes, code } = emitter;
  return { module: encodeModule(functions, memory), scratchBytes, names: code.names, marks: code.marks };
}

class Emitter {
  readonly #program: Program;
  readonly #barriers: boolean;
  readonly #size: readonly [number, number, number];
  readonly #invocations: number;
  readonly #regions: Regions;
  readonly code: Code;
  readonly #frame: Frame;
  readonly #values: Values;
  readonly #writing: Writing;
  /** For loads that are the workgroup's. */
  readonly #shared: Accesses;
  readonly #invocation: Invocation;
  /** Where rows are long enough for lanes, and these are wanted. */
  readonly #lanes: LaneInvocations | undefined;
  readonly #hasLoop: boolean;
  /** Where the workgroup ends. */
  #groupEnd: Label = { depth: 0 };

  constructor(program: Program, barriers: boolean, lanes: LaneCount) {
    this.#program = program;
    this.#barriers = barriers;
    this.#size = program.workgroup!;
    this.#invocations = this.#size[0] * this.#size[1] * this.#size[2];
    const definitions = definitionsOf(program.body);
    const made = (value: Value): boolean => {
      const definition = definitions.get(value);
      return definition !== undefined && isEverywhere(definition);
    };
    this.#regions = splitRegions(program.body, uniformValues(program), made);
    const fuelled = new Set<LoopFuel>();
    let hasLoop = false;
    forEachInstruction(program.body, (instruction) => {
      if (instruction.kind !== 'loop') return;
      hasLoop = true;
      fuelled.add(instruction.verified?.fuel ?? 'none');
    });
    this.#hasLoop = hasLoop;

    const inLanes = lanes > 1 && this.#size[0] >= lanes;
    const keepsFuel = barriers && fuelled.has('invocation');
    const privateSets = barriers ? this.#invocations : inLanes ? lanes : 1;
    const code = new Code(Object.keys(runParameters).length);
    this.code = code;
    this.#frame = openFrame(code, program);
    this.#values = new Values(code, this.#frame, this.#size, definitions, inlineValues(this.#regions, definitions));
    this.#writing = {
      code,
      frame: this.#frame,
      program,
      slots: new Slots(program, this.#regions, this.#invocations, keepsFuel, privateSets),
      slotAddress: code.local('i32'),
      privateAddress: code.local('i32'),
      fuel: { invocation: code.local('i32'), workgroup: code.local('i32') },
      fuelled,
    };
    this.#shared = new Accesses(this.#values, {
      scratch: this.#writing.slots.scratch,
      privateAddress: this.#writing.privateAddress,
      ghosts: false,
    });
    this.#invocation = new Invocation(this.#writing, this.#values, barriers);
    if (inLanes) {
      const shapes = analyseLanes(program, this.#regions.leavesEarly);
      this.#lanes = new LaneInvocations(this.#writing, new LaneValues(this.#values, shapes, definitions));
    }
  }

  /** Scratch memory that each thread needs. */
  get scratchBytes(): number {
    return this.#writing.slots.scratch.bytes;
  }

  /** The body of `run`. */
  run(): Uint8Array {
    const code = this.code;
    const { first, count } = runParameters;
    // count becomes the end; at least one workgroup
    code.get(first).get(count).op('i32.add').set(count);
    const next = code.loop();
    this.#workgroup();
    code.get(first).i32(1).op('i32.add').tee(first).get(count).op('i32.ne').brIf(next).end();
    return code.finish();
  }

  #workgroup(): void {
    const code = this.code;
    const { group, base, count } = this.#frame;
    const { first, scratch } = runParameters;
    const rest = code.local('i32');
    code.get(first).get(count[0]).op('i32.rem_u').get(base[0]).op('i32.add').set(group[0]);
    code.get(first).get(count[0]).op('i32.div_u').tee(rest);
    code.get(count[1]).op('i32.rem_u').get(base[1]).op('i32.add').set(group[1]);
    code.get(rest).get(count[1]).op('i32.div_u').get(base[2]).op('i32.add').set(group[2]);

    const { slots, fuelled, fuel } = this.#writing;
    const { workgroupBytes, privateStart, privateBytes } = slots.scratch;
    this.#zero(scratch, 0, workgroupBytes);
    if (this.#barriers) {
      this.#zero(scratch, privateStart, privateBytes * this.#invocations);
      if (slots.returned !== undefined) this.#zero(scratch, slots.offset(slots.returned), this.#invocations * 4);
      if (slots.fuel !== undefined) this.#fillFuel(slots.offset(slots.fuel));
    }
    if (fuelled.has('workgroup')) code.i32(this.#program.fuel).set(fuel.workgroup);
    this.#groupEnd = code.block();
    this.#regionBlock(this.#regions.body, {});
    code.end();
  }
  #zero(address: number, offset: number, bytes: number): void {
    if (bytes > 0) this.code.get(address).i32(offset).op('i32.add').i32(0).i32(bytes).fill();
  }
  /** Gives every invocation its fuel. */
  #fillFuel(offset: number): void {
    const code = this.code;
    const { scratch } = runParameters;
    const bytes = code.local('i32');
    code.i32(this.#invocations * 4).set(bytes);
    const again = code.loop();
    code.get(bytes).i32(4).op('i32.sub').tee(bytes).get(scratch).op('i32.add').i32(this.#program.fuel);
    code.memory('i32.store', offset).get(bytes).brIf(again).end();
  }

  // ---- the workgroup's control flow ----

  #regionBlock({ regions, end }: RegionBlock, labels: { readonly break?: Label; readonly continue?: Label }): void {
    for (const region of regions) this.#region(region, labels);
    if (end === 'break' || end === 'continue') this.code.br(labels[end]!);
    else if (end === 'return') this.code.br(this.#groupEnd);
  }
  #region(region: Region, labels: { readonly break?: Label; readonly continue?: Label }): void {
    const code = this.code;
    switch (region.kind) {
      case 'segment':
        this.#segment(region);
        return;
      case 'load':
        this.#shared.load(region.operation);
        return;
      case 'assign':
        this.#values.assign(
          region.assignments.map(({ target }) => target),
          region.assignments.map(({ source }) => source),
        );
        return;
      case 'if':
        this.#values.push(region.condition);
        code.if();
        this.#regionBlock(region.accept, labels);
        code.else();
        this.#regionBlock(region.reject, labels);
        code.end();
        return;
      case 'loop': {
        const leave = code.block();
        const again = code.loop();
        this.#stopIfAsked();
        writeBurn(this.#writing, region.loop);
        this.#regionBlock(region.body, { break: leave, continue: again });
        code.end().end();
        return;
      }
    }
  }

  // ---- segments: the loop over invocations ----

  #segment(segment: Segment): void {
    const code = this.code;
    const { group, local, global, grid, localIndex } = this.#frame;
    const { slots, slotAddress, privateAddress } = this.#writing;
    const { scratch } = runParameters;
    const size = this.#size;
    code.get(scratch).i32(slots.scratch.privateStart).op('i32.add').set(privateAddress);
    if (this.#barriers) code.i32(0).set(localIndex).get(scratch).set(slotAddress);
    const inGrid: Axes = [code.local('i32'), code.local('i32'), code.local('i32')];
    const axis = (n: 0 | 1 | 2): void => {
      const start = code.local('i32');
      code.get(group[n]).i32(size[n]).op('i32.mul').set(start);
      code.get(start).set(global[n]).i32(0).set(local[n]);
      // the smaller of the size and what is left of the grid; the start of a workgroup is always in the grid
      const left = code.local('i32');
      code.get(grid[n]).get(start).op('i32.sub').tee(left).i32(size[n]).get(left).i32(size[n]);
      code.op('i32.lt_u', 'select').set(inGrid[n]);
      // invocations beyond the grid do not exist, but where they meet the others at barriers
      const pushEnd = (): void => {
        if (this.#barriers) code.i32(size[n]);
        else code.get(inGrid[n]);
      };
      if (n === 0) this.#row(segment, inGrid, pushEnd);
      else this.#along(n, 1, size[n] > 1 ? pushEnd : undefined, () => axis((n - 1) as 0 | 1));
    };
    axis(2);
  }

  /** The invocations of a row: lanes as long as that many are left and in the grid, then one by one. */
  #row(segment: Segment, inGrid: Axes, pushEnd: () => void): void {
    const code = this.code;
    const { local } = this.#frame;
    if (this.#lanes === undefined) {
      this.#along(0, 1, this.#size[0] > 1 ? pushEnd : undefined, () => this.#one(segment));
      return;
    }
    const lanesEnd = code.local('i32');
    code.get(inGrid[0]).i32(-laneCount).op('i32.and').set(lanesEnd);
    code.get(lanesEnd);
    if (this.#barriers) {
      for (const n of [1, 2] as const) code.get(local[n]).get(inGrid[n]).op('i32.lt_u', 'i32.mul');
      code.tee(lanesEnd);
    }
    code.if();
    this.#along(
      0,
      laneCount,
      () => code.get(lanesEnd),
      () => this.#several(segment),
    );
    code.end();
    code.get(local[0]);
    pushEnd();
    code.op('i32.lt_u').if();
    this.#along(0, 1, pushEnd, () => this.#one(segment));
    code.end();
  }

  /** Repeats `body` along an axis, in steps; once, where no end is given. */
  #along(n: 0 | 1 | 2, step: number, pushEnd: (() => void) | undefined, body: () => void): void {
    const code = this.code;
    const { local, global } = this.#frame;
    if (pushEnd === undefined) {
      body();
      return;
    }
    const again = code.loop();
    body();
    code.get(global[n]).i32(step).op('i32.add').set(global[n]);
    code.get(local[n]).i32(step).op('i32.add').tee(local[n]);
    pushEnd();
    code.op('i32.lt_u').brIf(again).end();
  }

  #one(segment: Segment): void {
    this.#begin(1);
    const { fuelled, fuel } = this.#writing;
    if (!this.#barriers && fuelled.has('invocation')) this.code.i32(this.#program.fuel).set(fuel.invocation);
    this.#invocation.write(segment);
    this.#advance(1);
  }
  #several(segment: Segment): void {
    this.#begin(laneCount);
    this.#lanes!.write(segment);
    this.#advance(laneCount);
  }
  /** Sets up so many invocations. */
  #begin(count: number): void {
    if (this.#hasLoop) this.#stopIfAsked();
    if (this.#barriers) return;
    const code = this.code;
    const { local, localIndex } = this.#frame;
    const [x, y] = this.#size;
    code.get(local[2]).i32(y).op('i32.mul').get(local[1]).op('i32.add').i32(x).op('i32.mul');
    code.get(local[0]).op('i32.add').set(localIndex);
    this.#zero(this.#writing.privateAddress, 0, this.#writing.slots.scratch.privateBytes * count);
  }
  #advance(count: number): void {
    if (!this.#barriers) return;
    const code = this.code;
    const { slots, slotAddress, privateAddress } = this.#writing;
    for (const [local, step] of [
      [this.#frame.localIndex, 1],
      [slotAddress, 4],
      [privateAddress, slots.scratch.privateBytes],
    ] as const)
      code
        .get(local)
        .i32(step * count)
        .op('i32.add')
        .set(local);
  }

  #stopIfAsked(): void {
    this.code.i32(stopAddress).memory('i32.atomic.load').if();
    this.code.op('return').end();
  }
}
