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
  /** All devices, lost ones too; undefined until they are found. */
  readonly members: readonly Member[] | undefined;
  found(): Promise<readonly Member[]>;
  /** Resolves when it is known which of the devices may run `exact` programs with floats. */
  certified(members: readonly Member[]): Promise<void>;
  /** Resolves when the rates of the devices are known, where there is a choice; undefined where they are. */
  calibrate(): Promise<void> | undefined;
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

  place(
    work: Placeable,
    verified: readonly Verified[],
    excluded: ReadonlyMap<Member, string>,
  ): Placed | Promise<Placed> {
    const { members } = this.#fleet;
    if (members === undefined || verified.some(needsCertificate)) return this.#placeLater(work, verified, excluded);
    const named = this.#named(members, excluded);
    return named === undefined
      ? this.#placeAmong(members, work, verified, excluded)
      : this.#placeOn(named, members, work, verified, excluded);
  }
  /** Once it is known which devices there are, and which may run the programs. */
  async #placeLater(
    work: Placeable,
    verified: readonly Verified[],
    excluded: ReadonlyMap<Member, string>,
  ): Promise<Placed> {
    const members = await this.#fleet.found();
    const named = this.#named(members, excluded);
    if (named === undefined) return this.#placeAmong(members, work, verified, excluded);
    if (named.lost === undefined && verified.some(needsCertificate)) await this.#fleet.certified([named]);
    return this.#placeOn(named, members, work, verified, excluded);
  }
  /** The device that the launch insists on. */
  #named(members: readonly Member[], excluded: ReadonlyMap<Member, string>): Member | undefined {
    const named = this.#device === undefined ? undefined : selectDevice(members, this.#device);
    return named !== undefined && excluded.has(named) && this.movable ? undefined : named;
  }
  #placeOn(
    named: Member,
    members: readonly Member[],
    work: Placeable,
    verified: readonly Verified[],
    excluded: ReadonlyMap<Member, string>,
  ): Placed | Promise<Placed> {
    try {
      named.checkThere();
      return this.#decide(work, verified, members, [named], excluded, namedPolicy);
    } catch (error) {
      if (!this.movable || members.length === 1) throw error;
      this.fellBack(named, summaryOf(error));
      return this.#placeAmong(members, work, verified, excluded);
    }
  }
  #placeAmong(
    members: readonly Member[],
    work: Placeable,
    verified: readonly Verified[],
    excluded: ReadonlyMap<Member, string>,
  ): Placed | Promise<Placed> {
    const calibrating = this.#fleet.calibrate();
    if (calibrating === undefined && !verified.some(needsCertificate))
      return this.#decide(work, verified, members, members, withGone(members, excluded), this.#policy);
    return (async () => {
      await calibrating;
      if (verified.some(needsCertificate)) await this.#fleet.certified(members);
      return this.#decide(work, verified, members, members, withGone(members, excluded), this.#policy);
    })();
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

function withGone(members: readonly Member[], excluded: ReadonlyMap<Member, string>): ReadonlyMap<Member, string> {
  const gone = members.filter(({ lost }) => lost !== undefined);
  if (gone.length === 0) return excluded;
  return new Map([...excluded, ...gone.map((member) => [member, `it is gone: ${member.lost}`] as const)]);
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
    steps: launchesOf(work.steps, verified),
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

/** Work that comes again comes with the same steps, so what is known of them is found by identity. */
const launches = new WeakMap<readonly Step[], Request<Member>['steps']>();
const shapes = new WeakMap<Step, LaunchShape>();

function launchesOf(steps: readonly Step[], verified: readonly Verified[]): Request<Member>['steps'] {
  let found = launches.get(steps);
  if (found === undefined) {
    found = steps.map((step, i) => ({ verified: verified[i]!, launch: launchShapeOf(step, verified[i]!) }));
    launches.set(steps, found);
  }
  return found;
}
export function launchShapeOf(step: Step, { program }: Verified): LaunchShape {
  let shape = shapes.get(step);
  if (shape === undefined) {
    let buffer = 0;
    let scalar = 0;
    const args = program.params.map((param) =>
      param.kind === 'buffer' ? step.buffers[buffer++]!.shape : step.scalars[scalar++]!,
    );
    shapes.set(step, (shape = { args, grid: step.grid, workgroup: program.workgroup ?? defaultWorkgroup }));
  }
  return shape;
}
