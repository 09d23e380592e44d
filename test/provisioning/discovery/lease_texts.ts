/** Leases in the forms of systemd 252, dhcpcd 9.4 and ISC dhclient 4.4. */

const hexOf = (text: string) => Buffer.from(text).toString('hex');

export const NETWORKD_LEASE = `# This is private data. Do not parse.
ADDRESS=10.9.0.64
NETMASK=255.255.255.0
ROUTER=10.9.0.1
SERVER_ADDRESS=10.9.0.1
T1=1800
NTP=10.9.0.3
SIP=10.9.0.5
DOMAINNAME=lan.example.net
DOMAIN_SEARCH_LIST=a.example b.example
TIMEZONE=Europe/Amsterdam
CLIENTID=ff95a090fe00020000ab110033bdebf95e192c
VENDOR_SPECIFIC=${hexOf('http://vendor.example.net/')}
OPTION_160=${hexOf('https://one-six-zero.example/')}
`;

export const NETWORKD_LINK = `# This is private data. Do not parse.
ADMIN_STATE=configured
OPER_STATE=routable
NETWORK_FILE=/run/systemd/network/10-e.network
DNS=2001:db8:9::1
NTP=10.9.0.3 2001:db8:9::7b
SIP=
DOMAINS=lan.example.net v6.example.net
ROUTE_DOMAINS=
DHCP_LEASE=/run/systemd/netif/leases/2
`;

export const DUMP = `reason=CARRIER
interface=eth0
protocol=link
ifcarrier=up

reason=BOUND
interface=eth0
protocol=dhcp
ip_address=10.9.0.63
domain_name=lan.example.net
tftp_server_name='https://prov.example.net/h/'
tftp_servers=10.9.0.2
sip_server=pbx.example.net
vendor_encapsulated_options=${hexOf('http://vendor.example.net/')}
ntp_servers=10.9.0.3
dhcp_lease_time=3600

reason=ROUTERADVERT
interface=eth0
protocol=ra
nd1_from=fe80::c4d1:78ff:fe94:58fd
nd1_dnssl1_lifetime=3600
nd1_dnssl1_search=v6.example.net
nd1_rdnss1_servers=2001:db8:9::1

reason=BOUND6
interface=eth0
protocol=dhcp6
dhcp6_client_id=000100013293009a22c99b98ad66
dhcp6_ia_na1_ia_addr1=2001:db8:9::78
dhcp6_domain_search=v6.example.net
dhcp6_sip_ua_cs_list=cs.example.net
dhcp6_bootfile_url=https://prov6.example.net/h/
dhcp6_ntp_server_addr=2001:db8:9::7b
`;

const colons = (text: string) =>
  (hexOf(text).match(/../g) ?? []).map((pair) => pair.replace(/^0/, '')).join(':');

export const DHCLIENT = `default-duid "\\000\\001\\000\\001";
lease {
  interface "eth0";
  fixed-address 10.9.0.50;
  option tftp-server-name "http://old.example.net/";
  expire 5 2026/11/27 09:30:00;
}
lease {
  interface "eth0";
  fixed-address 10.9.0.51;
  option subnet-mask 255.255.255.0;
  option tftp-server-name "https://new.example.net/\\"q\\"";
  option unknown-160 ${colons('https://poly.example.net/')};
  option vendor-encapsulated-options "http://vendor.example.net/";
  option domain-search "a.example.", "b.example.";
  option ntp-servers 10.9.0.3,10.9.0.4;
  # a comment with a brace: }
  renew 4 2026/11/26 09:30:00;
  expire 5 2026/11/27 09:30:00;
}
lease {
  interface "wlan0";
  fixed-address 192.168.1.7;
  expire 1 2026/11/02 09:30:00;
}
lease6 {
  interface "eth0";
  ia-na 9b:98:ad:66 {
    starts 1795000000;
    iaaddr 2001:db8:9::51 {
      starts 1795000000;
      preferred-life 3600;
    }
  }
  option dhcp6.bootfile-url "https://prov6.example.net/h/";
  option dhcp6.unknown-58 ${colons('\x02cs\x07example\x03net\x00')};
}
`;
