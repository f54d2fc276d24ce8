/**
 * What the verifier accepts, a WGSL compiler must accept: programs are written as WGSL by the WebGPU backend and given to
 * Tint. Above all its uniformity analysis must find no barrier that the verifier let stand where it may not.
 */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { shaderOf } from '../../backends/webgpu/index.ts';
import { defaultWorkgroup, IsokernelError, type Program, print, type Verified, verify } from '../../src/ir/index.ts';
import { describeAdapters } from '../support/adapters.ts';
import { randomFlow } from '../support/random-flow.ts';
import { randomProgram } from '../support/random-program.ts';

describeAdapters('Tint accepts', ({ name }) => {
  let device: GPUDevice;
  let gpu: GPU;
  beforeAll(async () => {
    const { create } = await import('webgpu');
    gpu = create([`adapter=${name}`]);
    const adapter = await gpu.requestAdapter();
    const f16 = adapter!.features.has('shader-f16');
    device = await adapter!.requestDevice({ requiredFeatures: f16 ? ['shader-f16'] : [] });
  });
  afterAll(() => device.destroy());

  async function errors(code: string): Promise<string[]> {
    device.pushErrorScope('validation');
    const info = await device.createShaderModule({ code }).getCompilationInfo();
    await device.popErrorScope();
    return info.messages
      .filter(({ type }) => type === 'error')
      .map(({ message, lineNum }) => `${message}\n${code.split('\n')[lineNum - 1]}`);
  }
  /** What Tint says against the program; it must be nothing. */
  async function objections(verified: Verified): Promise<string[]> {
    const { code } = shaderOf(verified, verified.program.workgroup ?? defaultWorkgroup);
    return (await errors(code)).map((error) => `${error}\n${print(verified.program)}`);
  }
  function accepted(program: Program): Verified | undefined {
    try {
      return verify(program);
    } catch (error) {
      if (error instanceof IsokernelError && error.code === 'barrier-in-divergent-flow') return undefined;
      throw error;
    }
  }

  test('not this: its analysis is on', async () => {
    const barrier = (condition: string) =>
      `@compute @workgroup_size(64) fn main(@builtin(local_invocation_index) i: u32) { if ${condition} { workgroupBarrier(); } }`;
    expect(await errors(barrier('true'))).toEqual([]);
    expect((await errors(barrier('i > 3'))).join()).toMatch(/uniform/);
  });

  test('random control flow, where the verifier does', async () => {
    let refused = 0;
    const found: string[] = [];
    let given = 0;
    for (let seed = 0; seed < 700; seed++) {
      const verified = accepted(randomFlow(seed));
      if (verified === undefined) refused++;
      else if (verified.facts.hasBarrier) {
        given++;
        found.push(...(await objections(verified)));
      }
    }
    expect(found.slice(0, 3)).toEqual([]);
    expect(given).toBeGreaterThan(100);
    expect(refused).toBeGreaterThan(100);
  });

  test('random programs', async () => {
    const f16 = device.features.has('shader-f16');
    const found: string[] = [];
    for (let seed = 0; seed < 40; seed++) {
      const { program } = randomProgram(seed, { floats: 'all', f16, packedStores: true, size: 40 });
      found.push(...(await objections(verify(program))));
    }
    expect(found.slice(0, 3)).toEqual([]);
  });
});
