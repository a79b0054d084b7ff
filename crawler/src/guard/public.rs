//! Which numbers are single machines on the public internet: everything that IANA's two special-purpose
//! registries list is none, whatever may be reachable of it, and no web site lies there.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Networks of IPv4 that are nobody's web site: first address, length of the prefix.
const SPECIAL_V4: [([u8; 4], u32); 19] = [
    ([0, 0, 0, 0], 8),        // this network
    ([10, 0, 0, 0], 8),       // private
    ([100, 64, 0, 0], 10),    // carrier NAT, and in it the metadata service of Aliyun
    ([127, 0, 0, 0], 8),      // loopback
    ([168, 63, 129, 16], 32), // Azure's own service for its machines, at a public number
    ([169, 254, 0, 0], 16),   // link-local, and in it the usual metadata service
    ([172, 16, 0, 0], 12),    // private
    ([192, 0, 0, 0], 24),     // protocol assignments
    ([192, 0, 2, 0], 24),     // documentation
    ([192, 31, 196, 0], 24),  // AS112
    ([192, 52, 193, 0], 24),  // multicast tunnels
    ([192, 88, 99, 0], 24),   // 6to4 relays
    ([192, 168, 0, 0], 16),   // private
    ([192, 175, 48, 0], 24),  // AS112
    ([198, 18, 0, 0], 15),    // benchmarks
    ([198, 51, 100, 0], 24),  // documentation
    ([203, 0, 113, 0], 24),   // documentation
    ([224, 0, 0, 0], 4),      // multicast
    ([240, 0, 0, 0], 4),      // reserved, broadcast
];

/// The same of IPv6 inside 2000::/3; outside of it nothing is handed out for use.
const SPECIAL_V6: [([u16; 3], u32); 4] = [
    ([0x2001, 0, 0], 23),         // protocol assignments: Teredo, benchmarks, ORCHID, AS112 …
    ([0x2001, 0xdb8, 0], 32),     // documentation
    ([0x2620, 0x4f, 0x8000], 48), // AS112
    ([0x3fff, 0, 0], 20),         // documentation
];

/// Whether an address belongs to one machine on the public internet.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let number = u32::from(address);
    let differs_within = |(first, length): &([u8; 4], u32)| {
        (number ^ u32::from(Ipv4Addr::from(*first))).checked_shr(32 - length).is_some_and(|rest| rest != 0)
    };
    SPECIAL_V4.iter().all(differs_within)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    // Addresses that carry an IPv4 address lead where that one leads.
    let segments = address.segments();
    let [_, _, _, _, fifth, sixth, high, low] = segments;
    let inner = |high, low| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    let mapped = segments.starts_with(&[0, 0, 0, 0, 0, 0xffff]);
    let translated = segments.starts_with(&[0x64, 0xff9b, 0, 0, 0, 0]);
    if mapped || translated {
        return is_public_v4(inner(high, low));
    }
    if let [0x2002, high, low, ..] = segments
        && !is_public_v4(inner(high, low))
    {
        return false;
    }
    let isatap = fifth & !0x0200 == 0 && sixth == 0x5efe;
    if isatap && !is_public_v4(inner(high, low)) {
        return false;
    }
    let [first, ..] = segments;
    let global_unicast = first & 0xe000 == 0x2000;
    let number = u128::from(address);
    let differs_within = |([a, b, c], length): &([u16; 3], u32)| {
        let first = u128::from(Ipv6Addr::new(*a, *b, *c, 0, 0, 0, 0, 0));
        (number ^ first).checked_shr(128 - length).is_some_and(|rest| rest != 0)
    };
    global_unicast && SPECIAL_V6.iter().all(differs_within)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_single_machines_on_the_public_internet_are_public() {
        let public = [
            "1.0.0.0",
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "101.226.4.6",
            "223.5.5.5",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "168.63.129.15",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "191.255.255.255",
            "192.0.1.0",
            "192.0.3.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "198.51.99.255",
            "198.51.101.0",
            "203.0.112.255",
            "203.0.114.0",
            "223.255.255.255",
            "2000::1",
            "2001:200::1",
            "2001:da8::1",
            "2001:db7:ffff::1",
            "2001:db9::1",
            "2400:3200::1",
            "2606:4700:4700::1111",
            "2620:4f:7fff::1",
            "2620:4f:8001::1",
            "2a00:1450::1",
            "3ffe:ffff::1",
            "3fff:1000::1",
            "::ffff:1.1.1.1",
            "::ffff:101:101",
            "64:ff9b::1.1.1.1",
            "2002:101:101::1",
            "2400::5efe:1.1.1.1",
        ];
        let special = [
            "0.0.0.0",
            "0.1.2.3",
            "0.255.255.255",
            "10.0.0.0",
            "10.255.255.255",
            "100.64.0.0",
            "100.100.100.200",
            "100.127.255.255",
            "127.0.0.1",
            "127.8.8.8",
            "127.255.255.255",
            "168.63.129.16",
            "169.254.0.0",
            "169.254.169.254",
            "169.254.255.255",
            "172.16.0.0",
            "172.31.255.255",
            "192.0.0.0",
            "192.0.0.9",
            "192.0.0.192",
            "192.0.2.255",
            "192.31.196.1",
            "192.52.193.1",
            "192.88.99.1",
            "192.168.0.0",
            "192.168.255.255",
            "192.175.48.1",
            "198.18.0.0",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.255",
            "224.0.0.0",
            "239.255.255.255",
            "240.0.0.0",
            "255.255.255.255",
            "::",
            "::1",
            "::2",
            "::127.0.0.1",
            "::1.1.1.1",
            "::ffff:127.0.0.1",
            "::ffff:7f00:1",
            "::ffff:a9fe:a9fe",
            "::ffff:10.0.0.1",
            "::ffff:0:1.1.1.1",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "64:ff9b:1::1.1.1.1",
            "100::1",
            "100:0:0:1::1",
            "2001::1",
            "2001:1::1",
            "2001:2::1",
            "2001:3::1",
            "2001:4:112::1",
            "2001:10::1",
            "2001:20::1",
            "2001:30::1",
            "2001:1ff:ffff::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:a9fe:a9fe::1",
            "2002:c0a8:1::1",
            "2620:4f:8000::1",
            "3fff::1",
            "3fff:fff::1",
            "4000::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fdff::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "fe80::5efe:1.1.1.1",
            "ff02::1",
            "ffff::1",
            "2400::5efe:10.0.0.1",
            "2400::200:5efe:127.0.0.1",
        ];
        for (addresses, expected) in [(&public[..], true), (&special[..], false)] {
            for address in addresses {
                assert_eq!(is_public(address.parse().unwrap()), expected, "{address}");
            }
        }
    }
}
