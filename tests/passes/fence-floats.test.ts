import { expect, test } from 'vitest';
import { ieeeClass, type NumericClass, openClass } from '../../src/ir/numeric-class.ts';
import { fenceFloats } from '../../src/passes/index.ts';
import { bodyAfter, kernel } from './helpers.ts';

const declarations = `
param x: read f32 [*]
param y: readWrite f32 [*]
`;
const fenced = (numeric: NumericClass, body: string) =>
  bodyAfter((program) => fenceFloats(program, numeric), kernel(declarations, `%0: i32 = globalId x\n${body}\nreturn`));
const cancelling = `
  %1: f32 = load x[%0]
  %2: f32 = load y[%0]
  %3: f32 = add %1, %2
  %4: f32 = sub %3, %1
  store y[%0], %4`;
const fusable = `
  %1: f32 = load x[%0]
  %2: f32 = mul %1, %1
  %3: f32 = mul %1, %2
  %4: f32 = neg %3
  %5: f32 = add %4, %1
  %6: f32 = mul %5, %1
  store y[%0], %6`;

test('an IEEE device needs no fences', () => {
  const bare = kernel(declarations, `%0: i32 = globalId x\n${cancelling}\nreturn`);
  expect(fenceFloats(bare, ieeeClass)).toBe(bare);
});

test('what rounds is fenced, and the right side of a difference with another word; what is only stored is not', () => {
  expect(fenced(openClass, cancelling)).toMatchInlineSnapshot(`
    "%0: u32 = opaque 0
    %1: u32 = opaque 0
    %2: i32 = globalId x
    %3: f32 = load x[%2]
    %4: f32 = load y[%2]
    %5: f32 = add %3, %4
    %6: u32 = bitcast %5
    %7: u32 = xor %6, %0
    %8: f32 = bitcast %7
    %9: u32 = bitcast %3
    %10: u32 = xor %9, %1
    %11: f32 = bitcast %10
    %12: f32 = sub %8, %11
    store y[%2], %12
    return
    "
  `);
});

test('constants that take part are opaque; those only stored or chosen are not', () => {
  const body = `
    %1: f32 = load x[%0]
    %2: f32 = constant 0.5
    %3: f32 = constant 2
    %4: f32 = mul %1, %2
    %5: bool = lt %4, %2
    %6: f32 = select %5, %4, %3
    store y[%0], %6`;
  expect(fenced(openClass, body)).toMatchInlineSnapshot(`
    "%0: f32 = opaque 0.5
    %1: u32 = opaque 0
    %2: i32 = globalId x
    %3: f32 = load x[%2]
    %4: f32 = constant 0.5
    %5: f32 = constant 2
    %6: f32 = mul %3, %0
    %7: u32 = bitcast %6
    %8: u32 = xor %7, %1
    %9: f32 = bitcast %8
    %10: bool = lt %9, %0
    %11: f32 = select %10, %9, %5
    store y[%2], %11
    return
    "
  `);
});

test('where products are only fused, those that are added to something are fma with an opaque -0', () => {
  expect(fenced({ ...openClass, algebra: 'contracts' }, fusable)).toMatchInlineSnapshot(`
    "%0: f32 = opaque -0
    %1: i32 = globalId x
    %2: f32 = load x[%1]
    %3: f32 = mul %2, %2
    %4: f32 = fma %2, %3, %0
    %5: f32 = neg %4
    %6: f32 = add %5, %2
    %7: f32 = mul %6, %2
    store y[%1], %7
    return
    "
  `);
});
