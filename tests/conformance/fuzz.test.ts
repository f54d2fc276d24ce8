/** The fuzzer: it finds and shrinks planted faults, it is silent where there are none, and its kernel source means the program. */

import { mkdir, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { type FuzzSubject, fuzz, kernelSource, randomProgram } from '../../backends/conformance/fuzz/index.ts';
import {
  forEachInstruction,
  type Instruction,
  interpretProgram,
  type Program,
  parse,
  verify,
} from '../../src/ir/index.ts';
import type { Kernel } from '../../src/lang/kernel.ts';
import { rewrite } from '../../src/passes/rewrite.ts';
import { outcome } from '../support/outcome.ts';

/** The interpreter, of what a change makes of each program. */
function interpreterOf(change: (program: Program) => Program): FuzzSubject {
  return {
    id: 'changed',
    async run({ program }, launch) {
      interpretProgram(change(program), launch);
      return launch.args.flatMap((arg) => ('bytes' in arg ? [arg.bytes] : []));
    },
  };
}
function instructionsOf(program: Program): Instruction[] {
  const all: Instruction[] = [];
  forEachInstruction(program.body, (instruction) => all.push(instruction));
  return all;
}

test('no differences where there are none', async () => {
  const report = await fuzz([interpreterOf((program) => program)], { count: 30, mode: 'stable' });
  expect(report.differences).toEqual([]);
  expect(report.subjects).toEqual([{ id: 'changed', ran: 30, skipped: {}, differences: 0 }]);
});

/** A fault that leaves loops alone. */
const orForXor = (program: Program) =>
  rewrite(program, {
    operation(operation, out) {
      out.append(operation.op === 'xor' ? { ...operation, op: 'or' } : operation);
    },
  });

test('a planted fault is found, made small and printed', async () => {
  const { differences } = await fuzz([interpreterOf(orForXor)], { count: 4, mode: 'stable' });
  expect(differences.length).toBeGreaterThan(0);
  for (const { program, launch, text, source } of differences) {
    const instructions = instructionsOf(program);
    expect(instructions.some((one) => one.kind === 'op' && one.op === 'xor')).toBe(true);
    expect(instructions.length, text).toBeLessThan(30);
    // what is printed is what failed
    const read = verify(parse(text));
    expect(outcome(read.program, launch)).toBe(outcome(program, launch));
    expect(outcome(read.program, launch)).not.toBe(outcome(orForXor(read.program), launch));
    expect(source).toMatch(/ \^ | !== /);
  }
}, 60_000);

test('a failure is a difference too', async () => {
  const failing: FuzzSubject = {
    id: 'failing',
    run: async ({ program }) => {
      if (instructionsOf(program).some((one) => one.kind === 'loop')) throw new Error('no loops here');
      throw new Error('never mind');
    },
  };
  const { differences } = await fuzz([failing], { count: 1, mode: 'stable' });
  expect(differences).toMatchObject([{ subject: 'failing', detail: expect.stringContaining('failed') }]);
  expect(instructionsOf(differences[0]!.program)).toEqual([]);
});

const folder = fileURLToPath(new URL('../out/', import.meta.url));
afterAll(() => rm(folder, { recursive: true, force: true }));

test('the source of a program, compiled, means the program', async () => {
  const subjects = Array.from({ length: 40 }, (_, seed) =>
    randomProgram(seed, { floats: 'all', f16: true, packedStores: true }),
  ).flatMap(({ program, launch }) => {
    const source = kernelSource(program);
    return source === undefined ? [] : [{ program, launch, source }];
  });
  // most can be said
  expect(subjects.length).toBeGreaterThan(20);
  await mkdir(folder, { recursive: true });
  const index = new URL('../../src/index.ts', import.meta.url).pathname;
  for (const [i, { source }] of subjects.entries())
    await writeFile(`${folder}source${i}.ts`, source.replace("'isokernel'", JSON.stringify(index)));
  for (const [i, { program, launch, source }] of subjects.entries()) {
    const module = (await import(`${folder}source${i}.ts`)) as Record<string, Kernel>;
    const { program: compiled } = await module[program.name]!.verified();
    expect(outcome(compiled, launch), source).toBe(outcome(verify(program).program, launch));
  }
}, 60_000);
