/**
 * Every pass against the interpreter, on random programs: the same bytes before and after, a program that the verifier
 * accepts, and nothing called proven that is out of bounds.
 */

import { describe, expect, test } from 'vitest';
import { interpretProgram } from '../../src/ir/interpreter.ts';
import { openClass } from '../../src/ir/numeric-class.ts';
import type { Operation, Program } from '../../src/ir/program.ts';
import { forEachInstruction } from '../../src/ir/program.ts';
import { verify } from '../../src/ir/verify.ts';
import {
  expandCollectives,
  expandThreefry,
  fenceFloats,
  foldConstants,
  hoistInvariant,
  optimize,
  removeDead,
  rewrite,
  shareCommon,
  specialise,
} from '../../src/passes/index.ts';
import { outcome } from '../support/outcome.ts';
import { copyOf, type RandomLaunch } from '../support/random-launch.ts';
import { type RandomProgramOptions, randomProgram } from '../support/random-program.ts';

type Workgroup = RandomLaunch['workgroup'];
const passes: Readonly<Record<string, (program: Program, workgroup: Workgroup) => Program>> = {
  specialise,
  expandCollectives,
  expandThreefry,
  foldConstants,
  shareCommon,
  hoistInvariant,
  removeDead,
  'fences against reassociation': (p) => fenceFloats(p, openClass),
  'fences against contraction': (p) => fenceFloats(p, { ...openClass, algebra: 'contracts' }),
};

function randomPrograms(count: number, options: RandomProgramOptions) {
  return Array.from({ length: count }, (_, seed) => {
    const { program, launch } = randomProgram(seed, options);
    const verified = verify(program);
    return { seed, verified, launch, expected: outcome(verified.program, launch) };
  });
}
const programs = randomPrograms(80, { floats: 'all', f16: true, packedStores: true });

describe('random programs mean the same after', () => {
  for (const [name, pass] of Object.entries(passes))
    test(name, () => {
      for (const { seed, verified, launch, expected } of programs) {
        const after = pass(verified.program, launch.workgroup);
        expect(outcome(after, launch), `seed ${seed}`).toBe(expected);
        verify(after);
      }
    });

  test('the whole pipeline', () => {
    for (const { seed, verified, launch, expected } of programs)
      expect(outcome(optimize(verified, launch), launch), `seed ${seed}`).toBe(expected);
  });

  test('the whole pipeline, for another workgroup where the program cannot see it', () => {
    const open = randomPrograms(150, { barriers: false, size: 12 }).filter(
      ({ verified }) => verified.program.workgroup === undefined && !verified.facts.groupSensitive,
    );
    expect(open.length).toBeGreaterThan(10);
    for (const { seed, verified, launch, expected } of open) {
      const other = { ...launch, workgroup: [3, 2, 1] as const };
      expect(outcome(optimize(verified, other), other), `seed ${seed}`).toBe(expected);
    }
  });
});

test('random programs do something, and depend on nothing but their arguments', () => {
  const findings = programs.flatMap(({ verified, launch }) =>
    interpretProgram(verified.program, copyOf(launch), { detect: true }),
  );
  const races = findings.filter(({ code }) => code === 'data-race' || code === 'divergent-barrier');
  expect(races).toEqual([]);
  const changed = programs.filter(({ verified, launch, expected }) => {
    const nothing = { ...verified.program, body: { body: [], end: { kind: 'return' } } } as const;
    return expected !== outcome(nothing, launch);
  });
  expect(changed.length).toBeGreaterThan(programs.length * 0.8);
});

test('what is proven in bounds is in bounds', () => {
  let proven = 0;
  for (const { seed, verified, launch } of programs) {
    const lines = new Map<number, Operation>();
    // every access gets a place of its own, by which the interpreter's findings name it
    const marked = rewrite(optimize(verified, launch), {
      operation(operation, out) {
        const line = lines.size + 1;
        lines.set(line, operation);
        out.append({ ...operation, place: { line, column: 1 } });
      },
    });
    const wrong = interpretProgram(marked, copyOf(launch), { detect: true }).filter(
      ({ code, place }) => code === 'out-of-bounds' && lines.get(place!.line)!.proven,
    );
    expect(wrong, `seed ${seed}`).toEqual([]);
    forEachInstruction(marked.body, (it) => {
      if (it.kind === 'op' && it.proven) proven++;
    });
  }
  expect(proven).toBeGreaterThan(150);
});
