/** The package as it is published, unpacked into a project of its own. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import tar from 'tar-fs';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly exports: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly bin: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
};

const typescript = join(root, 'node_modules/typescript/bin/tsc');

/** A project that uses the package. */
export class Project implements Disposable {
  readonly folder: string;
  /** Files of the package. */
  readonly files: readonly string[];

  private constructor(folder: string) {
    this.folder = folder;
    const installed = join(folder, 'node_modules/isokernel');
    this.files = readdirSync(installed, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(installed.length + 1));
  }

  static async create(): Promise<Project> {
    const folder = mkdtempSync(join(tmpdir(), 'isokernel-package-'));
    // Packing builds dist/ first (the script `prepare`).
    execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], {
      cwd: root,
      stdio: ['ignore', 'ignore', 2],
    });
    const archive = join(folder, readdirSync(folder)[0]!);
    // Everything in it lies under package/.
    const into = (name: string) => name.replace(/^package\//, 'node_modules/isokernel/');
    const unpack = tar.extract(folder, { map: (header) => ({ ...header, name: into(header.name) }) });
    await pipeline(Readable.from([gunzipSync(readFileSync(archive))]), unpack);
    // Its dependencies as npm would put them beside it, but for the optional one: the package must do without.
    for (const name of Object.keys(manifest.dependencies)) {
      symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name));
    }
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    return new Project(folder);
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  /** Runs Node in the project and gives what it prints. */
  node(...args: string[]): string {
    return execFileSync(process.execPath, args, { cwd: this.folder, encoding: 'utf8' }).trim();
  }

  /** What TypeScript says about a file, in a project that knows neither the DOM nor Node. */
  typeErrors(file: string): string {
    const compilerOptions = {
      target: 'esnext',
      lib: ['esnext'],
      types: [],
      module: 'nodenext',
      strict: true,
      noEmit: true,
    };
    this.write('tsconfig.json', JSON.stringify({ compilerOptions, files: [file] }));
    try {
      return this.node(typescript, '-p', '.');
    } catch (error) {
      return (error as { stdout: string }).stdout;
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
