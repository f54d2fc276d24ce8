/*
 * The cases in the form that an SPMD compiler for 8 lanes would give them: vectors of 8 work items, masks where items part.
 * GCC's vector types, which clang has too; AVX2 for what they lack.
 */
#include <immintrin.h>
#include <stddef.h>
#include "native.h"

#define LANES 8
typedef float floats __attribute__((vector_size(4 * LANES)));
typedef int32_t ints __attribute__((vector_size(4 * LANES)));
typedef uint32_t words __attribute__((vector_size(4 * LANES)));
typedef float loose_floats __attribute__((vector_size(4 * LANES), aligned(4)));
typedef int32_t loose_ints __attribute__((vector_size(4 * LANES), aligned(4)));
#define LOAD(p) (*(const loose_floats *)(p))
#define STORE(p, v) (*(loose_floats *)(p) = (v))

static inline floats all(float x) { return (floats)_mm256_set1_ps(x); }
static inline words all_words(uint32_t x) { return (words)_mm256_set1_epi32((int)x); }
static inline ints lanes(void) { return (ints){0, 1, 2, 3, 4, 5, 6, 7}; }
static inline int any(ints mask) { return !_mm256_testz_si256((__m256i)mask, (__m256i)mask); }
static inline floats root(floats x) { return (floats)_mm256_sqrt_ps((__m256)x); }
static inline floats to_floats(ints x) { return (floats)_mm256_cvtepi32_ps((__m256i)x); }
static inline ints to_ints(floats x) { return (ints)_mm256_cvttps_epi32((__m256)x); }
static inline floats nearest(floats x) { return (floats)_mm256_round_ps((__m256)x, 8); }
static inline floats magnitude(floats x) { return (floats)((ints)x & 0x7fffffff); }
static inline floats either(ints mask, floats x, floats y) {
  return (floats)_mm256_blendv_ps((__m256)y, (__m256)x, (__m256)mask);
}

/* items: rows; two vectors in flight; whether any lane is left is asked every 4 iterations */
static void mandelbrot(const Arguments *g, int64_t from, int64_t to) {
  int32_t *iterations = g->buffers[0];
  float left = g->scalars[0], top = g->scalars[1], step = g->scalars[2];
  int limit = (int)g->scalars[3], width = (int)g->size;
  for (int64_t row = from; row < to; row++) {
    floats cy = all(top + (float)row * step);
    for (int column = 0; column < width; column += 2 * LANES) {
      floats cx[2], x[2], y[2];
      ints n[2], live[2];
      for (int v = 0; v < 2; v++) {
        cx[v] = all(left) + to_floats(lanes() + (column + v * LANES)) * all(step);
        x[v] = y[v] = all(0);
        n[v] = (ints)all(0);
        live[v] = ~n[v];
      }
      for (int i = 0; i < limit; i += 4) {
#pragma GCC unroll 4
        for (int j = 0; j < 4; j++) {
#pragma GCC unroll 2
          for (int v = 0; v < 2; v++) {
            floats xx = x[v] * x[v], yy = y[v] * y[v], xy = x[v] * y[v];
            live[v] &= (ints)(xx + yy <= 4.0f);
            n[v] -= live[v];
            y[v] = xy + xy + cy;
            x[v] = xx - yy + cx[v];
          }
        }
        if (!any(live[0] | live[1])) break;
      }
      for (int v = 0; v < 2; v++) *(loose_ints *)(iterations + row * width + column + v * LANES) = n[v];
    }
  }
}

static inline floats gather(const float *p, int64_t i, int component) {
  floats v;
  for (int lane = 0; lane < LANES; lane++) v[lane] = p[4 * (i + lane) + component];
  return v;
}
/* items: groups of 8 bodies */
static void nbody(const Arguments *g, int64_t from, int64_t to) {
  const float *bodies = g->buffers[0], *velocities = g->buffers[1];
  float *moved = g->buffers[2], *faster = g->buffers[3];
  float dt = g->scalars[0], softening = g->scalars[1];
  for (int64_t group = from; group < to; group++) {
    int64_t i = LANES * group;
    floats x = gather(bodies, i, 0), y = gather(bodies, i, 1), z = gather(bodies, i, 2);
    floats ax = all(0), ay = ax, az = ax;
#pragma GCC unroll 1
    for (int64_t j = 0; j < g->size; j++) {
      floats dx = all(bodies[4 * j]) - x, dy = all(bodies[4 * j + 1]) - y, dz = all(bodies[4 * j + 2]) - z;
      floats near = all(1) / root(dx * dx + dy * dy + dz * dz + all(softening));
      floats pull = all(bodies[4 * j + 3]) * near * near * near;
      ax += dx * pull;
      ay += dy * pull;
      az += dz * pull;
    }
    for (int lane = 0; lane < LANES; lane++) {
      int64_t at = 4 * (i + lane);
      float a[4] = {ax[lane], ay[lane], az[lane], 0};
      for (int axis = 0; axis < 4; axis++) {
        float v = velocities[at + axis] + a[axis] * dt;
        faster[at + axis] = v;
        moved[at + axis] = bodies[at + axis] + (axis < 3 ? v * dt : 0);
      }
    }
  }
}

/* items: rows */
static void heat(const Arguments *g, int64_t from, int64_t to) {
  const float *now = g->buffers[0];
  float *next = g->buffers[1];
  float rate = g->scalars[0];
  int64_t n = g->size;
  for (int64_t y = from; y < to; y++) {
    const float *row = now + y * n;
    float *out = next + y * n;
    int64_t x = 0;
    if (y > 0 && y < n - 1) {
      out[0] = row[0];
      for (x = 1; x + LANES < n; x += LANES) {
        floats own = LOAD(row + x);
        floats change = LOAD(row + x - n) + LOAD(row + x + n) + LOAD(row + x - 1) + LOAD(row + x + 1) - all(4) * own;
        STORE(out + x, own + all(rate) * change);
      }
      for (; x < n - 1; x++)
        out[x] = row[x] + rate * (row[x - n] + row[x + n] + row[x - 1] + row[x + 1] - 4 * row[x]);
    }
    for (; x < n; x++) out[x] = row[x];
  }
}

/* Cody and Waite, "Software Manual for the Elementary Functions", 1980; coefficients by Moshier, Cephes */
static inline floats exponential(floats x) {
  x = either((ints)(x < all(-87)), all(-87), x);
  floats n = nearest(x * all(1.44269504f)), r = x - n * all(0.693359375f) + n * all(2.12194440e-4f);
  floats p = all(1.9875691500e-4f);
  p = p * r + all(1.3981999507e-3f);
  p = p * r + all(8.3334519073e-3f);
  p = p * r + all(4.1665795894e-2f);
  p = p * r + all(1.6666665459e-1f);
  p = p * r + all(5.0000001201e-1f);
  p = p * r * r + r + all(1);
  return p * (floats)((to_ints(n) + 127) << 23);
}
static inline floats logarithm(floats x) {
  ints bits = (ints)x, exponent = (bits - 0x3f3504f3) >> 23;
  floats f = (floats)(bits - (exponent << 23)) - all(1), e = to_floats(exponent), ff = f * f;
  floats p = all(7.0376836292e-2f);
  p = p * f + all(-1.1514610310e-1f);
  p = p * f + all(1.1676998740e-1f);
  p = p * f + all(-1.2420140846e-1f);
  p = p * f + all(1.4249322787e-1f);
  p = p * f + all(-1.6668057665e-1f);
  p = p * f + all(2.0000714765e-1f);
  p = p * f + all(-2.4999993993e-1f);
  p = p * f + all(3.3333331174e-1f);
  return f + (f * ff * p + e * all(-2.12194440e-4f) - all(0.5f) * ff) + e * all(0.693359375f);
}
static inline floats normal(floats x) {
  floats t = all(1) / (magnitude(x) * all(0.2316419f) + all(1)), p = all(1.330274429f);
  p = p * t + all(-1.821255978f);
  p = p * t + all(1.781477937f);
  p = p * t + all(-0.356563782f);
  p = p * t + all(0.31938153f);
  floats tail = all(0.39894228f) * exponential(all(-0.5f) * x * x) * t * p;
  return either((ints)(x > all(0)), all(1) - tail, tail);
}
/* items: groups of 8 options */
static void blackscholes(const Arguments *g, int64_t from, int64_t to) {
  const float *price = g->buffers[0], *strike = g->buffers[1], *time = g->buffers[2];
  float *call = g->buffers[3], *put = g->buffers[4];
  float rate = g->scalars[0], volatility = g->scalars[1];
  for (int64_t i = LANES * from; i < LANES * to; i += LANES) {
    floats s = LOAD(price + i), k = LOAD(strike + i), t = LOAD(time + i), spread = all(volatility) * root(t);
    floats d1 = (logarithm(s / k) + all(rate + 0.5f * volatility * volatility) * t) / spread;
    floats n1 = normal(d1), n2 = normal(d1 - spread), discounted = k * exponential(all(-rate) * t);
    STORE(call + i, s * n1 - discounted * n2);
    STORE(put + i, discounted * (all(1) - n2) - s * (all(1) - n1));
  }
}

#define ROTATE(x, n) ((x) >> (n) | (x) << (32 - (n)))
/* items: groups of 8 messages of one block */
static void sha256(const Arguments *g, int64_t from, int64_t to) {
  const uint32_t *message = g->buffers[0], *starts = g->buffers[1], *constants = g->buffers[2];
  uint32_t *state = g->buffers[3];
  for (int64_t i = LANES * from; i < LANES * to; i += LANES) {
    words w[16], v[8];
    for (int t = 0; t < 16; t++)
      for (int lane = 0; lane < LANES; lane++) w[t][lane] = __builtin_bswap32(message[16 * starts[i + lane] + t]);
    for (int word = 0; word < 8; word++)
      for (int lane = 0; lane < LANES; lane++) v[word][lane] = state[8 * (i + lane) + word];
    words a = v[0], b = v[1], c = v[2], d = v[3], e = v[4], f = v[5], h = v[6], last = v[7];
#pragma GCC unroll 1
    for (int t = 0; t < 64; t++) {
      words own = w[t & 15];
      if (t >= 16) {
        words x = w[(t - 15) & 15], y = w[(t - 2) & 15];
        own += (ROTATE(x, 7) ^ ROTATE(x, 18) ^ x >> 3) + w[(t - 7) & 15] + (ROTATE(y, 17) ^ ROTATE(y, 19) ^ y >> 10);
        w[t & 15] = own;
      }
      words t1 = last + (ROTATE(e, 6) ^ ROTATE(e, 11) ^ ROTATE(e, 25)) + ((e & f) ^ (~e & h)) +
                 all_words(constants[t]) + own;
      words t2 = (ROTATE(a, 2) ^ ROTATE(a, 13) ^ ROTATE(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
      last = h;
      h = f;
      f = e;
      e = d + t1;
      d = c;
      c = b;
      b = a;
      a = t1 + t2;
    }
    words sums[8] = {a, b, c, d, e, f, h, last};
    for (int word = 0; word < 8; word++)
      for (int lane = 0; lane < LANES; lane++) state[8 * (i + lane) + word] = sums[word][lane] + v[word][lane];
  }
}

const Entry entries[] = {{"mandelbrot", mandelbrot}, {"nbody", nbody},   {"heat", heat},
                         {"blackscholes", blackscholes}, {"sha256", sha256}, {NULL, NULL}};
