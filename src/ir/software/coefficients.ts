/** Constants of the software functions. Made by `npm run coefficients`; scripts/coefficients.ts says how. */

/** sin(pi/2 f) / f as a function of f^2 <= 1/4 in Q32, result in Q30. */
// biome-ignore format: as the script writes it
export const sineOfQuarters = [1686629714, -693598666, 85569260, -5026471, 169873];

/** cos(pi/2 f) as a function of f^2 <= 1/4 in Q32, result in Q30. */
// biome-ignore format: as the script writes it
export const cosineOfQuarters = [1073741824, -1324675868, 272375234, -22398329, 970263];

/** sqrt(3/2 + x); |x| <= 1/2 in Q32, result in Q30. */
// biome-ignore format: as the script writes it
export const rootSeries = [1315059793, 438353266, -73058878, 24352829, -10146990, 4738180, -2369338, 1214431, -656678, 471338, -268917];

/** asin(y) / y as a function of y^2 <= 1/4 in Q32, result in Q31. */
// biome-ignore format: as the script writes it
export const arcSine = [2147483649, 357913941, 161061396, 95864883, 65343889, 46934850, 44412812, 4113745, 70775896];

/** (1 - atan(y) / y) / y^2 as a function of y^2 <= tan(pi/8)^2 in Q32, result in Q32. */
// biome-ignore format: as the script writes it
export const arcTangent = [1431655766, -858993412, 613562386, -477063283, 387791889, -306459880, 173655184];

/** cosh(f ln(2)) as a function of f^2 <= 1/4 in Q32, result in Q31. */
// biome-ignore format: as the script writes it
export const coshSeries = [2147483648, 515882507, 20654553, 332210];

/** sinh(f ln(2)) / f as a function of f^2 <= 1/4 in Q32, result in Q32. */
// biome-ignore format: as the script writes it
export const sinhSeries = [2977044472, 238388334, 5726686, 65729];

/** atanh(z) / z as a function of z^2 <= 0.1287 in Q32, result in Q31. */
// biome-ignore format: as the script writes it
export const arcTanh = [2147483649, 715827871, 429498188, 306716218, 240069403, 179202462, 248849958];

/** cbrt(3/2 + x); |x| <= 1/2 in Q32, result in Q30. */
// biome-ignore format: as the script writes it
export const cubeRootSeries = [1229127559, 273139386, -60697615, 22484440, -9993605, 4830538, -2501374, 1644138, -920128];

/** erf(x) / x as a function of x^2 / 4 - 1/2 in Q32 up to x = 2, result in Q30. */
// biome-ignore format: as the script writes it
export const erfSeries = [724704044, -560733451, 513159003, -418010078, 294262264, -179868836, 96564895, -46063944, 19677062, -7650395, 2931203, -948146];

/** erfc(x) as a function of x / 2 - 3/2 in Q32 from x = 2 to x = 4, result in Q34. */
// biome-ignore format: as the script writes it
export const erfcSeries = [379526, -4784689, 28704151, -108455739, 287274109, -558734536, 808075427, -860824444, 620966930, -108353595, -389576201, 338505425];

/** (1 - 2^-9) / (3/2 + x), less than 1 by more than it errs; |x| <= 1/2 in Q32, result in Q30. */
// biome-ignore format: as the script writes it
export const reciprocalSeed = [713191602, -475461067, 356595801, -237730534];

/** 1 / sqrt(3/2 + x); |x| <= 1/2 in Q32, result in Q30. */
// biome-ignore format: as the script writes it
export const inverseRootSeed = [876706529, -291607862, 145733119, -90980265, 53357754];

/** e^x; |x| <= 0.3467 in Q32, result in Q30. */
// biome-ignore format: as the script writes it
export const expSeries = [1073741824, 1073741824, 536870924, 178956972, 44738761, 8947795, 1497722, 213756];

/** 2^x; |x| <= 1/2 in Q32, result in Q30. */
// biome-ignore format: as the script writes it
export const exp2Series = [1073741824, 744261118, 257941254, 59597084, 10327277, 1431672, 166105, 16432];

/** (2^x - 1) / x; |x| <= 1/2 in Q32, result in Q31. */
// biome-ignore format: as the script writes it
export const expm1Series = [1488522236, 515882501, 119194167, 20654620, 2863348, 332032, 32851];

/** log2(e) in Q63. */
// biome-ignore format: as the script writes it
export const log2e = { high: 3098164009, low: 1545072828 };

/** 256 times the factors that bring a significand close to 1. */
// biome-ignore format: as the script writes it
export const factors = [256, 215, 181, 152, 128];

/** Up to where each factor but the last is used, in Q31. */
// biome-ignore format: as the script writes it
export const limits = [2340421632, 2785017856, 3313500160, 3942645760];

/** ln(1 + x) / x; |x| < 0.0906 in Q34, result in Q30. */
// biome-ignore format: as the script writes it
export const lnSeries = [1073741825, -134217730, 22369622, -4194179, 838834, -176661, 37871];

/** ln(2) in Q56. */
// biome-ignore format: as the script writes it
export const lnUnit = { high: 11629079, low: 4157722490 };

/** -ln(c) - 127 ln(2) in Q56, for each factor c. */
// biome-ignore format: as the script writes it
export const lnStarts = [{ high: 2818074140, low: 250221178 }, { high: 2821002425, low: 2348955886 }, { high: 2823890472, low: 1003799455 }, { high: 2826820051, low: 627882572 }, { high: 2829703220, low: 112976372 }];

/** log2(1 + x) / x; |x| < 0.0906 in Q34, result in Q30. */
// biome-ignore format: as the script writes it
export const log2Series = [1549082005, -193635253, 32272543, -6050921, 1210181, -254868, 54636];

/** log2(2) in Q56. */
// biome-ignore format: as the script writes it
export const log2Unit = { high: 16777216, low: 0 };

/** -log2(c) - 127 log2(2) in Q56, for each factor c. */
// biome-ignore format: as the script writes it
export const log2Starts = [{ high: 2164260864, low: 0 }, { high: 2168485486, low: 4092168017 }, { high: 2172652057, low: 2515534229 }, { high: 2176878546, low: 2382049260 }, { high: 2181038080, low: 0 }];

/** log10(1 + x) / x; |x| < 0.0906 in Q34, result in Q30. */
// biome-ignore format: as the script writes it
export const log10Series = [466320150, -58290019, 9715004, -1821508, 364301, -76722, 16447];

/** log10(2) in Q56. */
// biome-ignore format: as the script writes it
export const log10Unit = { high: 5050445, low: 1115547644 };

/** -log10(c) - 127 log10(2) in Q56, for each factor c. */
// biome-ignore format: as the script writes it
export const log10Starts = [{ high: 3653560748, low: 59369980 }, { high: 3654832486, low: 1043595903 }, { high: 3656086748, low: 4219977501 }, { high: 3657359048, low: 4030947552 }, { high: 3658611193, low: 1174917624 }];

/** log2(1 + x) / x, its first and second coefficient in Q62. */
// biome-ignore format: as the script writes it
export const preciseLog2Start = [{ high: 1549082004, low: 2920020062 }, { high: 3520426293, low: 2834957265 }];

/** The rest of it over x^2; |x| < 0.0906 in Q34, result in Q31. */
// biome-ignore format: as the script writes it
export const preciseLog2Series = [1032721337, -193635255, 38727052, -8067846, 1728821, -382577, 85039];
