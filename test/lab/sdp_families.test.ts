/** Our answers take the family of the offer, our offers that of SIP; what we cannot have gets 488. */
import { inLab } from './in_lab.ts';
import { type Question, sdpFamilies } from './scenarios/sdp_families.ts';

inLab()('an answer takes the family of the offer, an offer that of SIP', async (t) => {
  for (const { title, sip, offer, us } of await sdpFamilies(false)) {
    const expected = familyOf(offer, sip);
    t.is(us.status, expected === undefined ? 488 : 200, title);
    t.is(us.family, expected, title);
    t.is(us.sound, expected, title);
    t.is(us.toTeredo, 0, title);
  }
});

function familyOf(offer: Question['offer'], sip: Question['sip']): Question['sip'] | undefined {
  if (offer === 'none') return sip;
  return offer === 4 || offer === 6 ? offer : undefined;
}
