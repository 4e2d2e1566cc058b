//! Files with tickets or holders in them: readable by their owner only.

use std::{
    collections::BTreeSet,
    fs::{File, OpenOptions},
    io::{self, Read, Write},
    num::NonZero,
    path::{Path, PathBuf},
};

use kaisatsu_shared::id::{EventId, Serial};
use serde::{Deserialize, Serialize};

use crate::{
    render::{Code, PRINT_SCALE, Purpose, RenderError},
    store::types::TicketShown,
};

/// The file that lists an issue's tickets.
const LIST: &str = "tickets.csv";

/// A ticket as the list has it. Files are named only where there are some: the code of a clock
/// ticket changes.
#[derive(Serialize, Deserialize)]
struct Line {
    event: EventId,
    serial: Serial,
    r#type: String,
    name: String,
    png: String,
    svg: String,
}

/// The directory of an issue: a PNG and an SVG file a ticket, and `tickets.csv`, which lists them
/// and is the only file with holders' names. A later issue into it adds lines.
pub(crate) struct OutDir {
    path: PathBuf,
    list: csv::Writer<File>,
    listed: BTreeSet<(EventId, Serial)>,
}

impl OutDir {
    /// Opens the directory, making it if needed.
    ///
    /// # Errors
    /// What the operating system says; also if the list is another program's.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(path)?;
        let mut file = private(&path.join(LIST), OpenOptions::new().append(true).read(true))?;
        let mut text = Vec::new();
        file.read_to_end(&mut text)?;
        // A crash or a full disk may have torn the last line; its ticket is listed again.
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let torn = text.len() > whole;
        text.truncate(whole);
        let listed: BTreeSet<_> = csv::Reader::from_reader(text.as_slice())
            .deserialize()
            .map(|line| line.map(|Line { event, serial, .. }| (event, serial)))
            .collect::<Result<_, _>>()
            .map_err(|error| {
                io::Error::other(format!("{LIST} is not a list of tickets: {error}"))
            })?;
        if torn {
            file.set_len(u64::try_from(whole).map_err(io::Error::other)?)?;
        }
        let fresh = whole == 0;
        let list = csv::WriterBuilder::new().has_headers(fresh).from_writer(file);
        Ok(Self { path: path.to_owned(), list, listed })
    }

    /// Draws codes, on every core.
    ///
    /// # Errors
    /// What the operating system says.
    pub(crate) fn draw(&self, event: EventId, tickets: &[TicketShown]) -> io::Result<()> {
        let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
        let share = tickets.len().div_ceil(threads).max(1);
        std::thread::scope(|scope| {
            let drawing: Vec<_> = tickets
                .chunks(share)
                .map(|tickets| {
                    scope.spawn(|| {
                        tickets.iter().try_for_each(|ticket| self.draw_one(event, ticket))
                    })
                })
                .collect();
            drawing.into_iter().try_for_each(|thread| {
                thread.join().unwrap_or_else(|_| Err(io::Error::other("drawing was interrupted")))
            })
        })
    }

    fn draw_one(&self, event: EventId, ticket: &TicketShown) -> io::Result<()> {
        let code = printed(ticket).map_err(io::Error::other)?;
        let png = code.png(PRINT_SCALE).map_err(io::Error::other)?;
        let name = |kind| self.path.join(file_name(event, ticket.serial, kind));
        write_private(&name("png"), &png)?;
        write_private(&name("svg"), code.svg().as_bytes())
    }

    /// Lists a ticket; one that is listed already is left alone.
    ///
    /// # Errors
    /// What the operating system says.
    pub(crate) fn list(
        &mut self,
        event: EventId,
        serial: Serial,
        ticket_type: &str,
        name: &str,
        drawn: bool,
    ) -> io::Result<()> {
        if !self.listed.insert((event, serial)) {
            return Ok(());
        }
        let file = |kind| if drawn { file_name(event, serial, kind) } else { String::new() };
        let (png, svg) = (file("png"), file("svg"));
        let (r#type, name) = (ticket_type.to_owned(), name.to_owned());
        let line = Line { event, serial, r#type, name, png, svg };
        self.list.serialize(line).map_err(io::Error::other)
    }

    /// Finishes the list, durably.
    ///
    /// # Errors
    /// What the operating system says.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.list.flush()?;
        self.list.get_ref().sync_all()
    }
}

fn file_name(event: EventId, serial: Serial, kind: &str) -> String {
    format!("ticket-{event}-{:07}.{kind}", serial.0)
}

/// A ticket's code as it is printed: with its lane under it, where it has one.
///
/// # Errors
/// [`RenderError`].
pub(crate) fn printed(ticket: &TicketShown) -> Result<Code, RenderError> {
    let code = Code::new(&ticket.text, Purpose::Print)?;
    Ok(match &ticket.lane {
        Some(lane) => code.with_caption(lane.lines()),
        None => code,
    })
}

/// Writes a file that only its owner can read.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    private(path, OpenOptions::new().write(true).truncate(true))?.write_all(bytes)
}

fn private(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    options.create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    let file = options.open(path)?;
    // A file from before keeps its mode.
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_issue_adds_to_the_list_once_and_the_list_is_private() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("out");
        for serials in [0..2, 1..3] {
            let mut out = OutDir::open(&path).unwrap();
            for serial in serials {
                out.list(EventId(1), Serial(serial), "一般", "山田, 花子", serial == 0).unwrap();
            }
            out.finish().unwrap();
        }
        let list = std::fs::read_to_string(path.join(LIST)).unwrap();
        assert_eq!(
            list,
            "event,serial,type,name,png,svg\n\
             1,0,一般,\"山田, 花子\",ticket-1-0000000.png,ticket-1-0000000.svg\n\
             1,1,一般,\"山田, 花子\",,\n\
             1,2,一般,\"山田, 花子\",,\n"
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(path.join(LIST)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        std::fs::write(path.join(LIST), list.trim_end_matches("2,一般,\"山田, 花子\",,\n"))
            .unwrap();
        let mut out = OutDir::open(&path).unwrap();
        out.list(EventId(1), Serial(2), "一般", "山田, 花子", false).unwrap();
        out.finish().unwrap();
        assert_eq!(
            std::fs::read_to_string(path.join(LIST)).unwrap(),
            list,
            "a torn line is mended"
        );
        std::fs::write(path.join(LIST), "a,b\n1,2\n").unwrap();
        assert!(OutDir::open(&path).is_err(), "another program's list is left alone");
    }
}
