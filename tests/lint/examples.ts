/** Slow kernels and better ones: what the tests check and docs/warnings.md shows. Several of a code stand in the page one after the other. */

import type { WarningCode } from '../../src/lint/codes.ts';

export interface Example {
  readonly code: WarningCode;
  readonly slow: string;
  /** The words in `slow` that the warning is about. */
  readonly words: string;
  readonly better: string;
}

export const examples: readonly Example[] = [
  {
    code: 'uncoalesced-access',
    slow: `kernel({
  name: 'rowSums',
  params: { a: read(f32, 2), sums: write(f32) },
  shapes: { sums: ({ a }) => a.shape[0] },
  body({ a, sums }, k) {
    let sum = k.f32(0);
    for (let j = 0; j < a.shape[1]; j++) sum += a.at(k.global.x, j);
    sums[k.global.x] = sum;
  },
});`,
    words: 'a.at',
    better: `kernel({
  name: 'rowSums',
  params: { a: read(f32, 2), sums: write(f32) },
  workgroup: 64,
  shapes: { sums: ({ a }) => a.shape[0] },
  invocations: ({ a }) => [64, a.shape[0]],
  body({ a, sums }, k) {
    let part = k.f32(0);
    for (let j = k.local.x; j < a.shape[1]; j += 64) part += a.at(k.global.y, j);
    const sum = k.groupSum(part);
    if (k.local.x === 0) sums[k.global.y] = sum;
  },
});`,
  },
  {
    code: 'uncoalesced-access',
    slow: `kernel({
  name: 'speeds',
  params: { particles: read(f32), speed: write(f32) },
  shapes: { speed: ({ particles }) => Math.floor(particles.length / 6) },
  body({ particles, speed }, k) {
    const at = k.global.x * 6; // x, y, z, and the velocity in x, y, z
    const [vx, vy, vz] = [particles.at(at + 3), particles.at(at + 4), particles.at(at + 5)];
    speed[k.global.x] = k.length(k.vec3(vx, vy, vz));
  },
});`,
    words: 'particles.at',
    better: `kernel({
  name: 'speeds',
  params: { velocities: read(vec3f), speed: write(f32) },
  shapes: { speed: ({ velocities }) => velocities.length },
  body({ velocities, speed }, k) {
    speed[k.global.x] = k.length(velocities.at(k.global.x));
  },
});`,
  },
  {
    code: 'divergent-loop',
    slow: `kernel({
  name: 'before',
  params: { x: read(f32), most: write(f32) },
  shapes: { most: ({ x }) => x.length },
  body({ x, most }, k) {
    const i = k.global.x;
    let best = x.at(0);
    for (let j = 1; j <= i; j++) best = k.max(best, x.at(j));
    most[i] = best;
  },
});`,
    words: 'for',
    better: `kernel({
  name: 'before', // one of the passes: for distance 1, 2, 4, … while it is below the length
  params: { x: read(f32), distance: i32, most: write(f32) },
  shapes: { most: ({ x }) => x.length },
  body({ x, distance, most }, k) {
    const i = k.global.x;
    most[i] = i < distance ? x.at(i) : k.max(x.at(i), x.at(i - distance));
  },
});`,
  },
  {
    code: 'bank-conflict',
    slow: `kernel({
  name: 'transpose',
  params: { a: read(f32, 2), t: write(f32, 2) },
  workgroup: [32, 8],
  shapes: { t: ({ a }) => [a.shape[1], a.shape[0]] },
  body({ a, t }, k) {
    const tile = k.shared.f32(32 * 32);
    const [x, y] = [k.local.x, k.local.y];
    const row = k.group.x * 32 + y;
    for (let j = 0; j < 32; j += 8) tile[(y + j) * 32 + x] = a.at(row + j, k.group.y * 32 + x);
    k.barrier();
    for (let j = 0; j < 32; j += 8) t.set(k.group.y * 32 + y + j, k.group.x * 32 + x, tile.at(x * 32 + y + j));
  },
});`,
    words: 'tile.at',
    better: `kernel({
  name: 'transpose',
  params: { a: read(f32, 2), t: write(f32, 2) },
  workgroup: [32, 8],
  shapes: { t: ({ a }) => [a.shape[1], a.shape[0]] },
  body({ a, t }, k) {
    const tile = k.shared.f32(32 * 33);
    const [x, y] = [k.local.x, k.local.y];
    const row = k.group.x * 32 + y;
    for (let j = 0; j < 32; j += 8) tile[(y + j) * 33 + x] = a.at(row + j, k.group.y * 32 + x);
    k.barrier();
    for (let j = 0; j < 32; j += 8) t.set(k.group.y * 32 + y + j, k.group.x * 32 + x, tile.at(x * 33 + y + j));
  },
});`,
  },
];
