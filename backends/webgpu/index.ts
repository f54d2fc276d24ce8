/** The WebGPU backend: a program becomes WGSL (shader.ts), and runs on Dawn in Node and on navigator.gpu in a browser. */

import type { Backend } from '../../src/device/contract.ts';
import { discover } from './discover.ts';

export { placedWgsl, shaderOf, workgroupFor } from './shader.ts';
export type { Shader } from './wgsl.ts';

export const backend: Backend = { name: 'webgpu', discover };
