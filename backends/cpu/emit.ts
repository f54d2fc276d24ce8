/**
 * A program, expanded for WebAssembly, to a module.
 *
 * The module has one function, `run(arguments, scratch, first, count)`: for each workgroup of its chunk, the regions of the kernel; for each
 * segment of these, a loop over the invocations. V8 replaces its first quick code by optimised code only when a function is entered
 * again, so the loops are in the function that is called per chunk, and chunks begin small.
 *
 * The job's stop word ends `run` early: set by whoever cancels, and here when a fuelled loop has used up its fuel.
 */

import {
  definitionsOf,
  forEachInstruction,
  type Loop,
  type LoopFuel,
  type Program,
  type Value,
} from '../../src/ir/program.ts';
import { componentCount, componentType } from '../../src/ir/types.ts';
import { uniformValues } from '../../src/ir/uniformity.ts';
import { Accesses } from './access.ts';
import { type Axes, type Frame, layoutScratch, openFrame, runParameters, type ScratchLayout } from './frame.ts';
import { inlineValues } from './inline.ts';
import { wasmTypes } from './native.ts';
import { type Region, type RegionBlock, type Regions, type Segment, splitRegions } from './regions.ts';
import { Statements } from './statements.ts';
import { stopAddress } from './steps.ts';
import { isEverywhere, Values } from './values.ts';
import { Code, encodeModule, type Label, type MemoryImport } from './wasm/encoder.ts';

export interface Emitted {
  readonly module: Uint8Array<ArrayBuffer>;
  /** Scratch memory that each thread needs. */
  readonly scratchBytes: number;
}

/** `program.workgroup` is set; `barriers`: ghosts take part. */
export function emit(program: Program, barriers: boolean, memory: MemoryImport): Emitted {
  const emitter = new Emitter(program, barriers);
  const body = emitter.run();
  const functions = [{ parameters: ['i32', 'i32', 'i32', 'i32'], results: [], body, exported: 'run' } as const];
  return { module: encodeModule(functions, memory), scratchBytes: emitter.scratch.bytes };
}

class Emitter {
  readonly scratch: ScratchLayout;
  readonly #program: Program;
  readonly #barriers: boolean;
  readonly #size: readonly [number, number, number];
  readonly #invocations: number;
  readonly #regions: Regions;
  readonly #code: Code;
  readonly #frame: Frame;
  readonly #values: Values;
  readonly #accesses: Accesses;
  readonly #statements: Statements;
  /** First slot word of each value kept between segments; then those of fuel and of the mark of having returned. */
  readonly #slots = new Map<Value, number>();
  readonly #fuelSlot: number | undefined;
  readonly #returnedSlot: number | undefined;
  /** Address of the invocation's slots and of its private arrays. */
  readonly #slotAddress: number;
  readonly #privateAddress: number;
  readonly #fuel: { readonly [K in Exclude<LoopFuel, 'none'>]: number };
  readonly #fuelled: ReadonlySet<LoopFuel>;
  readonly #hasLoop: boolean;
  /** Where the workgroup, and in a segment the invocation, ends. */
  #groupEnd: Label = { depth: 0 };
  #invocationEnd: Label = { depth: 0 };

  constructor(program: Program, barriers: boolean) {
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
    this.#fuelled = fuelled;
    this.#hasLoop = hasLoop;

    let slots = 0;
    for (const value of this.#regions.slots) {
      this.#slots.set(value, slots);
      slots += componentCount(value.type);
    }
    if (barriers && fuelled.has('invocation')) this.#fuelSlot = slots++;
    if (this.#regions.leavesEarly) this.#returnedSlot = slots++;
    this.scratch = layoutScratch(program, barriers ? this.#invocations : 1, this.#invocations, slots);

    this.#code = new Code(Object.keys(runParameters).length);
    this.#frame = openFrame(this.#code, program);
    this.#slotAddress = this.#code.local('i32');
    this.#privateAddress = this.#code.local('i32');
    this.#fuel = { invocation: this.#code.local('i32'), workgroup: this.#code.local('i32') };
    const inline = inlineValues(this.#regions, definitions);
    this.#values = new Values(this.#code, this.#frame, this.#size, definitions, inline);
    this.#accesses = new Accesses(this.#values, {
      scratch: this.scratch,
      privateAddress: this.#privateAddress,
      ghosts: barriers,
    });
    this.#statements = new Statements(this.#values, this.#accesses, {
      defined: (values) => this.#keep(values),
      leave: () => this.#leave(),
      burn: (loop) => this.#burn(loop),
    });
  }

  /** The body of `run`. */
  run(): Uint8Array {
    const code = this.#code;
    const { first, count } = runParameters;
    // count becomes the end; at least one workgroup
    code.get(first).get(count).op('i32.add').set(count);
    const next = code.loop();
    this.#workgroup();
    code.get(first).i32(1).op('i32.add').tee(first).get(count).op('i32.ne').brIf(next).end();
    return code.finish();
  }

  #workgroup(): void {
    const code = this.#code;
    const { group, base, count } = this.#frame;
    const { first, scratch } = runParameters;
    const rest = code.local('i32');
    code.get(first).get(count[0]).op('i32.rem_u').get(base[0]).op('i32.add').set(group[0]);
    code.get(first).get(count[0]).op('i32.div_u').tee(rest);
    code.get(count[1]).op('i32.rem_u').get(base[1]).op('i32.add').set(group[1]);
    code.get(rest).get(count[1]).op('i32.div_u').get(base[2]).op('i32.add').set(group[2]);

    const { workgroupBytes, privateStart, privateBytes } = this.scratch;
    this.#zero(scratch, 0, workgroupBytes);
    if (this.#barriers) {
      this.#zero(scratch, privateStart, privateBytes * this.#invocations);
      if (this.#returnedSlot !== undefined)
        this.#zero(scratch, this.#slotOffset(this.#returnedSlot), this.#invocations * 4);
      if (this.#fuelSlot !== undefined) this.#fillFuel(this.#fuelSlot);
    }
    if (this.#fuelled.has('workgroup')) code.i32(this.#program.fuel).set(this.#fuel.workgroup);
    this.#groupEnd = code.block();
    this.#regionBlock(this.#regions.body, {});
    code.end();
  }
  #zero(address: number, offset: number, bytes: number): void {
    if (bytes > 0) this.#code.get(address).i32(offset).op('i32.add').i32(0).i32(bytes).fill();
  }
  /** Gives every invocation its fuel. */
  #fillFuel(slot: number): void {
    const code = this.#code;
    const { scratch } = runParameters;
    const bytes = code.local('i32');
    code.i32(this.#invocations * 4).set(bytes);
    const again = code.loop();
    code.get(bytes).i32(4).op('i32.sub').tee(bytes).get(scratch).op('i32.add').i32(this.#program.fuel);
    code.memory('i32.store', this.#slotOffset(slot)).get(bytes).brIf(again).end();
  }
  #slotOffset(slot: number): number {
    return this.scratch.slotStart + slot * this.#invocations * 4;
  }

  // ---- the workgroup's control flow ----

  #regionBlock({ regions, end }: RegionBlock, labels: { readonly break?: Label; readonly continue?: Label }): void {
    for (const region of regions) this.#region(region, labels);
    if (end === 'break' || end === 'continue') this.#code.br(labels[end]!);
    else if (end === 'return') this.#code.br(this.#groupEnd);
  }
  #region(region: Region, labels: { readonly break?: Label; readonly continue?: Label }): void {
    const code = this.#code;
    switch (region.kind) {
      case 'segment':
        this.#segment(region);
        return;
      case 'load':
        this.#accesses.load(region.operation);
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
        this.#burn(region.loop);
        this.#regionBlock(region.body, { break: leave, continue: again });
        code.end().end();
        return;
      }
    }
  }

  // ---- segments: the loop over invocations ----

  #segment(segment: Segment): void {
    const code = this.#code;
    const { local, group, global, grid, localIndex } = this.#frame;
    const size = this.#size;
    const { scratch } = runParameters;
    code.get(scratch).i32(this.scratch.privateStart).op('i32.add').set(this.#privateAddress);
    if (this.#barriers) code.i32(0).set(localIndex).get(scratch).set(this.#slotAddress);
    const limits: Axes = [code.local('i32'), code.local('i32'), code.local('i32')];
    const axis = (n: 0 | 1 | 2): void => {
      const start = code.local('i32');
      code.get(group[n]).i32(size[n]).op('i32.mul').set(start);
      code.get(start).set(global[n]).i32(0).set(local[n]);
      code.i32(size[n]);
      if (!this.#barriers) {
        // invocations beyond the grid do not exist: the smaller of the size and what is left of the grid
        const left = code.local('i32');
        code.get(grid[n]).get(start).op('i32.sub').tee(left).i32(size[n]).get(left).op('i32.lt_u', 'select');
      }
      code.set(limits[n]);
      const again = size[n] > 1 ? code.loop() : undefined;
      if (n === 0) this.#invocation(segment);
      else axis((n - 1) as 0 | 1);
      if (again === undefined) return;
      code.get(global[n]).i32(1).op('i32.add').set(global[n]);
      code.get(local[n]).i32(1).op('i32.add').tee(local[n]).get(limits[n]).op('i32.lt_u').brIf(again).end();
    };
    axis(2);
  }

  #invocation(segment: Segment): void {
    const code = this.#code;
    const { local, localIndex } = this.#frame;
    const [x, y] = this.#size;
    if (this.#hasLoop) this.#stopIfAsked();
    if (!this.#barriers) {
      code.get(local[2]).i32(y).op('i32.mul').get(local[1]).op('i32.add').i32(x).op('i32.mul');
      code.get(local[0]).op('i32.add').set(localIndex);
      this.#zero(this.#privateAddress, 0, this.scratch.privateBytes);
      if (this.#fuelled.has('invocation')) code.i32(this.#program.fuel).set(this.#fuel.invocation);
    }
    this.#invocationEnd = code.block();
    if (this.#returnedSlot !== undefined) {
      code.get(this.#slotAddress).memory('i32.load', this.#slotOffset(this.#returnedSlot)).brIf(this.#invocationEnd);
    }
    if (this.#fuelSlot !== undefined) {
      code.get(this.#slotAddress).memory('i32.load', this.#slotOffset(this.#fuelSlot)).set(this.#fuel.invocation);
    }
    for (const value of segment.reads) this.#fromSlot(value);
    this.#statements.run(segment.body);
    const gives = segment.gives.filter(({ target }) => this.#slots.has(target));
    this.#values.assign(
      gives.map(({ target }) => target),
      gives.map(({ source }) => source),
    );
    for (const { target } of gives) this.#toSlot(target);
    code.end();
    if (!this.#barriers) return;
    if (this.#fuelSlot !== undefined) {
      code.get(this.#slotAddress).get(this.#fuel.invocation).memory('i32.store', this.#slotOffset(this.#fuelSlot));
    }
    code.get(localIndex).i32(1).op('i32.add').set(localIndex);
    code.get(this.#slotAddress).i32(4).op('i32.add').set(this.#slotAddress);
    code.get(this.#privateAddress).i32(this.scratch.privateBytes).op('i32.add').set(this.#privateAddress);
  }

  #fromSlot(value: Value): void {
    const load = wasmTypes[componentType(value.type)] === 'f32' ? 'f32.load' : 'i32.load';
    this.#values.locals(value).forEach((local, i) => {
      this.#code
        .get(this.#slotAddress)
        .memory(load, this.#slotOffset(this.#slots.get(value)! + i))
        .set(local);
    });
  }
  #toSlot(value: Value): void {
    const store = wasmTypes[componentType(value.type)] === 'f32' ? 'f32.store' : 'i32.store';
    this.#values.locals(value).forEach((local, i) => {
      this.#code
        .get(this.#slotAddress)
        .get(local)
        .memory(store, this.#slotOffset(this.#slots.get(value)! + i));
    });
  }

  /** What was just computed is kept where a later segment wants it. */
  #keep(values: readonly Value[]): void {
    for (const value of values) if (this.#slots.has(value)) this.#toSlot(value);
  }
  /** The invocation is over; where others go on to later segments, it is marked. */
  #leave(): void {
    const code = this.#code;
    if (this.#returnedSlot !== undefined)
      code.get(this.#slotAddress).i32(1).memory('i32.store', this.#slotOffset(this.#returnedSlot));
    code.br(this.#invocationEnd);
  }

  // ---- ending early ----

  /** An iteration of a fuelled loop takes one unit of fuel; without any, the job is stopped. */
  #burn({ verified }: Loop): void {
    const kind = verified?.fuel ?? 'none';
    if (kind === 'none') return;
    const code = this.#code;
    const fuel = this.#fuel[kind];
    code.get(fuel).op('i32.eqz').if();
    code
      .i32(stopAddress)
      .i32(0)
      .i32(verified!.id + 1)
      .memory('i32.atomic.rmw.cmpxchg')
      .op('drop', 'return')
      .end();
    code.get(fuel).i32(1).op('i32.sub').set(fuel);
  }
  #stopIfAsked(): void {
    this.#code.i32(stopAddress).memory('i32.atomic.load').if();
    this.#code.op('return').end();
  }
}
