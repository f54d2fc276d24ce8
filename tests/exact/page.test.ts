/** What docs/numerics.md says: every line of its examples, and that it names every operation on floats. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { roundTo } from '../../src/ir/bits.ts';
import { canonical, exactFunction } from '../../src/ir/exact.ts';
import { softwareFunction } from '../../src/ir/interpreter/software.ts';
import { isScalarOp, opNames, ops, type ScalarOp, type ScalarRow } from '../../src/ir/ops.ts';
import type { ScalarType } from '../../src/ir/types.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/numerics.md'), 'utf8');

const line = /^\| `(\w+)`(?: to (\w+))? \| (\w+) \| ([^|]+) \| ([^|]+) \|$/gm;
const examples = Array.from(page.matchAll(line), ([, op, to, type, operands, result]) => ({
  op: op as ScalarOp,
  type: type as ScalarType,
  to: (to ?? (ops[op as ScalarOp].result === 'T' ? type : ops[op as ScalarOp].result)) as ScalarType,
  operands: operands!.split(',').map(Number),
  result: Number(result),
}));

test('the examples are there', () => {
  const [, below] = page.split('## Examples');
  expect(examples.length).toBe(below!.split('\n').filter((text) => text.startsWith('| `')).length);
  expect(examples.length).toBeGreaterThan(40);
});

test.each(examples)('$op of $type $operands is $result', ({ op, type, to, operands, result }) => {
  const [x = 0, y = 0, z = 0] = operands.map((operand) => canonical(type, roundTo(type, operand)));
  const given = exactFunction(op, type, to, softwareFunction)!(x, y, z);
  expect(given).toBe(roundTo(to, result));
});

test('every operation on floats is on the page', () => {
  const onFloats = opNames.filter((op) => isScalarOp(op) && (ops[op] as ScalarRow).of.some((type) => type === 'f32'));
  expect(onFloats.filter((op) => !page.includes(`\`${op}\``))).toEqual([]);
  const others = ['unpackHalf', 'groupSum', 'groupScan'];
  expect(others.filter((op) => !page.includes(`\`${op}\``))).toEqual([]);
});
