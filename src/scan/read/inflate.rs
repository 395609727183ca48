//! Compressed bytes to text: gzip with all its members, zstd with all its frames, or plain.

use std::io::{self, BufReader, Chain, Cursor, Read};
use std::sync::{Arc, OnceLock};

use super::fault::Fault;
use super::gzip::Gzip;
use super::witness::{Testimony, Witness};
use super::zstandard::Zstandard;
use crate::model::width::wide;

/// How the bytes of an object are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    Gzip,
    Zstd,
    Plain,
}

impl Packing {
    /// Recognizes the packing by the first bytes.
    pub(super) fn of(head: &[u8]) -> Self {
        match head {
            [0x1f, 0x8b, ..] => Self::Gzip,
            // A frame, or a skippable frame before one.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            _ => Self::Plain,
        }
    }
}

type Source<'r> = BufReader<Chain<Cursor<Vec<u8>>, Guarded<'r>>>;

/// The first fault of an object: later ones follow from it.
type FirstFault = Arc<OnceLock<Fault>>;

/// Remembers that the reader itself failed, which decoders report as corrupt data.
struct Guarded<'r> {
    reader: Box<dyn Read + Send + 'r>,
    fault: FirstFault,
}

impl Read for Guarded<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let result = self.reader.read(out);
        if let Err(error) = &result
            && error.kind() != io::ErrorKind::Interrupted
        {
            let _ = self.fault.set(Fault::UNREADABLE);
        }
        result
    }
}

enum State<'r> {
    Gzip(Gzip<Source<'r>>),
    Zstd(Zstandard<Source<'r>>),
    Plain(Source<'r>),
    End,
}

/// Inflates a stream of any packing. Reading from it never fails: what goes wrong ends the text and is kept as a fault.
pub(super) struct Inflate<'r> {
    state: State<'r>,
    /// Text that was read to look at it.
    peeked: Cursor<Vec<u8>>,
    fault: FirstFault,
    left: u64,
    /// Hashes the text, when that was asked for.
    witness: Option<Box<Witness>>,
}

impl<'r> Inflate<'r> {
    /// Starts to inflate `reader`, up to `limit` bytes. A packing inside a packing is undone too, once.
    ///
    /// With a `testimony`, the text is hashed on its way.
    pub(super) fn open(reader: Box<dyn Read + Send + 'r>, limit: u64, testimony: Option<&Testimony>) -> Self {
        let fault = FirstFault::default();
        let mut outer = Self::layer(reader, limit, &fault);
        outer.witness = testimony.map(|testimony| Box::new(Witness::new(testimony)));
        if matches!(outer.state, State::Plain(_) | State::End) {
            return outer;
        }
        let mut head = Vec::with_capacity(4);
        let _ = outer.by_ref().take(4).read_to_end(&mut head);
        if Packing::of(&head) == Packing::Plain {
            outer.peeked = Cursor::new(head);
            return outer;
        }
        if let Some(witness) = outer.witness.take() {
            witness.reject();
        }
        Self::layer(Box::new(Cursor::new(head).chain(outer)), limit, &fault)
    }

    fn layer(reader: Box<dyn Read + Send + 'r>, limit: u64, fault: &FirstFault) -> Self {
        let mut reader = Guarded { reader, fault: Arc::clone(fault) };
        let mut head = Vec::with_capacity(4);
        // A failure here is kept by the guard.
        let _ = reader.by_ref().take(4).read_to_end(&mut head);
        let packing = Packing::of(&head);
        let source = BufReader::with_capacity(64 << 10, Cursor::new(head).chain(reader));
        let state = match packing {
            Packing::Gzip => State::Gzip(Gzip::new(source)),
            Packing::Zstd => Zstandard::new(source).map_or(State::End, State::Zstd),
            Packing::Plain => State::Plain(source),
        };
        Self { state, peeked: Cursor::default(), fault: Arc::clone(fault), left: limit, witness: None }
    }

    /// Shows the witness what was inflated.
    fn show(&mut self, text: &[u8]) {
        let is_wanted = !matches!(&self.state, State::Gzip(decoder) if !decoder.is_in_first());
        if let Some(witness) = self.witness.as_mut().filter(|_| is_wanted) {
            witness.see(text);
        }
    }

    /// Lets the witness go: nothing more will be inflated.
    fn dismiss(&mut self, fault: Option<Fault>) {
        let Some(witness) = self.witness.take() else { return };
        let is_unread = self.fault.get() == Some(&Fault::UNREADABLE);
        match &self.state {
            // Nothing is known of what was not fetched.
            _ if is_unread || fault == Some(Fault::TOO_LARGE) => {}
            // What is wrong behind the first member is behind it.
            State::Gzip(decoder) if !decoder.is_in_first() => witness.end(decoder.trails()),
            State::Zstd(_) | State::Plain(_) if fault.is_none() => witness.end(false),
            _ => witness.reject(),
        }
    }

    /// Inflates what is left, for the witness alone.
    pub(super) fn drain(&mut self) {
        let mut waste = vec![0; 64 << 10];
        while self.witness.is_some() && self.read(&mut waste).is_ok_and(|count| count > 0) {}
    }

    /// A place to look for what went wrong, once the text has ended.
    pub(super) fn first_fault(&self) -> FirstFault {
        Arc::clone(&self.fault)
    }
}

impl Read for Inflate<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        let peeked = self.peeked.read(out)?;
        if peeked > 0 {
            return Ok(peeked);
        }
        loop {
            let result = match &mut self.state {
                State::Gzip(decoder) => decoder.read(out),
                State::Zstd(decoder) => decoder.read(out),
                State::Plain(source) => match source.read(out) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    result => result.map_err(|error| Fault::of(&error)),
                },
                State::End => Ok(0),
            };
            match result {
                Ok(count) if wide(count) > self.left => {
                    self.dismiss(Some(Fault::TOO_LARGE));
                    let _ = self.fault.set(Fault::TOO_LARGE);
                    self.state = State::End;
                    return Ok(usize::try_from(std::mem::take(&mut self.left)).unwrap_or(0));
                }
                Ok(count) => {
                    if count == 0 {
                        self.dismiss(None);
                    } else if self.witness.is_some() {
                        self.show(out.get(..count).unwrap_or_default());
                    }
                    self.left -= wide(count);
                    return Ok(count);
                }
                Err(fault) => {
                    self.dismiss(Some(fault));
                    let _ = self.fault.set(fault);
                    self.state = State::End;
                    return Ok(0);
                }
            }
        }
    }
}
