import test from 'ava';
import { beginTrail, follow, type Trail } from '#provisioning/fetch/redirects.ts';

function after(from: string, ...locations: (string | undefined)[]): Trail | string {
  let trail = beginTrail(from);
  for (const location of locations) {
    const next = follow(trail, location);
    if ('refused' in next) return next.refused;
    trail = next.trail;
  }
  return trail;
}

test('a path leads to the same server, another host away from home, and never back to it', (t) => {
  t.like(after('https://a/x', '/y'), { urls: ['https://a/x', 'https://a/y'], home: true });
  t.like(after('https://a/x', 'https://b/y'), { home: false });
  t.like(after('https://a/x', 'https://a:444/y'), { home: false });
  t.like(after('https://a/x', 'https://b/y', 'https://a/z'), { home: false });
  t.like(after('http://a/x', 'https://a/x'), { home: false });
});

test('user and password in a Location are left out', (t) => {
  t.like(after('https://a/x', 'https://me:secret@b/y'), { urls: ['https://a/x', 'https://b/y'] });
});

for (const [what, from, locations, reason] of [
  ['from https to http', 'https://a/', ['http://a/'], /https to http/],
  ['in a circle', 'https://a/', ['/x', '/'], /circle/],
  ['for ever', 'https://a/', ['/1', '/2', '/3', '/4', '/5', '/6'], /more than 5/],
  ['to nowhere', 'https://a/', [undefined], /nowhere/],
  ['to no URL', 'https://a/', ['https://['], /nowhere/],
  ['to an endless URL', 'https://a/', [`/${'x'.repeat(3000)}`], /nowhere/],
  ['to a file', 'http://a/', ['file:///etc/passwd'], /file:/],
] as const) {
  test(`a redirection ${what} is refused`, (t) => {
    t.regex(String(after(from, ...locations)), reason);
  });
}
