/**
 * Bodies over small whole numbers, `x` and `y` of i32 and a scalar `n`: what they give as plain JavaScript is what they
 * must give as kernels. Each is there for a way that control or data can flow.
 */

// biome-ignore-all lint: written as people and minifiers write them
// biome-ignore-all format: one body a paragraph

type A = any;
export const corpus: Readonly<Record<string, (names: A, k: A) => unknown>> = {
  earlyReturn({ n, x, y }, k) { const i = k.global.x; if (i >= n) return; const v = x[i]; if (v < 0) { y[i] = 0; return; } y[i] = v * v; },
  returnInLoop({ n, x, y }, k) { const i = k.global.x; for (let j = 0; j < n; j++) { if (x[j] === i) { y[i] = j; return; } } y[i] = -1; },
  nestedBreak({ x, y, n }, k) { let s = 0; const i = k.global.x; for (let r = 0; r < n; r++) { if (r % 2 === 0) continue; for (let c = 0; c < n; ++c) { const v = x[c] + r; if (v < 0) { break; } if (v > 5) { continue; } s += v; } } y[i] = s + i; },
  labelled({ x, y, n }, k) { let s = 0; outer: for (let r = 0; r < n; r++) { for (let c = 0; c < n; c++) { if (x[c] < 0) continue outer; if (x[c] + r > 9) break outer; s += x[c]; } s++; } y[k.global.x] = s; },
  labelledBlock({ x, y }, k) { const i = k.global.x; let s = 1; done: { if (x[i] > 2) break done; s = 2; if (x[i] < 0) { s = 3; break done; } s += 10; } y[i] = s; },
  labelledBlockInLoop({ x, y, n }, k) { let s = 0; for (let j = 0; j < n; j++) { skip: { if (x[j] > 2) break skip; for (let q = 0; q < 3; q++) { if (q + x[j] === 3) break skip; s += q; } s += 100; } s++; } y[k.global.x] = s; },
  continueWhile({ x, y, n }, k) { let j = 0, s = 0; while (j < n) { j++; if (x[j - 1] < 0) continue; if (x[j - 1] > 3) { s += 2; continue; } s += x[j - 1]; } y[k.global.x] = s; },
  doWhile({ y, x }, k) { let n = k.global.x; do { n++; if (n > 5) break; if (n === 3) continue; y[n] = n; } while (x[n] > 0); while (true) { n--; if (n < 2) break; } for (;;) { if (n > 10) { break; } n += 2; } y[0] = n; },
  doWithoutBraces({ y, n }) { let r = 0; do if (r++, r > 5) break; while (r < n); y[0] = r; },
  ternaries({ x, y }, k) { const i = k.global.x; const v = x[i]; y[i] = v > 3 ? 1 : v < 0 ? -1 : v === 2 ? x[0] : v; if ((v > 3 && v < 5) || v === 7) y[i] = 9; if (v > 3) { if (v < 4) { y[i] = 1; } } else { y[i] += 1; } },
  localFunctions({ x, y }, k) { function positive(v: number) { if (v < 0) return 0; let t = v; for (let q = 0; q < 3; q++) t *= 2; return t; } const f = (a: number, b: number) => { const c = a + b; return c * c; }; const i = k.global.x; y[i] = positive(x[i]) + f(x[i], 2); y[i] += positive(x[i + 1]) + f(y[i], 3) % 7; },
  returnsInFunctions({ x, y, n }, k) { const find = (v: number) => { for (let a = 0; a < n; a++) { for (let b = 0; b < n; b++) { if (x[a] + x[b] === v) return a * 10 + b; if (x[b] > 6) break; } if (x[a] === 7) return -7; } return -1; }; const i = k.global.x; y[i] = find(i) + 1000 * find(3); },
  returnInNestedIf({ x, y }, k) { const g = (v: number, w: number) => { let t = 1; if (v > 0) { if (w > 2) return 5; t = 2; } else { t = 3; if (w < 0) { if (v < -1) return 6; t++; } } t *= 2; return t + v; }; const i = k.global.x; y[i] = g(x[i], x[i + 1]) + g(x[i + 1], x[i]); },
  functionInLoop({ x, y, n }, k) { let s = 0; const put = (j: number, v: number) => { if (j < 3) { s += v; return; } s -= v; y[j] = s; }; for (let q = 0; q < n; q++) put(q, x[q]); y[k.global.x] += s; },
  earlyReturnCalledInLoop({ x, y, n }, k) { let s = 0; for (let j = 0; j < n; j++) { const g = (v: number) => { if (v < 0) return 1; if (v > 4) return j; return v + j; }; s += g(x[j]) * g(2); } y[k.global.x] = s; },
  functionsCallingFunctions({ x, y }, k) { const a = (v: number) => v + 1; const b = (v: number) => { if (v > 2) return a(v); return a(a(v)); }; const i = k.global.x; y[i] = b(x[i]) + a(b(a(x[i]))); },
  hoisted({ x, y }, k) { y[k.global.x] = twice(x[k.global.x]); function twice(v: number) { return v * 2; } },
  immediatelyCalled({ x, y }, k) { const i = k.global.x; y[i] = (() => { if (x[i] > 2) return 1; return x[i]; })(); (function () { y[i] += 5; })(); },
  declarations({ x, y, n }, k) { const i = k.global.x; var s = 0, u; for (var j = 0; j < n; j++) { let q = x[j]; s += q; } u = s; let m = 0; m = x[0]; { let m = u; u = m + 1; } y[i] = m + u + j; for (let a = 0, b = n - 1; a < b; a++, b--) { y[i] += a * b; } },
  order({ x, y }, k) { const i = k.global.x; let p = i, t = 0; y[p++] = p; t = (t = x[i]) * t + t; y[p] = t + (t = 3) + t; let l = 2; l = -(l = (l = 2 < x[i] ? l + 1 : l) + 1 | 0); y[p] += l; y[p + 1] = p-- > 0 ? ++l : l--; y[0] += --y[1] + y[1]++; },
  numbersInLogic({ x, y }, k) { const i = k.global.x; const v = x[i], w = x[i + 1]; y[i] = (v ? w : v) + 10 * (w ? w : v + 3) + (v && w) + (v || 7) + (w && (y[7] += 1)); },
  comparisons({ x, y }, k) { const i = k.global.x; let f = x[i], s = 0; if (4 === (f = x[i + 1])) s = 1; if (2 < f) s += 2; for (; f-- > 0; ) s += 10; y[i] = s; },
  booleans({ x, y }, k) { const i = k.global.x; const v = x[i]; let found = !1; let j = 0; while (!found && j < 5) { if (x[j] === 3) found = !0; else j++; } const ok = !!found, odd = !!(v & 1); y[i] = (ok ? j : -1) + +!!v * 10 + ((ok && odd) !== (ok || odd) ? 100 : 0); if (ok == !0 && (v > 1) == !1) y[i] += 1000; },
  numericTruth({ x, y }, k) { const i = k.global.x; let a = 4, s = 0; for (; a--; ) s += a; 1 & x[i] && (s += 100); !(1 & x[i]) && (s += 1000); x[i] ? (s += 7) : s--; y[i] = s + (x[i] ? 1 : 0); },
  effects({ x, y }, k) { const i = k.global.x; let c = 0; x[i] > 2 ? (c = 1, y[i] = 5) : c = 2; x[i] < 0 || (c += 10); (c > 10 && (y[i] += c), y[i] += 1); if (c = c + 1, c > 11) y[i] += 1000; },
  reuse({ x, y, n }, k) { let e = k.global.x; const i = e; for (let t = 0; t < n; t++) { e = x[t]; if (e > 2) { e = e + t; y[i] += e; } } (e as A) = i > 1; y[i] += e ? 1 : 2; },
  compound({ x, y }, k) { const i = k.global.x; let h = x[i] + 77; h ^= h >> 3; h += h << 2; h |= 8; h &= 0xff; h %= 7; h -= 1; h++; --h; y[i] += h; y[i]++; y[i + 1] -= 1; y[i] *= 3; h ||= 9; h &&= h + 1; y[i] += h; },
  switches({ x, y }, k) { const i = k.global.x; switch (x[i]) { case 0: y[i] = 1; break; case 1: case 2: if (i > 1) break; y[i] = 2; break; case 7: { y[i] = 70; return; } default: y[i] = 3; } y[i] += 100; },
  privateArrays({ x, y, n }, k) { const i = k.global.x; const t = k.array.i32(4); for (let j = 0; j < n; j++) { const u = k.array.i32(2); u[j & 1] += x[j]; t[j & 3] += u[0] - u[1]; } y[i] = t[0] + 10 * t[1] + 100 * t.at(2); t.set(0, 5); y[i] += t[0] + t.length; },
  constantConditions({ x, y, DEBUG, SIZE }, k) { const i = k.global.x; if (DEBUG) { y[i] = nothingOfTheKind(); } const w = SIZE * SIZE; for (let q = 0; q < w; q += 1) { y[i] += x[q]; } if (!1) { y[3] = 1; } let r; if (!DEBUG) r = 2; y[i] += r as A; debugger; function nothingOfTheKind() { return 5; } },
  deadTypes({ x, y, n }, k) { var t; const i = k.global.x; for (let j = 0; j < n; j++) { t = x[j] > 2; if (t) { t = x[j]; y[i] += t; } } t = 3; y[i] += t; },
  infinite({ x, y }, k) { const i = k.global.x; let s = 0; for (;;) { s += 3; if (s > 10) { y[i] = s; return; } if (x[i] > 5) { y[i] = -s; return; } } },
  lateAssignment({ x, y, n }, k) { let r: A; const i = k.global.x; for (let j = 0; ; j++) { if (x[j] > 2) { r = j; break; } if (j >= n) { r = -1; break; } } y[i] = r; },
  returnsInBlocks({ x, y }, k) { const g = (v: number) => { L: { if (v > 3) { if (v > 5) return 1; break L; } return 2; } switch (v & 3) { case 0: return 3; case 1: { if (v > 4) break; return 4; } default: return 5; } return 6; }; const h = (v: number) => { switch (v) { case 1: return 7; default: return 8; } }; const i = k.global.x; y[i] = g(x[i]) + 10 * g(x[i + 1]) + 100 * h(x[i]); },
  twoLabels({ x, y, n }, k) { let s = 0; a: for (let i = 0; i < n; i++) { b: for (let j = 0; j < n; j++) { for (let q = 0; q < 3; q++) { if (x[q] + j === 4) continue b; if (x[i] + q === 6) continue a; if (s > 60) break a; s += q; } if (x[j] === 1) break; s += 5; } s++; } y[k.global.x] = s; },
  updateCalls({ x, y, n }, k) { let s = 0; const step = (v: number) => (v > 2 ? v + 2 : v + 1); for (let j = 0; j < n; j = step(j)) { if (x[j] < 0) continue; if (x[j] > 4) { s++; continue; } s += x[j]; } y[k.global.x] = s; },
  conditionEffects({ x, y, n }, k) { let j = 0, s = 0; while (j++ < n && (s += x[j]) < 12) y[j] = s; for (; j--, !(j < 2); ) s++; y[k.global.x] += s; },
};
