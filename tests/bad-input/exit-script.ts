/** Run by exit.test.ts: leaves a runtime on all devices in some state, unclosed, and says so when nothing is left to do. */

import { i32, kernel, open, read, readWrite } from '../../src/index.ts';

const climb = kernel({
  name: 'climb',
  params: { x: readWrite(i32), goal: read(i32) },
  fuel: 200_000,
  body({ x, goal }, k) {
    let n = 0;
    while (n !== goal[0]) n += 2;
    x[k.global.x] = n;
  },
});
const never = new Int32Array([1]);
const soon = new Int32Array([2]);
const x = new Int32Array(100);

process.on('exit', () => console.log(`left ${state}`));

const state = process.argv[2];
const rt = await open({ threads: 2, calibrate: false, backends: ['cpu', 'webgpu'] });
const devices = rt.devices.map(({ id }) => id);
await Promise.all(devices.map((device) => rt.run(climb, { x, goal: soon }, { device, strict: true })));
for (const device of devices) {
  const launch = { device, strict: true };
  const jobs = Array.from({ length: 3 }, () => rt.submit(climb, { x, goal: never }, launch));
  if (state === 'ended') {
    jobs[0]!.cancel();
    await jobs[1]!.timing.catch(() => {});
    rt.submit(climb, { x, goal: never }, { ...launch, deadline: 1 });
  }
  const buffer = rt.buffer(i32, 100);
  rt.submit(climb, { x: buffer, goal: never }, launch);
  rt.submit(climb, { x: buffer, goal: soon }, launch);
}
if (state === 'closing') void rt.close().catch(({ code }) => console.log(code));
