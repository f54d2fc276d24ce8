/**
 * How long `import 'isokernel'` takes, of the built package in a fresh process: least, median and worst of 21. The import of
 * acorn, a single file, beside it says how fast the machine is just now.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const cwd = fileURLToPath(new URL('..', import.meta.url));

function importTime(name) {
  const program = `
    const start = performance.now();
    await import('${name}');
    console.log(performance.now() - start);`;
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd, encoding: 'utf8' }));
}

const times = { isokernel: [], acorn: [] };
for (let i = 0; i < 21; i++) for (const [name, list] of Object.entries(times)) list.push(importTime(name));
for (const [name, list] of Object.entries(times)) {
  list.sort((a, b) => a - b);
  const [least, median, worst] = [0, 10, 20].map((i) => `${list[i].toFixed(1)} ms`);
  console.log(`import of ${name}: ${least} least, ${median} median, ${worst} worst of ${list.length}`);
}
