/** Counts of a test run. A file that cannot be loaded and an error outside of all tests are failures too. */
import type { Reporter, TestModule } from 'vitest/node';

export class Tally implements Reporter {
  passed = 0;
  failed = 0;
  skipped = 0;
  readonly #notes: string[] = [];

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === 'skipped') this.#notes.push(result.note ?? '');
        // A test that never ran, because the run was cut short, has not passed.
        this[result.state === 'pending' ? 'failed' : result.state]++;
      }
      for (const suite of module.children.allSuites()) this.failed += suite.errors().length;
      this.failed += module.errors().length;
    }
    this.failed += unhandledErrors.length;
    if (modules.length === 0) this.failed++;
  }

  /** Tests skipped because `id` is missing (tests/support/adapters.ts notes it so). */
  skippedFor(id: string): number {
    return this.#notes.filter((note) => note === `no ${id}`).length;
  }
}
