import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/**
 * Stands between a client and a server and breaks the first connections that bring so many bytes,
 * as a bad line would. Those bytes have gone on to the server by then.
 *
 * @param options.connections how many it breaks
 * @param options.bytes from the client, after which it breaks them
 */
export async function startCuttingProxy(
  url: string,
  options: { readonly connections: number; readonly bytes: number },
): Promise<{ readonly url: string; readonly bytesReceived: () => number }> {
  const { port, hostname } = new URL(url);
  let left = options.connections;
  let received = 0;
  const proxy = createServer((client) => {
    const server = connect(Number(port), hostname);
    let mine = 0;
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    }
    server.pipe(client);
    client.on('data', (chunk: Buffer) => {
      received += chunk.length;
      mine += chunk.length;
      server.write(chunk);
      if (left === 0 || mine < options.bytes) return;
      left -= 1;
      client.resetAndDestroy();
    });
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  onTestFinished(() => void proxy.close());
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    bytesReceived: () => received,
  };
}
