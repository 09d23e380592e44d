/**
 * 6bed4 with real NATs: peers that find each other straight or by the router, mappings and paths that get lost, routers
 * that come and go, native IPv6, and hostile strangers. Each story has an Internet of its own.
 */
import {
  directPathCut,
  mappingLost,
  mappingLostInCall,
  routerDies,
  routerRestarts,
  solicitations,
} from './sixbed4_changes.ts';
import { hostileToPeer, hostileToRouter } from './sixbed4_hostile.ts';
import { hostileRouter } from './sixbed4_hostile_router.ts';
import { multitudes } from './sixbed4_multitudes.ts';
import { behindOneNat, pair } from './sixbed4_pairs.ts';
import { nativeHost, twoRouters } from './sixbed4_routers.ts';
import { type Finding, type Pace, type Tale, tellAll } from './sixbed4_tale.ts';

interface Story {
  readonly happens: (pace: Pace) => Promise<readonly Finding[]>;
  /** For people only, or in a test that shares the machine, too. */
  readonly inShort: boolean;
}

const inShort = (happens: Story['happens']): Story => ({ happens, inShort: true });
const forPeople = (happens: Story['happens']): Story => ({ happens, inShort: false });

export const STORIES: Readonly<Record<string, Story>> = {
  'cone calls cone': inShort((pace) => pair('cone', 'cone', pace)),
  'cone calls public': forPeople((pace) => pair('cone', 'public', pace)),
  'public calls cone': forPeople((pace) => pair('public', 'cone', pace)),
  'public calls public': forPeople((pace) => pair('public', 'public', pace)),
  'symmetric calls symmetric': inShort((pace) => pair('symmetric', 'symmetric', pace)),
  'cone calls symmetric': inShort((pace) => pair('cone', 'symmetric', pace)),
  'symmetric calls cone': inShort((pace) => pair('symmetric', 'cone', pace)),
  'public calls symmetric': forPeople((pace) => pair('public', 'symmetric', pace)),
  'symmetric calls public': forPeople((pace) => pair('symmetric', 'public', pace)),
  'behind one cone, with hairpin': inShort((pace) => behindOneNat('cone', true, pace)),
  'behind one cone, without': inShort((pace) => behindOneNat('cone', false, pace)),
  'behind one symmetric, with hairpin': forPeople((pace) => behindOneNat('symmetric', true, pace)),
  'behind one symmetric, without': forPeople((pace) => behindOneNat('symmetric', false, pace)),
  'a symmetric mapping is lost while idle': inShort(() => mappingLost()),
  'a cone forgets in the midst of a call': forPeople(() => mappingLostInCall('cone')),
  'a symmetric NAT forgets in the midst of a call': inShort(() => mappingLostInCall('symmetric')),
  'the direct path is cut in the midst of a call': inShort((pace) => directPathCut('both', pace)),
  'it is cut in one direction': inShort((pace) => directPathCut('out', pace)),
  'native IPv6 behind the router, peer behind a cone': inShort(() => nativeHost('cone')),
  'native IPv6 behind the router, peer behind a symmetric NAT': forPeople(() => nativeHost('symmetric')),
  'solicitations while there is no router': inShort(solicitations),
  'the router starts again': forPeople(() => routerRestarts()),
  'the router dies, another lives': inShort(() => routerDies()),
  'strangers lie to the router': inShort(() => hostileToRouter()),
  'strangers lie to a peer': inShort(() => hostileToPeer()),
  'a stranger is a router, and lies': inShort(() => hostileRouter()),
  'strangers and targets by the thousand': inShort(multitudes),
  'two routers, cone calls cone': inShort(() => twoRouters('cone')),
  'two routers, symmetric calls symmetric': forPeople(() => twoRouters('symmetric')),
};

/** Tales in the order of the stories. */
export function sixbed4(stories: readonly string[], pace: Pace, parallel: number): Promise<readonly Tale[]> {
  return tellAll(stories, async (story) => (await STORIES[story]?.happens(pace)) ?? [], parallel);
}

export const SHORT_STORIES: readonly string[] = Object.entries(STORIES).flatMap(([name, story]) =>
  story.inShort ? [name] : [],
);
