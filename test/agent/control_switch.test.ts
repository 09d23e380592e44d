import test from 'ava';
import { ControlSwitch } from '#agent/control_switch.ts';
import type { Control } from '#phone/types.ts';

type Listener = Parameters<Control['subscribe']>[0];

/** As much of an agent's control as is looked at here. */
class Stand {
  readonly listeners = new Set<Listener>();
  readonly heard: Int16Array[] = [];
  deliver: ((frame: Int16Array) => void) | undefined;
  attached = 0;
  readonly control: Control;

  constructor(name: string) {
    const other = () => {
      throw new Error('not asked for here');
    };
    this.control = {
      ...{ status: other, front: other, dial: other, answer: other, hangUp: other, operate: other },
      trace: () => [],
      metrics: () => '',
      config: () => name,
      configPlaces: () => [],
      subscribe: (listener) => {
        this.listeners.add(listener);
        return () => void this.listeners.delete(listener);
      },
      attachSound: (deliver) => {
        this.attached += 1;
        this.deliver = deliver;
        return {
          mouth: (frame) => void this.heard.push(frame),
          close: () => {
            this.attached -= 1;
          },
        };
      },
    };
  }
}

const FRAME = new Int16Array(160);

test('what is asked goes to the agent of the moment', (t) => {
  const [first, second] = [new Stand('first'), new Stand('second')];
  const control = new ControlSwitch(first.control);
  t.is(control.config(), 'first');
  control.turnTo(second.control);
  t.is(control.config(), 'second');
});

test('who listens goes on listening, and looks again when the agent is another', (t) => {
  const [first, second] = [new Stand('first'), new Stand('second')];
  const control = new ControlSwitch(first.control);
  const news: unknown[] = [];
  const end = control.subscribe((told) => void news.push(told));
  control.turnTo(second.control);
  t.is(first.listeners.size, 0);
  t.deepEqual(news.splice(0), ['status', 'front']);
  for (const listener of second.listeners) listener('front');
  t.deepEqual(news, ['front']);
  end();
  t.is(second.listeners.size, 0);
});

test('one listener subscribed twice is told twice, and each ends by itself', (t) => {
  const stand = new Stand('only');
  const control = new ControlSwitch(stand.control);
  const told: unknown[] = [];
  const listener: Listener = (news) => void told.push(news);
  const ends = [control.subscribe(listener), control.subscribe(listener)];
  ends[0]?.();
  for (const each of stand.listeners) each('status');
  t.is(told.length, 1);
});

test("a browser's handset moves to the new agent with ear and mouth", (t) => {
  const [first, second] = [new Stand('first'), new Stand('second')];
  const control = new ControlSwitch(first.control);
  const ear: Int16Array[] = [];
  const sound = control.attachSound((frame) => void ear.push(frame));
  control.turnTo(second.control);
  t.deepEqual([first.attached, second.attached], [0, 1]);
  second.deliver?.(FRAME);
  sound.mouth(FRAME);
  t.deepEqual([ear.length, first.heard.length, second.heard.length], [1, 0, 1]);
  sound.close();
  control.turnTo(first.control);
  t.deepEqual([first.attached, second.attached], [0, 0]);
});
