/**
 * The interpreter: the definition of what a program means. Small, slow, obviously right.
 *
 * It takes any program, optimised ones too, which is how passes are checked: before against after. Workgroups run one after
 * the other, x fastest, and within one the invocations in local index order, each up to the next barrier. With `detect` it
 * also finds what hardware hides (detector.ts).
 */

import { IsokernelError } from './error.ts';
import { type Executable, prepare } from './interpreter/code.ts';
import { Detector, type Finding } from './interpreter/detector.ts';
import { Invocation, type Surroundings, type Triple } from './interpreter/invocation.ts';
import { Region } from './interpreter/region.ts';
import { runWorkgroup, stepWorkgroup } from './interpreter/workgroup.ts';
import type { Memory, Operation, Program, Value } from './program.ts';
import { defaultWorkgroup, type Verified } from './verified.ts';

export { Detector, type Executable, type Finding, prepare };

/** A buffer: its bytes, which are written in place, and its shape. */
export interface ArrayArgument {
  readonly bytes: Uint8Array;
  readonly shape: readonly number[];
}

export interface Launch {
  /** By parameter, in declaration order; a scalar is the list of its components. */
  readonly args: readonly (ArrayArgument | readonly number[])[];
  /** Invocations in x, y, z. */
  readonly grid: Triple;
  /** For programs that leave it open. */
  readonly workgroup?: Triple | undefined;
  /** The box of workgroups to run; the whole grid where not given. */
  readonly base?: Triple | undefined;
  readonly count?: Triple | undefined;
}

export interface InterpretOptions {
  /** Look for races and the like; slower. */
  readonly detect?: boolean;
}

/** Runs a verified program. Throws `out-of-fuel`; what was written is undefined then. */
export function interpret(verified: Verified, launch: Launch, options?: InterpretOptions): readonly Finding[] {
  return interpretProgram(verified.program, launch, options);
}

/** Runs any program, verified or made of a verified one by passes. */
export function interpretProgram(
  program: Program,
  launch: Launch,
  { detect = false }: InterpretOptions = {},
): readonly Finding[] {
  const detector = detect ? new Detector() : undefined;
  const run = interpretSteps(prepare(program), launch, detector);
  while (!run.next().done);
  return detector?.findings ?? [];
}

/** The same, stopping after each workgroup; a detector keeps what it finds. */
export function* interpretSteps(
  executable: Executable,
  launch: Launch,
  detector?: Detector,
): Generator<void, void, void> {
  const { shared, invocations, groups } = setUp(executable, launch, detector);
  const base = launch.base ?? [0, 0, 0];
  const count = launch.count ?? groups.map((size, axis) => size - base[axis]!);
  try {
    for (let z = base[2]; z < base[2] + count[2]!; z++)
      for (let y = base[1]; y < base[1] + count[1]!; y++)
        for (let x = base[0]; x < base[0] + count[0]!; x++) {
          for (const region of shared) region?.clear();
          for (const invocation of invocations) invocation.start([x, y, z]);
          detector?.startGroup();
          runWorkgroup(executable, invocations);
          yield;
        }
  } catch (error) {
    if (detector === undefined || !(error instanceof IsokernelError) || error.code !== 'divergent-barrier') throw error;
    detector.findings.push({ code: error.code, message: error.message, place: error.place });
  }
}

/** An invocation, stopped after an operation. */
export interface Stop {
  readonly operation: Operation;
  /** The components of a value that has been computed. */
  valueOf(value: Value): readonly number[];
  /** The components of every element of an array, as they are now. */
  contentsOf(memory: Memory): readonly (readonly number[])[];
}

/**
 * Runs one invocation, given by its index in the grid, operation by operation. The others of its workgroup run as far as it
 * meets them; other workgroups do not run.
 */
export function* stepInvocation(executable: Executable, launch: Launch, global: Triple): Generator<Stop, void, void> {
  const { layout } = executable;
  const { shared, invocations, workgroup } = setUp(executable, launch, undefined);
  for (const region of shared) region?.clear();
  const at = (axis: 0 | 1 | 2) => Math.floor(global[axis] / workgroup[axis]);
  for (const invocation of invocations) invocation.start([at(0), at(1), at(2)]);
  const chosen = invocations.findIndex((each) => each.global.every((id, axis) => id === global[axis]));
  const { values, regions } = invocations[chosen]!;
  for (const operation of stepWorkgroup(executable, invocations, chosen))
    yield {
      operation,
      valueOf: (value) => layout.slots([value]).map((slot) => values[slot]!),
      contentsOf(memory) {
        const region = regions[layout.memory(memory)]!;
        const elements = region.shape.reduce((a, b) => a * b, 1);
        return Array.from({ length: elements }, (_, element) =>
          Array.from({ length: region.components }, (_, component) => region.read(element, component)),
        );
      },
    };
}

/** The workgroup that runs a launch, over and over: its invocations, with the memory that they reach. */
function setUp({ program, layout }: Executable, launch: Launch, detector: Detector | undefined) {
  const { grid } = launch;
  const workgroup = program.workgroup ?? launch.workgroup ?? defaultWorkgroup;
  const groups = grid.map((size, axis) => Math.ceil(size / workgroup[axis]!)) as [number, number, number];
  const around: Surroundings = {
    grid,
    groups,
    workgroup,
    scalars: launch.args.map((arg) => ('bytes' in arg ? [] : arg)),
    fuel: program.fuel,
    detector,
  };

  const buffers = program.params.map((param, i) => {
    if (param.kind === 'scalar') return undefined;
    const argument = launch.args[i];
    if (argument === undefined || !('bytes' in argument) || argument.shape.length !== param.rank)
      throw new IsokernelError('argument-type', `${program.name}: ${param.name} takes an array of rank ${param.rank}`);
    return new Region(param, argument.shape, argument.bytes);
  });
  const shared = program.locals.map((local) => (local.space === 'workgroup' ? Region.local(local) : undefined));
  const invocations = Array.from({ length: workgroup[0] * workgroup[1] * workgroup[2] }, (_, localIndex) => {
    const locals = program.locals.map((local, i) => shared[i] ?? Region.local(local));
    return new Invocation(around, layout.size, [...buffers, ...locals], localIndex);
  });
  return { workgroup, groups, shared, invocations };
}
