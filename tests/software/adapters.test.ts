/** The software functions on every adapter: integers are all that they compute with, so all give the same bits. */

import { expect, test } from 'vitest';
import { ops, type SoftwareOp } from '../../src/ir/ops.ts';
import { software } from '../../src/ir/software/index.ts';
import { describeAdapters } from '../support/adapters.ts';
import { deviceOf } from '../webgpu/on-device.ts';
import { apply, applyOn, between, numberOf, operands } from './apply.ts';

describeAdapters('software functions', ({ id }) => {
  test.each(Object.keys(software) as SoftwareOp[])('%s', async (op) => {
    const device = await deviceOf(id);
    const given = ops[op].args.map((_, i) => {
      const random = operands(2000, i + 1, [0.5, 2, Math.PI]);
      return Uint32Array.from([...random, ...between(2000, -2, 2 + i)]);
    });
    const [wanted, got] = [await apply(op, ...given), await applyOn(device, op, ...given)];
    for (const [i, bits] of wanted.entries()) {
      if (got[i] === bits) continue;
      const x = given.map((operand) => numberOf(operand[i]!));
      expect(numberOf(got[i]!), `${op}(${x.join(', ')})`).toBe(numberOf(bits));
    }
  });
});
