//! The formats: what they are called, and what the files that hold them are called.

use crate::text::exit::Medium;

/// A way to write a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people, on a terminal.
    Table,
    /// One JSON document: `docs/report.schema.json` describes it.
    Json,
    /// JSON lines: one finding, chain, route, … on each.
    Ndjson,
    /// One self-contained page for a browser.
    Html,
    /// For job summaries, pull requests and wikis.
    Markdown,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
    /// `JUnit` XML: a test case for each rule.
    Junit,
}

impl Format {
    /// Every format, in the order of the help text.
    pub const ALL: [Self; 8] =
        [Self::Table, Self::Json, Self::Ndjson, Self::Html, Self::Markdown, Self::Sarif, Self::Github, Self::Junit];

    /// Returns the word for it on the command line, what it is, its file in a folder of all formats, and the extensions that
    /// mean it. To add a format: a line here.
    fn names(self) -> (&'static str, &'static str, &'static str, &'static [&'static str]) {
        match self {
            Self::Table => ("table", "For people", "report.txt", &["txt"]),
            Self::Json => ("json", "One document, schema rolechain.report/1", "report.json", &["json"]),
            Self::Ndjson => ("ndjson", "One object a line", "report.ndjson", &["ndjson", "jsonl"]),
            Self::Html => ("html", "One self-contained page for a browser", "report.html", &["html", "htm"]),
            Self::Markdown => {
                ("markdown", "For job summaries, pull requests and wikis", "report.md", &["md", "markdown"])
            }
            Self::Sarif => ("sarif", "SARIF 2.1.0, for code scanning", "findings.sarif", &["sarif"]),
            Self::Github => ("github", "Annotations of GitHub Actions", "annotations.txt", &[]),
            Self::Junit => ("junit", "JUnit XML, a test case for each rule", "junit.xml", &["xml"]),
        }
    }

    /// Returns what it is written in; `None` for a terminal, whose screen is an exit of its own.
    pub(super) fn medium(self) -> Option<Medium> {
        match self {
            Self::Table => None,
            Self::Json | Self::Ndjson | Self::Sarif => Some(Medium::Json),
            Self::Html | Self::Junit => Some(Medium::Markup),
            Self::Markdown => Some(Medium::Plain),
            Self::Github => Some(Medium::Workflow),
        }
    }

    /// Returns the word for it on the command line.
    pub fn name(self) -> &'static str {
        self.names().0
    }

    /// Says what it is, for the help text.
    pub fn help(self) -> &'static str {
        self.names().1
    }

    /// Returns the name of its file in a folder that holds every format.
    pub fn file_name(self) -> &'static str {
        self.names().2
    }

    /// Returns the extensions that mean this format.
    pub fn extensions(self) -> &'static [&'static str] {
        self.names().3
    }

    /// Reads the word for it.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == text)
    }

    /// Returns the format that a file's extension means; case does not matter.
    pub fn of_extension(extension: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|format| format.extensions().iter().any(|known| extension.eq_ignore_ascii_case(known)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Format;

    #[test]
    fn names_extensions_and_files_are_told_apart() {
        let mut words = BTreeSet::new();
        for format in Format::ALL {
            assert_eq!(Format::parse(format.name()), Some(format));
            assert!(words.insert(format.file_name()) && words.insert(format.name()));
            for extension in format.extensions() {
                assert_eq!(Format::of_extension(&extension.to_uppercase()), Some(format));
            }
        }
    }
}
