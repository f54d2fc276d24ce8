/**
 * Policies: how one of the devices that can take a job is chosen. Small parts that can be swapped; a policy never decides
 * whether a device may run a job, and never changes an answer.
 */

import { IsokernelError } from '../ir/error.ts';
import type { Candidate } from './placement.ts';

/** A way to choose among the devices that can take a job. */
export interface Policy {
  readonly name: string;
  /** One of the candidates, of which there is at least one and which all can take the job. */
  choose(candidates: readonly Candidate[]): Candidate;
}

/** The built-in policies: least predicted finish time (the default), inputs already there, in turns, at random. */
export type PolicyName = 'least-finish' | 'data-ready' | 'round-robin' | 'random';

/** Makes policies that keep state (whose turn it is) anew for each runtime. */
const makers: Record<PolicyName, () => Policy> = {
  'least-finish': () => ({ name: 'least-finish', choose: leastFinish }),
  'data-ready': () => ({ name: 'data-ready', choose: dataReady }),
  'round-robin': roundRobin,
  random: () => randomPolicy(1),
};

export function policyOf(policy: PolicyName | Policy): Policy {
  if (typeof policy === 'object' && policy !== null && typeof policy.choose === 'function') return policy;
  if (typeof policy === 'string' && Object.hasOwn(makers, policy)) return makers[policy]();
  throw new IsokernelError(
    'invalid-option',
    `there is no policy ${typeof policy === 'string' ? `"${policy}"` : typeof policy}`,
    {
      hint: `Use one of ${Object.keys(makers).join(', ')}, or an object with a name and choose(candidates).`,
    },
  );
}

function least(candidates: readonly Candidate[], measure: (candidate: Candidate) => number): Candidate {
  return candidates.reduce((best, one) => (measure(one) < measure(best) ? one : best));
}

/** The default: whichever has the result first. */
function leastFinish(candidates: readonly Candidate[]): Candidate {
  return least(candidates, (one) => one.finish);
}

/** Where the inputs are already; among equals, whichever has the result first. */
function dataReady(candidates: readonly Candidate[]): Candidate {
  const nearest = Math.min(...candidates.map((one) => one.transfer));
  return leastFinish(candidates.filter((one) => one.transfer <= nearest));
}

function roundRobin(): Policy {
  let turn = 0;
  return { name: 'round-robin', choose: (candidates) => candidates[turn++ % candidates.length]! };
}

/** Any device, from a seeded generator (a 32-bit linear congruential one): the same seed makes the same choices. */
export function randomPolicy(seed: number): Policy {
  let state = seed >>> 0;
  return {
    name: 'random',
    choose(candidates) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return candidates[Math.floor((state / 2 ** 32) * candidates.length)]!;
    },
  };
}
