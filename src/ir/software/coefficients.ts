/** Constants of the software functions. Made by `npm run coefficients`; scripts/coefficients.ts says how. */

/** sin(pi/2 f) / f as a function of f^2 <= 1/4 in Q32, result in Q30. */
// biome-ignore format: as the script writes it
export const sineOfQuarters: readonly number[] = [1686629714, -693598666, 85569260, -5026471, 169873];

/** cos(pi/2 f) as a function of f^2 <= 1/4 in Q32, result in Q30. */
// biome-ignore format: as the script writes it
export const cosineOfQuarters: readonly number[] = [1073741824, -1324675868, 272375234, -22398329, 970263];

/** sqrt(3/2 + x); |x| <= 1/2 in Q32, result in Q30. */
// biome-ignore format: as the script writes it
export const rootSeries: readonly number[] = [1315059793, 438353266, -73058878, 24352829, -10146990, 4738180, -2369338, 1214431, -656678, 471338, -268917];

/** asin(y) / y as a function of y^2 <= 1/4 in Q32, result in Q31. */
// biome-ignore format: as the script writes it
export const arcSine: readonly number[] = [2147483649, 357913941, 161061396, 95864883, 65343889, 46934850, 44412812, 4113745, 70775896];

/** (1 - atan(y) / y) / y^2 as a function of y^2 <= tan(pi/8)^2 in Q32, result in Q32. */
// biome-ignore format: as the script writes it
export const arcTangent: readonly number[] = [1431655766, -858993412, 613562386, -477063283, 387791889, -306459880, 173655184];

/** (1 - 2^-9) / (3/2 + x), less than 1 by more than it errs; |x| <= 1/2 in Q32, result in Q30. */
// biome-ignore format: as the script writes it
export const reciprocalSeed: readonly number[] = [713191602, -475461067, 356595801, -237730534];

/** 1 / sqrt(3/2 + x); |x| <= 1/2 in Q32, result in Q30. */
// biome-ignore format: as the script writes it
export const inverseRootSeed: readonly number[] = [876706529, -291607862, 145733119, -90980265, 53357754];
