/**
 * Files that are the old or the new, whole, whatever moment the power goes at: written beside, synced, renamed, and the
 * directory synced, for a rename is on the disk only when its directory is (rename(2), fsync(2)).
 */
import { type FileHandle, open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

/** For our eyes alone. */
export const PRIVATE = 0o600;
/** Ends the names of files that were being written when the power went. */
export const UNFINISHED = '.new';

/** Rejects with the error of the system; the old file is then as it was. */
export async function writeAtomic(path: string, content: string | Uint8Array): Promise<void> {
  const beside = `${path}${UNFINISHED}`;
  try {
    await writeSynced(beside, content);
    await rename(beside, path);
  } catch (error) {
    await unlink(beside).catch(() => {});
    throw error;
  }
  await syncDirectory(dirname(path));
}

async function writeSynced(path: string, content: string | Uint8Array): Promise<void> {
  await within(path, 'w', async (handle) => {
    await handle.writeFile(content);
    await handle.sync();
  });
}

export async function syncDirectory(path: string): Promise<void> {
  await within(path, 'r', (handle) => handle.sync());
}

/** Opens, works and closes, also when the work fails. */
export async function within(
  path: string,
  flags: string,
  work: (handle: FileHandle) => Promise<void>,
): Promise<void> {
  const handle = await open(path, flags, PRIVATE);
  try {
    await work(handle);
  } finally {
    await handle.close();
  }
}
