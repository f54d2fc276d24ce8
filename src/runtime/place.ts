/** Between a task and the router: turns work into a request, and says which devices a launch may go to. */

import { summaryOf } from '../ir/error.ts';
import { defaultWorkgroup, type LaunchShape, type Verified } from '../ir/verified.ts';
import type { Policy } from '../router/policies.ts';
import { needsCertificate, type Request, type Router } from '../router/router.ts';
import { selectDevice } from '../router/select.ts';
import type { LaunchOptions, Warning } from './api.ts';
import type { Member } from './member.ts';
import type { Samples } from './samples.ts';
import type { Placed, Placer } from './task.ts';
import type { Placeable, Step } from './work.ts';

/** What placing needs of the runtime. */
export interface Fleet {
  readonly router: Router<Member>;
  /** The policy of that name, with its state; the runtime's own where none is given. */
  policy(named: LaunchOptions['policy']): Policy;
  readonly samples: Samples;
  /** All devices, lost ones too, once they are found. */
  found(): Promise<readonly Member[]>;
  /** Resolves when it is known which of the devices may run `exact` programs with floats. */
  certified(members: readonly Member[]): Promise<void>;
  /** Resolves when the rates of the devices are known, where there is a choice. */
  calibrated(): Promise<void>;
  warn(warning: Warning): void;
}

export class LaunchPlacer implements Placer {
  readonly #fleet: Fleet;
  /** The device that the launch names. */
  readonly #device: string | undefined;
  readonly #policy: Policy;
  /** Whether another device may take the job. */
  readonly movable: boolean;

  constructor(fleet: Fleet, { device, strict, policy }: LaunchOptions) {
    this.#fleet = fleet;
    this.#device = device;
    this.#policy = fleet.policy(policy);
    this.movable = strict !== true;
  }

  async place(work: Placeable, verified: readonly Verified[], excluded: ReadonlyMap<Member, string>): Promise<Placed> {
    const members = await this.#fleet.found();
    const named = this.#device === undefined ? undefined : selectDevice(members, this.#device);
    if (named !== undefined && !(excluded.has(named) && this.movable)) {
      try {
        named.checkThere();
        if (verified.some(needsCertificate)) await this.#fleet.certified([named]);
        return this.#decide(work, verified, members, [named], excluded, namedPolicy);
      } catch (error) {
        if (!this.movable || members.length === 1) throw error;
        this.fellBack(named, summaryOf(error));
      }
    }
    await this.#fleet.calibrated();
    if (verified.some(needsCertificate)) await this.#fleet.certified(members);
    const gone = members.flatMap((member) =>
      member.lost === undefined ? [] : [[member, `it is gone: ${member.lost}`] as const],
    );
    return this.#decide(work, verified, members, members, new Map([...excluded, ...gone]), this.#policy);
  }

  fellBack(from: Member, reason: string): void {
    this.#fleet.warn({ code: 'fall-back', message: `a job moves away from ${from.id}: ${reason}` });
  }

  #decide(
    work: Placeable,
    verified: readonly Verified[],
    members: readonly Member[],
    targets: readonly Member[],
    excluded: ReadonlyMap<Member, string>,
    policy: Policy,
  ): Placed {
    const { router, samples } = this.#fleet;
    const request = requestOf(work, verified, targets, excluded, policy);
    const decision = router.place(request, performance.now());
    return {
      decision,
      sample: (guards) => samples.take(work, verified, guards, decision.target, members),
      learn: (measured) => router.learn(request, decision, measured),
    };
  }
}

/** A device that was named has nobody to be compared with. */
const namedPolicy: Policy = { name: 'named', choose: ([only]) => only! };

function requestOf(
  work: Placeable,
  verified: readonly Verified[],
  targets: readonly Member[],
  excluded: ReadonlyMap<Member, string>,
  policy: Policy,
): Request<Member> {
  return {
    steps: work.steps.map((step, i) => ({ verified: verified[i]!, launch: launchShapeOf(step, verified[i]!) })),
    inputs: work.operands.flatMap(({ input }) =>
      input === undefined || input.zeros
        ? []
        : [{ bytes: input.bytes, onHost: input.host !== undefined, holders: input.members }],
    ),
    memories: work.operands.map(({ bytes }) => bytes),
    results: work.results.reduce((sum, { operand }) => sum + work.operands[operand]!.bytes, 0),
    policy,
    targets,
    named: policy === namedPolicy,
    excluded,
  };
}

/** Steps of a graph are the same objects at every run, so what is known of them is found by identity. */
const launchShapes = new WeakMap<Step, LaunchShape>();

export function launchShapeOf(step: Step, { program }: Verified): LaunchShape {
  let shape = launchShapes.get(step);
  if (shape === undefined) {
    let buffer = 0;
    let scalar = 0;
    const args = program.params.map((param) =>
      param.kind === 'buffer' ? step.buffers[buffer++]!.shape : step.scalars[scalar++]!,
    );
    launchShapes.set(step, (shape = { args, grid: step.grid, workgroup: program.workgroup ?? defaultWorkgroup }));
  }
  return shape;
}
