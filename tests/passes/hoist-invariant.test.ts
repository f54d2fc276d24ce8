import { expect, test } from 'vitest';
import { hoistInvariant } from '../../src/passes/index.ts';
import { bodyAfter, kernel } from './helpers.ts';

const declarations = `
param x: read f32 [*, *]
param y: readWrite f32 [*]
`;

test('each operation moves in front of the outermost loop that it does not depend on', () => {
  const program = kernel(
    declarations,
    `
      %0: i32 = globalId x
      %1: i32 = constant 0
      loop (%2: i32 = %1) {
        %3: i32 = dimension 0 x
        %4: bool = ge %2, %3
        if %4 {
          break
        }
        loop (%6: i32 = %1) {
          %7: i32 = dimension 1 x
          %10: bool = ge %6, %7
          if %10 {
            break
          }
          %11: i32 = constant 3
          %12: i32 = mul %2, %11
          %13: f32 = load x[%0, %12]
          %14: f32 = load x[%0, %6]
          %15: f32 = load y[%0]
          %16: f32 = sqrt %13
          %17: f32 = fma %14, %16, %15
          store y[%0], %17
          %18: i32 = constant 1
          %19: i32 = add %6, %18
          continue %19
        }
        %8: i32 = constant 1
        %9: i32 = add %2, %8
        continue %9
      }
      return`,
  );
  expect(bodyAfter(hoistInvariant, program)).toMatchInlineSnapshot(`
    "%0: i32 = globalId x
    %1: i32 = constant 0
    %2: i32 = dimension 0 x
    %3: i32 = dimension 1 x
    loop (%4: i32 = %1) {
      %5: bool = ge %4, %2
      if %5 {
        break
      }
      %6: i32 = constant 3
      %7: i32 = mul %4, %6
      %8: f32 = load x[%0, %7]
      %9: f32 = sqrt %8
      loop (%10: i32 = %1) {
        %11: bool = ge %10, %3
        if %11 {
          break
        }
        %12: i32 = constant 3
        %13: f32 = load x[%0, %10]
        %14: f32 = load y[%0]
        %15: f32 = fma %13, %9, %14
        store y[%0], %15
        %16: i32 = constant 1
        %17: i32 = add %10, %16
        continue %17
      }
      %18: i32 = constant 1
      %19: i32 = add %4, %18
      continue %19
    }
    return
    "
  `);
});

test('what stands in a branch of a loop moves too, without the branch', () => {
  const program = kernel(
    declarations,
    `
      %0: i32 = globalId x
      %1: i32 = constant 0
      loop (%2: i32 = %1) {
        %3: bool = gt %2, %0
        if %3 {
          break
        }
        %4: bool = eq %2, %1
        if %4 {
          %5: f32 = convert %0
          %6: f32 = exp %5
          store y[%2], %6
        }
        %7: i32 = constant 1
        %8: i32 = add %2, %7
        continue %8
      }
      return`,
  );
  expect(bodyAfter(hoistInvariant, program)).toMatchInlineSnapshot(`
    "%0: i32 = globalId x
    %1: i32 = constant 0
    %2: f32 = convert %0
    %3: f32 = exp %2
    loop (%4: i32 = %1) {
      %5: bool = gt %4, %0
      if %5 {
        break
      }
      %6: bool = eq %4, %1
      if %6 {
        store y[%4], %3
      }
      %7: i32 = constant 1
      %8: i32 = add %4, %7
      continue %8
    }
    return
    "
  `);
});

test('constants stay where they are', () => {
  const body = `%0: i32 = globalId x
%1: i32 = constant 0
loop (%2: i32 = %1) {
  %3: i32 = constant 100
  %4: bool = gt %2, %3
  if %4 {
    break
  }
  %5: i32 = constant 7
  %6: i32 = add %2, %5
  continue %6
}
return
`;
  expect(bodyAfter(hoistInvariant, kernel('', body))).toBe(body);
});
