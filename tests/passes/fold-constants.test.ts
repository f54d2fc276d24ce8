import { expect, test } from 'vitest';
import { foldConstants, removeDead } from '../../src/passes/index.ts';
import { bodyAfter, kernel, type Pass } from './helpers.ts';

/** Folded, without what is no longer used. */
const folded: Pass = (program) => removeDead(foldConstants(program));

const declarations = `
param n: i32
param u: u32
param f: f32
param p: bool
param r: write i32 [*]
param w: write f32 [*]
`;
/** The body after folding, of a kernel that stores `value` after these lines. */
function storing(type: 'i32' | 'f32', value: string, lines: string, head?: string): string {
  const store = type === 'i32' ? `store r[%0], ${value}` : `store w[%0], ${value}`;
  return bodyAfter(folded, kernel(declarations, `%0: i32 = globalId x\n${lines}\n${store}\nreturn`, head));
}

test('operations on constants, with the pinned meanings', () => {
  const lines = `
    %1: i32 = constant 7
    %2: i32 = constant 0
    %3: i32 = div %1, %2
    %4: i32 = constant 33
    %5: i32 = shl %3, %4
    %6: f32 = constant nan
    %7: i32 = convert %6
    %8: i32 = add %5, %7`;
  expect(storing('i32', '%8', lines)).toMatchInlineSnapshot(`
    "%0: i32 = globalId x
    %1: i32 = constant 14
    store r[%0], %1
    return
    "
  `);
});

test('identities of integers', () => {
  const lines = `
    %1: i32 = argument n
    %2: i32 = constant 0
    %3: i32 = constant 1
    %4: i32 = add %1, %2
    %5: i32 = mul %3, %4
    %6: i32 = constant 3
    %7: i32 = add %5, %6
    %8: i32 = constant 5
    %9: i32 = sub %7, %8
    %10: i32 = xor %1, %1
    %11: i32 = or %9, %10`;
  expect(storing('i32', '%11', lines)).toMatchInlineSnapshot(`
    "%0: i32 = globalId x
    %1: i32 = argument n
    %2: i32 = constant 2
    %3: i32 = sub %1, %2
    store r[%0], %3
    return
    "
  `);
});

test('floats: x * 1 and x + -0 are x; x + 0, x - x and x * 0 are not simpler', () => {
  const lines = `
    %1: f32 = argument f
    %2: f32 = constant 1
    %3: f32 = mul %1, %2
    %4: f32 = constant -0
    %5: f32 = add %3, %4
    %6: f32 = constant 0
    %7: f32 = add %5, %6
    %8: f32 = sub %7, %7
    %9: f32 = mul %8, %6`;
  expect(storing('f32', '%9', lines)).toMatchInlineSnapshot(`
    "%0: i32 = globalId x
    %1: f32 = argument f
    %2: f32 = constant 0
    %3: f32 = add %1, %2
    %4: f32 = sub %3, %3
    %5: f32 = mul %4, %2
    store w[%0], %5
    return
    "
  `);
});

test('exact mode leaves float arithmetic alone', () => {
  const lines = `
    %1: f32 = argument f
    %2: f32 = constant 1
    %3: f32 = mul %1, %2`;
  expect(storing('f32', '%3', lines, 'kernel "k" exact')).toMatchInlineSnapshot(`
    "%0: i32 = globalId x
    %1: f32 = argument f
    %2: f32 = constant 1
    %3: f32 = mul %1, %2
    store w[%0], %3
    return
    "
  `);
});

test('not (x < y) is x >= y for integers, and stays for floats', () => {
  const lines = `
    %1: i32 = argument n
    %2: bool = lt %1, %0
    %3: bool = not %2
    %4: f32 = argument f
    %5: bool = lt %4, %4
    %6: bool = not %5
    %7: i32 = convert %3
    %8: i32 = convert %6
    %9: i32 = add %7, %8`;
  expect(storing('i32', '%9', lines)).toMatchInlineSnapshot(`
    "%0: i32 = globalId x
    %1: i32 = argument n
    %2: bool = ge %1, %0
    %3: f32 = argument f
    %4: bool = lt %3, %3
    %5: bool = not %4
    %6: i32 = convert %2
    %7: i32 = convert %5
    %8: i32 = add %6, %7
    store r[%0], %8
    return
    "
  `);
});

test('a short circuit of what costs nothing is an operation', () => {
  const lines = `
    %1: bool = argument p
    %2: i32 = argument n
    %3: bool = lt %0, %2
    %4: bool = if %1 {
      yield %3
    } else {
      %5: bool = constant false
      yield %5
    }
    %6: i32 = convert %4`;
  expect(storing('i32', '%6', lines)).toMatchInlineSnapshot(`
    "%0: i32 = globalId x
    %1: bool = argument p
    %2: i32 = argument n
    %3: bool = lt %0, %2
    %4: bool = and %1, %3
    %5: i32 = convert %4
    store r[%0], %5
    return
    "
  `);
});

test('a decided branch is spliced in', () => {
  const lines = `
    %1: bool = constant true
    %2: i32 = if %1 {
      %3: i32 = add %0, %0
      yield %3
    } else {
      yield %0
    }`;
  expect(storing('i32', '%2', lines)).toMatchInlineSnapshot(`
    "%0: i32 = globalId x
    %1: i32 = add %0, %0
    store r[%0], %1
    return
    "
  `);
});

test('what only one arm goes on to follows the branch', () => {
  const lines = `
    %1: i32 = argument n
    %2: i32 = constant 0
    %3: i32 = loop (%4: i32 = %2) {
      %5: bool = lt %4, %1
      %6: i32 = if %5 {
        store r[%4], %4
        %7: i32 = constant 1
        %8: i32 = add %4, %7
        yield %8
      } else {
        break %4
      }
      continue %6
    }`;
  expect(storing('i32', '%3', lines)).toMatchInlineSnapshot(`
    "%0: i32 = globalId x
    %1: i32 = argument n
    %2: i32 = constant 0
    %3: i32 = loop (%4: i32 = %2) {
      %5: bool = ge %4, %1
      if %5 {
        break %4
      }
      store r[%4], %4
      %6: i32 = constant 1
      %7: i32 = add %4, %6
      continue %7
    }
    store r[%0], %3
    return
    "
  `);
});

test('a parameter that never changes is its first value', () => {
  const lines = `
    %1: i32 = argument n
    %2: i32 = constant 0
    %3: i32 = loop (%4: i32 = %2, %5: i32 = %1) {
      %6: bool = ge %4, %5
      if %6 {
        break %4
      }
      store r[%4], %5
      %7: i32 = constant 1
      %8: i32 = add %4, %7
      continue %8, %5
    }`;
  expect(storing('i32', '%3', lines)).toMatchInlineSnapshot(`
    "%0: i32 = globalId x
    %1: i32 = argument n
    %2: i32 = constant 0
    %3: i32 = loop (%4: i32 = %2) {
      %5: bool = ge %4, %1
      if %5 {
        break %4
      }
      store r[%4], %1
      %6: i32 = constant 1
      %7: i32 = add %4, %6
      continue %7
    }
    store r[%0], %3
    return
    "
  `);
});

test("a loop's only way out stays, though it is never taken", () => {
  const lines = `
    %1: bool = constant false
    loop {
      if %1 {
        break
      }
      store r[%0], %0
      continue
    }`;
  expect(storing('i32', '%0', lines)).toMatchInlineSnapshot(`
    "%0: i32 = globalId x
    %1: bool = constant false
    loop {
      if %1 {
        break
      }
      store r[%0], %0
      continue
    }
    store r[%0], %0
    return
    "
  `);
});
