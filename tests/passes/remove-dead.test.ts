import { expect, test } from 'vitest';
import { print } from '../../src/ir/print.ts';
import { removeDead } from '../../src/passes/index.ts';
import { bodyAfter, kernel } from './helpers.ts';

const declarations = `
param n: i32
param x: readWrite f32 [*]
param c: atomic u32 [*]
private a: f32 [4]
private b: f32 [4]
`;
const alive = (body: string) => bodyAfter(removeDead, kernel(declarations, `%0: i32 = globalId x\n${body}\nreturn`));

test('what nobody uses goes; what acts stays', () => {
  expect(
    alive(`
      %1: f32 = load x[%0]
      %2: f32 = exp %1
      %3: u32 = constant 1
      %4: u32 = atomicAdd c[%0], %3
      %5: f32 = load x[%0]
      store x[%0], %5`),
  ).toMatchInlineSnapshot(`
    "%0: i32 = globalId x
    %1: u32 = constant 1
    %2: u32 = atomicAdd c[%0], %1
    %3: f32 = load x[%0]
    store x[%0], %3
    return
    "
  `);
});

test('results and parameters that nobody uses go, also those that only feed themselves', () => {
  expect(
    alive(`
      %1: i32 = argument n
      %2: i32 = constant 0
      %3: f32 = load x[%0]
      %4: i32, %5: f32 = loop (%6: i32 = %2, %7: i32 = %2, %8: f32 = %3) {
        %9: bool = ge %6, %1
        if %9 {
          break %7, %8
        }
        %10: i32 = constant 1
        %11: i32 = add %6, %10
        %12: i32 = mul %7, %11
        %13: f32 = mul %8, %8
        continue %11, %12, %13
      }
      store x[%0], %5`),
  ).toMatchInlineSnapshot(`
    "%0: i32 = globalId x
    %1: i32 = argument n
    %2: i32 = constant 0
    %3: f32 = load x[%0]
    %4: f32 = loop (%5: i32 = %2, %6: f32 = %3) {
      %7: bool = ge %5, %1
      if %7 {
        break %6
      }
      %8: i32 = constant 1
      %9: i32 = add %5, %8
      %10: f32 = mul %6, %6
      continue %9, %10
    }
    store x[%0], %4
    return
    "
  `);
});

test('a bounded loop without effects goes, one that may run for ever stays', () => {
  const loop = (bound: string) => `
      %1: i32 = constant 0
      loop (%2: i32 = %1) {
        ${bound}
        if %4 {
          break
        }
        %5: i32 = constant 1
        %6: i32 = add %2, %5
        continue %6
      }`;
  expect(alive(loop('%3: i32 = constant 9\n%4: bool = ge %2, %3'))).toMatchInlineSnapshot(`
    "return
    "
  `);
  expect(alive(loop('%3: f32 = load x[%2]\n%4: bool = lt %3, %3'))).toMatchInlineSnapshot(`
    "%0: i32 = constant 0
    loop (%1: i32 = %0) {
      %2: f32 = load x[%1]
      %3: bool = lt %2, %2
      if %3 {
        break
      }
      %4: i32 = constant 1
      %5: i32 = add %1, %4
      continue %5
    }
    return
    "
  `);
});

test('an early return stays', () => {
  expect(
    alive(`
      %1: i32 = argument n
      %2: bool = ge %0, %1
      if %2 {
        return
      }
      %3: f32 = constant 1
      store x[%0], %3`),
  ).toMatchInlineSnapshot(`
    "%0: i32 = globalId x
    %1: i32 = argument n
    %2: bool = ge %0, %1
    if %2 {
      return
    }
    %3: f32 = constant 1
    store x[%0], %3
    return
    "
  `);
});

test('an array that is only written goes', () => {
  const program = kernel(
    declarations,
    `
      %0: i32 = globalId x
      %1: f32 = load x[%0]
      store a[%0], %1
      store b[%0], %1
      %2: f32 = load b[%0]
      store x[%0], %2
      return`,
  );
  expect(print(removeDead(program), { places: false })).toMatchInlineSnapshot(`
    "kernel "k" stable workgroup 64 1 1

    param n: i32
    param x: readWrite f32 [*]
    param c: atomic u32 [*]
    private b: f32 [4]

    {
      %0: i32 = globalId x
      %1: f32 = load x[%0]
      store b[%0], %1
      %2: f32 = load b[%0]
      store x[%0], %2
      return
    }
    "
  `);
});
