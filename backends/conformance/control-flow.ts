/** Structured control flow: what is carried round loops and out of them, and every way of leaving. */

import type { Builder, Value } from '../../src/ir/index.ts';
import type { Case } from './suite.ts';
import { array, attempt, type Trial, zeros } from './trial.ts';

const trial = (name: string, what: Trial): Case => ({
  group: 'control flow',
  name,
  run: (device) => attempt(device, what),
});

/** A trial of one i32 per invocation. */
function perInvocation(name: string, compute: (b: Builder, i: Value) => Value, count = 40): Case {
  return trial(name, {
    build: (b) => {
      const to = b.buffer('to', 'write', 'i32');
      const i = b.id('globalId');
      b.store(to, [i], compute(b, i));
    },
    args: [zeros('i32', count)],
    grid: count,
  });
}

/** A loop while a condition holds; its results are its carried values at the end. */
function whileLoop(
  b: Builder,
  inits: readonly Value[],
  condition: (values: readonly Value[]) => Value,
  next: (values: readonly Value[]) => readonly Value[] | void,
): readonly Value[] {
  return b.loop(
    inits,
    inits.map(({ type }) => type),
    (values) => {
      b.if(
        condition(values),
        () => {},
        () => b.break(...values),
      );
      return next(values);
    },
  );
}

export function controlFlowCases(): Case[] {
  return [
    perInvocation('a loop swaps its carried values', (b, i) => {
      const one = b.i32(1);
      const [x, y] = whileLoop(
        b,
        [b.i32(3), b.i32(50), b.i32(0)],
        ([, , k]) => b.op('lt', k!, i),
        ([x, y, k]) => [y!, x!, b.op('add', k!, one)],
      );
      return b.op('sub', x!, y!);
    }),
    perInvocation('carried values rotate, each from the ones before', (b, i) => {
      const [x, y, z] = whileLoop(
        b,
        [b.i32(1), b.i32(2), b.i32(3), b.i32(0)],
        ([, , , k]) => b.op('lt', k!, i),
        ([x, y, z, k]) => [b.op('add', y!, z!), b.op('xor', x!, z!), b.op('mul', x!, y!), b.op('add', k!, b.i32(1))],
      );
      return b.op('add', x!, b.op('add', b.op('mul', y!, b.i32(31)), b.op('mul', z!, b.i32(961))));
    }),
    perInvocation('if gives the values of the arm taken', (b, i) => {
      const [x, y] = b.if(
        b.op('lt', i, b.i32(10)),
        () => [b.op('mul', i, b.i32(3)), b.i32(1)],
        () =>
          b.if(
            b.op('lt', i, b.i32(20)),
            () => [b.i32(-1), i],
            () => [i, b.op('neg', i)],
          ),
      );
      return b.op('sub', b.op('mul', x!, b.i32(100)), y!);
    }),
    perInvocation('an arm that leaves the loop, beside one that yields', (b, i) => {
      const [found] = b.loop([b.i32(0), b.i32(7)], ['i32'], ([k, state]) => {
        b.if(b.op('gt', k!, b.i32(60)), () => b.break(b.i32(-1)));
        const [next] = b.if(
          b.op('eq', b.op('rem', state!, b.op('add', i, b.i32(2))), b.i32(0)),
          () => b.break(k!),
          () => [b.op('and', b.op('add', b.op('mul', state!, b.i32(5)), b.i32(3)), b.i32(0xffff))],
        );
        return [b.op('add', k!, b.i32(1)), next!];
      });
      return found!;
    }),
    perInvocation('continue from inside two ifs', (b, i) => {
      const one = b.i32(1);
      const [, sum] = whileLoop(
        b,
        [b.i32(0), b.i32(0)],
        ([k]) => b.op('lt', k!, i),
        ([k, sum]) => {
          const next = b.op('add', k!, one);
          b.if(b.op('eq', b.op('and', k!, one), one), () => {
            b.if(b.op('gt', k!, b.i32(9)), () => b.continue(next, b.op('sub', sum!, k!)));
          });
          return [next, b.op('add', sum!, k!)];
        },
      );
      return sum!;
    }),
    trial('return from inside two loops', {
      build: (b) => {
        const to = b.buffer('to', 'write', 'i32', 2);
        const i = b.id('globalId');
        const upTo = (limit: Value, body: (k: Value) => void) =>
          whileLoop(
            b,
            [b.i32(0)],
            ([k]) => b.op('lt', k!, limit),
            ([k]) => {
              body(k!);
              return [b.op('add', k!, b.i32(1))];
            },
          );
        upTo(b.i32(5), (row) =>
          upTo(b.i32(6), (column) => {
            const n = b.op('add', b.op('mul', row, b.i32(6)), column);
            b.if(b.op('eq', n, i), () => b.return());
            b.store(to, [i, n], b.op('add', n, b.i32(1)));
          }),
        );
        b.store(to, [i, b.i32(29)], b.i32(-1));
      },
      args: [zeros('i32', 33, 30)],
      grid: 33,
    }),
    perInvocation('nested loops with break, continue and results', (b, i) => {
      const one = b.i32(1);
      const [total] = b.loop([b.i32(0), b.i32(0)], ['i32'], ([row, sum]) => {
        b.if(b.op('ge', row!, i), () => b.break(sum!));
        b.if(b.op('eq', b.op('rem', row!, b.i32(5)), b.i32(3)), () => b.continue(b.op('add', row!, one), sum!));
        const [inner, last] = b.loop([b.i32(0), sum!], ['i32', 'i32'], ([column, s]) => {
          b.if(b.op('gt', column!, row!), () => b.break(s!, column!));
          b.if(b.op('gt', s!, b.i32(1000)), () => b.break(b.op('sub', s!, b.i32(997)), b.i32(-1)));
          return [b.op('add', column!, one), b.op('add', s!, b.op('mul', row!, column!))];
        });
        return [b.op('add', row!, one), b.op('add', inner!, last!)];
      });
      return total!;
    }),
    perInvocation('a loop that runs no iteration keeps its start', (b, i) => {
      const [x] = whileLoop(
        b,
        [i],
        () => b.op('lt', i, b.i32(0)),
        ([x]) => [b.op('add', x!, b.i32(1))],
      );
      return x!;
    }),
    trial('a carried bool and a carried float', {
      build: (b) => {
        const to = b.buffer('to', 'write', 'f32');
        const i = b.id('globalId');
        const [value, flag] = whileLoop(
          b,
          [b.f32(1), b.bool(false), b.i32(0)],
          ([, , k]) => b.op('lt', k!, i),
          ([value, flag, k]) => [
            b.op('select', flag!, b.op('mul', value!, b.f32(2)), b.op('add', value!, b.f32(1))),
            b.op('not', flag!),
            b.op('add', k!, b.i32(1)),
          ],
        );
        b.store(to, [i], b.op('select', flag!, value!, b.op('neg', value!)));
      },
      args: [zeros('f32', 30)],
      grid: 30,
    }),
    trial('both sides of an `and` are evaluated, and stores keep their order', {
      build: (b) => {
        const to = b.buffer('to', 'readWrite', 'i32');
        const [i, first] = [b.id('globalId'), b.i32(0)];
        b.store(to, [i], b.i32(5));
        const before = b.load(to, [i]);
        b.store(to, [i], b.op('add', before, b.i32(1)));
        b.if(b.op('and', b.op('gt', i, first), b.op('lt', i, b.i32(9))), () => {
          b.store(to, [i], b.op('mul', b.load(to, [i]), b.op('add', before, i)));
        });
      },
      args: [array('i32', new Array(12).fill(3))],
      grid: 12,
    }),
  ];
}
