/**
 * What measured runs teach about the estimate: per kernel, device and size of the work, the ratio of measured to estimated
 * time, launching apart. It follows slowly, so that one disturbed run changes little, and starts afresh when two runs in
 * a row agree that the pace is another. A size that never ran goes by the nearest one that did.
 */

import type { Verified } from '../ir/verified.ts';
import type { Target } from './target.ts';

interface Lesson {
  /** Logarithm of measured over estimated. */
  ratio: number;
  /** The last run was off by more than `jump`, in this direction; 0: it was not. */
  surprised: -1 | 0 | 1;
  /** The run was more than launching, so it says something of other sizes too. */
  telling: boolean;
}
/** By size: half the binary logarithm of the estimated milliseconds, rounded. */
type Lessons = Map<number, Lesson>;

/** How far a new measurement pulls. */
const weight = 0.25;
/** A factor of two, as a logarithm: beyond it a run is a surprise. */
const jump = Math.LN2;
/** A run this many times as long as launching is telling, however little was expected. */
const clearly = 20;

const sizeOf = (work: number): number => Math.round(Math.log2(work) / 2);

export class Model {
  readonly #lessons = new WeakMap<Verified, WeakMap<Target, Lessons>>();
  /** How many were learnt: corrections stand as long as this does. */
  lessons = 0;

  /** The factor that corrects an estimate of the work; 1 where nothing is known. */
  correction(kernel: Verified, target: Target, work: number): number {
    const lessons = this.#lessons.get(kernel)?.get(target);
    if (lessons === undefined) return 1;
    const size = sizeOf(work);
    const lesson = lessons.get(size) ?? nearest(lessons, size);
    return lesson === undefined ? 1 : Math.exp(lesson.ratio);
  }

  /** Times of one run: its work as estimated, uncorrected; what launching takes there; and all of it as measured. */
  learn(kernel: Verified, target: Target, work: number, launch: number, measured: number): void {
    const ratio = Math.log(Math.max(measured - launch, measured / 10) / work);
    if (!Number.isFinite(ratio)) return;
    this.lessons++;
    const telling = work >= launch || measured >= clearly * launch;
    const lessons = this.#lessonsOf(kernel, target);
    const size = sizeOf(work);
    const lesson = lessons.get(size);
    if (lesson === undefined) {
      lessons.set(size, { ratio, surprised: 0, telling });
      return;
    }
    const off = ratio - lesson.ratio;
    const surprised = Math.abs(off) <= jump ? 0 : off > 0 ? 1 : -1;
    const again = surprised !== 0 && surprised === lesson.surprised;
    lesson.ratio = again ? ratio : lesson.ratio + weight * off;
    lesson.surprised = again ? 0 : surprised;
    lesson.telling = telling;
  }

  #lessonsOf(kernel: Verified, target: Target): Lessons {
    let ofKernel = this.#lessons.get(kernel);
    if (ofKernel === undefined) this.#lessons.set(kernel, (ofKernel = new WeakMap()));
    let lessons = ofKernel.get(target);
    if (lessons === undefined) ofKernel.set(target, (lessons = new Map()));
    return lessons;
  }
}

function nearest(lessons: Lessons, size: number): Lesson | undefined {
  let best: Lesson | undefined;
  let distance = Number.POSITIVE_INFINITY;
  for (const [at, lesson] of lessons) {
    if (!lesson.telling || Math.abs(at - size) >= distance) continue;
    best = lesson;
    distance = Math.abs(at - size);
  }
  return best;
}
