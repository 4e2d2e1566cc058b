//! A small HTTP/1.1 load generator: each connection sends a prepared request, waits for its
//! answer, and sends the next.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, bail};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// Makes the body of the n-th request.
pub type Body = Arc<dyn Fn(u32) -> String + Send + Sync>;

/// What to send where.
#[derive(Clone)]
pub struct Target {
    /// The server.
    pub address: SocketAddr,
    /// The path.
    pub path: &'static str,
    /// The bearer token.
    pub token: String,
    /// The requests' bodies.
    pub body: Body,
    /// The next request's number, shared by all runs against this server.
    pub next: Arc<AtomicU32>,
    /// A text that each answer must contain.
    pub expect: &'static str,
}

impl core::fmt::Debug for Target {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Target").field("address", &self.address).finish_non_exhaustive()
    }
}

/// What a run measured.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Requests answered a second.
    pub rate: f64,
    /// Half of the answers took at most this long.
    pub p50: Duration,
    /// 99 of 100 answers took at most this long.
    pub p99: Duration,
}

/// Keeps `connections` busy for `time`.
///
/// # Errors
/// If the server can't be reached or answers anything but 200 with the expected text.
pub async fn run(target: &Target, connections: usize, time: Duration) -> anyhow::Result<Load> {
    let tasks: Vec<_> =
        (0..connections).map(|_| tokio::spawn(connection(target.clone(), time))).collect();
    let mut times = Vec::new();
    for task in tasks {
        times.append(&mut task.await??);
    }
    times.sort_unstable();
    let at = |percent: usize| {
        times.get((times.len().saturating_sub(1)) * percent / 100).copied().unwrap_or_default()
    };
    let count = u32::try_from(times.len()).context("too many requests")?;
    Ok(Load { rate: f64::from(count) / time.as_secs_f64(), p50: at(50), p99: at(99) })
}

#[allow(clippy::disallowed_methods, reason = "a bench reads the clock")]
async fn connection(target: Target, time: Duration) -> anyhow::Result<Vec<Duration>> {
    let mut stream = TcpStream::connect(target.address).await?;
    stream.set_nodelay(true)?;
    let head = format!(
        "POST {} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n",
        target.path, target.token
    );
    let mut times = Vec::new();
    let mut answer = Vec::with_capacity(4_096);
    let end = std::time::Instant::now() + time;
    loop {
        let body = (target.body)(target.next.fetch_add(1, Ordering::Relaxed));
        let request = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
        let start = std::time::Instant::now();
        if start >= end {
            return Ok(times);
        }
        stream.write_all(request.as_bytes()).await?;
        read_answer(&mut stream, &mut answer, target.expect).await?;
        times.push(start.elapsed());
    }
}

async fn read_answer(
    stream: &mut TcpStream,
    answer: &mut Vec<u8>,
    expect: &str,
) -> anyhow::Result<()> {
    answer.clear();
    loop {
        if stream.read_buf(answer).await? == 0 {
            bail!("the server closed the connection");
        }
        let text = std::str::from_utf8(answer)?;
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .and_then(|(_, value)| value.trim().parse::<usize>().ok())
            .context("an answer without length")?;
        if body.len() < length {
            continue;
        }
        if !head.starts_with("HTTP/1.1 200") || !body.contains(expect) {
            bail!("unexpected answer: {text}");
        }
        return Ok(());
    }
}
