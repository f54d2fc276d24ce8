/** Files from memory over loopback HTTP, with the headers that give a page shared memory; keeps what was asked for. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Server extends AsyncDisposable {
  readonly origin: string;
  /** Paths sent so far, in order. */
  readonly sent: readonly string[];
}

const types: Record<string, string> = { html: 'text/html', js: 'text/javascript', cjs: 'text/javascript' };

export async function serve(files: ReadonlyMap<string, Uint8Array>): Promise<Server> {
  const sent: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    const body = files.get(path);
    if (body === undefined) return response.writeHead(404).end();
    sent.push(path);
    return response
      .writeHead(200, {
        'content-type': types[path.split('.').at(-1)!] ?? 'application/octet-stream',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-embedder-policy': 'require-corp',
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
