import { f32, kernel, read, vec4f, write } from '../src/index.ts';

/**
 * One step of an all-pairs n-body simulation with softened gravity (Nyland, Harris, Prins, "Fast N-Body Simulation with CUDA",
 * GPU Gems 3, 2007). `bodies` holds x, y, z and mass (times G); the workgroup walks over them in tiles of its own size.
 */
export const nbody = kernel({
  name: 'nbody',
  params: {
    bodies: read(vec4f),
    velocities: read(vec4f),
    dt: f32,
    softening: f32,
    moved: write(vec4f),
    faster: write(vec4f),
  },
  consts: { TILE: 64 },
  workgroup: 64,
  shapes: { moved: ({ bodies }) => bodies.length, faster: ({ bodies }) => bodies.length },
  body({ bodies, velocities, dt, softening, moved, faster, TILE }, k) {
    const i = k.global.x;
    const tile = k.shared.vec4f(TILE);
    const me = bodies.at(i);
    let ax = k.f32(0);
    let ay = k.f32(0);
    let az = k.f32(0);
    for (let first = 0; first < bodies.length; first += TILE) {
      tile[k.local.x] = bodies.at(first + k.local.x); // beyond the end: mass 0, which pulls at nothing
      k.barrier();
      for (let j = 0; j < TILE; j++) {
        const other = tile.at(j);
        const dx = other.x - me.x;
        const dy = other.y - me.y;
        const dz = other.z - me.z;
        const near = k.inverseSqrt(dx * dx + dy * dy + dz * dz + softening);
        const pull = other.w * near * near * near;
        ax += dx * pull;
        ay += dy * pull;
        az += dz * pull;
      }
      k.barrier();
    }
    const v = velocities.at(i).add(k.vec4(ax, ay, az, 0).mul(dt));
    faster[i] = v;
    moved[i] = k.vec4(me.xyz.add(v.xyz.mul(dt)), me.w);
  },
});
