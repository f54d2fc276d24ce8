/**
 * Bounds of loops: how often each can run, as a function of what is known at launch.
 *
 * A loop is bounded where one of its integer parameters goes the same way in every iteration and, wherever an iteration
 * continues, a comparison is known that ends this way:
 *  - it grows by a step of at least 1 and was seen to be below a limit, or falls and was seen to be above one;
 *  - it is multiplied by 2 or more and was seen to be below a limit, or divided and was seen to be above 0.
 * The comparison may be on the parameter or on its next value (as in `do … while`), and neither limit nor step need be
 * the same in all iterations: only their ranges count. No step may wrap, whatever the launch; a loop where one could has
 * no bound, like one whose start or end depends on what memory holds, which only its type would bound. Such loops carry fuel.
 *
 * Expects a well-formed program.
 */

import { type Comparison, impliedBy } from './conditions.ts';
import { rowOf } from './ops.ts';
import type { Block, If, Loop, Program, Value } from './program.ts';
import { type Induction, type Origin, originsOf, type Range, Ranges, sourceOf, wholeRange } from './ranges.ts';
import { isInteger, type ScalarType } from './types.ts';
import type { LoopFacts } from './verified.ts';

/** By loop, in program order. */
export function loopFacts(program: Program): readonly LoopFacts[] {
  const origins = originsOf(program);
  const inductions = new Map<Value, Induction>();
  const ranges = new Ranges(program, origins, inductions);
  const endless = Ranges.endless(program, origins, inductions);
  return surveyLoops(program, origins).map(({ loop, continues, hasBarrier }): LoopFacts => {
    const bounds: Bound[] = [];
    loop.params.forEach((param, index) => {
      const induction = recognise(param, loop.inits[index]!, index, continues, origins, ranges);
      if (induction === undefined) return;
      inductions.set(param, induction.range);
      ranges.forget(param);
      endless.forget(param);
      if (induction.continues(endless) < Number.POSITIVE_INFINITY) bounds.push(induction.continues);
    });
    if (continues.length === 0) bounds.push(() => 0);
    const bounded = bounds.length > 0;
    return {
      fuel: bounded ? 'none' : hasBarrier ? 'workgroup' : 'invocation',
      hasBarrier,
      place: loop.place,
      bound: bounded
        ? (launch) => {
            const launched = new Ranges(program, origins, inductions, launch);
            return 1 + Math.min(...bounds.map((bound) => bound(launched)));
          }
        : undefined,
    };
  });
}

// ---- what a loop does with its parameters ----

interface Survey {
  readonly loop: Loop;
  readonly continues: Continue[];
  hasBarrier: boolean;
}
/** A `continue`: the next values of the parameters, and what is known of the present ones, the last first. */
interface Continue {
  readonly values: readonly Value[];
  readonly known: Known | undefined;
}
interface Known {
  readonly comparison: Comparison;
  readonly previous: Known | undefined;
}

/** Comparisons looked at for each parameter and `continue`, so that a hostile loop costs little. */
const maxKnown = 16;

function surveyLoops(program: Program, origins: ReadonlyMap<Value, Origin>): Survey[] {
  const surveys: Survey[] = [];
  /** Returns whether the block holds a barrier or collective. */
  const walk = ({ body, end }: Block, survey: Survey | undefined, known: Known | undefined): boolean => {
    let meets = false;
    for (const instruction of body) {
      switch (instruction.kind) {
        case 'op': {
          const { form } = rowOf(instruction.op);
          meets ||= form === 'barrier' || form === 'collective';
          break;
        }
        case 'if': {
          const accepted = learn(instruction, true, survey, known);
          const rejected = learn(instruction, false, survey, known);
          const arms = [walk(instruction.accept, survey, accepted), walk(instruction.reject, survey, rejected)];
          meets ||= arms.some((arm) => arm);
          // where only one arm comes here, its condition still holds
          if (instruction.reject.end.kind !== 'yield') known = accepted;
          else if (instruction.accept.end.kind !== 'yield') known = rejected;
          break;
        }
        case 'loop': {
          const inner: Survey = { loop: instruction, continues: [], hasBarrier: false };
          surveys.push(inner);
          inner.hasBarrier = walk(instruction.body, inner, undefined);
          meets ||= inner.hasBarrier;
        }
      }
    }
    if (end.kind === 'continue') survey!.continues.push({ values: end.values, known });
    return meets;
  };
  /** `known`, and what the branch tells of the loop's parameters and of values made from them. */
  const learn = ({ condition }: If, truth: boolean, survey: Survey | undefined, known: Known | undefined) => {
    if (survey === undefined) return undefined;
    for (const comparison of impliedBy(condition, truth, origins)) {
      const origin = origins.get(comparison.subject);
      const near = origin?.kind === 'op' ? [comparison.subject, ...origin.operation.args] : [comparison.subject];
      const concerns = near.some((value) => {
        const from = origins.get(value);
        return from?.kind === 'param' && from.loop === survey.loop;
      });
      if (concerns) known = { comparison, previous: known };
    }
    return known;
  };
  walk(program.body, undefined, undefined);
  return surveys;
}

// ---- recognising a parameter that must come to an end ----

type Bound = (ranges: Ranges) => number;

interface Recognised {
  readonly range: Induction;
  /** How often the loop can continue. */
  readonly continues: Bound;
}

/** How a `continue` changes the parameter. */
type Step =
  | { readonly kind: 'add'; readonly amount: Value; readonly sign: 1 | -1 }
  | { readonly kind: 'multiply' | 'divide'; readonly factor: number };

/** A parameter at one `continue`. */
interface Site {
  readonly next: Value;
  readonly step: Step;
  /** Comparisons of the parameter or of its next value. */
  readonly comparisons: readonly Comparison[];
}

function recognise(
  param: Value,
  init: Value,
  index: number,
  continues: readonly Continue[],
  origins: ReadonlyMap<Value, Origin>,
  ranges: Ranges,
): Recognised | undefined {
  if (!isInteger(param.type) || continues.length === 0) return undefined;
  const sites: Site[] = [];
  for (const { values, known } of continues) {
    const next = sourceOf(values[index]!, origins);
    const step = stepOf(next, param, origins, ranges);
    if (step === undefined) return undefined;
    sites.push({ next, step, comparisons: comparisonsOf(param, next, known) });
  }
  const parameter: Parameter = { param, init, sites, origins, ranges };
  return counted(parameter, 1) ?? counted(parameter, -1) ?? multiplied(parameter) ?? divided(parameter);
}

/** A parameter of a loop, and what every `continue` does with it. */
interface Parameter {
  readonly param: Value;
  readonly init: Value;
  readonly sites: readonly Site[];
  readonly origins: ReadonlyMap<Value, Origin>;
  /** For all launches. */
  readonly ranges: Ranges;
}

function stepOf(next: Value, param: Value, origins: ReadonlyMap<Value, Origin>, ranges: Ranges): Step | undefined {
  const origin = origins.get(next);
  if (origin?.kind !== 'op') return undefined;
  const { op, args } = origin.operation;
  const [x, y] = args as [Value, Value];
  const other = x === param ? y : x;
  if (x !== param && !(y === param && (op === 'add' || op === 'mul'))) return undefined;
  const constant = () => {
    const { low, high } = ranges.of(other);
    return low === high ? low : 0;
  };
  switch (op) {
    case 'add':
      return x === y ? { kind: 'multiply', factor: 2 } : { kind: 'add', amount: other, sign: 1 };
    case 'sub':
      return { kind: 'add', amount: other, sign: -1 };
    case 'mul':
      return scaling('multiply', constant());
    case 'div':
      return scaling('divide', constant());
    case 'shl':
      return scaling('multiply', 2 ** (constant() & 31));
    case 'shr':
      return scaling('divide', 2 ** (constant() & 31));
    default:
      return undefined;
  }
}
function scaling(kind: 'multiply' | 'divide', factor: number): Step | undefined {
  return factor >= 2 ? { kind, factor } : undefined;
}

function comparisonsOf(param: Value, next: Value, known: Known | undefined): Comparison[] {
  const found: Comparison[] = [];
  for (let n = 0; n < maxKnown && known !== undefined; n++, known = known.previous) {
    const { subject } = known.comparison;
    if (subject === param || subject === next) found.push(known.comparison);
  }
  return found;
}

/** Upwards, or downwards seen in a mirror: ranges are negated and comparisons turned round. */
type Direction = 1 | -1;

function along(direction: Direction, { low, high }: Range): Range {
  return direction === 1 ? { low, high } : { low: -high, high: -low };
}

/** The greatest number, along the direction, that a site's comparison lets the parameter, or its next value, be. */
interface Limit {
  readonly onNext: boolean;
  readonly most: Bound;
}

/** The tightest limit that the comparisons of a site give for all launches. */
function limitOf(
  { param, init, sites, origins, ranges }: Parameter,
  site: Site,
  direction: Direction,
): Limit | undefined {
  const below = direction === 1 ? 'lt' : 'gt';
  const notAbove = direction === 1 ? 'le' : 'ge';
  let best: Limit | undefined;
  for (const { subject, relation, limit } of site.comparisons) {
    const onNext = subject !== param;
    const end = (at: Ranges) => along(direction, at.of(limit));
    if (relation === 'ne') {
      // going by ones from below, the parameter meets a limit that stays where it is
      const start = along(direction, ranges.of(init)).high + (onNext ? 1 : 0);
      const byOnes = sites.length === 1 && isExactly(amountOf(site, direction)(ranges), 1);
      if (!byOnes || !staysPut(limit, origins) || start > end(ranges).low) continue;
    } else if (relation !== below && relation !== notAbove) continue;
    const most: Bound = (at) => end(at).high - (relation === notAbove ? 0 : 1);
    if (best === undefined || most(ranges) < best.most(ranges)) best = { onNext, most };
  }
  return best;
}

function isExactly({ low, high }: Range, value: number): boolean {
  return low === value && high === value;
}
function staysPut(value: Value, origins: ReadonlyMap<Value, Origin>): boolean {
  const origin = origins.get(value);
  if (origin?.kind !== 'op') return false;
  const { form } = rowOf(origin.operation.op);
  return form === 'constant' || form === 'argument' || form === 'dimension' || form === 'id';
}

/** By how much a site moves the parameter along the direction; 0 where it does not add. */
function amountOf({ step }: Site, direction: Direction): (ranges: Ranges) => Range {
  if (step.kind !== 'add') return () => ({ low: 0, high: 0 });
  return (ranges) => along(step.sign === direction ? 1 : -1, ranges.of(step.amount));
}

/** i = i + step while i is below a limit, and its mirror image. */
function counted(parameter: Parameter, direction: Direction): Recognised | undefined {
  const { param, init, sites, ranges } = parameter;
  const moves = sites.map((site) => ({
    amount: amountOf(site, direction),
    limit: limitOf(parameter, site, direction),
  }));
  if (!moves.every((move) => move.limit !== undefined && move.amount(ranges).low >= 1)) return undefined;
  const limited = moves as { amount: (ranges: Ranges) => Range; limit: Limit }[];

  const start = (at: Ranges) => along(direction, at.of(init));
  /** The greatest number that the parameter can be. */
  const top: Bound = (at) =>
    Math.max(
      start(at).high,
      ...limited.map(({ amount, limit }) => limit.most(at) + (limit.onNext ? 0 : amount(at).high)),
    );
  const last = along(direction, wholeRange(param.type as ScalarType)).high;
  const wraps = limited.some(
    ({ amount, limit }) => (limit.onNext ? top(ranges) : limit.most(ranges)) + amount(ranges).high > last,
  );
  if (wraps) return undefined;
  return {
    range: (at) => along(direction, { low: start(at).low, high: top(at) }),
    continues: (at) => {
      const least = Math.min(...limited.map(({ amount }) => amount(at).low));
      const times = limited.map(({ limit }) => {
        const way = limit.most(at) - start(at).low;
        return Math.floor(way / least) + (limit.onNext ? 0 : 1);
      });
      return Math.max(0, ...times);
    },
  };
}

/** i = i * factor, from at least 1, while i is below a limit. */
function multiplied(parameter: Parameter): Recognised | undefined {
  const { param, init, sites, ranges } = parameter;
  const limited: { factor: number; limit: Limit }[] = [];
  for (const site of sites) {
    const limit = limitOf(parameter, site, 1);
    if (site.step.kind !== 'multiply' || limit === undefined) return undefined;
    limited.push({ factor: site.step.factor, limit });
  }
  if (ranges.of(init).low < 1) return undefined;
  const top: Bound = (at) =>
    Math.max(at.of(init).high, ...limited.map(({ factor, limit }) => limit.most(at) * (limit.onNext ? 1 : factor)));
  const last = wholeRange(param.type as ScalarType).high;
  const wraps = limited.some(({ factor, limit }) => (limit.onNext ? top(ranges) : limit.most(ranges)) * factor > last);
  if (wraps) return undefined;
  const least = Math.min(...limited.map(({ factor }) => factor));
  return {
    range: (at) => ({ low: at.of(init).low, high: top(at) }),
    continues: (at) => {
      const most = Math.max(...limited.map(({ limit }) => limit.most(at)));
      if (most === Number.POSITIVE_INFINITY) return most;
      let times = 0;
      for (let value = at.of(init).low; value <= most; value *= least) times++;
      return times;
    },
  };
}

/** i = i / factor while i is above 0. */
function divided({ init, sites, ranges }: Parameter): Recognised | undefined {
  let least = Number.POSITIVE_INFINITY;
  for (const { step, comparisons } of sites) {
    if (step.kind !== 'divide') return undefined;
    least = Math.min(least, step.factor);
    const positive = comparisons.some(({ relation, limit }) => {
      const { low, high } = ranges.of(limit);
      if (relation === 'gt') return low >= 0;
      if (relation === 'ge') return low >= 1;
      return relation === 'ne' && low === 0 && high === 0 && ranges.of(init).low >= 0;
    });
    if (!positive) return undefined;
  }
  return {
    range: (at) => ({ low: Math.min(0, at.of(init).low), high: Math.max(0, at.of(init).high) }),
    continues: (at) => {
      let times = 0;
      const whole = wholeRange(init.type as ScalarType);
      for (let value = Math.min(at.of(init).high, whole.high); value >= 1; value = Math.floor(value / least)) times++;
      return times;
    },
  };
}
