/**
 * The router: which device takes a job, and why.
 *
 * `finish = max(the device is free, the inputs have arrived) + run`, then what the host wants back. What can be known of a kernel and launch alone
 * is computed once and kept, so a decision is a few additions per device.
 */

import type { Certificate } from '../device/certify/certificate.ts';
import type { Rates } from '../device/contract.ts';
import { IsokernelError, messageOf } from '../ir/error.ts';
import type { LaunchShape, Verified } from '../ir/verified.ts';
import { type Cost, costOf, workTime } from './estimate.ts';
import { Model } from './model.ts';
import type { Candidate, Placement } from './placement.ts';
import type { Policy } from './policies.ts';
import type { Target } from './target.ts';

/** A job as the router sees it. */
export interface Request<T extends Target> {
  readonly steps: readonly { readonly verified: Verified; readonly launch: LaunchShape }[];
  readonly inputs: readonly Input<T>[];
  /** Bytes of each memory it needs, largest single one included. */
  readonly memories: readonly number[];
  /** Bytes the host wants back. */
  readonly results: number;
  readonly policy: Policy;
  readonly targets: readonly T[];
  /** There is one target, and the launch named it. */
  readonly named: boolean;
  /** Why some of them are out already. */
  readonly excluded: ReadonlyMap<T, string>;
}
export interface Input<T> {
  readonly bytes: number;
  readonly onHost: boolean;
  /** Devices that have it. */
  readonly holders: Iterable<T>;
}

export interface Decision<T extends Target> {
  readonly target: T;
  readonly placement: Placement;
  /** Estimated time of the work, without launching and without correction: what `learn` compares with. */
  readonly work: number;
}

/** What is kept about one kernel at one launch. */
interface Launch {
  readonly cost: Cost;
  readonly ineligible: WeakMap<Target, string | false>;
}
/** What is kept about the steps of a job. */
interface Known {
  readonly launches: readonly Launch[];
  readonly forecasts: WeakMap<Target, Forecast>;
}
/** About a device, as of these rates and these lessons. */
interface Forecast {
  readonly rates: Rates;
  readonly lessons: number;
  /** Milliseconds of the work by estimate, and corrected. */
  readonly estimated: number;
  readonly corrected: number;
}
/** Launches kept per kernel; beyond, they start anew. */
const launchesKept = 64;

export class Router<T extends Target> {
  readonly #launches = new WeakMap<Verified, Map<string, Launch>>();
  /** The same by identity: work that comes again comes with the same shapes. */
  readonly #seen = new WeakMap<LaunchShape, Launch>();
  /** By identity too: work that comes again comes with the same list of steps. */
  readonly #known = new WeakMap<Request<T>['steps'], Known>();
  readonly #model = new Model();

  /** Throws `no-device`, `out-of-memory` or `ineligible` where no device can take the job. `now` in milliseconds. */
  place(request: Request<T>, now: number): Decision<T> {
    const known = this.#knownOf(request.steps);
    const candidates = request.targets.map((target) => this.#candidate(request, known, target, now));
    const open = candidates.filter((candidate) => candidate.ineligible === undefined);
    // what only pretends to compute, or computes slowly on purpose, is taken when named or when there is nothing else
    const real = open.filter((candidate) => kindOf(request.targets, candidate) !== 'virtual');
    const eligible = real.length > 0 ? real : open;
    if (eligible.length === 0) throw nowhere(request, candidates);
    const chosen = eligible.length === 1 ? eligible[0]! : choose(request.policy, eligible);
    const target = request.targets.find(({ id }) => id === chosen.device)!;
    const placement = { device: chosen.device, policy: request.policy.name, candidates, predicted: chosen.run };
    return { target, placement, work: this.#forecast(request.steps, known, target).estimated };
  }

  /** Takes a measured run time of a job that was placed. */
  learn(request: Request<T>, { target, work }: Decision<T>, measured: number): void {
    const [only, ...more] = request.steps;
    // the time of several kernels together says nothing of each
    if (only !== undefined && more.length === 0)
      this.#model.learn(only.verified, target, work, 1000 * target.rates.launch, measured);
  }

  #candidate(request: Request<T>, known: Known, target: T, now: number): Candidate {
    const { rates } = target;
    const ineligible = this.#ineligible(request, known.launches, target);
    let arriving = 0;
    for (const input of request.inputs) arriving += transferTime(input, target);
    const wait = target.load.wait(now);
    const leaving = (1000 * request.results) / rates.readback;
    const run = 1000 * rates.launch + this.#forecast(request.steps, known, target).corrected;
    return {
      device: target.id,
      wait,
      transfer: arriving + leaving,
      run,
      finish: Math.max(wait, arriving) + run + leaving,
      ineligible,
    };
  }

  #ineligible(request: Request<T>, launches: readonly Launch[], target: T): string | undefined {
    const excluded = request.excluded.get(target);
    if (excluded !== undefined) return excluded;
    const { limits } = target.device.capabilities;
    let total = 0;
    for (const bytes of request.memories) {
      if (bytes > limits.buffer) return `${outOfMemory}: a buffer of ${bytes} bytes, and ${limits.buffer} is the most`;
      total += bytes;
    }
    const budget = Math.min(limits.memory, target.device.memory.budget);
    if (total > budget) return `${outOfMemory}: it needs ${total} bytes at once, and has ${budget}`;
    for (const [i, { verified, launch }] of request.steps.entries()) {
      // not kept: a device may lose its certificate
      const uncertified = needsCertificate(verified) && lackOf(target.certificate, verified);
      if (uncertified) return `exact: ${uncertified}`;
      const known = launches[i]!.ineligible;
      let reason = known.get(target);
      if (reason === undefined) known.set(target, (reason = target.device.ineligible(verified, launch) ?? false));
      if (reason !== false) return reason;
    }
    return undefined;
  }

  #forecast(steps: Request<T>['steps'], { launches, forecasts }: Known, target: T): Forecast {
    const { rates } = target;
    const { lessons } = this.#model;
    let kept = forecasts.get(target);
    if (kept === undefined || kept.rates !== rates || kept.lessons !== lessons) {
      let estimated = 0;
      let corrected = 0;
      for (const [i, { cost }] of launches.entries()) {
        const work = workTime(cost, rates);
        estimated += work;
        corrected += work * this.#model.correction(steps[i]!.verified, target, work);
      }
      forecasts.set(target, (kept = { rates, lessons, estimated, corrected }));
    }
    return kept;
  }

  #knownOf(steps: Request<T>['steps']): Known {
    let known = this.#known.get(steps);
    if (known === undefined) {
      const launches = steps.map(({ verified, launch }) => this.#launchOf(verified, launch));
      this.#known.set(steps, (known = { launches, forecasts: new WeakMap() }));
    }
    return known;
  }
  #launchOf(verified: Verified, launch: LaunchShape): Launch {
    let kept = this.#seen.get(launch);
    if (kept !== undefined) return kept;
    let launches = this.#launches.get(verified);
    if (launches === undefined) this.#launches.set(verified, (launches = new Map()));
    const key = `${launch.grid.join()}/${launch.args.join('/')}`;
    kept = launches.get(key);
    if (kept === undefined) {
      if (launches.size >= launchesKept) launches.clear();
      launches.set(key, (kept = { cost: costOf(verified, launch), ineligible: new WeakMap() }));
    }
    this.#seen.set(launch, kept);
    return kept;
  }
}

/** Why a certificate is not enough for the program; undefined where it is. */
function lackOf(certificate: Certificate, { facts }: Verified): string | undefined {
  if (!certificate.exact) return certificate.reason;
  return facts.usesF16 && !certificate.numeric.halves ? 'it does not round to f16 as IEEE 754 says' : undefined;
}

/** Whether only a certified device may run the program. */
export function needsCertificate({ program, facts }: Verified): boolean {
  return program.mode === 'exact' && facts.usesFloat;
}

/** What the policy chooses, if that is one of the candidates. */
function choose(policy: Policy, candidates: readonly Candidate[]): Candidate {
  let chosen: Candidate | undefined;
  let cause: unknown;
  try {
    const answer: Candidate | undefined = policy.choose([...candidates]);
    chosen = candidates.find(({ device }) => device === answer?.device);
  } catch (thrown) {
    cause = thrown;
  }
  if (chosen !== undefined) return chosen;
  const failure = cause === undefined ? 'chose no candidate' : `failed: ${messageOf(cause)}`;
  throw new IsokernelError('invalid-option', `the policy ${policy.name} ${failure}`, {
    hint: 'choose(candidates) must return one of its candidates.',
    cause,
  });
}

const outOfMemory = 'not enough memory';

function transferTime<T extends Target>({ bytes, onHost, holders }: Input<T>, target: T): number {
  let fetch = onHost ? 0 : Number.POSITIVE_INFINITY;
  for (const holder of holders) {
    if (holder === target) return 0;
    fetch = Math.min(fetch, bytes / holder.rates.readback);
  }
  // what has no replica yet will be wherever its job runs: nothing is known, so nothing is charged
  return fetch === Number.POSITIVE_INFINITY ? 0 : 1000 * (fetch + bytes / target.rates.upload);
}

function kindOf(targets: readonly Target[], candidate: Candidate) {
  return targets.find(({ id }) => id === candidate.device)!.device.capabilities.kind;
}

function nowhere<T extends Target>({ targets, named }: Request<T>, candidates: readonly Candidate[]): IsokernelError {
  if (targets.length === 0) {
    return new IsokernelError('no-device', 'there is no device to run on', {
      hint: 'Open a runtime with other backends or devices; Runtime.unavailable says which could not start, and what they need.',
    });
  }
  const reasons = candidates.map(({ device, ineligible }) => `${device}: ${ineligible}`).join('; ');
  const short = candidates.every(({ ineligible }) => ineligible!.startsWith(outOfMemory));
  return short
    ? new IsokernelError('out-of-memory', `no device has the memory for this job (${reasons})`, {
        hint: 'Free buffers, raise the memory option, or work in parts.',
      })
    : new IsokernelError(named ? 'ineligible' : 'no-device', `no device can run this job (${reasons})`, {
        hint: 'Change what the reasons name, or open a runtime with other devices.',
      });
}
