/**
 * Names in WGSL: the author's own, made legal and distinct.
 *
 * Scopes nest like WGSL's blocks. A name is never reused inside a scope where it already means something, so shadowing
 * cannot change what a line says; it is free again when its scope closes.
 */

/** Words WGSL keeps for itself, and the predeclared types, functions and names that emitted code uses. */
const taken = new Set(
  (
    'alias break case const const_assert continue continuing default diagnostic discard else enable false fn for if let loop ' +
    'override requires return struct switch true var while ' +
    'NULL Self abstract active alignas alignof as asm asm_fragment async attribute auto await become cast catch class ' +
    'co_await co_return co_yield coherent column_major common compile compile_fragment concept const_cast consteval constexpr ' +
    'constinit crate debugger decltype delete demote demote_to_helper do dynamic_cast enum explicit export extends extern ' +
    'external fallthrough filter final finally friend from fxgroup get goto groupshared highp impl implements import inline ' +
    'instanceof interface layout lowp macro macro_rules match mediump meta mod module move mut mutable namespace new nil ' +
    'noexcept noinline nointerpolation non_coherent noncoherent noperspective null nullptr of operator package packoffset ' +
    'partition pass patch pixelfragment precise precision premerge priv protected pub public readonly ref regardless register ' +
    'reinterpret_cast require resource restrict self set shared sizeof smooth snorm static static_assert static_cast std ' +
    'subroutine super target template this thread_local throw trait try type typedef typeid typename typeof union unless unorm ' +
    'unsafe unsized use using varying virtual volatile wgsl where with writeonly yield ' +
    'read write read_write function private workgroup uniform storage ' +
    'bool i32 u32 f16 f32 array atomic ptr vec2 vec3 vec4 bitcast select ' +
    'abs acos acosh all any asin asinh atan atan2 atanh ceil cos cosh countLeadingZeros countOneBits countTrailingZeros exp exp2 ' +
    'extractBits floor fma inverseSqrt log log2 max min pow reverseBits round sign sin sinh sqrt tan tanh trunc unpack2x16float ' +
    'atomicLoad atomicStore atomicAdd atomicSub atomicMin atomicMax atomicAnd atomicOr atomicXor atomicExchange ' +
    'atomicCompareExchangeWeak workgroupBarrier storageBarrier workgroupUniformLoad'
  ).split(' '),
);

export class Names {
  readonly #scopes: Set<string>[] = [new Set()];

  /** A legal name like `wanted` that means nothing yet here. */
  fresh(wanted: string): string {
    const stem = legal(wanted);
    let name = stem;
    for (let n = 1; this.#isTaken(name); n++) name = `${stem}_${n}`;
    this.#scopes[this.#scopes.length - 1]!.add(name);
    return name;
  }
  /** The same for a declaration of the module, made while inner scopes are open. */
  freshGlobal(wanted: string): string {
    const name = this.fresh(wanted);
    this.#scopes[0]!.add(name);
    return name;
  }
  /** Keeps a name of the module from meaning anything else. */
  reserve(name: string): string {
    this.#scopes[0]!.add(name);
    return name;
  }
  /** Keeps a name from meaning anything else in this scope. */
  claim(name: string): void {
    this.#scopes[this.#scopes.length - 1]!.add(name);
  }
  /** Runs `inside` with a scope of its own. */
  scope<T>(inside: () => T): T {
    this.#scopes.push(new Set());
    try {
      return inside();
    } finally {
      this.#scopes.pop();
    }
  }
  #isTaken(name: string): boolean {
    return taken.has(name) || this.#scopes.some((scope) => scope.has(name));
  }
}

/** An identifier of ASCII letters, digits and single underscores that starts with a letter. */
function legal(wanted: string): string {
  const ascii = wanted
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
  return /^[A-Za-z]/.test(ascii) ? ascii : `v${ascii}`;
}
