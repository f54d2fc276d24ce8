/** Constants of the software functions. Made by `npm run coefficients`; scripts/coefficients.ts says how. */

/** (1 - 2^-9) / (3/2 + x), less than 1 by more than it errs; |x| <= 1/2 in Q32, result in Q30. */
// biome-ignore format: as the script writes it
export const reciprocalSeed: readonly number[] = [713191602, -475461067, 356595801, -237730534];

/** 1 / sqrt(3/2 + x); |x| <= 1/2 in Q32, result in Q30. */
// biome-ignore format: as the script writes it
export const inverseRootSeed: readonly number[] = [876706529, -291607862, 145733119, -90980265, 53357754];
