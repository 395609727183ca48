//! Gzip, member by member. It hands over every byte that stands before a fault, however input and output are cut into
//! pieces: what can be read of a damaged object must not depend on the way in which it is read.

use std::io::{BufRead, ErrorKind, Read};

use flate2::Crc;
use flate2::bufread::DeflateDecoder;

use super::fault::Fault;

/// Flags of a member's header; the rest is reserved.
const CHECKED: u8 = 2;
const EXTRA: u8 = 4;
const NAMED: u8 = 8;
const COMMENTED: u8 = 16;
const RESERVED: u8 = 0xe0;

/// Inflates all members of a gzip stream.
pub(super) struct Gzip<R> {
    stage: Stage<R>,
    is_first: bool,
    trails: bool,
    crc: Crc,
}

enum Stage<R> {
    Header(R),
    Body(Box<DeflateDecoder<R>>),
    End,
}

impl<R: BufRead> Gzip<R> {
    pub(super) fn new(source: R) -> Self {
        Self { stage: Stage::Header(source), is_first: true, trails: false, crc: Crc::new() }
    }

    /// Reads some text; 0 bytes at the end of the last member. After a fault there is nothing more.
    pub(super) fn read(&mut self, out: &mut [u8]) -> Result<usize, Fault> {
        loop {
            match std::mem::replace(&mut self.stage, Stage::End) {
                Stage::End => return Ok(0),
                Stage::Header(mut source) => {
                    if !self.is_first && !self.trails {
                        // A failure is met again below.
                        self.trails = source.fill_buf().is_ok_and(|rest| !rest.is_empty());
                    }
                    if !self.is_first && !skip_padding(&mut source)? {
                        return Ok(0);
                    }
                    header(&mut source).map_err(|fault| match fault {
                        // What is not even a header is what trails the last member.
                        Fault::CORRUPT if !self.is_first => Fault::TRAILING,
                        fault => fault,
                    })?;
                    self.crc.reset();
                    self.stage = Stage::Body(Box::new(DeflateDecoder::new(source)));
                }
                Stage::Body(mut decoder) => {
                    let before = decoder.total_out();
                    let result = decoder.read(out);
                    let made = usize::try_from(decoder.total_out() - before).unwrap_or_default();
                    match result {
                        // A fault in the same step is met again in the next one.
                        _ if made > 0 => {
                            self.crc.update(out.get(..made).unwrap_or_default());
                            self.stage = Stage::Body(decoder);
                            return Ok(made);
                        }
                        Ok(_) => {
                            let mut source = decoder.into_inner();
                            self.trailer(&mut source)?;
                            self.is_first = false;
                            self.stage = Stage::Header(source);
                        }
                        Err(error) if error.kind() == ErrorKind::Interrupted => self.stage = Stage::Body(decoder),
                        Err(error) => return Err(Fault::of(&error)),
                    }
                }
            }
        }
    }

    /// Says whether what was read last belongs to the first member.
    pub(super) fn is_in_first(&self) -> bool {
        self.is_first
    }

    /// Says whether any byte follows the first member.
    pub(super) fn trails(&self) -> bool {
        self.trails
    }

    fn trailer(&self, source: &mut R) -> Result<(), Fault> {
        let [a, b, c, d, lengths @ ..] = take::<8>(source)?;
        let is_sound =
            u32::from_le_bytes([a, b, c, d]) == self.crc.sum() && u32::from_le_bytes(lengths) == self.crc.amount();
        if is_sound { Ok(()) } else { Err(Fault::CORRUPT) }
    }
}

fn take<const N: usize>(source: &mut impl BufRead) -> Result<[u8; N], Fault> {
    let mut bytes = [0; N];
    source.read_exact(&mut bytes).map_err(|error| Fault::of(&error))?;
    Ok(bytes)
}

/// Passes the zeros that pad a member up to a block of the medium, as gzip itself does; false at the end.
fn skip_padding(source: &mut impl BufRead) -> Result<bool, Fault> {
    loop {
        let padding = match source.fill_buf() {
            Ok([]) => return Ok(false),
            Ok([0x1f, ..]) => return Ok(true),
            Ok(rest) => rest.iter().take_while(|byte| **byte == 0).count(),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(Fault::of(&error)),
        };
        if padding == 0 {
            return Err(Fault::TRAILING);
        }
        source.consume(padding);
    }
}

fn header(source: &mut impl BufRead) -> Result<(), Fault> {
    let [magic, second, method, flags, ..] = take::<10>(source)?;
    if (magic, second, method) != (0x1f, 0x8b, 8) || flags & RESERVED != 0 {
        return Err(Fault::CORRUPT);
    }
    if flags & EXTRA != 0 {
        for _ in 0..u16::from_le_bytes(take::<2>(source)?) {
            take::<1>(source)?;
        }
    }
    for text in [NAMED, COMMENTED] {
        while flags & text != 0 && take::<1>(source)? != [0] {}
    }
    if flags & CHECKED != 0 {
        take::<2>(source)?;
    }
    Ok(())
}
