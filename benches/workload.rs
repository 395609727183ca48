//! A large, deterministic workload: the logs of an organization in four regions, as an organization's trail delivers them.
//! Which organization, its shape says; most figures are of one with twelve accounts.
//!
//! Nearly all records are ordinary calls of sessions that last; one in twenty is an STS call, most of them by AWS
//! services, the others by pods, pipelines in two hops with both copies, and people. The same number of records and
//! the same seed give the same bytes.

use std::fs;
use std::io;
use std::path::Path;

use libdeflater::{CompressionLvl, Compressor};
use rolechain::model::time::Timestamp;

use crate::ids::Ids;
use crate::sessions::{Log, REGIONS, Shape, Writer, accounts};

/// What was written.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Summary {
    /// How many objects.
    pub(crate) objects: u64,
    /// How many records.
    pub(crate) records: u64,
    /// How many bytes of JSON.
    pub(crate) json: u64,
    /// How many bytes of gzip.
    pub(crate) gzip: u64,
}

/// 2026-11-02T00:00:00Z.
const START: i64 = 1_793_577_600;
/// The level at which real objects look most alike in size.
const LEVEL: i32 = 6;

/// Writes a workload of exactly `records` records into `dir`.
pub(crate) fn generate(dir: &Path, records: u64, seed: u64, shape: Shape) -> io::Result<Summary> {
    let mut ids = Ids::new(seed);
    let mut logs: Vec<Log> = accounts(shape.accounts)
        .into_iter()
        .flat_map(|account| REGIONS.iter().map(move |region| (account, *region)))
        .map(|(account, region)| Log::new(account, region, &mut ids))
        .collect();
    let mut output = Output { compressor: compressor(), buffer: Vec::new(), summary: Summary::default() };
    let mut writer = Writer::new(ids, records, shape);
    let giant = if records >= 100_000 { (records / 20).min(50_000) } else { 0 };
    let mut giant_is_due = giant > 0;
    let mut turn = 0_i64;
    while writer.budget > 0 {
        // Every log gets an object about every ten minutes: an organization's trail writes them all the time.
        let from = START + turn * 25 / 2;
        turn += 1;
        let place = place_of(&mut writer.ids, shape.accounts);
        let mut size = object_size(&mut writer.ids);
        if giant_is_due && writer.budget < records / 2 {
            giant_is_due = false;
            size = giant;
        }
        let stamp = Timestamp((from + 590).div_euclid(300) * 300);
        writer.fill(&mut logs, place, from, size);
        output.write(dir, &mut logs[place], stamp, &mut writer)?;
    }
    let stamp = Timestamp((START + turn * 25 / 2 + 590).div_euclid(300) * 300);
    for log in logs.iter_mut().filter(|log| !log.is_empty()) {
        output.write(dir, log, stamp, &mut writer)?;
    }
    Ok(output.summary)
}

/// Where objects go, and what they add up to.
struct Output {
    compressor: Compressor,
    buffer: Vec<u8>,
    summary: Summary,
}

impl Output {
    /// Writes one object with everything that the log holds.
    fn write(&mut self, dir: &Path, log: &mut Log, stamp: Timestamp, writer: &mut Writer) -> io::Result<()> {
        let iso = stamp.to_string();
        let day = iso[..10].replace('-', "/");
        let compact = iso[..16].replace(['-', ':'], "");
        let (account, region) = (log.account, log.region);
        let folder = dir.join(format!("AWSLogs/o-exampleorgid/{account}/CloudTrail/{region}/{day}"));
        fs::create_dir_all(&folder)?;
        let random = writer.ids.alnum(16);
        let path = folder.join(format!("{account}_CloudTrail_{region}_{compact}Z_{random}.json.gz"));
        let (json, records) = log.take(&mut writer.ids);
        let bound = self.compressor.gzip_compress_bound(json.len());
        if self.buffer.len() < bound {
            self.buffer.resize(bound, 0);
        }
        let size = self.compressor.gzip_compress(json.as_bytes(), &mut self.buffer).map_err(io::Error::other)?;
        fs::write(path, &self.buffer[..size])?;
        self.summary.objects += 1;
        self.summary.records += records;
        self.summary.json += json.len() as u64;
        self.summary.gzip += size as u64;
        Ok(())
    }
}

fn compressor() -> Compressor {
    Compressor::new(CompressionLvl::new(LEVEL).unwrap_or_default())
}

/// Chooses a log: some accounts are busier than others, and so are some regions.
fn place_of(ids: &mut Ids, accounts: usize) -> usize {
    let account = ids.below(accounts as u64).min(ids.below(accounts as u64));
    let region = ids.below(REGIONS.len() as u64).min(ids.below(REGIONS.len() as u64));
    usize::try_from(account).unwrap_or(0) * REGIONS.len() + usize::try_from(region).unwrap_or(0)
}

/// Chooses how many records an object gets: a few dozen as a rule, thousands now and then.
fn object_size(ids: &mut Ids) -> u64 {
    let (least, range) = match ids.below(1_000) {
        0..550 => (6, 45),
        550..850 => (50, 100),
        850..970 => (150, 450),
        970..997 => (600, 1_900),
        _ => (2_500, 5_500),
    };
    least + ids.below(range)
}
