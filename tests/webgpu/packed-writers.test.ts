/** Several invocations that store one value to one packed element leave that value, also where the grid has more axes. */

import { expect, test } from 'vitest';
import { parse } from '../../src/ir/parse.ts';
import { verify } from '../../src/ir/verify.ts';
import { describeAdapters } from '../support/adapters.ts';
import { deviceOf, runOn } from './on-device.ts';

describeAdapters('packed elements with several writers', ({ id }) => {
  test('keep what was stored', async () => {
    const verified = verify(
      parse(`kernel "writers" stable workgroup 1 8 1 param out: write u8 [*] {
        %0: i32 = globalId x
        %1: u32 = constant 200
        store out[%0], %1
        return
      }`),
    );
    const launch = {
      grid: [64, 8, 1],
      workgroup: [1, 8, 1],
      args: [{ shape: [64], bytes: new Uint8Array(64) }],
    } as const;
    const [out] = await runOn(await deviceOf(id), verified, launch);
    expect(out).toEqual(new Uint8Array(64).fill(200));
  });
});
