/**
 * What becomes of one mutant: refused with a code; or it verifies, and the interpreter and the CPU (in its vector form, on the caller's thread)
 * leave equal bits or fail with the same code. Everything else is a fault of isokernel, and thrown as a `Fault`.
 *
 * What a program leaves is compared where its meaning says what that is: not after a data race, not where an atomic's order shows, not where
 * functions are used whose last bits are the device's own. There both must still run, or fail with the same code.
 */

import type { Device } from '../../../src/device/index.ts';
import { type ErrorCode, IsokernelError } from '../../../src/ir/error.ts';
import { interpret } from '../../../src/ir/interpreter.ts';
import { rowOf } from '../../../src/ir/ops.ts';
import { type Block, forEachInstruction } from '../../../src/ir/program.ts';
import { isFloat } from '../../../src/ir/types.ts';
import { defaultWorkgroup, type Verified } from '../../../src/ir/verified.ts';
import { verify } from '../../../src/ir/verify.ts';
import { compile } from '../../../src/lang/compile.ts';
import type { Definition } from '../../../src/lang/definition.ts';
import { furtherErrors } from '../../../src/lang/further-errors.ts';
import { LanguageError } from '../../../src/lang/language-error.ts';
import { firstDifference, openOnCaller, runOnCpu } from '../../cpu/on-cpu.ts';
import type { Random } from '../../support/random.ts';
import { copyOf, type RandomLaunch, randomArguments } from '../../support/random-launch.ts';
import { type Mutant, mutant } from './mutants.ts';

/** How a trial ended: `refused`; `long`, accepted, but it might run for very long; `ran`, without a comparison of bits; `equal`; or both failed. */
export type Ending = 'refused' | 'long' | 'ran' | 'equal' | 'failed';

export class Fault extends Error {}

/** Steps of the interpreter that a trial may take: a tenth of a second. */
const mostSteps = 2 ** 18;
/** A device keeps the code of its programs until it is closed. */
const programsPerDevice = 500;

export class Trials {
  readonly #seed: number;
  #device: Device = openOnCaller();
  #programs = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Throws `Fault` with the mutant's text. */
  async run(number: number): Promise<Ending> {
    const made = mutant(this.#seed, number);
    try {
      return await this.#try(made);
    } catch (cause) {
      throw new Fault(`mutant ${number} of seed ${this.#seed}: ${String(cause)}\n${made.text}`, { cause });
    }
  }
  close(): Promise<void> {
    return this.#device.close();
  }

  async #try({ definition, random }: Mutant): Promise<Ending> {
    const verified = accepted(definition);
    if (verified === undefined) return 'refused';
    const { program } = verified;
    const launch = launchFor(random, verified);
    const steps = stepsOf(verified, launch);
    if (steps > mostSteps) return 'long';

    const wanted = copyOf(launch);
    let findings: ReturnType<typeof interpret> = [];
    const failure = coded(() => {
      findings = interpret(verified, wanted, { detect: true });
    });
    if (this.#programs++ === programsPerDevice) {
      await this.#device.close();
      this.#device = openOnCaller();
      this.#programs = 0;
    }
    let got: readonly Uint8Array[] = [];
    const onCpu = await runOnCpu(this.#device, program, launch).then(
      (buffers) => {
        got = buffers;
        return undefined;
      },
      (error) => codeOf(error),
    );
    const raced = findings.some(({ code }) => code === 'data-race');
    const decided = !raced && isDecided(verified);
    if (failure !== onCpu && (decided || (failure ?? 'out-of-fuel') !== (onCpu ?? 'out-of-fuel')))
      throw new Error(`the interpreter ended with ${failure ?? 'success'}, the CPU with ${onCpu ?? 'success'}`);
    if (failure !== undefined) return 'failed';
    if (!decided || onCpu !== undefined) return 'ran';
    const bytes = wanted.args.flatMap((arg) => ('bytes' in arg ? [arg.bytes] : []));
    const difference = firstDifference(program, got, bytes);
    if (difference !== undefined) throw new Error(`the CPU differs from the interpreter: ${difference}`);
    return 'equal';
  }
}

/** The verified program, or undefined where it is refused as it should be. */
function accepted(definition: Definition): Verified | undefined {
  try {
    return verify(compile(definition));
  } catch (error) {
    // `invalid-ir` would mean that the front end wrote nonsense
    if (codeOf(error) === 'invalid-ir') throw error;
    if (error instanceof LanguageError && !furtherErrors(definition, error).includes(error))
      throw new Error('further errors leave out the first', { cause: error });
    return undefined;
  }
}
function codeOf(error: unknown): ErrorCode {
  if (error instanceof LanguageError || error instanceof IsokernelError) return error.code;
  throw error;
}
function coded(act: () => void): ErrorCode | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    return codeOf(error);
  }
}

function launchFor(random: Random, { program, facts }: Verified): RandomLaunch {
  const shapes = { 1: [8], 2: [3, 5], 3: [2, 3, 4], 4: [2, 1, 3, 2] } as Record<number, readonly number[]>;
  return {
    grid: random.pick([
      [1, 1, 1],
      [4, 1, 1],
      [9, 1, 1],
      [70, 1, 1],
      [5, 3, 1],
      [3, 2, 2],
    ] as const),
    // what sees its workgroup has one that does not depend on who runs it
    workgroup:
      program.workgroup ??
      (facts.groupSensitive ? defaultWorkgroup : undefined) ??
      random.pick([
        [4, 1, 1],
        [64, 1, 1],
        [8, 2, 1],
      ] as const),
    args: randomArguments(random, program.params, ({ rank }) => shapes[rank]!).map((arg, i) => {
      const param = program.params[i]!;
      // sizes and counts are mostly small
      const small = param.kind === 'scalar' && (param.type === 'i32' || param.type === 'u32') && random.chance(0.7);
      return small ? [random.below(9)] : arg;
    }),
  };
}

/** An upper bound of the instructions that a launch takes. */
function stepsOf({ program, facts }: Verified, launch: RandomLaunch): number {
  const shape = {
    args: launch.args.map((arg) => ('bytes' in arg ? arg.shape : arg)),
    grid: launch.grid,
    workgroup: launch.workgroup,
  };
  const blockSteps = ({ body }: Block): number => {
    let steps = 1;
    for (const instruction of body) {
      steps += 1;
      if (instruction.kind === 'if') steps += blockSteps(instruction.accept) + blockSteps(instruction.reject);
      else if (instruction.kind === 'loop') {
        const loop = facts.loops[instruction.verified!.id]!;
        steps += blockSteps(instruction.body) * (loop.bound?.(shape) ?? program.fuel);
      }
    }
    return steps;
  };
  const invocations = launch.grid.reduce(
    (product, size, axis) => product * Math.ceil(size / launch.workgroup[axis]!) * launch.workgroup[axis]!,
    1,
  );
  return blockSteps(program.body) * invocations;
}

const commutative = new Set(['atomicAdd', 'atomicSub', 'atomicMin', 'atomicMax', 'atomicAnd', 'atomicOr', 'atomicXor']);

/** Whether a program without a race has one meaning, down to the bits that are compared. */
function isDecided({ program, facts }: Verified): boolean {
  let decided = !facts.orderDependent;
  forEachInstruction(program.body, (instruction) => {
    if (instruction.kind !== 'op') return;
    const { op, args, result } = instruction;
    const row = rowOf(op);
    if (row.form === 'atomic' && !commutative.has(op)) decided = false;
    const onFloats = args.some(({ type }) => isFloat(type as 'f32'));
    const rounded = row.exact === 'always' || row.exact === 'guarded' || op === 'div' || op === 'sqrt';
    if (onFloats && !rounded) decided = false;
    // the bits of a NaN are open
    if (op === 'bitcast' && onFloats && !isFloat(result!.type as 'f32')) decided = false;
  });
  return decided;
}
