//! Standard output of the commands that print and end. A reader who has seen enough (`| head`) closes
//! the pipe: that ends the printing, not well and not badly.

use std::io::{BufWriter, ErrorKind, Write, stdout};

/// Lets `write` print, and ends quietly where nobody reads any more.
///
/// # Errors
/// What `write` fails with, and any other failure to print.
pub(super) fn print(
    write: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    print_to(stdout().lock(), write)
}

fn print_to(
    to: impl Write,
    write: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut out = BufWriter::new(to);
    let printed = write(&mut out).and_then(|()| Ok(out.flush()?));
    // What is left in the buffer would be tried once more when it is dropped.
    drop(out.into_parts());
    match printed {
        Err(error) if is_closed(&error) => Ok(()),
        printed => printed,
    }
}

fn is_closed(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<std::io::Error>()
        .is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    struct Failing(ErrorKind);

    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_closed_pipe_ends_the_printing_quietly_and_nothing_else_does() {
        for length in [1, 100_000] {
            let print =
                |kind| print_to(Failing(kind), |out| Ok(out.write_all(&vec![b'x'; length])?));
            assert!(print(ErrorKind::BrokenPipe).is_ok());
            assert!(print(ErrorKind::StorageFull).is_err());
        }
        let mut text = Vec::new();
        print_to(&mut text, |out| Ok(writeln!(out, "text")?)).unwrap();
        assert_eq!(text, b"text\n");
        assert!(print_to(&mut text, |_| anyhow::bail!("another fault")).is_err());
    }
}
