/**
 * A web server with a key of its own, that has one file for everybody and prints what it is asked for.
 *
 *     node web_server.ts DIRECTORY PORT FILE
 */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { join } from 'node:path';
import { selfSigned } from '../support/authority.ts';

export async function serve(directory: string, port: number, body: string): Promise<Server> {
  const { certificate, key } = await selfSigned(join(directory, 'server'), ['pbx.local']);
  const server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) });
  server.on('request', ({ url }, response) => {
    console.log(`asked for ${url}`);
    response.end(body);
  });
  return server.listen(port, '::', () => console.log('ready'));
}

if (import.meta.main) {
  const [directory = '', port = '', file = ''] = process.argv.slice(2);
  await serve(directory, Number(port), readFileSync(file, 'utf8'));
}
