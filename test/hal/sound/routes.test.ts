import test from 'ava';
import { type ControlSetting, type RoutePlan, Routes } from '#hal/linux/sound/routes.ts';

const PLANS: Readonly<Record<'handset' | 'speaker', RoutePlan>> = {
  handset: {
    controls: [
      { control: 'Speaker', on: false },
      { control: 'Headphone', on: true },
      { control: 'Input Mux', item: 'Handset Mic' },
      { control: 'Gone', on: true },
    ],
    volume: 'Headphone',
  },
  speaker: {
    controls: [
      { control: 'Headphone', on: false },
      { control: 'Speaker', on: true },
    ],
  },
};

function card() {
  const set: ControlSetting[] = [];
  const routes = new Routes<'handset' | 'speaker' | 'headset'>(
    {
      set: (setting) => {
        if (setting.control === 'Gone') return false;
        set.push(setting);
        return true;
      },
    },
    PLANS,
  );
  return { set, routes };
}

test('a route sets its controls in their order and names those that the card lacks', (t) => {
  const { set, routes } = card();
  t.deepEqual(routes.take('handset'), ['Gone']);
  t.deepEqual(set, PLANS.handset.controls.slice(0, 3));
});

test('volume goes to the control of the route, and follows to the next route that has one', (t) => {
  const { set, routes } = card();
  routes.volume = 0.5;
  t.deepEqual(set, [], 'no route yet');
  routes.take('handset');
  t.deepEqual(set.at(-1), { control: 'Headphone', level: 0.5 });
  routes.take('speaker');
  const before = set.length;
  routes.volume = 2;
  t.is(set.length, before, 'this one has none');
  routes.take('handset');
  t.deepEqual(set.at(-1), { control: 'Headphone', level: 1 });
});

test('a route that is not planned leaves the card as it is', (t) => {
  const { set, routes } = card();
  t.deepEqual(routes.take('headset'), []);
  t.deepEqual(set, []);
});
