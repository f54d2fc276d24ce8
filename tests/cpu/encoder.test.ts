/** The assembler against the engine that must accept what it writes. */

import { expect, it } from 'vitest';
import { wasm } from '../../backends/cpu/platform.ts';
import { Bytes, Code, encodeModule, type FunctionDefinition } from '../../backends/cpu/wasm/encoder.ts';
import { memory, plain, type WasmType } from '../../backends/cpu/wasm/opcodes.ts';

const imported = { maximum: 4, shared: true };
function load(...functions: FunctionDefinition[]) {
  const module = new wasm!.Module(encodeModule(functions, imported));
  const env = { memory: new wasm!.Memory({ initial: 1, maximum: 4, shared: true }) };
  return { exports: new wasm!.Instance(module, { env }).exports, view: new DataView(env.memory.buffer) };
}
const constant = (write: (code: Code) => void, result: 'i32' | 'f32'): FunctionDefinition => {
  const code = new Code(0);
  write(code);
  return { parameters: [], results: [result], body: code.finish(), exported: 'f' };
};

it('writes LEB128 in the shortest form', () => {
  const written = (write: (bytes: Bytes) => void) => {
    const bytes = new Bytes();
    write(bytes);
    return [...bytes.view()];
  };
  expect(written((b) => b.unsigned(0))).toEqual([0]);
  expect(written((b) => b.unsigned(127))).toEqual([0x7f]);
  expect(written((b) => b.unsigned(128))).toEqual([0x80, 0x01]);
  expect(written((b) => b.unsigned(0xffffffff))).toEqual([0xff, 0xff, 0xff, 0xff, 0x0f]);
  expect(written((b) => b.signed(-1))).toEqual([0x7f]);
  expect(written((b) => b.signed(63))).toEqual([0x3f]);
  expect(written((b) => b.signed(64))).toEqual([0xc0, 0x00]);
  expect(written((b) => b.signed(-64))).toEqual([0x40]);
  expect(written((b) => b.signed(-65))).toEqual([0xbf, 0x7f]);
});

it.each([0, 1, -1, 63, 64, -64, -65, 8191, 8192, 2 ** 31 - 1, -(2 ** 31), 0x12345678])('i32 constant %i', (value) => {
  expect(load(constant((code) => code.i32(value), 'i32')).exports['f']!()).toBe(value);
});
it.each([0, -0, 1.5, -(2 ** -149), Number.POSITIVE_INFINITY, Number.NaN])('f32 constant %d', (value) => {
  const bits = new Uint32Array(new Float32Array([value]).buffer)[0]!;
  expect(load(constant((code) => code.f32(bits), 'f32')).exports['f']!()).toBe(value);
});

// What each instruction pops and pushes follows from its name; the engine validates opcode and types.
const isSimd = (name: string) => /^(v128|i\d+x|f\d+x)/.test(name);
it.each((Object.keys(plain) as (keyof typeof plain)[]).filter((name) => !isSimd(name)))(
  '%s is the instruction of that name',
  (name) => {
    if (!name.includes('.')) return expect(['unreachable', 'return', 'drop', 'select']).toContain(name);
    const [type, what] = name.split('.') as ['i32' | 'i64' | 'f32', string];
    const source = /_(i32|i64|f32)/.exec(what)?.[1] as typeof type | undefined;
    const unary =
      source !== undefined ||
      ['eqz', 'clz', 'ctz', 'popcnt', 'abs', 'neg', 'ceil', 'floor', 'trunc', 'nearest', 'sqrt'].includes(what);
    const compares = /^(eqz?|ne|[lg][te](_[su])?)$/.test(what);
    const operand = source ?? type;
    const code = new Code(2);
    code.get(0);
    if (!unary) code.get(1);
    code.op(name);
    const definition = {
      parameters: [operand, operand],
      results: [compares ? 'i32' : type],
      body: code.finish(),
    } as const;
    expect(() => load(definition)).not.toThrow();
    const wrong = {
      ...definition,
      parameters: operand === 'f32' ? (['i32', 'i32'] as const) : (['f32', 'f32'] as const),
    };
    expect(() => load(wrong)).toThrow();
  },
);

// relaxed ones are behind a flag on some engines: relaxed.test.ts runs them
it.each((Object.keys(plain) as (keyof typeof plain)[]).filter((name) => isSimd(name) && !name.includes('relaxed')))(
  '%s is the vector instruction of that name',
  (name) => {
    const [shape, what] = name.split('.') as [string, string];
    const unary =
      /^(not|popcnt|abs|neg|ceil|floor|trunc|nearest|sqrt|any_true|all_true|extadd.*|extend_low.*|convert.*|trunc_sat.*)$/.test(
        what,
      );
    let operands: WasmType[] = unary ? ['v128'] : ['v128', 'v128'];
    if (what === 'splat') operands = [shape.startsWith('f32') ? 'f32' : 'i32'];
    if (/^sh[lr]/.test(what)) operands = ['v128', 'i32'];
    if (what === 'bitselect') operands = ['v128', 'v128', 'v128'];
    const of = (types: readonly WasmType[], result: WasmType): FunctionDefinition => {
      const code = new Code(0);
      for (const type of types) code.get(code.local(type));
      return { parameters: [], results: [result], body: code.op(name).finish() };
    };
    const result = what.endsWith('_true') ? 'i32' : 'v128';
    expect(() => load(of(operands, result))).not.toThrow();
    expect(() => load(of(operands, result === 'i32' ? 'v128' : 'i32'))).toThrow();
    const wrong = operands.map((type) => (type === 'v128' ? 'i32' : 'v128'));
    expect(() => load(of(wrong, result))).toThrow();
  },
);

const isVectorAccess = (name: string) => name.startsWith('v128');
it('vectors are loaded, shuffled and stored, whole and lane by lane', () => {
  const code = new Code(0);
  code
    .i32(64)
    .i32(32)
    .memory('v128.load', 0)
    .v128(10, 11, -1, 0x80000000)
    .shuffleWords(3, 7, 4, 0)
    .memory('v128.store');
  code
    .i32(80)
    .i32(36)
    .i32(32)
    .memory('v128.load32_zero', 4)
    .laneMemory('v128.load32_lane', 2, 8)
    .memory('v128.store', 0);
  code.i32(92).v128(1, 2, 3, 4).laneMemory('v128.store32_lane', 1, 4);
  code.i32(100).v128(1, 2, 3, 4).i32(9).lane('i32x4.replace_lane', 3).lane('i32x4.extract_lane', 3).memory('i32.store');
  code.i32(104).v128(0, 0, 0, 0).f32(0x40490fdb).lane('f32x4.replace_lane', 1).lane('f32x4.extract_lane', 1);
  code.memory('f32.store');
  const { exports, view } = load({ parameters: [], results: [], body: code.finish(), exported: 'f' });
  for (let i = 0; i < 4; i++) view.setInt32(32 + 4 * i, 100 + i, true);
  exports['f']!();
  const words = (at: number, count: number) => Array.from({ length: count }, (_, i) => view.getInt32(at + 4 * i, true));
  expect(words(64, 4)).toEqual([103, -(2 ** 31), 10, 100]);
  expect(words(80, 4)).toEqual([101, 0, 103, 0]);
  expect(words(96, 3)).toEqual([2, 9, 0x40490fdb]);
});

it.each((Object.keys(memory) as (keyof typeof memory)[]).filter((name) => !isVectorAccess(name)))(
  '%s reaches the address plus the offset',
  (name) => {
    const code = new Code(0);
    const stores = !name.includes('load');
    code.i32(16);
    if (stores) {
      if (name.endsWith('cmpxchg')) code.i32(7);
      if (name.startsWith('f32')) code.f32(0x3f800000);
      else code.i32(5);
    }
    code.memory(name, 8);
    if (name.startsWith('f32') && !stores) code.op('i32.trunc_sat_f32_s');
    if (name.includes('store')) code.i32(0);
    const { exports, view } = load({ parameters: [], results: ['i32'], body: code.finish(), exported: 'f' });
    if (name === 'f32.load') view.setFloat32(24, 7, true);
    else view.setInt32(24, 7, true);
    const result = exports['f']!();
    if (name.includes('store'))
      expect(name === 'f32.store' ? view.getFloat32(24, true) : view.getInt32(24, true)).toBe(
        name === 'f32.store' ? 1 : 5,
      );
    else expect(result).toBe(7);
    const after: Partial<Record<typeof name, number>> = {
      'i32.atomic.rmw.add': 12,
      'i32.atomic.rmw.sub': 2,
      'i32.atomic.rmw.and': 5,
      'i32.atomic.rmw.or': 7,
      'i32.atomic.rmw.xor': 2,
      'i32.atomic.rmw.xchg': 5,
      'i32.atomic.rmw.cmpxchg': 5,
    };
    if (after[name] !== undefined) expect(view.getInt32(24, true)).toBe(after[name]);
  },
);

it('branches by label, whatever the nesting', () => {
  // sums 1 to n, leaving a block from inside an if inside a loop
  const code = new Code(1);
  const sum = code.local('i32');
  const leave = code.block();
  const again = code.loop();
  code.get(0).op('i32.eqz').if();
  code.br(leave).end();
  code.get(sum).get(0).op('i32.add').set(sum).get(0).i32(1).op('i32.sub').set(0).br(again).end().end().get(sum);
  const { exports } = load({ parameters: ['i32'], results: ['i32'], body: code.finish(), exported: 'f' });
  expect(exports['f']!(100)).toBe(5050);
});
