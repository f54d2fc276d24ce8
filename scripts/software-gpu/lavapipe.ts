/**
 * lavapipe, Mesa's Vulkan driver for the CPU, from Debian's archive.
 *
 * Dawn wants a newer Mesa than Debian 12 has, so there it is the backport. The package and what it needs beyond the
 * installed ones are downloaded with a package list of our own and unpacked into the cache: the system is only read, and
 * root is not needed.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { cached, type Driver } from './driver.ts';

/** Runs a program to its end; what it says when it fails becomes the error. */
async function run(program: string, args: readonly string[], cwd?: string): Promise<string> {
  try {
    return (await promisify(execFile)(program, args, { cwd })).stdout;
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    throw new Error(`${program} failed: ${said.split('\n').at(-1) || error}`);
  }
}

export async function lavapipe(download: boolean): Promise<Driver> {
  const { ID: id, VERSION_CODENAME: codename } = osRelease();
  if (id !== 'debian' || codename === undefined) {
    throw new Error('it is brought on Debian only; elsewhere install Mesa 25 or newer with its Vulkan drivers');
  }
  const folder = await cached(`lavapipe-${codename}-${process.arch}`, (draft) => {
    if (!download) throw new Error('`npm test` unpacks it, unless ISOKERNEL_NO_INSTALL=1');
    return unpack(draft, codename);
  });
  const libraries = libraryFolders(folder);
  return { icd: join(folder, 'icd.json'), libraries };
}

function osRelease(): Record<string, string> {
  try {
    const lines = readFileSync('/etc/os-release', 'utf8').matchAll(/^(\w+)="?([^"\n]*)"?$/gm);
    return Object.fromEntries([...lines].map(([, key, value]) => [key, value]));
  } catch {
    return {};
  }
}

async function unpack(folder: string, codename: string): Promise<void> {
  const apt = join(folder, 'apt');
  const options = await privateApt(apt, codename);
  await run('apt-get', [...options, '-q', 'update']);
  const packages = await needed(options);
  const debs = join(apt, 'debs');
  mkdirSync(debs);
  await run('apt-get', [...options, '-q', 'download', ...packages], debs);
  for (const deb of readdirSync(debs)) await run('dpkg-deb', ['-x', join(debs, deb), folder]);
  rmSync(apt, { recursive: true });

  const home = libraryFolders(folder).find((path) => readdirSync(path).includes('libvulkan_lvp.so'));
  if (home === undefined) throw new Error(`${packages.join(', ')} hold no libvulkan_lvp.so`);
  // Relative to the ICD file, as the loader reads a path with a slash.
  const library = `./${join(relative(folder, home), 'libvulkan_lvp.so')}`;
  const icd = { file_format_version: '1.0.0', ICD: { library_path: library, api_version: '1.3.0' } };
  writeFileSync(join(folder, 'icd.json'), JSON.stringify(icd));
}

/** Options that give apt-get lists and caches of its own, so that it needs no root and changes nothing. */
async function privateApt(folder: string, codename: string): Promise<string[]> {
  for (const part of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(folder, part), { recursive: true });
  const stdout = await run('apt-get', [
    'indextargets',
    '--format=$(CODENAME) $(REPO_URI)',
    'Identifier: Packages',
    'Component: main',
  ]);
  const mirror = new RegExp(`^${codename} (.*)$`, 'm').exec(stdout)?.[1];
  if (mirror === undefined) throw new Error(`no package source of this machine has Debian ${codename}`);
  const suites = codename === 'bookworm' ? [codename, `${codename}-backports`] : [codename];
  const list = join(folder, 'sources.list');
  writeFileSync(list, suites.map((suite) => `deb ${mirror} ${suite} main\n`).join(''));
  return [
    `Dir::Etc::sourcelist=${list}`,
    'Dir::Etc::sourceparts=/dev/null',
    `Dir::State::Lists=${folder}/lists`,
    `Dir::Cache=${folder}/cache`,
    `APT::Default-Release=${suites.at(-1)}`,
    'APT::Update::Error-Mode=any',
    'Debug::NoLocking=true',
    // Root's downloads would run as a user who cannot write here.
    'APT::Sandbox::User=root',
  ].flatMap((option) => ['-o', option]);
}

/** What apt would install for the driver, without what it would only upgrade, save the two libraries that Mesa is tied to. */
async function needed(options: readonly string[]): Promise<string[]> {
  const driver = 'mesa-vulkan-drivers';
  const stdout = await run('apt-get', [...options, '-sqq', '--no-install-recommends', 'install', driver]);
  const steps = [...stdout.matchAll(/^Inst (\S+) (\[)?/gm)].map(([, name = '', old]) => ({ name, old }));
  return steps
    .filter(({ name, old }) => old === undefined || /^libdrm(2|-amdgpu1)$|^mesa-vulkan/.test(name))
    .map(({ name }) => name);
}

/** The folders of shared libraries in an unpacked tree: (usr/)lib and (usr/)lib/<architecture>. */
function libraryFolders(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => /^lib.*\.so(\.|$)/.test(entry.name))
    .map((entry) => entry.parentPath)
    .filter((path, index, all) => all.indexOf(path) === index)
    .filter((path) => /\/lib(\/[^/]*-linux-gnu)?$/.test(path));
}
