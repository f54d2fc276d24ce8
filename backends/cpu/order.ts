/** The order of a device: tasks run one after the other, in the order of the calls; at once where none is under way. */

/** Must not throw or reject. One that returns a promise is under way until that resolves. */
export type Task = () => undefined | Promise<void>;

export class Order {
  readonly #waiting: Task[] = [];
  #busy = false;

  /** Nothing is under way: what is added runs at once. */
  get idle(): boolean {
    return !this.#busy;
  }
  add(task: Task): void {
    if (this.#busy) this.#waiting.push(task);
    else this.#start(task);
  }

  #start(task: Task): void {
    const pending = task();
    if (pending === undefined) return;
    this.#busy = true;
    void pending.then(() => {
      this.#busy = false;
      while (!this.#busy && this.#waiting.length > 0) this.#start(this.#waiting.shift()!);
    });
  }
}
