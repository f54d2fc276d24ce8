/**
 * A program, expanded for WebAssembly, to a module.
 *
 * The module has one function, `run(arguments, scratch, first, count)`: for each workgroup of its chunk, the regions of the kernel; for each
 * segment of these, a loop over the invocations (loops.ts). V8 replaces its first quick code by optimised code only when a function is entered
 * again, so the loops are in the function that is called per chunk, and chunks begin small.
 *
 * The job's stop word ends `run` early: set by whoever cancels, and here when a fuelled loop has used up its fuel.
 */

import { definitionsOf, forEachInstruction, type LoopFuel, type Program, type Value } from '../../src/ir/program.ts';
import { uniformValues } from '../../src/ir/uniformity.ts';
import { Accesses } from './access.ts';
import { type Frame, openFrame, runParameters } from './frame.ts';
import { inlineValues } from './inline.ts';
import { writeBurn } from './invocation.ts';
import { mostVectors } from './lanes/in-flight.ts';
import type { laneCount } from './lanes/values.ts';
import { InvocationLoops } from './loops.ts';
import { type Region, type RegionBlock, type Regions, splitRegions } from './regions.ts';
import { Slots, type Writing, writeStopIfAsked, writeZeros } from './slots.ts';
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

export interface EmitOptions {
  readonly memory: MemoryImport;
  /** Whether there are any, in which ghosts take part. */
  readonly barriers: boolean;
  readonly lanes: LaneCount;
  /** Whether lanes may use instructions whose rounding the machine chooses. */
  readonly relaxed: boolean;
}

/** `program.workgroup` is set. */
export function emit(program: Program, options: EmitOptions): Emitted {
  const emitter = new Emitter(program, options);
  const body = emitter.run();
  const functions = [{ parameters: ['i32', 'i32', 'i32', 'i32'], results: [], body, exported: 'run' } as const];
  const { scratchBytes, code } = emitter;
  return { module: encodeModule(functions, options.memory), scratchBytes, names: code.names, marks: code.marks };
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
  readonly #loops: InvocationLoops;
  /** Where the workgroup ends. */
  #groupEnd: Label = { depth: 0 };

  constructor(program: Program, { barriers, lanes, relaxed }: EmitOptions) {
    this.#program = program;
    this.#barriers = barriers;
    this.#size = program.workgroup!;
    this.#invocations = this.#size[0] * this.#size[1] * this.#size[2];
    const definitions = definitionsOf(program.body);
    const made = (value: Value): boolean => {
      const definition = definitions.get(value);
      return definition !== undefined && isEverywhere(definition);
    };
    const uniform = uniformValues(program);
    this.#regions = splitRegions(program.body, uniform, made);
    const fuelled = new Set<LoopFuel>();
    forEachInstruction(program.body, (instruction) => {
      if (instruction.kind === 'loop') fuelled.add(instruction.verified?.fuel ?? 'none');
    });

    const inLanes = lanes > 1 && this.#size[0] >= lanes;
    const keepsFuel = barriers && fuelled.has('invocation');
    const privateSets = barriers ? this.#invocations : inLanes ? lanes * mostVectors : 1;
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
    const body = { regions: this.#regions, definitions, uniform, barriers, relaxed };
    this.#loops = new InvocationLoops(this.#writing, this.#values, this.#shared, body, inLanes);
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
    writeZeros(code, scratch, 0, workgroupBytes);
    if (this.#barriers) {
      writeZeros(code, scratch, privateStart, privateBytes * this.#invocations);
      if (slots.returned !== undefined) writeZeros(code, scratch, slots.offset(slots.returned), this.#invocations * 4);
      if (slots.fuel !== undefined) this.#fillFuel(slots.offset(slots.fuel));
    }
    if (fuelled.has('workgroup')) code.i32(this.#program.fuel).set(fuel.workgroup);
    this.#groupEnd = code.block();
    this.#regionBlock(this.#regions.body, {});
    code.end();
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
        this.#loops.segment(region);
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
        writeStopIfAsked(code);
        writeBurn(this.#writing, region.loop);
        this.#regionBlock(region.body, { break: leave, continue: again });
        code.end().end();
        return;
      }
    }
  }
}
