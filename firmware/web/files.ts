/**
 * The page's files. All are read once at start: what is not in this table does not exist, so no request ever
 * becomes a path on the disk.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { WebError } from './errors.ts';

export interface PageFile {
  readonly type: string;
  /** Cache-Control. */
  readonly cache: string;
  readonly body: Buffer;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

/** Reads the built page. Throws WebError `page-missing` when there is none. */
export function readPage(directory: string): ReadonlyMap<string, PageFile> {
  const files = new Map<string, PageFile>();
  try {
    for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
      const type = TYPES[extname(entry.name)];
      if (!entry.isFile() || type === undefined) continue;
      const path = join(entry.parentPath, entry.name);
      const name = `/${relative(directory, path).split(sep).join('/')}`;
      files.set(name, { type, cache: cacheFor(name), body: readFileSync(path) });
    }
  } catch (error) {
    throw missing(directory, error);
  }
  const index = files.get('/index.html');
  if (index === undefined) throw missing(directory);
  files.set('/', index);
  const admin = files.get('/admin/index.html');
  if (admin !== undefined) files.set('/admin/', admin);
  // Browsers ask for this name whatever the page says.
  const icon = files.get('/favicon.ico') ?? files.get('/favicon.svg');
  if (icon !== undefined) files.set('/favicon.ico', icon);
  return files;
}

function missing(directory: string, cause?: unknown): WebError {
  return new WebError('page-missing', `The web page is not in ${directory}; npm run build makes it.`, cause);
}

/** Names under /assets/ carry a hash of their content; everything else is asked for anew. */
function cacheFor(name: string): string {
  if (name.startsWith('/assets/')) return 'private, max-age=31536000, immutable';
  return name.endsWith('/index.html') ? 'no-store' : 'no-cache';
}
