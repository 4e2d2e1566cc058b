//! Hubs say in the local network where they are (multicast DNS, RFC 6762, with services by RFC 6763), so that gates find one that got
//! another address. Anybody may say so: what is heard is only where to try. Who answers must hold the key that the bundle names.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    sync::{Arc, PoisonError, RwLock},
};

use kaisatsu_shared::id::{DeviceId, InstallationId};
use mdns_sd::{ResolvedService, ServiceDaemon, ServiceEvent, ServiceInfo};

/// The service, as it is named in the network.
const SERVICE: &str = "_kaisatsu-hub._tcp.local.";
/// The property that says who it is.
const WHO: &str = "hub";
/// Most services that are remembered.
const MOST_SERVICES: usize = 64;
/// Most addresses that are tried for a device.
const MOST_ADDRESSES: usize = 4;

/// A hub is announced for as long as this is kept.
pub(crate) struct Announced(ServiceDaemon);

impl Announced {
    /// Says where this device is asked, at all of the machine's addresses if it listens at all.
    ///
    /// # Errors
    /// If the system gives no socket.
    pub(crate) fn begin(
        who: (InstallationId, DeviceId),
        listens: SocketAddr,
    ) -> mdns_sd::Result<Self> {
        let name = name(who);
        let (host, properties) = (format!("{name}.local."), [(WHO, name.as_str())]);
        let (ip, port) = (listens.ip(), listens.port());
        let everywhere = ip.is_unspecified();
        let ips: &[IpAddr] = if everywhere { &[] } else { &[ip] };
        let service = ServiceInfo::new(SERVICE, &name, &host, ips, port, &properties[..])?;
        let service = if everywhere { service.enable_addr_auto() } else { service };
        let daemon = ServiceDaemon::new()?;
        daemon.register(service)?;
        Ok(Self(daemon))
    }
}

impl Drop for Announced {
    fn drop(&mut self) {
        let _ = self.0.shutdown();
    }
}

/// What hubs say of themselves, as long as this is kept.
pub(crate) struct Nearby {
    daemon: ServiceDaemon,
    heard: Arc<RwLock<Services>>,
}

impl Nearby {
    /// Begins to listen.
    ///
    /// # Errors
    /// If the system gives no socket.
    pub(crate) fn listen() -> mdns_sd::Result<Self> {
        let daemon = ServiceDaemon::new()?;
        let events = daemon.browse(SERVICE)?;
        let heard = Arc::<RwLock<Services>>::default();
        let kept = Arc::clone(&heard);
        tokio::spawn(async move {
            while let Ok(event) = events.recv_async().await {
                kept.write().unwrap_or_else(PoisonError::into_inner).note(event);
            }
        });
        Ok(Self { daemon, heard })
    }

    /// Where a hub says that it is asked.
    pub(crate) fn addresses(&self, hub: (InstallationId, DeviceId)) -> Vec<String> {
        self.heard.read().unwrap_or_else(PoisonError::into_inner).of(&name(hub))
    }
}

impl Drop for Nearby {
    fn drop(&mut self) {
        let _ = self.daemon.shutdown();
    }
}

fn name((installation, device): (InstallationId, DeviceId)) -> String {
    format!("{installation}-{device}")
}

/// Services by their full name: who they say they are, and where.
#[derive(Debug, Default)]
struct Services(BTreeMap<String, (String, Vec<SocketAddr>)>);

impl Services {
    fn note(&mut self, event: ServiceEvent) {
        match event {
            ServiceEvent::ServiceResolved(service) => self.resolved(&service),
            ServiceEvent::ServiceRemoved(_, name) => {
                self.0.remove(&name);
            }
            _ => {}
        }
    }

    fn resolved(&mut self, service: &ResolvedService) {
        let Some(who) = service.get_property_val_str(WHO) else { return };
        let ips = service.addresses.iter().map(mdns_sd::ScopedIp::to_ip_addr);
        let mut ips: Vec<_> = ips.filter(is_local).collect();
        ips.sort_unstable();
        let addresses = ips.into_iter().map(|ip| SocketAddr::new(ip, service.port)).collect();
        if self.0.contains_key(&service.fullname) || self.0.len() < MOST_SERVICES {
            self.0.insert(service.fullname.clone(), (who.to_owned(), addresses));
        }
    }

    fn of(&self, hub: &str) -> Vec<String> {
        let its = self.0.values().filter(|(who, _)| who == hub);
        let addresses = its.flat_map(|(_, addresses)| addresses).filter(|it| it.port() > 0);
        addresses.take(MOST_ADDRESSES).map(ToString::to_string).collect()
    }
}

/// Whether an address can be in the venue's own network. IPv6's link-local addresses need an interface, which no URL can name.
fn is_local(ip: &IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_private() || ip.is_link_local() || ip.is_loopback(),
        IpAddr::V6(ip) => ip.is_unique_local() || ip.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn services(said: &[(&str, &str, &str)]) -> Services {
        let mut services = Services::default();
        for (name, who, ips) in said {
            let properties = [(WHO, *who)];
            let info = ServiceInfo::new(SERVICE, name, "hub.local.", *ips, 7443, &properties[..]);
            let resolved = Box::new(info.unwrap().as_resolved_service());
            services.note(ServiceEvent::ServiceResolved(resolved));
        }
        services
    }

    #[test]
    fn a_hub_is_known_by_its_name_and_forgotten_when_it_leaves() {
        let mut heard = services(&[("a", "i-3", "192.168.1.20"), ("b", "i-4", "10.0.0.9,fd00::9")]);
        assert_eq!(heard.of("i-3"), ["192.168.1.20:7443"]);
        assert_eq!(heard.of("i-4"), ["10.0.0.9:7443", "[fd00::9]:7443"]);
        assert!(heard.of("j-3").is_empty());
        heard.note(ServiceEvent::ServiceRemoved(SERVICE.to_owned(), format!("a.{SERVICE}")));
        assert!(heard.of("i-3").is_empty());
    }

    #[test]
    fn what_anybody_may_say_is_bounded_and_stays_in_the_network() {
        let outside = services(&[("a", "i-3", "203.0.113.7,2001:db8::7,fe80::7")]);
        assert!(outside.of("i-3").is_empty());
        let names: Vec<_> = (0..200).map(|place| format!("n{place}")).collect();
        let said: Vec<_> = names.iter().map(|name| (name.as_str(), "i-3", "10.0.0.9")).collect();
        let many = services(&said);
        assert_eq!((many.0.len(), many.of("i-3").len()), (MOST_SERVICES, MOST_ADDRESSES));
    }
}
