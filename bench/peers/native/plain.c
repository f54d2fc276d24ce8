/* The cases as plain C loops; what vectors there are is up to the compiler (-O3 -march=native). */
#include <math.h>
#include <stddef.h>
#include "native.h"

static void saxpy(const Arguments *g, int64_t from, int64_t to) {
  const float *restrict x = g->buffers[0];
  float *restrict y = g->buffers[1];
  float a = g->scalars[0];
  for (int64_t i = from; i < to; i++) y[i] = a * x[i] + y[i];
}

static void triad(const Arguments *g, int64_t from, int64_t to) {
  const float *restrict x = g->buffers[0], *restrict y = g->buffers[1];
  float *restrict r = g->buffers[2];
  float a = g->scalars[0];
  for (int64_t i = from; i < to; i++) r[i] = x[i] + a * y[i];
}

/* items: rows */
static void mandelbrot(const Arguments *g, int64_t from, int64_t to) {
  int32_t *iterations = g->buffers[0];
  float left = g->scalars[0], top = g->scalars[1], step = g->scalars[2];
  int limit = (int)g->scalars[3];
  for (int64_t row = from; row < to; row++) {
    float cy = top + (float)row * step;
    for (int64_t column = 0; column < g->size; column++) {
      float cx = left + (float)column * step, x = 0, y = 0;
      int n = 0;
      while (n < limit) {
        float xx = x * x, yy = y * y;
        if (xx + yy > 4) break;
        y = 2 * x * y + cy;
        x = xx - yy + cx;
        n++;
      }
      iterations[row * g->size + column] = n;
    }
  }
}

/* items: bodies */
static void nbody(const Arguments *g, int64_t from, int64_t to) {
  const float *restrict bodies = g->buffers[0], *restrict velocities = g->buffers[1];
  float *restrict moved = g->buffers[2], *restrict faster = g->buffers[3];
  float dt = g->scalars[0], softening = g->scalars[1];
  for (int64_t i = from; i < to; i++) {
    float x = bodies[4 * i], y = bodies[4 * i + 1], z = bodies[4 * i + 2], ax = 0, ay = 0, az = 0;
    for (int64_t j = 0; j < g->size; j++) {
      float dx = bodies[4 * j] - x, dy = bodies[4 * j + 1] - y, dz = bodies[4 * j + 2] - z;
      float near = 1 / sqrtf(dx * dx + dy * dy + dz * dz + softening);
      float pull = bodies[4 * j + 3] * near * near * near;
      ax += dx * pull;
      ay += dy * pull;
      az += dz * pull;
    }
    float v[4] = {velocities[4 * i] + ax * dt, velocities[4 * i + 1] + ay * dt, velocities[4 * i + 2] + az * dt,
                  velocities[4 * i + 3]};
    for (int axis = 0; axis < 4; axis++) {
      faster[4 * i + axis] = v[axis];
      moved[4 * i + axis] = bodies[4 * i + axis] + (axis < 3 ? v[axis] * dt : 0);
    }
  }
}

/* items: rows; the innermost loop runs along rows of b and c, which compilers vectorise */
static void matmul(const Arguments *g, int64_t from, int64_t to) {
  const float *restrict a = g->buffers[0], *restrict b = g->buffers[1];
  float *restrict c = g->buffers[2];
  int64_t n = g->size;
  for (int64_t row = from; row < to; row++) {
    for (int64_t column = 0; column < n; column++) c[row * n + column] = 0;
    for (int64_t k = 0; k < n; k++)
      for (int64_t column = 0; column < n; column++) c[row * n + column] += a[row * n + k] * b[k * n + column];
  }
}

/* items: rows */
static void heat(const Arguments *g, int64_t from, int64_t to) {
  const float *restrict now = g->buffers[0];
  float *restrict next = g->buffers[1];
  float rate = g->scalars[0];
  int64_t n = g->size;
  for (int64_t y = from; y < to; y++) {
    const float *restrict row = now + y * n;
    float *restrict out = next + y * n;
    if (y == 0 || y == n - 1) {
      for (int64_t x = 0; x < n; x++) out[x] = row[x];
      continue;
    }
    out[0] = row[0];
    for (int64_t x = 1; x < n - 1; x++)
      out[x] = row[x] + rate * (row[x - n] + row[x + n] + row[x - 1] + row[x + 1] - 4 * row[x]);
    out[n - 1] = row[n - 1];
  }
}

static float normal(float x) {
  float t = 1 / (1 + 0.2316419f * fabsf(x));
  float series =
      t * (0.31938153f + t * (-0.356563782f + t * (1.781477937f + t * (-1.821255978f + t * 1.330274429f))));
  float tail = 0.39894228f * expf(-0.5f * x * x) * series;
  return x > 0 ? 1 - tail : tail;
}
static void blackscholes(const Arguments *g, int64_t from, int64_t to) {
  const float *restrict price = g->buffers[0], *restrict strike = g->buffers[1], *restrict time = g->buffers[2];
  float *restrict call = g->buffers[3], *restrict put = g->buffers[4];
  float rate = g->scalars[0], volatility = g->scalars[1];
  for (int64_t i = from; i < to; i++) {
    float s = price[i], t = time[i], spread = volatility * sqrtf(t);
    float d1 = (logf(s / strike[i]) + (rate + 0.5f * volatility * volatility) * t) / spread;
    float n1 = normal(d1), n2 = normal(d1 - spread), discounted = strike[i] * expf(-rate * t);
    call[i] = s * n1 - discounted * n2;
    put[i] = discounted * (1 - n2) - s * (1 - n1);
  }
}

#define ROTATE(x, n) ((x) >> (n) | (x) << (32 - (n)))
/* items: messages of one block */
static void sha256(const Arguments *g, int64_t from, int64_t to) {
  const uint32_t *words = g->buffers[0], *starts = g->buffers[1], *constants = g->buffers[2];
  uint32_t *state = g->buffers[3];
  for (int64_t m = from; m < to; m++) {
    uint32_t w[64], v[8], *h = state + 8 * m;
    for (int t = 0; t < 16; t++) w[t] = __builtin_bswap32(words[16 * starts[m] + t]);
    for (int t = 16; t < 64; t++) {
      uint32_t s0 = ROTATE(w[t - 15], 7) ^ ROTATE(w[t - 15], 18) ^ w[t - 15] >> 3;
      uint32_t s1 = ROTATE(w[t - 2], 17) ^ ROTATE(w[t - 2], 19) ^ w[t - 2] >> 10;
      w[t] = w[t - 16] + s0 + w[t - 7] + s1;
    }
    for (int i = 0; i < 8; i++) v[i] = h[i];
    for (int t = 0; t < 64; t++) {
      uint32_t sum1 = ROTATE(v[4], 6) ^ ROTATE(v[4], 11) ^ ROTATE(v[4], 25);
      uint32_t t1 = v[7] + sum1 + ((v[4] & v[5]) ^ (~v[4] & v[6])) + constants[t] + w[t];
      uint32_t sum0 = ROTATE(v[0], 2) ^ ROTATE(v[0], 13) ^ ROTATE(v[0], 22);
      uint32_t t2 = sum0 + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
      for (int i = 7; i > 0; i--) v[i] = v[i - 1];
      v[4] += t1;
      v[0] = t1 + t2;
    }
    for (int i = 0; i < 8; i++) h[i] += v[i];
  }
}

const Entry entries[] = {{"saxpy", saxpy},   {"triad", triad},   {"mandelbrot", mandelbrot},     {"nbody", nbody},
                         {"matmul", matmul}, {"heat", heat},     {"blackscholes", blackscholes}, {"sha256", sha256},
                         {NULL, NULL}};
