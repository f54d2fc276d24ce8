/** Run by exit.test.ts: uses a device, leaves it in some state, and says so when nothing is left to do. */

import { backend } from '../../backends/webgpu/index.ts';
import { Builder } from '../../src/ir/builder.ts';
import { verify } from '../../src/ir/verify.ts';

const [id, state] = process.argv.slice(2);

async function use(): Promise<void> {
  const devices = await backend.discover({});
  const device = devices.find(({ capabilities }) => capabilities.id === id)!;
  const b = new Builder({ name: 'fill' });
  const x = b.buffer('x', 'write', 'i32');
  b.store(x, [b.id('globalId')], b.i32(7));
  const program = await device.compile(verify(b.finish()));
  const memory = device.alloc(4 * 2 ** 20);
  const buffers = [{ memory, shape: [2 ** 20] }];
  const job = device.submit([{ kind: 'dispatch', program, buffers, scalars: [], grid: [2 ** 20, 1, 1] }]);
  if (state === 'pending') return;
  await job.done;
  if (state === 'closed') for (const each of devices) await each.close();
}

await use();
if (state === 'forgotten') {
  globalThis.gc?.();
  await new Promise((resolve) => setTimeout(resolve, 20));
  globalThis.gc?.();
}
process.on('exit', () => console.log(state));
