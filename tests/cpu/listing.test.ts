import { expect, test } from 'vitest';
import { compileProgram } from '../../backends/cpu/compile.ts';
import { Code, encodeModule } from '../../backends/cpu/wasm/encoder.ts';
import { listModule, moduleText } from '../../backends/cpu/wasm/listing.ts';
import { verify } from '../../src/ir/verify.ts';
import { randomProgram } from '../support/random-program.ts';

test('a module as WebAssembly writes it: each kind of instruction', () => {
  const code = new Code(1);
  const sum = code.local('f32', 'sum');
  const [other, row] = [code.local('f32', 'sum'), code.local('v128')];
  const end = code.block();
  code.get(0).op('i32.eqz').brIf(end);
  const again = code.loop();
  code.get(0).memory('f32.load', 4).get(sum).op('f32.add').tee(sum).set(other);
  code
    .f32(0x3dcccccd)
    .f32(0x80000000)
    .f32(0x7f800000)
    .f32(0xff800000)
    .f32(0x7fc00001)
    .op('drop', 'drop', 'drop', 'drop', 'drop');
  code
    .i32(-1)
    .i32(-65)
    .i32(127)
    .i32(2 ** 31 - 1)
    .i32(-(2 ** 31))
    .i64(-3)
    .op('drop', 'drop', 'drop', 'drop', 'drop', 'drop');
  code.v128(1, -1, 0, 0x80000000).tee(row).get(row).shuffleWords(0, 4, 1, 5).set(row);
  code
    .get(0)
    .get(row)
    .laneMemory('v128.store32_lane', 3, 8)
    .get(0)
    .memory('v128.load')
    .lane('f32x4.extract_lane', 2)
    .set(sum);
  code.get(0).i32(0).i32(300).fill();
  code.get(0).memory('i32.atomic.load', 200).op('i32.trunc_sat_f32_u').op('drop');
  code.get(0).if('i32');
  code.i32(1).else().i32(2).end().op('drop').br(again).end().end();
  const bytes = encodeModule([{ parameters: ['i32'], results: [], body: code.finish(), exported: 'go' }], {
    maximum: 7,
    shared: true,
  });
  const text = moduleText(listModule(bytes), code.names)
    .map((line) => line.text)
    .join('\n');
  expect(text).toBe(`(module
  (import "env" "memory" (memory 0 7 shared))
  (func $go (export "go")
    (param $0 i32)
    (local $sum.1 f32)
    (local $sum.2 f32)
    (local $3 v128)
    block
      local.get $0
      i32.eqz
      br_if 0
      loop
        local.get $0
        f32.load offset=4
        local.get $sum.1
        f32.add
        local.tee $sum.1
        local.set $sum.2
        f32.const 0.10000000149011612
        f32.const -0
        f32.const inf
        f32.const -inf
        f32.const nan:0x400001
        drop
        drop
        drop
        drop
        drop
        i32.const -1
        i32.const -65
        i32.const 127
        i32.const 2147483647
        i32.const -2147483648
        i64.const -3
        drop
        drop
        drop
        drop
        drop
        drop
        v128.const i32x4 1 -1 0 -2147483648
        local.tee $3
        local.get $3
        i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23
        local.set $3
        local.get $0
        local.get $3
        v128.store32_lane offset=8 3
        local.get $0
        v128.load
        f32x4.extract_lane 2
        local.set $sum.1
        local.get $0
        i32.const 0
        i32.const 300
        memory.fill
        local.get $0
        i32.atomic.load offset=200
        i32.trunc_sat_f32_u
        drop
        local.get $0
        if (result i32)
          i32.const 1
        else
          i32.const 2
        end
        drop
        br 0
      end
    end
  )
)`);
});

test('what is emitted of random programs can be listed, and is properly nested', async () => {
  for (let seed = 0; seed < 20; seed++) {
    const { program, launch } = randomProgram(seed, { floats: 'all', f16: true, packedStores: true });
    const { module } = await compileProgram(verify(program), launch.workgroup, { maximum: 100, shared: false });
    const { instructions } = listModule(module).functions[0]!;
    let depth = 0;
    const wrong = instructions.filter(({ name, immediates }) => {
      if (['block', 'loop', 'if'].includes(name)) depth++;
      if (name === 'end') depth--;
      return depth < 0 || (name.startsWith('br') && Number(immediates[0]) > depth);
    });
    expect({ wrong, depth }).toEqual({ wrong: [], depth: 0 });
  }
});
