/** What is put into damaged kernels: words and phrases that go wrong somewhere, one a line or between spaces. */

const lines = (text: string) => text.trim().split(/\n\s*/);
const words = (text: string) => text.trim().split(/\s+/);

export const foreignExpressions = [
  ...words('0 -1 1.5 -0 1e39 2147483648 4294967295 -2147483649 NaN 1/0 true undefined null'),
  ...words('x y k n/2 x[0] y[-1] x[1e9] x.length y.shape n|0 n**2 !n ~n -x[0] n++ n%0 (n,1) (n=1) x[0]<<33 x[0]>>>1'),
  ...words('k.global.x k.local.x k.group.x k.localIndex k.f32(n) k.i32(x[0]) k.u32(x[0]) k.bool(n) k.f16(n)'),
  ...words('k.vec3(1,2,3) k.vec2(x[0]) k.groupSum(x[0]) k.uniform(n) k.array.f32(4) k.shared.i32(8) k.shared.f32(n)'),
  ...words('k.idiv(n,0) k.min(n,x[0]) k.mulHigh(n,n) k.random(1,n) k.clamp(n,3,1) Math.max(n,1) n&&x[0] n>0?1:x[0]'),
  ...words('(q)=>q ((q)=>q+1)(n) this [1] ({}) `a` /a/ 1n k?.global'),
  'new k()',
  'function f() { return f(); }',
  '(() => { for (;;) {} })()',
];

export const foreignStatements = [
  '',
  ...lines(`
    ;
    return;
    return 1;
    break;
    continue;
    k.barrier();
    for (;;) {}
    if (n > 2) return;
    while (n > 0) n--;
    do { n++; } while (n);
    while (true) { if (n > 3) break; n = n * 2 + 1; }
    for (let j = 0; j < 5; j++) y[j] = j;
    for (let j = 9; j--; ) { if (j === n) continue; y[j] += 1; }
    const t = k.array.i32(3); t[n] = 1;
    const s = k.shared.u32(4); s[0] = 1; k.barrier();
    if (k.local.x < 2) k.barrier();
    y[0] = k.groupMax(1);
    let x = 1;
    var y;
    const k = 1;
    switch (n) { case 1: break; default: return; }
    a: { if (n) break a; y[0] = 1; }
    throw 1;
    try {} catch {}
    debugger;
  `),
];

export const operators = words(
  `+ - * / % ** & | ^ << >> >>> && || ?? < <= > >= == != === !== ++ -- ! ~ ? : , ; . ( ) [ ] { } =>
   = += -= *= /= %= <<= >>>= &&= ||=`,
);
/** Such as may stand for each other. */
export const operatorGroups = ['+ - * % & | ^ << >> >>>', '< <= > >= === !==', '&& ||', '+= -= *= ^= |=', '++ --'].map(
  words,
);
export const numbers = words('0 1 2 31 32 255 256 65536 2147483647 4294967296 0.5 1e-46 3.5e38 0x7f .1');
export const characters = [' ', '\n', '\u0000', '\u2028', '\u{feff}', ...words(`\\ " ' \` @ # é 𝒳 // /* */ <!-- $ _`)];
