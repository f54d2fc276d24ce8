import { expect, test } from 'vitest';
import { shareCommon } from '../../src/passes/index.ts';
import { bodyAfter, kernel } from './helpers.ts';

const declarations = `
param x: read f32 [*]
param y: readWrite f32 [*]
param z: readWrite f32 [*]
workgroup t: f32 [64]
`;
const shared = (body: string) => bodyAfter(shareCommon, kernel(declarations, `%0: i32 = globalId x\n${body}\nreturn`));

test('equal operations are one, whatever the order of operands that may be swapped', () => {
  expect(
    shared(`
      %1: i32 = globalId x
      %2: i32 = dimension 0 x
      %3: i32 = constant 1
      %4: i32 = constant 1
      %5: i32 = add %0, %3
      %6: i32 = add %4, %1
      %7: i32 = dimension 0 x
      %8: i32 = sub %2, %5
      %9: i32 = sub %6, %7
      %10: i32 = mul %8, %9
      %11: f32 = convert %10
      store y[%0], %11`),
  ).toMatchInlineSnapshot(`
    "%0: i32 = globalId x
    %1: i32 = dimension 0 x
    %2: i32 = constant 1
    %3: i32 = constant 1
    %4: i32 = add %0, %2
    %5: i32 = sub %1, %4
    %6: i32 = sub %4, %1
    %7: i32 = mul %5, %6
    %8: f32 = convert %7
    store y[%0], %8
    return
    "
  `);
});

test('min is not commutative: it tells NaN and -0', () => {
  expect(
    shared(`
      %1: f32 = load x[%0]
      %2: f32 = load x[%0]
      %3: f32 = constant 0
      %4: f32 = min %1, %3
      %5: f32 = min %3, %2
      %6: f32 = add %4, %5
      store y[%0], %6`),
  ).toMatchInlineSnapshot(`
    "%0: i32 = globalId x
    %1: f32 = load x[%0]
    %2: f32 = constant 0
    %3: f32 = min %1, %2
    %4: f32 = min %2, %1
    %5: f32 = add %3, %4
    store y[%0], %5
    return
    "
  `);
});

test('a branch sees what is before it; what it computes is seen in it only', () => {
  expect(
    shared(`
      %1: i32 = add %0, %0
      %2: bool = lt %0, %1
      if %2 {
        %3: i32 = add %0, %0
        %4: i32 = mul %3, %3
        %5: f32 = convert %4
        store y[%0], %5
      } else {
        %6: i32 = mul %1, %1
        %7: f32 = convert %6
        store y[%0], %7
      }`),
  ).toMatchInlineSnapshot(`
    "%0: i32 = globalId x
    %1: i32 = add %0, %0
    %2: bool = lt %0, %1
    if %2 {
      %3: i32 = mul %1, %1
      %4: f32 = convert %3
      store y[%0], %4
    } else {
      %5: i32 = mul %1, %1
      %6: f32 = convert %5
      store y[%0], %6
    }
    return
    "
  `);
});

test('loads of written memory are shared up to the next store to it', () => {
  expect(
    shared(`
      %1: f32 = load y[%0]
      %2: f32 = load y[%0]
      store z[%0], %2
      %3: f32 = load y[%0]
      store y[%0], %3
      %4: f32 = load y[%0]
      %5: f32 = add %1, %4
      store z[%0], %5`),
  ).toMatchInlineSnapshot(`
    "%0: i32 = globalId x
    %1: f32 = load y[%0]
    store z[%0], %1
    store y[%0], %1
    %2: f32 = load y[%0]
    %3: f32 = add %1, %2
    store z[%0], %3
    return
    "
  `);
});

test('a barrier ends what is known of shared memory', () => {
  expect(
    shared(`
      %1: i32 = localIndex
      %2: f32 = load t[%1]
      store t[%1], %2
      barrier
      %3: f32 = load t[%0]
      barrier
      %4: f32 = load t[%0]
      %5: f32 = add %3, %4
      store y[%0], %5`),
  ).toMatchInlineSnapshot(`
    "%0: i32 = globalId x
    %1: i32 = localIndex
    %2: f32 = load t[%1]
    store t[%1], %2
    barrier
    %3: f32 = load t[%0]
    barrier
    %4: f32 = load t[%0]
    %5: f32 = add %3, %4
    store y[%0], %5
    return
    "
  `);
});

test('what a loop stores anywhere is unknown where its body begins', () => {
  expect(
    shared(`
      %1: f32 = load y[%0]
      %2: i32 = constant 0
      loop (%3: i32 = %2) {
        %4: f32 = load y[%0]
        %5: f32 = add %4, %1
        store y[%0], %5
        %6: bool = gt %3, %0
        if %6 {
          break
        }
        %7: i32 = constant 1
        %8: i32 = add %3, %7
        continue %8
      }`),
  ).toMatchInlineSnapshot(`
    "%0: i32 = globalId x
    %1: f32 = load y[%0]
    %2: i32 = constant 0
    loop (%3: i32 = %2) {
      %4: f32 = load y[%0]
      %5: f32 = add %4, %1
      store y[%0], %5
      %6: bool = gt %3, %0
      if %6 {
        break
      }
      %7: i32 = constant 1
      %8: i32 = add %3, %7
      continue %8
    }
    return
    "
  `);
});
