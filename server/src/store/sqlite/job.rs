//! Issue jobs: how far one is, and that its name stands for one content only.

use kaisatsu_shared::id::{EventId, Serial};
use rusqlite::{Connection, OptionalExtension, params};

use super::{holder::holder_key, operation::Operation, session::Session, value::Big};
use crate::{
    people,
    store::{
        StoreError,
        types::{Actor, IssueChunk, JobChunk, JobId, JobProgress},
    },
};

impl Session {
    /// Begins a job, or goes on with it if `content` is what it was begun with.
    pub(super) fn begin_job(
        &mut self,
        actor: &Actor,
        event: EventId,
        job_id: JobId,
        content: &[u8; 32],
    ) -> Result<JobProgress, StoreError> {
        let operation = Operation::new(actor, "job.begin", format!("event/{event}/job"));
        self.operate_on(event, operation, |session, operation| {
            let organisation = operation.organisation;
            let key = holder_key(&session.connection, &session.installation, organisation)?;
            let content = people::keyed_hash(&key, event, &job_id.0, content);
            let known: Option<[u8; 32]> = session
                .connection
                .prepare_cached("SELECT content FROM jobs WHERE event_id = ?1 AND job = ?2")?
                .query_row(params![event.0, job_id.0], |row| row.get(0))
                .optional()?;
            match known {
                Some(known) if known != content => return Err(StoreError::JobContent),
                Some(_) => operation.outcome = "repeated",
                None => {
                    session.connection.execute(
                        "INSERT INTO jobs (event_id, job, organisation_id, content)
                         VALUES (?1, ?2, ?3, ?4)",
                        params![event.0, job_id.0, organisation.0, content],
                    )?;
                }
            }
            job(&session.connection, event, job_id)
        })
    }

    /// The first serial of a chunk that was issued before; none if it is the job's next one.
    pub(super) fn earlier_chunk(
        &self,
        chunk: &IssueChunk,
        count: u32,
    ) -> Result<Option<Serial>, StoreError> {
        let progress = job(&self.connection, chunk.event, chunk.job)?;
        let same = |known: &&JobChunk| known.first_row == chunk.first_row && known.count == count;
        if let Some(known) = progress.chunks.iter().find(same) {
            return Ok(Some(known.first));
        }
        match chunk.first_row.cmp(&progress.rows) {
            core::cmp::Ordering::Equal => Ok(None),
            core::cmp::Ordering::Greater => Err(StoreError::JobGap(progress.rows)),
            core::cmp::Ordering::Less => Err(StoreError::JobMismatch),
        }
    }
}

/// How far a job is.
pub(super) fn job(
    connection: &Connection,
    event: EventId,
    job: JobId,
) -> Result<JobProgress, StoreError> {
    let known = connection
        .prepare_cached("SELECT 1 FROM events WHERE id = ?1")?
        .query_row([event.0], |_| Ok(()))
        .optional()?;
    known.ok_or(StoreError::EventUnknown(event))?;
    let mut chunks = connection.prepare_cached(
        "SELECT first_row, first_serial, count FROM issue_jobs
         WHERE event_id = ?1 AND job = ?2 ORDER BY first_row",
    )?;
    let chunks = chunks.query_map(params![event.0, job.0], |row| {
        Ok(JobChunk {
            first_row: row.get::<_, Big>(0)?.0,
            first: Serial(row.get(1)?),
            count: row.get(2)?,
        })
    })?;
    let chunks: Vec<JobChunk> = chunks.collect::<Result<_, _>>()?;
    let end = |chunk: &JobChunk| chunk.first_row.saturating_add(u64::from(chunk.count));
    Ok(JobProgress { rows: chunks.last().map_or(0, end), chunks })
}
