import { nbody as kernel } from '../../kernels/nbody.ts';
import { vec4f } from '../../src/index.ts';
import type { Case } from '../case.ts';
import { compare, worst } from '../compare.ts';
import { randomFloats } from '../data.ts';

const counts = { small: 1024, medium: 4096, large: 32768 };
/** Bodies whose forces the reference works out; each costs a walk over all. */
const checkedBodies = 512;

export const nbody: Case = {
  name: 'nbody',
  title: 'one step of all-pairs gravity',
  prepare(size) {
    const n = counts[size];
    const bodies = randomFloats(4 * n, 7, -1, 1).map((value, i) => (i % 4 === 3 ? Math.abs(value) / n : value));
    const velocities = randomFloats(4 * n, 8, -0.1, 0.1);
    const dt = 0.01;
    const softening = 1e-3;
    /** Velocity (0 to 3) and position (4 to 7) of one body after the step, in doubles. */
    const moved = (i: number): number[] => {
      const acceleration = [0, 0, 0, 0];
      for (let j = 0; j < n; j++) {
        const d = [0, 1, 2].map((axis) => bodies[4 * j + axis]! - bodies[4 * i + axis]!) as [number, number, number];
        const r2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2] + softening;
        const pull = bodies[4 * j + 3]! / (r2 * Math.sqrt(r2));
        for (let axis = 0; axis < 3; axis++) acceleration[axis]! += d[axis]! * pull;
      }
      const velocity = acceleration.map((a, axis) => velocities[4 * i + axis]! + a * dt);
      const position = velocity.map((v, axis) => bodies[4 * i + axis]! + (axis < 3 ? v * dt : 0));
      return [...velocity, ...position];
    };
    return {
      label: String(n),
      buffers: {
        bodies: { type: vec4f, shape: [n], data: bodies },
        velocities: { type: vec4f, shape: [n], data: velocities },
        moved: { type: vec4f, shape: [n] },
        faster: { type: vec4f, shape: [n] },
      },
      steps: [
        {
          kernel,
          args: { bodies: 'bodies', velocities: 'velocities', dt, softening, moved: 'moved', faster: 'faster' },
        },
      ],
      outputs: ['moved', 'faster'],
      check(outputs) {
        const stride = Math.max(1, Math.floor(n / checkedBodies));
        const tolerance = { absolute: 1e-5, relative: 1e-5 };
        const verdicts = [];
        for (let i = 0; i < n; i += stride) {
          const expected = moved(i);
          const indices = [0, 1, 2, 3].map((axis) => 4 * i + axis);
          verdicts.push(
            compare('moved', outputs['moved']!, (index) => expected[4 + (index % 4)]!, tolerance, indices),
            compare('faster', outputs['faster']!, (index) => expected[index % 4]!, tolerance, indices),
          );
        }
        return worst(...verdicts);
      },
      operations: 20 * n * n, // as the literature counts them
      bytes: 64 * n,
    };
  },
};
