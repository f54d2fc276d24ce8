import { open } from '../src/index.ts';
import { suites } from './suite.ts';
import { isokernel } from './isokernel.ts';
const names = process.argv[2]!.split(','), size = (process.argv[3] ?? 'medium') as 'medium', device = process.argv[4] ?? 'cpu', n = Number(process.argv[5] ?? 15);
import { backend } from '../backends/cpu/index.ts';
const watched = { name: 'cpu', async discover(o: never) { const [d] = await backend.discover(o); return [new Proxy(d!, { get(t: never, p: string) { if (p === 'compile') return (v: never, o2: object) => (t as any).compile(v, { ...o2, guarded: true }); const m = (t as any)[p]; return typeof m === 'function' ? m.bind(t) : m; } })]; } };
const rt = await open(process.env.GUARD ? { backends: [watched as never] } : {});
for (const name of names) {
  const c = suites.core.find((x) => x.name === name)!;
  const w = c.prepare(size);
  const modes = ['stable', 'exact'] as const;
  const r = modes.map((m) => isokernel(rt, w, device, m));
  const t: number[][] = [[], []];
  for (const x of r) for (let i = 0; i < 3; i++) await x.run();
  for (let i = 0; i < n; i++) for (const k of [0, 1]) { const s = performance.now(); await r[k]!.run(); t[k]!.push(performance.now() - s); }
  const med = t.map((a) => a.sort((x, y) => x - y)[a.length >> 1]!);
  const ratios = med[1]! / med[0]!;
  console.log(name.padEnd(14), w.label.padEnd(10), 'stable', med[0]!.toFixed(2), 'exact', med[1]!.toFixed(2), 'ratio', ratios.toFixed(2), 'min ratio', (t[1]![0]! / t[0]![0]!).toFixed(2));
  for (const x of r) x.close();
}
await rt.close();
