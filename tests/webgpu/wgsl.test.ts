/** WGSL as people see it. What it means is tested on devices; here a reader judges whether it can be read. */

import { describe, expect, test } from 'vitest';
import { Names } from '../../backends/webgpu/names.ts';
import { shaderOf, workgroupFor } from '../../backends/webgpu/shader.ts';
import { mandelbrot, matmul, nbody, saxpy, scanBlocks, sumBlocks } from '../../kernels/index.ts';
import { i32, kernel, readWrite, write } from '../../src/index.ts';
import { Builder } from '../../src/ir/builder.ts';
import type { Verified } from '../../src/ir/verified.ts';
import { verify } from '../../src/ir/verify.ts';

const wgsl = (verified: Verified) => shaderOf(verified, workgroupFor(verified)).code;
/** The entry point alone. */
const main = (verified: Verified) => wgsl(verified).slice(wgsl(verified).indexOf('@compute'));

function built(name: string, build: (b: Builder) => void, options: { fuel?: number } = {}): Verified {
  const b = new Builder({ name, ...options });
  build(b);
  return verify(b.finish());
}

describe('library kernels', () => {
  test('saxpy, whole', async () => {
    expect(wgsl(await saxpy.verified())).toMatchInlineSnapshot(`
      "struct Launch {
        origin: vec3<i32>,
        grid: vec3<i32>,
        a: f32,
        x_length: i32,
        y_length: i32,
      }

      @group(0) @binding(0) var<uniform> launch: Launch;
      @group(0) @binding(1) var<storage, read> x: array<f32>;
      @group(0) @binding(2) var<storage, read_write> y: array<f32>;

      fn x_at(i: u32) -> f32 {
        let inside = i < u32(launch.x_length);
        let index = select(0u, i, inside);
        return select(0.0, x[index], inside);
      }

      fn y_at(i: u32) -> f32 {
        let inside = i < u32(launch.y_length);
        let index = select(0u, i, inside);
        return select(0.0, y[index], inside);
      }

      fn y_set(i: u32, value: f32) {
        let inside = i < u32(launch.y_length);
        let index = select(0u, i, inside);
        if (inside) {
          y[index] = value;
        }
      }

      @compute @workgroup_size(64, 1, 1)
      fn main(@builtin(global_invocation_id) invocation: vec3<u32>) {
        let global = vec3<i32>(invocation) + launch.origin;
        if (global.x >= launch.grid.x) { return; }
        let i = global.x;
        y_set(u32(i), launch.a * x_at(u32(i)) + y_at(u32(i)));
      }
      "
    `);
  });
  test('mandelbrot: a while loop over variables', async () => {
    expect(main(await mandelbrot.verified())).toMatchInlineSnapshot(`
      "@compute @workgroup_size(8, 8, 1)
      fn main(@builtin(global_invocation_id) invocation: vec3<u32>) {
        let global = vec3<i32>(invocation) + launch.origin;
        if (global.x >= launch.grid.x || global.y >= launch.grid.y) { return; }
        let cx = launch.left + f32(global.x) * launch.step;
        let cy = launch.top + f32(global.y) * launch.step;
        var n = 0;
        var x = 0.0;
        var y = 0.0;
        while (n < launch.limit) {
          let xx = x * x;
          let yy = y * y;
          if (xx + yy > 4.0) {
            break;
          }
          n++;
          y = 2.0 * x * y + cy;
          x = xx - yy + cx;
        }
        iterations_set(u32(global.y), u32(global.x), n);
      }
      "
    `);
  });
  test('matmul: tiles in workgroup memory, for loops, ghosts', async () => {
    expect(main(await matmul.verified())).toMatchInlineSnapshot(`
      "@compute @workgroup_size(16, 8, 1)
      fn main(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>, @builtin(global_invocation_id) invocation: vec3<u32>) {
        let global = vec3<i32>(invocation) + launch.origin;
        in_grid = global.x < launch.grid.x && global.y < launch.grid.y;
        let x = i32(local.x);
        let row = i32(local.y);
        let top = (i32(group.y) + launch.base_y) * 32;
        let left = (i32(group.x) + launch.base_x) * 32 + x;
        let own = row * 4;
        let t = left + 16;
        let t_1 = own * 32;
        let t_2 = (own + 1) * 32;
        let t_3 = (own + 2) * 32;
        let t_4 = (own + 3) * 32;
        var s00 = 0.0;
        var s01 = 0.0;
        var s10 = 0.0;
        var s11 = 0.0;
        var s20 = 0.0;
        var s21 = 0.0;
        var s30 = 0.0;
        var s31 = 0.0;
        for (var first = 0; first < launch.a_dim1; first += 32) {
          let t_5 = first + x;
          let t_6 = t_5 + 16;
          for (var row_1 = row; row_1 < 32; row_1 += 8) {
            let t_7 = row_1 * 32 + x;
            let t_8 = top + row_1;
            tileA[t_7] = a_at(u32(t_8), u32(t_5));
            let t_9 = t_7 + 16;
            tileA[t_9] = a_at(u32(t_8), u32(t_6));
            let t_10 = first + row_1;
            tileB[t_7] = b_at(u32(t_10), u32(left));
            tileB[t_9] = b_at(u32(t_10), u32(t));
          }
          workgroupBarrier();
          var s00_1 = s00;
          var s01_1 = s01;
          var s10_1 = s10;
          var s11_1 = s11;
          var s20_1 = s20;
          var s21_1 = s21;
          var s30_1 = s30;
          var s31_1 = s31;
          for (var j = 0; j < 32; j++) {
            let t_7 = j * 32 + x;
            let b0 = tileB[t_7];
            let b1 = tileB[t_7 + 16];
            let a0 = tileA[t_1 + j];
            let a1 = tileA[t_2 + j];
            let a2 = tileA[t_3 + j];
            let a3 = tileA[t_4 + j];
            s00_1 += a0 * b0;
            s01_1 += a0 * b1;
            s10_1 += a1 * b0;
            s11_1 += a1 * b1;
            s20_1 += a2 * b0;
            s21_1 += a2 * b1;
            s30_1 += a3 * b0;
            s31_1 += a3 * b1;
          }
          workgroupBarrier();
          s00 = s00_1;
          s01 = s01_1;
          s10 = s10_1;
          s11 = s11_1;
          s20 = s20_1;
          s21 = s21_1;
          s30 = s30_1;
          s31 = s31_1;
        }
        let row_1 = top + own;
        c_set(u32(row_1), u32(left), s00);
        c_set(u32(row_1), u32(t), s01);
        let t_5 = row_1 + 1;
        c_set(u32(t_5), u32(left), s10);
        c_set(u32(t_5), u32(t), s11);
        let t_6 = row_1 + 2;
        c_set(u32(t_6), u32(left), s20);
        c_set(u32(t_6), u32(t), s21);
        let t_7 = row_1 + 3;
        c_set(u32(t_7), u32(left), s30);
        c_set(u32(t_7), u32(t), s31);
      }
      "
    `);
  });
});

test('fuel: counted where the loop begins, told by number', () => {
  const verified = built(
    'collatz',
    (b) => {
      const x = b.buffer('x', 'readWrite', 'u32');
      const i = b.id('globalId');
      const [steps] = b.loop([b.load(x, [i]), b.u32(0)], ['u32'], ([value, count]) => {
        b.name(value!, 'value');
        b.name(count!, 'count');
        b.if(b.op('eq', value!, b.u32(1)), () => b.break(count!));
        const isEven = b.op('eq', b.op('and', value!, b.u32(1)), b.u32(0));
        const [next] = b.if(
          isEven,
          () => [b.op('shr', value!, b.u32(1))],
          () => [b.op('add', b.op('mul', value!, b.u32(3)), b.u32(1))],
        );
        return [next!, b.op('add', count!, b.u32(1))];
      });
      b.store(x, [i], steps!);
    },
    { fuel: 1000 },
  );
  expect(main(verified)).toMatchInlineSnapshot(`
    "@compute @workgroup_size(64, 1, 1)
    fn main(@builtin(global_invocation_id) invocation: vec3<u32>) {
      let global = vec3<i32>(invocation) + launch.origin;
      if (global.x >= launch.grid.x) { return; }
      if (atomicLoad(&status) != 0u) { return; }
      var fuel = launch.fuel;
      var value = x_at(u32(global.x));
      var count = 0u;
      loop {
        if (fuel == 0u) { out_of_fuel(0u); return; }
        fuel -= 1u;
        if (value == 1u) {
          break;
        }
        if ((value & 1u) == 0u) {
          value >>= 1u;
        } else {
          value = value * 3u + 1u;
        }
        count++;
      }
      x_set(u32(global.x), count);
    }
    "
  `);
});

test('variables that trade places go through a third', () => {
  const verified = built('fibonacci', (b) => {
    const [x, n] = [b.buffer('x', 'write', 'u32'), b.scalar('n', 'i32')];
    const inits = [b.i32(0), b.u32(0), b.u32(1)];
    const [result] = b.loop(inits, ['u32'], ([i, low, high]) => {
      b.name(low!, 'low');
      b.name(high!, 'high');
      b.if(b.op('ge', i!, b.argument(n)), () => b.break(low!));
      return [b.op('add', i!, b.i32(1)), high!, b.op('add', low!, high!)];
    });
    b.store(x, [b.id('globalId')], result!);
  });
  expect(main(verified)).toMatchInlineSnapshot(`
    "@compute @workgroup_size(64, 1, 1)
    fn main(@builtin(global_invocation_id) invocation: vec3<u32>) {
      let global = vec3<i32>(invocation) + launch.origin;
      if (global.x >= launch.grid.x) { return; }
      var low = 0u;
      var high = 1u;
      for (var t = 0; t < launch.n; t++) {
        let next = high;
        high = low + high;
        low = next;
      }
      x_set(u32(global.x), low);
    }
    "
  `);
});

test('bytes: read from words, stored where others store too', () => {
  const verified = built('bytes', (b) => {
    const [from, to] = [b.buffer('from', 'read', 'i8'), b.buffer('to', 'write', 'u8')];
    const i = b.id('globalId');
    b.store(to, [b.op('div', i, b.i32(2))], b.convert(b.load(from, [i]), 'u32'));
  });
  const code = wgsl(verified);
  expect(code.slice(code.indexOf('fn '))).toMatchInlineSnapshot(`
    "fn from_1_at(i: u32) -> i32 {
      let inside = i < u32(launch.from_length);
      let index = select(0u, i, inside);
      return select(0, extractBits(bitcast<i32>(from_1[index / 4u]), index % 4u * 8u, 8u), inside);
    }

    fn to_set(i: u32, value: u32) {
      let inside = i < u32(launch.to_length);
      let index = select(0u, i, inside);
      if (inside) {
        let word = index / 4u;
        let shift = index % 4u * 8u;
        let field = (value & 0xffu) << shift;
        var old = atomicLoad(&to[word]);
        loop {
          let result = atomicCompareExchangeWeak(&to[word], old, (old & ~(0xffu << shift)) | field);
          if (result.exchanged) { break; }
          old = result.old_value;
        }
      }
    }

    @compute @workgroup_size(64, 1, 1)
    fn main(@builtin(global_invocation_id) invocation: vec3<u32>) {
      let global = vec3<i32>(invocation) + launch.origin;
      if (global.x >= launch.grid.x) { return; }
      to_set(u32(global.x / 2), u32(from_1_at(u32(global.x))));
    }
    "
  `);
});

test('constants that WGSL refuses', () => {
  const verified = built('constants', (b) => {
    const [x, y] = [b.buffer('x', 'readWrite', 'f32'), b.buffer('y', 'readWrite', 'i32')];
    const i = b.id('globalId');
    const value = b.load(y, [i]);
    b.store(y, [i], b.op('div', b.op('shl', value, b.i32(33)), b.i32(0)));
    b.store(y, [b.i32(-1)], b.i32(-(2 ** 31)));
    for (const special of [Number.NaN, Number.POSITIVE_INFINITY, -0, 1e-40, 0.1]) b.store(x, [i], b.f32(special));
  });
  expect(main(verified)).toMatchInlineSnapshot(`
    "@compute @workgroup_size(64, 1, 1)
    fn main(@builtin(global_invocation_id) invocation: vec3<u32>) {
      let global = vec3<i32>(invocation) + launch.origin;
      if (global.x >= launch.grid.x) { return; }
      y_set(u32(global.x), y_at(u32(global.x)) << 1u);
      y_set(0xffffffffu, i32(-2147483648));
      x_set(u32(global.x), from_bits_f32(0x7fc00000u));
      x_set(u32(global.x), from_bits_f32(0x7f800000u));
      x_set(u32(global.x), from_bits_f32(0x80000000u));
      x_set(u32(global.x), from_bits_f32(0x116c2u));
      x_set(u32(global.x), 0.1);
    }
    "
  `);
});

describe('barriers order storage memory', () => {
  const orders = (verified: Verified) => main(verified).split('storageBarrier();').length - 1;

  test('where an element that nobody reads is written by two', async () => {
    const twice = kernel({
      name: 'twice',
      params: { y: write(i32) },
      workgroup: 64,
      body({ y }, k) {
        k.barrier();
        if (k.local.x === 1) y[k.group.x] = 1;
        k.barrier();
        if (k.local.x === 0) y[k.group.x] = 2;
        k.barrier();
      },
    });
    expect(main(await twice.verified())).toMatchInlineSnapshot(`
      "@compute @workgroup_size(64, 1, 1)
      fn main(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>, @builtin(global_invocation_id) invocation: vec3<u32>) {
        let global = vec3<i32>(invocation) + launch.origin;
        in_grid = global.x < launch.grid.x;
        let t = i32(local.x);
        let t_1 = i32(group.x) + launch.base_x;
        workgroupBarrier();
        if (t == 1) {
          y_set(u32(t_1), 1);
        }
        workgroupBarrier();
        storageBarrier();
        if (t == 0) {
          y_set(u32(t_1), 2);
        }
        workgroupBarrier();
      }
      "
    `);
  });
  test('where a loop brings the next store, and not where it only follows', async () => {
    const params = { y: write(i32), n: i32 };
    const inside = kernel({
      name: 'inside',
      params,
      workgroup: 64,
      body({ y, n }, k) {
        for (let i = 0; i < n; i++) {
          k.barrier();
          if (k.local.x === i) y[0] = i;
        }
      },
    });
    const behind = kernel({
      name: 'behind',
      params,
      workgroup: 64,
      body({ y, n }, k) {
        for (let i = 0; i < n; i++) k.barrier();
        if (k.local.x === n) y[0] = n;
      },
    });
    expect(orders(await inside.verified())).toBe(1);
    expect(orders(await behind.verified())).toBe(0);
  });
  test('not where each invocation keeps to its element, unless the workgroup has more axes than the buffer', async () => {
    const own = (workgroup: [number, number]) =>
      kernel({
        name: 'own',
        params: { y: readWrite(i32) },
        workgroup,
        body({ y }, k) {
          y[k.global.x] = 1;
          k.barrier();
          y[k.global.x] = y.at(k.global.x) + k.localIndex;
        },
      }).verified();
    expect(orders(await own([64, 1]))).toBe(0);
    expect(orders(await own([8, 8]))).toBe(1);
  });
  test('also those within collectives', async () => {
    const told = kernel({
      name: 'told',
      params: { y: readWrite(i32) },
      workgroup: 64,
      body({ y }, k) {
        if (k.local.x === 0) y[k.group.x] = 1;
        const first = k.groupBroadcast(k.local.x);
        if (k.local.x === 1) y[k.group.x] = first + 2;
      },
    });
    expect(orders(await told.verified())).toBeGreaterThan(0);
  });
  test('nowhere in the kernels that store last', async () => {
    for (const each of [matmul, nbody, sumBlocks, scanBlocks]) expect(orders(await each.verified())).toBe(0);
  });
});

test('names: keywords, characters that WGSL has not, names taken', () => {
  const names = new Names();
  const wanted = ['x', 'x', 'var', 'select', '$x', '_', '__private', 'größe', '变量', '2nd', 'a$b__c'];
  expect(wanted.map((name) => names.fresh(name))).toEqual([
    ...['x', 'x_1', 'var_1', 'select_1', 'x_2', 'v', 'private_1', 'gro_e', 'v_1', 'v2nd', 'a_b_c'],
  ]);
  // free again outside the scope that gave it
  expect(names.scope(() => names.fresh('inner'))).toBe('inner');
  expect(names.fresh('inner')).toBe('inner');
});
