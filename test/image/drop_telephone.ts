/** What a telephone does with a drop file at its start, by its real parts. */
import { readProvisioned } from '#provisioning/formats/read_file.ts';
import { generationOf } from '#provisioning/generation.ts';
import { DropDirectory } from '#provisioning/store/drop_directory.ts';
import { ConfigurationStore } from '#provisioning/store/store.ts';
import { Memory } from '../../firmware/telephone/memory.ts';

/** @returns what it would log */
export async function takeIn(data: string, stage: string): Promise<readonly string[]> {
  const said: string[] = [];
  const store = await ConfigurationStore.open(data, (text) => void said.push(text));
  const drop = new DropDirectory(stage, readProvisioned, store.folder);
  const { reset, file, warnings } = await drop.look();
  said.push(...warnings);
  const memory = new Memory(data, store);
  if (reset || memory.isToBeForgotten) {
    await memory.mark();
    await memory.forget();
    if (reset) said.push(...(await drop.resetDone()));
  }
  if (file === undefined) return said;
  const layers = [file.layer];
  const inForce = generationOf(layers, [], undefined);
  await store.keep({ ...store.kept, inForce, trial: { starts: 1 } }, { layers, files: file.files });
  return [...said, ...(await drop.applied(file))];
}
