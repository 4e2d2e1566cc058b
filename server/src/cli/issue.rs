//! `ticket issue`: by number or from a CSV file, in chunks that a crash can't issue twice.

use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};
use kaisatsu_shared::{
    id::{EventId, Serial, TypeId},
    ledger::MAX_ISSUED,
    token::Mode,
};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{args::IssueArgs, context::Context, error::CliError, files::OutDir};
use crate::{
    import::{self, BadRow},
    store::{
        StoreError,
        types::{EventInfo, Holder, IssueChunk, JobId, NewTicket},
    },
};

/// What will be issued, in the order of its serials.
enum Plan {
    /// So many tickets of one type, without holders.
    Count(TypeId, u32),
    /// A ticket a row, rows of one type together.
    Rows(Vec<(TypeId, Holder)>),
}

/// One command to the store.
struct Chunk {
    first_row: u64,
    ticket_type: TypeId,
    rows: Vec<NewTicket>,
}

/// What was issued.
#[derive(Serialize)]
struct Answer<'a> {
    event: EventId,
    job: JobId,
    /// Tickets issued by this command.
    issued: u64,
    /// Tickets that an interrupted run of the same job had issued before.
    repeated: u64,
    /// The first serial.
    first: Option<Serial>,
    /// Runs of consecutive serials: the first one and how many.
    serials: Vec<(Serial, u32)>,
    /// Tickets whose code changes: they have no file.
    without_file: u64,
    out: &'a Path,
    /// Rows that were left out.
    bad_rows: &'a [BadRow],
}

/// Issues tickets and draws their codes.
///
/// # Errors
/// [`CliError`]; what was issued before it stays issued, and the same command goes on from there.
pub(crate) async fn issue(context: &Context, arguments: IssueArgs) -> Result<(), CliError> {
    let event = arguments.event.event;
    let info = context.store.event(event).await?;
    if let Some(id) = arguments.ticket_type {
        known_type(&info, id)?;
    }
    let (plan, job, bad) = plan(context, &info, &arguments).await?;
    let out = &arguments.out;
    let unusable = |error: std::io::Error| CliError::file("--out", out, &error);
    let mut dir = OutDir::open(out).map_err(unusable)?;
    let progress = progress(&plan);
    let mut answer = Answer {
        event,
        job,
        issued: 0,
        repeated: 0,
        first: None,
        serials: Vec::new(),
        without_file: 0,
        out,
        bad_rows: &bad,
    };
    for chunk in plan.chunks() {
        let Chunk { first_row, ticket_type, rows } = chunk;
        let names: Vec<_> = rows.iter().map(name_of).collect();
        let command = IssueChunk { event, ticket_type, job, first_row, rows };
        let issued = context.store.issue(context.actor(), command).await?;
        let count = u64::from(issued.count);
        *(if issued.repeated { &mut answer.repeated } else { &mut answer.issued }) += count;
        answer.first.get_or_insert(issued.first);
        answer.serials.push((issued.first, issued.count));
        let drawn = known_type(&info, ticket_type)? == Mode::Static;
        if drawn {
            let actor = context.actor();
            let shown = context.store.show_static(actor, event, issued.first, issued.count).await?;
            dir.draw(event, &shown).map_err(unusable)?;
        } else {
            answer.without_file += count;
        }
        let type_name = type_name(context, &info, ticket_type);
        for (serial, name) in (issued.first.0..).zip(&names) {
            dir.list(event, Serial(serial), &type_name, name, drawn).map_err(unusable)?;
        }
        progress.inc(count);
    }
    dir.finish().map_err(unusable)?;
    progress.finish_and_clear();
    tell(context, &answer)
}

fn tell(context: &Context, answer: &Answer<'_>) -> Result<(), CliError> {
    for row in answer.bad_rows {
        context.output.note(&format!("left out: {row}"));
    }
    if answer.without_file > 0 {
        context.output.note(&format!(
            "{} tickets have no file, because their code changes; `ticket display SERIAL --at TIME` shows it",
            answer.without_file
        ));
    }
    let text = || {
        let again = if answer.repeated > 0 {
            format!(" ({} had been issued by an interrupted run)", answer.repeated)
        } else {
            String::new()
        };
        format!("{} tickets issued{again}; files in {}", answer.issued, answer.out.display())
    };
    Ok(context.output.give(answer, text)?)
}

/// A type's display mode.
fn known_type(info: &EventInfo, id: TypeId) -> Result<Mode, CliError> {
    let known = info.types.iter().find(|known| known.ticket_type.id == id);
    known.map(|known| known.ticket_type.display).ok_or_else(|| StoreError::TypeUnknown(id).into())
}

/// A type's name in the chosen language.
pub(super) fn type_name(context: &Context, info: &EventInfo, id: TypeId) -> String {
    let known = info.types.iter().find(|known| known.ticket_type.id == id);
    known.map_or_else(
        || id.to_string(),
        |known| context.output.name(&known.ticket_type.name).to_owned(),
    )
}

fn name_of(ticket: &NewTicket) -> String {
    ticket.holder.as_ref().map(|holder| holder.name.clone()).unwrap_or_default()
}

fn progress(plan: &Plan) -> ProgressBar {
    // Hidden by itself where standard error isn't a terminal.
    let bar = ProgressBar::new(plan.len());
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} tickets, {eta} left") {
        bar.set_style(style);
    }
    bar
}

async fn plan(
    context: &Context,
    info: &EventInfo,
    arguments: &IssueArgs,
) -> Result<(Plan, JobId, Vec<BadRow>), CliError> {
    let random = || context.world.random::<32>().map_err(|error| StoreError::from(error).into());
    let Some(path) = &arguments.csv else {
        // clap asks for --type and --count where there is no --csv.
        let (Some(ticket_type), Some(count)) = (arguments.ticket_type, arguments.count) else {
            return Err(CliError::usage("usage", "--count needs --type"));
        };
        return random().map(|job| (Plan::Count(ticket_type, count), JobId(job), Vec::new()));
    };
    let file = std::fs::read(path).map_err(|error| {
        CliError::usage(
            "csv_unreadable",
            format_args!("--csv {}: {error}; check the path", path.display()),
        )
    })?;
    let find = |text: &str| {
        let found = info.types.iter().map(|known| &known.ticket_type).find(|known| {
            known.id.to_string() == text || known.name.ja == text || known.name.en == text
        });
        found.map(|known| known.id)
    };
    let import = import::read(&file, &find, arguments.ticket_type)?;
    if import.rows.is_empty() || !(import.bad.is_empty() || arguments.partial) {
        return Err(CliError::rows(import.bad));
    }
    let salt = if arguments.again { Some(random()?) } else { None };
    let job = job_id(info.id, arguments.ticket_type, &file, salt);
    let plan = Plan::rows(import.rows);
    let before = context.store.job(info.id, job).await?;
    if before.rows >= plan.len() {
        let first = before.chunks.first().map_or(Serial(0), |chunk| chunk.first);
        return Err(CliError::usage(
            "already_issued",
            format_args!(
                "--csv {}: this file was issued before, from ticket {first} on; `ticket draw` draws its codes again, --again issues it once more",
                path.display()
            ),
        ));
    }
    Ok((plan, job, import.bad))
}

/// The same file for the same event and type is the same job; `salt` makes it another one.
fn job_id(
    event: EventId,
    ticket_type: Option<TypeId>,
    file: &[u8],
    salt: Option<[u8; 32]>,
) -> JobId {
    let mut hasher = Sha256::new();
    hasher.update(b"kaisatsu/1/job/csv/");
    hasher.update(event.0.to_be_bytes());
    // Type 0 doesn't exist.
    hasher.update(ticket_type.unwrap_or_default().0.to_be_bytes());
    hasher.update(salt.unwrap_or_default());
    hasher.update(file);
    JobId(hasher.finalize().into())
}

impl Plan {
    /// Rows of one type together, otherwise in the file's order.
    fn rows(mut rows: Vec<import::HolderRow>) -> Self {
        rows.sort_by_key(|row| (row.ticket_type, row.line));
        let holder = |row: import::HolderRow| Holder {
            name: row.name,
            kana: row.kana.unwrap_or_default(),
            email: row.email.unwrap_or_default(),
            note: row.note.unwrap_or_default(),
        };
        Self::Rows(rows.into_iter().map(|row| (row.ticket_type, holder(row))).collect())
    }

    fn len(&self) -> u64 {
        match self {
            Self::Count(_, count) => u64::from(*count),
            Self::Rows(rows) => u64::try_from(rows.len()).unwrap_or(u64::MAX),
        }
    }

    /// At most [`MAX_ISSUED`] rows of one type at a time; always the same for the same plan.
    fn chunks(&self) -> Box<dyn Iterator<Item = Chunk> + '_> {
        match self {
            Self::Count(ticket_type, count) => {
                Box::new((0..*count).step_by(MAX_ISSUED).map(move |first| {
                    let left = usize::try_from(count - first).unwrap_or(usize::MAX);
                    Chunk {
                        first_row: u64::from(first),
                        ticket_type: *ticket_type,
                        rows: vec![NewTicket::default(); left.min(MAX_ISSUED)],
                    }
                }))
            }
            Self::Rows(rows) => {
                let mut first_row = 0;
                let of_one_type = rows.chunk_by(|one, other| one.0 == other.0);
                Box::new(of_one_type.flat_map(|rows| rows.chunks(MAX_ISSUED)).map(move |rows| {
                    let ticket = |holder: &Holder| NewTicket {
                        holder: Some(holder.clone()),
                        validity: None,
                    };
                    let chunk = Chunk {
                        first_row,
                        ticket_type: rows.first().map_or(TypeId(0), |(id, _)| *id),
                        rows: rows.iter().map(|(_, holder)| ticket(holder)).collect(),
                    };
                    first_row += u64::try_from(rows.len()).unwrap_or(0);
                    chunk
                }))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(line: u64, ticket_type: u16) -> import::HolderRow {
        import::HolderRow {
            line,
            ticket_type: TypeId(ticket_type),
            name: format!("n{line}"),
            kana: None,
            email: None,
            note: None,
        }
    }

    #[test]
    fn chunks_cover_the_plan_without_hole_or_overlap() {
        let shape = |plan: &Plan| -> Vec<_> {
            plan.chunks().map(|c| (c.first_row, c.ticket_type.0, c.rows.len())).collect()
        };
        assert_eq!(
            shape(&Plan::Count(TypeId(3), 2_050)),
            [(0, 3, 1024), (1024, 3, 1024), (2048, 3, 2)]
        );
        let rows = (2..1_500).map(|line| row(line, if line % 2 == 0 { 2 } else { 1 })).collect();
        let plan = Plan::rows(rows);
        assert_eq!(shape(&plan), [(0, 1, 749), (749, 2, 749)]);
        let first = plan.chunks().next().unwrap();
        assert_eq!(name_of(&first.rows[0]), "n3");
    }

    #[test]
    fn a_job_is_its_event_type_and_file() {
        let id = |event, ticket_type: Option<u16>, file: &[u8], salt| {
            job_id(EventId(event), ticket_type.map(TypeId), file, salt)
        };
        let job = id(1, None, b"a", None);
        assert_eq!(job, id(1, None, b"a", None));
        for other in [
            id(2, None, b"a", None),
            id(1, Some(1), b"a", None),
            id(1, None, b"b", None),
            id(1, None, b"a", Some([1; 32])),
        ] {
            assert_ne!(job, other);
        }
    }
}
