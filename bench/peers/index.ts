/**
 * The peers of the benchmark by name: other libraries on the CPU, plain JavaScript, and the limit in C; on GPUs,
 * hand-written WGSL (../raw-wgsl.ts, which needs the runtime's own devices and so is not here).
 */

import { messageOf } from '../../src/index.ts';
import type { Peer } from '../run.ts';
import { gpuJs } from './gpu-js.ts';
import { jaxJs } from './jax-js.ts';
import { nativePeers } from './native.ts';
import { ortWeb } from './ort-web.ts';
import { plainJs } from './plain-js.ts';
import { tfjs } from './tfjs.ts';

/** Each starts the peers of a family on so many threads. Throws where they are not installed or do not run. */
const families: readonly { readonly names: readonly string[]; start(threads: number): Promise<readonly Peer[]> }[] = [
  { names: ['plain-js'], start: async () => [plainJs] },
  { names: ['gpu.js-webasm'], start: async (threads) => [await gpuJs(threads)] },
  { names: ['tfjs-wasm'], start: async () => [await tfjs()] },
  { names: ['jax-js-wasm'], start: async () => [await jaxJs()] },
  { names: ['ort-web-wasm'], start: async (threads) => [await ortWeb(threads)] },
  { names: ['c-plain', 'c-simd8', 'openblas'], start: nativePeers },
];
export const peerNames: readonly string[] = families.flatMap(({ names }) => names);

/** Told of a peer that does not run here, and why. */
export type Missing = (name: string, reason: string) => void;

/** The peers of these names that run here. Of a family that is only partly here, the absent members are missing. */
export async function startPeers(names: readonly string[], threads: number, missing: Missing): Promise<Peer[]> {
  const started: Peer[] = [];
  for (const family of families) {
    const wanted = family.names.filter((name) => names.includes(name));
    if (wanted.length === 0) continue;
    let peers: readonly Peer[] = [];
    let reason = 'its compiler or library is not installed';
    try {
      peers = await family.start(threads);
    } catch (error) {
      reason = messageOf(error);
    }
    for (const name of wanted) {
      const peer = peers.find(({ impl }) => impl === name);
      if (peer === undefined) missing(name, reason);
      else started.push(peer);
    }
  }
  return started;
}
