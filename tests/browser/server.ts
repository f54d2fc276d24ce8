/** Files from memory over loopback HTTP; keeps what was asked for. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Server extends AsyncDisposable {
  readonly origin: string;
  /** Paths sent so far, in order. */
  readonly sent: readonly string[];
}

/** Headers that give a page shared memory. */
export const isolated = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

const types: Record<string, string> = { html: 'text/html', js: 'text/javascript', cjs: 'text/javascript' };

export async function serve(
  files: ReadonlyMap<string, Uint8Array>,
  headers: Readonly<Record<string, string>> = isolated,
): Promise<Server> {
  const sent: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    const body = files.get(path);
    if (body === undefined) return response.writeHead(404).end();
    sent.push(path);
    return response
      .writeHead(200, {
        'content-type': types[path.split('.').at(-1)!] ?? 'application/octet-stream',
        ...headers,
      })
      .end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sent,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
