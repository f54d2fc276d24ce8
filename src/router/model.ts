/**
 * What measured runs teach about the estimate: per kernel and device, the ratio of measured to estimated time. It follows
 * slowly, so that one disturbed run changes little, and starts afresh when two runs in a row agree that the pace is another.
 */

import type { Verified } from '../ir/verified.ts';
import type { Target } from './target.ts';

interface Lesson {
  /** Logarithm of measured over estimated. */
  ratio: number;
  /** The last run was off by more than `jump`, in this direction; 0: it was not. */
  surprised: -1 | 0 | 1;
}

/** How far a new measurement pulls. */
const weight = 0.25;
/** A factor of two, as a logarithm: beyond it a run is a surprise. */
const jump = Math.LN2;

export class Model {
  readonly #lessons = new WeakMap<Verified, WeakMap<Target, Lesson>>();

  /** The factor that corrects an estimate; 1 for a kernel that never ran there. */
  correction(kernel: Verified, target: Target): number {
    const lesson = this.#lessons.get(kernel)?.get(target);
    return lesson === undefined ? 1 : Math.exp(lesson.ratio);
  }

  /** Times of one run: as estimated, uncorrected, and as measured. */
  learn(kernel: Verified, target: Target, estimated: number, measured: number): void {
    const ratio = Math.log(measured / estimated);
    if (!Number.isFinite(ratio)) return;
    let ofKernel = this.#lessons.get(kernel);
    if (ofKernel === undefined) this.#lessons.set(kernel, (ofKernel = new WeakMap()));
    const lesson = ofKernel.get(target);
    if (lesson === undefined) {
      ofKernel.set(target, { ratio, surprised: 0 });
      return;
    }
    const off = ratio - lesson.ratio;
    const surprised = Math.abs(off) <= jump ? 0 : off > 0 ? 1 : -1;
    const again = surprised !== 0 && surprised === lesson.surprised;
    lesson.ratio = again ? ratio : lesson.ratio + weight * off;
    lesson.surprised = again ? 0 : surprised;
  }
}
