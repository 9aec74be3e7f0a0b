//! A range of IP addresses.

use std::net::IpAddr;
use std::str::FromStr;

/// All addresses that share a prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IpNetwork {
    address: IpAddr,
    /// Number of leading bits that are the same.
    prefix: u8,
}

impl IpNetwork {
    /// Whether the address is one of them. IPv4 and IPv6 addresses are different.
    pub fn contains(&self, address: IpAddr) -> bool {
        let [own, other] = [self.address, address].map(bits);
        own.1 == other.1 && (own.0 ^ other.0).leading_zeros() >= u32::from(self.prefix)
    }
}

/// The bits of an address from the left, and the length of an address of its kind.
fn bits(address: IpAddr) -> (u128, u8) {
    match address {
        IpAddr::V4(address) => (u128::from(address.to_bits()) << 96, 32),
        IpAddr::V6(address) => (address.to_bits(), 128),
    }
}

impl FromStr for IpNetwork {
    type Err = String;

    /// Parses `IP` or `IP/LENGTH`.
    fn from_str(text: &str) -> Result<Self, String> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address
            .parse()
            .map_err(|_| format!("{address:?} is not an IP address, such as 10.0.0.1"))?;
        let longest = bits(address).1;
        let prefix = prefix.map_or(Ok(longest), |prefix| {
            let length = prefix.parse().ok().filter(|&length| length <= longest);
            length
                .ok_or_else(|| format!("the length {prefix:?} is not a number from 0 to {longest}"))
        })?;
        Ok(Self { address, prefix })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(network: &str, address: &str) -> bool {
        network.parse::<IpNetwork>().unwrap().contains(address.parse().unwrap())
    }

    #[test]
    fn a_prefix_covers_the_addresses_that_begin_with_it() {
        assert!(contains("10.1.0.0/16", "10.1.255.3") && !contains("10.1.0.0/16", "10.2.0.0"));
        assert!(contains("10.1.2.3", "10.1.2.3") && !contains("10.1.2.3", "10.1.2.2"));
        assert!(contains("0.0.0.0/0", "255.1.1.1") && !contains("0.0.0.0/0", "::1"));
        assert!(contains("fd00::/8", "fd12::1") && !contains("fd00::/8", "fe80::1"));
        assert!(contains("10.1.2.3/30", "10.1.2.0"));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "proxy", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "::/129", "10.0.0"] {
            assert!(text.parse::<IpNetwork>().is_err(), "{text}");
        }
    }
}
