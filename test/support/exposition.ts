/**
 * Finds fault with an exposition in Prometheus' text format 0.0.4: the format itself (as prometheus/common's expfmt reads
 * it), and the naming that `promtool check metrics` asks for.
 */
const NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
/** A project's metrics are known by its prefix; words by `_`, units in full. */
const CONVENTION = /^dualtone(?:_[a-z0-9]+)+$/;
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const SERIES = /^([^\s{]+)(?:\{(.*)\})? (\S+)$/s;
const PAIR = /([^=,{}"]+)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)/y;
const VALUE = /^(?:[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?|NaN|[+-]?Inf)$/i;
/** Not base units: seconds, bytes, ratios and degrees of Celsius are. */
const OTHER_UNITS = /_(?:ms|milliseconds?|minutes?|hours?|kb|kilobytes?|mb|octets?|percent)(?:_|$)/;
const TYPES = ['counter', 'gauge'];

interface Family {
  help?: string;
  type?: string;
  ended: boolean;
  readonly series: Set<string>;
}

/** Each fault with its line; empty: there is none. */
export function faultsOf(text: string): string[] {
  const faults: string[] = [];
  const families = new Map<string, Family>();
  const family = (name: string): Family => {
    const known: Family = families.get(name) ?? { ended: false, series: new Set() };
    // One group for each metric: who begins another has ended this one.
    for (const [other, each] of families) if (other !== name) each.ended = true;
    if (known.ended) faults.push(`${name}: its lines do not stand together`);
    families.set(name, known);
    return known;
  };
  if (!text.endsWith('\n')) faults.push('the last line does not end');
  for (const line of text.split('\n').slice(0, -1)) {
    if (line.startsWith('#')) comment(line, family, faults);
    else series(line, family, faults);
  }
  for (const [name, { help, type }] of families) faults.push(...named(name, help, type));
  return faults;
}

function comment(line: string, family: (name: string) => Family, faults: string[]): void {
  const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
  if (kind === undefined) {
    faults.push(`no comment that anybody reads: ${line}`);
    return;
  }
  const known = family(name);
  if (known.series.size > 0) faults.push(`${name}: ${kind} behind its values`);
  if (kind === 'HELP') {
    if (known.help !== undefined) faults.push(`${name}: HELP twice`);
    known.help = rest;
  } else {
    if (known.type !== undefined) faults.push(`${name}: TYPE twice`);
    if (!TYPES.includes(rest)) faults.push(`${name}: no type: ${rest}`);
    known.type = rest;
  }
}

function series(line: string, family: (name: string) => Family, faults: string[]): void {
  const [, name = '', labels, value = ''] = SERIES.exec(line) ?? [];
  if (!NAME.test(name) || !VALUE.test(value)) {
    faults.push(`no series: ${line}`);
    return;
  }
  const known = family(name);
  if (known.series.has(labels ?? '')) faults.push(`${name}: twice with {${labels ?? ''}}`);
  known.series.add(labels ?? '');
  if (known.type === 'counter' && Number(value) < 0) faults.push(`${name}: a counter below zero`);
  if (labels !== undefined) faults.push(...labelled(name, labels));
}

function labelled(name: string, labels: string): string[] {
  const names: string[] = [];
  let at = 0;
  while (at < labels.length) {
    PAIR.lastIndex = at;
    const [whole = '', label = ''] = PAIR.exec(labels) ?? [];
    if (whole === '') return [`${name}: no labels: {${labels}}`];
    names.push(label);
    at += whole.length;
  }
  return [
    ...names
      .filter((label) => !LABEL.test(label) || label.startsWith('__'))
      .map((label) => `${name}: ${label}?`),
    ...(new Set(names).size < names.length ? [`${name}: a label twice`] : []),
  ];
}

function named(name: string, help: string | undefined, type: string | undefined): string[] {
  const faults: string[] = [];
  if (help === undefined) faults.push(`${name}: no HELP`);
  if (type === undefined) faults.push(`${name}: no TYPE`);
  if (!CONVENTION.test(name)) faults.push(`${name}: not by our convention`);
  if (name.endsWith('_total') !== (type === 'counter'))
    faults.push(`${name}: _total is for counters, and all of them`);
  if (OTHER_UNITS.test(name)) faults.push(`${name}: no base unit`);
  if (name.includes(type ?? '?')) faults.push(`${name}: the type does not belong into the name`);
  if (/_(?:count|sum|bucket)$/.test(name)) faults.push(`${name}: ends as a part of a histogram does`);
  return faults;
}
