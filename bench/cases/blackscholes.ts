import { blackScholes as kernel } from '../../kernels/black-scholes.ts';
import { f32 } from '../../src/index.ts';
import type { Case } from '../case.ts';
import { compare, worst } from '../compare.ts';
import { randomFloats } from '../data.ts';

const lengths = { small: 2 ** 18, medium: 2 ** 20, large: 2 ** 24 };
const rate = 0.02;
const volatility = 0.3;

/** The kernel's formulas in doubles. */
function prices(s: number, strike: number, t: number): { call: number; put: number } {
  const normal = (x: number) => {
    const u = 1 / (1 + 0.2316419 * Math.abs(x));
    const series = u * (0.31938153 + u * (-0.356563782 + u * (1.781477937 + u * (-1.821255978 + u * 1.330274429))));
    const tail = (Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI)) * series;
    return x > 0 ? 1 - tail : tail;
  };
  const spread = volatility * Math.sqrt(t);
  const d1 = (Math.log(s / strike) + (rate + 0.5 * volatility ** 2) * t) / spread;
  const discounted = strike * Math.exp(-rate * t);
  const call = s * normal(d1) - discounted * normal(d1 - spread);
  return { call, put: call - s + discounted };
}

export const blackscholes: Case = {
  name: 'blackscholes',
  title: 'prices of European options',
  prepare(size) {
    const n = lengths[size];
    const price = randomFloats(n, 12, 5, 30);
    const strike = randomFloats(n, 13, 1, 100);
    const time = randomFloats(n, 14, 0.25, 10);
    return {
      label: String(n),
      buffers: {
        price: { type: f32, shape: [n], data: price },
        strike: { type: f32, shape: [n], data: strike },
        time: { type: f32, shape: [n], data: time },
        call: { type: f32, shape: [n] },
        put: { type: f32, shape: [n] },
      },
      steps: [
        {
          kernel,
          args: { price: 'price', strike: 'strike', time: 'time', rate, volatility, call: 'call', put: 'put' },
        },
      ],
      outputs: ['call', 'put'],
      check(outputs) {
        const tolerance = { absolute: 1e-3 }; // prices up to 100: cancellation of terms of that size
        const expected = (i: number) => prices(price[i]!, strike[i]!, time[i]!);
        return worst(
          compare('call', outputs['call']!, (i) => expected(i).call, tolerance),
          compare('put', outputs['put']!, (i) => expected(i).put, tolerance),
        );
      },
      operations: 60 * n,
      bytes: 20 * n,
    };
  },
};
