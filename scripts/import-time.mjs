/** How long `import 'isokernel'` takes, of the built package in a fresh process: least, median and worst of 21. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const program = `
  const start = performance.now();
  await import('isokernel');
  console.log(performance.now() - start);`;
const cwd = fileURLToPath(new URL('..', import.meta.url));
const times = Array.from({ length: 21 }, () =>
  Number(execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd, encoding: 'utf8' })),
).sort((a, b) => a - b);
const [least, median, worst] = [0, 10, 20].map((i) => `${times[i].toFixed(1)} ms`);
console.log(`import: ${least} least, ${median} median, ${worst} worst of ${times.length}`);
