//! From the arguments to a plan and the job that it belongs to: doing a job again goes on where
//! it stopped and issues nothing twice.

use std::path::Path;

use kaisatsu_shared::id::{EventId, TypeId};
use sha2::{Digest, Sha256};

use super::plan::Plan;
use crate::{
    cli::{args::IssueArgs, context::Context, error::CliError},
    import::{self, BadRow, Import, Unsaid},
    store::{
        StoreError,
        types::{EventInfo, JobId},
    },
};

/// What the arguments ask for.
pub(super) struct Work {
    pub(super) plan: Plan,
    pub(super) job: JobId,
    /// Whether only `--job` finds the job again; otherwise the same command does.
    pub(super) named: bool,
    /// Rows that were left out.
    pub(super) bad: Vec<BadRow>,
}

/// Reads the arguments and the CSV file.
pub(super) async fn work(
    context: &Context,
    info: &EventInfo,
    arguments: &IssueArgs,
) -> Result<Work, CliError> {
    if let Some(job) = arguments.job
        && context.store.job(info.id, job).await?.rows == 0
    {
        return Err(CliError::usage(
            "job_unknown",
            "--job: nothing was issued under this job; check its number, or leave --job away to begin a new one",
        ));
    }
    let fresh = || -> Result<JobId, CliError> {
        Ok(JobId(context.world.random::<32>().map_err(StoreError::from)?))
    };
    let Some(path) = &arguments.csv else {
        // clap asks for --type and --count where there is no --csv.
        let (Some(ticket_type), Some(count)) = (arguments.ticket_type, arguments.count) else {
            return Err(CliError::usage("usage", "--count needs --type"));
        };
        let job = arguments.job.map_or_else(fresh, Ok)?;
        let plan = Plan::Count { ticket_type, count, unpaid: arguments.unpaid };
        return Ok(Work { plan, job, named: true, bad: Vec::new() });
    };
    let file = read(path)?;
    let unsaid = Unsaid { ticket_type: arguments.ticket_type, unpaid: arguments.unpaid };
    let Import { rows, bad } = import::read(&file, &finder(info), unsaid)?;
    if rows.is_empty() || !(bad.is_empty() || arguments.partial) {
        return Err(CliError::rows(bad, arguments.partial));
    }
    let job = match arguments.job {
        Some(job) => job,
        None if arguments.again => fresh()?,
        None => file_job(info.id, arguments.ticket_type, &file),
    };
    let named = arguments.again || arguments.job.is_some();
    Ok(Work { plan: Plan::rows(rows), job, named, bad })
}

fn read(path: &Path) -> Result<Vec<u8>, CliError> {
    std::fs::read(path).map_err(|error| {
        CliError::usage(
            "csv_unreadable",
            format_args!("--csv {}: {error}; check the path", path.display()),
        )
    })
}

/// Finds a type by its number or by its name in either language.
fn finder(info: &EventInfo) -> impl Fn(&str) -> Option<TypeId> {
    |text| {
        let found = info.types.iter().map(|known| &known.ticket_type).find(|known| {
            known.id.to_string() == text || known.name.ja == text || known.name.en == text
        });
        found.map(|known| known.id)
    }
}

/// The same file for the same event and type is the same job.
fn file_job(event: EventId, ticket_type: Option<TypeId>, file: &[u8]) -> JobId {
    let mut hasher = Sha256::new();
    hasher.update(b"kaisatsu/1/job/csv/");
    hasher.update(event.0.to_be_bytes());
    // Type 0 doesn't exist.
    hasher.update(ticket_type.unwrap_or_default().0.to_be_bytes());
    hasher.update(file);
    JobId(hasher.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_files_job_is_its_event_type_and_content() {
        let id = |event, ticket_type: Option<u16>, file: &[u8]| {
            file_job(EventId(event), ticket_type.map(TypeId), file)
        };
        let job = id(1, None, b"a");
        assert_eq!(job, id(1, None, b"a"));
        for other in [id(2, None, b"a"), id(1, Some(1), b"a"), id(1, None, b"b")] {
            assert_ne!(job, other);
        }
    }
}
