//! Who may ask. Any page in a browser on this machine can send requests to a loopback address: only the gate's own
//! page is answered.

use hyper::{Method, Request, header::HOST};

/// A header that no other site's page may send without being asked first, and nobody here says yes.
pub(super) const OWN: &str = "kaisatsu-page";

/// Whether a request is one of the gate's own page, or opens it. `port` is where it is served.
pub(super) fn is_own<B>(request: &Request<B>, port: u16) -> bool {
    let text = |name: &str| request.headers().get(name).and_then(|it| it.to_str().ok());
    let own = |host: &str| {
        let names = ["localhost", "127.0.0.1", "[::1]"];
        names.iter().any(|name| host == format!("{name}:{port}"))
    };
    // A name of somebody else's that leads to this machine isn't ours (DNS rebinding).
    if !text(HOST.as_str()).is_some_and(own) {
        return false;
    }
    let origin = text("origin");
    let same = origin.is_none_or(|it| it.strip_prefix("http://").is_some_and(own));
    let site = text("sec-fetch-site").is_none_or(|it| matches!(it, "same-origin" | "none"));
    let asks = request.method() == Method::POST || request.uri().path() == "/says";
    same && site && (!asks || text(OWN).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str, path: &str, headers: &[(&str, &str)]) -> Request<()> {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap()
    }

    #[test]
    fn only_the_gates_own_page_is_answered() {
        let host = ("host", "localhost:7080");
        let own = (OWN, "1");
        for (method, path, headers, expected) in [
            ("GET", "/", vec![host], true),
            ("GET", "/", vec![("host", "127.0.0.1:7080")], true),
            ("GET", "/", vec![("host", "[::1]:7080")], true),
            ("GET", "/", vec![], false),
            ("GET", "/", vec![("host", "tickets.example:7080")], false),
            ("GET", "/", vec![("host", "localhost:80")], false),
            ("GET", "/", vec![host, ("sec-fetch-site", "cross-site")], false),
            ("GET", "/says", vec![host], false),
            ("GET", "/says", vec![host, own], true),
            ("POST", "/say", vec![host], false),
            ("POST", "/say", vec![host, own], true),
            ("POST", "/say", vec![host, own, ("origin", "http://localhost:7080")], true),
            ("POST", "/say", vec![host, own, ("origin", "https://evil.example")], false),
            ("POST", "/say", vec![host, own, ("origin", "null")], false),
            ("POST", "/say", vec![host, own, ("sec-fetch-site", "same-site")], false),
        ] {
            let asked = request(method, path, &headers);
            assert_eq!(is_own(&asked, 7080), expected, "{method} {path} {headers:?}");
        }
    }
}
