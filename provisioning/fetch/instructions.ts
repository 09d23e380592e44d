/** What a file from the server says about the server itself. */
import { isMapping, type Mapping } from '../schema_shape.ts';
import type { Content } from './attempt.ts';

/** `version`, of the last file that has one. */
export function versionIn(contents: readonly Content[]): string | undefined {
  return lastText(contents.map(({ value }) => value.version));
}

/** `provisioning.moveTo`: the server names its successor. */
export function moveToIn(contents: readonly Content[]): string | undefined {
  return lastText(contents.map(({ value }) => provisioningOf(value).moveTo));
}

/** `provisioning.pin`: the key that the server has, or will have. */
export function pinsIn(contents: readonly Content[]): readonly string[] {
  return contents.flatMap(({ value }) => {
    const { pin } = provisioningOf(value);
    return typeof pin === 'string' ? [pin] : [];
  });
}

function provisioningOf({ provisioning }: Mapping): Mapping {
  return isMapping(provisioning) ? provisioning : {};
}

function lastText(values: readonly unknown[]): string | undefined {
  return values.findLast((value) => typeof value === 'string');
}
