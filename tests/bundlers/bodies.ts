/**
 * Bodies that the corpus of whole numbers (tests/lang/corpus.ts) has no room for: floats and their literals, conversions,
 * vectors, workgroup memory, collectives, atomics, `consts`, `uses`, and functions of every shape.
 */

// biome-ignore-all lint: written as people and minifiers write them
// biome-ignore-all format: one body a paragraph
import { atomic, bool, f32, fn, i32, kernel, read, readWrite, u8, u32, vec3f, write } from '../../src/index.ts';
import type { Subject } from './subjects.ts';

const x = () => Float32Array.of(0.5, -1.25, 3, 0, 7.75, NaN, -0, 1e-3);
const u = () => Uint32Array.of(1, 0xffffffff, 77, 0, 1 << 31, 12345, 7, 8);
const xy = { x: read(f32), y: readWrite(f32) };
const uv = { u: read(u32), v: readWrite(u32) };
const floats = () => ({ x: x(), y: new Float32Array(8) });
const words = () => ({ u: u(), v: new Uint32Array(8) });

const mixed = fn([f32, f32, f32], f32, (_k, a, b, t) => a + (b - a) * t);
const hashed = fn([u32], u32, function (k, v) { let h = v; h ^= h >>> 16; h *= 0x85ebca6b; h ^= h >>> 13; h = h * 0xc2b2ae35; return h ^ k.rotateLeft(h, 7); });

export const bodies: readonly Subject[] = [
  { kernel: kernel({ name: 'arrow', params: xy, body: ({ x, y }, k) => { const i = k.global.x; y[i] = 2 * x.at(i) + y.at(i); } }), args: floats },
  { kernel: kernel({ name: 'expression', params: xy, body: ({ x, y }, k) => void (y[k.global.x] = k.abs(x.at(k.global.x))) }), args: floats },
  { kernel: kernel({ name: 'namedFunction', params: xy, body: function scale(p, k) { const { x, y } = p; const { global: { x: i } } = k; y[i] = x.at(i) * 3; } }), args: floats },
  { kernel: kernel({ name: 'quoted', params: xy, 'body'({ x: a, y: b }, { global: { x: i }, sqrt, f32: F }) { b[i] = sqrt(F(i)) + a.at(i); } }), args: floats },
  { kernel: kernel({ name: 'unusedFirst', params: xy, body(_, k) { k.barrier(); } }), args: floats },
  { kernel: kernel({ name: 'literals', params: xy, body({ x, y }, k) { const i = k.global.x, v = x.at(i); let s = .1; s += .2; s *= 3; const f = (a: number, b: number) => a + b; y[0] = .1 + .2 + v; y[1] = s; y[2] = f(.1, .2) * 3; y[3] = (v > 1 ? .1 : .2) + .7; y[4] = 1 / 0; y[5] = -0; y[6] = 9007199254740993; y[7] = v / 4 + 3.14159265358979 + 1e-7 + 2 ** 31; }, invocations: () => 1 }), args: floats },
  { kernel: kernel({ name: 'regrouped', params: xy, body({ x, y }, k) { const i = k.global.x, v = x.at(i); let s = v * 2 * 3; s += .1 + .2 + v; s += v + .1 + .2; s -= 2 * 3 * v; y[i] = s + (v - 0) + v * 1 + -(-v) + (0 - v) + 1 / (2 / v); } }), args: floats },
  { kernel: kernel({ name: 'unordered', params: xy, body({ x, y }, k) { const i = k.global.x, v = x.at(i), w = x.at(i + 1); let s = 0; if (!(v < w)) s = s + 1; else s = s + 2; if (v === v) s += 4; s += v != w ? 8 : 16; if (!(v >= 1) && !(v <= 1)) s += 32; y[i] = s; } }), args: floats },
  { kernel: kernel({ name: 'mathOfJavaScript', params: xy, body({ x, y }, k) { const i = k.global.x, v = Math.abs(x.at(i)); const { sqrt: root, max } = Math; y[i] = root(v) + Math.pow(v, 2) + v ** 3 + Math.floor(v) + max(v, .5) + Math.min(1, v, 2) + Math.PI * Math.sqrt(2) + Math.sign(v) + Math.fround(.1); } }), args: floats },
  { kernel: kernel({ name: 'converted', params: xy, body({ x, y }, k) { const i = k.global.x, v = x.at(i); const n = k.i32(v * 10), m = k.u32(v), b = k.bitcast.u32(v); y[i] = k.f32(n >> 1) + k.f32(m & 7) + k.f32(b >>> 28) + k.f32(v > 1) + (n ? .5 : .25); } }), args: floats },
  { kernel: kernel({ name: 'newton', params: xy, body({ x, y }, k) { const i = k.global.x; const v = k.abs(x.at(i)); let r = v, last; do { last = r; r = .5 * (r + v / r); } while (r < last); y[i] = last; } }), args: floats },
  { kernel: kernel({ name: 'escape', params: { w: i32, limit: i32, out: write(i32, 2) }, shapes: { out: () => [4, 5] }, body({ w, limit, out }, k) { const px = k.global.x, py = k.global.y; const cx = k.f32(px) / k.f32(w) * 3.5 - 2.5, cy = k.f32(py) / 4 - .5; let zx = 0, zy = 0, n = 0; while (n < limit) { const x2 = zx * zx, y2 = zy * zy; if (x2 + y2 > 4) break; zy = 2 * zx * zy + cy; zx = x2 - y2 + cx; n++; } out.set(py, px, n); } }), args: () => ({ w: 5, limit: 40 }) },
  { kernel: kernel({ name: 'hashes', params: uv, uses: { hashed }, body({ u, v, hashed }, k) { const i = k.global.x; let h = u.at(i); for (let j = 0; j < 3; j++) h = hashed(h + k.u32(j)); v[i] = h; } }), args: words },
  { kernel: kernel({ name: 'wrapping', params: uv, body({ u, v }, k) { const i = k.global.x; const w = u.at(i); let h = w; h |= 0; h <<= 2; h >>= 1; h >>>= 1; h &= 0xffffffff; h -= 1; h++; --h; h = ~h; h ^= 0x80000000; v[i] = h * 4294967295 - w % 7 + k.idiv(w, 3) + (w > 2147483648 ? 1 : 0) + k.countOneBits(w) + (-1 >>> 28) + (w | 0); } }), args: words },
  { kernel: kernel({ name: 'helpers', params: { ...xy, t: f32 }, uses: { mixed }, body({ x, y, t, mixed }, k) { const i = k.global.x; y[i] = mixed(x.at(i), x.at(i + 1), t) + mixed(0, 1, .5); } }), args: () => ({ ...floats(), t: 0.25 }) },
  { kernel: kernel({ name: 'options', params: { ...xy, on: bool, n: i32 }, consts: { DEBUG: false, SIZE: 3, SCALE: 1.5 }, body({ x, y, on, n, DEBUG, SIZE, SCALE }, k) { const i = k.global.x; if (DEBUG) y[i] = 99; let s = k.f32(0); for (let j = 0; j < SIZE; j++) s += x.at(i + j) * SCALE; y[i] = on && n > 2 ? s : -s; if (!on === DEBUG) y[i] = y.at(i) + 1; } }), args: () => ({ ...floats(), on: true, n: 3 }) },
  { kernel: kernel({ name: 'vectors', params: { p: read(vec3f), q: write(vec3f), y: write(f32) }, shapes: { q: ({ p }) => p.length, y: ({ p }) => p.length }, body({ p, q, y }, k) { const i = k.global.x; let acc = k.vec3(0); for (let j = 0; j < p.length; j++) { const d = p.at(j).sub(p.at(i)); acc = acc.add(d.mul(k.inverseSqrt(d.dot(d) + .5))); } const { x: vx, y: vy } = acc; q[i] = acc.mul(.25).with('z', vx + vy); y[i] = acc.length() + acc.xy.dot(acc.yz); } }), args: () => ({ p: Float32Array.of(1, 2, 3, -1, 0.5, 4, 0, 0, 1, 2, 2, 2) }) },
  { kernel: kernel({ name: 'tree', params: { x: read(f32), sums: write(f32) }, workgroup: 8, invocations: () => 16, shapes: { sums: () => 2 }, body({ x, sums }, k) { const t = k.shared.f32(8), s = k.shared.f32(8), l = k.local.x; t[l] = k.f32(k.global.x) + x.at(4); s[l] = 1; k.barrier(); for (let o = 4; o > 0; o >>= 1) { if (l < o) t[l] = t.at(l) + t.at(l + o); k.barrier(); } if (l === 0) sums[k.group.x] = t.at(0) + s.at(7); } }), args: () => ({ x: x() }) },
  { kernel: kernel({ name: 'reversedByGroup', params: { x: read(f32), y: write(f32) }, workgroup: 8, shapes: { y: ({ x }) => x.length }, body({ x, y }, k) { const l = k.local.x, t = k.shared.f32(8); t[l] = x.at(k.global.x); k.barrier(); const v = t.at(7 - l); k.barrier(); t[l] = v; k.barrier(); const a = t.at(l); y[k.global.x] = a; } }), args: () => ({ x: x() }) },
  { kernel: kernel({ name: 'returnBesideBarrier', params: { n: i32, y: write(i32) }, workgroup: 4, shapes: { y: () => 12 }, body({ n, y }, k) { if (k.group.x >= n) return; const t = k.shared.i32(4); t[k.local.x] = k.global.x; k.barrier(); y[k.global.x] = t.at(3 - k.local.x); } }), args: () => ({ n: 2 }) },
  { kernel: kernel({ name: 'collectives', params: { u: read(u32), v: write(u32) }, workgroup: 8, shapes: { v: ({ u }) => u.length }, body({ u, v }, k) { const i = k.global.x, w = u.at(i) & 255; const total = k.groupSum(w), before = k.groupScan(w) - w, most = k.groupMax(w); if (k.uniform(total) > 5) { const first = k.groupBroadcast(w); v[i] = total * 1000 + before + most + first; } } }), args: () => ({ u: u() }) },
  { kernel: kernel({ name: 'counters', params: { data: read(u8), bins: atomic(u32) }, workgroup: 8, invocations: () => 16, body({ data, bins }, k) { const own = k.shared.atomic(k.u32, 4), i = k.global.x; if (i < data.length) k.atomicAdd(own, k.i32(data.at(i)) & 3, 1); k.barrier(); k.local.x < 4 && k.atomicAdd(bins, k.local.x, k.atomicLoad(own, k.local.x)); k.atomicMax(bins, 4, k.u32(i)); } }), args: () => ({ data: Uint8Array.of(1, 2, 3, 3, 3, 0, 7, 9, 255, 4), bins: new Uint32Array(5) }) },
  { kernel: kernel({ name: 'matrices', params: { a: read(f32, 2), b: read(f32, 2), c: write(f32, 2) }, shapes: { c: ({ a, b }) => [a.shape[0], b.shape[1]] }, body({ a, b, c }, k) { const r = k.global.y, q = k.global.x; if (r >= c.shape[0] || q >= c.shape[1]) return; let s = 0; for (let i = 0; i < a.shape[1]; i++) s += a.at(r, i) * b.at(i, q); c.set(r, q, s); } }), args: () => ({ a: { data: x().map((v) => v || 1), shape: [4, 2] }, b: { data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] } }) },
  { kernel: kernel({ name: 'dice', params: { seed: u32, y: write(f32) }, shapes: { y: () => 8 }, body({ seed, y }, k) { const i = k.global.x; const r = k.random(seed, k.u32(i)); let d; d = r * 2; let e; if (d > 1) e = 1; else e = 2; y[i] = d + e; } }), args: () => ({ seed: 42 }) },
];
