/** A program that runs a kernel, waits for nothing but its result and forgets to close the device. It must end by itself. */

import { Builder } from '../../src/ir/builder.ts';
import { openCpu, runOnCpu } from './on-cpu.ts';

const b = new Builder({ name: 'index' });
const r = b.buffer('r', 'write', 'u32');
const i = b.id('globalId');
b.store(r, [i], b.bitcast(i, 'u32'));
openCpu().then(async (device) => {
  const args = [{ shape: [4], bytes: new Uint8Array(16) }];
  const [bytes] = await runOnCpu(device, b.finish(), { args, grid: [4, 1, 1], workgroup: [64, 1, 1] });
  console.log(new Uint32Array(bytes!.buffer).join());
});
