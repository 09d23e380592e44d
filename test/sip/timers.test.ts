import test from 'ava';
import fc from 'fast-check';
import { type Timer, Timers } from '#sip/timers.ts';

test('timers fire in the order of their times, and of their setting where these are equal', (t) => {
  const timers = new Timers<string>();
  timers.set('late', 30);
  timers.set('first', 10);
  timers.set('second', 10);
  t.is(timers.deadline, 10);
  t.is(timers.due(9), undefined);
  t.deepEqual([timers.due(10), timers.due(10), timers.due(10)], ['first', 'second', undefined]);
  t.is(timers.deadline, 30);
});

test('a cleared timer leaves nothing behind, and clearing it again does no harm', (t) => {
  const timers = new Timers<string>();
  const one = timers.set('one', 10);
  timers.set('two', 20);
  timers.clear(one);
  timers.clear(one);
  timers.clear(undefined);
  t.is(timers.size, 1);
  t.is(timers.due(100), 'two');
  t.is(timers.deadline, Number.POSITIVE_INFINITY);
});

test('a timer is moved whether it runs or has fired', (t) => {
  const timers = new Timers<string>();
  const one = timers.set('one', 10);
  timers.set('one', 40, one);
  t.is(timers.size, 1);
  t.is(timers.due(40), 'one');
  timers.set('one', 50, one);
  t.is(timers.deadline, 50);
});

type Step = readonly ['set' | 'move' | 'clear' | 'due', number];

test('the heap agrees with a sorted list, whatever is done to it', (t) => {
  const step = fc.tuple(fc.constantFrom('set', 'set', 'move', 'clear', 'due'), fc.nat(50));
  const steps = fc.array(step as fc.Arbitrary<Step>, { maxLength: 200 });
  fc.assert(
    fc.property(steps, (script) => {
      const timers = new Timers<number>();
      const handles: Timer<number>[] = [];
      let model: { name: number; at: number }[] = [];
      for (const [what, number] of script) {
        const name = what === 'set' ? handles.length : number % Math.max(1, handles.length);
        if (what === 'due') {
          model.sort((a, b) => a.at - b.at);
          const expected =
            (model[0]?.at ?? Number.POSITIVE_INFINITY) <= number ? model.shift()?.name : undefined;
          if (timers.due(number) !== expected) return false;
        } else if (what === 'set' || handles[name] !== undefined) {
          model = model.filter((entry) => entry.name !== name);
          if (what === 'clear') timers.clear(handles[name]);
          else {
            handles[name] = timers.set(name, number, handles[name]);
            model.push({ name, at: number });
          }
        }
        const least = Math.min(...model.map(({ at }) => at), Number.POSITIVE_INFINITY);
        if (timers.size !== model.length || timers.deadline !== least) return false;
      }
      return true;
    }),
  );
  t.pass();
});
