//! Whose request it is, where a proxy of ours stands in front.

use std::net::{IpAddr, SocketAddr};

use actix_web::HttpRequest;
use domain::payments::channel::{among, network};
use ipnet::IpNet;

/// Networks of the proxies whose word is taken.
#[derive(Debug, Clone, Default)]
pub struct Proxies(Vec<IpNet>);

impl Proxies {
    /// The message of an error names what is not a network.
    pub fn of(networks: &[String]) -> anyhow::Result<Self> {
        let read = |text: &String| {
            network(text)
                .ok_or_else(|| anyhow::anyhow!("trusted_proxies: {text} is not a network like 10.0.0.0/8"))
        };
        Ok(Self(networks.iter().map(read).collect::<anyhow::Result<_>>()?))
    }

    /// The address that the request came from; none where it can't be told, and then nobody may say it is allowed.
    pub fn caller(&self, request: &HttpRequest) -> Option<IpAddr> {
        let forwarded = request.headers().get_all("x-forwarded-for").map(|value| value.to_str().ok());
        let forwarded: Option<Vec<&str>> = forwarded.collect();
        self.behind(request.peer_addr()?.ip(), forwarded.as_deref())
    }

    /// Each proxy adds at the right whom it saw. So the list is read from the right as long as it is our proxies who speak; the first
    /// other one is the caller, and what stands left of it is his own tale.
    fn behind(&self, peer: IpAddr, forwarded: Option<&[&str]>) -> Option<IpAddr> {
        let mut caller = peer.to_canonical();
        if !among(&self.0, caller) {
            return Some(caller);
        }
        let told: Vec<&str> = forwarded?.iter().flat_map(|value| value.split(',')).map(str::trim).collect();
        for word in told.into_iter().rev() {
            caller = address(word)?.to_canonical();
            if !among(&self.0, caller) {
                break;
            }
        }
        Some(caller)
    }
}

/// `10.1.2.3`, `10.1.2.3:4711`, `2001:db8::1`, `[2001:db8::1]:4711`.
fn address(word: &str) -> Option<IpAddr> {
    let bare = word.strip_prefix('[').and_then(|word| word.strip_suffix(']')).unwrap_or(word);
    bare.parse().ok().or_else(|| word.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_proxies_are_believed() {
        let proxies = Proxies::of(&["10.0.0.0/8".into(), "127.0.0.1".into()]).unwrap();
        let seen = |peer: &str, forwarded: &[&str]| {
            proxies.behind(peer.parse().unwrap(), Some(forwarded)).map(|address| address.to_string())
        };
        for (peer, forwarded, caller) in [
            ("203.0.113.9", &["194.187.247.152"][..], Some("203.0.113.9")),
            ("127.0.0.1", &["194.187.247.152"], Some("194.187.247.152")),
            ("::ffff:127.0.0.1", &["::ffff:194.187.247.152"], Some("194.187.247.152")),
            ("127.0.0.1", &["194.187.247.152, 203.0.113.9"], Some("203.0.113.9")),
            ("127.0.0.1", &["194.187.247.152, 203.0.113.9, 10.1.1.1"], Some("203.0.113.9")),
            ("127.0.0.1", &["194.187.247.152", "203.0.113.9"], Some("203.0.113.9")),
            ("127.0.0.1", &["203.0.113.9:4711"], Some("203.0.113.9")),
            ("127.0.0.1", &["[2001:db8::1]:4711"], Some("2001:db8::1")),
            ("127.0.0.1", &["194.187.247.152, unknown"], None),
            ("127.0.0.1", &[""], None),
            ("127.0.0.1", &[], Some("127.0.0.1")),
            ("10.1.1.1", &["10.2.2.2"], Some("10.2.2.2")),
        ] {
            assert_eq!(seen(peer, forwarded).as_deref(), caller, "{peer} {forwarded:?}");
        }
        let nobody = Proxies::default();
        assert_eq!(
            nobody.behind("127.0.0.1".parse().unwrap(), Some(&["194.187.247.152"])),
            "127.0.0.1".parse().ok()
        );
        assert!(Proxies::of(&["everywhere".into()]).is_err());
    }
}
