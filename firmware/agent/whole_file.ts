/** Small files of the data directory that the telephone writes while it runs: the old one or the new one, whole. */
import { renameSync, rmSync, writeFileSync } from 'node:fs';

/** Renamed into place, mode 0600. Throws the system's error; the old file is then as it was, and takes no more room. */
export function writeWhole(path: string, text: string): void {
  const beside = `${path}.new`;
  try {
    writeFileSync(beside, text, { mode: 0o600 });
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true, recursive: true });
    throw error;
  }
}
