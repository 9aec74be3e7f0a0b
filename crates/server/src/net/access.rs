//! By which names the server may be called, and which proxies it believes.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::http::{HeaderMap, HeaderName};

use crate::ip_network::IpNetwork;
use crate::options::AccessOptions;

/// The header in which proxies list the addresses that a request came from.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// What the command line allows.
#[derive(Debug)]
pub struct Access {
    /// In lower case.
    names: Vec<String>,
    proxies: Vec<IpNetwork>,
}

impl Access {
    /// What the options allow.
    pub fn new(options: &AccessOptions) -> Self {
        Self {
            names: options.allowed_hosts.iter().map(|name| normalized(name)).collect(),
            proxies: options.trusted_proxies.clone(),
        }
    }

    /// Whether requests may name this host, without its port: a name of this machine, one that the
    /// command line allows, or any IP address. With DNS rebinding, a foreign page calls the server
    /// by the page's own name, never by an address.
    pub fn allows_host(&self, host: &str) -> bool {
        let host = normalized(host);
        let in_brackets = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        in_brackets.is_some_and(|host| host.parse::<Ipv6Addr>().is_ok())
            || host.parse::<IpAddr>().is_ok()
            || host == "localhost"
            || host.ends_with(".localhost")
            || self.names.contains(&host)
    }

    /// Whether the command line allows this name.
    pub fn names_host(&self, host: &str) -> bool {
        self.names.contains(&normalized(host))
    }

    /// The address of the client behind `peer`: `peer` itself, unless it is a trusted proxy. Then it
    /// is the last address that proxies report and that is no trusted proxy: clients can write
    /// anything before it.
    pub fn client_address(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let lists = headers.get_all(FORWARDED_FOR).iter();
        let lists: Vec<&str> = lists.map(|list| list.to_str().unwrap_or_default()).collect();
        let mut reported = lists.iter().rev().flat_map(|list| list.rsplit(','));
        let mut client = peer;
        while self.proxies.iter().any(|network| network.contains(client)) {
            let Some(address) = reported.next().and_then(parse_address) else { break };
            client = address;
        }
        client
    }
}

/// Names do not distinguish case, and may end with the dot of the root.
fn normalized(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    name.strip_suffix('.').map(str::to_owned).unwrap_or(name)
}

/// An address, perhaps with a port.
fn parse_address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    Some(text.parse().ok().or_else(with_port)?.to_canonical())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn access(names: &[&str], proxies: &[&str]) -> Access {
        Access::new(&AccessOptions {
            allowed_hosts: names.iter().map(|&name| name.to_owned()).collect(),
            trusted_proxies: proxies.iter().map(|text| text.parse().unwrap()).collect(),
        })
    }

    #[test]
    fn names_of_this_machine_addresses_and_allowed_names_are_allowed() {
        let access = access(&["Digits.Example"], &[]);
        for host in
            ["localhost", "a.localhost", "127.0.0.1", "192.168.1.5", "[::1]", "digits.example."]
        {
            assert!(access.allows_host(host), "{host}");
        }
        for host in ["evil.example", "example", "localhost.evil.example", "[::1", "", "127.0.0.1.a"]
        {
            assert!(!access.allows_host(host), "{host}");
        }
    }

    #[test]
    fn only_trusted_proxies_tell_the_clients_address() {
        let access = access(&[], &["10.0.0.0/8"]);
        let client = |peer: &str, lists: &[&'static str]| {
            let list = |text: &&'static str| (FORWARDED_FOR, HeaderValue::from_static(text));
            let headers: HeaderMap = lists.iter().map(list).collect();
            access.client_address(peer.parse().unwrap(), &headers).to_string()
        };
        assert_eq!(client("192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
        assert_eq!(client("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(client("10.0.0.1", &["1.1.1.1, 198.51.100.7"]), "198.51.100.7");
        assert_eq!(client("10.0.0.1", &["198.51.100.7", "10.9.9.9"]), "198.51.100.7");
        assert_eq!(client("10.0.0.1", &["[2001:db8::1]:443"]), "2001:db8::1");
        assert_eq!(client("10.0.0.1", &["1.1.1.1, forged"]), "10.0.0.1");
    }
}
