import { f32, fn, kernel, read, write } from '../src/index.ts';

/**
 * Cumulative distribution of the standard normal, to 7.5e-8: Abramowitz and Stegun, "Handbook of Mathematical Functions",
 * formula 26.2.17.
 */
const normal = fn([f32], f32, (k, x) => {
  const t = 1 / (1 + 0.2316419 * k.abs(x));
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = 0.3989422804014327 * k.exp(-0.5 * x * x) * series;
  return x > 0 ? 1 - tail : tail;
});

/** Prices of European calls and puts by the Black-Scholes formula; times in years, rate and volatility per year. */
export const blackScholes = kernel({
  name: 'blackScholes',
  params: {
    price: read(f32),
    strike: read(f32),
    time: read(f32),
    rate: f32,
    volatility: f32,
    call: write(f32),
    put: write(f32),
  },
  uses: { normal },
  shapes: { call: ({ price }) => price.length, put: ({ price }) => price.length },
  body({ price, strike, time, rate, volatility, call, put, normal }, k) {
    const i = k.global.x;
    const s = price.at(i);
    const t = time.at(i);
    const spread = volatility * k.sqrt(t);
    const d1 = (k.log(s / strike.at(i)) + (rate + 0.5 * volatility * volatility) * t) / spread;
    const n1 = normal(d1);
    const n2 = normal(d1 - spread);
    const discounted = strike.at(i) * k.exp(-rate * t);
    call[i] = s * n1 - discounted * n2;
    put[i] = discounted * (1 - n2) - s * (1 - n1);
  },
});
