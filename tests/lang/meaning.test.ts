/** What bodies mean, where JavaScript, WGSL and intuition may differ: the rules of literals, types, order and joins. */

import { describe, expect, test } from 'vitest';
import type { Instruction } from '../../src/ir/program.ts';
import { forEachInstruction } from '../../src/ir/program.ts';
import { verify } from '../../src/ir/verify.ts';
import { build, run, values } from './support.ts';

const f = Math.fround;

describe('numbers without a type', () => {
  test('are computed in f64 and rounded once', () => {
    const [x] = [f(0.3)];
    expect(
      values(
        'f32',
        6,
        'body({ x, y }, k) { y[0] = .1 + .2 + x[0]; let s = .1; s += .2; s *= 3; y[1] = s; const g = (a, b) => a + b; y[2] = g(.1, .2) * 3; y[3] = 16777216 + 1; y[4] = 9007199254740993; y[5] = 1 / 3; }',
        [x],
      ),
    ).toEqual([f(f(0.1 + 0.2) + x), f((0.1 + 0.2) * 3), f((0.1 + 0.2) * 3), 16777216, 9007199254740992, f(1 / 3)]);
  });
  test('round where paths join', () => {
    const body =
      'body({ x, y }, k) { y[0] = (x[0] > 0 ? .1 : .2) + .7; let s = .1; if (x[0] < 0) s = .2; y[1] = s + .7; for (let i = 0; i < 2; i++) s += .3; y[2] = s; }';
    const first = f(f(0.1) + f(0.7));
    expect(values('f32', 3, body, [1])).toEqual([first, first, f(f(f(0.1) + f(0.3)) + f(0.3))]);
  });
  test('are not joined by a condition that is known', () => {
    const body =
      'body({ x, y, D }, k) { y[0] = (D ? .1 : .2) + .7; let s = .1; if (!D) s = .2; y[1] = s + .2; if (0) s = x[0]; y[2] = s + .2; }';
    expect(values('f32', 3, body, [1], { consts: { D: true } })).toEqual([f(0.1 + 0.7), f(0.1 + 0.2), f(0.1 + 0.2)]);
  });
  test('wrap into integers', () => {
    const body =
      'body({ x, y }, k) { y[0] = -1; y[1] = 0xffffffff | 0; y[2] = 2147483647 + 1; y[3] = -1 >>> 0; y[4] = 1 << 31; y[5] = 2 ** 31; y[6] = 65535 * 65537; y[7] = ~5; y[8] = -0; y[9] = 4294967295; y[10] = x[0] * -1; y[11] = 1e3; }';
    const all = 2 ** 32 - 1;
    expect(values('u32', 12, body, [3])).toEqual([
      all,
      all,
      2 ** 31,
      all,
      2 ** 31,
      2 ** 31,
      all,
      all - 5,
      0,
      all,
      all - 2,
      1000,
    ]);
  });
  test('take the type of their web: best is i32 beside bestV, which is f32', () => {
    const body =
      'body({ x, y, n }, k) { let best = -1, bestV = -1e30; for (let i = 0; i < x.length; i++) if (x[i] > bestV) { bestV = x[i]; best = i; } n[0] = best; y[0] = bestV; }';
    const n = new Int32Array(1);
    const y = new Float32Array(1);
    run({ x: 'read f32', y: 'write f32', n: 'write i32' }, { x: Float32Array.of(1, 9, 4), y, n }, 1, body);
    expect([...y, ...n]).toEqual([9, 1]);
  });
  test('are i32 when whole and nobody says, else f32', () => {
    const types = (body: string) => {
      const found: string[] = [];
      forEachInstruction(build({ y: 'write f32', b: 'bool' }, body).body, (each: Instruction) => {
        if (each.kind === 'op' && each.op === 'select') found.push(each.result!.type);
      });
      return found;
    };
    expect(types('body({ y, b }, k) { y[0] = k.f32(b ? 1 : 2); }')).toEqual(['i32']);
    expect(types('body({ y, b }, k) { y[0] = k.f32(b ? 1 : 2.5); }')).toEqual(['f32']);
    expect(types('body({ y, b }, k) { y[0] = b ? 1 : 2; }')).toEqual(['f32']);
    expect(types('body({ y, b }, k) { y[0] = k.f32(k.sqrt(b ? 1 : 2)); }')).toEqual(['f32']);
    expect(types('body({ y, b }, k) { y[0] = k.f32((b ? 1 : 2) >>> 1); }')).toEqual(['i32']);
  });
  test('may be fixed by hand', () => {
    const body =
      'body({ y }, k) { y[0] = k.u32(-1) >>> 28; y[1] = k.i32(-16) >> 2; y[2] = k.i32(2.9); y[3] = k.i32(-2.9); y[4] = k.i32(1e30); y[5] = k.i32(0 / 0); y[6] = k.i32(k.f32(1) / k.f32(4) * 10); }'.replace(
        'k.u32(-1) >>> 28',
        'k.i32(k.u32(-1) >>> 28)',
      );
    expect(values('i32', 7, body.replace('{ y }', '{ x, y }'))).toEqual([15, -4, 2, -2, 2 ** 31 - 1, 0, 2]);
  });
});

describe('integers', () => {
  const at = (body: string, x: number[], type: 'i32' | 'u32' = 'i32') =>
    values(
      type,
      x.length,
      `body({ x, y }, k) { const i = k.global.x; for (let j = 0; j < x.length; j++) { const v = x[j]; y[j] = ${body}; } }`,
      x,
    );
  test('shift by their own type', () => {
    expect(at('v >> 4', [-256, 256])).toEqual([-16, 16]);
    expect(at('v >>> 28', [-1, 5])).toEqual([15, 0]);
    expect(at('v >> 28', [0xf0000000, 16], 'u32')).toEqual([15, 0]);
    expect(at('v << 33', [1, -3])).toEqual([2, -6]);
    expect(at('1 << v', [0, 5, 31])).toEqual([1, 32, -(2 ** 31)]);
  });
  test('divide and rotate by name', () => {
    expect(at('k.idiv(v, 2)', [7, -7])).toEqual([3, -3]);
    expect(at('k.idiv(v, 0) + v % 0', [7])).toEqual([7]);
    expect(at('k.rotateRight(v, 8)', [0x12345678, 1], 'u32')).toEqual([0x78123456, 0x01000000]);
    expect(at('k.rotateLeft(v, 0)', [-2, 5])).toEqual([-2, 5]);
  });
  test('keep u32 through | 0 and multiply out powers', () => {
    expect(at('v | 0', [2 ** 31 + 1], 'u32')).toEqual([2 ** 31 + 1]);
    expect(at('v ** 3', [-3, 4])).toEqual([-27, 64]);
  });
  test('packed ones widen, and stores to them wrap', () => {
    const args = { b: Uint8Array.of(200, 255), s: Int8Array.of(-3, 4), o: new Uint8Array(2), r: new Int32Array(2) };
    run(
      { b: 'read u8', s: 'read i8', o: 'write u8', r: 'write i32' },
      args,
      2,
      'body({ b, s, o, r }, k) { const i = k.global.x; o[i] = b[i] + 100; r[i] = s[i] * 100; o[i] = k.u32(o[i]) + k.u32(s[i]); }',
    );
    expect([...args.o, ...args.r]).toEqual([(300 - 3) & 255, (355 + 4) & 255, -300, 400]);
  });
});

describe('floats', () => {
  const nan = Number.NaN;
  test('NaN in conditions, minima and comparisons', () => {
    const body =
      'body({ x, y }, k) { for (let i = 0; i < 2; i++) { const v = x[i]; y[i * 8] = !(v < 1) ? 1 : 2; y[i * 8 + 1] = v ? 1 : 2; y[i * 8 + 2] = v != v ? 1 : 2; y[i * 8 + 3] = v == v ? 1 : 2; y[i * 8 + 4] = Math.min(v, 1); y[i * 8 + 5] = Math.max(2, v); y[i * 8 + 6] = k.min(1, v); if (v >= 0) y[i * 8 + 7] = 1; else y[i * 8 + 7] = 2; } }';
    expect(values('f32', 16, body, [nan, 0])).toEqual([1, 2, 1, 2, nan, nan, 1, 2, 2, 2, 2, 1, 0, 2, 0, 1]);
  });
  test('round half up in Math and to even in k', () => {
    const body =
      'body({ x, y }, k) { for (let i = 0; i < 4; i++) { y[i] = Math.round(x[i]); y[i + 4] = k.round(x[i]); } y[8] = Math.round(2.5); y[9] = k.round(2.5); }';
    expect(values('f32', 10, body, [0.5, 2.5, -1.5, 0.49999997])).toEqual([1, 3, -1, 0, 0, 2, -2, 0, 3, 2]);
  });
  test('composite functions', () => {
    const body =
      'body({ x, y }, k) { const v = x[0]; y[0] = k.clamp(v, 0, 1); y[1] = k.sign(v); y[2] = k.fract(v); y[3] = k.mix(1, 3, v); y[4] = k.step(2, v); y[5] = k.smoothstep(2, 3, v); y[6] = k.saturate(v); y[7] = Math.sign(-v); y[8] = v ** 2; y[9] = Math.hypot(v * 0, 3 + v - v); y[10] = k.degrees(k.radians(90)); }';
    expect(values('f32', 11, body, [2.5])).toEqual([1, 1, 0.5, 6, 1, 0.5, 1, -1, 6.25, 3, 90]);
  });
  test('f16 rounds to f16, and nothing converts by itself', () => {
    const args = { h: Uint16Array.of(0x3c01, 0x7bff), y: new Float32Array(2), v: Uint16Array.of(0x3c00, 0x4000) };
    run(
      { h: 'readWrite f16', y: 'write f32', v: 'readWrite vec2<f16>' },
      args,
      1,
      'body({ h, y, v }, k) { y[0] = k.f32(h[0]); h[0] = h[0] + 0.0001; y[1] = k.f32(h[0] * k.f16(y[0])); h[1] += h[1]; v[0] = v[0].mul(0.5); }',
    );
    expect([...args.h, ...args.v]).toEqual([0x3c01, 0x7c00, 0x3800, 0x3c00]);
    expect([...args.y]).toEqual([1 + 2 ** -10, 1 + 2 ** -9]);
  });
  test('bits', () => {
    const args = { x: Float32Array.of(1.5, -2), u: new Uint32Array(3), y: new Float32Array(3) };
    run(
      { x: 'read f32', u: 'write u32', y: 'write f32' },
      args,
      1,
      'body({ x, u, y }, k) { u[0] = k.bitcast.u32(x[0]); u[1] = k.pack2x16float(x[0], x[1]); const v = k.unpack2x16float(u[1]); y[0] = v.x; y[1] = v.y; y[2] = k.bitcast.f32(u[0] + 0x800000); }',
    );
    expect([...args.u.slice(0, 2), ...args.y]).toEqual([0x3fc00000, 0xc0003e00, 1.5, -2, 3]);
  });
});

describe('order and memory', () => {
  test('operands left to right', () => {
    const body =
      'body({ x, y }, k) { let t = 1, p = 0, r = 1; y[r] = (t = x[r]) * t; y[p++] = p; y[p + 1] = p++ + p * 10; y[3] = t + (t = 5) + t; y[4] += (y[4] = 7) + y[4]; }';
    expect(values('i32', 5, body, [2, 3])).toEqual([1, 9, 21, 13, 14]);
  });
  test('loads before stores after barriers', () => {
    const args = { y: new Int32Array(8) };
    run(
      { y: 'readWrite i32' },
      args,
      8,
      'body({ y }, k) { const l = k.local.x, t = k.shared.i32(8), s = k.shared.i32(8); t[l] = l; s[l] = 10 * l; k.barrier(); const v = t[7 - l]; k.barrier(); t[l] = v; k.barrier(); y[l] = t[l] + s[l]; }',
      { workgroup: [8, 1, 1] },
    );
    expect([...args.y]).toEqual([7, 16, 25, 34, 43, 52, 61, 70]);
  });
  test('two equal arrays stay two, one declared in a loop is one, and private ones start anew', () => {
    const program = build(
      { y: 'write f32' },
      'body({ y }, k) { const a = k.shared.f32(4), b = k.shared.f32(4); for (let i = 0; i < 3; i++) { const c = k.shared.f32(4), d = k.array.f32(2); d[0] += 1; c[0] = d[0]; } y[0] = a[0] + b[0]; }',
    );
    expect(program.locals.map(({ name, space }) => `${space} ${name}`)).toEqual([
      'workgroup a',
      'workgroup b',
      'workgroup c',
      'private d',
    ]);
    const sums = values(
      'i32',
      1,
      'body({ x, y }, k) { for (let i = 0; i < 3; i++) { const d = k.array.i32(2); d[1] += 5; y[0] += d[1]; } }',
    );
    expect(sums).toEqual([15]);
  });
  test('shapes and ranks', () => {
    const a = { data: Float32Array.from({ length: 24 }, (_, i) => i), shape: [2, 3, 4] };
    const y = new Int32Array(8);
    run(
      { a: 'readWrite f32 3', y: 'write i32' },
      { a, y },
      1,
      'body({ a, y }, k) { const [d, h] = a.shape, { length: n } = a, { shape: s } = a; y[0] = d; y[1] = h; y[2] = s[2]; y[3] = n; y[4] = s.length; y[5] = k.i32(a.at(1, 2, 3)); y[6] = k.i32(a.at(0, 3, 0)); a.set(1, 0, 0, -1); y[7] = k.i32(a.at(1, 0, 0)); }',
    );
    expect([...y]).toEqual([2, 3, 4, 24, 3, 23, 0, -1]);
  });
  test('atomics give the old value', () => {
    const args = { c: Uint32Array.of(5, 0), y: new Uint32Array(3) };
    run(
      { c: 'atomic u32', y: 'write u32' },
      args,
      1,
      'body({ c, y }, k) { y[0] = k.atomicAdd(c, 0, 3); y[1] = k.atomicCompareExchange(c, 0, 8, 9); k.atomicStore(c, 1, 4); y[2] = k.atomicMax(c, 1, 7); }',
    );
    expect([...args.c, ...args.y]).toEqual([9, 7, 5, 8, 4]);
  });
});

describe('vectors', () => {
  test('are values with methods and swizzles', () => {
    const v = Float32Array.of(1, 2, 3);
    const y = new Float32Array(12);
    run(
      { v: 'read vec3<f32>', y: 'write f32' },
      { v, y },
      1,
      'body({ v, y }, k) { const p = v.at(0); const { x: px, y: py } = p; const q = p.mul(2).sub(k.vec3(1)).with("z", 10); y[0] = px + py; y[1] = q.x; y[2] = q.z; y[3] = p.dot(p); y[4] = p.zyx.x; y[5] = k.vec3(p.xy, 7).z; y[6] = p.cross(k.vec3(0, 0, 1)).x; y[7] = k.vec2(3, 4).length(); y[8] = k.vec2(3, 4).normalize().y; y[9] = k.sqrt(k.vec2(4, 9)).y; y[10] = p.neg().abs().max(2).x; y[11] = p.div(2).y; }',
    );
    expect([...y]).toEqual([3, 1, 10, 14, 3, 7, 2, 5, f(0.8), 3, 2, 1]);
  });
  test('cross joins and loops, are stored whole, and come as parameters', () => {
    const args = { v: Float32Array.of(1, 2, 3, 4), o: new Float32Array(4), d: [10, 20] };
    run(
      { v: 'read vec2<f32>', o: 'write vec2<f32>', d: 'vec2<f32>' },
      args,
      2,
      'body({ v, o, d }, k) { const i = k.global.x; let acc = k.vec2(0, 0); for (let j = 0; j < v.length; j++) { if (j === i) acc = acc.add(v[j]); else acc = acc.add(d); } o[i] = i > 0 ? acc : acc.neg(); }',
    );
    expect([...args.o]).toEqual([-11, -22, 13, 24]);
  });
});

describe('functions', () => {
  test('of uses are typed at the call', () => {
    const uses = {
      g: {
        args: ['f32', 'f32'] as const,
        returns: 'f32' as const,
        body: (k: { sqrt(v: number): number }, a: number, b: number) => (a > b ? k.sqrt(a) : a * b),
      },
    };
    expect(
      values('f32', 2, 'body({ x, y, g }, k) { y[0] = g(.1, .2) * 3; y[1] = g(x[0], 1); }', [9], { uses }),
    ).toEqual([f(f(f(0.1) * f(0.2)) * 3), 3]);
  });
  test('of uses are placed where they are called', () => {
    const uses = {
      g: { args: ['f32'] as const, returns: 'f32' as const, body: '(k, a) => {\n\n  return k.sqrt(a); }' },
    };
    const { body } = build({ y: 'write f32' }, 'body({ y, g }, k) {\n  y[0] = g(2);\n}', { uses });
    const places = body.body.flatMap((each) => (each.kind === 'op' && each.op === 'sqrt' ? [each.place] : []));
    expect(places).toEqual([{ line: 2, column: 10 }]);
  });
  test('consts and parameters may be destructured or not', () => {
    const body =
      'function (p, q) { const { y } = p, { global: { x: i }, sqrt } = q, g = q.global; var m = Math; y[i] = sqrt(p.x[g.x]) * p.S + m.abs(-1); }';
    expect(values('f32', 1, body, [4], { consts: { S: 3 } })).toEqual([7]);
  });
  test('random numbers are those of Random123', () => {
    // Threefry2x32-20 of zero key and counter: first word 6b200159
    const [word, float] = values(
      'u32',
      2,
      'body({ x, y }, k) { y[0] = k.randomU32(0, 0); y[1] = k.u32(k.random(0, 0) * 16777216); }',
    );
    expect([word, float]).toEqual([0x6b200159, 0x6b2001]);
  });
});

describe('names', () => {
  test('may shadow anything', () => {
    const body =
      'body({ x, y }, k) { const Math = 3, undefined$ = 4, $ = 5, größe = 6, fn = 7, var_ = 8; { const k = 1, x = 2; y[0] = k + x + Math + undefined$ + $ + größe + fn + var_; } }';
    expect(values('i32', 1, body)).toEqual([36]);
  });
  test('reach the program', () => {
    const program = build(
      { x: 'read f32', r: 'write f32' },
      'body({ x, r }, k) { const i = k.global.x; let sum = 0; for (let j = 0; j < 4; j++) sum += x[j]; r[i] = sum; }',
    );
    const names = new Set<string>();
    forEachInstruction(program.body, (each) => {
      for (const value of each.kind === 'op'
        ? each.result
          ? [each.result]
          : []
        : each.kind === 'loop'
          ? each.params
          : each.results)
        if (value.name) names.add(value.name);
    });
    expect([...names].sort()).toEqual(['i', 'j', 'sum']);
  });
});

describe('shape of what is built', () => {
  const kinds = (body: string) => {
    const found: string[] = [];
    forEachInstruction(build({ x: 'read f32', r: 'write f32', n: 'i32' }, body).body, (each) => {
      found.push(each.kind === 'op' ? each.op : each.kind);
    });
    return found;
  };
  test('an early return is an if around the rest', () => {
    const plain = kinds('body({ x, r, n }, k) { const i = k.global.x; if (i >= n) return; r[i] = x[i] * 2; }');
    expect(kinds('body({ x, r, n }, k) { const i = k.global.x; if (!(i >= n)) { r[i] = x[i] * 2; } }')).toEqual(plain);
    expect(kinds('body({ x, r, n }, k) { const i = k.global.x; i >= n || (r[i] = x[i] * 2); }')).toEqual(plain);
  });
  test('counted loops are bounded by the verifier, also with continue and early exits', () => {
    const fuel = (loop: string) =>
      verify(
        build({ x: 'read f32', r: 'write f32', n: 'i32' }, `body({ x, r, n }, k) { let s = 0; ${loop} r[0] = s; }`),
      ).facts.loops.map((each) => each.fuel);
    expect(fuel('for (let i = 0; i < n; i++) s += x[i];')).toEqual(['none']);
    expect(fuel('for (let i = 0; i < x.length; i += 2) { if (x[i] > 1) continue; s += x[i]; }')).toEqual(['none']);
    expect(fuel('for (let i = n - 1; i >= 0; i--) { if (x[i] > 1) break; s += x[i]; }')).toEqual(['none']);
    expect(fuel('let i = 0; while (i < n) { s += x[i]; i++; }')).toEqual(['none']);
    expect(fuel('for (let i = 0; i < n && s < 10; i++) s += x[i];')).toEqual(['none']);
    expect(
      fuel('for (let i = 0; i < n; i++) for (let j = i; j < 4; j++) { if (x[j] > 3) return; s += x[j]; }'),
    ).toEqual(['none', 'none']);
    expect(fuel('while (s < 10) s += x[0];')).toEqual(['invocation']);
  });
  test('only variables that a loop assigns go around it', () => {
    const program = build(
      { x: 'read f32', r: 'write f32' },
      'body({ x, r }, k) { const a = x[0]; let b = x[1], c = x[2], d; const bump = () => { c += 1; }; for (let i = 0; i < 4; i++) { const e = a + b; d = e; bump(); } r[0] = a + b + c; }',
    );
    const loops: string[][] = [];
    forEachInstruction(program.body, (each) => {
      if (each.kind === 'loop') loops.push(each.params.map((param) => param.name ?? ''));
    });
    expect(loops.map((names) => names.sort())).toEqual([['c', 'i']]);
  });
});
