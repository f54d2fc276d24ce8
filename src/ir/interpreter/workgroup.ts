/**
 * A workgroup: its invocations run one after the other from one meeting to the next, and what they do together at a
 * meeting (a barrier or a collective) happens here.
 */

import { combineBlock, scanBlock } from '../canonical.ts';
import { IsokernelError } from '../error.ts';
import { type CollectiveOp, rowOf } from '../ops.ts';
import type { Operation } from '../program.ts';
import type { NumericMode, ScalarType } from '../types.ts';
import { type Executable, type Steps, stepped } from './code.ts';
import type { Invocation } from './invocation.ts';
import { meaningOf } from './operations.ts';

/** Runs the invocations, which have been started in one workgroup, to their end. */
export function runWorkgroup(executable: Executable, invocations: readonly Invocation[]): void {
  const { code } = executable;
  if ('action' in code) {
    for (const invocation of invocations) if (invocation.inGrid) code.action(invocation);
    return;
  }
  const running = invocations.map((invocation) => code.steps(invocation));
  for (;;) {
    const meeting = advance(executable, running, invocations);
    if (meeting === undefined) return;
    meet(executable, meeting, invocations);
  }
}

/**
 * Runs one of the invocations, yielding each operation when it is done; the others run up to each meeting, those before it
 * first, and not at all where there is none.
 */
export function* stepWorkgroup(
  executable: Executable,
  invocations: readonly Invocation[],
  chosen: number,
): Generator<Operation, void, void> {
  const { code } = executable;
  const one = stepped(executable);
  if ('action' in one) return;
  if ('action' in code) {
    yield* one.steps(invocations[chosen]!);
    return;
  }
  const running = invocations.map((invocation, i) => (i === chosen ? one : code).steps(invocation));
  for (;;) {
    const arrivals: (Operation | undefined)[] = [];
    for (const [i, steps] of running.entries()) {
      let next = steps.next();
      while (i === chosen && !next.done && !isMeeting(next.value)) {
        yield next.value;
        next = steps.next();
      }
      arrivals.push(next.done ? undefined : next.value);
    }
    const meeting = agreed(executable, arrivals, invocations);
    if (meeting === undefined) return;
    meet(executable, meeting, invocations);
    yield meeting;
  }
}
function isMeeting({ op }: Operation): boolean {
  const { form } = rowOf(op);
  return form === 'barrier' || form === 'collective';
}

/** Runs all up to the next meeting; undefined when all have ended. */
function advance(
  executable: Executable,
  running: readonly Steps[],
  invocations: readonly Invocation[],
): Operation | undefined {
  const arrivals = running.map((steps) => {
    const { done, value } = steps.next();
    return done ? undefined : (value as Operation);
  });
  return agreed(executable, arrivals, invocations);
}
/** Where all have arrived, which must be the same meeting. */
function agreed(
  { program }: Executable,
  arrivals: readonly (Operation | undefined)[],
  invocations: readonly Invocation[],
): Operation | undefined {
  const stray = arrivals.findIndex((arrival) => arrival !== arrivals[0]);
  if (stray < 0) return arrivals[0];
  const waiting = arrivals.findIndex((arrival) => arrival !== undefined);
  const missing = arrivals.findIndex((arrival) => arrival !== arrivals[waiting]);
  const operation = arrivals[waiting]!;
  throw new IsokernelError(
    'divergent-barrier',
    `${invocations[waiting]!.describe()} waits at a ${operation.op} that ${invocations[missing]!.describe()} does not reach`,
    { kernel: program.name, place: operation.place },
  );
}

function meet({ layout }: Executable, operation: Operation, invocations: readonly Invocation[]): void {
  const { op, args, result, reference } = operation;
  const detector = invocations[0]!.around.detector;
  detector?.barrier();
  if (rowOf(op).form === 'barrier') return;
  const input = layout.slot(args[0]!);
  const output = layout.slot(result!);
  const given = invocations.map(({ values }) => values[input]!);
  const type = result!.type as ScalarType;
  let taken: readonly number[];
  if (op === 'uniformLoad') {
    const region = invocations[0]!.regions[layout.memory(reference)]!;
    const element = region.locate(invocations[0]!.values, [input]);
    if (element < 0) detector?.outOfBounds(operation, invocations[0]!, region, given.slice(0, 1));
    else detector?.access('read', operation, invocations[0]!, region, element, []);
    taken = given.fill(element < 0 ? 0 : region.read(element, 0));
    detector?.barrier();
  } else {
    const present = given.filter((_, i) => invocations[i]!.inGrid);
    if (op === 'uniform' && present.some((value) => !Object.is(value, present[0])))
      detector?.report(
        'non-uniform',
        operation,
        `k.uniform over values that differ: ${[...new Set(present)].slice(0, 4)}`,
      );
    taken = collectives[op as Exclude<CollectiveOp, 'uniformLoad'>](
      type,
      given.map((value, i) => (invocations[i]!.inGrid ? value : undefined)),
      layout.program.mode,
    );
  }
  invocations.forEach(({ values }, i) => {
    values[output] = taken[i]!;
  });
}

type Collective = (type: ScalarType, values: readonly (number | undefined)[], mode: NumericMode) => number[];

/** What stands for a ghost: the element that changes nothing. */
const nothing = {
  add: (type: ScalarType) => (type === 'f32' ? -0 : 0),
  min: (type: ScalarType) => ({ f32: Number.POSITIVE_INFINITY, i32: 2 ** 31 - 1, u32: 2 ** 32 - 1 })[type as 'f32'],
  max: (type: ScalarType) => ({ f32: Number.NEGATIVE_INFINITY, i32: -(2 ** 31), u32: 0 })[type as 'f32'],
};
const whole = (op: keyof typeof nothing, values: readonly (number | undefined)[], type: ScalarType): number[] =>
  values.map((value) => value ?? nothing[op](type));
const toAll = (values: readonly unknown[], value: number): number[] => values.map(() => value);
const reduction =
  (op: keyof typeof nothing): Collective =>
  (type, values, mode) => {
    const combine = meaningOf(mode, op, type, type);
    return toAll(
      values,
      combineBlock(whole(op, values, type), (x, y) => combine(x, y, 0)),
    );
  };

/** What each invocation receives. Invocation 0 is never a ghost: a workgroup starts in the grid. */
const collectives: { readonly [N in Exclude<CollectiveOp, 'uniformLoad'>]: Collective } = {
  groupSum: reduction('add'),
  groupMin: reduction('min'),
  groupMax: reduction('max'),
  groupScan: (type, values, mode) => {
    const add = meaningOf(mode, 'add', type, type);
    return scanBlock(whole('add', values, type), (x, y) => add(x, y, 0));
  },
  groupBroadcast: (_, values) => toAll(values, values[0]!),
  uniform: (_, values) => toAll(values, values[0]!),
};
