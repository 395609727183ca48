//! Networks that have names, so that an address can be told as `office`.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use ipnet::IpNet;
use serde_json::Value;

/// The named networks of the file.
#[derive(Clone, Debug, Default)]
pub struct Networks {
    names: BTreeMap<String, Network>,
    by_range: HashMap<IpNet, String>,
    prefix_lengths: Vec<u8>,
}

/// One named network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Network {
    /// Its ranges.
    pub cidrs: Vec<IpNet>,
    /// The file that lists more of them.
    pub file: Option<NetworkFile>,
}

/// A JSON file of ranges, as GitHub and AWS publish them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkFile {
    /// Its path, relative to the expectations file.
    pub path: String,
    /// The top-level key that holds the ranges; the whole file when absent.
    pub key: Option<String>,
}

/// Why a file of ranges cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    /// It cannot be read.
    #[error("network {network:?}: cannot read {path}: {source}")]
    Read {
        /// The network's name.
        network: String,
        /// The file's path.
        path: String,
        /// What went wrong.
        source: std::io::Error,
    },
    /// It is not JSON.
    #[error("network {network:?}: {path} is not JSON: {source}")]
    Json {
        /// The network's name.
        network: String,
        /// The file's path.
        path: String,
        /// What went wrong.
        source: serde_json::Error,
    },
    /// It holds no ranges where they are said to be.
    #[error("network {network:?}: {path} holds no address ranges{}", .key.as_ref().map(|key| format!(" under the key {key:?}")).unwrap_or_default())]
    Empty {
        /// The network's name.
        network: String,
        /// The file's path.
        path: String,
        /// The key that was looked under.
        key: Option<String>,
    },
}

impl Networks {
    pub(super) fn new(names: BTreeMap<String, Network>) -> Self {
        let mut networks = Self { names, ..Self::default() };
        networks.index();
        networks
    }

    /// Reads the files that networks name, through `read`, which takes the path as the file writes it.
    pub fn load(&mut self, read: &dyn Fn(&str) -> std::io::Result<String>) -> Result<(), NetworkError> {
        for (name, network) in &mut self.names {
            let Some(file) = &network.file else { continue };
            let text = read(&file.path).map_err(|source| NetworkError::Read {
                network: name.clone(),
                path: file.path.clone(),
                source,
            })?;
            let ranges = ranges(&text, file.key.as_deref()).map_err(|source| NetworkError::Json {
                network: name.clone(),
                path: file.path.clone(),
                source,
            })?;
            if ranges.is_empty() {
                return Err(NetworkError::Empty {
                    network: name.clone(),
                    path: file.path.clone(),
                    key: file.key.clone(),
                });
            }
            network.cidrs.extend(ranges);
        }
        self.index();
        Ok(())
    }

    /// True when no network is named.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Returns the network called `name`.
    pub fn get(&self, name: &str) -> Option<&Network> {
        self.names.get(name)
    }

    /// Every network's name, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.keys().map(String::as_str)
    }

    /// Returns the name of the narrowest network that holds the address; `None` also for what is no address.
    pub fn label(&self, ip: &str) -> Option<&str> {
        let ip: IpAddr = ip.parse().ok()?;
        self.prefix_lengths.iter().find_map(|length| {
            let range = IpNet::new(ip, *length).ok()?.trunc();
            self.by_range.get(&range).map(String::as_str)
        })
    }

    /// True when the network called `name` holds the address.
    pub fn contains(&self, name: &str, ip: &str) -> bool {
        let Ok(ip) = ip.parse::<IpAddr>() else { return false };
        self.get(name).is_some_and(|network| network.cidrs.iter().any(|range| range.contains(&ip)))
    }

    /// Files every range under its narrowest form; of two names for one range the first in the alphabet stays.
    fn index(&mut self) {
        self.by_range.clear();
        self.prefix_lengths.clear();
        for (name, network) in &self.names {
            for range in &network.cidrs {
                self.by_range.entry(range.trunc()).or_insert_with(|| name.clone());
                self.prefix_lengths.push(range.prefix_len());
            }
        }
        self.prefix_lengths.sort_unstable_by(|a, b| b.cmp(a));
        self.prefix_lengths.dedup();
    }
}

/// Collects every string of the document (or of what is under `key`) that is an address range.
fn ranges(text: &str, key: Option<&str>) -> Result<Vec<IpNet>, serde_json::Error> {
    let document: Value = serde_json::from_str(text)?;
    let mut found = Vec::new();
    let mut left = vec![match key {
        Some(key) => document.get(key).unwrap_or(&Value::Null),
        None => &document,
    }];
    while let Some(value) = left.pop() {
        match value {
            Value::String(text) => found.extend(text.parse::<IpNet>().ok()),
            Value::Array(items) => left.extend(items),
            Value::Object(members) => left.extend(members.values()),
            _ => {}
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}
