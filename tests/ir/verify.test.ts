/** The verifier refuses what breaks a rule of the IR, says which, and proves the facts that others stand on. */

import { describe, expect, test } from 'vitest';
import {
  type Block,
  type BufferFacts,
  Builder,
  type ErrorCode,
  type Instruction,
  IsokernelError,
  type Program,
  parse,
  print,
  type Value,
  verify,
} from '../../src/ir/index.ts';
import { randomProgram } from '../support/random-program.ts';

/** A kernel with parameters of all kinds around these lines. */
function kernel(lines: string, head = ''): string {
  return `kernel "k" stable ${head}
    param n: i32
    param v: vec3<f32>
    param r: read f32 [*]
    param w: write f32 [*]
    param m: readWrite i32 [*, *]
    param a: atomic u32 [*]
    param p: read u8 [*]
    private t: f32 [4]
    workgroup s: u32 [64]
    workgroup c: atomic i32 [2]
    {
      %0: i32 = globalId x
      %1: u32 = constant 1
      %2: f32 = constant 1
      %3: bool = constant true
      ${lines}
    }`;
}
const withReturn = (lines: string) => kernel(`${lines}\nreturn`);

function refusal(program: Program): IsokernelError {
  try {
    verify(program);
  } catch (error) {
    if (error instanceof IsokernelError) return error;
    throw error;
  }
  throw new Error(`accepted:\n${print(program)}`);
}

describe('refuses', () => {
  const cases: readonly (readonly [rule: string, text: string, message: RegExp, code?: ErrorCode])[] = [
    ['operands of two types', withReturn('%9: i32 = add %0, %1'), /add does not take \(i32, u32\)/],
    ['a type the operation lacks', withReturn('%9: bool = add %3, %3'), /add does not take \(bool, bool\)/],
    ['too few operands', withReturn('%9: i32 = add %0'), /add does not take \(i32\)/],
    ['a wrong result type', withReturn('%9: i32 = lt %0, %0'), /lt gives bool, not i32/],
    ['a missing result', withReturn('add %0, %0'), /add gives i32, not nothing/],
    ['a result of a store', withReturn('%9: f32 = store w[%0], %2'), /store gives nothing, not f32/],
    ['a vector operand of arithmetic', withReturn('%8: vec3<f32> = argument v %9: vec3<f32> = add %8, %8'), /add does/],
    ['a conversion to a vector', withReturn('%9: vec2<f32> = convert %0'), /convert does not give vec2<f32>/],
    ['a bitcast to bool', withReturn('%9: bool = bitcast %0'), /bitcast does not give bool/],
    ['a float shift amount', withReturn('%9: i32 = shl %0, %2'), /shl does not take/],
    ['an argument of another type', withReturn('%9: f32 = argument n'), /argument gives i32, not f32/],
    ['an argument of a buffer', withReturn('%9: f32 = argument r'), /argument refers to a scalar/],
    ['a dimension of a scalar', withReturn('%9: i32 = dimension 0 n'), /dimension refers to a buffer/],
    ['a dimension beyond the rank', withReturn('%9: i32 = dimension 1 r'), /rank 1, so no dimension 1/],
    ['an axis beyond z', withReturn('%9: i32 = globalId w'), /globalId has no axis 3/],
    [
      'a component beyond the vector',
      withReturn('%8: vec3<f32> = argument v %9: f32 = extract w %8'),
      /no component 3/,
    ],
    ['extract from a scalar', withReturn('%9: f32 = extract x %2'), /extract takes one vector/],
    ['compose of one', withReturn('%9: f32 = compose %2'), /compose takes 2 to 4/],
    ['compose of bools', withReturn('%9: vec2<f32> = compose %3, %3'), /compose takes 2 to 4/],
    ['compose of two types', withReturn('%9: vec2<f32> = compose %2, %0'), /compose takes f32, not i32/],
    ['too few indices', withReturn('%9: i32 = load m[%0]'), /takes 2 indices and 0 values, not 1/],
    ['too many indices', withReturn('%9: f32 = load r[%0, %0]'), /takes 1 indices/],
    ['a float index', withReturn('%9: f32 = load r[%2]'), /an index is i32 or u32, not f32/],
    ['a packed load as it is stored', withReturn('%9: i32 = load p[%0]'), /load gives u32, not i32/],
    ['a store to a read parameter', withReturn('store r[%0], %2'), /read only/],
    ['a store of another type', withReturn('store w[%0], %0'), /store takes f32, not i32/],
    ['a load of atomic memory', withReturn('%9: u32 = load a[%0]'), /which is atomic/],
    ['a load of an atomic array', withReturn('%9: i32 = load c[%0]'), /which is atomic/],
    ['an atomic on plain memory', withReturn('%9: i32 = atomicAdd m[%0, %0], %0'), /which is not atomic/],
    ['an atomic of another type', withReturn('%9: u32 = atomicAdd a[%0], %0'), /atomicAdd takes u32, not i32/],
    ['an atomic with too few values', withReturn('%9: u32 = atomicCompareExchange a[%0], %1'), /2 values/],
    ['clear of workgroup memory', withReturn('clear s'), /clear refers to a private array/],
    ['uniformLoad of private memory', withReturn('%9: f32 = uniformLoad t[%0]'), /refers to a workgroup array/],
    ['a collective of bools', withReturn('%9: bool = groupSum %3'), /groupSum does not take bool/],
    ['memory that is a scalar', withReturn('%9: i32 = load n[%0]'), /load refers to memory/],
    ['a condition that is no bool', withReturn('if %0 { }'), /the condition of an if is bool, not i32/],
    ['a use outside the block', withReturn('if %3 { %9: i32 = constant 1 } %8: i32 = neg %9'), /outside the block/],
    ['a use inside the arms', withReturn('%9: i32 = if %3 { yield %9 } else { yield %0 }'), /before or without its/],
    ['arms of two types', withReturn('%9: i32 = if %3 { yield %0 } else { yield %1 }'), /yield gives u32 for i32/],
    [
      'an arm that yields too little',
      withReturn('%9: i32 = if %3 { yield %0 } else { }'),
      /yield gives 0 values for 1/,
    ],
    ['results of an if that never yields', kernel('%9: i32 = if %3 { return } else { return } unreachable'), /no arm/],
    ['a yield of a loop', withReturn('loop { yield }'), /yield ends an arm/],
    ['a yield of the kernel', kernel('yield'), /yield ends an arm/],
    ['a break outside a loop', withReturn('if %3 { break }'), /break outside a loop/],
    ['a continue outside a loop', kernel('continue'), /continue outside a loop/],
    [
      'a continue of too few',
      withReturn('loop (%9: i32 = %0) { if %3 { break } continue }'),
      /continue gives 0 values/,
    ],
    ['a continue of another type', withReturn('loop (%9: i32 = %0) { if %3 { break } continue %1 }'), /u32 for i32/],
    ['a break of too few', withReturn('%8: i32 = loop { break }'), /break gives 0 values for 1 results/],
    ['an init of another type', withReturn('loop (%9: i32 = %1) { break }'), /loop gives u32 for i32/],
    [
      'a use of a parameter after the loop',
      withReturn('loop (%9: i32 = %0) { break } %8: i32 = neg %9'),
      /outside the/,
    ],
    ['unreachable that is reached', kernel('unreachable'), /whose end can be reached/],
    ['an end that cannot be reached', withReturn('if %3 { return } else { return }'), /it must be unreachable/],
    ['code after a loop that only returns', withReturn('loop { if %3 { return } continue } barrier'), /never falls/],
    ['a loop nothing leaves', kernel('loop { continue } unreachable'), /nothing leaves/, 'loop-without-exit'],
    [
      'a loop that only an inner loop leaves',
      kernel('loop { loop { break } continue } unreachable'),
      /nothing leaves/,
      'loop-without-exit',
    ],
    ['proven bounds', withReturn('%9: f32 = load r[%0] proven'), /claims proven bounds/],
    ['a workgroup too large', kernel('return', 'workgroup 1024 2 1'), /a product of at most 1024/],
    ['a workgroup of 0', kernel('return', 'workgroup 0 1 1'), /from 1/],
    ['no fuel', kernel('return', 'fuel 0'), /fuel is a whole number/],
    ['rank 5', 'kernel "k" stable param x: read f32 [*, *, *, *, *] { return }', /ranks are 1 to 4/],
    ['atomic floats', 'kernel "k" stable param x: atomic f32 [*] { return }', /its elements are i32 or u32/],
    ['a private atomic', 'kernel "k" stable private x: atomic i32 [1] { return }', /so it cannot be atomic/],
    ['an empty array', 'kernel "k" stable private x: i32 [0] { return }', /it is at least 1/],
    ['arrays beyond the limit', 'kernel "k" stable private x: i32 [20000] { return }', /80000 bytes of private/],
    ['a kernel without a name', 'kernel "" stable { return }', /a kernel's name/],
    ['a name with a line break', 'kernel "a\\nb" stable { return }', /a kernel's name/],
  ];
  test.each(cases.map(([rule, ...rest]) => ({ rule, rest })))('$rule', ({ rest }) => {
    const [text, message, code = 'invalid-ir'] = rest;
    const error = refusal(parse(text));
    expect(error.message).toMatch(message);
    expect(error.code).toBe(code);
  });

  /** A program with what the text form cannot say. */
  const built = (change: (parts: { x: Value; body: Instruction[]; program: Program }) => Program | void): Program => {
    const program = parse('kernel "k" stable param w: write f32 [*] { %0: i32 = globalId x return }');
    const body = [...program.body.body];
    const copy = { ...program, body: { body, end: program.body.end } };
    const first = body[0]!;
    if (first.kind !== 'op') throw new Error('the text begins with an operation');
    return change({ x: first.result!, body, program: copy }) ?? copy;
  };
  const op = { kind: 'op', op: 'neg', args: [], result: undefined, attribute: 0, reference: undefined } as const;
  const objects: readonly (readonly [string, Parameters<typeof built>[0], RegExp])[] = [
    ['a value defined twice', ({ x, body }) => void body.push({ ...op, args: [x], result: x }), /defined twice/],
    ['an instruction that stands twice', ({ body }) => void body.push(body[0]!), /defined twice/],
    [
      'a value of nowhere',
      ({ body }) => void body.push({ ...op, args: [{ type: 'i32', name: 'lost' }], result: { type: 'i32' } }),
      /neg uses "lost" \(i32\) before or without its definition/,
    ],
    [
      'a parameter of another program',
      ({ x, program, body }) =>
        void body.push({ ...op, op: 'load', args: [x], result: { type: 'f32' }, reference: { ...program.params[0]! } }),
      /refers to "w", which is not declared/,
    ],
    [
      'an operation that does not exist',
      ({ body }) => void body.push({ ...op, op: 'toString' as 'neg', args: [] }),
      /no operation toString/,
    ],
    [
      'a type that does not exist',
      ({ x, body }) => void body.push({ ...op, args: [x], result: { type: 'i64' as 'i32' } }),
      /neg gives i32, not i64/,
    ],
    [
      'a NaN of another form',
      ({ body }) => void body.push({ ...op, op: 'constant', result: { type: 'f32' }, attribute: 0x7fc00001 }),
      /are not the bits of a f32/,
    ],
    [
      'a bool that is 2',
      ({ body }) => void body.push({ ...op, op: 'constant', result: { type: 'bool' }, attribute: 2 }),
      /are not the bits of a bool/,
    ],
    [
      'an attribute with a fraction',
      ({ body }) => void body.push({ ...op, op: 'globalId', result: { type: 'i32' }, attribute: 0.5 }),
      /has the attribute 0.5/,
    ],
    [
      'an attribute where there is none',
      ({ x, body }) => void body.push({ ...op, args: [x], result: { type: 'i32' }, attribute: 1 }),
      /neg has the attribute 1/,
    ],
    [
      'a reference where there is none',
      ({ x, program, body }) =>
        void body.push({ ...op, args: [x], result: { type: 'i32' }, reference: program.params[0] }),
      /neg refers to "w"/,
    ],
    [
      'two parameters of one name',
      ({ program }) => ({ ...program, params: [program.params[0]!, { ...program.params[0]! }] }),
      /declared twice/,
    ],
    [
      'a name that is none',
      ({ program }) => ({ ...program, params: [{ ...program.params[0]!, name: 'a b' }] }),
      /is no name/,
    ],
    ['fuel that is no number', ({ program }) => ({ ...program, fuel: Number.NaN }), /fuel is a whole number/],
    ['a mode that does not exist', ({ program }) => ({ ...program, mode: 'quick' as 'fast' }), /no numeric mode quick/],
    [
      'a place before the first line',
      ({ x, body }) => void body.push({ ...op, args: [x], result: { type: 'i32' }, place: { line: 0, column: 1 } }),
      /a place whose line/,
    ],
  ];
  test.each(objects)('%s', (_, change, message) => {
    const error = refusal(built(change));
    expect(error.message).toMatch(message);
    expect(error.code).toBe('invalid-ir');
  });

  test('says which kernel and where', () => {
    const error = refusal(
      parse('kernel "axpy" stable file "src/axpy.ts" { %0: i32 = globalId x @3:5 %1: bool = neg %0 @4:7 return }'),
    );
    expect(error).toMatchObject({ kernel: 'axpy', place: { file: 'src/axpy.ts', line: 4, column: 7 } });
  });
});

describe('survives', () => {
  const value = (): Value => ({ type: 'bool' });
  const constant = (result: Value): Instruction => ({
    kind: 'op',
    op: 'constant',
    args: [],
    result,
    attribute: 0,
    reference: undefined,
  });
  const program = (body: Block): Program => ({
    name: 'k',
    mode: 'stable',
    workgroup: undefined,
    fuel: 1,
    params: [],
    locals: [],
    body,
  });
  const nothing: Block = { body: [], end: { kind: 'yield', values: [] } };

  test('blocks a hundred thousand deep', () => {
    const condition = value();
    let block = nothing;
    for (let i = 0; i < 100_000; i++)
      block = { body: [{ kind: 'if', condition, accept: block, reject: nothing, results: [] }], end: nothing.end };
    const deep = program({ body: [constant(condition), ...block.body], end: { kind: 'return' } });
    expect(refusal(deep).message).toMatch(/nest deeper than/);
  });
  test('a block that holds itself', () => {
    const condition = value();
    const body: Instruction[] = [];
    const block: Block = { body, end: nothing.end };
    body.push({ kind: 'if', condition, accept: block, reject: block, results: [] });
    const endless = program({ body: [constant(condition), ...body], end: { kind: 'return' } });
    expect(refusal(endless).message).toMatch(/nest deeper than/);
  });
  test('a block reached in 2^50 ways', () => {
    const condition = value();
    let block = nothing;
    for (let i = 0; i < 50; i++)
      block = { body: [{ kind: 'if', condition, accept: block, reject: block, results: [] }], end: nothing.end };
    const wide = program({ body: [constant(condition), ...block.body], end: { kind: 'return' } });
    expect(refusal(wide).message).toMatch(/more than 262144 instructions/);
  });
  test('a loop of many parameters that take turns, and long chains of values', () => {
    const b = new Builder({ name: 'k' });
    const inits = Array.from({ length: 2000 }, () => b.i32(0));
    b.loop(inits, [], (params) => {
      let sum = params[0]!;
      for (let i = 0; i < 20_000; i++) sum = b.op('add', sum, sum);
      b.if(b.op('lt', sum, params[1]!), () => b.break());
      return [...params.slice(1), sum];
    });
    expect(verify(b.finish()).facts.loops[0]!.fuel).toBe('invocation');
  });
  test('a condition of a million conditions', () => {
    const b = new Builder({ name: 'k' });
    b.loop([b.i32(0)], [], ([i]) => {
      let condition = b.op('lt', i!, b.i32(5));
      for (let n = 0; n < 40; n++) condition = b.op('and', condition, condition);
      b.if(
        condition,
        () => {},
        () => b.break(),
      );
      return [b.op('add', i!, b.i32(1))];
    });
    verify(b.finish());
  });
});

describe('copies', () => {
  test('the program, freezes the copy and leaves the original alone', () => {
    const program = randomProgram(7, { size: 60 }).program;
    const before = print(program);
    const verified = verify(program);
    expect(print(verified.program)).toBe(before);
    expect(Object.isFrozen(program.body.body)).toBe(false);
    expect(Object.isFrozen(verified.program.body.body)).toBe(true);
    expect(verified.program.body.body).not.toBe(program.body.body);
    expect(verified.program.params).toEqual(program.params);
    expect(verified.program.params[0]).toBe(program.params[0]);
  });
  test('loops are numbered in program order, outer before inner', () => {
    const { program } = verify(
      parse(withReturn('loop { loop { break } if %3 { break } continue } loop { if %3 { break } continue }')),
    );
    const ids: unknown[] = [];
    const visit = (block: Block) => {
      for (const it of block.body) {
        if (it.kind !== 'loop') continue;
        ids.push(it.verified);
        visit(it.body);
      }
    };
    visit(program.body);
    expect(ids).toEqual([
      { id: 0, fuel: 'invocation' },
      { id: 1, fuel: 'none' },
      { id: 2, fuel: 'invocation' },
    ]);
  });
  test('accepts its own result', () => {
    const verified = verify(randomProgram(11, { size: 60 }).program);
    expect(verify(verified.program).facts.loops.length).toBe(verified.facts.loops.length);
  });
});

describe('facts of buffers', () => {
  const facts = (lines: string, param: string): BufferFacts => {
    const found = verify(parse(kernel(lines))).facts.buffers.find((it) => it?.param.name === param);
    return found!;
  };
  test('nothing touched', () => {
    expect(facts('return', 'w')).toMatchObject({ read: false, written: false, stores: 'none', storesAlways: false });
  });
  test('its own element', () => {
    expect(facts('store w[%0], %2 return', 'w')).toMatchObject({ stores: 'own', storesAlways: true, written: true });
  });
  test('its own element by another type', () => {
    expect(facts('%9: u32 = convert %0 store w[%9], %2 return', 'w').stores).toBe('own');
  });
  test('not through a float', () => {
    const lines = '%9: f32 = convert %0 %10: i32 = convert %9 store w[%10], %2 return';
    expect(facts(lines, 'w').stores).toBe('any');
  });
  test('y before x, not x before y', () => {
    const store = (indices: string) => `%9: i32 = globalId y store m[${indices}], %0 return`;
    expect(facts(store('%9, %0'), 'm').stores).toBe('own');
    expect(facts(store('%0, %9'), 'm').stores).toBe('any');
  });
  test('its own store and a load of elsewhere', () => {
    expect(facts('store w[%0], %2 %9: f32 = load w[%1] return', 'w')).toMatchObject({ read: true, stores: 'any' });
  });
  test('atomics may meet', () => {
    expect(facts('%9: u32 = atomicAdd a[%0], %1 return', 'a')).toMatchObject({
      read: true,
      written: true,
      stores: 'any',
    });
    expect(facts('%9: u32 = atomicLoad a[%0] return', 'a')).toMatchObject({ read: true, stores: 'none' });
    expect(facts('atomicStore a[%0], %1 return', 'a')).toMatchObject({ read: false, written: true });
  });
  test.each([
    ['in one arm', 'if %3 { store w[%0], %2 } return', false],
    ['in both arms', 'if %3 { store w[%0], %2 } else { store w[%0], %2 } return', true],
    ['in the arm that goes on', 'if %3 { return } else { } store w[%0], %2 return', false],
    ['before the return', 'store w[%0], %2 if %3 { return } return', true],
    ['in the only arm that goes on', 'if %3 { store w[%0], %2 return } else { store w[%0], %2 } return', true],
    ['in a loop', 'loop { if %3 { break } store w[%0], %2 continue } return', false],
    ['before every return of a loop', 'loop { store w[%0], %2 if %3 { return } continue } unreachable', true],
  ])('surely stored, %s: %s', (_, lines, always) => {
    expect(facts(lines, 'w').storesAlways).toBe(always);
  });
});

describe('facts of the whole', () => {
  const facts = (lines: string) => verify(parse(withReturn(lines))).facts;
  test.each([
    ['', false],
    ['%9: i32 = dimension 0 r', false],
    ['%9: i32 = localId x', true],
    ['%9: i32 = numWorkgroups x', true],
    ['%9: bool = inGrid', true],
    ['barrier', true],
    ['store s[%0], %1', true],
    ['store t[%0], %2', false],
    ['%9: f32 = groupSum %2', true],
  ])('groupSensitive: %s', (lines, wanted) => {
    expect(facts(lines).groupSensitive).toBe(wanted);
  });
  test.each([
    ['%9: u32 = atomicAdd a[%0], %1', false],
    ['%9: u32 = atomicAdd a[%0], %1 %10: u32 = not %9', true],
    ['%9: u32 = atomicLoad a[%0] %8: u32 = if %3 { yield %9 } else { yield %1 }', true],
    ['%9: u32 = atomicAdd a[%0], %1 %8: u32 = loop { break %9 }', true],
    ['%9: f32 = load r[%0] store w[%0], %9', false],
  ])('orderDependent: %s', (lines, wanted) => {
    expect(facts(lines).orderDependent).toBe(wanted);
  });
  test.each([
    ['%1: u32 = add %0, %0', false],
    ['%1: f32 = convert %0', true],
    // a load flushes what is subnormal, in `exact`
    ['%1: vec2<f32> = load x[%0]', true],
    ['%1: f16 = constant 0', true],
  ])('usesFloat: %s', (line, wanted) => {
    const text = `kernel "k" stable param x: read vec2<f32> [*] { %0: u32 = constant 1 ${line} return }`;
    expect(verify(parse(text)).facts.usesFloat).toBe(wanted);
  });
  test.each([
    ['%9: i32 = globalId z', 3],
    ['%9: i32 = workgroupId y', 2],
    ['', 1],
  ])('gridRank: %s', (lines, wanted) => {
    expect(facts(lines).gridRank).toBe(wanted);
  });
  test('f16 and bytes', () => {
    expect(facts('')).toMatchObject({ usesF16: false, privateBytes: 16, workgroupBytes: 64 * 4 + 2 * 4 });
    expect(facts('%9: f16 = convert %2').usesF16).toBe(true);
    expect(verify(parse('kernel "k" stable private h: vec3<f16> [3] { return }')).facts).toMatchObject({
      usesF16: true,
      privateBytes: 20,
    });
  });
});
