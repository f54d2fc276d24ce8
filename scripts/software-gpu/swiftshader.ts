/** SwiftShader, a Vulkan driver for the CPU: as npm brought it, else as Debian's Chromium did. Needs no root. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createBrotliDecompress } from 'node:zlib';
import tar from 'tar-fs';
import { cached, type Driver } from './driver.ts';

const icd = 'vk_swiftshader_icd.json';
const libraries = ['libvk_swiftshader.so', 'libvulkan.so.1', icd];

export async function swiftshader(): Promise<Driver> {
  if (process.platform !== 'linux') throw new Error('there is no SwiftShader to bring for this system');
  const archive = npmArchive();
  if (archive !== undefined) return driverIn(await unpack(archive));
  const debian = '/usr/lib/chromium';
  if (existsSync(join(debian, icd))) return driverIn(debian);
  throw new Error("it comes with `npm ci` on x86-64, or with Debian's package chromium");
}

function driverIn(folder: string): Driver {
  return { icd: join(folder, icd), libraries: [], loader: folder };
}

/** The package @sparticuz/chromium, which carries it for x86-64 as a compressed tar, where it is installed. */
function npmArchive(): { path: string; version: string } | undefined {
  const home = fileURLToPath(new URL('../../node_modules/@sparticuz/chromium', import.meta.url));
  const path = join(home, 'bin/swiftshader.tar.br');
  if (process.arch !== 'x64' || !existsSync(path)) return undefined;
  const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { version: string };
  return { path, version };
}

function unpack(archive: { path: string; version: string }): Promise<string> {
  return cached(`swiftshader-${archive.version}`, (folder) =>
    pipeline(
      Readable.from([readFileSync(archive.path)]),
      createBrotliDecompress(),
      tar.extract(folder, { ignore: (_, header) => header !== undefined && !libraries.includes(header.name) }),
    ),
  );
}
