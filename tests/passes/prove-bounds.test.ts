import { describe, expect, test } from 'vitest';
import { forEachInstruction } from '../../src/ir/program.ts';
import { foldConstants, proveBounds, shareCommon } from '../../src/passes/index.ts';
import { kernel } from './helpers.ts';

const declarations = `
param n: i32
param x: read f32 [*]
param m: read f32 [*, *]
param b: read u8 [*]
param y: readWrite f32 [*]
private a: f32 [4]
private h: u32 [256]
workgroup t: f32 [64]
`;

/** For each access in program order, whether it needs no guard; after the passes that bring equal values together. */
function proofs(body: string): boolean[] {
  const program = kernel(declarations, `%0: i32 = globalId x\n${body}\nreturn`);
  const found: boolean[] = [];
  forEachInstruction(proveBounds(shareCommon(foldConstants(program)), [64, 1, 1]).body, (it) => {
    if (it.kind === 'op' && (it.op === 'load' || it.op === 'store')) found.push(it.proven === true);
  });
  return found;
}

describe('proven', () => {
  test('in the branch that compared with the length', () => {
    const body = (op: string, operands: string) => `
      %1: i32 = dimension 0 x
      %2: bool = ${op} ${operands}
      if %2 {
        %3: f32 = load x[%0]
        store y[%0], %3
      }`;
    expect(proofs(body('lt', '%0, %1'))).toEqual([true, false]);
    expect(proofs(body('gt', '%1, %0'))).toEqual([true, false]);
    expect(proofs(body('le', '%0, %1'))).toEqual([false, false]);
    expect(proofs(body('ne', '%0, %1'))).toEqual([false, false]);
  });

  test('after an early return', () => {
    const body = `
      %1: i32 = dimension 0 x
      %2: bool = ge %0, %1
      if %2 {
        return
      }
      %3: f32 = load x[%0]
      %4: f32 = load y[%0]
      %5: f32 = add %3, %4
      store y[%0], %5`;
    expect(proofs(body)).toEqual([true, false, false]);
  });

  test('not before the branch, nor after it', () => {
    const body = `
      %1: i32 = dimension 0 y
      %2: f32 = load y[%0]
      %3: bool = lt %0, %1
      if %3 {
        store y[%0], %2
      }
      store y[%0], %2`;
    expect(proofs(body)).toEqual([false, true, false]);
  });

  test('an i32 that may be negative, only when compared as u32 or with 0 too', () => {
    const body = (condition: string) => `
      %1: i32 = argument n
      %2: i32 = dimension 0 y
      %3: i32 = constant 0
      ${condition}
      if %9 {
        %10: f32 = constant 1
        store y[%1], %10
      }`;
    expect(proofs(body('%9: bool = lt %1, %2'))).toEqual([false]);
    expect(proofs(body('%4: bool = lt %1, %2\n%5: bool = ge %1, %3\n%9: bool = and %4, %5'))).toEqual([true]);
    expect(proofs(body('%4: u32 = convert %1\n%5: u32 = convert %2\n%9: bool = lt %4, %5'))).toEqual([true]);
  });

  test('a short circuit whose second operand loads', () => {
    const body = `
      %1: i32 = dimension 0 x
      %2: bool = lt %0, %1
      %3: bool = if %2 {
        %4: f32 = load x[%0]
        %5: f32 = constant 0
        %6: bool = gt %4, %5
        yield %6
      } else {
        %7: bool = constant false
        yield %7
      }
      if %3 {
        %8: f32 = load x[%0]
        store y[%0], %8
      }`;
    // shared, the second load would be the first one
    expect(proofs(body)).toEqual([true, true, false]);
  });

  test('neighbours inside a margin', () => {
    const body = `
      %1: i32 = dimension 0 x
      %2: i32 = constant 1
      %3: bool = lt %0, %2
      %4: i32 = sub %1, %2
      %5: bool = ge %0, %4
      %6: bool = or %3, %5
      if %6 {
        return
      }
      %7: i32 = sub %0, %2
      %8: i32 = add %0, %2
      %9: i32 = constant 2
      %10: i32 = add %0, %9
      %11: f32 = load x[%7]
      %12: f32 = load x[%0]
      %13: f32 = load x[%8]
      %14: f32 = load x[%10]
      %15: f32 = fma %11, %12, %13
      %16: f32 = add %15, %14
      store y[%0], %16`;
    expect(proofs(body)).toEqual([true, true, true, false, false]);
  });

  const counting = (start: string, test: string, step: string, access: string) => `
      %1: i32 = dimension 0 y
      %2: i32 = constant 1
      %3: i32 = ${start}
      %4: f32 = constant 1
      loop (%5: i32 = %3) {
        %6: bool = ${test}
        if %6 {
          break
        }
        ${access}
        %9: i32 = ${step}
        continue %9
      }`;

  test('a loop up to the length, by any step', () => {
    const store = 'store y[%5], %4';
    expect(proofs(counting('constant 0', 'ge %5, %1', 'add %5, %2', store))).toEqual([true]);
    expect(proofs(counting('constant 5', 'ge %5, %1', 'add %2, %5', store))).toEqual([true]);
    expect(proofs(counting('constant -1', 'ge %5, %1', 'add %5, %2', store))).toEqual([false]);
    expect(proofs(counting('constant 0', 'ge %5, %1', 'add %5, %0', store))).toEqual([false]); // may wrap
    expect(proofs(counting('constant 0', 'gt %5, %1', 'add %5, %2', store))).toEqual([false]);
    expect(proofs(counting('constant 0', 'eq %5, %1', 'add %5, %2', store))).toEqual([false]);
  });

  test('a loop down from the length, and the reverse of one up', () => {
    expect(
      proofs(
        counting('sub %1, %2', 'lt %5, %7', 'sub %5, %2', 'store y[%5], %4').replace(
          '%3:',
          '%7: i32 = constant 0\n%3:',
        ),
      ),
    ).toEqual([true]);
    const reversed = '%7: i32 = sub %1, %2\n%8: i32 = sub %7, %5\nstore y[%8], %4';
    expect(proofs(counting('constant 0', 'ge %5, %1', 'add %5, %2', reversed))).toEqual([true]);
  });

  test('a remainder or a mask of whatever, in a local array', () => {
    const body = (index: string) => `
      %1: i32 = argument n
      %2: u32 = convert %1
      %3: i32 = constant 3
      %4: u32 = constant 4
      %5: ${index}
      %6: f32 = load a[%5]
      store y[%0], %6`;
    expect(proofs(body('i32 = and %1, %3'))).toEqual([true, false]);
    expect(proofs(body('u32 = rem %2, %4'))).toEqual([true, false]);
    expect(proofs(body('i32 = rem %1, %3'))).toEqual([false, false]); // may be negative
    expect(proofs(body('u32 = shr %2, %4'))).toEqual([false, false]);
  });

  test('a remainder of the length is not: the length may be 0', () => {
    const body = `
      %1: i32 = dimension 0 x
      %2: i32 = rem %0, %1
      %3: f32 = load x[%2]
      store y[%0], %3`;
    expect(proofs(body)).toEqual([false, false]);
  });

  test('ids of the workgroup, and a byte as index', () => {
    const body = `
      %1: i32 = localIndex
      %2: f32 = load t[%1]
      store t[%1], %2
      barrier
      %3: u32 = load b[%0]
      %4: u32 = load h[%3]
      %5: i32 = constant 63
      %6: i32 = sub %5, %1
      %7: f32 = load t[%6]
      %8: f32 = load t[%0]
      %9: f32 = convert %4
      %10: f32 = fma %7, %8, %9
      store y[%0], %10`;
    expect(proofs(body)).toEqual([true, true, false, true, true, false, false]);
  });

  test('every index of several counts', () => {
    const body = (second: string) => `
      %1: i32 = globalId y
      %2: i32 = dimension 0 m
      %3: i32 = dimension 1 m
      %4: bool = lt %1, %2
      %5: bool = lt ${second}
      %6: bool = and %4, %5
      if %6 {
        %7: f32 = load m[%1, %0]
        %8: f32 = constant 0
        store y[%0], %7
      }`;
    expect(proofs(body('%0, %3'))).toEqual([true, false]);
    expect(proofs(body('%0, %2'))).toEqual([false, false]);
  });
});

test('a loop that carries a float, be it NaN, is walked to an end', () => {
  const body = `
    %1: i32 = dimension 0 y
    %2: i32 = constant 0
    %3: f32 = constant nan
    %4: f32 = loop (%5: i32 = %2, %6: f32 = %3) {
      %7: bool = ge %5, %1
      if %7 {
        break %6
      }
      store y[%5], %6
      %8: i32 = constant 1
      %9: i32 = add %5, %8
      %10: f32 = constant 1
      %11: f32 = add %6, %10
      continue %9, %11
    }
    store y[%0], %4`;
  expect(proofs(body)).toEqual([true, false]);
});

test('in code that is never reached anything may be said, and it is said in time', () => {
  const body = `
    %1: i32 = dimension 0 y
    %2: i32 = constant 0
    %3: bool = lt %1, %2
    if %3 {
      %4: f32 = constant 1
      loop (%5: i32 = %1) {
        %6: bool = ge %5, %1
        if %6 {
          break
        }
        %7: i32 = xor %5, %1
        %8: i32 = or %7, %1
        store y[%8], %4
        continue %8
      }
    }
    %9: f32 = load y[%0]
    store y[%0], %9`;
  expect(proofs(body).slice(1)).toEqual([false, false]);
});

test('deep nests of loops do not take for ever', () => {
  const depth = 24;
  const open = Array.from(
    { length: depth },
    (_, i) => `loop (%p${i}: i32 = %1) {\n%c${i}: bool = gt %p${i}, %0\nif %c${i} {\nbreak\n}`,
  );
  const close = Array.from(
    { length: depth },
    (_, i) => `%n${i}: i32 = sub %0, %p${i}\n%m${i}: i32 = mul %n${i}, %p${i}\ncontinue %m${i}\n}`,
  );
  let number = 2;
  const numbers = new Map<string, string>();
  const text = `%1: i32 = constant 0\n%9999: f32 = constant 0\n${open.join('\n')}\nstore y[%p0], %9999\n${close.reverse().join('\n')}`;
  const named = text.replace(/%[pcnm]\d+/g, (name) => {
    if (!numbers.has(name)) numbers.set(name, `%${++number}`);
    return numbers.get(name)!;
  });
  expect(proofs(named)).toEqual([false]);
});
