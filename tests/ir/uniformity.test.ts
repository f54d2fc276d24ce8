/**
 * The uniformity rule: what it must refuse, because WGSL compilers do, and what it must accept, because kernels need it.
 * tint.test.ts asks such a compiler about whole programs.
 */

import { describe, expect, test } from 'vitest';
import { IsokernelError, parse, print, type Value, verify } from '../../src/ir/index.ts';

/** `%0` differs between invocations; `%1`, `%2` and `%3` do not. */
function kernel(lines: string): string {
  return `kernel "k" stable workgroup 64 1 1
    param n: i32
    param r: read i32 [*]
    param rw: readWrite i32 [*]
    param a: atomic i32 [*]
    private p: i32 [4]
    workgroup s: i32 [64]
    {
      %0: i32 = localId x
      %1: i32 = argument n
      %2: i32 = workgroupId x
      %3: i32 = constant 0
      ${lines}
    }`;
}

function refusal(text: string): string | undefined {
  try {
    verify(parse(text));
    return undefined;
  } catch (error) {
    if (error instanceof IsokernelError) return error.code;
    throw error;
  }
}
/** What `%value` is after these lines. */
function isUniform(lines: string, value: string): boolean {
  const program = parse(kernel(`${lines} return`));
  const { facts } = verify(program);
  // the text that is printed numbers values in program order, as the text given does
  expect(print(program)).toContain(`${value}: `);
  const found: Value[] = [];
  for (const it of program.body.body) found.push(...(it.kind === 'op' ? (it.result ? [it.result] : []) : it.results));
  const result = found.find((_, i) => `%${i}` === value);
  return facts.uniform.has(result!);
}

describe('values', () => {
  test.each([
    ['%4: i32 = add %1, %2', true],
    ['%4: i32 = add %1, %0', false],
    ['%4: i32 = dimension 0 rw', true],
    ['%4: i32 = numWorkgroups y', true],
    ['%4: i32 = workgroupSize x', true],
    ['%4: i32 = globalId x', false],
    ['%4: i32 = localIndex', false],
    ['%4: bool = inGrid', false],
    ['%4: i32 = load r[%1]', true],
    ['%4: i32 = load r[%0]', false],
    ['%4: i32 = load rw[%1]', false],
    ['%4: i32 = load s[%3]', false],
    ['%4: i32 = load p[%3]', false],
    ['%4: i32 = atomicLoad a[%3]', false],
    ['%4: i32 = uniformLoad s[%1]', true],
    ['%4: i32 = groupSum %0', true],
    ['%4: i32 = groupMax %0', true],
    ['%4: i32 = groupBroadcast %0', true],
    ['%4: i32 = uniform %0', true],
    ['%4: i32 = groupScan %1', false],
    // by the rule, not by arithmetic
    ['%4: i32 = and %0, %3', false],
    ['%4: i32 = mul %0, %3', false],
  ])('%s: %s', (lines, wanted) => {
    expect(isUniform(lines, '%4')).toBe(wanted);
  });
  test.each([
    ['a uniform choice', '%4: bool = lt %1, %2 %5: i32 = if %4 { yield %1 } else { yield %2 }', '%5', true],
    [
      'a divergent choice of uniform values',
      '%4: bool = lt %0, %2 %5: i32 = if %4 { yield %1 } else { yield %2 }',
      '%5',
      false,
    ],
    [
      'a uniform choice of divergent values',
      '%4: bool = lt %1, %2 %5: i32 = if %4 { yield %0 } else { yield %2 }',
      '%5',
      false,
    ],
    [
      'a uniform count',
      '%4: i32 = loop (%5: i32 = %3) { %6: bool = lt %5, %1 if %6 { break %5 } continue %5 }',
      '%4',
      true,
    ],
    [
      'a divergent count',
      '%4: i32 = loop (%5: i32 = %3) { %6: bool = lt %5, %0 if %6 { break %5 } continue %5 }',
      '%4',
      false,
    ],
    [
      'a value that another parameter makes divergent in the second iteration',
      '%4: i32 = loop (%5: i32 = %3, %6: i32 = %3) { %7: bool = lt %1, %2 if %7 { break %5 } continue %6, %0 }',
      '%4',
      false,
    ],
  ])('%s', (_, lines, value, wanted) => {
    expect(isUniform(lines, value)).toBe(wanted);
  });
});

describe('barriers are accepted', () => {
  test.each([
    ['at the start', 'barrier return'],
    ['in a uniform branch', '%4: bool = lt %1, %2 if %4 { barrier } return'],
    ['after a divergent branch', '%4: bool = lt %0, %1 if %4 { store s[%0], %1 } barrier return'],
    ['after a uniform return', '%4: bool = lt %1, %2 if %4 { return } barrier return'],
    [
      'in a uniform loop',
      'loop (%4: i32 = %3) { %5: bool = lt %4, %1 if %5 { } else { break } barrier %6: i32 = add %4, %4 continue %6 } return',
    ],
    ['after a divergent loop', 'loop { %4: bool = lt %0, %1 if %4 { break } continue } barrier return'],
    ['after a divergent continue', 'loop { %4: bool = lt %0, %1 if %4 { continue } break } barrier return'],
    [
      'in a uniform loop after a divergent inner loop',
      'loop { loop { %4: bool = lt %0, %1 if %4 { break } continue } barrier %5: bool = lt %1, %2 if %5 { break } continue } return',
    ],
    ['on a collective', '%4: i32 = groupMin %0 %5: bool = lt %4, %1 if %5 { barrier } return'],
    ['before a divergent return', 'barrier %4: bool = lt %0, %1 if %4 { return } return'],
  ])('%s', (_, lines) => {
    expect(refusal(kernel(lines))).toBeUndefined();
  });
});

describe('barriers are refused', () => {
  test.each([
    ['in a divergent branch', '%4: bool = lt %0, %1 if %4 { barrier } return'],
    ['in the other arm of one', '%4: bool = lt %0, %1 if %4 { } else { barrier } return'],
    ['on what a written buffer holds', '%4: i32 = load rw[%3] %5: bool = lt %4, %1 if %5 { barrier } return'],
    [
      'on workgroup memory after a barrier',
      'barrier %4: i32 = load s[%3] %5: bool = lt %4, %1 if %5 { barrier } return',
    ],
    ['on (local & 0) == 0', '%4: i32 = and %0, %3 %5: bool = eq %4, %3 if %5 { barrier } return'],
    ['after a divergent return', '%4: bool = lt %0, %1 if %4 { return } barrier return'],
    ['after a return in a loop', 'loop { %4: bool = lt %0, %1 if %4 { return } break } barrier return'],
    [
      'after a uniform return from a loop that some leave early',
      'loop { %4: bool = lt %0, %1 if %4 { break } %5: bool = lt %1, %2 if %5 { return } continue } barrier return',
    ],
    ['in a divergent loop', 'loop { barrier %4: bool = lt %0, %1 if %4 { break } continue } return'],
    ['before a divergent continue', 'loop { barrier %4: bool = lt %0, %1 if %4 { continue } break } return'],
    ['after a divergent break', 'loop { %4: bool = lt %0, %1 if %4 { break } barrier continue } return'],
    [
      'on a value that becomes divergent in the second iteration',
      'loop (%4: i32 = %3) { %5: bool = lt %4, %1 if %5 { barrier } %6: bool = lt %1, %2 if %6 { break } continue %0 } return',
    ],
    ['for a collective in a divergent branch', '%4: bool = lt %0, %1 if %4 { %5: i32 = groupSum %1 } return'],
    ['for a divergent index of a uniformLoad', '%4: i32 = uniformLoad s[%0] return'],
  ])('%s', (_, lines) => {
    expect(refusal(kernel(lines))).toBe('barrier-in-divergent-flow');
  });
});

test('an error says what differs', () => {
  const message = (lines: string) => {
    try {
      verify(parse(kernel(lines)));
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };
  const branch = '%5: bool = lt %4, %1 if %5 { barrier } return';
  expect(message(`%4: i32 = add %0, %1 ${branch}`)).toMatch(/for it depends on localId\n/);
  expect(message(`%4: i32 = load rw[%3] @12:3 ${branch}`)).toMatch(
    /for it depends on what load finds in "rw" \(line 12\)/,
  );
  expect(message('%4: i32 = uniformLoad s[%0] return')).toMatch(/^the index of uniformLoad may differ .* localId\n/);
});

test('cost is linear: a rotation of parameters through deep loops', () => {
  const depth = 40;
  const names = (level: number) => Array.from({ length: 50 }, (_, i) => `%${100 + level * 50 + i}`);
  let inner = '';
  for (let level = depth; level > 0; level--) {
    const params = names(level);
    const inits = level === 1 ? params.map(() => '%3') : names(level - 1);
    const list = params.map((param, i) => `${param}: i32 = ${inits[i]}`).join(', ');
    const next = [...params.slice(1), '%0'].join(', ');
    inner = `loop (${list}) { ${inner} if %4 { break } continue ${next} }`;
  }
  const program = parse(kernel(`%4: bool = lt %1, %2 ${inner} return`));
  expect(verify(program).facts.loops.length).toBe(depth);
});
