/**
 * The loop over the invocations that run a segment: rows along x, one after the other. Of a row, whole vectors of invocations run in lanes,
 * so lanes need no mask for the tail and touch nothing beyond it; the rest run one by one.
 *
 * Where something is known of a row before it starts (lanes/interior.ts), there is lane code for its interior, and beyond that for what branches
 * leave; the few invocations at the edges of an array run one by one.
 */

import type { If, Operation, Value } from '../../src/ir/program.ts';
import type { Accesses } from './access.ts';
import type { Push } from './arithmetic.ts';
import { type Axes, runParameters } from './frame.ts';
import { Invocation } from './invocation.ts';
import { vectorsInFlight } from './lanes/in-flight.ts';
import { Courses, findInterior, type Interior } from './lanes/interior.ts';
import { LaneInvocations } from './lanes/invocations.ts';
import { RowStart } from './lanes/row-start.ts';
import { analyseLanes, type Lanes } from './lanes/shape.ts';
import { laneCount } from './lanes/values.ts';
import { type Regions, type Segment, segmentsOf } from './regions.ts';
import { type Writing, writeStopIfAsked, writeZeros } from './slots.ts';
import type { Values } from './values.ts';
import type { Code } from './wasm/encoder.ts';

/** A program's body, and what is known of it. */
export interface Body {
  readonly regions: Regions;
  readonly definitions: ReadonlyMap<Value, Operation>;
  /** Values equal in the whole workgroup. */
  readonly uniform: ReadonlySet<Value>;
  /** Ghosts take part, and invocations take turns. */
  readonly barriers: boolean;
  /** Whether lanes may use instructions whose rounding the machine chooses. */
  readonly relaxed: boolean;
}
/** Code of segments in lanes: for any whole vector of invocations; for those in the interior of a row, of several vectors at once. */
interface InLanes {
  readonly general: LaneInvocations;
  readonly special: (vectors: 1 | 2) => LaneInvocations;
  readonly interior: Interior;
  readonly inside: Lanes;
}

export class InvocationLoops {
  readonly #writing: Writing;
  readonly #values: Values;
  readonly #accesses: Accesses;
  readonly #body: Body;
  readonly #size: readonly [number, number, number];
  readonly #invocation: Invocation;
  readonly #lanes: InLanes | undefined;

  constructor(writing: Writing, values: Values, accesses: Accesses, body: Body, inLanes: boolean) {
    this.#writing = writing;
    this.#values = values;
    this.#accesses = accesses;
    this.#body = body;
    this.#size = writing.program.workgroup!;
    this.#invocation = new Invocation(writing, values, body.barriers);
    if (inLanes) this.#lanes = this.#openLanes();
  }
  #openLanes(): InLanes {
    const { definitions, uniform, regions } = this.#body;
    const { leavesEarly, slots } = regions;
    const { program } = this.#writing;
    const { relaxed } = this.#body;
    const lanes = analyseLanes(program, { leavesEarly });
    const diverges = (branch: If): boolean => lanes.diverges(branch);
    const interior = findInterior(segmentsOf(regions.body), { definitions, uniform, diverges });
    const { assumed } = interior;
    const inside = analyseLanes(program, { leavesEarly, assumed, given: { values: slots, lanes } });
    const open = (vectors: number, of: Lanes, sure?: Interior): LaneInvocations =>
      new LaneInvocations(this.#writing, this.#values, { lanes: of, definitions, vectors, relaxed, interior: sure });
    const specials = { 1: open(1, inside, interior), 2: open(2, inside, interior) };
    return { general: open(1, lanes), special: (vectors) => specials[vectors], interior, inside };
  }

  /** Runs a segment in every invocation of the workgroup. */
  segment(segment: Segment): void {
    const { code, slots, slotAddress, privateAddress, frame } = this.#writing;
    const { group, local, global, grid, localIndex } = frame;
    const { scratch } = runParameters;
    const size = this.#size;
    code.get(scratch).i32(slots.scratch.privateStart).op('i32.add').set(privateAddress);
    if (this.#body.barriers) code.i32(0).set(localIndex).get(scratch).set(slotAddress);
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
      const pushEnd: Push = () => {
        if (this.#body.barriers) code.i32(size[n]);
        else code.get(inGrid[n]);
      };
      if (n === 0) {
        this.#row(segment, inGrid, pushEnd);
        return;
      }
      const again = code.loop();
      axis((n - 1) as 0 | 1);
      this.#next(n, 1);
      if (size[n] > 1) {
        code.get(local[n]);
        pushEnd();
        code.op('i32.lt_u').brIf(again);
      }
      code.end();
    };
    axis(2);
  }

  /** The invocations of a row; the frame is the first one's. */
  #row(segment: Segment, inGrid: Axes, pushEnd: Push): void {
    const { code, frame } = this.#writing;
    const { local, localIndex } = frame;
    if (!this.#body.barriers) {
      const [x, y] = this.#size;
      code.get(local[2]).i32(y).op('i32.mul').get(local[1]).op('i32.add').i32(x).op('i32.mul').set(localIndex);
    }
    const writeStep = this.#lanes === undefined ? () => this.#one(segment) : this.#laneSteps(segment, inGrid);
    const again = code.loop();
    writeStep();
    code.get(local[0]);
    pushEnd();
    code.op('i32.lt_u').brIf(again).end();
  }
  /** Writes what lanes are to know of the row; gives what writes the next step along it. */
  #laneSteps(segment: Segment, inGrid: Axes): () => void {
    const { code, frame, slots } = this.#writing;
    const { local } = frame;
    const { general, special, interior, inside } = this.#lanes!;
    const vectorsEnd = code.local('i32');
    code.get(inGrid[0]).i32(-laneCount).op('i32.and');
    if (this.#body.barriers)
      for (const n of [1, 2] as const) code.get(local[n]).get(inGrid[n]).op('i32.lt_u', 'i32.mul');
    code.set(vectorsEnd);
    const isBefore = (end: number): Push => {
      return () => code.get(local[0]).get(end).op('i32.lt_u');
    };
    const vectors = (lanes: LaneInvocations, pushGoOn: Push): void => {
      const again = code.loop();
      this.#several(segment, lanes);
      pushGoOn();
      code.brIf(again).end();
    };
    const one = (): void => this.#one(segment);
    const inVectors = isBefore(vectorsEnd);
    const anywhere = (): void => either(code, inVectors, () => vectors(general, inVectors), one);
    const vectorsAtOnce = vectorsInFlight(segment.body, inside);
    const requirements = interior.requirements.get(segment);
    if (requirements === undefined && vectorsAtOnce === 1) return anywhere;
    const fast = special(vectorsAtOnce);
    const courses = new Courses(segment.body, this.#body);
    const start = new RowStart(this.#values, this.#accesses, courses, this.#body.definitions);
    const { begin, end } = start.interior(requirements ?? [], fast.count, vectorsEnd);
    const isBegin = (): void => {
      code.get(local[0]).get(begin).op('i32.eq');
    };
    // there are few beyond the edges of an array, but beside a branch there may be many; and private arrays that last are laid out for lanes
    const manyOutside = requirements === undefined || requirements.some(({ kind }) => kind !== 'inside');
    const needsVectors = manyOutside || vectorsAtOnce > 1 || (this.#body.barriers && slots.scratch.privateBytes > 0);
    const outside = (): void => either(code, inVectors, () => this.#several(segment, general), one);
    return () => either(code, isBegin, () => vectors(fast, isBefore(end)), needsVectors ? outside : one);
  }

  #one(segment: Segment): void {
    const { code, program, fuelled, fuel } = this.#writing;
    this.#begin(1);
    if (!this.#body.barriers && fuelled.has('invocation')) code.i32(program.fuel).set(fuel.invocation);
    this.#invocation.write(segment);
    this.#next(0, 1);
  }
  #several(segment: Segment, lanes: LaneInvocations): void {
    this.#begin(lanes.count);
    lanes.write(segment);
    this.#next(0, lanes.count);
  }
  /** Sets up so many invocations. */
  #begin(count: number): void {
    const { code, fuelled, slots, privateAddress } = this.#writing;
    if (fuelled.size > 0) writeStopIfAsked(code);
    if (!this.#body.barriers) writeZeros(code, privateAddress, 0, slots.scratch.privateBytes * count);
  }
  /** Goes on along an axis. */
  #next(n: 0 | 1 | 2, count: number): void {
    const { code, frame, slots, slotAddress, privateAddress } = this.#writing;
    const move = (local: number, by: number): void => {
      code.get(local).i32(by).op('i32.add').set(local);
    };
    move(frame.local[n], count);
    move(frame.global[n], count);
    if (n > 0) return;
    move(frame.localIndex, count);
    if (!this.#body.barriers) return;
    move(slotAddress, 4 * count);
    move(privateAddress, slots.scratch.privateBytes * count);
  }
}

function either(code: Code, pushCondition: Push, accept: () => void, reject: () => void): void {
  pushCondition();
  code.if();
  accept();
  code.else();
  reject();
  code.end();
}
