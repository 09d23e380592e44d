/**
 * Macros in URLs, in the spellings of the makers whose servers we meet. `{mac}` and `$mac` are Snom's, Fanvil's and
 * ours, `$MA…` and `$PSN` Cisco's. What we have no value for stays as it is.
 */
import { type DeviceIdentity, instanceUuid, macWithColons } from '../identity.ts';

type Value = (identity: DeviceIdentity) => string;

const lower: Value = ({ mac }) => mac.toLowerCase();
const upper: Value = ({ mac }) => mac.toUpperCase();
const model: Value = (identity) => identity.model;
const version: Value = (identity) => identity.version;

/** By name; capitals mean a difference. */
const BRACES: Readonly<Record<string, Value>> = {
  mac: lower,
  MAC: upper,
  model,
  MODEL: model,
  version,
  VERSION: version,
  uuid: instanceUuid,
  UUID: instanceUuid,
};

const DOLLARS: Readonly<Record<string, Value>> = {
  mac: lower,
  MA: lower,
  MAU: upper,
  MAC: (identity) => macWithColons(lower(identity)),
  PSN: model,
  PN: model,
  SWVER: version,
  model,
  version,
};

/** `{mac}`, `$MA`, `$(MA)`, `${MA}`; a dollar word ends where no letter or digit follows: `$machine` is none. */
const MACRO = /\$\{(\w{1,16})\}|\$\((\w{1,16})\)|\{(\w{1,16})\}|\$([A-Za-z]{1,16})(?![A-Za-z0-9])/g;

/** The URL with the telephone's values, percent-encoded, in the places of the macros. */
export function expandMacros(url: string, identity: DeviceIdentity): string {
  return url.replace(MACRO, (whole: string, ...names: (string | undefined)[]) => {
    const [curly, round, braces, word] = names;
    const value = braces === undefined ? own(DOLLARS, curly ?? round ?? word) : own(BRACES, braces);
    return value === undefined ? whole : encodeURIComponent(value(identity));
  });
}

/** Whether a macro of ours stands in it: then it is the URL of one file, for this telephone. */
export function hasMacro(url: string): boolean {
  return url.matchAll(MACRO).some(([, curly, round, braces, word]) => {
    const name = curly ?? round ?? word;
    return own(braces === undefined ? DOLLARS : BRACES, braces ?? name) !== undefined;
  });
}

function own(table: Readonly<Record<string, Value>>, name: string | undefined): Value | undefined {
  return name !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
}
