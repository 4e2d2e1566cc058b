//! The one thread that writes. It takes every command that waits, runs them in one transaction,
//! commits once for all of them, and only then answers: natural group commit.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::Duration,
};

use kaisatsu_shared::id::EventId;
use tokio::sync::oneshot;

use super::{Fatal, session::Session};
use crate::store::{ErrorKind, StoreError};

/// Most work of one transaction; a claim is 1.
const GROUP_WEIGHT: u32 = 256;

/// How often an idle writer looks for what other programs committed.
const POLL: Duration = Duration::from_millis(100);

/// Something to do, and its answer. It can be run again if the transaction was undone.
pub(super) trait Command: Send {
    /// How much of a transaction it fills.
    fn weight(&self) -> u32;
    /// Does it, and keeps the answer.
    ///
    /// # Errors
    /// What spoils the transaction for every command in it. A refusal is an answer.
    fn run(&mut self, session: &mut Session) -> Result<(), StoreError>;
    /// Sends the kept answer, or `failure`.
    fn answer(&mut self, failure: Option<&StoreError>);
}

/// What the writer's thread receives.
pub(super) enum Message {
    /// Something to do in a transaction.
    Run(Box<dyn Command>),
    /// Tell the event's watchers where its ledger stands.
    Announce(EventId),
    /// Finish.
    Close(oneshot::Sender<()>),
}

/// Counts the writer's work.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) commands: AtomicU64,
    pub(super) commits: AtomicU64,
}

/// Work that runs in the session and answers through a channel.
pub(super) struct Task<T, F> {
    weight: u32,
    work: F,
    result: Option<Result<T, StoreError>>,
    reply: Option<oneshot::Sender<Result<T, StoreError>>>,
}

impl<T, F> Task<T, F> {
    pub(super) fn new(weight: u32, work: F) -> (Self, oneshot::Receiver<Result<T, StoreError>>) {
        let (reply, receiver) = oneshot::channel();
        (Self { weight, work, result: None, reply: Some(reply) }, receiver)
    }
}

impl<T, F> Command for Task<T, F>
where
    T: Send,
    F: FnMut(&mut Session) -> Result<T, StoreError> + Send,
{
    fn weight(&self) -> u32 {
        self.weight
    }

    fn run(&mut self, session: &mut Session) -> Result<(), StoreError> {
        match (self.work)(session) {
            Err(error) if spoils(&error) => Err(error),
            result => {
                self.result = Some(result);
                Ok(())
            }
        }
    }

    fn answer(&mut self, failure: Option<&StoreError>) {
        let kept = self.result.take();
        let result = match failure {
            Some(error) => Err(error.clone()),
            None => kept.unwrap_or(Err(StoreError::Closed)),
        };
        if let Some(reply) = self.reply.take() {
            // Who asked may have gone; what was done stays done.
            drop(reply.send(result));
        }
    }
}

/// Whether an error means that the transaction can't be trusted or go on.
pub(super) fn spoils(error: &StoreError) -> bool {
    matches!(error.kind(), ErrorKind::Internal | ErrorKind::Full | ErrorKind::Unavailable)
}

/// Whether it isn't known any more what is on the disk: a failed write or fsync. The process must
/// end; starting again finds out. So it must where another program began a new epoch.
const fn is_fatal(error: &StoreError) -> bool {
    matches!(error, StoreError::StorageFailed(_) | StoreError::EpochRaised)
}

/// The writer's thread.
pub(super) struct Writer {
    pub(super) session: Session,
    pub(super) receiver: Receiver<Message>,
    pub(super) counters: Arc<Counters>,
    pub(super) fatal: Fatal,
}

impl Writer {
    /// Works until the store is closed or dropped, or the disk fails. If it panics, the process is
    /// told to end: nobody would write any more.
    pub(super) fn run(self) {
        let fatal = Arc::clone(&self.fatal);
        let worked = catch_unwind(AssertUnwindSafe(move || self.work()));
        if worked.is_err() {
            fatal(&StoreError::WriterPanicked);
        }
    }

    fn work(mut self) {
        let mut next = None;
        loop {
            let message = match next.take() {
                Some(message) => Ok(message),
                None => self.receiver.recv_timeout(POLL),
            };
            let done = match message {
                Ok(Message::Run(first)) => {
                    let (group, after) = self.gather(first);
                    next = after;
                    // After the answers, so that nobody waits for it.
                    self.commit(group).and_then(|()| self.session.checkpoint())
                }
                Ok(Message::Announce(event)) => self.session.prepare(event),
                Ok(Message::Close(reply)) => {
                    // The file is closed before the answer says so.
                    drop(self.session);
                    // Who asked may have gone.
                    let _ = reply.send(());
                    return;
                }
                Err(RecvTimeoutError::Timeout) => self.session.poll(),
                Err(RecvTimeoutError::Disconnected) => return,
            };
            if let Err(error) = done {
                if is_fatal(&error) {
                    tracing::error!(code = error.code(), "{error}");
                    (self.fatal)(&error);
                    return;
                }
                tracing::warn!(code = error.code(), "{error}");
            }
        }
    }

    /// `first` and what waits behind it, as far as one transaction takes; and the message after.
    fn gather(&self, first: Box<dyn Command>) -> (Vec<Box<dyn Command>>, Option<Message>) {
        let mut weight = first.weight();
        let mut group = vec![first];
        while weight < GROUP_WEIGHT {
            match self.receiver.try_recv() {
                Ok(Message::Run(command)) => {
                    weight = weight.saturating_add(command.weight());
                    group.push(command);
                }
                Ok(other) => return (group, Some(other)),
                Err(_) => break,
            }
        }
        (group, None)
    }

    /// Runs and commits a group, then answers. If one command spoils the transaction, each is
    /// run in its own, so that only the guilty fails.
    fn commit(&mut self, mut group: Vec<Box<dyn Command>>) -> Result<(), StoreError> {
        let mut outcome = self.transact(&mut group);
        match &outcome {
            Err((Stage::Work, error)) if group.len() > 1 && !is_fatal(error) => {
                outcome = Ok(());
                for command in &mut group {
                    let alone = self.transact(std::slice::from_mut(command));
                    command.answer(alone.as_ref().err().map(|(_, error)| error));
                    if alone.as_ref().is_err_and(|(_, error)| is_fatal(error)) {
                        outcome = alone;
                        break;
                    }
                }
            }
            _ => {}
        }
        // Commands that were answered alone answer no second time.
        let outcome = outcome.map_err(|(_, error)| error);
        for command in &mut group {
            command.answer(outcome.as_ref().err());
        }
        match outcome {
            Err(error) if is_fatal(&error) => Err(error),
            _ => Ok(()),
        }
    }

    fn transact(&mut self, group: &mut [Box<dyn Command>]) -> Result<(), (Stage, StoreError)> {
        self.session.begin().map_err(|error| {
            self.session.roll_back();
            (Stage::Begin, error)
        })?;
        let result = group
            .iter_mut()
            .try_for_each(|command| command.run(&mut self.session))
            .and_then(|()| self.session.commit());
        result.map_err(|error| {
            self.session.roll_back();
            (Stage::Work, error)
        })?;
        let commands = u64::try_from(group.len()).unwrap_or(u64::MAX);
        self.counters.commands.fetch_add(commands, Ordering::Relaxed);
        self.counters.commits.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

/// Where a transaction failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// It could not begin: nothing would be different for a single command.
    Begin,
    /// While working or committing.
    Work,
}
