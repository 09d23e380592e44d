/** Files of the data directory that hold secrets: ours alone, and whole whenever the power goes. */
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Undefined: there is none, or it cannot be read. */
export async function readKept(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Mode 0600; after a power cut there is the old file or the new one. Rejects with the system's error. */
export async function writeKept(path: string, text: string): Promise<void> {
  const directory = dirname(path);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    // An old file of a killed phone keeps its mode when it is opened again.
    await file.chmod(0o600);
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
  const folder = await open(directory, 'r');
  await folder.sync().finally(() => folder.close());
}
