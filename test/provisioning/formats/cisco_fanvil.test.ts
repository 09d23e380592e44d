import test from 'ava';
import { cisco, read, refusal, WHOLE } from './files.ts';

test('a flat profile becomes a configuration', async (t) => {
  const { value, warnings, unknown } = await read(WHOLE.cisco);
  t.deepEqual([warnings, unknown], [[], []]);
  t.deepEqual(value, {
    accounts: [{ user: '204', domain: 'pbx.example.net', password: 'secret', codecs: ['pcma'] }],
  });
});

test('a profile that is split over two files is read as one', async (t) => {
  const common = cisco(
    '<Proxy_1_ ua="na">pbx.example.net</Proxy_1_><Register_Expires_1_>900</Register_Expires_1_>',
  );
  const { value, warnings } = await read(cisco('<User_ID_1_>204</User_ID_1_>'), common);
  t.deepEqual(warnings, []);
  t.deepEqual(value, {
    accounts: [{ user: '204', domain: 'pbx.example.net', expires: 900 }],
    provisioning: { locked: ['accounts'] },
  });
});

test('codecs, transport, proxy, dial plan and SRV of a line', async (t) => {
  const line = '<User_ID_2_>205</User_ID_2_><Proxy_2_>pbx.example.net</Proxy_2_>';
  const { value } = await read(
    cisco(
      line,
      '<Third_Preferred_Codec_2_>Unspecified</Third_Preferred_Codec_2_><Second_Preferred_Codec_2_>G711u</Second_Preferred_Codec_2_>',
      '<Preferred_Codec_2_>G722</Preferred_Codec_2_><SIP_Transport_2_>TLS</SIP_Transport_2_>',
      '<Outbound_Proxy_2_>edge.example.net</Outbound_Proxy_2_><Dial_Plan_2_>(*xx|[3469]11|&lt;:1408&gt;[2-9]xxxxxx|011x.)</Dial_Plan_2_>',
    ),
  );
  t.deepEqual(value, {
    accounts: [
      {
        user: '205',
        domain: 'pbx.example.net',
        transport: 'tls',
        outboundProxy: 'sip:edge.example.net;transport=tls;lr',
        codecs: ['g722', 'pcmu'],
      },
    ],
    dial: { map: '(*xx|[3469]11|<:1408>[2-9]xxxxxx|011x.)' },
  });
  const without = await read(
    cisco(line, '<Use_DNS_SRV_2_>No</Use_DNS_SRV_2_><Line_Enable_2_>Yes</Line_Enable_2_>'),
  );
  t.is((without.value.accounts as { port: number }[])[0]?.port, 5060);
  t.deepEqual((await read(cisco(line, '<Line_Enable_2_>No</Line_Enable_2_>'))).value, {});
  t.is(
    await refusal(cisco(line, '<SIP_Transport_2_>3</SIP_Transport_2_>')),
    'SIP_Transport_2_: expected UDP, TCP or TLS',
  );
});

test('Fanvil’s lines are entries of a list', async (t) => {
  const { value, warnings, unknown } = await read(WHOLE.fanvil);
  t.deepEqual([warnings, unknown], [[], []]);
  t.deepEqual(value, { accounts: [{ user: '204', domain: 'pbx.example.net', password: 'secret' }] });
});

test('a line of Fanvil’s that does not register is left out, unknown keys are told', async (t) => {
  const off = WHOLE.fanvil.replace('<Enable_Reg>1', '<Unheard_Of>1</Unheard_Of><Enable_Reg>0');
  const { value, unknown } = await read(off);
  t.deepEqual(value, {});
  t.deepEqual(unknown, ['SIP1/Unheard_Of']);
});
