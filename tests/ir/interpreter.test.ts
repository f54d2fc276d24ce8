/** The interpreter against plain JavaScript written from the design's words. */
import { describe, expect, test } from 'vitest';
import {
  Builder,
  type BuilderOptions,
  interpretProgram,
  type Launch,
  type Memory,
  type Program,
  type Value,
  verify,
} from '../../src/ir/index.ts';
import { copyOf } from '../support/random-launch.ts';
import { randomProgram } from '../support/random-program.ts';

type Typed = Float32Array | Int32Array | Uint32Array | Uint16Array | Uint8Array | Int8Array | Int16Array;
const array = (data: Typed, shape: readonly number[] = [data.length]) => ({
  bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  shape,
});
/** Builds a program, runs it over a 1-D grid (or the launch given) and hands back what the detectors found. */
function run(
  build: (b: Builder) => void,
  args: Launch['args'],
  grid: number | Omit<Launch, 'args'>,
  options: Partial<BuilderOptions> & { detect?: boolean } = {},
) {
  const b = new Builder({ name: 'test', ...options });
  build(b);
  const launch = typeof grid === 'number' ? { grid: [grid, 1, 1] as const } : grid;
  return interpretProgram(b.finish(), { args, ...launch }, { detect: options.detect ?? false });
}
/** `for (i = 0; i < n; i++) body(i)` */
function count(b: Builder, n: Value, body: (i: Value) => void) {
  b.loop([b.i32(0)], [], ([i]) => {
    b.if(
      b.op('lt', i!, n),
      () => {},
      () => b.break(),
    );
    body(i!);
    return [b.op('add', i!, b.i32(1))];
  });
}

describe('memory', () => {
  test('loads out of bounds are 0 and stores there do nothing, by each dimension', () => {
    const data = Int32Array.from({ length: 12 }, (_, i) => i + 1);
    const out = new Int32Array(49);
    // every (row, column) of [-2, 5) x [-2, 5) of a 3 x 4 array
    run(
      (b) => {
        const source = b.buffer('source', 'read', 'i32', 2);
        const target = b.buffer('target', 'write', 'i32', 2);
        const at = (axis: number) => b.op('sub', b.id('globalId', axis), b.i32(2));
        b.store(target, [b.id('globalId', 1), b.id('globalId', 0)], b.load(source, [at(1), at(0)]));
      },
      [array(data, [3, 4]), array(out, [7, 7])],
      { grid: [7, 7, 1] },
    );
    const expected = Array.from({ length: 49 }, (_, n) => {
      const [row, column] = [Math.floor(n / 7) - 2, (n % 7) - 2];
      return row >= 0 && row < 3 && column >= 0 && column < 4 ? row * 4 + column + 1 : 0;
    });
    expect([...out]).toEqual(expected);

    const scattered = new Int32Array(12);
    run(
      (b) => {
        const target = b.buffer('target', 'write', 'i32', 2);
        const at = (axis: number) => b.op('sub', b.id('globalId', axis), b.i32(2));
        b.store(target, [at(1), at(0)], b.i32(7));
        b.store(target, [b.u32(0xffffffff), b.i32(0)], b.i32(9));
        b.store(target, [b.i32(0), b.i32(4)], b.i32(9)); // the next row's first, were it not out of bounds
      },
      [array(scattered, [3, 4])],
      { grid: [7, 7, 1] },
    );
    expect([...scattered]).toEqual(new Array(12).fill(7));
  });

  test('packed elements widen when loaded and wrap when stored', () => {
    const check = (element: 'i8' | 'u8' | 'i16' | 'u16', data: Typed, out: Typed) => {
      run(
        (b) => {
          const source = b.buffer('source', 'read', element);
          const target = b.buffer('target', 'write', element);
          const i = b.id('globalId');
          const loaded = b.load(source, [i]);
          b.store(target, [i], b.op('add', loaded, b.constant(loaded.type as 'i32', 1)));
        },
        [array(data), array(out)],
        data.length,
      );
      const expected = data.slice();
      for (let i = 0; i < expected.length; i++) expected[i]!++;
      expect(out).toEqual(expected);
    };
    check('i8', new Int8Array([0, -1, 127, -128]), new Int8Array(4));
    check('u8', new Uint8Array([0, 255, 127, 128, 3]), new Uint8Array(5));
    check('i16', new Int16Array([0, -1, 32767, -32768]), new Int16Array(4));
    check('u16', new Uint16Array([0, 65535]), new Uint16Array(2));
  });

  test('vectors are tight, f16 is bits, NaN is stored as its canonical bits', () => {
    const points = Float32Array.of(1, 2, 3, 4, 5, 6);
    const swapped = new Float32Array(6);
    const halves = new Uint16Array(2);
    const bits = new Uint32Array(1);
    run(
      (b) => {
        const source = b.buffer('source', 'read', 'vec3<f32>');
        const target = b.buffer('target', 'write', 'vec3<f32>');
        const half = b.buffer('half', 'write', 'f16');
        const nan = b.buffer('nan', 'write', 'f32');
        const i = b.id('globalId');
        const [x, y, z] = [0, 1, 2].map((c) => b.extract(b.load(source, [i]), c));
        b.store(target, [i], b.compose(z!, x!, y!));
        b.store(half, [i], b.convert(x!, 'f16'));
        b.store(nan, [b.i32(0)], b.bitcast(b.u32(0xffc12345), 'f32'));
      },
      [array(points, [2]), array(swapped, [2]), array(halves), array(bits)],
      2,
    );
    expect([...swapped]).toEqual([3, 1, 2, 6, 4, 5]);
    expect([...halves]).toEqual([0x3c00, 0x4400]);
    expect(bits[0]).toBe(0x7fc00000);
  });

  test('private arrays start at zero in each invocation and workgroup arrays in each workgroup', () => {
    const out = new Int32Array(8);
    run(
      (b) => {
        const target = b.buffer('target', 'write', 'i32');
        const own = b.privateArray('own', 'i32', 2);
        const shared = b.workgroupArray('shared', 'i32', 4);
        const bump = (memory: Memory, at: Value) => {
          b.store(memory, [at], b.op('add', b.load(memory, [at]), b.i32(1)));
          return b.load(memory, [at]);
        };
        const first = bump(own, b.i32(1));
        const second = bump(own, b.i32(1));
        b.clear(own);
        const third = bump(own, b.i32(1));
        const group = bump(shared, b.id('localIndex'));
        const digits = [first, second, third, group].reduce(
          (n, d) => b.op('add', b.op('mul', n, b.i32(10)), d),
          b.i32(0),
        );
        b.store(target, [b.id('globalId')], digits);
      },
      [array(out)],
      { grid: [8, 1, 1], workgroup: [4, 1, 1] },
    );
    expect([...out]).toEqual(new Array(8).fill(1211));
  });
});

describe('control flow', () => {
  test('loop parameters are assigned all at once', () => {
    const out = new Int32Array(20);
    run(
      (b) => {
        const target = b.buffer('target', 'write', 'i32');
        const n = b.id('globalId');
        const [fibonacci] = b.loop([b.i32(0), b.i32(1), b.i32(0)], ['i32'], ([x, y, i]) => {
          b.if(b.op('ge', i!, n), () => b.break(x!));
          return [y!, b.op('add', x!, y!), b.op('add', i!, b.i32(1))];
        });
        b.store(target, [n], fibonacci!);
      },
      [array(out)],
      20,
    );
    const expected = [0, 1];
    while (expected.length < 20) expected.push(expected.at(-1)! + expected.at(-2)!);
    expect([...out]).toEqual(expected);
  });

  test('nested loops with break, continue and return', () => {
    const reference = (n: number) => {
      let sum = 0;
      for (let i = 0; i < n; i++) {
        if (i === 3) continue;
        for (let j = 0; ; j++) {
          if (j > i) break;
          if (sum > 40) return -sum;
          sum += i * j + 1;
        }
      }
      return sum;
    };
    const out = new Int32Array(16);
    run(
      (b) => {
        const target = b.buffer('target', 'write', 'i32');
        const n = b.id('globalId');
        const one = b.i32(1);
        const [total] = b.loop([b.i32(0), b.i32(0)], ['i32'], ([i, sum]) => {
          b.if(b.op('ge', i!, n), () => b.break(sum!));
          b.if(b.op('eq', i!, b.i32(3)), () => b.continue(b.op('add', i!, one), sum!));
          const [inner] = b.loop([b.i32(0), sum!], ['i32'], ([j, s]) => {
            b.if(b.op('gt', j!, i!), () => b.break(s!));
            b.if(b.op('gt', s!, b.i32(40)), () => {
              b.store(target, [n], b.op('neg', s!));
              b.return();
            });
            return [b.op('add', j!, one), b.op('add', s!, b.op('add', b.op('mul', i!, j!), one))];
          });
          return [b.op('add', i!, one), inner!];
        });
        b.store(target, [n], total!);
      },
      [array(out)],
      16,
    );
    expect([...out]).toEqual(Array.from({ length: 16 }, (_, n) => reference(n)));
  });

  test('fuel: exactly as many iterations as it says, over all entries of all fuelled loops', () => {
    const program = (iterations: number): Program => {
      const b = new Builder({ name: 'spin', fuel: 10 });
      b.place = { line: 4, column: 2 };
      const target = b.buffer('target', 'write', 'i32');
      // two entries of one loop, each starting iterations + 1 of its bodies
      count(b, b.i32(2), () => count(b, b.i32(iterations), (i) => b.store(target, [i], i)));
      const built = b.finish();
      const outer = built.body.body.find((instruction) => instruction.kind === 'loop')!;
      // what the verifier would do, had it not found the bound
      const verified = { id: 5, fuel: 'invocation' as const };
      const fuelled = {
        ...outer,
        body: { ...outer.body, body: outer.body.body.map((i) => (i.kind === 'loop' ? { ...i, verified } : i)) },
      };
      return { ...built, body: { ...built.body, body: built.body.body.map((i) => (i === outer ? fuelled : i)) } };
    };
    const launch: Launch = { args: [array(new Int32Array(9))], grid: [3, 1, 1] };
    expect(interpretProgram(program(4), launch)).toEqual([]);
    expect(() => interpretProgram(program(5), launch)).toThrow(
      expect.objectContaining({ code: 'out-of-fuel', kernel: 'spin', place: { line: 4, column: 2 } }),
    );
  });
});

describe('the grid', () => {
  test('ids, and a box of workgroups of the whole grid', () => {
    const out = new Int32Array(7 * 5 * 3).fill(-1);
    const launch = { grid: [7, 5, 3] as const, workgroup: [4, 2, 2] as const };
    const build = (b: Builder) => {
      const target = b.buffer('target', 'readWrite', 'i32', 3);
      const ids = (['workgroupId', 'localId', 'numWorkgroups', 'workgroupSize'] as const).flatMap((op) =>
        [0, 1, 2].map((axis) => b.id(op, axis)),
      );
      const packed = [...ids, b.id('localIndex')].reduce(
        (n, id) => b.op('add', b.op('mul', n, b.i32(5)), id),
        b.i32(0),
      );
      b.store(
        target,
        [2, 1, 0].map((axis) => b.id('globalId', axis)),
        packed,
      );
    };
    const value = (x: number, y: number, z: number) => {
      const local = [x % 4, y % 2, z % 2] as const;
      const digits = [
        ...[Math.floor(x / 4), Math.floor(y / 2), Math.floor(z / 2), ...local, 2, 3, 2, 4, 2, 2],
        local[0] + 4 * (local[1] + 2 * local[2]),
      ];
      return digits.reduce((n, digit) => (Math.imul(n, 5) + digit) | 0, 0);
    };
    const expected = (inside: (x: number, y: number, z: number) => boolean) =>
      Array.from({ length: 105 }, (_, n) => {
        const [x, y, z] = [n % 7, Math.floor(n / 7) % 5, Math.floor(n / 35)] as const;
        return inside(x, y, z) ? value(x, y, z) : -1;
      });
    run(build, [array(out, [3, 5, 7])], { ...launch, base: [1, 1, 0], count: [1, 2, 1] });
    expect([...out]).toEqual(expected((x, y, z) => x >= 4 && y >= 2 && z < 2));
    run(build, [array(out, [3, 5, 7])], launch);
    expect([...out]).toEqual(expected(() => true));
  });

  test('zero sizes run nothing', () => {
    const out = new Int32Array(1);
    const build = (b: Builder) => b.store(b.buffer('target', 'readWrite', 'i32'), [b.i32(0)], b.i32(1));
    run(build, [array(out)], 0);
    run(build, [array(out)], { grid: [3, 0, 1] });
    expect(out[0]).toBe(0);
  });

  test('ghosts fill tiles, but touch no buffer and are no part of a collective', () => {
    const n = 70; // 64 + 6, so 58 ghosts
    const reversed = new Int32Array(n);
    const counters = new Uint32Array(1);
    const largest = new Int32Array(n);
    run(
      (b) => {
        const target = b.buffer('target', 'write', 'i32');
        const counter = b.buffer('counter', 'atomic', 'u32');
        const most = b.buffer('most', 'write', 'i32');
        const tile = b.workgroupArray('tile', 'i32', 64);
        const [local, i] = [b.id('localIndex'), b.id('globalId')];
        b.store(tile, [local], b.op('add', i, b.i32(1)));
        b.barrier();
        b.store(target, [i], b.load(tile, [b.op('sub', b.i32(63), local)]));
        b.atomic('atomicAdd', counter, [b.i32(0)], b.u32(1));
        b.store(most, [i], b.collective('groupMax', i));
      },
      [array(reversed), array(counters), array(largest)],
      { grid: [n, 1, 1], workgroup: [64, 1, 1] },
    );
    expect([...reversed]).toEqual(Array.from({ length: n }, (_, i) => (i < 64 ? 64 - i : 128 - (i - 64))));
    expect(counters[0]).toBe(n);
    expect([...largest]).toEqual(Array.from({ length: n }, (_, i) => (i < 64 ? 63 : 69)));
  });
});

describe('collectives', () => {
  const { fround } = Math;
  // awkward values: the order of the sum shows in its bits
  const floats = (n: number) =>
    Float32Array.from({ length: n }, (_, i) => fround(Math.sin(i * 12.9898) * 10 ** ((i * 7) % 9)));

  /** The tree and the scan in the design's words, with explicit lanes and explicit missing elements. */
  function treeSum(data: Float32Array) {
    const lanes: (number | undefined)[] = [];
    for (let l = 0; l < 64; l++) {
      let value: number | undefined;
      for (let i = l; i < data.length; i += 64) value = value === undefined ? data[i]! : fround(value + data[i]!);
      lanes[l] = value;
    }
    for (const h of [32, 16, 8, 4, 2, 1])
      for (let l = 0; l < h; l++) {
        const other = lanes[l + h];
        if (other !== undefined) lanes[l] = fround(lanes[l]! + other);
      }
    return lanes[0];
  }
  function rowScan(data: Float32Array) {
    const result = data.slice();
    for (let row = 0; row < data.length; row += 64)
      for (const d of [1, 2, 4, 8, 16, 32])
        for (let i = Math.min(row + 64, data.length) - 1; i >= row + d; i--)
          result[i] = fround(result[i - d]! + result[i]!);
    const totals: number[] = [];
    for (let row = 63; row < data.length; row += 64) totals.push(result[row]!);
    return result.map((own, i) => {
      const rows = Math.floor(i / 64);
      if (rows === 0) return own;
      let before = totals[0]!;
      for (let r = 1; r < rows; r++) before = fround(before + totals[r]!);
      return fround(before + own);
    });
  }

  for (const size of [1, 2, 63, 64, 65, 100, 256, 1000, 1024])
    test(`float sum and scan of a workgroup of ${size} have the canonical order`, () => {
      const data = floats(size);
      const [sum, scan] = [new Float32Array(1), new Float32Array(size)];
      run(
        (b) => {
          const source = b.buffer('source', 'read', 'f32');
          const total = b.buffer('total', 'write', 'f32');
          const prefix = b.buffer('prefix', 'write', 'f32');
          const i = b.id('globalId');
          const own = b.load(source, [i]);
          b.store(total, [b.i32(0)], b.collective('groupSum', own));
          b.store(prefix, [i], b.collective('groupScan', own));
        },
        [array(data), array(sum), array(scan)],
        { grid: [size, 1, 1], workgroup: [size, 1, 1] },
      );
      expect(sum[0]).toBe(treeSum(data));
      expect(scan).toEqual(rowScan(data));
    });

  test('the others, over a workgroup with ghosts', () => {
    const data = Int32Array.of(5, -3, 2147483647, 8, -9);
    const results = new Int32Array(5 * 5);
    run(
      (b) => {
        const source = b.buffer('source', 'read', 'i32');
        const target = b.buffer('target', 'write', 'i32', 2);
        const i = b.id('globalId');
        const own = b.load(source, [i]);
        const ops = ['groupSum', 'groupMin', 'groupMax', 'groupBroadcast', 'groupScan'] as const;
        for (const [row, op] of ops.entries()) b.store(target, [b.i32(row), i], b.collective(op, own));
      },
      [array(data), array(results, [5, 5])],
      5,
    );
    const all = (x: number) => new Array(5).fill(x);
    const sum = (5 - 3 + 2147483647 + 8 - 9) | 0;
    expect([...results]).toEqual([
      ...all(sum),
      ...all(-9),
      ...all(2147483647),
      ...all(5),
      5,
      2,
      -2147483647,
      -2147483639,
      sum,
    ]);
  });

  test('uniformLoad reads between two barriers; a barrier in a uniform loop', () => {
    const out = new Int32Array(6);
    run(
      (b) => {
        const target = b.buffer('target', 'write', 'i32');
        const shared = b.workgroupArray('shared', 'i32', 1);
        const local = b.id('localIndex');
        const [sum] = b.loop([b.i32(0), b.i32(0)], ['i32'], ([k, sum]) => {
          b.if(b.op('ge', k!, b.i32(4)), () => b.break(sum!));
          b.if(b.op('eq', local, k!), () => b.store(shared, [b.i32(0)], b.op('add', k!, b.i32(10))));
          const seen = b.uniformLoad(shared, b.i32(0));
          return [b.op('add', k!, b.i32(1)), b.op('add', sum!, seen)];
        });
        b.store(target, [b.id('globalId')], sum!);
      },
      [array(out)],
      { grid: [6, 1, 1], workgroup: [8, 1, 1] },
    );
    expect([...out]).toEqual(new Array(6).fill(10 + 11 + 12 + 13));
  });
});

test('atomics', () => {
  const ops = [
    ['atomicAdd', 7, 12],
    ['atomicSub', 7, -2],
    ['atomicMin', -7, -7],
    ['atomicMax', -7, 5],
    ['atomicAnd', 6, 4],
    ['atomicOr', 6, 7],
    ['atomicXor', 6, 3],
    ['atomicExchange', 9, 9],
  ] as const;
  const words = new Int32Array(ops.length + 3).fill(5);
  const old = new Int32Array(ops.length + 4);
  run(
    (b) => {
      const target = b.buffer('target', 'atomic', 'i32');
      const returned = b.buffer('returned', 'write', 'i32');
      const keep = (at: number, value: Value | undefined) => b.store(returned, [b.i32(at)], value!);
      const n = ops.length;
      for (const [i, [op, operand]] of ops.entries()) keep(i, b.atomic(op, target, [b.i32(i)], b.i32(operand)));
      keep(n, b.atomic('atomicCompareExchange', target, [b.i32(n)], b.i32(5), b.i32(8)));
      keep(n + 1, b.atomic('atomicCompareExchange', target, [b.i32(n + 1)], b.i32(4), b.i32(8)));
      b.atomic('atomicStore', target, [b.i32(n + 2)], b.i32(-1));
      keep(n + 2, b.atomic('atomicLoad', target, [b.i32(n + 2)]));
      keep(n + 3, b.atomic('atomicAdd', target, [b.i32(99)], b.i32(1)));
    },
    [array(words), array(old)],
    1,
  );
  expect([...words]).toEqual([...ops.map(([, , after]) => after), 8, 5, -1]);
  expect([...old]).toEqual([...ops.map(() => 5), 5, 5, -1, 0]);
});

describe('detectors', () => {
  /** What is found in a program over two invocations of one workgroup, or of two. */
  const found = (
    build: (b: Builder, out: Memory, i: Value) => void,
    workgroup = 2,
    access: 'write' | 'readWrite' = 'readWrite',
  ) =>
    run(
      (b) => {
        const out = b.buffer('out', access, 'i32');
        b.place = { line: 1, column: 1 };
        build(b, out, b.id('globalId'));
      },
      [array(new Int32Array(4))],
      { grid: [2, 1, 1], workgroup: [workgroup, 1, 1] },
      { detect: true },
    ).map(({ code, place }) => (place === undefined ? `${code} nowhere` : code));
  const once = (codes: readonly string[]) => [...new Set(codes)];

  test('data races', () => {
    expect(found((b, out, i) => b.store(out, [b.i32(0)], i))).toEqual(['data-race']);
    expect(found((b, out, i) => b.store(out, [b.i32(0)], i), 1)).toEqual(['data-race']);
    expect(found((b, out) => b.store(out, [b.i32(0)], b.i32(3)))).toEqual([]); // one value
    expect(once(found((b, out, i) => b.store(out, [i], b.load(out, [b.op('sub', b.i32(1), i)]))))).toEqual([
      'data-race',
    ]);
    const exchange = (b: Builder, out: Memory, i: Value) => {
      b.store(out, [i], i);
      b.barrier();
      b.store(out, [b.op('add', i, b.i32(2))], b.load(out, [b.op('sub', b.i32(1), i)]));
    };
    expect(found(exchange)).toEqual([]);
    expect(once(found(exchange, 1))).toEqual(['data-race']); // a barrier orders no other workgroup
  });

  test('atomics race with plain accesses only', () => {
    const build = (plain: boolean) => (b: Builder) => {
      const word = b.buffer('word', 'atomic', 'u32');
      const shared = b.workgroupArray('shared', 'u32', 1);
      b.atomic('atomicAdd', word, [b.i32(0)], b.u32(1));
      if (plain) b.store(shared, [b.i32(0)], b.convert(b.id('localIndex'), 'u32'));
    };
    const options = { detect: true };
    const launch = { grid: [2, 1, 1] as const };
    expect(run(build(false), [array(new Uint32Array(1))], launch, options)).toEqual([]);
    expect(run(build(true), [array(new Uint32Array(1))], launch, options)).toMatchObject([{ code: 'data-race' }]);
  });

  test('indices out of bounds, but not those of ghosts', () => {
    expect(found((b, out) => b.store(out, [b.i32(4)], b.i32(0)))).toEqual(['out-of-bounds']);
    expect(found((b, out) => void b.load(out, [b.i32(-1)]))).toEqual(['out-of-bounds']);
    const ghostly = (b: Builder, out: Memory, i: Value) => {
      b.barrier();
      b.store(out, [b.op('mul', i, b.i32(3))], b.load(out, [b.op('mul', i, b.i32(2))]));
    };
    expect(found(ghostly, 4)).toEqual([]);
  });

  test('reads of what nothing wrote', () => {
    expect(found((b, out, i) => b.store(out, [i], b.load(out, [i])), 2, 'write')).toEqual(['uninitialised-read']);
    expect(found((b, out, i) => b.store(out, [i], b.load(out, [i])))).toEqual([]);
    const shared = (b: Builder, out: Memory, i: Value) => {
      const tile = b.workgroupArray('tile', 'i32', 2);
      b.store(tile, [b.i32(0)], b.i32(1));
      b.barrier();
      b.store(out, [i], b.load(tile, [i]));
    };
    expect(found(shared)).toEqual(['uninitialised-read']);
    expect(found(shared, 1)).toEqual(['uninitialised-read']); // each workgroup has its own
  });

  test('values said to be uniform', () => {
    expect(found((b, out, i) => b.store(out, [i], b.collective('uniform', i)))).toEqual(['non-uniform']);
    expect(found((b, out, i) => b.store(out, [i], b.collective('uniform', i)), 1)).toEqual([]);
    expect(found((b, out, i) => b.store(out, [i], b.collective('groupBroadcast', i)))).toEqual([]);
  });

  test('a barrier not reached by all', () => {
    const divergent = (b: Builder, _: Memory, i: Value) => void b.if(b.op('eq', i, b.i32(0)), () => b.barrier());
    expect(found(divergent)).toEqual(['divergent-barrier']);
    expect(() =>
      run((b) => divergent(b, b.buffer('o', 'read', 'i32'), b.id('globalId')), [array(new Int32Array(1))], 2),
    ).toThrow(expect.objectContaining({ code: 'divergent-barrier' }));
  });

  test('a claim of the bounds pass that is false is an error, detecting or not', () => {
    const b = new Builder({ name: 'claims' });
    const out = b.buffer('out', 'write', 'i32');
    b.store(out, [b.id('globalId')], b.i32(1));
    const program = b.finish();
    const body = program.body.body.map((i) =>
      i.kind === 'op' && i.op === 'store' ? { ...i, proven: true as const } : i,
    );
    const claimed = { ...program, body: { ...program.body, body } };
    const launch = (grid: number): Launch => ({ args: [array(new Int32Array(2))], grid: [grid, 1, 1] });
    expect(interpretProgram(claimed, launch(2))).toEqual([]);
    expect(() => interpretProgram(claimed, launch(3))).toThrow(expect.objectContaining({ code: 'out-of-bounds' }));
  });
});

test('random programs, which are made to be deterministic, have no race and no divergent barrier', () => {
  for (let seed = 0; seed < 40; seed++) {
    const { program, launch } = randomProgram(seed, { floats: 'all', f16: true, packedStores: true });
    const findings = interpretProgram(verify(program).program, { ...launch, ...copyOf(launch) }, { detect: true });
    const wrong = findings.filter(({ code }) => code === 'data-race' || code === 'divergent-barrier');
    expect({ seed, wrong }).toEqual({ seed, wrong: [] });
  }
});
