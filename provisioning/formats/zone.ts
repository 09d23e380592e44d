/**
 * Time zones of vendors → names of the time zone database. Only what is exactly the same: a clock that is wrong for
 * half of the year is worse than one that the administrator was told of.
 */

/** Minutes east of Greenwich in winter; undefined: no zone. A year without changes of law in the zones that we map. */
function standardOffset(zone: string): number | undefined {
  const offsets = [Date.UTC(2026, 0, 15), Date.UTC(2026, 6, 15)].map((at) => offsetAt(zone, at));
  return offsets.includes(undefined) ? undefined : Math.min(...offsets.map((offset) => offset ?? 0));
}

function offsetAt(zone: string, at: number): number | undefined {
  try {
    const parts = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' }).formatToParts(
      new Date(at),
    );
    const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
    const [, sign = '+', hours = '0', minutes = '0'] = /^GMT(?:([+-])(\d\d):(\d\d))?$/.exec(name) ?? [];
    return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
  } catch {
    return undefined;
  }
}

/** `Europe/Amsterdam` as it stands; undefined: no name of the database. */
export function zoneNamed(text: string): string | undefined {
  const isName = /^[A-Za-z]+\/[\w+/-]+$/.test(text) || text === 'UTC';
  return isName && offsetAt(text, 0) !== undefined ? text : undefined;
}

/** `+1`, `-3:30`, `0` → minutes. */
function minutesOf(text: string): number | undefined {
  const [, sign = '', hours, minutes = '0'] = /^([+-]?)(\d{1,2})(?::([0-5]\d))?$/.exec(text) ?? [];
  if (hours === undefined || Number(hours) > 14) return undefined;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

let cities: ReadonlyMap<string, string | undefined> | undefined;

/** Last part of a zone's name → the zone; undefined where two zones have it. */
function zonesByCity(): ReadonlyMap<string, string | undefined> {
  if (cities) return cities;
  const found = new Map<string, string | undefined>();
  for (const zone of Intl.supportedValuesOf('timeZone')) {
    const city = zone.slice(zone.lastIndexOf('/') + 1).toLowerCase();
    found.set(city, found.has(city) ? undefined : zone);
  }
  cities = found;
  return found;
}

export interface YealinkTime {
  /** Hours from Greenwich: `+1`. */
  readonly offset: string | undefined;
  /** `Germany(Berlin)`. */
  readonly name: string | undefined;
  /** 0 never, 1 by dates of the file, 2 by the name. */
  readonly summer: string | undefined;
}

export function zoneOfYealink({ offset, name, summer }: YealinkTime): string | undefined {
  const minutes = offset === undefined ? undefined : minutesOf(offset);
  const [, city = ''] = /\(([^()]+)\)\s*$/.exec(name ?? '') ?? [];
  const named = zoneNamed(name ?? '') ?? zonesByCity().get(city.trim().toLowerCase().replaceAll(' ', '_'));
  if (named !== undefined && summer !== '0') {
    return minutes === undefined || standardOffset(named) === minutes ? named : undefined;
  }
  return summer === '0' && minutes !== undefined ? fixedZone(minutes) : undefined;
}

/** Without summer time. The sign of these names is POSIX's: west is positive. */
function fixedZone(minutes: number): string | undefined {
  if (minutes % 60 !== 0) return undefined;
  const hours = minutes / 60;
  return hours === 0 ? 'Etc/UTC' : `Etc/GMT${hours < 0 ? '+' : '-'}${Math.abs(hours)}`;
}

/** The code before the offset where it names a country of one zone, or one of the four of the United States. */
const SNOM: Readonly<Record<string, readonly string[]>> = {
  GER: ['Europe/Berlin'],
  FRA: ['Europe/Paris'],
  ITA: ['Europe/Rome'],
  NLD: ['Europe/Amsterdam'],
  GBR: ['Europe/London'],
  ESP: ['Europe/Madrid'],
  USA: ['America/New_York', 'America/Chicago', 'America/Denver', 'America/Los_Angeles'],
};

/** `GER+1`, `USA-5`. */
export function zoneOfSnom(text: string): string | undefined {
  const [, country = '', offset = ''] = /^([A-Z]{3})([+-]\d{1,2}(?::[0-5]\d)?)$/.exec(text) ?? [];
  const minutes = minutesOf(offset);
  const zones = Object.hasOwn(SNOM, country) ? SNOM[country] : undefined;
  return zones?.find((zone) => standardOffset(zone) === minutes);
}

/** POSIX names that are names of the database too, with the rules that they must come with. */
const POSIX: readonly [begins: RegExp, rules: RegExp, zone: string][] = [
  [/^CET-1CEST(?:-2)?$/, /^M3\.5\.0(?:\/2|\/02:00:00)?,M10\.5\.0(?:\/3|\/03:00:00)$/, 'Europe/Brussels'],
  [/^EST\+?5EDT(?:\+?4)?$/, /^M3\.2\.0(?:\/2|\/02:00:00)?,M11\.1\.0(?:\/2|\/02:00:00)?$/, 'America/New_York'],
  [/^CST\+?6CDT(?:\+?5)?$/, /^M3\.2\.0(?:\/2|\/02:00:00)?,M11\.1\.0(?:\/2|\/02:00:00)?$/, 'America/Chicago'],
  [/^MST\+?7MDT(?:\+?6)?$/, /^M3\.2\.0(?:\/2|\/02:00:00)?,M11\.1\.0(?:\/2|\/02:00:00)?$/, 'America/Denver'],
  [
    /^PST\+?8PDT(?:\+?7)?$/,
    /^M3\.2\.0(?:\/2|\/02:00:00)?,M11\.1\.0(?:\/2|\/02:00:00)?$/,
    'America/Los_Angeles',
  ],
];

/** POSIX's `CET-1CEST-2,M3.5.0/02:00:00,M10.5.0/03:00:00` (RFC 4833 4); undefined: no zone that we know has these rules. */
export function zoneOfPosix(text: string): string | undefined {
  const [names = '', ...rules] = text.split(',');
  return POSIX.find(([begins, form]) => begins.test(names) && form.test(rules.join(',')))?.[2];
}

/** A name of the database, or rules as POSIX writes them. */
export function zoneOfGrandstream(text: string): string | undefined {
  return zoneNamed(text) ?? zoneOfPosix(text);
}
