/**
 * A promise that is settled from outside, and made only when somebody asks for it: most jobs have several that nobody asks
 * for. A rejection that nobody waits for is not reported by the host.
 */

type Outcome<T> = { readonly value: T } | { readonly error: unknown };

export class Deferred<T> {
  #promise: Promise<T> | undefined;
  #outcome: Outcome<T> | undefined;
  #settle: ((outcome: Outcome<T>) => void) | undefined;

  get promise(): Promise<T> {
    if (this.#promise === undefined) {
      this.#promise = new Promise((resolve, reject) => {
        this.#settle = (outcome) => ('error' in outcome ? reject(outcome.error) : resolve(outcome.value));
      });
      this.#promise.catch(() => {});
      if (this.#outcome !== undefined) this.#settle!(this.#outcome);
    }
    return this.#promise;
  }
  get settled(): boolean {
    return this.#outcome !== undefined;
  }
  resolve(value: T): void {
    this.#end({ value });
  }
  reject(error: unknown): void {
    this.#end({ error });
  }

  /** The first settling counts. */
  #end(outcome: Outcome<T>): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = outcome;
    this.#settle?.(outcome);
  }
}
