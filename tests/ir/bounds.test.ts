/** Loop bounds, against counting: the interpreter runs the loop, and the bound must hold, and be tight where it can. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  IsokernelError,
  interpret,
  type LaunchShape,
  type LoopFuel,
  maxDimension,
  type Program,
  parse,
  verify,
} from '../../src/ir/index.ts';

const one = [1, 1, 1] as const;
/** How often the loops of a kernel begin an iteration: it counts them in `count`, on one invocation. */
function iterations(program: Program, args: readonly number[]): number | undefined {
  const bytes = new Uint8Array(4);
  try {
    interpret(verify(program), {
      grid: one,
      workgroup: one,
      args: [...args.map((arg) => [arg]), { shape: [1], bytes }],
    });
  } catch (error) {
    if (error instanceof IsokernelError && error.code === 'out-of-fuel') return undefined;
    throw error;
  }
  return new DataView(bytes.buffer).getUint32(0, true);
}
function bounds(program: Program, launch: Partial<LaunchShape> = {}): (number | LoopFuel)[] {
  const shape: LaunchShape = { args: [], grid: one, workgroup: one, ...launch };
  return verify(program).facts.loops.map((loop) => loop.bound?.(shape) ?? loop.fuel);
}

interface Counted {
  readonly type: 'i32' | 'u32';
  readonly from: number;
  readonly to: number;
  readonly step: number;
  readonly op: 'add' | 'sub' | 'mul' | 'div' | 'shl' | 'shr';
  readonly relation: 'lt' | 'le' | 'gt' | 'ge' | 'ne';
  readonly mirrored: boolean;
  readonly negated: boolean;
  /** Where the test stands, and what it tests. */
  readonly form: 'while' | 'do' | 'nested';
  /** The end as an argument, known at launch only, or as a constant. */
  readonly known: boolean;
}
const small = fc.integer({ min: -40, max: 40 });
const edges = fc.constantFrom(2 ** 31 - 1, 2 ** 31 - 2, 2 ** 31 - 8, -(2 ** 31), -(2 ** 31) + 5);
const counted: fc.Arbitrary<Counted> = fc.record({
  type: fc.constantFrom('i32', 'u32'),
  from: fc.oneof({ weight: 5, arbitrary: small }, { weight: 1, arbitrary: edges }),
  to: fc.oneof({ weight: 5, arbitrary: small }, { weight: 1, arbitrary: edges }),
  step: fc.integer({ min: -2, max: 5 }),
  op: fc.constantFrom('add', 'add', 'add', 'sub', 'sub', 'mul', 'div', 'shl', 'shr'),
  relation: fc.constantFrom('lt', 'le', 'gt', 'ge', 'ne'),
  mirrored: fc.boolean(),
  negated: fc.boolean(),
  form: fc.constantFrom('while', 'do', 'nested'),
  known: fc.boolean(),
});

function kernelOf({ type, from, to, step, op, relation, mirrored, negated, form, known }: Counted): Program {
  const number = (value: number) => (type === 'u32' ? value >>> 0 : value | 0);
  const mirror = { lt: 'gt', le: 'ge', gt: 'lt', ge: 'le', ne: 'ne' } as const;
  const opposite = { lt: 'ge', le: 'gt', gt: 'le', ge: 'lt', ne: 'eq' } as const;
  /** `%name` is whether the loop goes on, from here. */
  const goesOn = (name: string, subject: string) => {
    const wanted = negated ? opposite[relation] : relation;
    const operands = mirrored ? `%3, ${subject}` : `${subject}, %3`;
    const compare = `bool = ${mirrored && wanted !== 'eq' ? mirror[wanted as keyof typeof mirror] : wanted} ${operands}`;
    return negated ? `${name}1: ${compare} ${name}2: bool = not ${name}1` : `${name}2: ${compare}`;
  };
  const next = `%20: ${type} = ${op} %11, %4 %21: u32 = add %12, %5`;
  const lines = {
    while: `${goesOn('%3', '%11')} if %32 { } else { break %12 } ${next} continue %20, %21`,
    do: `${next} ${goesOn('%3', '%20')} if %32 { continue %20, %21 } else { break %21 } unreachable`,
    // two ways of going on that share a condition
    nested: `${goesOn('%3', '%11')} ${next} if %32 { if %6 { continue %20, %21 } } else { break %12 } continue %20, %21`,
  };
  return parse(`kernel "k" stable fuel 400 param end: ${type} param count: write u32 [*] {
    %1: i32 = constant 0
    %2: ${type} = constant ${number(from)}
    %3: ${type} = ${known ? `constant ${number(to)}` : 'argument end'}
    %4: ${type} = constant ${number(step)}
    %5: u32 = constant 1
    %6: bool = constant true
    %7: u32 = constant 1
    %8: u32 = loop (%11: ${type} = %2, %12: u32 = %7) { ${lines[form]} }
    store count[%1], %8
    return
  }`);
}

test('a bound holds whatever the loop, and of counted ones is tight up to one', () => {
  let bounded = 0;
  fc.assert(
    fc.property(counted, (loop) => {
      const program = kernelOf(loop);
      const end = loop.type === 'u32' ? loop.to >>> 0 : loop.to | 0;
      const [bound] = bounds(program, { args: [[end], [1]] });
      if (typeof bound !== 'number') return;
      bounded++;
      expect(Number.isInteger(bound) && bound >= 1).toBe(true);
      // too long to count: nothing to compare with
      if (bound > 10_000) return;
      const count = iterations(program, [end]);
      // `do` counts the iteration after which it leaves
      const begun = loop.form === 'do' ? count! - 1 : count!;
      expect(begun).toBeLessThanOrEqual(bound);
      if (loop.op === 'add' || loop.op === 'sub') expect(begun).toBeGreaterThanOrEqual(bound - 1);
      else expect(bound).toBeLessThanOrEqual(34);
    }),
    { seed: 1, numRuns: 3000 },
  );
  expect(bounded).toBeGreaterThan(300);
});

describe('kernels as they are written', () => {
  const around = (lines: string) =>
    parse(`kernel "k" stable workgroup 64 1 1
      param n: i32
      param x: read f32 [*, *]
      param rows: read i32 [*]
      param out: write f32 [*]
      workgroup s: f32 [64]
      {
        %0: i32 = globalId x
        %1: i32 = constant 0
        %2: i32 = constant 1
        %3: i32 = argument n
        %4: i32 = dimension 1 x
        ${lines}
        return
      }`);
  const launch: LaunchShape = {
    args: [[100], [7, 50], [9], [640]],
    grid: [640, 1, 1],
    workgroup: [64, 1, 1],
  };
  const forLoop = (from: string, to: string, step: string, body = '', relation = 'ge') =>
    `loop (%50: i32 = ${from}) { %51: bool = ${relation} %50, ${to} if %51 { break } ${body} %52: i32 = add %50, ${step} continue %52 }`;

  test.each<readonly [string, string, (number | LoopFuel)[]]>([
    ['to a dimension', forLoop('%1', '%4', '%2'), [51]],
    ['to an argument', forLoop('%1', '%3', '%2'), [101]],
    ['to an argument, inclusive, could wrap', forLoop('%1', '%3', '%2', '', 'gt'), ['invocation']],
    ['to a dimension by the workgroup', `%9: i32 = workgroupSize x ${forLoop('%0', '%4', '%9')}`, [2]],
    ['to a dimension by 2^16', `%9: i32 = constant 65536 ${forLoop('%1', '%4', '%9')}`, [2]],
    ['to a dimension by more', `%9: i32 = constant 65538 ${forLoop('%1', '%4', '%9')}`, ['invocation']],
    ['to an argument by 2, could wrap', `%9: i32 = constant 2 ${forLoop('%1', '%3', '%9')}`, ['invocation']],
    ['to what memory holds', `%9: i32 = load rows[%0] ${forLoop('%1', '%9', '%2')}`, ['invocation']],
    [
      'to the least of two',
      `%9: i32 = constant 16 %10: i32 = add %0, %9 %11: i32 = min %10, %4 ${forLoop('%0', '%11', '%2')}`,
      [51],
    ],
    ['with a barrier', forLoop('%1', '%4', '%2', 'barrier'), [51]],
    [
      'halving a stride',
      '%9: i32 = constant 32 loop (%10: i32 = %9) { %11: bool = gt %10, %1 if %11 { } else { break } barrier %12: i32 = shr %10, %2 continue %12 }',
      [7],
    ],
    [
      'doubling a distance',
      '%9: i32 = workgroupSize x loop (%10: i32 = %2) { %11: bool = lt %10, %9 if %11 { } else { break } %12: i32 = shl %10, %2 continue %12 }',
      [7],
    ],
    [
      'two conditions',
      `loop (%10: i32 = %1, %11: f32 = %30) { %12: bool = lt %10, %4 %13: bool = lt %11, %31 %14: bool = and %12, %13
         if %14 { } else { break } %15: i32 = add %10, %2 %16: f32 = mul %11, %11 continue %15, %16 }`,
      [51],
    ],
    [
      'two conditions, the second only where the first holds',
      `loop (%10: i32 = %1, %11: f32 = %30) { %12: bool = lt %10, %4
         %13: bool = if %12 { %14: bool = lt %11, %31 yield %14 } else { yield %32 }
         if %13 { } else { break } %15: i32 = add %10, %2 %16: f32 = mul %11, %11 continue %15, %16 }`,
      [51],
    ],
    [
      'an inner loop that ends where the outer one stands',
      `loop (%10: i32 = %1) { %11: bool = lt %10, %4 if %11 { } else { break } ${forLoop('%1', '%10', '%2')} %12: i32 = add %10, %2 continue %12 }`,
      // the outer parameter is at most 50
      [51, 51],
    ],
    [
      'a search in memory',
      'loop (%10: i32 = %1) { %11: i32 = load rows[%10] %12: bool = lt %11, %1 if %12 { break } continue %11 }',
      ['invocation'],
    ],
    [
      'a search together',
      'loop (%10: i32 = %1) { %11: i32 = load rows[%10] %12: bool = lt %11, %1 if %12 { break } barrier continue %11 }',
      ['workgroup'],
    ],
    ['never again', 'loop { break }', [1]],
    [
      'a step that one way of going on forgets',
      `loop (%10: i32 = %1) { %11: bool = lt %10, %4 if %11 { } else { break } %12: bool = eq %10, %2 if %12 { continue %10 } %13: i32 = add %10, %2 continue %13 }`,
      ['invocation'],
    ],
  ])('%s', (_, lines, wanted) => {
    const floats = '%30: f32 = constant 0.5 %31: f32 = constant 4 %32: bool = constant false';
    expect(bounds(around(`${floats} ${lines}`), launch)).toEqual(wanted);
  });

  test('the largest launch stays finite', () => {
    const program = around(forLoop('%1', '%4', '%2'));
    expect(bounds(program, { ...launch, args: [[0], [1, maxDimension], [0], [0]] })).toEqual([maxDimension + 1]);
  });
});
